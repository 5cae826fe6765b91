"""The sandbox over real HTTP/1.1: keep-alive, a thread a connection, every server-facing call recorded.

`started` and `ended` are `time.monotonic()` seconds.
"""

import socket
import time
from dataclasses import dataclass
from io import BytesIO
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any, Self, cast

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request

from app.sandbox.changes import changes_of
from app.sandbox.context import sandbox_of
from app.sandbox.faults import is_server_facing
from app.sandbox.playlist_store import Playlist, playlists_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_POLL = 0.02  # how soon close() is noticed, seconds


@dataclass(frozen=True)
class Call:
    """One request that the server answered. `connection` is the remote port: calls on one kept-alive
    connection share it. `json` is a JSON body, `None` where there is none. `status` is 0 when the connection
    was dropped instead."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]
    json: Any
    connection: int
    started: float
    ended: float
    status: int


class _Connections:
    """The open sockets of one server, so that close() can end those that are kept alive."""

    def __init__(self) -> None:
        self._open: set[socket.socket] = set()
        self._changed = Condition()

    def add(self, connection: socket.socket) -> None:
        with self._changed:
            self._open.add(connection)

    def discard(self, connection: socket.socket) -> None:
        with self._changed:
            self._open.discard(connection)
            self._changed.notify_all()

    def end_all(self) -> None:
        with self._changed:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the client went first

    def wait(self, seconds: float) -> None:
        """Give the threads a moment to see their sockets end."""
        with self._changed:
            self._changed.wait_for(lambda: not self._open, seconds)


class _Handler(WSGIRequestHandler):
    """Werkzeug's handler closes after every answer and looks 10 ms for leftovers; this one keeps alive."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave in one piece
    calls: list[Call] | None
    connections: _Connections

    def setup(self) -> None:
        super().setup()
        self.connections.add(self.connection)

    def finish(self) -> None:
        self.connections.discard(self.connection)
        try:
            super().finish()
        except OSError:
            self.close_connection = True  # the client left before its answer

    def send_header(self, keyword: str, value: str) -> None:
        """Everything but the name and version of this server."""
        if keyword.lower() != "server":
            super().send_header(keyword, value)

    def run_wsgi(self) -> None:
        started = time.monotonic()
        environ = self.make_environ()
        body = _read_body(environ)
        status, headers, answer = 0, [("Content-Length", "0")], b""
        try:
            status, headers, answer = self._answer(environ)
        except ConnectionError:
            self.close_connection = True
        if self.calls is not None and is_server_facing(environ["PATH_INFO"]):
            # Recorded before the answer leaves: a client that has its answer finds the call in the list.
            self.calls.append(_call(environ, body, started, status))
        if status:
            self._send(status, headers, answer)

    def _answer(self, environ: "WSGIEnvironment") -> tuple[int, list[tuple[str, str]], bytes]:
        chunks, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        return int(status.split()[0]), list(headers), b"".join(chunks)

    def _send(self, status: int, headers: list[tuple[str, str]], answer: bytes) -> None:
        self.send_response(status)
        for key, value in headers:
            self.send_header(key, value)
        if status not in (204, 304) and "content-length" not in {key.lower() for key, _ in headers}:
            self.send_header("Content-Length", str(len(answer)))
        if self.close_connection:
            # The client asked for it, or the answer broke: nobody may reuse a connection that ends here.
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)
        self.wfile.flush()

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's signature
        """Say nothing: the calls are recorded, and the site keeps its own log."""


def _read_body(environ: "WSGIEnvironment") -> bytes:
    """Read the whole request body, so that the next request of the connection starts clean."""
    chunked = environ.get("wsgi.input_terminated", False)
    body: bytes = environ["wsgi.input"].read(-1 if chunked else int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    return body


def _call(environ: "WSGIEnvironment", body: bytes, started: float, status: int) -> Call:
    request = Request({**environ, "wsgi.input": BytesIO(body)})
    return Call(
        method=request.method,
        path=request.path,
        query=request.args.to_dict(),
        headers=dict(request.headers),
        form=request.form.to_dict(),
        json=request.get_json(silent=True),
        connection=int(environ["REMOTE_PORT"]),
        started=started,
        ended=time.monotonic(),
        status=status,
    )


class SandboxServer:
    """A sandbox that answers on a port of its own, from a daemon thread. Also a context manager."""

    def __init__(self, app: Flask, host: str, port: int, record: bool = True) -> None:
        self.calls: list[Call] = []  # list.append is atomic, so threads may share it
        self._state = sandbox_of(app).state
        self._closing = sandbox_of(app).closing
        self._closing.clear()
        self._connections = _Connections()
        bound = {"calls": self.calls if record else None, "connections": self._connections}
        handler = cast(type[WSGIRequestHandler], type("Handler", (_Handler,), bound))
        self._server: BaseWSGIServer = make_server(host, port, app, threaded=True, request_handler=handler)
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._server.server_port}"
        self.accounts_url = f"{self.url}/accounts"
        self.api_url = f"{self.url}/v1"
        self.reccobeats_url = f"{self.url}/reccobeats/v1"
        self.oembed_url = f"{self.url}/oembed"
        self._thread = Thread(target=self._server.serve_forever, args=(_POLL,), daemon=True)
        self._thread.start()

    def playlists(self, listener: str) -> list[Playlist]:
        """The playlists that were made for that listener, oldest first."""
        return playlists_of(self._state, listener)

    def saved(self, listener: str) -> list[str]:
        """The ids of what apps saved for that listener and did not remove again, oldest first."""
        return [change.item_id for change in changes_of(self._state, listener) if change.saved]

    def close(self) -> None:
        """Stop quickly: hanging faults and kept-alive connections are cut short. Harmless twice."""
        self._closing.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(timeout=2)
        self._connections.end_all()
        self._connections.wait(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def serve(app: Flask, host: str = "127.0.0.1", port: int = 0, record: bool = True) -> SandboxServer:
    """Serve the sandbox `app` in a daemon thread; port 0 picks a free one.

    `record` keeps every call in `calls`, for tests; a server that runs for weeks must not.
    """
    return SandboxServer(app, host, port, record)
