"""The player of a Spotify that is not ours: hostile answers, slow ones, and a sentence for each trouble."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from werkzeug.test import TestResponse

from app.spotify.playback import SENTENCES, PlayerError
from tests.conftest import HOME
from tests.web.conftest import Guest
from tests.web.other_spotify import (
    BROKEN,
    DEVICES,
    EMPTY,
    HTML,
    PLAYER,
    RESET,
    TOKEN,
    Answer,
    OtherSpotify,
    device,
    playing,
    refused,
    said,
    track,
)

ALL = "user-top-read user-library-read user-read-playback-state user-modify-playback-state"
TRACK = track(3)["id"]
NOTHING = Answer(204)


@pytest.fixture
def ana(guest: Guest, other: OtherSpotify) -> Guest:
    """Ana, who has granted playing."""
    other.scope = ALL
    guest.enter("ana")
    guest.get("/privacy")
    return guest


def press(who: Guest, command: str, **form: str) -> TestResponse:
    """Presses a button, without JavaScript."""
    return who.post(f"/player/{command}", follow=False, next="/privacy", **form)


def ask(who: Guest, command: str, **form: str) -> dict[str, Any]:
    """The same by a script."""
    token = who.page.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = who.client.post(
        f"/player/{command}",
        data={"csrf_token": token} | form,
        base_url=HOME,
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json or {}
    return told


def code_of(answer: TestResponse) -> str:
    """The trouble that an answer leads to."""
    assert answer.status_code == 303, answer.text
    parts = urlsplit(answer.headers["Location"])
    assert parts.path == "/player"
    return parse_qs(parts.query)["said"][0]


def player_error(status: int, message: str, reason: str = "") -> Answer:
    error = {"status": status, "message": message} | ({"reason": reason} if reason else {})
    return said({"error": error}, status)


# --- a sentence for each trouble ---

TROUBLES = [
    (
        "play",
        player_error(404, "Player command failed: No active device found", "NO_ACTIVE_DEVICE"),
        "no-device",
    ),
    ("play", player_error(404, "Player command failed: No active device found"), "no-device"),
    ("pause", Answer(404, b"no active device"), "no-device"),
    ("next", Answer(404), "no-device"),
    ("transfer", player_error(404, "Device not found"), "device-gone"),
    ("transfer", Answer(404), "device-gone"),
    ("play", player_error(403, "Player command failed: Premium required", "PREMIUM_REQUIRED"), "premium"),
    ("volume", player_error(403, "Cannot control device volume", "VOLUME_CONTROL_DISALLOW"), "no-volume"),
    ("pause", player_error(403, "Player command failed: Restriction violated", "UNKNOWN"), "already-paused"),
    ("resume", player_error(403, "Player command failed: Restriction violated"), "already-playing"),
    ("next", player_error(403, "Player command failed: Restriction violated"), "nothing-next"),
    ("previous", player_error(403, "Player command failed: Restriction violated"), "nothing-before"),
    ("seek", player_error(403, "Player command failed: Restriction violated"), "no-seeking"),
    ("play", player_error(403, "Player command failed: Restriction violated"), "not-now"),
    ("play", player_error(403, "Player command failed: Restricted device"), "device-deaf"),
    ("play", player_error(404, "Non existing id"), "not-there"),
    ("play", player_error(400, "Invalid track uri: spotify:track:x"), "not-there"),
    ("play", refused(403, "Insufficient client scope"), "not-allowed"),
    ("play", Answer(403, b"Active premium subscription required for the owner of the app."), "owner-premium"),
    ("play", refused(403, "the user may not be registered."), "not-listed"),
    ("play", refused(401), "login-refused"),
    ("play", refused(403), "refused"),
    ("seek", refused(400, "Invalid position"), "refused"),
    ("play", refused(500), "no-answer"),
    ("play", refused(502), "no-answer"),
    ("play", RESET, "no-answer"),
    ("play", Answer(302, headers=(("Location", "https://elsewhere.example"),)), "unreadable"),
]
FORMS = {
    "play": {"track_id": TRACK},
    "transfer": {"device_id": "kitchen"},
    "seek": {"position_ms": "5"},
    "volume": {"volume_percent": "5"},
}


@pytest.mark.parametrize(("command", "answer", "code"), TROUBLES)
def test_a_trouble_is_a_sentence(
    ana: Guest, other: OtherSpotify, command: str, answer: Answer, code: str
) -> None:
    path = PLAYER if command == "transfer" else f"{PLAYER}/{'play' if command == 'resume' else command}"
    form, command = FORMS.get(command, {}), "play" if command == "resume" else command
    other.script(path, lambda asked: answer if asked.method != "GET" else said(playing()))
    sentence = SENTENCES[PlayerError(code)]

    told = ask(ana, command, **form)

    assert (told["said"], told["sentence"], told["ok"]) == (code, sentence, False)
    if code == "no-answer":
        return  # a second click in the same second is not sent again: it may have been done
    back = press(ana, command, **form)
    assert code_of(back) == code
    page = ana.get(back.headers["Location"])
    assert page.status_code == 200
    assert sentence in unescape(page.text)
    assert 'href="/privacy"' in page.text


def test_every_sentence_of_a_command_is_covered() -> None:
    told = {code for _, _, code in TROUBLES}
    assert set(PlayerError) - told == {
        PlayerError.WAIT,
        PlayerError.LOGIN_ENDED,
        PlayerError.APP_REFUSED,
        PlayerError.NOT_ASKED,
    }


def test_writes_are_never_repeated(ana: Guest, other: OtherSpotify) -> None:
    other.script(f"{PLAYER}/next", refused(503))
    assert ask(ana, "next")["said"] == ask(ana, "next")["said"] == "no-answer"
    assert other.count(f"{PLAYER}/next") == 1


def test_a_refused_click_may_be_repeated_at_once(ana: Guest, other: OtherSpotify) -> None:
    other.script(f"{PLAYER}/next", player_error(404, "No active device"), NOTHING)
    assert ask(ana, "next")["said"] == "no-device"
    assert ask(ana, "next")["said"] == "next"


def test_any_success_will_do(ana: Guest, other: OtherSpotify) -> None:
    for number, answer in enumerate((NOTHING, EMPTY, HTML, BROKEN, Answer(202, b"queued"))):
        other.script(f"{PLAYER}/seek", answer)
        assert ask(ana, "seek", position_ms=str(number))["ok"] is True


def test_a_rate_limit_says_until_when_on_the_readers_clock(ana: Guest, other: OtherSpotify) -> None:
    ana.client.set_cookie("tz", "Europe/Paris", domain="127.0.0.1")
    with time_machine.travel(datetime(2026, 11, 20, 12, tzinfo=UTC), tick=False):
        other.script(f"{PLAYER}/next", refused(429, Retry_After="300"))
        told = ask(ana, "next")
        assert told == {
            "said": "wait",
            "sentence": "Spotify asks us to wait until 13:05.",
            "ok": False,
            "resume_at": "2026-11-20T12:05:00Z",
            "wait": 300,
        }
        skips = other.count(f"{PLAYER}/next")
        page = ana.get(press(ana, "next").headers["Location"]).text
        assert "Spotify asks us to wait a while. Nothing was changed." in page
        # What plays is another question, which is still asked.
        assert 'data-wait="15"' in ana.client.get("/player/now", base_url=HOME).text
        assert ana.get("/player.json").status_code == 200
        assert other.count(f"{PLAYER}/next") == skips


def test_a_login_that_has_ended_leads_to_the_start_and_back(ana: Guest, other: OtherSpotify) -> None:
    other.script(TOKEN, said({"error": "invalid_grant"}, 400))
    other.script(f"{PLAYER}/pause", refused(401))
    back = press(ana, "pause")
    assert (back.status_code, back.headers["Location"]) == (303, "/?note=login-ended&next=/privacy")
    assert ana.get("/player.json").status_code == 401


def test_a_script_is_told_that_the_login_has_ended(ana: Guest, other: OtherSpotify) -> None:
    other.script(TOKEN, said({"error": "invalid_grant"}, 400))
    other.script(f"{PLAYER}/pause", refused(401))
    told = ask(ana, "pause", next="/mood")
    assert (told["said"], told["location"]) == ("login-ended", "/?note=login-ended&next=/mood")


def test_an_app_that_is_not_recognised_is_a_sentence(ana: Guest, other: OtherSpotify) -> None:
    other.script(TOKEN, said({"error": "invalid_client"}, 401))
    other.script(f"{PLAYER}/pause", refused(401))
    assert ask(ana, "pause")["sentence"] == SENTENCES[PlayerError.APP_REFUSED]


# --- the consent ---


def test_fewer_scopes_than_asked_are_a_sentence_and_no_loop(guest: Guest, other: OtherSpotify) -> None:
    guest.enter("ana")
    guest.get("/privacy")
    asked = press(guest, "play", track_id=TRACK)
    query = parse_qs(urlsplit(asked.headers["Location"]).query)
    assert query["scope"] == [ALL]
    other.scope = "user-top-read user-read-playback-state"

    back = guest.come_back(query["state"][0])
    there = guest.get(back.headers["Location"])

    assert code_of(there) == "not-allowed"
    page = guest.get(there.headers["Location"])
    assert "did not give the permission" in page.text
    assert other.count(f"{PLAYER}/play") == 0


def test_the_very_first_page_may_ask_who_it_is(guest: Guest, other: OtherSpotify) -> None:
    guest.enter("ana")
    guest.get("/privacy")
    asked = press(guest, "play", track_id=TRACK)
    other.scope = ALL
    back = guest.come_back(parse_qs(urlsplit(asked.headers["Location"]).query)["state"][0], "ben")
    assert code_of(guest.get(back.headers["Location"])) == "other"
    assert other.count(f"{PLAYER}/play") == 0


def test_who_cannot_be_told_apart_is_not_sent_away(guest: Guest, other: OtherSpotify) -> None:
    guest.enter("ana")
    guest.get("/privacy")
    other.script("/v1/me", BROKEN)
    assert code_of(press(guest, "play", track_id=TRACK)) == "unreadable"


# --- hostile answers to what is asked ---

ODD = [
    (NOTHING, "Nothing is playing."),
    (said(playing(item=None)), "Something is playing that Spotify does not name."),
    (said(playing(item=None, is_playing=False)), "Nothing is playing."),
    (said(playing(item=None, currently_playing_type="ad")), "An advertisement."),
    (said(playing(device=None)), "Track 3"),
    (said(playing(device={"is_private_session": True, "id": None, "name": None})), "A device without a name"),
    (
        said(
            playing(item={"name": "An episode", "show": {"name": "A show"}}, currently_playing_type="episode")
        ),
        "A show",
    ),
    (said(playing(item={"id": TRACK, "name": "A chapter", "audiobook": {"name": "A book"}})), "A book"),
    (said(playing(item=track(3, id=None, is_local=True, name="Tape"))), "Tape"),
    (said(playing(item=track(3, name="<script>alert(1)</script>"))), "&lt;script&gt;"),
    (said(playing(item=track(3, name="", artists=[], album={}))), "Unknown title"),
    (said(playing(item=track(3, duration_ms="long"), progress_ms=-5)), "Track 3"),
    (said(playing(item=track(3, duration_ms=0))), "Track 3"),
    (said(playing(progress_ms=10**12)), "Track 3"),
    (said(playing(item=track(3, external_urls={"spotify": "javascript:x"}))), "Track 3"),
    (said(playing(is_playing="yes", actions=[], device=device(volume_percent="loud"))), "Track 3"),
    (said(playing(item=[1])), "Something is playing that Spotify does not name."),
    (said({}), "Nothing is playing."),
    (said([]), SENTENCES[PlayerError.UNREADABLE]),
    (BROKEN, SENTENCES[PlayerError.UNREADABLE]),
    (HTML, SENTENCES[PlayerError.UNREADABLE]),
    (EMPTY, SENTENCES[PlayerError.UNREADABLE]),
    (refused(503), "Spotify is not answering."),
    (RESET, "Spotify is not answering."),
    (refused(403, "Insufficient client scope"), "You have not let this site see what is playing."),
]


@pytest.mark.parametrize(("answer", "words"), ODD)
def test_whatever_it_answers_there_is_a_page_and_a_fragment(
    ana: Guest, other: OtherSpotify, answer: Answer, words: str
) -> None:
    other.script(PLAYER, answer)
    page = ana.get("/player")
    assert page.status_code == 200
    assert words in unescape(page.text) or words in page.text
    for whole in ("", "?whole=1"):
        fragment = ana.client.get(f"/player/now{whole}", base_url=HOME)
        assert fragment.status_code == 200
        assert words in unescape(fragment.text) or words in fragment.text
        assert "javascript:" not in fragment.text
    assert ana.get("/player.json").status_code in (200, 403, 502)


def test_devices_of_every_sort_are_listed(ana: Guest, other: OtherSpotify) -> None:
    odd = [
        device(),
        device(id=None, name="Radio", is_active=False),
        device(id="tv0", name="Hotel <TV>", type="TV", is_restricted=True, is_active=False),
        device(id="caf\u00e9", name="Oven", is_active=False),
        device(id="speaker0", name=None, type="Speaker", is_active=False),
        None,
        "x",
    ]
    other.script(DEVICES, said({"devices": odd}))
    page = ana.get("/player").text
    for words in (
        "Radio",
        "Hotel &lt;TV&gt;",
        "cannot be chosen",
        "takes no commands",
        "A speaker without a name",
    ):
        assert words in page
    assert page.count('name="device_id"') == page.count('name="device_id" value="speaker0"') == 1


def test_a_list_of_devices_that_fails_is_a_sentence(ana: Guest, other: OtherSpotify) -> None:
    other.script(DEVICES, refused(500))
    page = ana.get("/player").text
    assert "Spotify is not answering." in page
    assert "Spotify sees no device" not in page


def test_a_slow_player_is_not_waited_for(
    ana: Guest, other: OtherSpotify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.auth.SPOTIFY_SECONDS", 0.3)
    slow = said(playing()).but(drip=0.2)
    other.script(PLAYER, slow)
    other.script(f"{PLAYER}/next", NOTHING.but(delay=30))
    began = time.monotonic()
    assert "Spotify is not answering." in ana.get("/player").text
    assert ask(ana, "next")["said"] == "no-answer"
    assert time.monotonic() - began < 15


def test_a_player_in_trouble_has_no_list_of_devices_to_mislead(ana: Guest, other: OtherSpotify) -> None:
    other.script(PLAYER, refused(500))
    assert "Spotify sees no device" not in ana.get("/player").text


def test_the_json_says_the_trouble_in_the_sites_way(ana: Guest, other: OtherSpotify) -> None:
    other.script(PLAYER, BROKEN)
    answer = ana.get("/player.json")
    assert answer.status_code == 502
    assert answer.json == {"error": {"status": 502, "message": "Spotify is not answering"}}


def test_without_permission_the_json_says_so(guest: Guest, other: OtherSpotify) -> None:
    guest.enter("ana")
    answer = guest.get("/player.json")
    assert answer.json == {"error": {"status": 403, "message": "Spotify needs your permission for this"}}
    assert other.count(PLAYER) == 0


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level("DEBUG"):
        yield caplog


def test_neither_tokens_nor_names_are_logged(
    ana: Guest, other: OtherSpotify, log: pytest.LogCaptureFixture
) -> None:
    other.script(PLAYER, said(playing(item=track(3, name="Secret song"))))
    ana.get("/player")
    ask(ana, "next")
    other.script(f"{PLAYER}/pause", refused(403))
    ask(ana, "pause")
    assert "access-ana" not in log.text
    assert "Secret song" not in log.text


def test_a_click_after_logging_out_elsewhere_does_nothing(ana: Guest, other: OtherSpotify) -> None:
    left_open = ana.page
    ana.post("/logout")
    ana.page = left_open
    assert ana.post("/player/next").status_code == 400
    assert other.count(f"{PLAYER}/next") == 0
