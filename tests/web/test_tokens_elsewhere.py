"""Tokens from a Spotify that is not ours: answers of odd shapes, renewals, and logins that end."""

import base64
import hashlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app.store.tables import session
from tests.conftest import HOME
from tests.web.conftest import OTHER_SECRET, Guest
from tests.web.other_spotify import (
    ARTISTS,
    BROKEN,
    EMPTY,
    FEATURES,
    HTML,
    ME,
    RESET,
    TOKEN,
    TRACKS,
    Answer,
    OtherSpotify,
    ReceivedRequest,
    refused,
    said,
)

HOUR, DAY = 3600.0, 86400.0


def granted(**changed: object) -> Answer:
    """A token answer with changes; `None` leaves a part out."""
    whole: dict[str, Any] = {
        "access_token": "access-ana-0",
        "token_type": "Bearer",
        "scope": "user-top-read",
        "expires_in": 3600,
        "refresh_token": "refresh-ana-0",
    }
    return said({name: value for name, value in (whole | changed).items() if value is not None})


def renewals(other: OtherSpotify) -> list[str]:
    """The refresh tokens that the site has used, in order."""
    return [call.form["refresh_token"] for call in list(other.asked) if "refresh_token" in call.form]


def bearers(other: OtherSpotify, path: str) -> list[str]:
    return [call.headers["Authorization"] for call in list(other.asked) if call.path == path]


def test_the_exchange_is_what_oauth_and_pkce_ask_for(guest: Guest, other: OtherSpotify) -> None:
    sent = guest.client.get("/login", base_url=HOME).headers["Location"]
    query = dict(part.split("=", 1) for part in sent.partition("?")[2].split("&"))
    assert guest.come_back(query["state"], "ana").status_code == 302
    asked = other.asked[0]
    assert (asked.method, asked.path) == ("POST", TOKEN)
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    pair = base64.b64encode(f"other-client:{OTHER_SECRET}".encode()).decode()
    assert asked.headers["Authorization"] == f"Basic {pair}"
    verifier = asked.form.pop("code_verifier")
    assert 43 <= len(verifier) <= 128
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    assert query["code_challenge"] == digest
    assert asked.form == {
        "grant_type": "authorization_code",
        "code": "ana",
        "redirect_uri": f"{HOME}/callback",
    }


@pytest.mark.parametrize(
    "answer",
    [
        granted(scope=None),
        granted(token_type=None),
        granted(expires_in=None),
        granted(expires_in="3600"),
        granted(expires_in="soon"),
        granted(expires_in=-1),
        granted(expires_in=1e308),
        granted(expires_in=float("nan")),
        granted(expires_in=[]),
        granted(refresh_token=None),
        granted(refresh_token=""),
        granted(refresh_token=7),
        granted(scope=7, surprise={"a": [1]}),
        granted().but(status=201),
        granted().but(chunked=True),
    ],
)
def test_a_token_answer_is_taken_for_what_it_says(guest: Guest, other: OtherSpotify, answer: Answer) -> None:
    other.script(TOKEN, answer)
    assert guest.enter().headers["Location"] == "/your-music"
    assert guest.get("/your-music").status_code == 200
    assert bearers(other, ME) == ["Bearer access-ana-0"]


@pytest.mark.parametrize(
    "answer",
    [
        HTML,
        BROKEN,
        EMPTY,
        RESET,
        Answer(status=204),
        said(None),
        said([]),
        said("surprise"),
        said({}),
        granted(access_token=""),
        granted(access_token=None),
        granted(access_token=42),
        granted(access_token="a\r\nX-Evil: 1"),
        granted(access_token="tökén"),
        granted().but(cut=True),
        granted().but(status=302),
        refused(500),
        refused(503),
        HTML.but(status=400),
        said({"error": "invalid_client"}, 400),
        said({"error": "invalid_client"}, 401),
        said({"error": {"message": "odd"}}, 400),
        said({"error": None}, 400),
        said("text", 400),
        refused(403, "Forbidden"),
        refused(404),
    ],
)
def test_no_token_is_a_page_in_plain_words_and_no_login(
    guest: Guest, other: OtherSpotify, answer: Answer
) -> None:
    other.script(TOKEN, answer)
    page = guest.enter()
    assert page.status_code in (403, 502, 503)
    assert other.count(TOKEN) == 1
    assert guest.get("/your-music.json").status_code == 401
    other.mend(TOKEN)
    assert guest.enter().headers["Location"] == "/your-music"


def test_a_code_that_is_not_accepted_is_a_link_that_is_no_longer_valid(
    guest: Guest, other: OtherSpotify
) -> None:
    other.script(TOKEN, said({"error": "invalid_grant", "error_description": "Invalid code"}, 400))
    page = guest.enter()
    assert page.status_code == 400
    assert "This login link is no longer valid" in page.text


def test_a_token_is_renewed_a_minute_before_it_expires(guest: Guest, other: OtherSpotify) -> None:
    with time_machine.travel(time.time(), tick=False) as traveller:
        guest.enter("ana")
        traveller.shift(HOUR - 61)
        guest.get("/your-music")
        assert renewals(other) == []
        traveller.shift(2)
        guest.get("/your-music?time_range=short_term")
    assert renewals(other) == ["refresh-ana-1"]
    assert bearers(other, TRACKS) == ["Bearer access-ana-1", "Bearer access-ana-2"]


def test_without_a_new_refresh_token_the_old_one_is_kept(ana: Guest, other: OtherSpotify) -> None:
    for hours in (2, 4, 6):
        with time_machine.travel(time.time() + hours * HOUR):
            assert ana.get("/your-music").status_code == 200
    assert renewals(other) == ["refresh-ana-1"] * 3


def test_a_new_refresh_token_takes_the_place_of_the_old_one(ana: Guest, other: OtherSpotify) -> None:
    other.rotates = True
    for hours in (2, 4, 6):
        with time_machine.travel(time.time() + hours * HOUR):
            assert ana.get("/your-music").status_code == 200
    assert renewals(other) == ["refresh-ana-1", "refresh-ana-2", "refresh-ana-3"]


def test_a_token_that_lives_a_second_is_renewed_once_a_visit(guest: Guest, other: OtherSpotify) -> None:
    other.expires_in = 1
    guest.enter()
    assert guest.get("/your-music").status_code == 200
    assert other.count(TOKEN) == 2
    assert guest.get("/your-music").status_code == 200
    assert other.count(TOKEN) == 2
    assert guest.get("/your-music?time_range=short_term").status_code == 200
    assert other.count(TOKEN) == 3


def only(good: str) -> Callable[[OtherSpotify, str], None]:
    """Makes an endpoint accept one token alone."""

    def guard(other: OtherSpotify, path: str) -> None:
        well = {ME: other.greet, ARTISTS: other.rank_artists, TRACKS: other.rank_tracks}[path]

        def answer(asked: ReceivedRequest) -> Answer:
            if asked.headers["Authorization"] == f"Bearer {good}":
                return well(asked)
            return refused(401, "The access token expired")

        other.script(path, answer)

    return guard


def test_a_401_renews_once_and_repeats_once(ana: Guest, other: OtherSpotify) -> None:
    for path in (ME, ARTISTS, TRACKS):
        only("access-ana-2")(other, path)
    assert ana.get("/your-music").status_code == 200
    assert renewals(other) == ["refresh-ana-1"]  # once for the three calls that were refused together
    assert bearers(other, ME) == ["Bearer access-ana-1", "Bearer access-ana-2"]
    assert ana.get("/your-music?time_range=long_term").status_code == 200
    assert renewals(other) == ["refresh-ana-1"]


def test_a_401_midway_is_mended_without_the_others(ana: Guest, other: OtherSpotify) -> None:
    only("access-ana-2")(other, TRACKS)
    report = ana.get("/your-music.json").get_json()
    assert report["top_tracks"][0]["name"] == "ana track 0"
    assert "stale" not in report


def test_a_token_that_is_never_accepted_asks_to_log_in_again(ana: Guest, other: OtherSpotify) -> None:
    other.script(ME, refused(401, "Invalid access token"))
    page = ana.get("/your-music")
    assert (page.status_code, "Please log in again" in page.text) == (401, True)
    assert other.count(ME) == 2
    assert len(renewals(other)) == 1


def test_requests_side_by_side_renew_once(ana: Guest, other: OtherSpotify, elsewhere: Flask) -> None:
    ana.get("/your-music")
    other.rotates = True
    other.script(TOKEN, lambda asked: other.grant(asked).but(delay=0.1))
    cookie = ana.client.get_cookie("liner_notes", domain="127.0.0.1")
    assert cookie is not None
    answers: list[int] = []

    def visit(time_range: str) -> None:
        client = elsewhere.test_client()
        client.set_cookie("liner_notes", cookie.value, domain="127.0.0.1")
        answers.append(client.get(f"/your-music?time_range={time_range}", base_url=HOME).status_code)

    with time_machine.travel(time.time() + 2 * HOUR):
        ranges = ["short_term", "medium_term", "long_term"] * 3
        threads = [threading.Thread(target=visit, args=(one,)) for one in ranges]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [200] * 9
    assert renewals(other) == ["refresh-ana-1"]
    with time_machine.travel(time.time() + 4 * HOUR):
        assert ana.get("/your-music").status_code == 200
    assert renewals(other) == ["refresh-ana-1", "refresh-ana-2"]


def test_invalid_grant_ends_the_session_with_a_friendly_word(ana: Guest, other: OtherSpotify) -> None:
    ana.get("/your-music")
    other.script(TOKEN, said({"error": "invalid_grant", "error_description": "revoked"}, 400))
    with time_machine.travel(time.time() + 2 * HOUR):
        landing = ana.get("/your-music?time_range=short_term", follow=True)
        assert "Please log in again" in landing.text
        assert 'next=/your-music?time_range%3Dshort_term"' in landing.text.replace("%2F", "/").replace(
            "%3F", "?"
        )
        assert len(renewals(other)) == 1
        assert ana.get("/your-music.json").status_code == 401
        assert len(renewals(other)) == 1
        other.mend(TOKEN)
        assert ana.enter().headers["Location"] == "/your-music"
        assert ana.get("/your-music").status_code == 200


def test_invalid_grant_on_a_json_address_is_401(ana: Guest, other: OtherSpotify) -> None:
    other.script(TOKEN, said({"error": "invalid_grant"}, 400))
    with time_machine.travel(time.time() + 2 * HOUR):
        answer = ana.get("/your-music.json")
    assert (answer.status_code, answer.get_json()["error"]["message"]) == (401, "Please log in again")


def test_a_login_without_a_refresh_token_ends_when_its_token_does(guest: Guest, other: OtherSpotify) -> None:
    other.script(TOKEN, granted(refresh_token=None))
    guest.enter()
    with time_machine.travel(time.time() + 2 * HOUR):
        assert guest.get("/your-music").headers["Location"] == "/?note=login-ended&next=/your-music"
    assert renewals(other) == []


@pytest.mark.parametrize("answer", [refused(500), RESET, HTML, EMPTY])
def test_a_renewal_that_fails_leaves_the_last_report_and_the_login(
    ana: Guest, other: OtherSpotify, answer: Answer
) -> None:
    ana.get("/your-music")
    other.script(TOKEN, answer)
    with time_machine.travel(time.time() + 2 * HOUR):
        assert "2 hours ago" in ana.get("/your-music").text
        assert len(renewals(other)) == 1  # for the three calls that needed it
        other.mend(TOKEN)
        assert "stale" not in ana.get("/your-music.json").get_json()


@pytest.mark.parametrize("status", [400, 401])
def test_an_app_that_spotify_no_longer_knows_is_told_and_not_hidden_by_the_last_report(
    ana: Guest, other: OtherSpotify, status: int
) -> None:
    """As when the owner has made a new secret in the dashboard."""
    ana.get("/your-music")
    other.script(TOKEN, said({"error": "invalid_client", "error_description": "Invalid secret"}, status))
    with time_machine.travel(time.time() + 2 * HOUR):
        page = ana.get("/your-music")
        answer = ana.get("/your-music.json")
        assert page.status_code == 502
        assert "Spotify does not recognise this app" in page.text
        assert "SPOTIFY_CLIENT_SECRET" in page.text
        assert answer.get_json() == {
            "error": {"status": 502, "message": "Spotify does not recognise this app"}
        }
        other.mend(TOKEN)
        assert "stale" not in ana.get("/your-music.json").get_json()


ECHO = "refresh-ana-1-" + "xX/" * 30


def echo(asked: ReceivedRequest) -> Answer:
    """A careless server: says what it was sent, over several lines."""
    heard = asked.headers.get("Authorization", "") + " " + " ".join(asked.form.values())
    return said({"error": {"status": 400, "message": f"bad:\r\n{heard}\n\x1b[31mFAKE LINE"}}, 403)


def test_a_server_that_echoes_secrets_puts_none_into_the_log(
    guest: Guest, other: OtherSpotify, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    other.script(TOKEN, granted(access_token="access-ana-9-" + "yy+Y" * 22, refresh_token=ECHO))
    guest.enter()
    for path in (ME, ARTISTS, TRACKS):
        other.script(path, echo)
    guest.get("/your-music")
    other.script(TOKEN, lambda asked: said({"error": "odd\r\n" + " ".join(asked.form.values())}, 400))
    with time_machine.travel(time.time() + 2 * HOUR):
        guest.get("/your-music")
    guest.enter("A-code-that-is-long-enough-to-be-one")
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("app.")]
    assert ours
    for secret in ("yy+Y", "xX/", "A-code-that-is-long", OTHER_SECRET):
        assert secret not in caplog.text
    assert not [line for line in ours if not line.isprintable()]


def test_a_token_that_is_echoed_about_audio_features_is_not_in_the_log_either(
    guest: Guest, other: OtherSpotify, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = "access-ana-9-" + "yy+Y" * 22
    other.script(TOKEN, granted(access_token=token))
    other.script(FEATURES, lambda asked: echo(asked).but(status=500))
    guest.enter()
    assert guest.get("/your-music").status_code == 200
    assert bearers(other, FEATURES)[0] == f"Bearer {token}"
    [line] = [record.getMessage() for record in caplog.records if record.name == "app.audio_features.chain"]
    assert line.startswith("no audio features from spotify for 50 tracks: ServerError: ")
    assert "yy+Y" not in caplog.text


# --- a slow tab ---


def other_tab(guest: Guest, site: Flask) -> Guest:
    """Another tab of the same browser; it takes new cookies for itself, so that they can be told apart."""
    tab, cookie = Guest(site), guest.client.get_cookie("liner_notes", domain="127.0.0.1")
    assert cookie is not None
    tab.client.set_cookie("liner_notes", cookie.value, domain="127.0.0.1")
    return tab


@pytest.mark.parametrize(
    ("slow", "status"), [(TRACKS, 200), (TOKEN, 302)], ids=["asking for tracks", "renewing the token"]
)
def test_the_answer_to_a_slow_tab_leaves_the_cookie_of_a_newer_login_alone(
    ana: Guest, other: OtherSpotify, elsewhere: Flask, slow: str, status: int
) -> None:
    ana.get("/your-music")
    newer = other_tab(ana, elsewhere)
    well = {TRACKS: other.rank_tracks, TOKEN: other.grant}[slow]

    def log_in_meanwhile(asked: ReceivedRequest) -> Answer:
        other.mend(slow)
        assert newer.enter("ana").status_code == 302
        return well(asked)

    with time_machine.travel(time.time() + 2 * DAY):  # late enough for the session to be prolonged
        other.script(slow, log_in_meanwhile)
        late = ana.get("/your-music")
        assert late.status_code == status
        assert "Set-Cookie" not in late.headers
        assert ana.get("/your-music.json").status_code == 401
        assert newer.get("/your-music.json").status_code == 200


def test_a_login_that_spotify_ended_is_of_no_use_though_its_cookie_stays(
    ana: Guest, other: OtherSpotify, elsewhere: Flask
) -> None:
    ana.get("/your-music")
    cookie = ana.client.get_cookie("liner_notes", domain="127.0.0.1")
    other.script(TOKEN, said({"error": "invalid_grant"}, 400))
    with time_machine.travel(time.time() + 2 * HOUR):
        sent = ana.get("/your-music")
        other.mend(TOKEN)
        assert sent.headers["Location"] == "/?note=login-ended&next=/your-music"
        assert "Set-Cookie" not in sent.headers
        assert ana.client.get_cookie("liner_notes", domain="127.0.0.1") == cookie
        with elsewhere.extensions["site"].store.reading() as connection:
            assert connection.scalar(select(func.count()).select_from(session)) == 0
        assert ana.get("/your-music.json").status_code == 401
        assert ana.get("/").status_code == 200
        assert ana.enter().headers["Location"] == "/your-music"
        assert ana.client.get_cookie("liner_notes", domain="127.0.0.1") != cookie
        assert ana.get("/your-music").status_code == 200
