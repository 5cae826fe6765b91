"""A server for one request: the one that brings the browser back from Spotify."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Liner Notes</title>
<h1>Liner Notes</h1><p>{sentence}</p></html>
"""
_DONE = "You can close this window and go back to the terminal."
_NOT_THIS = "This is not the login that the terminal waits for."


class NoCallback(Exception):
    """Nobody came back in time."""


class Callback:
    """Waits for the browser."""

    def __init__(self, server: "_Server") -> None:
        self._server = server

    def wait(self, seconds: float) -> str:
        """The path and query of the first request whose state is ours. Raises NoCallback."""
        until = time.monotonic() + seconds
        while self._server.found is None:
            self._server.timeout = until - time.monotonic()
            if self._server.timeout <= 0:
                raise NoCallback
            self._server.handle_request()
        return self._server.found


@contextmanager
def listen(host: str, port: int, path: str, is_ours: Callable[[str], bool]) -> Iterator[Callback]:
    """Listens there until the block ends; `is_ours` knows the login's state.

    Raises OSError where the address is taken.
    """
    kind = _ServerV6 if ":" in host else _Server
    server = kind((host, port), _Handler)
    server.path, server.is_ours = path, is_ours
    try:
        yield Callback(server)
    finally:
        server.server_close()


class _Server(HTTPServer):
    path = "/"
    found: str | None = None
    is_ours: Callable[[str], bool]


class _ServerV6(_Server):
    address_family = socket.AF_INET6


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 5.0  # seconds for a request to come whole: one that does not must not hold the line

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        [state, *_] = parse_qs(parts.query).get("state", [""])
        ours = parts.path == self.server.path and self.server.is_ours(state)
        if ours:
            self.server.found = self.path
        body = _PAGE.format(sentence=_DONE if ours else _NOT_THIS).encode()
        # Without the name and version of this server, which send_response() would tell.
        self.send_response_only(200 if ours else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "default-src 'none'")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Nothing: the address holds the login's code."""
