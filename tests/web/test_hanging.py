"""A Spotify that hangs: few wait for it, others are answered at once, and after a while nobody asks it."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Semaphore

import pytest
import time_machine
from flask import Flask

from tests.web.conftest import Guest
from tests.web.other_spotify import (
    ARTISTS,
    EMPTY,
    FEATURES,
    ME,
    PLAYER,
    RECCOBEATS,
    TOKEN,
    TRACKS,
    Answer,
    OtherSpotify,
    ReceivedRequest,
)

WEB_API = (ME, ARTISTS, TRACKS)
HANGS = EMPTY.but(delay=30)
PATIENCE = 10.0


def hang(other: OtherSpotify, *paths: str) -> None:
    for path in paths:
        other.script(path, HANGS)


def mend(other: OtherSpotify, *paths: str) -> None:
    for path in paths:
        other.mend(path)


def until_nobody_asks(refused: Callable[[], bool]) -> None:
    """Tries until it is refused: a page of three calls may be given up before all three have timed out."""
    assert any(refused() for _ in range(10))


@pytest.fixture
def worn_out(ana: Guest, other: OtherSpotify, short: None) -> Guest:  # noqa: ARG001
    """Ana, who has no report yet and came so often that nobody asks any more."""
    hang(other, *WEB_API)
    assert ana.get("/your-music").status_code == 502
    until_nobody_asks(lambda: ana.get("/your-music").status_code == 503)
    return ana


def test_after_five_timeouts_the_page_says_when_spotify_is_asked_again(
    worn_out: Guest, other: OtherSpotify
) -> None:
    asked = other.count(*WEB_API)
    page = worn_out.get("/your-music")

    assert page.status_code == 503
    assert "<h1>Spotify is not answering</h1>" in page.text
    assert re.search(r'We ask it again at <time datetime="[^"]+">\d\d:\d\d', page.text)
    assert 1 <= int(page.headers["Retry-After"]) <= 30
    error = worn_out.get("/your-music.json").get_json()["error"]
    assert error["message"] == "Spotify is not answering"
    assert error["resume_at"].endswith("Z")
    assert other.count(*WEB_API) == asked


def test_after_the_cooldown_all_is_well_again(worn_out: Guest, other: OtherSpotify) -> None:
    mend(other, *WEB_API)
    with time_machine.travel(time.time() + 100):
        # The first page makes the one call that tries, and waits for the other two.
        assert any(worn_out.get("/your-music").status_code == 200 for _ in range(5))


def test_during_the_cooldown_the_last_known_report_says_when_spotify_is_asked_again(
    ana: Guest,
    other: OtherSpotify,
    short: None,  # noqa: ARG001
) -> None:
    ana.get("/your-music")
    hang(other, *WEB_API)
    ana.post("/your-music/refresh")

    def stale() -> dict[str, str]:
        found: dict[str, str] = ana.get("/your-music.json").get_json()["stale"]
        return found

    until_nobody_asks(lambda: stale()["resume_at"] is not None)
    asked = other.count(*WEB_API)
    assert stale()["reason"] == "Spotify is not answering right now."
    assert other.count(*WEB_API) == asked


def test_a_login_meets_the_same_page_and_may_begin_again(
    guest: Guest,
    other: OtherSpotify,
    short: None,  # noqa: ARG001
) -> None:
    hang(other, TOKEN)
    until_nobody_asks(lambda: guest.enter().status_code == 503)
    asked = other.count(TOKEN)
    page = guest.enter()

    assert page.status_code == 503
    assert "We ask it again at" in page.text
    assert '<a class="btn btn-primary" href="/">Try again</a>' in page.text
    assert other.count(TOKEN) == asked
    mend(other, TOKEN)
    with time_machine.travel(time.time() + 31):
        assert guest.enter().headers["Location"] == "/your-music"


def test_a_command_that_was_not_sent_is_told_as_such_and_may_be_given_again(
    guest: Guest,
    other: OtherSpotify,
    short: None,  # noqa: ARG001
) -> None:
    other.scope = "user-top-read user-read-playback-state user-modify-playback-state"
    guest.enter()
    hang(other, *WEB_API)
    until_nobody_asks(lambda: guest.get("/your-music").status_code == 503)

    def command() -> str:
        guest.get("/privacy")
        token = re.search(r'name="csrf_token" value="([^"]+)"', guest.page)
        assert token is not None
        form = {"csrf_token": token.group(1)}
        answer = guest.client.post(
            "/player/next", data=form, base_url=guest.home, headers={"X-Requested-With": "fetch"}
        )
        return str(answer.get_json()["said"])

    assert command() == "not-asked"
    assert other.count(f"{PLAYER}/next") == 0
    with time_machine.travel(time.time() + 31):
        assert command() == "next"
        assert other.count(f"{PLAYER}/next") == 1


class Held:
    """Answers that wait until the test lets them go. `came`: released once for each request."""

    def __init__(self) -> None:
        self.came, self.proceed = Semaphore(0), Event()

    def answer(self, then: Callable[[ReceivedRequest], Answer]) -> Callable[[ReceivedRequest], Answer]:
        def wait(asked: ReceivedRequest) -> Answer:
            self.came.release()
            self.proceed.wait(PATIENCE)
            return then(asked)

        return wait


@pytest.fixture
def held() -> Iterator[Held]:
    held = Held()
    yield held
    held.proceed.set()


@pytest.mark.usefixtures("short")
def test_while_a_quarter_waits_for_a_slow_spotify_the_next_are_answered_at_once(
    elsewhere: Flask, other: OtherSpotify, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    guests = [Guest(elsewhere) for _ in range(4)]
    for number, guest in enumerate(guests):
        guest.enter(f"guest{number}")
    for guest in guests[:3]:
        guest.get("/your-music")
    hang(other, ME)
    assert guests[3].get("/your-music").status_code == 502  # Spotify counts as slow now
    monkeypatch.setattr("app.web.auth.SPOTIFY_SECONDS", PATIENCE)
    mend(other, ME)
    other.script(TRACKS, held.answer(other.rank_tracks))

    def reload(guest: Guest) -> bool:
        guest.post("/your-music/refresh")
        return "stale" in guest.get("/your-music.json").get_json()

    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(reload, guest) for guest in guests[:2]]
        for _ in waiting:
            assert held.came.acquire(timeout=PATIENCE)
        asked = other.count(TRACKS)
        assert reload(guests[2])
        assert guests[3].get("/your-music").status_code == 503
        assert "Spotify is not answering" in guests[3].page
        assert other.count(TRACKS) == asked
        assert not any(future.done() for future in waiting)
        held.proceed.set()
        assert [future.result(PATIENCE) for future in waiting] == [False, False]


@pytest.mark.usefixtures("short")
def test_a_reccobeats_that_hangs_costs_nothing_but_the_mood(elsewhere: Flask, other: OtherSpotify) -> None:
    hang(other, FEATURES, RECCOBEATS)
    for number in range(7):
        guest = Guest(elsewhere)
        guest.enter(f"guest{number}")
        report = guest.get("/your-music.json").get_json()
        assert "stale" not in report
        assert len(report["top_tracks"]) == 50
        assert report["mood"]["coverage"] == {"known": 0, "total": 50}
        guest.get("/your-music")
        guest.post("/your-music/refresh")  # forgets that ReccoBeats was too slow


def test_a_slow_spotify_keeps_nobody_from_the_first_page(
    ana: Guest, other: OtherSpotify, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.now.routes.PATIENCE", 0.05)
    other.script(TRACKS, held.answer(other.rank_tracks))
    page = ana.get("/your-music?time_range=short_term")
    assert page.status_code == 200
    assert '<h2 id="asking-title">Spotify is being asked</h2>' in page.text
    again = "/your-music?time_range=short_term&amp;wait=1"
    assert f'data-look-again="{again}"' in page.text
    assert f'<noscript><meta http-equiv="refresh" content="0; url={again}"></noscript>' in page.text

    held.proceed.set()
    filled = ana.get("/your-music?time_range=short_term&wait=1").text
    assert "Spotify is being asked" not in filled
    assert "data-look-again" not in filled
    assert 'id="tracks-title"' in filled
    assert other.count(TRACKS) == 1  # what was on its way was waited for
