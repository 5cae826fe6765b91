"""Saving a top list as a playlist: asked for once, made once a day, mended after a failure, never twice."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.sandbox import Fault, Knobs, SandboxServer
from app.sandbox import top as ranked
from app.sandbox.listeners import LISTENERS
from app.store.tables import playlist
from tests.conftest import HOME, Browser, form_fields
from tests.web.conftest import Guest
from tests.web.other_spotify import TRACKS, OtherSpotify, page_of, said, track

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MIRA, THEO, NOUR, NEWEST = "mira.after.dark", "theo_sideb", LISTENERS[3].id, LISTENERS[4].id
RANGES = ("short_term", "medium_term", "long_term")
SAVE = "/top/tracks/playlist"
MAKE, FILL = "/v1/me/playlists", "/v1/playlists/"


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """The lists of our own Spotify change at midnight; here it is noon."""
    with time_machine.travel(NOON):
        yield


def click(browser: Browser, time_range: str = "medium_term") -> TestResponse:
    """Presses the button."""
    browser.get("/privacy")  # any page has the token of this session's forms
    return browser.post(SAVE, time_range=time_range)


def agree(browser: Browser, asked: TestResponse, listener: str = MIRA) -> TestResponse:
    """Agrees at Spotify; what comes of it, as far as the list itself."""
    assert asked.status_code == 303
    back = browser.get(browser.consent(asked.headers["Location"], listener).removeprefix(HOME))
    assert back.status_code == 302
    return browser.get(back.headers["Location"])


@pytest.fixture
def mira(browser: Browser) -> Browser:
    """Mira, who has granted what a playlist needs, and has none yet."""
    browser.log_in(MIRA)
    asked = click(browser)
    browser.get(browser.consent(asked.headers["Location"], MIRA).removeprefix(HOME))
    with browser.client.session_transaction(base_url=HOME) as session:
        session.pop("save_playlist")
    return browser


def saved_to(time_range: str = "medium_term") -> str:
    return f"/top/tracks?time_range={time_range}&saved=yes"


def wanted(listener: str, time_range: str) -> tuple[str, ...]:
    """The tracks that the playlist should have."""
    ids = [track.id for track in ranked.top_tracks(listener, time_range, datetime.now(UTC)) if track.id]
    return tuple(dict.fromkeys(ids))


def notes(app: Flask) -> int:
    with app.extensions["site"].store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(playlist)) or 0


def count(spotify: SandboxServer, path: str) -> int:
    return sum(call.path.startswith(path) and call.method == "POST" for call in spotify.calls)


@pytest.mark.parametrize("who", [MIRA, NOUR])
def test_the_first_click_asks_for_permission_and_then_saves(
    browser: Browser, spotify: SandboxServer, who: str
) -> None:
    browser.log_in(who)
    asked = click(browser, "long_term")
    address = asked.headers["Location"]
    assert asked.status_code == 303
    scope = "user-top-read user-library-read playlist-modify-private"
    assert parse_qs(urlsplit(address).query)["scope"] == [scope]
    assert "Make and change your private playlists" in requests.get(address, timeout=5).text
    assert spotify.playlists(who) == []

    back = agree(browser, asked, who)

    assert (back.status_code, back.headers["Location"]) == (303, saved_to("long_term"))
    [made] = spotify.playlists(who)
    assert (made.name, made.public) == ("Top tracks, 1 year, 2026-11-20", False)
    assert made.track_ids == wanted(who, "long_term")
    assert len(made.track_ids) > 20


def test_who_has_granted_it_is_not_asked_again(mira: Browser, spotify: SandboxServer) -> None:
    for time_range in RANGES:
        saved = click(mira, time_range)
        assert (saved.status_code, saved.headers["Location"]) == (303, saved_to(time_range))
    assert [(playlist.name, playlist.track_ids) for playlist in spotify.playlists(MIRA)] == [
        (f"Top tracks, {label}, 2026-11-20", wanted(MIRA, time_range))
        for label, time_range in zip(("4 weeks", "6 months", "1 year"), RANGES, strict=True)
    ]


def test_an_hour_later_the_renewed_token_still_may(mira: Browser, spotify: SandboxServer) -> None:
    with time_machine.travel(NOON + timedelta(hours=2)):
        assert click(mira).headers["Location"] == saved_to()
    assert len(spotify.playlists(MIRA)) == 1


def test_a_second_click_on_the_same_day_makes_no_new_one(
    mira: Browser, spotify: SandboxServer, app: Flask
) -> None:
    for hours in (0, 1, 11):
        with time_machine.travel(NOON + timedelta(hours=hours)):
            assert click(mira).headers["Location"] == saved_to()
    assert len(spotify.playlists(MIRA)) == notes(app) == 1
    assert (count(spotify, MAKE), count(spotify, FILL)) == (1, 1)


def test_another_browser_of_the_same_person_finds_it(
    mira: Browser, app: Flask, spotify: SandboxServer
) -> None:
    click(mira)
    phone = Browser(app)
    phone.log_in(MIRA)
    assert agree(phone, click(phone)).headers["Location"] == saved_to()
    assert len(spotify.playlists(MIRA)) == 1


def test_the_next_day_makes_a_new_one(mira: Browser, spotify: SandboxServer) -> None:
    click(mira)
    with time_machine.travel(NOON + timedelta(days=1)):
        click(mira)
        expected = wanted(MIRA, "medium_term")
    assert [playlist.name for playlist in spotify.playlists(MIRA)] == [
        "Top tracks, 6 months, 2026-11-20",
        "Top tracks, 6 months, 2026-11-21",
    ]
    assert spotify.playlists(MIRA)[1].track_ids == expected


def test_the_day_is_the_listeners(mira: Browser, spotify: SandboxServer) -> None:
    mira.client.set_cookie("tz", "Pacific/Kiritimati", domain="127.0.0.1")  # fourteen hours ahead
    click(mira)
    assert [playlist.name for playlist in spotify.playlists(MIRA)] == ["Top tracks, 6 months, 2026-11-21"]


def test_clicks_at_once_make_one(mira: Browser, app: Flask, spotify: SandboxServer, knobs: Knobs) -> None:
    mira.get("/privacy")
    found = re.search(r'name="csrf_token" value="([^"]+)"', mira.page)
    cookie = mira.client.get_cookie("liner_notes", domain="127.0.0.1")
    assert found is not None
    assert cookie is not None
    form = {"csrf_token": found[1], "time_range": "medium_term"}
    start = Barrier(5)
    knobs.latency = 0.05

    def press(_number: int) -> str:
        client = app.test_client()
        client.set_cookie("liner_notes", cookie.value, domain="127.0.0.1")
        start.wait()
        return client.post(SAVE, data=form, base_url=HOME).headers["Location"]

    with ThreadPoolExecutor(5) as threads:
        assert list(threads.map(press, range(5))) == [saved_to()] * 5
    [made] = spotify.playlists(MIRA)
    assert made.track_ids == wanted(MIRA, "medium_term")
    assert (count(spotify, MAKE), count(spotify, FILL)) == (1, 1)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500),
        Fault(status=503),
        Fault(drop=True),
        Fault(status=429, headers={"Retry-After": "1"}),
        Fault(status=404),
    ],
    ids=lambda fault: str(fault.status or "dropped"),
)
@pytest.mark.parametrize("path", [MAKE, FILL])
def test_the_next_click_mends_what_failed(
    mira: Browser, spotify: SandboxServer, knobs: Knobs, path: str, fault: Fault
) -> None:
    fault.times = 1
    knobs.faults[path] = fault
    failed = click(mira)
    assert failed.status_code in (502, 503)
    assert fault.times == 0  # a write is never tried again by itself
    with time_machine.travel(NOON + timedelta(seconds=10)):
        assert click(mira).headers["Location"] == saved_to()
    [made] = spotify.playlists(MIRA)
    assert made.track_ids == wanted(MIRA, "medium_term")


def test_a_failure_after_the_consent_is_mended_by_the_next_click(
    browser: Browser, spotify: SandboxServer, knobs: Knobs
) -> None:
    browser.log_in(MIRA)
    knobs.faults[FILL] = Fault(status=500, times=1)
    assert agree(browser, click(browser)).status_code == 502
    assert spotify.playlists(MIRA)[0].track_ids == ()
    assert browser.get("/top/tracks.json").status_code == 200
    assert click(browser).headers["Location"] == saved_to()
    [made] = spotify.playlists(MIRA)
    assert made.track_ids == wanted(MIRA, "medium_term")


def test_an_answer_that_names_no_playlist_is_no_playlist(
    mira: Browser, app: Flask, spotify: SandboxServer, knobs: Knobs
) -> None:
    for body in ("", "{}", "[]", '{"id": null}', "<!doctype html>"):
        knobs.faults[MAKE] = Fault(status=201, body=body, times=1)
        assert click(mira).status_code == 502
        assert notes(app) == 0
    assert count(spotify, FILL) == 0


def test_where_spotify_wants_more_scope_it_is_said_so(mira: Browser, app: Flask, knobs: Knobs) -> None:
    body = '{"error": {"status": 403, "message": "Insufficient client scope"}}'
    knobs.faults[MAKE] = Fault(status=403, body=body, times=1)
    refused = click(mira)
    assert refused.status_code == 403
    assert "Spotify needs your permission for this" in refused.text
    assert 'href="/login"' in refused.text
    assert notes(app) == 0
    assert mira.get("/top/tracks.json").status_code == 200


def test_who_refuses_stays_logged_in_on_the_list_and_nothing_is_saved(
    browser: Browser, spotify: SandboxServer
) -> None:
    browser.log_in(MIRA)
    asked = click(browser, "short_term")
    back = browser.consent(asked.headers["Location"], MIRA, answer="cancel")
    left = browser.get(back.removeprefix(HOME))
    assert (left.status_code, left.headers["Location"]) == (
        302,
        "/top/tracks?time_range=short_term&refused=1",
    )
    assert browser.get("/top/tracks?time_range=short_term").status_code == 200
    assert spotify.playlists(MIRA) == []
    again = click(browser, "short_term")
    assert agree(browser, again).headers["Location"] == saved_to("short_term")


def test_after_the_consent_it_is_saved_once_and_only_where_it_was_asked_for(
    browser: Browser, spotify: SandboxServer
) -> None:
    browser.log_in(MIRA)
    asked = click(browser, "short_term")
    browser.get(browser.consent(asked.headers["Location"], MIRA).removeprefix(HOME))
    for path in ("/top/artists?time_range=short_term", "/top/tracks?time_range=long_term", "/your-music"):
        assert browser.get(path).status_code == 200
    assert spotify.playlists(MIRA) == []
    assert browser.get("/top/tracks?time_range=short_term").headers["Location"] == saved_to("short_term")
    assert browser.get("/top/tracks?time_range=short_term").status_code == 200
    assert browser.get(saved_to("short_term")).status_code == 200
    assert len(spotify.playlists(MIRA)) == 1


def test_who_agrees_as_somebody_else_saves_nothing_for_either(
    browser: Browser, spotify: SandboxServer
) -> None:
    browser.log_in(MIRA)
    browser.get("/top/tracks")
    asked = click(browser)
    back = browser.consent(asked.headers["Location"], "brunothunder").removeprefix(HOME)
    there = browser.get(browser.get(back).headers["Location"])
    assert there.headers["Location"].endswith("&saved=other")
    assert "You agreed as somebody else" in browser.get(there.headers["Location"]).text
    assert spotify.playlists(MIRA) == spotify.playlists("brunothunder") == []


def test_what_was_wanted_long_ago_is_not_done_any_more(browser: Browser, spotify: SandboxServer) -> None:
    browser.log_in(MIRA)
    asked = click(browser)
    browser.get(browser.consent(asked.headers["Location"], MIRA).removeprefix(HOME))
    browser.client.head("/top/tracks?time_range=medium_term", base_url=HOME)
    with time_machine.travel(NOON + timedelta(minutes=20)):
        assert browser.get("/top/tracks?time_range=medium_term").status_code == 200
    assert spotify.playlists(MIRA) == []


def test_a_playlist_that_was_deleted_before_it_was_filled_is_made_anew(
    mira: Browser, spotify: SandboxServer, knobs: Knobs
) -> None:
    knobs.faults[FILL] = Fault(status=500, times=1)
    assert click(mira).status_code == 502
    knobs.faults[FILL] = Fault(status=404, times=1)
    assert click(mira).headers["Location"] == saved_to()
    assert len(spotify.playlists(MIRA)) == 2
    assert wanted(MIRA, "medium_term") in [made.track_ids for made in spotify.playlists(MIRA)]


def test_a_link_cannot_save_anything(mira: Browser, spotify: SandboxServer) -> None:
    for path in (
        "/top/tracks?time_range=medium_term&save_playlist=medium_term",
        saved_to(),
        "/top/tracks?saved=empty",
        "/top/tracks?saved=%3Cscript%3E",
    ):
        assert mira.get(path).status_code == 200
    assert mira.get(SAVE).status_code == 405
    assert mira.client.post(SAVE, data={"time_range": "medium_term"}, base_url=HOME).status_code == 400
    assert spotify.playlists(MIRA) == []


@pytest.mark.parametrize("time_range", ["forever", "", "x" * 5000, "medium_term\x00"])
def test_an_unknown_range_is_400(mira: Browser, spotify: SandboxServer, time_range: str) -> None:
    assert click(mira, time_range).status_code == 400
    assert count(spotify, MAKE) == 0


def test_logged_out_the_button_leads_to_the_landing_page(mira: Browser, spotify: SandboxServer) -> None:
    mira.get("/privacy")
    mira.post("/logout")
    mira.get("/privacy")
    answer = mira.post(SAVE, time_range="medium_term")
    assert answer.status_code in (302, 400)
    assert spotify.playlists(MIRA) == []


def test_the_plain_login_goes_on_asking_for_the_least(mira: Browser, app: Flask) -> None:
    click(mira)
    for browser in (mira, Browser(app)):
        address = browser.get("/login").headers["Location"]
        assert parse_qs(urlsplit(address).query)["scope"] == ["user-top-read user-library-read"]


def test_who_has_no_tracks_is_told_so_and_no_playlist_is_made(
    browser: Browser, spotify: SandboxServer, app: Flask
) -> None:
    browser.log_in(NEWEST)
    back = agree(browser, click(browser), NEWEST)
    assert (back.status_code, back.headers["Location"]) == (
        303,
        "/top/tracks?time_range=medium_term&saved=empty",
    )
    assert (spotify.playlists(NEWEST), notes(app), count(spotify, MAKE)) == ([], 0, 0)


def test_on_a_first_page_too_who_agrees_as_somebody_else_saves_nothing(
    browser: Browser, spotify: SandboxServer
) -> None:
    browser.log_in(MIRA)
    agree(browser, click(browser), THEO)
    assert spotify.playlists(MIRA) == []
    assert spotify.playlists(THEO) == []


def test_with_the_account_its_notes_go_and_the_playlist_stays(
    mira: Browser, app: Flask, spotify: SandboxServer
) -> None:
    click(mira)
    assert notes(app) == 1
    mira.get("/privacy")
    mira.post("/privacy/forget")
    assert notes(app) == 0
    assert len(spotify.playlists(MIRA)) == 1


def test_the_link_that_is_noted_leads_to_the_playlist(
    mira: Browser, app: Flask, spotify: SandboxServer
) -> None:
    click(mira)
    with app.extensions["site"].store.reading() as connection:
        [noted] = connection.execute(select(playlist))
    [made] = spotify.playlists(MIRA)
    assert (noted.playlist_id, noted.name, noted.filled) == (made.id, made.name, True)
    assert noted.url == f"{spotify.url}/open/playlist/{made.id}"
    assert made.name in requests.get(noted.url, timeout=5).text


def test_in_the_demo_it_works_the_same(app: Flask) -> None:
    browser = Browser(app)

    def walk(address: str) -> TestResponse:
        page = browser.client.get(address, base_url=HOME).text
        form = form_fields(page) | {"listener": MIRA, "answer": "agree"}
        back = browser.client.post(address, data=form, base_url=HOME).headers["Location"]
        return browser.get(back.removeprefix(HOME))

    walk(browser.get("/login?demo=1").headers["Location"])
    asked = click(browser).headers["Location"]
    assert asked.startswith("/demo/spotify/accounts/authorize?")
    assert browser.get(walk(asked).headers["Location"]).headers["Location"] == saved_to()
    link = re.search(
        r'href="(/demo/spotify/open/playlist/\w+)"[^>]*>open “([^”]+)”', browser.get(saved_to()).text
    )
    assert link is not None
    page = browser.client.get(link[1], base_url=HOME)
    assert page.status_code == 200
    assert link[2] in page.text


# --- a Spotify that is not ours ---


def test_local_files_and_duplicates_stay_out_of_it(ana: Guest, other: OtherSpotify) -> None:
    other.scope = "user-top-read playlist-modify-private"
    ana.enter("ana")
    local = track(9, id=None, name="Tape", is_local=True)
    other.script(TRACKS, page_of(track(3), local, track(1), None, track(3), track(2), track(1)))
    other.script(MAKE, said({"id": "playlist/../1", "external_urls": {"spotify": "javascript:x"}}, 201))
    fill = "/v1/playlists/playlist%2F..%2F1/items"
    other.script(fill, said({"snapshot_id": "x"}, 201))

    assert click(ana).headers["Location"] == saved_to()

    [made, filled] = [call for call in other.asked if call.method == "POST" and call.path.startswith("/v1")]
    assert (made.path, filled.path) == (MAKE, fill)
    assert made.json["public"] is False
    assert filled.json == {"uris": [f"spotify:track:{track(n)['id']}" for n in (3, 1, 2)]}


def test_local_files_alone_make_no_playlist(ana: Guest, other: OtherSpotify) -> None:
    other.scope = "user-top-read playlist-modify-private"
    ana.enter("ana")
    other.script(TRACKS, page_of(track(9, id=None), track(8, id="")))
    assert click(ana).headers["Location"] == "/top/tracks?time_range=medium_term&saved=empty"
    assert other.count(MAKE) == 0


def test_an_answer_without_a_body_is_good_enough_for_filling(ana: Guest, other: OtherSpotify) -> None:
    other.scope = "user-top-read playlist-modify-private"
    ana.enter("ana")
    other.script(MAKE, said({"id": "p1"}, 201))
    other.script(f"{FILL}p1/items", said({}, 201).but(body=b""))
    assert click(ana).headers["Location"] == saved_to()


def test_a_token_that_is_refused_is_renewed_once_and_the_playlist_made_once(
    ana: Guest, other: OtherSpotify
) -> None:
    other.scope = "user-top-read playlist-modify-private"
    ana.enter("ana")
    other.script(MAKE, said({"error": {"status": 401}}, 401), said({"id": "p1"}, 201))
    other.script(f"{FILL}p1/items", said({"snapshot_id": "x"}, 201))
    assert click(ana).headers["Location"] == saved_to()
    assert (other.count(MAKE), other.count(f"{FILL}p1/items")) == (2, 1)
