"""The top lists for programs: every number recomputed from what our Spotify ranks, and awkward answers."""

import csv
import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import product
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app.sandbox import SandboxServer
from app.sandbox import top as ranked
from app.sandbox.items import Track
from app.sandbox.listeners import LISTENERS, listener
from app.store.tables import snapshot
from tests.conftest import Browser
from tests.web.conftest import Guest
from tests.web.other_spotify import ARTISTS, TRACKS, OtherSpotify, artist, page_of, refused, track

KINDS = ("tracks", "artists", "genres", "albums")
RANGES = ("short_term", "medium_term", "long_term")
LONGER = {"short_term": "medium_term", "medium_term": "long_term"}
COLUMNS = ["rank", "id", "name", "image", "url", *RANGES, "movement"]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MIRA, BRUNO, NOUR, NEWEST = "mira.after.dark", "brunothunder", LISTENERS[3].id, LISTENERS[4].id

# What is ranked: name and weight by something that tells one from another.
Ranking = dict[object, tuple[str | None, int]]


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """The lists of our own Spotify change at midnight; here it is noon."""
    with time_machine.travel(NOON):
        yield


def read(browser: Browser, kind: str, time_range: str) -> Any:
    answer = browser.get(f"/top/{kind}.json?time_range={time_range}")
    assert (answer.status_code, answer.mimetype) == (200, "application/json"), answer.text
    return answer.get_json()


def table(browser: Browser, kind: str, time_range: str) -> list[dict[str, str]]:
    answer = browser.get(f"/top/{kind}.csv?time_range={time_range}")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv"), answer.text
    assert answer.headers["Content-Disposition"] == f'attachment; filename="top-{kind}-{time_range}.csv"'
    return list(csv.DictReader(StringIO(answer.text, newline="")))


def expected(kind: str, who: str, time_range: str) -> Ranking:
    """The ranking as it follows from what our own Spotify ranks, best first."""
    tracks = ranked.top_tracks(who, time_range, NOON)
    artists = ranked.top_artists(who, time_range, NOON)
    if kind == "tracks":
        return {track.key: (track.name, 0) for track in tracks}
    if kind == "artists":
        return {artist.id: (artist.name, 0) for artist in artists}
    weights: dict[object, int] = {}
    names: dict[object, str | None] = {}
    albums = [of_album(track) for track in tracks]
    genres = [genres_of(who, artist.genres) for artist in artists]
    for place, groups in enumerate(albums if kind == "albums" else genres):
        for key, name in groups:
            weights[key] = weights.get(key, 0) + 50 - place
            names.setdefault(key, name)
    order = sorted(weights, key=lambda key: -weights[key])[:50]
    return {key: (names[key], weights[key]) for key in order}


def of_album(one: Track) -> list[tuple[object, str]]:
    album = one.album
    if not (album.id or album.name):
        return []
    return [(album.id or (one.artists[0].name, album.name), album.name)]


def genres_of(who: str, genres: tuple[str, ...]) -> list[tuple[object, str]]:
    known = listener(who)
    return [(genre, genre) for genre in genres] if known and known.genres_given else []


@pytest.mark.parametrize("who", [MIRA, BRUNO, NOUR, NEWEST])
def test_every_list_is_what_spotify_ranks(browser: Browser, who: str) -> None:
    browser.log_in(who)
    for kind in KINDS:
        should_be_what_spotify_ranks(browser, kind, who)


def should_be_what_spotify_ranks(browser: Browser, kind: str, who: str) -> None:
    rankings = {time_range: expected(kind, who, time_range) for time_range in RANGES}
    places = {one: {key: rank for rank, key in enumerate(ranking, 1)} for one, ranking in rankings.items()}

    for time_range, ranking in rankings.items():
        report = read(browser, kind, time_range)
        assert (report["kind"], report["time_range"]) == (kind, time_range)
        assert [item["rank"] for item in report["items"]] == list(range(1, len(ranking) + 1))
        assert [item["name"] for item in report["items"]] == [name for name, _ in ranking.values()]
        for item, (key, (_, weight)) in zip(report["items"], ranking.items(), strict=True):
            assert item["ranks"] == {one: places[one].get(key) for one in RANGES}
            if kind in ("genres", "albums"):
                assert item["weight"] == weight
            if time_range == "long_term":
                assert item["movement"] is None
            elif (before := item["ranks"][LONGER[time_range]]) is None:
                assert item["movement"] == "new"
            else:
                assert item["movement"] == before - item["rank"]
    if who == NEWEST or (who == BRUNO and kind == "genres"):
        assert not any(rankings.values())
    else:
        assert all(rankings.values())


@pytest.mark.parametrize("kind", KINDS)
def test_the_shape_is_the_one_we_promise(browser: Browser, spotify: SandboxServer, kind: str) -> None:
    browser.log_in(NOUR)
    for time_range in RANGES:
        report = read(browser, kind, time_range)
        assert list(report) == ["kind", "time_range", "items", "variety"]
        assert list(report["variety"]) == ["artists", "top_five_share", "effective_artists"]
        weight = ["weight"] if kind in ("genres", "albums") else []
        for item in report["items"]:
            assert list(item) == ["rank", "id", "name", "image", "url", "ranks", "movement", *weight]
            assert list(item["ranks"]) == list(RANGES)
            assert item["ranks"][time_range] == item["rank"]
            for name in ("image", "url"):
                assert item[name] is None or item[name].startswith(spotify.url)


@pytest.mark.parametrize("kind", ["tracks", "artists", "albums"])
def test_items_have_their_id_picture_and_page(browser: Browser, kind: str) -> None:
    browser.log_in(MIRA)
    for item in read(browser, kind, "medium_term")["items"]:
        assert f"/open/{kind.removesuffix('s')}/{item['id']}" in item["url"]
        picture = "artist" if kind == "artists" else "album"
        assert f"/pictures/{picture}/" in item["image"]


def test_a_genre_has_neither_id_nor_picture_nor_page(browser: Browser) -> None:
    browser.log_in(MIRA)
    items = read(browser, "genres", "medium_term")["items"]
    assert items
    assert {(item["id"], item["image"], item["url"]) for item in items} == {(None, None, None)}


@pytest.mark.parametrize("who", [MIRA, NOUR, NEWEST])
@pytest.mark.parametrize("time_range", RANGES)
def test_variety_is_over_the_top_tracks_whatever_the_kind(
    browser: Browser, who: str, time_range: str
) -> None:
    browser.log_in(who)
    weights: dict[str | None, int] = {}
    for place, ranked_track in enumerate(ranked.top_tracks(who, time_range, NOON)):
        first = ranked_track.artists[0].id or ranked_track.artists[0].name
        weights[first] = weights.get(first, 0) + 50 - place
    total = sum(weights.values())
    shares = sorted((weight / total for weight in weights.values()), reverse=True)
    varieties = [read(browser, kind, time_range)["variety"] for kind in KINDS]

    assert varieties == [varieties[0]] * 4
    assert varieties[0]["artists"] == len(weights)
    if not shares:
        assert (varieties[0]["top_five_share"], varieties[0]["effective_artists"]) == (None, None)
        return
    assert varieties[0]["top_five_share"] == pytest.approx(sum(shares[:5]))
    product_of_powers = math.prod(share**-share for share in shares)  # the same as exp(H)
    assert varieties[0]["effective_artists"] == pytest.approx(product_of_powers)


@pytest.mark.parametrize("who", [MIRA, BRUNO, NOUR, NEWEST])
def test_the_table_says_what_the_json_says(browser: Browser, who: str) -> None:
    browser.log_in(who)
    for kind, time_range in product(KINDS, RANGES):
        rows, items = table(browser, kind, time_range), read(browser, kind, time_range)["items"]
        assert len(rows) == len(items)
        for row, item in zip(rows, items, strict=True):
            flat = item | item["ranks"]
            weight = ["weight"] if "weight" in item else []
            assert list(row) == [*COLUMNS, *weight]
            assert {name: "" if flat[name] is None else str(flat[name]) for name in row} == row


def test_without_a_range_it_is_six_months(browser: Browser) -> None:
    browser.log_in()
    assert browser.get("/top/tracks.json").get_json() == read(browser, "tracks", "medium_term")


def test_an_unknown_kind_is_404(browser: Browser, spotify: SandboxServer) -> None:
    browser.log_in()
    for suffix, kind in product(
        ["", ".json", ".csv"], ["songs", "Tracks", "track", "tracks.xml", "%F0%9F%8E%B5", "..", "tracks%00"]
    ):
        before = len(spotify.calls)
        assert browser.get(f"/top/{kind}{suffix}").status_code == 404
        assert len(spotify.calls) == before


def test_an_unknown_range_is_400(browser: Browser, spotify: SandboxServer) -> None:
    browser.log_in()
    for suffix, time_range in product(
        ["", ".json", ".csv"], ["forever", "", "SHORT_TERM", "short_term%00", "x" * 4000]
    ):
        before = len(spotify.calls)
        assert browser.get(f"/top/tracks{suffix}?time_range={time_range}").status_code == 400
        assert len(spotify.calls) == before


def test_logged_out_the_json_answers_401(browser: Browser) -> None:
    for suffix, path in product(
        [".json", ".csv"], [*(f"/top/{kind}" for kind in KINDS), "/top/songs", "/mood"]
    ):
        answer = browser.get(f"{path}{suffix}?time_range=short_term")
        assert answer.status_code == 401
        assert answer.get_json() == {"error": {"status": 401, "message": "Please log in"}}


def test_logged_out_a_page_leads_to_the_landing_page(browser: Browser) -> None:
    for path in [*(f"/top/{kind}" for kind in KINDS), "/mood"]:
        answer = browser.get(f"{path}?time_range=short_term")
        assert (answer.status_code, answer.headers["Location"]) == (
            302,
            f"/?next={path}?time_range%3Dshort_term",
        )


# --- from a Spotify that is not ours ---


def test_what_a_spreadsheet_would_take_for_a_formula_is_none_in_the_table(
    ana: Guest, other: OtherSpotify
) -> None:
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "'=1", "a=b", '"quoted", with comma', "two\nlines", "=", "ok"]
    other.script(TRACKS, page_of(*(track(n, name=name) for n, name in enumerate(names))))
    assert [row["name"] for row in table(ana, "tracks", "short_term")] == [
        "'=1+1",
        "'+1",
        "'-1",
        "'@SUM(A1)",
        "''=1",
        "a=b",
        '"quoted", with comma',
        "twolines",
        "'=",
        "ok",
    ]
    assert [item["name"] for item in read(ana, "tracks", "short_term")["items"]][:2] == ["=1+1", "+1"]


def test_a_formula_in_an_id_or_a_genre_is_none_either(ana: Guest, other: OtherSpotify) -> None:
    other.script(ARTISTS, page_of(artist(1, id="=cmd|' /C calc'!A0", genres=["-dub", "@jazz"])))
    assert table(ana, "artists", "short_term")[0]["id"] == "'=cmd|' /C calc'!A0"
    assert [row["name"] for row in table(ana, "genres", "short_term")] == ["'-dub", "'@jazz"]


def test_a_rank_that_fell_is_a_number_and_no_formula(ana: Guest, other: OtherSpotify) -> None:
    other.script(
        TRACKS,
        lambda asked: page_of(*map(track, [1, 2] if asked.query["time_range"] == "short_term" else [2, 1])),
    )
    assert [row["movement"] for row in table(ana, "tracks", "short_term")] == ["1", "-1"]


def test_local_files_null_names_and_duplicates(ana: Guest, other: OtherSpotify) -> None:
    local = track(1, id=None, name="Tape", album={"name": ""}, external_urls={}, is_local=True)
    nameless = track(2, name=None, artists=[], album=None)
    other.script(TRACKS, page_of(None, local, nameless, track(3), track(3), local, "stray"))
    report = read(ana, "tracks", "short_term")
    assert [(item["rank"], item["id"], item["name"]) for item in report["items"]] == [
        (1, None, "Tape"),
        (2, track(2)["id"], None),
        (3, track(3)["id"], "Track 3"),
        (4, track(3)["id"], "Track 3"),
        (5, None, "Tape"),
    ]
    # The better of two places is the rank in a range.
    assert [item["ranks"]["medium_term"] for item in report["items"]] == [1, 2, 3, 3, 1]
    assert [item["movement"] for item in report["items"]] == [0, 0, 0, -1, -4]
    assert report["variety"]["artists"] == 2  # who has no artist counts to nobody
    albums = read(ana, "albums", "short_term")["items"]
    assert [(item["id"], item["name"], item["weight"]) for item in albums] == [(None, "Album 3", 48 + 47)]
    assert [row["name"] for row in table(ana, "tracks", "short_term")][:2] == ["Tape", ""]


@pytest.mark.parametrize("genres", [None, [], "dub", [None, 7, ""], {}])
def test_without_genres_the_list_is_empty(ana: Guest, other: OtherSpotify, genres: object) -> None:
    other.script(ARTISTS, page_of(artist(1, genres=genres)))
    assert read(ana, "genres", "short_term")["items"] == []
    assert table(ana, "genres", "short_term") == []
    assert [item["name"] for item in read(ana, "artists", "short_term")["items"]] == ["Artist 1"]


@pytest.mark.parametrize("count", [0, 1, 2, 49, 50])
def test_any_number_of_tracks_makes_sense(ana: Guest, other: OtherSpotify, count: int) -> None:
    other.script(TRACKS, page_of(*map(track, range(count))))
    report = read(ana, "tracks", "long_term")
    assert len(report["items"]) == report["variety"]["artists"] == count
    assert len(read(ana, "albums", "long_term")["items"]) == count


def test_no_more_than_fifty_are_taken(ana: Guest, other: OtherSpotify) -> None:
    other.script(TRACKS, page_of(*map(track, range(70))))
    assert len(read(ana, "tracks", "long_term")["items"]) == 50


def test_an_image_or_a_page_that_is_no_web_address_is_null(ana: Guest, other: OtherSpotify) -> None:
    odd = track(
        1,
        album={"id": "a", "name": "A", "images": [{"url": "javascript:alert(1)"}]},
        external_urls={"spotify": "data:text/html,x"},
    )
    other.script(TRACKS, page_of(odd))
    item = read(ana, "tracks", "long_term")["items"][0]
    assert (item["image"], item["url"]) == (None, None)


@pytest.mark.parametrize("kind", KINDS)
def test_when_spotify_fails_the_last_known_list_says_so(ana: Guest, other: OtherSpotify, kind: str) -> None:
    fresh = read(ana, kind, "short_term")
    for path in (TRACKS, ARTISTS):
        other.script(path, refused(503))
    with time_machine.travel(NOON + timedelta(hours=2)):
        old = read(ana, kind, "short_term")
    stale = old.pop("stale")
    assert old == fresh
    assert stale["reason"] == "Spotify is not answering right now."
    assert stale["as_of"].startswith("2026-11-20T12:00")


# --- over weeks ---


def day_of_ana(ana: Guest, other: OtherSpotify, day: datetime, order: list[int]) -> dict[str, Any]:
    """What Ana sees at that moment, when Spotify ranks the tracks so: movement by track."""
    other.script(TRACKS, page_of(*map(track, order)))
    with time_machine.travel(day):
        items = read(ana, "tracks", "long_term")["items"]
    return {item["name"].removeprefix("Track "): item["movement"] for item in items}


def snapshots(app: Flask) -> int:
    with app.extensions["site"].store.reading() as connection:
        return connection.scalar(select(func.count()).where(snapshot.c.kind == "tracks")) or 0


def test_forty_days_of_visits(ana: Guest, other: OtherSpotify, elsewhere: Flask) -> None:
    def after(days: int, *order: int) -> dict[str, Any]:
        return day_of_ana(ana, other, NOON + timedelta(days=days), list(order))

    assert after(0, 1, 2, 3) == {"1": None, "2": None, "3": None}
    assert after(5, 2, 1, 3) == {"2": None, "1": None, "3": None}
    assert after(7, 3, 1, 2) == {"3": 2, "1": -1, "2": -1}  # against the first
    assert after(11, 1, 4) == {"1": 0, "4": "new"}  # still the first: the second is six days old
    assert after(12, 1, 4) == {"1": 1, "4": "new"}  # now the second
    assert after(40, 4, 1) == {"4": 1, "1": -1}  # the fifth, four weeks old
    assert snapshots(elsewhere) == 6 * 3


def test_the_listeners_own_midnight_makes_a_new_day(
    ana: Guest, other: OtherSpotify, elsewhere: Flask
) -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    ana.client.set_cookie("tz", "America/Los_Angeles", domain="127.0.0.1")
    day_of_ana(ana, other, late, [1, 2])  # half past three in the afternoon
    day_of_ana(ana, other, late + timedelta(hours=1, minutes=5), [1, 2])  # the same day there
    assert snapshots(elsewhere) == 3
    day_of_ana(ana, other, late + timedelta(hours=9), [1, 2])  # half past midnight
    assert snapshots(elsewhere) == 6


def test_a_week_is_counted_in_the_listeners_days(ana: Guest, other: OtherSpotify) -> None:
    ana.client.set_cookie("tz", "Pacific/Kiritimati", domain="127.0.0.1")  # fourteen hours ahead
    first = datetime(2026, 11, 20, 9, 59, tzinfo=UTC)  # a minute before midnight there
    assert day_of_ana(ana, other, first, [1, 2]) == {"1": None, "2": None}
    after = datetime(2026, 11, 26, 9, 59, tzinfo=UTC)
    assert day_of_ana(ana, other, after, [2, 1]) == {"2": None, "1": None}  # six days
    assert day_of_ana(ana, other, after + timedelta(minutes=2), [2, 1]) == {"2": 1, "1": -1}  # seven


@pytest.mark.parametrize("tz", ["Nowhere/City", "../../etc/passwd", "\x01", ""])
def test_an_odd_time_zone_is_utc(ana: Guest, other: OtherSpotify, elsewhere: Flask, tz: str) -> None:
    ana.client.set_cookie("tz", tz, domain="127.0.0.1")
    day_of_ana(ana, other, NOON, [1])
    day_of_ana(ana, other, NOON + timedelta(hours=11, minutes=50), [1])
    assert snapshots(elsewhere) == 3
    day_of_ana(ana, other, NOON + timedelta(hours=12, minutes=5), [1])
    assert snapshots(elsewhere) == 6


def test_with_the_account_the_snapshots_are_deleted(
    ana: Guest, other: OtherSpotify, elsewhere: Flask
) -> None:
    day_of_ana(ana, other, NOON, [1, 2])
    assert snapshots(elsewhere) == 3
    ana.get("/privacy")
    assert ana.post("/privacy/forget").status_code == 303
    assert snapshots(elsewhere) == 0
    with time_machine.travel(NOON + timedelta(days=8)):
        ana.enter("ana")
    assert day_of_ana(ana, other, NOON + timedelta(days=8), [2, 1]) == {"2": None, "1": None}
