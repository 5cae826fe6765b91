"""Audio features from servers that are not ours: what they say is used, what they fail at costs coverage."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine

import app.audio_features.chain
import app.web.audio_features
from tests.waiting import until
from tests.web.conftest import Guest
from tests.web.other_spotify import (
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
    ReceivedRequest,
    page_of,
    refused,
    row,
    said,
    track,
)

T = [track(n)["id"] for n in range(60)]


def mood_of(guest: Guest) -> Any:
    """The mood of the report, after a look at the page."""
    page = guest.get("/your-music")
    assert page.status_code == 200, page.text
    report = guest.get("/your-music.json").json
    assert report is not None
    assert "stale" not in report
    return report["mood"]


def known(mood: Any) -> tuple[int, int]:
    return mood["coverage"]["known"], mood["coverage"]["total"]


def opened(asked: ReceivedRequest, **changed: object) -> Answer:
    """Spotify's audio features, open, in the order asked for."""
    return said(
        {"audio_features": [{"id": one, "valence": 0.25} | changed for one in asked.query["ids"].split(",")]}
    )


@pytest.mark.parametrize(
    "closed",
    [
        refused(403),
        refused(403, "Forbidden"),
        Answer(status=403),
        Answer(status=403, body=b"Forbidden", headers=(("Content-Type", "text/plain"),)),
        HTML.but(status=403),
        said({"error": None}, 403),
        said([], 403),
    ],
)
def test_closed_features_are_asked_for_once_a_day(ana: Guest, other: OtherSpotify, closed: Answer) -> None:
    other.script(FEATURES, closed)
    assert mood_of(ana)["sources"] == {"spotify": 0, "reccobeats": 50}
    other.script(TRACKS, page_of(*map(track, range(50, 60))))
    ana.get("/your-music?time_range=short_term")
    assert other.count(FEATURES) == 1
    with time_machine.travel(time.time() + timedelta(days=1, minutes=1).total_seconds()):
        other.script(FEATURES, opened)
        other.script(TRACKS, page_of(track(99)))
        ana.get("/your-music?time_range=long_term")
    assert other.count(FEATURES) == 2


def test_open_features_come_from_spotify_in_one_call(ana: Guest, other: OtherSpotify) -> None:
    other.script(FEATURES, opened)
    mood = mood_of(ana)
    assert mood["sources"] == {"spotify": 50, "reccobeats": 0}
    assert mood["valence"] == {"mean": 0.25, "median": 0.25}
    assert (other.count(FEATURES), other.count(RECCOBEATS)) == (1, 0)


def test_rows_in_another_order_are_matched_by_id(ana: Guest, other: OtherSpotify) -> None:
    other.script(TRACKS, page_of(track(0), track(1)))
    rows = [{"id": T[1], "key": 5, "mode": 0}, None, {"id": T[0], "key": 2, "mode": 1}]
    other.script(FEATURES, said({"audio_features": rows}))
    assert mood_of(ana)["key"] == {"key": 2, "mode": 1, "name": "D major", "count": 1}


def test_what_spotify_does_not_know_is_asked_of_reccobeats(ana: Guest, other: OtherSpotify) -> None:
    other.script(
        FEATURES,
        lambda asked: said(
            {"audio_features": [{"id": T[0], "energy": 1}] + [None] * (asked.query["ids"].count(","))}
        ),
    )
    assert mood_of(ana)["sources"] == {"spotify": 1, "reccobeats": 49}
    assert {
        one for asked in other.asked if asked.path == RECCOBEATS for one in asked.query["ids"].split(",")
    } == set(T[1:50])


@pytest.mark.parametrize(
    "value",
    [None, "0.5", "high", -0.1, 1.1, 10**400, float("nan"), float("inf"), True, [], {}],
)
def test_a_value_that_is_no_measure_is_unknown(ana: Guest, other: OtherSpotify, value: object) -> None:
    rows = [
        row(T[0], valence=value, key=value, energy=0.25),
        row(T[1], valence=0.75, key=3, mode=1, energy=0.75),
    ]
    other.script(TRACKS, page_of(track(0), track(1)))
    other.script(RECCOBEATS, said({"content": rows}))
    mood = mood_of(ana)
    assert mood["valence"] == {"mean": 0.75, "median": 0.75}
    assert mood["energy"] == {"mean": 0.5, "median": 0.5}
    assert mood["key"] == {"key": 3, "mode": 1, "name": "D♯ major", "count": 1}
    assert known(mood) == (2, 2)


def test_a_row_that_says_nothing_is_not_coverage(ana: Guest, other: OtherSpotify) -> None:
    nothing = {name: None for name in row(T[0]) if name not in ("id", "href")}
    other.script(TRACKS, page_of(track(0), track(1)))
    other.script(RECCOBEATS, said({"content": [row(T[0], **nothing), row(T[1])]}))
    assert known(mood_of(ana)) == (1, 2)


@pytest.mark.parametrize(
    "href",
    [
        "https://open.spotify.com/track/{id}/",
        "https://open.spotify.com/track/{id}?si=1234",
        "https://open.spotify.com/intl-de/track/{id}#top",
        "http://open.spotify.com/track/{id}/?si=12#34",
    ],
)
def test_reccobeats_rows_are_matched_by_the_end_of_their_address(
    ana: Guest, other: OtherSpotify, href: str
) -> None:
    other.script(TRACKS, page_of(track(0)))
    other.script(RECCOBEATS, said({"content": [row(T[0], href=href.format(id=T[0]))]}))
    assert known(mood_of(ana)) == (1, 1)


@pytest.mark.parametrize(
    "href", [None, "", 7, "https://[broken", "https://open.spotify.com/", f"https://x/{T[7]}"]
)
def test_reccobeats_rows_about_nothing_we_asked_are_dropped(
    ana: Guest, other: OtherSpotify, href: object
) -> None:
    other.script(TRACKS, page_of(track(0)))
    other.script(RECCOBEATS, said({"content": [None, "stray", row(T[0], href=href)]}))
    assert known(mood_of(ana)) == (0, 1)


def test_reccobeats_rows_said_twice_count_once(ana: Guest, other: OtherSpotify) -> None:
    other.script(TRACKS, page_of(track(0)))
    other.script(RECCOBEATS, said({"content": [row(T[0]), row(T[0], valence=0.5)]}))
    assert known(mood_of(ana)) == (1, 1)


def test_reccobeats_is_asked_forty_at_a_time_with_a_user_agent_and_no_token(
    ana: Guest, other: OtherSpotify
) -> None:
    mood_of(ana)
    asked = [call for call in other.asked if call.path == RECCOBEATS]
    assert sorted(len(call.query["ids"].split(",")) for call in asked) == [10, 40]
    assert all(call.headers["User-Agent"].startswith("LinerNotes/") for call in asked)
    assert not any("Authorization" in call.headers for call in asked)


def test_what_nobody_knows_is_asked_again_after_a_week(ana: Guest, other: OtherSpotify) -> None:
    other.script(RECCOBEATS, said({"content": []}))
    assert known(mood_of(ana)) == (0, 50)
    asked = other.count(RECCOBEATS)
    assert known(mood_of(ana)) == (0, 50)
    assert other.count(RECCOBEATS) == asked
    other.mend(RECCOBEATS)
    with time_machine.travel(time.time() + timedelta(days=7, minutes=1).total_seconds()):
        assert known(mood_of(ana)) == (50, 50)


def test_what_was_found_is_kept_for_good(ana: Guest, other: OtherSpotify) -> None:
    mood_of(ana)
    other.script(RECCOBEATS, RESET)
    asked = other.count(RECCOBEATS)
    with time_machine.travel(time.time() + timedelta(days=29).total_seconds()):
        assert known(mood_of(ana)) == (50, 50)
    assert other.count(RECCOBEATS) == asked


@pytest.mark.parametrize(
    "bad",
    [
        HTML,
        BROKEN,
        EMPTY,
        RESET,
        HTML.but(status=500),
        Answer(status=302, headers=(("Location", "/"),)),
        said({"content": None}),
        said([]),
        said({"content": [row(T[0])] * 2}).but(cut=True),
        refused(401),
        refused(404),
    ],
)
def test_a_broken_provider_costs_coverage_and_the_next_visit_has_it(
    ana: Guest, other: OtherSpotify, bad: Answer
) -> None:
    other.script(RECCOBEATS, bad)
    assert known(mood_of(ana)) == (0, 50)
    other.mend(RECCOBEATS)
    assert known(mood_of(ana)) == (50, 50)


def test_a_provider_that_asks_for_patience_gets_it(ana: Guest, other: OtherSpotify) -> None:
    other.script(TRACKS, page_of(track(0)))
    other.script(RECCOBEATS, refused(429, "slow down", Retry_After="600"))
    assert known(mood_of(ana)) == (0, 1)
    assert other.count(RECCOBEATS) == 1
    other.mend(RECCOBEATS)
    with time_machine.travel(time.time() + 590):
        assert known(mood_of(ana)) == (0, 1)
    with time_machine.travel(time.time() + 601):
        assert known(mood_of(ana)) == (1, 1)


def test_a_slow_provider_holds_the_page_no_longer_than_its_budget_and_helps_the_next_visit(
    ana: Guest, other: OtherSpotify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.web.audio_features, "FEATURES_SECONDS", 0.2)
    other.script(TRACKS, page_of(track(0)))
    other.script(RECCOBEATS, lambda asked: other.know_sound(asked).but(delay=2))
    assert ana.get("/your-music").status_code == 200
    assert known(mood_of(ana)) == (0, 1)  # at once: it is left alone for a while
    assert other.count(RECCOBEATS) == 1
    until(lambda: known(mood_of(ana)) == (1, 1))
    assert other.count(RECCOBEATS) == 1


def test_a_slow_spotify_does_not_take_reccobeats_with_it(
    ana: Guest, other: OtherSpotify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.web.audio_features, "FEATURES_SECONDS", 0.2)
    other.script(FEATURES, lambda asked: opened(asked).but(delay=30))
    began = time.monotonic()
    assert ana.get("/your-music").status_code == 200
    assert time.monotonic() - began < 15
    assert known(mood_of(ana)) == (50, 50)


def test_a_provider_that_drips_is_cut_off(
    ana: Guest, other: OtherSpotify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.web.audio_features, "FEATURES_SECONDS", 0.2)
    monkeypatch.setattr(app.audio_features.chain, "LATE_SECONDS", 0.3)
    other.script(TRACKS, page_of(track(0)))
    other.script(RECCOBEATS, lambda asked: other.know_sound(asked).but(drip=0.05))
    began = time.monotonic()
    assert ana.get("/your-music").status_code == 200
    assert time.monotonic() - began < 15


def test_refresh_asks_a_provider_that_was_too_slow_again(
    ana: Guest, other: OtherSpotify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.web.audio_features, "FEATURES_SECONDS", 0.2)
    monkeypatch.setattr(app.audio_features.chain, "LATE_SECONDS", 0.3)
    other.script(TRACKS, page_of(track(0)))
    other.script(RECCOBEATS, EMPTY.but(delay=30))
    assert ana.get("/your-music").status_code == 200
    other.mend(RECCOBEATS)
    assert known(mood_of(ana)) == (0, 1)
    assert ana.post("/your-music/refresh").status_code == 303
    assert known(mood_of(ana)) == (1, 1)


def test_features_that_refuse_the_token_do_not_end_the_login(ana: Guest, other: OtherSpotify) -> None:
    other.script(FEATURES, refused(401, "The access token expired"))
    assert known(mood_of(ana)) == (50, 50)
    assert ana.get("/your-music").status_code == 200
    assert other.count(ME) == 1
    assert other.count(TOKEN) == 2


def test_features_rate_limited_leave_the_page_whole(ana: Guest, other: OtherSpotify) -> None:
    other.script(FEATURES, refused(429, "slow down", Retry_After="100"))
    assert mood_of(ana)["sources"] == {"spotify": 0, "reccobeats": 50}
    assert other.count(FEATURES) == 1


def test_nan_in_an_answer_never_reaches_the_report(ana: Guest, other: OtherSpotify) -> None:
    other.script(TRACKS, page_of(track(0)))
    other.script(RECCOBEATS, said({"content": [row(T[0], valence=float("nan"), energy=float("-inf"))]}))
    ana.get("/your-music")
    text = ana.get("/your-music.json").text
    assert "NaN" not in text
    assert json.loads(text)["mood"]["energy"] == {"mean": None, "median": None}
