"""Servers that break the line, made of bytes: what a mock of requests cannot show."""

import gzip
import logging
import os
import socket
import struct
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from threading import Event

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.deadline import Deadline
from app.sandbox import SandboxServer
from app.spotify.errors import BadAnswer, NoAnswer, SpotifyError
from app.spotify.http import Connections, Http
from tests.spotify.conftest import Answer, RawServer, Waits, raw_server, says

Raw = Callable[[Answer], AbstractContextManager[tuple[Http, RawServer]]]
OK = "HTTP/1.1 200 OK\nContent-Type: application/json"
BEARER = {"Authorization": "Bearer BQD-very-secret"}


def get(http: Http, seconds: float = 5.0) -> object:
    """One read, with a token."""
    return http.get("/me", {"q": "very-secret-query"}, BEARER, Deadline(seconds))


def hang(_connection: socket.socket, closing: Event) -> None:
    closing.wait(10)


def reset(connection: socket.socket, _closing: Event) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def drip(connection: socket.socket, closing: Event) -> None:
    """A byte every few milliseconds, and no end."""
    connection.sendall(f"{OK}\nContent-Length: 1000000\n\n".replace("\n", "\r\n").encode())
    while not closing.wait(0.005):
        connection.sendall(b" ")


def drip_chunks(connection: socket.socket, closing: Event) -> None:
    connection.sendall(f"{OK}\nTransfer-Encoding: chunked\n\n".replace("\n", "\r\n").encode())
    while not closing.wait(0.005):
        connection.sendall(b"1\r\n \r\n")


@pytest.mark.parametrize(
    "answer",
    [
        says(f"{OK}\nContent-Length: 11", b'{"a": true}'),
        says(f"{OK}\nConnection: close", b'{"a": true}'),
        says(f"{OK}\nTransfer-Encoding: chunked", b'4\r\n{"a"\r\n7\r\n: true}\r\n0\r\n\r\n'),
        says(f"{OK}\nContent-Encoding: gzip\nConnection: close", gzip.compress(b'{"a": true}')),
    ],
    ids=["length", "until the end", "chunks", "gzip"],
)
def test_every_honest_way_to_send_an_answer_is_read(raw: Raw, answer: Answer) -> None:
    with raw(answer) as (http, _):
        assert get(http) == {"a": True}


@pytest.mark.parametrize(
    "answer",
    [
        reset,
        lambda *_: None,
        says(f"{OK}\nContent-Length: 100", b'{"a": true}'),
        says(f"{OK}\nTransfer-Encoding: chunked", b'ff\r\n{"a": true}'),
        says(f"{OK}\nTransfer-Encoding: chunked", b'b\r\n{"a": true}\r\n'),
        says(f"{OK}\nTransfer-Encoding: chunked", b"surprise\r\n"),
        says("surprise"),
    ],
    ids=["reset", "nothing", "cut short", "chunk cut short", "no last chunk", "no chunk", "no HTTP"],
)
def test_an_answer_that_breaks_off_is_no_answer_and_tried_again(
    raw: Raw, waits: Waits, answer: Answer
) -> None:
    with raw(answer) as (http, server), pytest.raises(NoAnswer):
        get(http)

    assert len(server.requests) == 3
    assert len(waits) == 2


def test_a_post_that_breaks_off_is_not_sent_again(raw: Raw) -> None:
    with raw(reset) as (http, server), pytest.raises(NoAnswer):
        http.post_form("/api/token", {"code": "c"}, BEARER, Deadline(5))

    assert len(server.requests) == 1


def test_a_success_without_a_body_is_a_bad_answer(raw: Raw) -> None:
    with raw(says(f"{OK}\nContent-Length: 0")) as (http, _), pytest.raises(BadAnswer):
        get(http)


def test_a_204_is_nothing(raw: Raw) -> None:
    with raw(says("HTTP/1.1 204 No Content")) as (http, _):
        assert get(http) is None


def test_a_body_that_is_not_packed_as_it_says_is_an_error_of_ours(raw: Raw) -> None:
    with (
        raw(says(f"{OK}\nContent-Encoding: gzip\nConnection: close", b"{}")) as (http, _),
        pytest.raises(SpotifyError),
    ):
        get(http)


def test_a_small_body_that_unpacks_to_an_endless_one_is_a_bad_answer(raw: Raw) -> None:
    bomb = gzip.compress(b"a" * (64 * 2**20))

    with (
        raw(says(f"{OK}\nContent-Encoding: gzip\nConnection: close", bomb)) as (http, _),
        pytest.raises(BadAnswer),
    ):
        get(http)


@pytest.mark.parametrize("answer", [hang, drip, drip_chunks])
def test_a_server_that_takes_its_time_is_left_at_the_deadline(raw: Raw, answer: Answer) -> None:
    with raw(answer) as (http, server):
        begun = time.monotonic()
        with pytest.raises(NoAnswer):
            get(http, seconds=0.2)
        took = time.monotonic() - begun

    assert 0.15 < took < 2
    assert len(server.requests) == 1


def test_the_tries_together_keep_the_deadline(connections: Connections) -> None:
    clock = [0.0]

    class Patience(Deadline):
        def left(self) -> float:
            return max(0.0, 1.0 - clock[0])

    def wait(_seconds: float) -> None:
        clock[0] += 1.0

    with raw_server(says("HTTP/1.1 503 Busy\nContent-Length: 0")) as server:
        http = Http("spotify", server.url, connections, None, wait)
        with pytest.raises(NoAnswer, match="no time left"):
            http.get("/me", {}, BEARER, Patience(0))

    assert len(server.requests) == 1


def test_nobody_listens(connections: Connections, waits: Waits) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

    with pytest.raises(NoAnswer):
        get(Http("spotify", url, connections, None, waits))

    assert len(waits) == 2


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.binary(max_size=200), st.sampled_from([b"", f"{OK}\r\n\r\n".replace("\n", "\r\n", 1).encode()]))
def test_whatever_bytes_come_the_error_is_ours(raw: Raw, noise: bytes, before: bytes) -> None:
    def answer(connection: socket.socket, _closing: Event) -> None:
        connection.sendall(before + noise)

    with raw(answer) as (http, _), suppress(SpotifyError):
        get(http)


def test_malformed_headers_leave_no_traceback_in_the_log(raw: Raw, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    with raw(says(f"{OK}\nno colon here\nContent-Length: 2", b"{}")) as (http, _), suppress(SpotifyError):
        get(http)

    assert caplog.text == ""


def test_connections_are_kept_and_used_again(
    spotify: SandboxServer, connections: Connections, waits: Waits
) -> None:
    http = Http("reccobeats", spotify.reccobeats_url, connections, None, waits)

    for _ in range(5):
        http.get("/audio-features", {"ids": "x"}, {}, Deadline(5))

    assert len({call.connection for call in spotify.calls}) == 1
    assert len(spotify.calls) == 5


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An owner whose `.netrc` has credentials for every host."""
    file = tmp_path / ".netrc"
    file.write_text("default login owner password netrc-password\n")
    file.chmod(0o600)
    monkeypatch.setenv("NETRC", os.fspath(file))


@pytest.mark.usefixtures("netrc")
def test_credentials_of_the_environment_do_not_replace_ours(raw: Raw) -> None:
    with raw(says(f"{OK}\nContent-Length: 2", b"{}")) as (http, server):
        get(http)

    assert b"Authorization: Bearer BQD-very-secret\r\n" in server.requests[0]


@pytest.mark.usefixtures("netrc")
def test_a_call_through_the_owners_proxy_keeps_our_authorization(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    with raw_server(says(f"{OK}\nContent-Length: 2", b"{}")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("//", "//owner:proxy-password@"))
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert get(Http("spotify", "http://api.spotify.test", connections)) == {}

    (request,) = proxy.requests
    assert request.startswith(b"GET http://api.spotify.test/me?q=very-secret-query HTTP/1.1\r\n")
    assert b"\r\nAuthorization: Bearer BQD-very-secret\r\n" in request
    assert b"\r\nProxy-Authorization: Basic " in request


def test_a_call_to_this_machine_goes_past_the_proxy(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server(reset) as proxy, raw(says(f"{OK}\nContent-Length: 2", b"{}")) as (http, server):
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        assert get(http) == {}

    assert len(server.requests) == 1
    assert proxy.requests == []
