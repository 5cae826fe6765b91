"""The library's pages: all saved tracks once each, through limits and stops; the table; the save buttons."""

import csv
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html import unescape
from io import StringIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app import create_app
from app.config import Config
from app.library.sync import AT_ONCE
from app.sandbox import Call, Fault, Knobs, SandboxServer
from app.sandbox.catalogue import catalogue
from app.sandbox.listeners import LISTENERS
from app.store.locks import LEASE_SECONDS
from app.store.tables import library, library_page, saved_track
from tests.conftest import HOME, Browser
from tests.jobs import jobs_of
from tests.waiting import until
from tests.web.conftest import Guest
from tests.web.other_spotify import (
    LIBRARY,
    RESET,
    SAVED,
    TRACKS,
    Answer,
    OtherSpotify,
    page_of,
    refused,
    said,
    saved,
    track,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR, DAY = 3600.0, 86400.0
MIRA, THEO, NEWEST = LISTENERS[0].id, LISTENERS[1].id, LISTENERS[4].id
TRACKS_PATH = "/v1/me/tracks"
FIELDS = (
    "state",
    "loaded",
    "total",
    "resume_at",
    "duration_ms",
    "explicit",
    "added_by_month",
    "decades",
    "artists",
    "tracks",
)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """It is noon, and stays so until a test moves the clock."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def short_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that hangs is given up soon."""
    monkeypatch.setattr("app.library.sync.CALL_SECONDS", 2.0)


def report(browser: Browser) -> dict[str, Any]:
    answer = browser.get("/library.json")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.get_json()
    return told


def progress(browser: Browser) -> dict[str, Any]:
    answer = browser.get("/library/progress.json")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.get_json()
    return told


def rested(browser: Browser) -> dict[str, Any]:
    """The report once nothing runs."""
    report(browser)
    until(lambda: progress(browser)["state"] != "running")
    return report(browser)


def words(page: str) -> str:
    """The text of a page."""
    main = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def page(browser: Browser, query: str = "") -> str:
    answer = browser.get(f"/library{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


def titles(html: str) -> list[str]:
    """The titles in the table, as they stand there."""
    return [
        unescape(re.sub(r"<[^>]+>", "", one))
        for one in re.findall(r'<span class="saved-name"[^>]*>(.*?)</span>', html)
    ]


def press(browser: Browser, action: str) -> None:
    """Presses a button of the page last opened."""
    pressed = browser.post(f"/library/{action}")
    assert (pressed.status_code, pressed.headers["Location"]) == (303, "/library")


def parse_range(spotify: SandboxServer) -> list[Call]:
    return [call for call in list(spotify.calls) if call.path == TRACKS_PATH]


def offsets(calls: list[Call], status: int = 200) -> list[int]:
    return sorted(int(call.query["offset"]) for call in calls if call.status == status)


def at_once(calls: list[Call]) -> int:
    """How many of the calls were under way at the same time, at most."""
    ends = sorted([(call.started, 1) for call in calls] + [(call.ended, -1) for call in calls])
    under_way = most = 0
    for _, change in ends:
        under_way += change
        most = max(most, under_way)
    return most


def rows_kept(app: Flask) -> list[int]:
    with app.extensions["site"].store.reading() as connection:
        tables = (library, library_page, saved_track)
        return [connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def pages_there(app: Flask) -> set[int]:
    """Where the pages begin that are kept."""
    with app.extensions["site"].store.reading() as connection:
        return set(connection.scalars(select(library_page.c.first)))


# --- the whole library, however large ---


def test_2345_saved_tracks_with_a_rate_limit_a_removed_track_and_a_duplicate(
    browser: Browser, spotify: SandboxServer, knobs: Knobs, clock: time_machine.Traveller
) -> None:
    knobs.library_size, knobs.library_edge_cases, knobs.latency = 2345, True, 0.02
    knobs.faults[TRACKS_PATH] = Fault(status=429, headers={"Retry-After": "7500"}, after=20, times=1)
    browser.log_in(MIRA)

    first = report(browser)
    assert (first["state"], tuple(first)) == ("running", FIELDS)
    loads = [0]

    def rests() -> bool:
        told = progress(browser)
        loads.append(told["loaded"])
        return bool(told["state"] != "running")

    until(rests)
    assert loads == sorted(loads)

    paused = report(browser)
    assert (paused["state"], paused["total"], paused["resume_at"]) == ("paused", 2345, "2026-11-20T14:05:00Z")
    kept = paused["loaded"]
    assert 1000 <= kept < 2000
    assert len(paused["tracks"]) in (kept, kept - 1)
    html = page(browser)
    assert f"{kept:,} of 2,345; Spotify lets us go on at 14:05 (UTC)." in words(html)
    assert 'data-resume="7500"' in html
    assert "As of just now" in words(html)
    assert len(titles(html)) == 50

    served = offsets(parse_range(spotify))
    clock.shift(7499)
    assert report(browser)["state"] == "paused"
    assert page(browser)
    assert offsets(parse_range(spotify)) == served
    clock.shift(2)
    assert report(browser)["state"] == "running"
    until(lambda: progress(browser)["state"] == "done")

    whole = report(browser)
    assert (whole["loaded"], whole["total"], whole["resume_at"]) == (2345, 2345, None)
    assert offsets(parse_range(spotify)) == list(range(0, 2345, 50))
    assert len(offsets(parse_range(spotify), status=429)) == 1
    assert at_once(parse_range(spotify)) == 4
    tracks = whole["tracks"]
    assert len(tracks) == 2344  # one of them is listed twice
    known = [track["id"] for track in tracks if track["id"]]
    assert len(known) == len(set(known)) == 2342
    assert [track["name"] for track in tracks if track["id"] is None] == [None, "Rehearsal Room, March"]
    assert len([track for track in tracks if track["id"] and not track["name"]]) == 1
    moments = [track["added_at"] for track in tracks]
    assert moments == sorted(moments, reverse=True)
    rows = list(csv.DictReader(StringIO(browser.get("/library.csv").text)))
    assert [track["id"] or None for track in rows] == [track["id"] for track in tracks]
    assert [sum(row[mark] == "yes" for row in rows) for mark in ("removed", "local")] == [2, 1]
    assert sum(one["count"] for one in whole["added_by_month"]) == 2344
    assert "<progress" not in page(browser)


def test_a_first_visit_is_answered_at_once_while_spotify_hangs(
    browser: Browser, knobs: Knobs, spotify: SandboxServer
) -> None:
    browser.log_in(THEO)
    browser.get("/your-music")
    knobs.faults[TRACKS_PATH] = Fault(hang=30)
    began = time.monotonic()
    told = report(browser)

    assert time.monotonic() - began < 15
    assert told == {name: [] for name in FIELDS} | {
        "state": "running",
        "loaded": 0,
        "total": 0,
        "resume_at": None,
        "duration_ms": 0,
        "explicit": 0,
    }
    assert browser.get("/library.csv").text.splitlines() == [
        "id,name,artists,album,added_at,duration_ms,explicit,local,removed,url"
    ]
    until(lambda: progress(browser)["state"] == "paused")
    assert len(parse_range(spotify)) <= 1


def test_up_to_five_hundred_all_is_there_at_the_first_visit(browser: Browser, spotify: SandboxServer) -> None:
    browser.log_in(THEO)
    html = page(browser)

    assert "<progress" not in html
    assert "You have saved 240 tracks" in words(html)
    assert "1 to 50 of 240 tracks" in words(html)
    assert offsets(parse_range(spotify)) == [0, 50, 100, 150, 200]
    assert (report(browser)["state"], progress(browser)["sentence"]) == ("done", "")
    assert len(parse_range(spotify)) == 5


def test_above_that_the_page_shows_how_far_it_is(
    browser: Browser, knobs: Knobs, spotify: SandboxServer
) -> None:
    knobs.library_size, knobs.latency = 501, 0.3
    browser.log_in(MIRA)
    html = page(browser)

    assert 'data-progress="/library/progress.json"' in html
    assert re.search(r'<progress class="reading-bar" value="50" max="501"', html)
    assert "50 of 501 read." in words(html)
    assert "So far that is 50 tracks" in words(html)
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in html
    assert "Loved, not saved" not in html
    knobs.latency = 0.0
    until(lambda: progress(browser)["state"] == "done")
    assert len(report(browser)["tracks"]) == 501
    assert len(parse_range(spotify)) == 11


def test_a_reload_begins_nothing_anew(browser: Browser, knobs: Knobs, spotify: SandboxServer) -> None:
    knobs.library_size, knobs.latency = 1000, 0.03
    browser.log_in(MIRA)
    for _ in range(4):
        page(browser)
    until(lambda: progress(browser)["state"] == "done")

    assert offsets(parse_range(spotify)) == list(range(0, 1000, 50))


def test_it_is_read_once_a_day_and_at_a_refresh(
    browser: Browser, spotify: SandboxServer, clock: time_machine.Traveller
) -> None:
    browser.log_in(THEO)
    page(browser)
    clock.shift(DAY - 60)
    assert "As of 23 hours ago" in words(page(browser))
    assert len(parse_range(spotify)) == 5

    press(browser, "refresh")
    until(lambda: progress(browser)["state"] == "done")
    assert "As of just now" in words(page(browser))
    assert len(parse_range(spotify)) == 10
    clock.shift(DAY + 1)
    page(browser)
    assert len(parse_range(spotify)) == 15


def test_while_it_is_read_again_the_old_reading_is_shown(
    browser: Browser, knobs: Knobs, clock: time_machine.Traveller
) -> None:
    browser.log_in(THEO)
    page(browser)
    knobs.faults[TRACKS_PATH] = Fault(status=429, headers={"Retry-After": "600"})
    clock.shift(2 * HOUR)
    press(browser, "refresh")
    until(lambda: progress(browser)["state"] == "paused")
    html = page(browser)

    assert "You have saved 240 tracks" in words(html)
    assert "Spotify lets us go on at 14:10 (UTC)." in words(html)
    assert "As of 2 hours ago" in words(html)
    told = report(browser)
    assert (told["state"], told["resume_at"], len(told["tracks"])) == ("paused", "2026-11-20T14:10:00Z", 240)


def test_stop_keeps_what_came_and_only_go_on_goes_on(
    browser: Browser, knobs: Knobs, spotify: SandboxServer, clock: time_machine.Traveller
) -> None:
    knobs.library_size, knobs.latency = 1000, 0.15
    browser.log_in(MIRA)
    page(browser)
    until(lambda: progress(browser)["loaded"] >= 150)
    press(browser, "cancel")
    background_rests(browser)
    stopped = report(browser)
    assert stopped["state"] == "paused"
    assert stopped["resume_at"] is None
    assert 150 <= stopped["loaded"] < 1000
    assert len(stopped["tracks"]) == stopped["loaded"]

    asked = len(parse_range(spotify))
    clock.shift(3 * HOUR)
    html = page(browser)
    assert f"{stopped['loaded']} of 1,000; you stopped it there." in words(html)
    assert 'data-progress="' not in html
    assert "data-resume" not in html
    assert ">Go on</button>" in html
    assert report(browser)["loaded"] == stopped["loaded"]
    assert len(parse_range(spotify)) == asked

    knobs.latency = 0.0
    press(browser, "refresh")
    until(lambda: progress(browser)["state"] == "done")
    assert len(report(browser)["tracks"]) == 1000
    assert set(offsets(parse_range(spotify))) == set(range(0, 1000, 50))


def background_rests(browser: Browser) -> None:
    """Waits for the threads behind the site."""
    until(jobs_of(browser.client.application).are_idle)


def test_another_process_takes_up_what_was_left_half_way(
    browser: Browser, knobs: Knobs, spotify: SandboxServer, config: Config, clock: time_machine.Traveller
) -> None:
    knobs.library_size, knobs.latency = 1000, 0.1
    browser.log_in(MIRA)
    assert report(browser)["state"] == "running"
    until(lambda: progress(browser)["loaded"] >= 250)
    cookie = browser.client.get_cookie("liner_notes", domain="127.0.0.1")
    assert cookie is not None
    browser.client.application.extensions["site"].close()
    before = offsets(parse_range(spotify))
    assert len(before) < 20

    app = create_app(config)
    kept = pages_there(app)
    clock.shift(LEASE_SECONDS + 1)
    knobs.latency = 0.0
    again = Browser(app)
    again.client.set_cookie("liner_notes", cookie.value, domain="127.0.0.1")
    assert report(again)["loaded"] >= 250
    until(lambda: progress(again)["state"] == "done")

    assert len(report(again)["tracks"]) == 1000
    after = sorted((Counter(offsets(parse_range(spotify))) - Counter(before)).elements())
    assert after == sorted(set(range(0, 1000, 50)) - kept)
    assert len(set(before) - kept) <= 2 * AT_ONCE  # on their way, or arrived together, when it ended
    app.extensions["site"].close()


@pytest.mark.parametrize("leave", ["/logout", "/privacy/forget"])
def test_who_leaves_stops_the_reading(
    browser: Browser, app: Flask, knobs: Knobs, spotify: SandboxServer, leave: str
) -> None:
    knobs.library_size, knobs.latency = 2000, 0.05
    browser.log_in(MIRA)
    page(browser)
    until(lambda: progress(browser)["loaded"] >= 100)
    assert browser.post(leave).status_code == 303
    background_rests(browser)

    assert len(parse_range(spotify)) < 30
    assert rows_kept(app)[0] == (1 if leave == "/logout" else 0)
    assert (rows_kept(app)[2] > 0) == (leave == "/logout")
    assert browser.get("/library.json").status_code == 401


def test_who_comes_back_finds_it_where_it_was(browser: Browser, knobs: Knobs, spotify: SandboxServer) -> None:
    knobs.library_size, knobs.latency = 1000, 0.05
    browser.log_in(MIRA)
    page(browser)
    until(lambda: progress(browser)["loaded"] >= 200)
    browser.post("/logout")
    background_rests(browser)
    knobs.latency = 0.0
    browser.log_in(MIRA)

    assert rested(browser)["state"] == "done"
    assert offsets(parse_range(spotify)).count(0) == 1
    assert len(report(browser)["tracks"]) == 1000


def test_two_people_never_see_each_others(guest: Guest, other: OtherSpotify, elsewhere: Flask) -> None:
    other.libraries = {
        "ana": [saved(n, track=track(n, name=f"ana {n}")) for n in range(3)],
        "bea": [saved(n, track=track(n + 1, name=f"bea {n}")) for n in range(2)],
    }
    bea = Guest(elsewhere)
    for browser, name in ((guest, "ana"), (bea, "bea")):
        browser.enter(name)
        expected = [one["track"]["name"] for one in other.libraries[name]]
        assert titles(page(browser)) == expected
        assert [track["name"] for track in report(browser)["tracks"]] == expected
        assert all(entry in browser.get("/library.csv").text for entry in expected)
    assert "bea" not in page(guest).replace("beat", "")
    assert {call.listener for call in other.asked if call.path == SAVED} == {"ana", "bea"}


# --- what it tells ---


def test_the_json_is_what_the_issue_says(ana: Guest, other: OtherSpotify) -> None:
    other.libraries["ana"] = [
        saved(1, track=track(1, explicit=True, album={"name": "Album 1", "release_date": "1984-05"})),
        saved(2, track=track(2, artists=[{"id": None, "name": "B"}, {"id": "c", "name": "C"}])),
        saved(3, track=track(3, artists=[{"id": "b", "name": "B"}], album={"release_date": "1989"})),
        saved(4, track=None, added_at="2024-02-29T23:59:59Z"),
    ]
    assert page(ana)

    assert report(ana) == {
        "state": "done",
        "loaded": 4,
        "total": 4,
        "resume_at": None,
        "duration_ms": 540_006,
        "explicit": 1,
        "added_by_month": [{"month": "2024-02", "count": 1}, {"month": "2026-11", "count": 3}],
        "decades": [{"decade": 1980, "count": 2}],
        "artists": [{"name": "B", "count": 2}, {"name": "Artist 1", "count": 1}],
        "tracks": [
            {
                "id": track(1)["id"],
                "name": "Track 1",
                "artists": [{"id": "artist0000000000000001", "name": "Artist 1"}],
                "album": "Album 1",
                "added_at": "2026-11-20T11:59:00Z",
                "duration_ms": 180_001,
            },
            {
                "id": track(2)["id"],
                "name": "Track 2",
                "artists": [{"id": None, "name": "B"}, {"id": "c", "name": "C"}],
                "album": "Album 2",
                "added_at": "2026-11-20T11:58:00Z",
                "duration_ms": 180_002,
            },
            {
                "id": track(3)["id"],
                "name": "Track 3",
                "artists": [{"id": "b", "name": "B"}],
                "album": None,
                "added_at": "2026-11-20T11:57:00Z",
                "duration_ms": 180_003,
            },
            {
                "id": None,
                "name": None,
                "artists": [],
                "album": None,
                "added_at": "2024-02-29T23:59:59Z",
                "duration_ms": None,
            },
        ],
    }


def test_the_page_says_what_it_adds_up_to(ana: Guest, other: OtherSpotify) -> None:
    other.libraries["ana"] = [
        saved(1, track=track(1, explicit=True, album={"name": "A", "release_date": "1984"})),
        saved(2, track=track(2, id=None, is_local=True, name="Tape")),
        saved(3, added_at="2024-02-29T23:30:00Z"),
    ]
    ana.client.set_cookie("tz", "Asia/Tokyo", domain="127.0.0.1")
    told = words(page(ana))

    assert "You have saved 3 tracks, gathered since March 2024: 9 minutes of music from end to end." in told
    assert "Explicit 33% 1 track " in told
    assert "1 local file" in told
    assert "First saved 1 Mar 2024" in told
    assert "Latest 20 Nov 2026" in told
    assert "You saved most in November 2026: 2 tracks." in told
    assert "Release year known for 1 of 3 tracks" in told


def test_an_empty_library_says_so(browser: Browser) -> None:
    browser.log_in(NEWEST)
    html = page(browser)

    assert "Nothing saved yet" in html
    assert "<table" not in html
    told = report(browser)
    assert (told["state"], told["loaded"], told["total"], told["tracks"]) == ("done", 0, 0, [])
    assert len(browser.get("/library.csv").text.splitlines()) == 1


def test_local_files_and_removed_tracks_are_marked_not_dropped(ana: Guest, other: OtherSpotify) -> None:
    other.libraries["ana"] = [
        saved(1),
        saved(2, track=track(2, id=None, is_local=True, name="Tape", external_urls={}, album={"name": ""})),
        saved(3, track=None),
        saved(4, track=track(4, name="", album={"name": ""})),
        None,
        saved(6, track=track(6, is_playable=False)),
    ]
    html = page(ana)

    gone = "No longer at Spotify"
    assert titles(html) == ["Track 1", "Tape", gone, gone, "Track 6", gone]
    assert html.count('<span class="tag">local file</span>') == 1
    assert html.count('<span class="tag">removed</span>') == 4
    rows = list(csv.reader(StringIO(ana.get("/library.csv").text)))[1:]
    assert [row[7:9] for row in rows] == [
        ["no", "no"],
        ["yes", "no"],
        ["no", "yes"],
        ["no", "yes"],
        ["no", "yes"],
        ["no", "yes"],
    ]
    assert rows[-1][4] == ""


def test_names_from_outside_stay_text(ana: Guest, other: OtherSpotify) -> None:
    evil = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"
    other.libraries["ana"] = [
        saved(
            1,
            track=track(
                1,
                id="../../x?y",
                name=evil,
                artists=[{"id": "javascript:x", "name": evil}],
                album={"name": evil, "images": [{"url": "javascript:alert(1)"}]},
                external_urls={"spotify": "javascript:alert(1)"},
            ),
        )
    ]
    html = page(ana, "?q=script")

    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert 'href="javascript' not in html
    assert titles(html) == [evil]
    assert report(ana)["tracks"][0]["name"] == evil


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t"])
def test_a_spreadsheet_takes_no_cell_for_a_formula(ana: Guest, other: OtherSpotify, first: str) -> None:
    name = f"{first}HYPERLINK(1)"
    other.libraries["ana"] = [
        saved(1, track=track(1, name=name, artists=[{"name": name}], album={"name": name}))
    ]
    page(ana)
    answer = ana.get("/library.csv")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="library.csv"'
    [_, row] = list(csv.reader(StringIO(answer.text)))
    kept = name.replace("\t", "")
    safe = kept if first == "\t" else f"'{kept}"
    assert row[1:4] == [safe] * 3


def test_the_csv_has_every_column(ana: Guest, other: OtherSpotify) -> None:
    two = [{"id": "a", "name": "Ana, Ltd"}, {"id": "b", "name": 'The "B"'}]
    other.libraries["ana"] = [saved(1, track=track(1, artists=two, explicit=True))]
    page(ana)

    [row] = csv.DictReader(StringIO(ana.get("/library.csv").text))
    assert row == {
        "id": track(1)["id"],
        "name": "Track 1",
        "artists": 'Ana, Ltd, The "B"',
        "album": "Album 1",
        "added_at": "2026-11-20T11:59:00Z",
        "duration_ms": "180001",
        "explicit": "yes",
        "local": "no",
        "removed": "no",
        "url": f"https://open.spotify.com/track/{track(1)['id']}",
    }


# --- the table ---


@pytest.fixture
def shelf(ana: Guest, other: OtherSpotify) -> Guest:
    """Ana, with 120 tracks."""
    other.libraries["ana"] = [
        saved(n, track=track(n, name=f"Song {n:03}", duration_ms=(n * 7 % 120) * 1000)) for n in range(120)
    ]
    page(ana)
    return ana


def test_it_sorts_filters_and_pages(shelf: Guest) -> None:
    for query, first, last in [
        ("", "Song 000", "Song 049"),
        ("?page=3", "Song 100", "Song 119"),
        ("?sort=added&order=asc", "Song 119", "Song 070"),
        ("?sort=title", "Song 000", "Song 049"),
        ("?sort=title&order=desc&page=2", "Song 069", "Song 020"),
        ("?sort=duration&order=asc", "Song 000", "Song 007"),
        ("?sort=artist", "Song 000", "Song 035"),
        ("?q=song+11", "Song 011", "Song 119"),
        ("?q=song+11&sort=title&order=desc", "Song 119", "Song 011"),
        ("?q=ALBUM+7&sort=title", "Song 007", "Song 117"),
        ("?q=%20%20", "Song 000", "Song 049"),
    ]:
        found = titles(page(shelf, query))
        assert (found[0], found[-1]) == (first, last), query


def test_its_headings_lead_to_the_other_way_and_keep_the_words(shelf: Guest) -> None:
    html = page(shelf, "?sort=title&q=song")
    links = [unescape(one) for one in re.findall(r'<th scope="col"[^>]*><a href="([^"]+)"', html)]

    assert links == [
        "/library?sort=title&order=desc&q=song#all",
        "/library?sort=artist&order=asc&q=song#all",
        "/library?sort=album&order=asc&q=song#all",
        "/library?sort=added&order=desc&q=song#all",
        "/library?sort=duration&order=asc&q=song#all",
    ]
    assert re.findall(r'<th scope="col"[^>]*aria-sort="(\w+)"', html) == ["ascending"]
    assert 'rel="next" href="/library?page=2&amp;sort=title&amp;order=asc&amp;q=song#all"' in html
    assert "1 to 50 of 120 tracks" in words(html)
    assert 'name="q" value="song"' in html


def test_what_is_not_there_is_said(shelf: Guest) -> None:
    assert "No saved track has “zebra” in its title, artist or album." in words(page(shelf, "?q=zebra"))
    assert "There is no such page." in words(page(shelf, "?page=4"))
    assert titles(page(shelf, "?q=100%25")) == []
    assert titles(page(shelf, "?q=_")) == []


def test_an_order_or_page_that_cannot_be_is_400_and_asks_nothing(shelf: Guest, other: OtherSpotify) -> None:
    for query in [
        "sort=",
        "sort=name",
        "sort=added_at",
        "order=up",
        "order=",
        "page=0",
        "page=-1",
        "page=1.5",
        "page=",
        "page=x",
        "page=%D9%A3",
        "page=9999999",
        "page=1%00",
        "sort=added%00",
        "month=2026-13",
        "month=2026",
    ]:
        asked = len(other.asked)
        assert shelf.get(f"/library?{query}").status_code == 400
        assert len(other.asked) == asked


def test_odd_words_are_no_fault(shelf: Guest) -> None:
    for query in ["q=" + "x" * 3000, "q=%00", "q=%ff", "q[]=a", "said=<b>", "page=999999"]:
        html = page(shelf, f"?{query}")
        assert "<b>" not in html


# --- troubles ---


def lasting(answer: Answer) -> Callable[[OtherSpotify], None]:
    return lambda other: other.script(SAVED, answer)


def test_a_500_that_passes_is_not_noticed(ana: Guest, other: OtherSpotify) -> None:
    other.libraries["ana"] = [saved(n) for n in range(3)]
    other.script(SAVED, refused(500), RESET, other.list_saved)

    assert titles(page(ana)) == ["Track 0", "Track 1", "Track 2"]
    assert other.count(SAVED) == 3


@pytest.mark.parametrize(
    "bad", [refused(500), RESET, said([]), said({}), Answer(body=b"<html>"), refused(404), refused(400)]
)
def test_a_lasting_trouble_is_a_sentence_and_the_next_visit_tries_again(
    ana: Guest, other: OtherSpotify, bad: Answer, clock: time_machine.Traveller
) -> None:
    other.script(SAVED, bad)
    html = page(ana)
    why = "refused to go on" if 400 <= bad.status < 500 else "did not answer"
    assert f"Spotify {why}. The next try is at 12:00 (UTC)." in words(html)
    assert ">Try now</button>" in html
    told = report(ana)
    assert (told["state"], told["resume_at"], told["tracks"]) == ("paused", "2026-11-20T12:00:30Z", [])

    other.mend(SAVED)
    other.libraries["ana"] = [saved(1)]
    assert report(ana)["state"] == "paused"
    clock.shift(31)
    assert rested(ana)["state"] == "done"
    assert titles(page(ana)) == ["Track 1"]


def test_a_rate_limit_at_the_first_page_says_when(ana: Guest, other: OtherSpotify) -> None:
    other.script(SAVED, refused(429, "API rate limit exceeded", Retry_After="7500"))

    assert "Spotify lets us go on at 14:05 (UTC)." in words(page(ana))
    assert other.count(SAVED) == 1
    press(ana, "refresh")
    background_rests(ana)
    assert report(ana)["resume_at"] == "2026-11-20T14:05:00Z"
    assert other.count(SAVED) == 1


def test_without_the_scope_a_page_asks_for_it_and_comes_back(ana: Guest, other: OtherSpotify) -> None:
    other.script(SAVED, refused(403, "Insufficient client scope"))
    html = page(ana)
    assert "One permission is missing" in html
    answer = ana.get("/library.json")
    assert (answer.status_code, answer.get_json()["error"]["status"]) == (403, 403)

    sent = ana.post("/library/allow")
    assert sent.status_code == 303
    query = parse_qs(urlsplit(sent.headers["Location"]).query)
    assert query["scope"] == ["user-top-read user-library-read"]
    other.mend(SAVED)
    other.libraries["ana"] = [saved(1)]
    back = ana.come_back(query["state"][0])
    assert back.headers["Location"] == "/library"
    assert titles(page(ana)) == ["Track 1"]


def test_who_refuses_the_scope_goes_on_without(ana: Guest, other: OtherSpotify) -> None:
    other.script(SAVED, refused(403, "Insufficient client scope"))
    page(ana)
    sent = ana.post("/library/allow")
    state = parse_qs(urlsplit(sent.headers["Location"]).query)["state"][0]
    back = ana.get(f"/callback?error=access_denied&state={state}")

    assert back.headers["Location"] == "/library?refused=1"
    assert "You did not give it, and everything else goes on as before." in words(page(ana, "?refused=1"))
    assert ana.get("/your-music").status_code == 200


@pytest.mark.parametrize(
    ("message", "title"),
    [
        (
            "Active premium subscription required for the owner of the app.",
            "The owner of this app needs Spotify Premium",
        ),
        ("the user may not be registered.", "You are not on this app's list yet"),
    ],
)
def test_what_the_owner_must_mend_is_a_page_of_its_own(
    ana: Guest, other: OtherSpotify, message: str, title: str
) -> None:
    other.script(SAVED, refused(403, message))
    answer = ana.get("/library")
    assert answer.status_code == 403
    assert title in unescape(answer.text)
    told = ana.get("/library.json")
    assert (told.status_code, told.get_json()) == (403, {"error": {"status": 403, "message": title}})
    assert ana.get("/library/progress.json").status_code == 403

    other.mend(SAVED)
    assert "Nothing saved yet" in page(ana)


def test_a_login_that_ends_on_the_way_keeps_what_came(
    ana: Guest, other: OtherSpotify, clock: time_machine.Traveller
) -> None:
    other.libraries["ana"] = [saved(n) for n in range(120)]
    other.script(SAVED, other.list_saved, refused(401))
    other.script("/api/token", said({"error": "invalid_grant"}, 400))
    ana.get("/library.json")
    background_rests(ana)
    assert ana.get("/library.json").status_code == 401
    other.mend("/api/token")
    other.mend(SAVED)
    clock.shift(1)
    ana.enter("ana")
    assert len(titles(page(ana))) == 50
    assert rested(ana)["state"] == "done"
    assert [call.query["offset"] for call in other.asked if call.path == SAVED].count("0") == 1


# --- saving ---


@pytest.fixture
def theo(browser: Browser, knobs: Knobs) -> Browser:
    """Théodore, with his library open, which holds none of his top tracks."""
    knobs.library_size = 60
    browser.log_in(THEO)
    page(browser)
    return browser


def offered(browser: Browser) -> list[str]:
    """The tracks that the page offers to save."""
    return re.findall(r'<button[^>]*form="save-form" name="track_id" value="(\w{22})"', page(browser))


def agree(browser: Browser, sent: TestResponse, listener: str = THEO) -> TestResponse:
    """Agrees at Spotify; what the library answers then."""
    assert sent.status_code == 303
    back = browser.get(browser.consent(sent.headers["Location"], listener).removeprefix(HOME))
    assert back.headers["Location"] == "/library"
    return browser.get("/library")


def saves(spotify: SandboxServer) -> list[list[str]]:
    """The URIs of each call that saved."""
    return [call.query["uris"].split(",") for call in spotify.calls if call.method == "PUT"]


DONE = "/library?said=saved#not-saved"


def test_saving_asks_for_the_scope_then_saves_once_and_counts_at_once(
    theo: Browser, spotify: SandboxServer
) -> None:
    first, second, *_ = before = offered(theo)
    sent = theo.post("/library/save", track_id=first)
    scope = "user-top-read user-library-read user-library-modify"
    assert parse_qs(urlsplit(sent.headers["Location"]).query)["scope"] == [scope]
    assert saves(spotify) == []

    done = agree(theo, sent)
    assert (done.status_code, done.headers["Location"]) == (303, DONE)
    assert saves(spotify) == [[f"spotify:track:{first}"]]
    assert spotify.saved(THEO) == [first]
    assert first not in offered(theo)
    assert "Saved. Spotify has it in your library now." in words(page(theo, "?said=saved"))
    told = report(theo)
    assert (len(told["tracks"]), told["tracks"][0]["id"]) == (61, first)

    again = theo.post("/library/save", track_id=second)  # granted by now: nothing is asked
    assert (again.status_code, again.headers["Location"]) == (303, DONE)
    assert spotify.saved(THEO) == [first, second]
    assert offered(theo)[: len(before) - 2] == before[2:]
    assert len(parse_range(spotify)) == 2


def test_an_album_is_saved_from_its_page(theo: Browser, spotify: SandboxServer) -> None:
    album = next(iter(catalogue().albums))
    assert f'name="album_id" value="{album}"' in theo.get(f"/album/{album}").text

    done = agree(theo, theo.post("/library/save", album_id=album, next=f"/album/{album}"))

    assert done.headers["Location"] == f"/album/{album}?said=saved"
    assert saves(spotify) == [[f"spotify:album:{album}"]]
    assert "✓ In your library" in words(theo.get(done.headers["Location"]).text)


def test_all_at_once_are_saved_forty_a_call(theo: Browser, spotify: SandboxServer) -> None:
    html = page(theo)
    ids = re.findall(r'<input type="hidden" name="track_id" value="(\w{22})"', html)
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found is not None
    assert len(ids) > 40
    form = {"csrf_token": found[1], "track_id": ids}
    sent = theo.client.post("/library/save", data=form, base_url=HOME)

    assert agree(theo, sent).headers["Location"] == DONE
    assert [uri for batch in saves(spotify) for uri in batch] == [
        f"spotify:track:{item_id}" for item_id in ids
    ]
    assert all(len(batch) <= 40 for batch in saves(spotify))
    assert sorted(spotify.saved(THEO)) == sorted(ids)
    assert "Every one of your top tracks of the last 6 months is in your library." in words(page(theo))


def test_who_refuses_saves_nothing(theo: Browser, spotify: SandboxServer) -> None:
    sent = theo.post("/library/save", track_id=offered(theo)[0])
    back = theo.consent(sent.headers["Location"], THEO, answer="cancel")
    left = theo.get(back.removeprefix(HOME))

    assert left.headers["Location"] == "/library?refused=1"
    assert "Nothing was saved. You did not give the permission" in words(page(theo, "?refused=1"))
    assert (saves(spotify), spotify.saved(THEO)) == ([], [])


def test_who_agrees_as_somebody_else_saves_nothing(theo: Browser, spotify: SandboxServer) -> None:
    done = agree(theo, theo.post("/library/save", track_id=offered(theo)[0]), listener=MIRA)

    assert done.headers["Location"] == "/library?said=other#not-saved"
    assert "You agreed as somebody else" in words(page(theo, "?said=other"))
    assert (saves(spotify), spotify.saved(THEO), spotify.saved(MIRA)) == ([], [], [])


def test_what_was_wanted_long_ago_is_not_saved(
    theo: Browser, spotify: SandboxServer, clock: time_machine.Traveller
) -> None:
    sent = theo.post("/library/save", track_id=offered(theo)[0])
    theo.get(theo.consent(sent.headers["Location"], THEO).removeprefix(HOME))
    theo.client.head("/library", base_url=HOME)
    clock.shift(20 * 60)

    assert page(theo)
    assert page(theo, "?said=saved")
    assert saves(spotify) == []


def test_it_is_saved_once_however_often_the_page_is_opened(theo: Browser, spotify: SandboxServer) -> None:
    agree(theo, theo.post("/library/save", track_id=offered(theo)[0]))
    for _ in range(3):
        page(theo)

    assert len(saves(spotify)) == 1


@pytest.mark.parametrize(
    "wrong", ["", "short", "x" * 23, "../../../../../../../x", "spotify:track:" + "a" * 22]
)
def test_what_is_no_track_is_400(theo: Browser, spotify: SandboxServer, wrong: str) -> None:
    assert theo.post("/library/save", track_id=wrong).status_code == 400
    assert theo.post("/library/save", album_id=wrong).status_code == 400
    assert theo.post("/library/save").status_code == 400
    assert saves(spotify) == []


def test_a_link_or_a_strangers_form_saves_nothing(theo: Browser, spotify: SandboxServer) -> None:
    form = {"track_id": offered(theo)[0]}

    assert theo.get("/library/save").status_code == 405
    assert theo.client.post("/library/save", data=form, base_url=HOME).status_code == 400
    assert page(theo, f"?track_id={form['track_id']}&save_tracks=1")
    assert saves(spotify) == []


def test_where_spotify_wants_more_scope_after_all_nothing_counts_as_saved(
    ana: Guest, other: OtherSpotify
) -> None:
    other.scope = "user-top-read user-library-read user-library-modify"
    other.libraries["ana"] = [saved(1)]
    ana.enter("ana")
    other.script(TRACKS, page_of(track(1), track(2)))
    other.script(LIBRARY, refused(403, "Insufficient client scope"))
    page(ana)
    answer = ana.post("/library/save", track_id=track(2)["id"])

    assert answer.headers["Location"] == "/library?said=refused#not-saved"
    assert offered(ana) == [track(2)["id"]]
    other.mend(LIBRARY)
    assert ana.post("/library/save", track_id=track(2)["id"]).headers["Location"] == DONE
    put = [call for call in other.asked if call.path == LIBRARY][-1]
    assert (put.method, put.query) == ("PUT", {"uris": f"spotify:track:{track(2)['id']}"})
    assert offered(ana) == []


@pytest.mark.parametrize("bad", [refused(500), RESET, refused(429, Retry_After="60")])
def test_a_save_that_fails_is_not_tried_again_by_itself(ana: Guest, other: OtherSpotify, bad: Answer) -> None:
    other.scope = "user-top-read user-library-read user-library-modify"
    other.libraries["ana"] = [saved(1)]
    ana.enter("ana")
    other.script(TRACKS, page_of(track(2)))
    page(ana)
    other.script(LIBRARY, bad)

    assert ana.post("/library/save", track_id=track(2)["id"]).status_code in (502, 503)
    assert other.count(LIBRARY) == 1
    assert offered(ana) == [track(2)["id"]]


# --- who is let in ---


@pytest.mark.parametrize("path", ["/library", "/library?sort=title"])
def test_strangers_are_led_to_the_door_and_back(browser: Browser, path: str) -> None:
    sent = browser.get(path)
    assert sent.status_code == 302
    assert parse_qs(urlsplit(sent.headers["Location"]).query)["next"] == [path]


@pytest.mark.parametrize("path", ["/library.json", "/library.csv", "/library/progress.json"])
def test_programs_of_strangers_are_told_401(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert (answer.status_code, answer.get_json()["error"]["status"]) == (401, 401)


@pytest.mark.parametrize("path", ["/library/refresh", "/library/cancel", "/library/allow", "/library/save"])
def test_nobody_is_sent_there_after_a_login(browser: Browser, path: str) -> None:
    assert browser.login(f"/login?next={path}").headers["Location"] == "/your-music"
