"""Covers for a history: who is asked, in which order, how often, and what comes of every kind of answer."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from app import create_app
from app.config import read_config
from app.cover_fetch import AFTER_FAILURES, AGAIN, MOST_FAILURES, SECONDS_BETWEEN, fetch_covers
from app.covers import covers_of
from app.history.cover_plan import Named, cover_plan
from app.history.items import ALBUM, ARTIST, TRACK
from app.history.stored import MUSIC, stored_history
from app.sandbox import Knobs, SandboxServer
from app.sandbox.catalogue import catalogue
from app.sandbox.items import Track
from app.sandbox.settings import Fault
from app.sandbox.top import top_artists, top_tracks
from app.services import DEMO
from app.site import Site
from app.store.accounts import add_local_account, delete_account, find_or_add_account
from app.store.covers import agree, cover_fetch_of, covered_keys, next_due_account, take_back
from app.store.history import move_history
from tests.conftest import Browser
from tests.history.made import NOON, Row, play, zipped
from tests.jobs import do_imports

OEMBED = "/oembed"


def songs(number: int) -> list[Track]:
    """Tracks of the sandbox, each of another album and by another artist, who has a portrait."""
    by_artist = {
        track.artists[0].id: track
        for track in catalogue().tracks.values()
        if track.id and len(track.artists) == 1 and track.artists[0].portrait not in ("none", "sizeless")
        if track.album.artist == track.artists[0]
    }
    return list(by_artist.values())[:number]


def rows(song: Track, times: int, clock: Iterator[int]) -> list[Row]:
    """So many plays of a track."""
    return [
        play(
            NOON + 600 * next(clock),
            track=song.name,
            artist=song.artists[0].name or "",
            master_metadata_album_album_name=song.album.name,
            spotify_track_uri=f"spotify:track:{song.id}",
        )
        for _ in range(times)
    ]


def listener(app: Flask, songs: list[Track], more: list[Row] | None = None) -> int:
    """An account that has played the first of these songs most."""
    site: Site = app.extensions["site"]
    account_id, clock = add_local_account(site.store), count()
    played = [row for times, song in enumerate(reversed(songs), 1) for row in rows(song, times, clock)]
    site.uploads.queue(account_id, [("a.zip", BytesIO(zipped({"endsong_0.json": played + (more or [])})))])
    do_imports(app)
    return account_id


def named(song: Track) -> list[Named]:
    """The artist, the album and the track of a song."""
    by = song.artists[0].name or ""
    return [Named(ARTIST, by), Named(ALBUM, song.album.name, by), Named(TRACK, song.name, by)]


def asked(spotify: SandboxServer) -> list[str]:
    """What covers were asked for: paths of the Web API, tracks of oEmbed."""
    calls = [call for call in spotify.calls if call.path.startswith(("/v1/", OEMBED))]
    return [call.query["url"] if call.path == OEMBED else call.path for call in calls]


def fetch(app: Flask, stop: Callable[[int], bool] = lambda _number: False) -> list[float]:
    """Does what is due, without waiting; how long it would have waited. `stop`: at which call."""
    waited: list[float] = []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return not stop(len(waited))

    fetch_covers(app.extensions["site"], wait)
    return waited


def later(seconds: float) -> time_machine.travel:
    """So much later."""
    return time_machine.travel(time.time() + seconds)


@pytest.fixture
def no_app(environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A site without an app at Spotify."""
    without = {name: value for name, value in environ.items() if "CLIENT" not in name}
    app = create_app(read_config(without, instance=tmp_path_factory.mktemp("no-app")))
    yield app
    app.extensions["site"].close()


def test_nothing_is_asked_without_consent(app: Flask, spotify: SandboxServer) -> None:
    listener(app, songs(2))
    assert fetch(app) == []
    assert asked(spotify) == []


def test_without_an_app_the_most_played_come_first_one_a_second_and_once(
    no_app: Flask, spotify: SandboxServer
) -> None:
    site, chosen = no_app.extensions["site"], songs(3)
    account_id = listener(no_app, chosen)
    agree(site.store, account_id)
    assert fetch(no_app) == [SECONDS_BETWEEN] * 3
    assert asked(spotify) == [f"spotify:track:{song.id}" for song in chosen]
    for song in chosen:
        found = covers_of(site.store, account_id, named(song))
        assert [
            [(image.url.split("?")[0].rpartition("/")[2], image.width) for image in one] for one in found
        ] == [[(f"{song.album.id}.svg", 300)]] * 3
    state = cover_fetch_of(site.store, account_id)
    assert state is not None
    assert (state.found, state.is_due) == (9, False)
    assert fetch(no_app) == []


def test_with_an_app_artists_have_their_own_picture(app: Flask, spotify: SandboxServer) -> None:
    site, song = app.extensions["site"], songs(1)[0]
    account_id = listener(app, [song])
    agree(site.store, account_id)
    fetch(app)
    assert asked(spotify) == [f"/v1/tracks/{song.id}", f"/v1/artists/{song.artists[0].id}"]
    artist, album, track = covers_of(site.store, account_id, named(song))
    assert f"/pictures/artist/{song.artists[0].id}.svg" in artist[0].url
    assert f"/pictures/album/{song.album.id}.svg" in album[0].url
    assert track == album
    assert [image.width for image in album] == [640, 300, 64]


def without_address(song: Track, clock: Iterator[int]) -> list[Row]:
    """A play as account data has it: no address, no album."""
    names = ("spotify_track_uri", "master_metadata_album_album_name")
    return [row | dict.fromkeys(names) for row in rows(song, 1, clock)]


def test_what_has_no_address_is_searched_for_by_title_and_artist(app: Flask, spotify: SandboxServer) -> None:
    site, song, clock = app.extensions["site"], songs(1)[0], count()
    unknown = [play(NOON + 99_000, track="Nothing like it", artist="Nobody", spotify_track_uri=None)]
    account_id = listener(app, [], [*without_address(song, clock), *without_address(song, clock), *unknown])
    agree(site.store, account_id)
    fetch(app)

    assert asked(spotify) == ["/v1/search", f"/v1/artists/{song.artists[0].id}", "/v1/search"]
    artist, _, track = covers_of(site.store, account_id, named(song))
    assert f"/pictures/artist/{song.artists[0].id}.svg" in artist[0].url
    assert f"/pictures/album/{song.album.id}.svg" in track[0].url
    assert covers_of(site.store, account_id, [Named(TRACK, "Nothing like it", "Nobody")]) == [()]
    assert fetch(app) == []  # what was not found is not searched for again at once


def test_an_album_without_an_address_takes_no_other_records_cover(app: Flask) -> None:
    site, song, clock = app.extensions["site"], songs(1)[0], count()
    by = song.artists[0].name or ""
    on_another = [
        row | {"spotify_track_uri": None, "master_metadata_album_album_name": "Best of"}
        for row in rows(song, 1, clock)
    ]
    agree(site.store, account_id := listener(app, [], on_another))
    fetch(app)
    album, track = covers_of(
        site.store, account_id, [Named(ALBUM, "Best of", by), Named(TRACK, song.name, by)]
    )
    assert album == ()
    assert track


def test_without_an_app_what_has_no_address_keeps_its_drawn_sleeve(
    no_app: Flask, spotify: SandboxServer
) -> None:
    account_id = listener(no_app, [], without_address(songs(1)[0], count()))
    agree(no_app.extensions["site"].store, account_id)
    assert fetch(no_app) == []
    assert asked(spotify) == []
    assert next_due_account(no_app.extensions["site"].store) is None


def test_half_of_the_days_calls_are_left_to_live_plays_and_pages(
    environ: dict[str, str], spotify: SandboxServer, tmp_path: Path
) -> None:
    app, chosen = create_app(read_config(environ | {"SPOTIFY_DAILY_CALLS": "8"}, instance=tmp_path)), songs(4)
    agree(app.extensions["site"].store, listener(app, chosen))
    fetch(app)
    assert len(asked(spotify)) == 6
    assert asked(spotify)[4:] == [f"spotify:track:{song.id}" for song in chosen[2:]]
    app.extensions["site"].close()


def test_an_app_that_is_refused_leaves_it_to_oembed(app: Flask, spotify: SandboxServer, knobs: Knobs) -> None:
    site, song = app.extensions["site"], songs(1)[0]
    agree(site.store, account_id := listener(app, [song]))
    knobs.faults["/accounts/api/token"] = Fault(status=400, body='{"error": "invalid_client"}')
    fetch(app)
    assert asked(spotify) == [f"spotify:track:{song.id}"]
    assert all(covers_of(site.store, account_id, named(song)))


@pytest.mark.parametrize(
    ("fault", "kept"),
    [
        (Fault(status=404, body="<h1>Page not found</h1>", content_type="text/html"), True),
        (Fault(status=200, body='{"title": "A"}'), True),
        (Fault(status=200, body='{"thumbnail_url": ["https://i.scdn.co/a"]}'), True),
        *(
            (Fault(status=200, body=json.dumps({"thumbnail_url": url})), True)
            for url in (
                "https://pictures.example/a.jpg",
                "http://i.scdn.co/a.jpg",
                "https://i.scdn.co.example/a.jpg",
                "https://notscdn.co/a.jpg",
                "https://me@i.scdn.co/a.jpg",
                "https://i.scdn.co:8443/a.jpg",
                "javascript:alert(1)",
                "/demo/spotify/pictures/album/a.svg",
                "http://[::1",
            )
        ),
        (Fault(status=200, body="<h1>Hello</h1>", content_type="text/html"), False),
        (Fault(status=302, headers={"Location": "https://i.scdn.co/"}), False),
        (Fault(status=503), False),
        (Fault(drop=True), False),
    ],
)
def test_what_is_no_cover_is_not_shown(no_app: Flask, knobs: Knobs, fault: Fault, kept: bool) -> None:
    site, song = no_app.extensions["site"], songs(1)[0]
    agree(site.store, account_id := listener(no_app, [song]))
    knobs.faults[OEMBED] = fault
    fetch(no_app)
    assert covers_of(site.store, account_id, named(song)) == [(), (), ()]
    assert len(covered_keys(site.store, account_id)) == (3 if kept else 0)
    assert next_due_account(site.store) is None


@pytest.mark.parametrize(
    "url", ["https://i.scdn.co/image/ab", "https://image-cdn-ak.spotifycdn.com/image/ab"]
)
def test_spotifys_own_hosts_are_shown(no_app: Flask, knobs: Knobs, url: str) -> None:
    site, song = no_app.extensions["site"], songs(1)[0]
    agree(site.store, account_id := listener(no_app, [song]))
    knobs.faults[OEMBED] = Fault(status=200, body=json.dumps({"thumbnail_url": url, "thumbnail_width": 300}))
    fetch(no_app)
    assert [image.url for one in covers_of(site.store, account_id, named(song)) for image in one] == [url] * 3


def test_a_429_is_obeyed(no_app: Flask, spotify: SandboxServer, knobs: Knobs) -> None:
    site, chosen = no_app.extensions["site"], songs(2)
    agree(site.store, account_id := listener(no_app, chosen))
    knobs.faults[OEMBED] = Fault(status=429, headers={"Retry-After": "90"}, times=1)
    fetch(no_app)
    assert len(asked(spotify)) == 1
    with later(80):
        assert fetch(no_app) == []
    with later(100):
        fetch(no_app)
        assert len(asked(spotify)) == 3
        assert len(covered_keys(site.store, account_id)) == 6


def test_after_failures_it_is_put_off(no_app: Flask, spotify: SandboxServer, knobs: Knobs) -> None:
    site, chosen = no_app.extensions["site"], songs(5)
    agree(site.store, account_id := listener(no_app, chosen))
    knobs.faults[OEMBED] = Fault(status=500)
    fetch(no_app)
    assert len(asked(spotify)) == MOST_FAILURES
    del knobs.faults[OEMBED]
    assert fetch(no_app) == []
    with later(AFTER_FAILURES + 1):
        fetch(no_app)
        assert len(covered_keys(site.store, account_id)) == 15


def test_a_slow_answer_is_not_waited_for(
    no_app: Flask, knobs: Knobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, song = no_app.extensions["site"], songs(1)[0]
    agree(site.store, account_id := listener(no_app, [song]))
    knobs.faults[OEMBED] = Fault(hang=20, passing=True)
    monkeypatch.setattr("app.cover_fetch.CALL_SECONDS", 0.1)
    fetch(no_app)
    assert covered_keys(site.store, account_id) == set()


def test_what_a_killed_worker_left_goes_on(no_app: Flask, spotify: SandboxServer) -> None:
    site, chosen = no_app.extensions["site"], songs(3)
    agree(site.store, account_id := listener(no_app, chosen))
    fetch(no_app, stop=lambda number: number == 2)
    assert len(asked(spotify)) == 1
    assert next_due_account(site.store) == (account_id, "local")
    fetch(no_app)
    assert asked(spotify) == [f"spotify:track:{song.id}" for song in chosen]


@pytest.mark.parametrize("gone", [delete_account, take_back])
def test_who_leaves_meanwhile_leaves_nothing(
    no_app: Flask, spotify: SandboxServer, gone: Callable[..., object]
) -> None:
    site = no_app.extensions["site"]
    agree(site.store, account_id := listener(no_app, songs(3)))

    def leave(number: int) -> bool:
        if number == 2:
            gone(site.store, account_id)
        return False

    fetch(no_app, stop=leave)
    assert len(asked(spotify)) == 2
    assert covered_keys(site.store, account_id) == set()
    assert cover_fetch_of(site.store, account_id) is None
    assert next_due_account(site.store) is None


def test_a_new_import_and_a_new_day_are_looked_at(no_app: Flask, spotify: SandboxServer) -> None:
    site, (first, second) = no_app.extensions["site"], songs(2)
    agree(site.store, account_id := listener(no_app, [first]))
    fetch(no_app)
    more = zipped({"endsong_1.json": rows(second, 1, count(1000))})
    with later(60):
        site.uploads.queue(account_id, [("b.zip", BytesIO(more))])
        do_imports(no_app)
        fetch(no_app)
        assert asked(spotify) == [f"spotify:track:{song.id}" for song in (first, second)]
        assert next_due_account(site.store) is None
    with later(60 + AGAIN + 1):
        assert next_due_account(site.store) == (account_id, "local")


def test_consent_goes_along_with_the_history(no_app: Flask) -> None:
    site = no_app.extensions["site"]
    agree(site.store, local := listener(no_app, songs(1)))
    account_id = find_or_add_account(site.store, "spotify", "mira", None)
    move_history(site.store, local, account_id)
    assert next_due_account(site.store) == (account_id, "spotify")


def test_the_demos_covers_come_from_its_own_spotify(no_app: Flask) -> None:
    site, song = no_app.extensions["site"], songs(1)[0]
    account_id = find_or_add_account(site.store, DEMO, "mira", None)
    move_history(site.store, listener(no_app, [song]), account_id)
    agree(site.store, account_id)
    fetch(no_app)
    artist, album, _ = covers_of(site.store, account_id, named(song))
    assert artist[0].url.startswith("/demo/spotify/pictures/artist/")
    assert album[0].url.startswith("/demo/spotify/pictures/album/")


def test_an_album_is_asked_for_by_a_track_of_its_own(no_app: Flask) -> None:
    """A track's address may be that of another record that it is on."""
    site, (song, hit) = no_app.extensions["site"], songs(2)
    clock, record = count(5000), {"master_metadata_album_album_name": "Best of"}
    on_both = [row | record for row in rows(hit, 2, clock)] + rows(hit, 6, clock)
    only_there = [
        row | record | {"master_metadata_album_artist_name": hit.artists[0].name}
        for row in rows(song, 1, clock)
    ]
    account_id = listener(no_app, [], on_both + only_there)
    history = stored_history(site.store, account_id)
    music = history.history(MUSIC, 30_000) if history else None
    assert music is not None
    plan = {name: want.track_id for want in cover_plan(music, time.time()) for name in want.names}
    by = hit.artists[0].name or ""
    assert plan[Named(ALBUM, "Best of", by)] == song.id
    assert plan[Named(ALBUM, hit.album.name, by)] == hit.id
    assert plan[Named(ARTIST, by)] == hit.id


def test_what_top_lists_show_needs_no_consent(app: Flask, browser: Browser) -> None:
    browser.log_in()
    browser.get("/your-music")
    store = app.extensions["site"].store
    account_id = find_or_add_account(store, "spotify", "mira.after.dark", None)
    now = datetime.now(UTC)
    artist = next(one for one in top_artists("mira.after.dark", "short_term", now) if one.portrait != "none")
    song = next(one for one in top_tracks("mira.after.dark", "short_term", now) if one.id)
    wanted = [Named(ARTIST, (artist.name or "").upper()), Named(TRACK, song.name, song.artists[0].name)]
    wanted += [Named(ALBUM, song.album.name, song.album.artist.name), Named(ARTIST, "Nobody at all")]
    found = [
        images[0].url.rpartition("/")[2] if images else None
        for images in covers_of(store, account_id, wanted)
    ]
    cover = f"{song.album.id}.svg?size=640"
    assert found == [f"{artist.id}.svg?size=640", cover, cover, None]
