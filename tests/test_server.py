"""The web server of `run.py`: clients that do not finish hold nobody up, and it does not name itself."""

import logging
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Event, Thread

import pytest
import requests
from flask import Flask, request

from app import server as server_module
from app.sandbox import create_sandbox, serve
from app.server import RequestHandler, Server

LARGE = 3 * 2**20


class Impatient(RequestHandler):
    timeout = 0.3


@contextmanager
def serving(handler: type[RequestHandler] = RequestHandler) -> Iterator[Server]:
    app = Flask("small")

    @app.get("/")
    def hello() -> str:
        return "hello"

    @app.post("/size")
    def size() -> str:
        return str(len(request.get_data()))

    @app.get("/large")
    def large() -> bytes:
        return bytes(LARGE)

    server = Server("127.0.0.1", 0, app, handler)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()


def url(server: Server, path: str) -> str:
    return f"http://127.0.0.1:{server.port}{path}"


def connected(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=10)


def everything_from(connection: socket.socket) -> bytes:
    """What is received until the other side closes the connection."""
    received = b""
    while more := connection.recv(65536):
        received += more
    return received


def test_half_sent_headers_hold_nobody_up_and_end() -> None:
    with serving(Impatient) as server, ExitStack() as stack:
        halves = [stack.enter_context(connected(server)) for _ in range(48)]
        for half in halves:
            half.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half")

        assert requests.get(url(server, "/"), timeout=5).text == "hello"
        assert [everything_from(half) for half in halves] == [b""] * 48


def test_a_half_sent_body_ends() -> None:
    with serving(Impatient) as server, connected(server) as half:
        half.sendall(b"POST /size HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nhalf")

        assert everything_from(half).startswith(b"HTTP/1.1 400 ")


def test_an_upload_that_keeps_flowing_is_taken_however_long_it_lasts() -> None:
    with serving(Impatient) as server, connected(server) as slow:
        slow.sendall(b"POST /size HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 6\r\n\r\n")
        for _ in range(6):  # three times as long as a request may be silent
            Event().wait(Impatient.timeout / 2)
            slow.sendall(b"x")

        assert everything_from(slow).endswith(b"\r\n\r\n6")


def test_a_client_that_waits_to_be_asked_for_the_body_is_asked() -> None:
    with serving(Impatient) as server, connected(server) as polite:
        polite.sendall(
            b"POST /size HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
        )
        assert polite.recv(12) == b"HTTP/1.1 100"
        polite.sendall(b"body")

        assert everything_from(polite).endswith(b"\r\n\r\n4")


def test_a_long_answer_is_whole() -> None:
    with serving() as server:
        assert len(requests.get(url(server, "/large"), timeout=10).content) == LARGE


def test_more_connections_than_there_is_room_for_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "MOST_CONNECTIONS", 2)
    with serving(Impatient) as server, ExitStack() as stack:
        half, other, refused = [stack.enter_context(connected(server)) for _ in range(3)]

        assert everything_from(refused) == b""
        assert (everything_from(half), everything_from(other)) == (b"", b"")
        assert requests.get(url(server, "/"), timeout=5).text == "hello"


@pytest.mark.parametrize("path", ["/", "/nowhere"])
def test_no_answer_names_the_server(path: str) -> None:
    with serving() as server, serve(create_sandbox([])) as demo:
        assert "Server" not in requests.get(url(server, path), timeout=5).headers
        assert "Server" not in requests.get(demo.url + path, timeout=5).headers
        with connected(server) as rude:
            rude.sendall(b"not http\r\n\r\n")
            assert b"\r\nServer:" not in everything_from(rude)


def test_the_log_has_a_line_without_the_query(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "app.server")
    with serving() as server:
        requests.get(url(server, "/?code=secret"), timeout=5)

    assert "127.0.0.1 GET / 200" in caplog.messages
    assert "secret" not in caplog.text
