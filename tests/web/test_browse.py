"""The pages of an artist, an album and a track at a Spotify that is not ours, logged out and logged in."""

from html import unescape
from itertools import product
from typing import Any

import pytest
from flask import Flask

from tests.web.conftest import Guest
from tests.web.other_spotify import (
    ARTISTS,
    BROKEN,
    FEATURES,
    HTML,
    RECCOBEATS,
    RESET,
    TOKEN,
    Answer,
    OtherSpotify,
    ReceivedRequest,
    album,
    artist,
    page_of,
    refused,
    row,
    said,
    track,
)

AN_ARTIST, AN_ALBUM, A_TRACK = "artist0000000000000001", "album00000000000000001", "track00000000000000001"
ARTIST, RELEASES = f"/v1/artists/{AN_ARTIST}", f"/v1/artists/{AN_ARTIST}/albums"
ALBUM, TRACKS, TRACK = f"/v1/albums/{AN_ALBUM}", f"/v1/albums/{AN_ALBUM}/tracks", f"/v1/tracks/{A_TRACK}"
PAGES = {"artist": AN_ARTIST, "album": AN_ALBUM, "track": A_TRACK}
APIS = {"artist": ARTIST, "album": ALBUM, "track": TRACK}


def releases(asked: ReceivedRequest) -> Answer:
    """Ten releases of 23."""
    offset, group = int(asked.query["offset"]), asked.query["include_groups"]
    numbers = range(offset, min(offset + 10, 23))
    listed = [album(n, name=f"{group} {n}", album_type=group) for n in numbers]
    return said({"items": listed, "total": 23, "limit": 10, "offset": offset})


def bare_track(number: int, **changed: object) -> dict[str, Any]:
    """A track as an album lists it."""
    full = track(number, track_number=number, disc_number=1, explicit=False) | changed
    return {name: value for name, value in full.items() if name != "album"}


def listed(asked: ReceivedRequest) -> Answer:
    """Fifty tracks of 120, on two discs of 60."""
    offset = int(asked.query["offset"])
    numbers = range(offset + 1, min(offset + 51, 121))
    items = [
        bare_track(n) | {"disc_number": 1 + (n > 60), "track_number": n if n <= 60 else n - 60}
        for n in numbers
    ]
    return said({"items": items, "total": 120, "limit": 50, "offset": offset})


@pytest.fixture
def other(other: OtherSpotify) -> OtherSpotify:
    """A Spotify that knows an artist, an album and a track."""
    other.script(ARTIST, said(artist(1)))
    other.script(RELEASES, releases)
    along = {"items": [bare_track(1), bare_track(2, explicit=True)], "total": 2, "limit": 50, "offset": 0}
    other.script(ALBUM, said(album(1, tracks=along, total_tracks=2)))
    other.script(TRACKS, listed)
    other.script(TRACK, said(track(1, album=album(1), track_number=3, disc_number=1, explicit=True)))
    return other


@pytest.fixture(params=["logged out", "logged in"])
def reader(request: pytest.FixtureRequest) -> Guest:
    """Somebody, and then somebody who is logged in."""
    found: Guest = request.getfixturevalue("guest" if request.param == "logged out" else "ana")
    return found


def test_an_artist_has_albums_singles_and_compilations(reader: Guest, other: OtherSpotify) -> None:
    page = reader.get(f"/artist/{AN_ARTIST}")
    text = unescape(page.text)

    assert page.status_code == 200
    assert '<h1 dir="auto">Artist 1</h1>' in text
    assert "dub" in text
    for title, group in (("Albums", "album"), ("Singles and EPs", "single"), ("Compilations", "compilation")):
        assert f">{title}</h2>" in text
        assert f">{group} 9</a>" in text
        assert f"/artist/{AN_ARTIST}?group={group}&offset=10" in text
    assert text.count("1–10 of 23") == 3
    assert text.count('class="tile"') == 30
    assert 'href="https://open.spotify.com/artist/artist0000000000000001"' in text
    assert other.count(ARTIST, RELEASES) == 4


def test_a_group_alone_turns_its_pages(guest: Guest, other: OtherSpotify) -> None:
    text = unescape(guest.get(f"/artist/{AN_ARTIST}?group=single&offset=10").text)

    assert "11–20 of 23" in text
    assert f"/artist/{AN_ARTIST}?group=single&offset=0" in text
    assert f"/artist/{AN_ARTIST}?group=single&offset=20" in text
    assert "Compilations" not in text
    assert other.count(ARTIST, RELEASES) == 2
    last = unescape(guest.get(f"/artist/{AN_ARTIST}?group=single&offset=20").text)
    assert "21–23 of 23" in last
    assert "offset=23" not in last


def test_an_album_has_its_tracks(reader: Guest, other: OtherSpotify) -> None:
    text = unescape(reader.get(f"/album/{AN_ALBUM}").text)

    assert '<h1 dir="auto">Album 1</h1>' in text
    assert "14 March 1973 · 2 tracks · 6 min" in text
    assert f'href="/artist/{AN_ARTIST}"' in text
    assert 'href="https://open.spotify.com/album/album00000000000000001"' in text
    assert text.count('class="track song') == 2
    assert f'id="track-{A_TRACK}"' in text
    assert text.count(">explicit</span>") == 1
    assert "Disc 1" not in text
    assert other.count(ALBUM, TRACKS) == 1


def test_a_long_album_goes_on_with_its_discs(guest: Guest, other: OtherSpotify) -> None:
    other.script(ALBUM, said(album(1, total_tracks=120)))

    first = unescape(guest.get(f"/album/{AN_ALBUM}").text)
    assert "1–50 of 120" in first
    assert "120 tracks · 2 h 30 min for the tracks shown here" in first
    assert f"/album/{AN_ALBUM}?offset=50" in first
    second = unescape(guest.get(f"/album/{AN_ALBUM}?offset=50").text)
    assert "51–100 of 120" in second
    assert ">Disc 1</h3>" in second
    assert ">Disc 2</h3>" in second
    assert f'href="/album/{AN_ALBUM}" rel="prev"' in second
    assert "101–120 of 120" in unescape(guest.get(f"/album/{AN_ALBUM}?offset=100").text)
    assert "no tracks from here on" in guest.get(f"/album/{AN_ALBUM}?offset=500").text


def test_a_track_says_how_it_sounds_and_who_says_so(reader: Guest, other: OtherSpotify) -> None:
    other.script(RECCOBEATS, said({"content": [row(A_TRACK, valence=0.63, key=1, mode=0, tempo=117.6)]}))

    text = unescape(reader.get(f"/track/{A_TRACK}").text)

    assert '<h1 dir="auto">Track 1</h1>' in text
    assert "Track 3 of 9 on" in text
    assert f'href="/album/{AN_ALBUM}#track-{A_TRACK}"' in text
    assert "Audio features from ReccoBeats" in text
    assert "63%" in text
    assert "C♯ minor" in text
    assert "118 BPM" in text
    assert ">explicit</span>" in text
    assert 'href="https://open.spotify.com/track/track00000000000000001"' in text
    assert reader.get(f"/track/{A_TRACK}").status_code == 200
    assert other.count(TRACK, RECCOBEATS) == 2


def test_a_track_far_down_its_album_is_linked_on_the_right_page(guest: Guest, other: OtherSpotify) -> None:
    other.script(TRACK, said(track(1, album=album(1, total_tracks=120), track_number=101, disc_number=1)))
    assert f'href="/album/{AN_ALBUM}?offset=100#track-{A_TRACK}"' in guest.get(f"/track/{A_TRACK}").text


@pytest.mark.parametrize("answer", [said({"content": []}), refused(500), refused(429), HTML, RESET])
def test_a_sound_that_is_not_known_is_left_out(guest: Guest, other: OtherSpotify, answer: Answer) -> None:
    other.script(RECCOBEATS, answer)

    page = guest.get(f"/track/{A_TRACK}")
    assert (page.status_code, "How it sounds" in page.text) == (200, False)


def test_releases_that_an_artist_has_none_of_are_left_out(guest: Guest, other: OtherSpotify) -> None:
    other.script(
        RELEASES,
        lambda asked: (
            releases(asked)
            if asked.query["include_groups"] == "album"
            else said({"items": [], "total": 0, "limit": 10, "offset": 0})
        ),
    )

    text = guest.get(f"/artist/{AN_ARTIST}").text
    assert ">Albums</h2>" in text
    assert "Singles and EPs" not in text
    assert "Compilations" not in text


def test_spotifys_own_audio_features_are_named(guest: Guest, other: OtherSpotify) -> None:
    other.script(FEATURES, said({"audio_features": [{"id": A_TRACK, "valence": 0.2, "time_signature": 3}]}))

    text = guest.get(f"/track/{A_TRACK}").text
    assert "Audio features from Spotify" in text
    assert "3 beats" in text
    assert other.count(RECCOBEATS) == 0


def test_own_ranks_are_asked_for_once(ana: Guest, other: OtherSpotify) -> None:
    ana.get("/your-music")

    track_page, artist_page = (
        unescape(ana.get(f"/{kind}/{PAGES[kind]}").text) for kind in ("track", "artist")
    )

    assert track_page.count("among your top tracks") == 3
    assert '<span class="fact-value" dir="auto">No. 2</span>' in track_page
    assert artist_page.count("among your top artists") == 3
    assert (other.count(ARTISTS), other.count("/v1/me/top/tracks")) == (3, 3)
    ana.get(f"/artist/{AN_ARTIST}")
    assert other.count(ARTISTS) == 3


def test_nothing_personal_is_on_a_page_that_is_shared(ana: Guest, elsewhere: Flask) -> None:
    ana.get("/top/tracks")
    for kind, item_id in PAGES.items():
        mine, theirs = ana.get(f"/{kind}/{item_id}").text, Guest(elsewhere).get(f"/{kind}/{item_id}").text
        assert ("Spotify’s ranking" in mine) == (kind != "album")
        assert "Spotify’s ranking" not in theirs
        assert "csrf_token" not in theirs
        assert "ana" not in theirs.lower().split()


def test_what_is_no_id_is_not_found_before_anybody_is_asked(guest: Guest, other: OtherSpotify) -> None:
    for kind, item_id in product(
        PAGES, ["x", "a" * 21, "a" * 23, "a" * 21 + "-", "é" * 22, "%00" * 22, "a" * 21 + "%0A"]
    ):
        page = guest.get(f"/{kind}/{item_id}")

        assert page.status_code == 404
        assert f"Spotify does not know this {kind}" in page.text
        assert 'href="/search"' in page.text.partition("<main")[2]
        assert other.count() == 0


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (refused(404, "Resource not found"), 404),
        (refused(400, "invalid id"), 404),
        (refused(403), 502),
        (refused(429), 503),
        (refused(500), 502),
        (refused(401), 502),
        (HTML, 502),
        (BROKEN, 502),
        (said([]), 502),
        (said(None), 502),
        (RESET, 502),
    ],
)
def test_an_item_that_does_not_come_is_a_page_with_words(
    guest: Guest, other: OtherSpotify, answer: Answer, status: int
) -> None:
    for kind, item_id in PAGES.items():
        other.script(APIS[kind], answer)

        page = guest.get(f"/{kind}/{item_id}")
        assert page.status_code == status, kind
        assert (f"Spotify does not know this {kind}" in page.text) == (status == 404)


def test_an_id_that_spotify_does_not_know_asks_nobody_else(guest: Guest, other: OtherSpotify) -> None:
    guest.get(f"/track/{'a' * 22}")
    assert other.count(RECCOBEATS, FEATURES) == 0


@pytest.mark.parametrize(
    "answer", [refused(500), refused(404), refused(403), HTML, said({"items": None}), RESET]
)
def test_a_part_that_fails_leaves_the_rest(guest: Guest, other: OtherSpotify, answer: Answer) -> None:
    other.script(RELEASES, answer)
    other.script(ALBUM, said(album(1)))
    other.script(TRACKS, answer)

    page = guest.get(f"/artist/{AN_ARTIST}")
    assert (page.status_code, "Artist 1" in page.text) == (200, True)
    assert page.text.count("did not come.") == 1
    page = guest.get(f"/album/{AN_ALBUM}")
    assert (page.status_code, "Album 1" in page.text, "The tracks did not come." in page.text) == (
        200,
        True,
        True,
    )


def test_a_part_that_must_wait_says_until_when(guest: Guest, other: OtherSpotify) -> None:
    guest.get(f"/artist/{AN_ARTIST}")
    other.script(RELEASES, refused(429, Retry_After="120"))

    page = guest.get(f"/artist/{AN_ARTIST}?group=album&offset=10")
    assert (page.status_code, "Spotify asks us to wait until <time" in page.text) == (200, True)


@pytest.mark.parametrize("query", ["group=appears_on", "group=album&offset=-1", "offset=x"])
def test_an_address_that_makes_no_sense_is_refused(guest: Guest, other: OtherSpotify, query: str) -> None:
    assert guest.get(f"/artist/{AN_ARTIST}?{query}").status_code == 400
    assert other.count() == 0


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (f"/artist/{AN_ARTIST}", {}),
        (f"/artist/{AN_ARTIST}", artist(1, name=None, images=[None], genres=[None, 7, " "], external_urls=3)),
        (f"/album/{AN_ALBUM}", {}),
        (f"/album/{AN_ALBUM}", album(1, name="", artists=[None, {"name": None}], release_date="0000")),
        (f"/album/{AN_ALBUM}", album(1, tracks={"items": [None, {}, bare_track(1), bare_track(1)]})),
        (
            f"/album/{AN_ALBUM}",
            album(1, tracks={"items": [{"disc_number": "x", "duration_ms": -4, "id": "a b"}]}),
        ),
        (f"/track/{A_TRACK}", {}),
        (f"/track/{A_TRACK}", track(1, album=None, artists=None, duration_ms="long", track_number=0)),
        (f"/track/{A_TRACK}", track(1, name="", album={"name": "", "images": [{"url": "data:x"}]})),
    ],
)
def test_what_is_missing_or_odd_has_words(
    guest: Guest, other: OtherSpotify, path: str, answer: dict[str, Any]
) -> None:
    other.script({"ar": ARTIST, "al": ALBUM, "tr": TRACK}[path[1:3]], said(answer))

    page = guest.get(path)
    assert page.status_code == 200
    assert "None" not in page.text


@pytest.mark.parametrize("kind", PAGES)
def test_markup_and_scripts_in_names_stay_text(guest: Guest, other: OtherSpotify, kind: str) -> None:
    evil = "<script>alert('x')</script>\"><img src=x onerror=alert(1)> نور"
    names: dict[str, Any] = {"name": evil, "genres": [evil], "artists": [{"id": AN_ARTIST, "name": evil}]}
    full = {"artist": artist(1), "album": album(1), "track": track(1, album=album(1, name=evil))}[kind]
    other.script(APIS[kind], said(full | names))

    page = guest.get(f"/{kind}/{PAGES[kind]}").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "نور" in page


def test_addresses_that_run_code_are_never_linked(guest: Guest, other: OtherSpotify) -> None:
    bad = {"external_urls": {"spotify": "javascript:alert(1)"}, "images": [{"url": "javascript:alert(2)"}]}
    other.script(ARTIST, said(artist(1) | bad))
    other.script(RELEASES, page_of(album(1) | bad))
    other.script(TRACK, said(track(1) | bad))

    for path in (f"/artist/{AN_ARTIST}", f"/track/{A_TRACK}"):
        assert "javascript:" not in guest.get(path).text


def test_the_apps_token_is_fetched_once_and_never_shown(
    guest: Guest, other: OtherSpotify, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    answers = [guest.get(f"/{kind}/{item_id}") for kind, item_id in PAGES.items()]
    other.script(ALBUM, refused(500, "failed for access--1"))
    answers += [
        guest.get("/search?q=x"),
        guest.get("/search.json?q=x"),
        guest.get(f"/album/{AN_ALBUM}?offset=50"),
    ]

    (granted,) = [call for call in other.asked if call.path == TOKEN]
    assert granted.form == {"grant_type": "client_credentials"}
    assert {call.headers["Authorization"] for call in other.asked if call.path in APIS.values()} == {
        "Bearer access--1"
    }
    for answer in answers:
        assert "access--1" not in answer.text
        assert "access--1" not in str(answer.headers)
    assert "access--1" not in caplog.text


def test_a_token_that_is_rejected_is_fetched_anew_once(guest: Guest, other: OtherSpotify) -> None:
    other.script(ARTIST, refused(401), said(artist(1)))

    assert guest.get(f"/artist/{AN_ARTIST}").status_code == 200
    assert other.count(TOKEN) == 2
    assert guest.get(f"/album/{AN_ALBUM}").status_code == 200
    assert other.count(TOKEN) == 2


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (said({"error": "invalid_client"}, 400), "Spotify does not recognise this app"),
        (said({"error": "invalid_grant"}, 400), "Spotify does not recognise this app"),
        (refused(500), "Spotify is not answering"),
        (said({}), "Spotify is not answering"),
    ],
)
def test_without_a_token_the_reason_is_said(
    guest: Guest, other: OtherSpotify, answer: Answer, words: str
) -> None:
    other.script(TOKEN, answer)
    page = guest.get("/search?q=love")
    assert (page.status_code, words in page.text) == (502, True)
