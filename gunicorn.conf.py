"""gunicorn's settings. It reads this file by itself from the folder it is started in; flags go before."""

import socket
import struct
import sys
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.http.wsgi import Response

from app.log import LineFormatter, set_up_logging

bind = "127.0.0.1:5000"
worker_class = "gthread"
workers = 2
threads = 8
graceful_timeout = 8  # seconds; whoever stops a container waits for ten
control_socket_disable = True
accesslog = None  # addresses hold searches and, at the callback, a login's code

# Seconds without a byte until a request that has begun is given up: a thread waits for each.
HEADER_SECONDS = 5
BODY_SECONDS = 20


class logger_class(Logger):  # type: ignore[misc]  # noqa: N801 - the setting's name
    """Logs in the one format, and one line for a request that does not come whole."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        set_up_logging()
        for handler in self.error_log.handlers:
            handler.setFormatter(LineFormatter())

    def exception(self, message: str, *values: Any, **options: Any) -> None:
        if isinstance(sys.exc_info()[1], BlockingIOError):
            self.info("a request did not come whole in time")
        else:
            super().exception(message, *values, **options)


def post_worker_init(worker: Any) -> None:
    """Connections inherit the limit of the socket that accepts them."""
    for listener in worker.sockets:
        _limit(listener, HEADER_SECONDS)


def pre_request(_worker: Any, req: Any) -> None:
    """The header is whole; the body may take longer."""
    _limit(req.unreader.sock, BODY_SECONDS)


def post_request(_worker: Any, req: Any, _environ: Any, _resp: Any) -> None:
    """The next request on this connection begins with its header."""
    _limit(req.unreader.sock, HEADER_SECONDS)


def _limit(connection: Any, seconds: int) -> None:
    # Not settimeout(): gunicorn resets that.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", seconds, 0))


_default_headers = Response.default_headers


def _headers_without_server(response: Response) -> list[str]:
    return [header for header in _default_headers(response) if not header.startswith("Server:")]


Response.default_headers = _headers_without_server
