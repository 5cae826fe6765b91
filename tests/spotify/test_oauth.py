"""OAuth on the wire: what we ask, what we make of the answer, what nobody gets to see."""

import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from hashlib import sha256
from string import ascii_letters, digits
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import time_machine
from hypothesis import example, given
from hypothesis import strategies as st
from responses import RequestsMock

from app.deadline import Deadline
from app.spotify.errors import AppRefused, BadAnswer, LoginEnded, RateLimited, SpotifyError
from app.spotify.http import Connections, Http
from app.spotify.oauth import OAuth, Pkce, Token

ACCOUNTS = "https://accounts.spotify.test"
CALLBACK = "http://127.0.0.1:5000/callback"
NOON = 1795089600.0
ANSWER: dict[str, Any] = {
    "access_token": "BQD-new-access",
    "token_type": "Bearer",
    "scope": "user-top-read",
    "expires_in": 3600,
    "refresh_token": "AQA-new-refresh",
}
OLD = Token("BQD-old-access", "AQA-old-refresh", NOON + 5, NOON - 5000, "user-top-read other")


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def server() -> Iterator[RequestsMock]:
    with RequestsMock() as mock:
        yield mock


def oauth(client_id: str = "my-id", client_secret: str = "my-secret") -> OAuth:
    """The accounts service, for one app."""
    accounts = Http("accounts", ACCOUNTS, Connections())
    return OAuth(f"{ACCOUNTS}/authorize", accounts, client_id, client_secret)


def exchange() -> Token:
    return oauth().exchange("the-code", CALLBACK, Pkce("the-verifier"), Deadline(5))


def refresh(token: Token = OLD) -> Token:
    return oauth().refresh(token, Deadline(5))


def form_sent(server: RequestsMock) -> dict[str, str]:
    """The form of the only call."""
    (call,) = server.calls
    return dict(parse_qsl(str(call.request.body), strict_parsing=True))


def test_the_authorize_address_asks_for_a_code_and_no_more_than_we_need() -> None:
    pkce = Pkce.new()
    parts = urlsplit(oauth().authorize_url(CALLBACK, "the state&more", pkce))
    challenge = urlsafe_b64encode(sha256(pkce.verifier.encode()).digest()).decode().rstrip("=")

    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{ACCOUNTS}/authorize"
    assert parse_qs(parts.query, strict_parsing=True) == {
        "client_id": ["my-id"],
        "response_type": ["code"],
        "redirect_uri": [CALLBACK],
        "scope": ["user-top-read user-library-read"],
        "state": ["the state&more"],
        "code_challenge_method": ["S256"],
        "code_challenge": [challenge],
    }
    assert "=" not in challenge


def test_the_challenge_is_the_one_of_the_rfc() -> None:
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    assert Pkce(verifier).challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_verifier_is_long_enough_of_allowed_characters_and_new_each_time() -> None:
    verifiers = {Pkce.new().verifier for _ in range(20)}

    assert len(verifiers) == 20
    for verifier in verifiers:
        assert 43 <= len(verifier) <= 128
        assert set(verifier) <= set(ascii_letters + digits + "-._~")


def test_a_code_is_exchanged_with_basic_credentials(server: RequestsMock) -> None:
    server.post(f"{ACCOUNTS}/api/token", json=ANSWER)

    token = exchange()

    assert token == Token("BQD-new-access", "AQA-new-refresh", NOON + 3600, NOON, "user-top-read")
    assert form_sent(server) == {
        "grant_type": "authorization_code",
        "code": "the-code",
        "redirect_uri": CALLBACK,
        "code_verifier": "the-verifier",
    }
    kind, _, encoded = server.calls[0].request.headers["Authorization"].partition(" ")
    assert (kind, b64decode(encoded)) == ("Basic", b"my-id:my-secret")


def test_credentials_with_signs_of_their_own_are_joined_as_they_are(server: RequestsMock) -> None:
    server.post(f"{ACCOUNTS}/api/token", json=ANSWER)

    oauth("idü", "s/e c+r%et").exchange("c", CALLBACK, Pkce("v"), Deadline(5))

    encoded = server.calls[0].request.headers["Authorization"].removeprefix("Basic ")
    assert b64decode(encoded).decode() == "idü:s/e c+r%et"


def test_a_refresh_without_a_refresh_token_keeps_the_old_one(server: RequestsMock) -> None:
    server.post(f"{ACCOUNTS}/api/token", json={**ANSWER, "refresh_token": None, "scope": None})

    token = refresh()

    assert token == Token(
        access_token="BQD-new-access",
        refresh_token="AQA-old-refresh",
        expires_at=NOON + 3600,
        authorized_at=NOON - 5000,
        scope="user-top-read other",
    )
    assert form_sent(server) == {"grant_type": "refresh_token", "refresh_token": "AQA-old-refresh"}
    assert server.calls[0].request.headers["Authorization"].startswith("Basic ")


def test_a_refresh_with_a_refresh_token_takes_it_and_keeps_the_day_of_consent(server: RequestsMock) -> None:
    server.post(f"{ACCOUNTS}/api/token", json=ANSWER)

    token = refresh()

    assert token.refresh_token == "AQA-new-refresh"
    assert token.authorized_at == NOON - 5000
    assert token.scope == "user-top-read"


@pytest.mark.parametrize("odd", ["", 7, [], {}, True, "\ud800", "line\nline", "\x00"])
def test_a_refresh_token_that_cannot_be_sent_back_is_not_taken(server: RequestsMock, odd: object) -> None:
    server.post(f"{ACCOUNTS}/api/token", body=json.dumps({**ANSWER, "refresh_token": odd}))

    assert refresh().refresh_token == "AQA-old-refresh"


def test_without_a_refresh_token_nothing_is_asked() -> None:
    with pytest.raises(LoginEnded):
        refresh(Token("BQD-old-access", None, NOON, NOON))


@pytest.mark.parametrize("call", [exchange, refresh])
def test_invalid_grant_ends_the_login(server: RequestsMock, call: Any) -> None:
    answer = {"error": "invalid_grant", "error_description": "Refresh token revoked"}
    server.post(f"{ACCOUNTS}/api/token", status=400, json=answer)

    with pytest.raises(LoginEnded) as caught:
        call()

    assert caught.value.message == "invalid_grant"


@pytest.mark.parametrize("status", [400, 401])
@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("invalid_client", "invalid_client"),
        ("invalid_request", "invalid_request"),
        ("unauthorized_client", "unauthorized_client"),
        ("long" * 100, "long" * 25),
        (None, ""),
        ({"message": "deep"}, ""),
        ("line\nline", ""),
        ("\ud800", ""),
    ],
)
def test_other_refusals_are_about_the_app(
    server: RequestsMock, status: int, error: object, said: str
) -> None:
    server.post(f"{ACCOUNTS}/api/token", status=status, body=json.dumps({"error": error}))

    with pytest.raises(AppRefused) as caught:
        exchange()

    assert caught.value.message == said


def test_a_deeply_nested_error_is_a_refusal_too(server: RequestsMock) -> None:
    body = '{"error":' + "[" * 900 + "]" * 900 + "}"
    server.post(f"{ACCOUNTS}/api/token", status=400, body=body)

    with pytest.raises(AppRefused):
        exchange()


@pytest.mark.parametrize("call", [exchange, refresh])
@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("body", ['"surprise"', "null", "[]", "7", "NaN", "", "surprise", "<html>"])
def test_an_answer_of_another_shape_is_a_bad_answer(
    server: RequestsMock, call: Any, status: int, body: str
) -> None:
    server.post(f"{ACCOUNTS}/api/token", status=status, body=body)

    with pytest.raises(BadAnswer):
        call()


@pytest.mark.parametrize("access", [None, "", 7, ["BQD"], True, "BQD\r\nX-Evil: 1", "\ud800", "ünï"])
def test_a_success_without_an_access_token_that_can_be_sent_is_a_bad_answer(
    server: RequestsMock, access: object
) -> None:
    server.post(f"{ACCOUNTS}/api/token", body=json.dumps({**ANSWER, "access_token": access}))

    with pytest.raises(BadAnswer):
        exchange()


def test_a_429_is_no_end_of_the_login(server: RequestsMock) -> None:
    server.post(f"{ACCOUNTS}/api/token", status=429, headers={"Retry-After": "5"})

    with pytest.raises(RateLimited):
        refresh()


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [
        ("3600", 3600),
        ("1800", 1800),
        ('"3600"', 3600),
        ('" 60 "', 60),
        ("0", 0),
        ("59.5", 59.5),
        ("86401", 86_400),
        ("1" + "0" * 400, 3600),
        ("1e999", 86_400),
        ("-1", 3600),
        ("-1e999", 3600),
        ("NaN", 3600),
        ('"soon"', 3600),
        ('""', 3600),
        ("null", 3600),
        ("[3600]", 3600),
        ("{}", 3600),
    ],
)
def test_a_token_expires_when_the_answer_says_where_it_says_anything_sensible(
    server: RequestsMock, expires_in: str, seconds: float
) -> None:
    body = '{"access_token":"BQD","expires_in":' + expires_in + "}"
    server.post(f"{ACCOUNTS}/api/token", body=body)

    assert exchange().expires_at == NOON + seconds


def test_an_answer_may_leave_out_everything_but_the_access_token(server: RequestsMock) -> None:
    server.post(f"{ACCOUNTS}/api/token", json={"access_token": "BQD"})

    assert exchange() == Token("BQD", None, NOON + 3600, NOON, "user-top-read user-library-read")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    json_values | st.fixed_dictionaries({}, optional=dict.fromkeys((*ANSWER, "error"), json_values)),
    st.sampled_from([200, 400, 401]),
)
@example({"access_token": "BQD", "expires_in": 10**4000, "refresh_token": "\ud800"}, 200)
def test_no_answer_breaks_us(answer: object, status: int) -> None:
    with RequestsMock() as server:
        server.post(f"{ACCOUNTS}/api/token", status=status, body=json.dumps(answer))
        try:
            token = exchange()
        except SpotifyError as error:
            assert error.message.isprintable()  # noqa: PT017 - either outcome is right
        else:
            assert NOON <= token.expires_at <= NOON + 86_400
            assert token.access_token.isascii()


@pytest.mark.parametrize(("before_expiry", "expired"), [(3600, False), (60, False), (59.9, True), (-1, True)])
def test_a_token_counts_as_expired_a_minute_early(before_expiry: float, expired: bool) -> None:
    assert Token("BQD", None, NOON + before_expiry, NOON).expired is expired


def test_a_token_shows_none_of_its_parts() -> None:
    for shown in (repr(OLD), str(OLD), f"{OLD}", repr([OLD])):
        assert "BQD-old-access" not in shown
        assert "AQA-old-refresh" not in shown
    assert "the-verifier" not in repr(Pkce("the-verifier"))


def test_a_token_survives_the_session() -> None:
    assert Token(**OLD.as_values()) == OLD
    assert Token(**json.loads(json.dumps(OLD.as_values()))) == OLD
