"""Transport, by status and header: which error, how often, what is kept and what is logged."""

import gc
import json
import logging
from collections.abc import Callable, Iterator
from email.utils import formatdate
from typing import Any

import pytest
import requests
import responses
import time_machine
from hypothesis import example, given
from hypothesis import strategies as st
from responses import RequestsMock

from app.deadline import Deadline
from app.spotify.errors import (
    BadAnswer,
    Forbidden,
    InsufficientScope,
    NoAnswer,
    NotFound,
    OwnerNeedsPremium,
    RateLimited,
    Refused,
    ServerError,
    SpotifyError,
    Unauthorized,
    UserNotRegistered,
)
from app.spotify.http import DEFAULT_PAUSE, LONGEST_PAUSE, MOST_BYTES, Connections, Http, retry_after
from tests.spotify.conftest import API, FakeGate, Waits

NOON = 1795089600.0
BEARER = {"Authorization": "Bearer BQD-very-secret"}


@pytest.fixture
def server() -> Iterator[RequestsMock]:
    """Answers for the far server, one after the other; the last one again and again."""
    with RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def get(http: Http, path: str = "/me", seconds: float = 5.0, **params: str) -> object:
    """One read, with a token."""
    return http.get(path, params, BEARER, Deadline(seconds))


def post(http: Http) -> tuple[int, object]:
    """One write."""
    return http.post_form("/api/token", {"code": "very-secret-code"}, BEARER, Deadline(5.0))


def test_the_answer_is_its_json(http: Http, server: RequestsMock) -> None:
    server.get(f"{API}/me", json={"id": "mira", "display_name": "Míra 🎧"})

    assert get(http, limit="50") == {"id": "mira", "display_name": "Míra 🎧"}
    (call,) = server.calls
    assert call.request.url == f"{API}/me?limit=50"
    assert call.request.headers["Authorization"] == "Bearer BQD-very-secret"
    assert call.request.headers["User-Agent"] == "LinerNotes/0.1"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (301, BadAnswer),
        (302, BadAnswer),
        (400, Refused),
        (401, Unauthorized),
        (403, Forbidden),
        (404, NotFound),
        (410, Refused),
        (418, Refused),
        (429, RateLimited),
        (500, ServerError),
        (502, ServerError),
        (503, ServerError),
        (599, ServerError),
    ],
)
def test_each_status_has_its_error(
    http: Http, server: RequestsMock, status: int, error: type[SpotifyError]
) -> None:
    server.get(f"{API}/me", status=status, json={"error": {"status": status, "message": "what it said"}})

    with pytest.raises(SpotifyError) as caught:
        get(http)

    assert type(caught.value) is error
    assert caught.value.message == ("" if error is BadAnswer else "what it said")
    assert str(caught.value).startswith("spotify GET /me")


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("Active premium subscription required for the owner of the app.", OwnerNeedsPremium),
        ("User not registered in the Developer Dashboard", UserNotRegistered),
        ("Check settings on developer.spotify.com, the user may not be registered.", UserNotRegistered),
        ("Insufficient client scope", InsufficientScope),
        ("Restriction violated", Forbidden),
    ],
)
@pytest.mark.parametrize("shape", ["object", "flat", "text", "reason"])
def test_the_403s_are_told_apart_whatever_their_shape(
    http: Http, server: RequestsMock, said: str, error: type[Forbidden], shape: str
) -> None:
    body = {
        "object": json.dumps({"error": {"status": 403, "message": said}}),
        "flat": json.dumps({"error": said}),
        "text": said,
        "reason": json.dumps({"error": {"status": 403, "reason": said}}),
    }[shape]
    server.get(f"{API}/me", status=403, body=body)

    with pytest.raises(Forbidden) as caught:
        get(http)

    assert type(caught.value) is error
    assert caught.value.message == said


@pytest.mark.parametrize(
    "body",
    [
        '{"error":{"status":403}}',
        "{}",
        "[]",
        "null",
        "403",
        '"',
        "",
        '{"error":null}',
        '{"error":{"message":null}}',
        '{"error":{"message":{"scope":["registered"]}}}',
        "<html><body>registered scope</body></html>",
        "NaN",
        "[" * 100_000,
        '{"error":{"message":' + "[" * 900 + "]" * 900 + "}}",
        b"\xff\xfe\x00",
    ],
)
def test_a_403_without_a_message_is_a_closed_endpoint(
    http: Http, server: RequestsMock, body: str | bytes, request: pytest.FixtureRequest
) -> None:
    # Finalizers of other tests' objects have no room to run in, so deep in the nested one.
    gc.disable()
    request.addfinalizer(gc.enable)
    server.get(f"{API}/audio-features", status=403, body=body)

    with pytest.raises(Forbidden) as caught:
        get(http, "/audio-features")

    assert type(caught.value) is Forbidden


@given(st.binary(max_size=300) | st.text(max_size=100).map(lambda said: json.dumps({"error": said}).encode()))
@example(b'{"error":{"message":"\\ud800 \\u001b[31m \\u0000 line\\nline"}}')
def test_what_an_error_said_is_short_and_printable(body: bytes) -> None:
    with RequestsMock() as server:
        server.get(f"{API}/me", status=404, body=body)
        with pytest.raises(NotFound) as caught:
            get(Http("spotify", API, Connections()))

    assert len(caught.value.message) <= 200
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 1.0),
        ("1", 1.0),
        ("4", 4.0),
        ("2.5", 2.5),
        (" 17 ", 17.0),
        ("19056", 19056.0),
        ("86400", 86400.0),
        ("604800", LONGEST_PAUSE),
        ("99999999999999999999", LONGEST_PAUSE),
        ("1e308", LONGEST_PAUSE),
        (formatdate(NOON + 90, usegmt=True), 90.0),
        ("Thu, 19 Nov 2026 12:02:00 -0000", 120.0),
        (None, DEFAULT_PAUSE),
        ("", DEFAULT_PAUSE),
        ("soon", DEFAULT_PAUSE),
        ("-5", DEFAULT_PAUSE),
        ("nan", DEFAULT_PAUSE),
        ("inf", DEFAULT_PAUSE),
        ("-inf", DEFAULT_PAUSE),
        ("1e999", DEFAULT_PAUSE),
        ("Thu, 99 Foo 2026 12:02:00 GMT", DEFAULT_PAUSE),
        (formatdate(NOON - 90, usegmt=True), DEFAULT_PAUSE),
    ],
)
def test_a_429_says_when_to_come_back(
    http: Http, server: RequestsMock, gate: FakeGate, header: str | None, seconds: float
) -> None:
    server.get(f"{API}/me", status=429, headers={} if header is None else {"Retry-After": header})

    with time_machine.travel(NOON, tick=False), pytest.raises(RateLimited) as caught:
        get(http)

    assert caught.value.until == NOON + seconds
    assert gate.begun == [NOON + seconds]
    assert len(server.calls) == 1


@given(st.text(max_size=40) | st.floats().map(str) | st.integers().map(str))
@example("Thu, 19 Nov 99999 12:02:00 GMT")
@example("Fri, 31 Dec 9999 23:59:59 -2400")
@example("Sat, 01 Jan 0001 00:00:00 +2300")
@example("9" * 5000)
def test_no_retry_after_header_breaks_us(header: str) -> None:
    assert 1.0 <= retry_after(header) <= LONGEST_PAUSE


def test_a_closed_gate_holds_calls_back(http: Http, server: RequestsMock, gate: FakeGate) -> None:
    gate.closed_until = NOON + 74_214

    with pytest.raises(RateLimited) as read:
        get(http)
    with pytest.raises(RateLimited) as written:
        post(http)

    assert read.value.until == written.value.until == NOON + 74_214
    assert len(server.calls) == 0


def test_a_429_holds_back_the_next_call(http: Http, server: RequestsMock, gate: FakeGate) -> None:
    server.get(f"{API}/me", status=429, headers={"Retry-After": "30"})

    for _ in range(3):
        with pytest.raises(RateLimited):
            get(http)

    assert len(server.calls) == 1
    gate.parts.clear()
    server.replace("GET", f"{API}/me", json={})
    assert get(http) == {}


def test_a_429_holds_back_its_endpoint_alone_whatever_the_ids(
    http: Http, server: RequestsMock, gate: FakeGate
) -> None:
    one, two = "0TnOYISbd1XYRBk9myaseg", "11dFghVXANMlKmJXsNCbNl"
    server.get(f"{API}/artists/{one}/albums", status=429, headers={"Retry-After": "30"})
    server.get(f"{API}/artists/{one}", json={"id": one})
    server.get(f"{API}/me", json={})

    for artist in (one, two):
        with pytest.raises(RateLimited):
            get(http, f"/artists/{artist}/albums")

    assert len(server.calls) == 1
    assert list(gate.parts) == ["GET /artists/…/albums"]
    assert get(http, f"/artists/{one}") == {"id": one}
    assert get(http) == {}


def test_a_quota_that_is_used_up_holds_back_every_endpoint(http: Http, server: RequestsMock) -> None:
    reason = {"error": {"status": 429, "message": "API rate limit exceeded", "reason": "QUOTA_EXCEEDED"}}
    server.get(f"{API}/me/tracks", status=429, json=reason)

    for path in ("/me/tracks", "/me", "/me/top/tracks"):
        with pytest.raises(RateLimited):
            get(http, path)

    assert len(server.calls) == 1


def test_nobody_asks_while_the_gate_is_still_being_closed(
    http: Http, server: RequestsMock, gate: FakeGate
) -> None:
    server.get(f"{API}/me", status=429, headers={"Retry-After": "30"})
    close, meanwhile = gate.begin, list[float]()

    def close_slowly(until: float, why: str, part: str = "") -> None:
        with pytest.raises(RateLimited) as caught:
            get(http)
        meanwhile.append(caught.value.until)
        close(until, why, part)

    gate.begin = close_slowly  # type: ignore[method-assign]
    with pytest.raises(RateLimited):
        get(http)

    assert len(server.calls) == 1
    assert meanwhile == gate.begun


def test_without_a_gate_a_429_is_still_an_error(server: RequestsMock, connections: Connections) -> None:
    server.get(f"{API}/me", status=429)

    with pytest.raises(RateLimited):
        get(Http("spotify", API, connections))


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_read_is_tried_again_after_a_5xx(
    http: Http, server: RequestsMock, waits: Waits, status: int
) -> None:
    server.get(f"{API}/me", status=status)
    server.get(f"{API}/me", status=status)
    server.get(f"{API}/me", json={"id": "mira"})

    assert get(http) == {"id": "mira"}
    assert len(server.calls) == 3
    assert len(waits) == 2
    assert 0.1 <= waits[0] <= 0.3
    assert 0.2 <= waits[1] <= 0.6


def test_a_read_is_tried_again_twice_and_no_more(http: Http, server: RequestsMock) -> None:
    server.get(f"{API}/me", status=503)

    with pytest.raises(ServerError):
        get(http)

    assert len(server.calls) == 3


def test_the_pauses_before_tries_differ(http: Http, server: RequestsMock, waits: Waits) -> None:
    server.get(f"{API}/me", status=503)

    for _ in range(5):
        with pytest.raises(ServerError):
            get(http)

    assert len(set(waits)) == 10


def test_a_reset_is_tried_again(http: Http, server: RequestsMock) -> None:
    server.get(f"{API}/me", body=requests.ConnectionError("reset by peer"))
    server.get(f"{API}/me", json={})

    assert get(http) == {}


@pytest.mark.parametrize("error", [requests.ReadTimeout, requests.ConnectTimeout])
def test_a_timeout_is_not_tried_again(
    http: Http, server: RequestsMock, error: type[requests.Timeout], waits: Waits
) -> None:
    server.get(f"{API}/me", body=error("too slow"))

    with pytest.raises(NoAnswer):
        get(http)

    assert len(server.calls) == 1
    assert waits == []


class Passing(Deadline):
    """A deadline that passes when the test says so."""

    def __init__(self) -> None:
        super().__init__(1000.0)
        self.over = False

    def left(self) -> float:
        return 0.0 if self.over else super().left()


@pytest.mark.parametrize("late", [True, False])
def test_a_failure_that_took_all_the_time_counts_as_a_timeout(
    http: Http, server: RequestsMock, late: bool
) -> None:
    """Looking up a server's name has no timeout of its own."""
    deadline = Passing()

    def fail(_request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        deadline.over = late
        raise requests.ConnectionError("no such name")

    server.add_callback("GET", f"{API}/me", fail)
    with pytest.raises(NoAnswer) as caught:
        http.get("/me", {}, BEARER, deadline)

    assert caught.value.timed_out is late
    assert len(server.calls) == (1 if late else 3)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429])
def test_our_own_mistakes_are_not_tried_again(http: Http, server: RequestsMock, status: int) -> None:
    server.get(f"{API}/me", status=status)

    with pytest.raises(SpotifyError):
        get(http)

    assert len(server.calls) == 1


@pytest.mark.parametrize("broken", [{"status": 503}, {"body": requests.ConnectionError("reset")}])
def test_a_write_is_never_tried_again(
    http: Http, server: RequestsMock, waits: Waits, broken: dict[str, Any]
) -> None:
    server.post(f"{API}/api/token", **broken)

    with pytest.raises((ServerError, NoAnswer)):
        post(http)

    assert len(server.calls) == 1
    assert waits == []


@pytest.mark.parametrize("status", [200, 400, 401])
def test_a_post_returns_the_answers_that_its_caller_judges(
    http: Http, server: RequestsMock, status: int
) -> None:
    server.post(f"{API}/api/token", status=status, json={"error": "invalid_grant"})

    assert post(http) == (status, {"error": "invalid_grant"})
    (call,) = server.calls
    assert call.request.body == "code=very-secret-code"
    assert call.request.headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_without_time_left_nothing_is_asked(http: Http, server: RequestsMock) -> None:
    with pytest.raises(NoAnswer, match="no time left"):
        get(http, seconds=0.0)

    assert len(server.calls) == 0


def test_no_try_begins_after_the_deadline(http: Http, server: RequestsMock, waits: Waits) -> None:
    server.get(f"{API}/me", status=503)

    with pytest.raises(ServerError):
        get(http, seconds=0.09)

    assert len(server.calls) == 1
    assert waits == []


@pytest.mark.parametrize(
    ("seconds", "connect", "read"), [(60.0, 3.05, 10.0), (5.0, 3.05, 5.0), (1.0, 1.0, 1.0)]
)
def test_no_wait_is_longer_than_the_deadline(
    http: Http, server: RequestsMock, seconds: float, connect: float, read: float
) -> None:
    server.get(f"{API}/me", json={})

    get(http, seconds=seconds)

    timeouts: tuple[float, float] = server.calls[0].request.req_kwargs["timeout"]  # type: ignore[attr-defined]
    assert timeouts == pytest.approx((connect, read), abs=0.5)
    assert max(timeouts) <= seconds


def test_a_redirect_is_not_followed(http: Http, server: RequestsMock) -> None:
    server.get(f"{API}/me", status=302, headers={"Location": "https://elsewhere.test/"})
    elsewhere = server.get("https://elsewhere.test/", json={})

    with pytest.raises(BadAnswer):
        get(http)

    assert elsewhere.call_count == 0


def test_no_cookie_is_kept(http: Http, server: RequestsMock) -> None:
    server.get(f"{API}/me", json={}, headers={"Set-Cookie": "listener=mira; Path=/"})

    get(http)
    get(http)

    assert all("Cookie" not in call.request.headers for call in server.calls)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<!doctype html><title>Sorry</title>",
        '{"id": "mira"',
        "{'id': 1}",
        b"\xff\xfe\xfd",
        "[" * 200_000,
        "1" * 5000,
        "mira",
    ],
)
def test_an_answer_that_is_not_json_is_a_bad_answer(
    http: Http, server: RequestsMock, body: str | bytes
) -> None:
    server.get(f"{API}/me", body=body)

    with pytest.raises(BadAnswer, match="not JSON"):
        get(http)

    assert len(server.calls) == 1


@pytest.mark.parametrize("size", [MOST_BYTES + 1, 3 * MOST_BYTES])
def test_an_endless_answer_is_a_bad_answer(http: Http, server: RequestsMock, size: int) -> None:
    server.get(f"{API}/me", body=b'"' + b"a" * size + b'"')

    with pytest.raises(BadAnswer, match="more than"):
        get(http)


def test_a_large_answer_is_read_whole(http: Http, server: RequestsMock) -> None:
    server.get(f"{API}/me", body=b'"' + b"a" * (MOST_BYTES - 2) + b'"')

    assert get(http) == "a" * (MOST_BYTES - 2)


@pytest.mark.parametrize(
    ("trouble", "line"),
    [
        ({"status": 401}, "Unauthorized: spotify GET /me"),
        ({"status": 429}, "RateLimited: spotify GET /me"),
        ({"status": 503}, "ServerError: spotify GET /me: 503"),
        (
            {"status": 404, "body": "no such\nservice \x1b[31m"},
            "NotFound: spotify GET /me: no such service [31m",
        ),
        (
            {"status": 404, "body": "long " * 100},
            "NotFound: spotify GET /me: " + "long " * 40,
        ),
        ({"body": requests.ReadTimeout("Bearer BQD-very-secret")}, "NoAnswer: spotify GET /me: ReadTimeout"),
        ({"body": "<html>BQD-very-secret"}, "BadAnswer: spotify GET /me: not JSON"),
        ({"body": b"x" * (MOST_BYTES + 1)}, f"BadAnswer: spotify GET /me: more than {MOST_BYTES} bytes"),
    ],
)
def test_what_is_logged_of_trouble_is_a_line_without_secrets(
    http: Http, server: RequestsMock, caplog: pytest.LogCaptureFixture, trouble: dict[str, Any], line: str
) -> None:
    caplog.set_level(logging.DEBUG)
    server.get(f"{API}/me", **trouble)

    with pytest.raises(SpotifyError) as caught:
        get(http, ids="very-secret-query")

    assert caught.value.in_a_line() == line
    assert [record for record in caplog.records if record.levelno >= logging.INFO] == []
    assert all(record.exc_info is None for record in caplog.records)
    assert "very-secret" not in caplog.text


@pytest.mark.parametrize("call", [get, post])
def test_a_good_answer_is_not_logged(
    http: Http, server: RequestsMock, caplog: pytest.LogCaptureFixture, call: Callable[[Http], object]
) -> None:
    server.add(responses.GET, f"{API}/me", json={})
    server.add(responses.POST, f"{API}/api/token", json={})

    call(http)

    assert caplog.messages == []
