"""Latency and faults, as WSGI middleware in front of the sandbox.

Middleware and not a Flask hook, because dropping a connection has to get past Flask's error handling.
"""

from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from app.sandbox.context import Sandbox
from app.sandbox.settings import Fault

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_SERVER_FACING = ("/accounts/api/", "/v1/", "/reccobeats/", "/oembed")


def is_server_facing(path: str) -> bool:
    """Whether a site's server calls this path (not a browser)."""
    return path.startswith(_SERVER_FACING)


class ConnectionDropped(ConnectionError):
    """The sandbox closes the connection without answering."""


class Spoiler:
    """Delays and spoils answers as the knobs say."""

    def __init__(self, wsgi_app: "WSGIApplication", sandbox: Sandbox) -> None:
        self._wsgi_app = wsgi_app
        self._sandbox = sandbox
        self._lock = Lock()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if is_server_facing(path) and self._sandbox.knobs.latency:
            self._sandbox.closing.wait(self._sandbox.knobs.latency)
        fault = self._take(path)
        if fault is None:
            return self._wsgi_app(environ, start_response)
        if fault.hang:
            self._sandbox.closing.wait(fault.hang)
        if fault.passing:
            return self._wsgi_app(environ, start_response)
        if fault.drop:
            raise ConnectionDropped(path)
        return _spoiled(fault)(environ, start_response)

    def _take(self, path: str) -> Fault | None:
        """The fault that spoils this answer, counted down; the longest matching prefix wins."""
        with self._lock:
            faults = self._sandbox.knobs.faults
            live = [p for p, fault in list(faults.items()) if path.startswith(p) and fault.times != 0]
            if not live:
                return None
            fault = faults[max(live, key=len)]
            if fault.after > 0:
                fault.after -= 1
                return None
            if fault.times is not None:
                fault.times -= 1
            return fault


def _spoiled(fault: Fault) -> Response:
    response = Response(fault.body, status=fault.status, content_type=fault.content_type)
    response.headers.update(fault.headers)
    return response
