"""Bad days at a Spotify that is not ours: the last known report, or a page with plain words, in time."""

import logging
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from html import unescape

import pytest
import time_machine
from flask import Flask

from app.login import EXCHANGE_SECONDS
from app.visit import SPOTIFY_SECONDS
from app.web.audio_features import FEATURES_SECONDS
from tests.web.conftest import Guest
from tests.web.other_spotify import (
    ARTISTS,
    BROKEN,
    EMPTY,
    FEATURES,
    HTML,
    ME,
    RECCOBEATS,
    RESET,
    TOKEN,
    TRACKS,
    Answer,
    OtherSpotify,
    artist,
    page_of,
    refused,
    said,
    track,
)

WEB_API = (ME, ARTISTS, TRACKS)
HOUR, DAY = 3600.0, 86400.0
NOISE = Answer(raw=b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 this is not HTTP at all\r\n\r\n")
BAD_HEADER = Answer(raw=b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 2\r\n\r\n{}")
BAD_LENGTH = Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{")
BAD_CHUNK = Answer(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")
BAD_GZIP = Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope")
NOTHING = Answer(raw=b"")
REDIRECT = Answer(status=302, headers=(("Location", "https://elsewhere.example/"),))
CUT = said({"id": "ana", "items": [{"name": "x" * 400}]}).but(cut=True)
ANSWERS = {
    "500": refused(500, "Internal"),
    "502 in HTML": HTML.but(status=502),
    "503": Answer(status=503),
    "a reset": RESET,
    "HTML": HTML,
    "broken JSON": BROKEN,
    "an empty 200": EMPTY,
    "an empty 204": Answer(status=204),
    "half an answer": CUT,
    "half a chunked answer": CUT.but(chunked=True),
    "nothing": NOTHING,
    "noise": NOISE,
    "a header without a colon": BAD_HEADER,
    "a length that is none": BAD_LENGTH,
    "a chunk that is none": BAD_CHUNK,
    "gzip that is none": BAD_GZIP,
    "a redirect": REDIRECT,
}
REFUSALS = {
    "400": refused(400, "Invalid time range"),
    "a bare 400": Answer(status=400),
    "403": refused(403, "Forbidden"),
    "a bare 403": Answer(status=403),
    "404": refused(404, "Not found"),
    "a bare 404": Answer(status=404),
    "418": refused(418),
}
BAD = pytest.mark.parametrize("bad", ANSWERS.values(), ids=ANSWERS.keys())
REFUSED = pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS.keys())


def spoil(other: OtherSpotify, answer: Answer) -> None:
    for path in WEB_API:
        other.script(path, answer)


@BAD
def test_where_spotify_does_not_answer_a_page_says_so_and_later_the_last_report_stands_in(
    ana: Guest, other: OtherSpotify, bad: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    spoil(other, bad)
    page = ana.get("/your-music")
    assert page.status_code == 502
    assert "Spotify is not answering" in page.text
    should_be_a_line(caplog)
    assert ana.get("/your-music.json").get_json() == {
        "error": {"status": 502, "message": "Spotify is not answering"}
    }
    for path in WEB_API:
        other.mend(path)
    assert ana.get("/your-music").status_code == 200
    fresh = ana.get("/your-music.json").get_json()
    spoil(other, bad)
    with time_machine.travel(time.time() + 3 * HOUR):
        page = ana.get("/your-music")
        report = ana.get("/your-music.json").get_json()
    assert page.status_code == 200
    assert "3 hours ago" in page.text
    stale = report.pop("stale")
    assert report == fresh
    assert stale["reason"] == "Spotify is not answering right now."
    assert stale["resume_at"] is None


@REFUSED
def test_where_spotify_refuses_a_page_says_so_and_later_the_last_report_stands_in(
    ana: Guest, other: OtherSpotify, refusal: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    spoil(other, refusal)
    page = ana.get("/your-music")
    assert page.status_code == 502
    assert "<h1>Spotify refused this question</h1>" in page.text
    assert "Spotify is not answering" not in page.text
    should_be_a_line(caplog)
    assert ana.get("/your-music.json").get_json() == {
        "error": {"status": 502, "message": "Spotify refused this question"}
    }
    for path in WEB_API:
        other.mend(path)
    fresh = ana.get("/your-music.json").get_json()
    spoil(other, refusal)
    with time_machine.travel(time.time() + 3 * HOUR):
        page = ana.get("/your-music")
        report = ana.get("/your-music.json").get_json()
    assert page.status_code == 200
    assert "3 hours ago" in page.text
    assert "Spotify refused to answer this time." in page.text
    assert "Spotify is not answering" not in page.text
    stale = report.pop("stale")
    assert report == fresh
    assert (stale["reason"], stale["resume_at"]) == ("Spotify refused to answer this time.", None)


def should_be_a_line(caplog: pytest.LogCaptureFixture) -> None:
    """A trouble is one line in the log, without a traceback or a token."""
    assert [record.name for record in caplog.records if record.levelno >= logging.WARNING] == [
        "app.web.errors"
    ]
    assert not [record for record in caplog.records if record.exc_info or record.stack_info]
    assert not [record for record in caplog.records if "\n" in record.getMessage()]
    assert "access-ana" not in caplog.text


def action_of(page: str) -> tuple[str, str]:
    """The button of an error page: its label, and where it leads."""
    found = re.search(r'<a class="btn btn-primary" href="([^"]+)">([^<]+)</a>', page)
    assert found is not None
    return found.group(2), unescape(found.group(1))


@pytest.mark.parametrize("bad", [refused(500), refused(404)], ids=["no answer", "refused"])
def test_try_again_leads_back_to_the_same_address(ana: Guest, other: OtherSpotify, bad: Answer) -> None:
    spoil(other, bad)
    for address in (
        "/your-music",
        "/your-music?time_range=long_term",
        "/top/artists?time_range=short_term",
        "/mood?time_range=long_term",
        "/library?sort=title&page=2",
    ):
        assert action_of(ana.get(address).text) == ("Try again", address)


def test_while_nobody_is_asked_the_page_counts_down_instead_of_offering_to_try_again(
    ana: Guest, other: OtherSpotify
) -> None:
    spoil(other, refused(429, Retry_After="60"))
    page = ana.get("/top/artists?time_range=short_term")

    assert page.status_code == 503
    assert "data-countdown" in page.text
    assert '<noscript><meta http-equiv="refresh" content="60">' in page.text
    assert "Try again" not in page.text


def test_after_a_form_try_again_leads_to_the_overview(ana: Guest, other: OtherSpotify) -> None:
    ana.get("/privacy")
    spoil(other, refused(500))
    assert action_of(ana.post("/privacy/forget").text) == ("Try again", "/your-music")


def test_log_in_again_comes_back_to_the_same_address(ana: Guest, other: OtherSpotify) -> None:
    spoil(other, refused(401, "Invalid access token"))
    label, href = action_of(ana.get("/mood?time_range=long_term").text)
    assert label == "Log in again"
    for path in WEB_API:
        other.mend(path)
    state = ana.leave(href)
    assert ana.come_back(state).headers["Location"] == "/mood?time_range=long_term"


@pytest.mark.parametrize("path", [ARTISTS, TRACKS])
def test_one_part_that_fails_is_the_old_one_while_the_others_are_fresh(
    ana: Guest, other: OtherSpotify, path: str
) -> None:
    ana.get("/your-music")
    other.script(path, refused(500))
    other.script(ME, said({"id": "ana", "display_name": "Ana the Newer"}))
    with time_machine.travel(time.time() + 2 * HOUR):
        report = ana.get("/your-music.json").get_json()
    assert report["profile"]["display_name"] == "Ana the Newer"
    assert (report["top_artists"][0]["name"], report["top_tracks"][0]["name"]) == (
        "ana artist 0",
        "ana track 0",
    )
    assert report["stale"]["reason"] == "Spotify is not answering right now."


def test_a_read_is_tried_again_after_a_5xx_or_a_reset(ana: Guest, other: OtherSpotify) -> None:
    other.script(ME, refused(503), said({"id": "ana"}))
    other.script(ARTISTS, RESET, refused(500), page_of(artist(1)))
    report = ana.get("/your-music.json").get_json()
    assert [artist["name"] for artist in report["top_artists"]] == ["Artist 1"]
    assert "stale" not in report
    assert (other.count(ME), other.count(ARTISTS), other.count(TRACKS)) == (2, 3, 1)


def test_a_server_that_never_recovers_is_asked_three_times_a_visit(ana: Guest, other: OtherSpotify) -> None:
    other.script(ME, refused(503))
    assert ana.get("/your-music").status_code == 502
    assert other.count(ME) == 3


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            "Check settings on developer.spotify.com/dashboard, the user may not be registered.",
            "User Management",
        ),
        ("Active premium subscription required for the owner of the app.", "Spotify Premium"),
        ("Insufficient client scope", "permission"),
    ],
)
@pytest.mark.parametrize("plain", [False, True])
def test_each_403_says_what_it_means_and_what_to_do(
    ana: Guest, other: OtherSpotify, message: str, words: str, plain: bool
) -> None:
    text = Answer(status=403, body=message.encode(), headers=(("Content-Type", "text/plain"),))
    spoil(other, text if plain else refused(403, message))
    page = ana.get("/your-music")
    assert page.status_code == 403
    assert words in page.text
    assert ana.get("/your-music.json").get_json()["error"]["status"] == 403


def test_a_403_that_the_person_must_mend_is_not_hidden_by_an_old_report(
    ana: Guest, other: OtherSpotify
) -> None:
    ana.get("/your-music")
    spoil(other, refused(403, "the user may not be registered."))
    with time_machine.travel(time.time() + 2 * HOUR):
        assert "User Management" in ana.get("/your-music").text


# --- 429 ---


def until(header: str | None) -> Answer:
    return refused(429, "API rate limit exceeded", **({"Retry_After": header} if header is not None else {}))


def test_a_long_rate_limit_shows_the_last_report_at_once_and_nobody_is_asked_before_its_end(
    guest: Guest, other: OtherSpotify
) -> None:
    limited_at = datetime(2031, 5, 4, 17, 28, 6, tzinfo=UTC).timestamp()
    with time_machine.travel(limited_at - 2 * HOUR, tick=False):
        guest.enter("ana")
        assert guest.get("/your-music").status_code == 200
    spoil(other, until("74214"))
    with time_machine.travel(limited_at, tick=False):
        asked, began = other.count(*WEB_API), time.perf_counter()
        page = " ".join(guest.get("/your-music").text.split())
        assert time.perf_counter() - began < 15
        assert "2 hours ago" in page
        assert "14:05 tomorrow" in re.sub("<[^>]+>", "", page)
        stale = guest.get("/your-music.json").get_json()["stale"]
        assert (stale["as_of"], stale["resume_at"]) == ("2031-05-04T15:28:06Z", "2031-05-05T14:05:00Z")
        assert other.count(*WEB_API) - asked <= 3
    asked = len(other.asked)
    with time_machine.travel(limited_at + 74_200):
        guest.get("/your-music")
        guest.post("/your-music/refresh")
        guest.get("/your-music?time_range=short_term")
        assert len(other.asked) == asked
        for path in WEB_API:
            other.mend(path)
    with time_machine.travel(limited_at + 74_220):
        assert "stale" not in guest.get("/your-music.json").get_json()


def test_a_rate_limit_holds_for_the_whole_app_and_for_newcomers(
    ana: Guest, other: OtherSpotify, elsewhere: Flask
) -> None:
    spoil(other, until("74214"))
    page = ana.get("/your-music")
    assert (page.status_code, page.headers["Retry-After"]) in ((503, "74214"), (503, "74213"))
    assert "Spotify asks us to wait until" in page.text
    asked = other.count(*WEB_API)
    bea = Guest(elsewhere)
    bea.enter("bea")
    answer = bea.get("/your-music.json")
    assert answer.status_code == 503
    assert set(answer.get_json()["error"]) == {"status", "message", "resume_at"}
    assert other.count(*WEB_API) == asked


def test_a_rate_limit_of_one_endpoint_leaves_the_others_alone(ana: Guest, other: OtherSpotify) -> None:
    other.script("/v1/me/top/artists", until("600"))
    assert ana.get("/top/artists.json").status_code == 503
    asked = other.count("/v1/me/top/artists")
    assert "stale" not in ana.get("/top/tracks.json").get_json()
    assert ana.get("/top/artists.json").status_code == 503
    assert other.count("/v1/me/top/artists") == asked


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 30),
        ("", 30),
        ("soon", 30),
        ("-5", 30),
        ("nan", 30),
        ("inf", 30),
        ("0", 1),
        ("1", 1),
        ("4", 4),
        ("19056", 19_056),
        ("86400", 86_400),
        ("1e300", 7 * DAY),
        ("9" * 30, 7 * DAY),
    ],
)
def test_retry_after_says_for_how_long_nobody_asks(
    ana: Guest, other: OtherSpotify, header: str | None, seconds: float
) -> None:
    with time_machine.travel(time.time(), tick=False) as traveller:
        spoil(other, until(header))
        assert ana.get("/your-music").status_code == 503
        asked = len(other.asked)
        traveller.shift(seconds - 0.5)
        assert ana.get("/your-music").status_code == 503
        assert len(other.asked) == asked
        for path in WEB_API:
            other.mend(path)
        traveller.shift(1)
        assert ana.get("/your-music").status_code == 200


def test_retry_after_may_be_a_date(ana: Guest, other: OtherSpotify) -> None:
    with time_machine.travel(int(time.time()), tick=False) as traveller:
        back = datetime.fromtimestamp(time.time() + 500, UTC)
        spoil(other, until(format_datetime(back, usegmt=True)))
        page = ana.get("/your-music")
        assert (page.status_code, page.headers["Retry-After"]) == (503, "500")
        for path in WEB_API:
            other.mend(path)
        traveller.shift(499)
        assert ana.get("/your-music").status_code == 503
        traveller.shift(2)
        assert ana.get("/your-music").status_code == 200


def test_a_rate_limit_is_not_tried_again(ana: Guest, other: OtherSpotify) -> None:
    spoil(other, until("5"))
    ana.get("/your-music")
    assert all(other.count(path) <= 1 for path in WEB_API)


def test_a_held_back_call_renews_no_token(ana: Guest, other: OtherSpotify) -> None:
    ana.get("/your-music")
    with time_machine.travel(time.time() + 0.9 * HOUR):
        spoil(other, until("74214"))
        ana.post("/your-music/refresh")
        assert ana.get("/your-music").status_code == 200
        asked = len(other.asked)
    with time_machine.travel(time.time() + 3 * HOUR):  # the token has run out by now
        assert "3 hours ago" in ana.get("/your-music").text
    assert len(other.asked) == asked


def test_the_accounts_service_may_ask_for_patience_too(ana: Guest, other: OtherSpotify) -> None:
    ana.get("/your-music")
    other.script(TOKEN, until("600"))
    with time_machine.travel(time.time() + 2 * HOUR, tick=False) as traveller:
        assert ana.get("/your-music.json").get_json()["stale"]["resume_at"] is not None
        asked = other.count(TOKEN)
        traveller.shift(590)
        assert ana.get("/your-music").status_code == 200
        assert other.count(TOKEN) == asked
        other.mend(TOKEN)
        traveller.shift(20)
        assert "stale" not in ana.get("/your-music.json").get_json()


# --- slow servers ---


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(
    "slow",
    [
        lambda answer: answer.but(delay=30),
        lambda answer: answer.but(drip=0.02),
        lambda answer: answer.but(drip=0.02, chunked=True),
    ],
    ids=["hangs", "drips", "drips chunks"],
)
def test_a_slow_web_api_gets_its_budget_and_no_more(
    ana: Guest, other: OtherSpotify, slow: Callable[[Answer], Answer]
) -> None:
    spoil(other, slow(page_of(*map(track, range(50)))))
    began = time.monotonic()
    assert ana.get("/your-music").status_code == 502
    assert time.monotonic() - began < 15


@pytest.mark.usefixtures("short")
def test_an_old_report_comes_in_time_too_when_everything_hangs(ana: Guest, other: OtherSpotify) -> None:
    ana.get("/your-music")
    for path in (*WEB_API, FEATURES, RECCOBEATS):
        other.script(path, EMPTY.but(delay=30))
    with time_machine.travel(time.time() + 30 * 60):
        ana.post("/your-music/refresh")
        began = time.monotonic()
        assert "30 minutes ago" in ana.get("/your-music").text
        assert time.monotonic() - began < 15


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(
    "answer", [EMPTY.but(delay=30), Answer(body=b"{" * 500, drip=0.02)], ids=["hangs", "drips"]
)
def test_a_slow_token_endpoint_gets_its_budget_and_no_more(
    guest: Guest, other: OtherSpotify, answer: Answer
) -> None:
    other.script(TOKEN, answer)
    state = guest.leave()
    began = time.monotonic()
    assert guest.come_back(state).status_code == 502
    assert time.monotonic() - began < 8


@pytest.mark.slow
def test_the_worst_case_from_the_callback_to_the_page_is_under_twelve_seconds(
    guest: Guest, other: OtherSpotify, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every server takes all the time it is given. This one takes real seconds."""
    monkeypatch.setattr("app.web.auth.SPOTIFY_SECONDS", SPOTIFY_SECONDS)
    monkeypatch.setattr("app.web.audio_features.FEATURES_SECONDS", FEATURES_SECONDS)
    other.script(TOKEN, lambda asked: other.grant(asked).but(delay=EXCHANGE_SECONDS - 0.5))
    other.script(ARTISTS, lambda asked: other.rank_artists(asked).but(delay=SPOTIFY_SECONDS - 0.5))
    for path in (FEATURES, RECCOBEATS):
        other.script(path, EMPTY.but(delay=30))
    state = guest.leave()
    began = time.monotonic()
    assert guest.come_back(state).status_code == 302
    assert guest.get("/your-music").status_code == 200
    assert time.monotonic() - began < 12


def test_nobody_listening_at_all_is_no_answer(ana: Guest, other: OtherSpotify) -> None:
    other.__exit__()
    assert ana.get("/your-music").status_code == 502
