"""gunicorn's settings. It reads this file by itself from the folder it is started in; flags go before.

The second half mends what no setting does, in gunicorn 27.0.1: clients that send half a request and wait
must not keep its few threads, and answers need not name the server.
"""

import os
import socket
import struct
import sys
from threading import Thread
from typing import Any

from gunicorn import util
from gunicorn.glogging import Logger
from gunicorn.http.wsgi import Response
from gunicorn.workers import gthread

from app.log import LineFormatter, set_up_logging

bind = "127.0.0.1:5000"
worker_class = "gthread"
workers = 2
threads = 8
keepalive = 5  # seconds between two requests, and until a header is whole
graceful_timeout = 8  # seconds; whoever stops a container waits for ten
control_socket_disable = True
accesslog = None  # addresses hold searches and, at the callback, a login's code

BODY_SECONDS = 10  # without a byte, until a body that has begun is given up: a thread waits for it
READ_SECONDS = 30  # without a byte taken, until a client that has stopped reading its answer is given up
LARGEST_HEADER = 64 * 1024


class logger_class(Logger):  # noqa: N801 - the setting's name
    """Logs in the one format, and a line for a request that does not come whole."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        set_up_logging()
        for handler in self.error_log.handlers:
            handler.setFormatter(LineFormatter())

    def exception(self, message: str, *values: Any, **options: Any) -> None:
        if isinstance(sys.exc_info()[1], BlockingIOError):
            self.info("a client did not send, or take, all in time")
        else:
            super().exception(message, *values, **options)


def on_starting(server: Any) -> None:
    """What stops the start is told once, and not by each worker; the site is told how many threads it has."""
    os.environ.setdefault("WEB_THREADS", str(server.cfg.threads))
    # In a process of its own: what the check loads would stay with gunicorn's master for good (40 MB).
    checked = os.fork()
    if checked == 0:
        _check_and_exit()
    _, status = os.waitpid(checked, 0)
    if status:
        sys.exit(os.waitstatus_to_exitcode(status))


def _check_and_exit() -> None:
    from app.start import check_for_server

    status = 1
    try:
        check_for_server()
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def post_worker_init(worker: Any) -> None:
    """Connections inherit the limit of the socket that accepts them. gunicorn would reset a settimeout()."""
    for listener in worker.sockets:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", BODY_SECONDS, 0))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", READ_SECONDS, 0))


_handle, _close_graceful, _headers = (
    gthread.ThreadWorker.handle,
    util.close_graceful,
    Response.default_headers,
)


def _handle_when_whole(worker: gthread.ThreadWorker, connection: gthread.TConn) -> Any:
    """Leaves a connection to the poller, which needs no thread, until the header of its request is there."""
    read_ahead = connection.initialized and connection.parser.unreader.buf.getvalue()
    if not worker.cfg.is_ssl and not read_ahead and not _has_header(connection.sock):
        return gthread._DEFER
    return _handle(worker, connection)


def _has_header(connection: socket.socket) -> bool:
    try:
        seen = connection.recv(LARGEST_HEADER, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    whole = not seen or b"\r\n\r\n" in seen or len(seen) == LARGEST_HEADER
    # The poller shall wake for more than is there.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1 if whole else len(seen) + 1)
    return whole


def _close_aside(connection: socket.socket) -> None:
    # Closing waits up to two seconds for a client that does not close too: the whole worker would wait.
    Thread(target=_close_graceful, args=(connection,), daemon=True).start()


def _headers_of_answer(response: Response) -> list[str]:
    """The headers without this server's name. Where the body was not read, the client is told not to go on
    with this connection: gunicorn closes it then.
    """
    body = response.req.body.reader
    if getattr(body, "length", 0) or getattr(body, "parser", None) is not None:
        response.force_close()
    return [header for header in _headers(response) if not header.startswith("Server:")]


gthread.ThreadWorker.handle = _handle_when_whole
util.close_graceful = _close_aside
Response.default_headers = _headers_of_answer
