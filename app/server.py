"""The web server of `run.py`: a thread for each connection, with bounds for clients that do not finish."""

import logging
from contextlib import suppress
from threading import BoundedSemaphore
from typing import Any

from flask import Flask
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 200


class RequestHandler(WSGIRequestHandler):
    """One request. Its log line has no query: a callback's query holds the login's code and state."""

    timeout = 20.0  # seconds without a byte, either way
    wbufsize = 1 << 16  # else one timeout would hold for the whole of a long answer

    def send_header(self, keyword: str, value: str) -> None:
        """Everything but the name and version of this server."""
        if keyword.lower() != "server":
            super().send_header(keyword, value)

    def finish(self) -> None:
        """Closes the connection; the client may have gone first."""
        with suppress(OSError):
            super().finish()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002
        path = getattr(self, "path", "").partition("?")[0]
        self.log("info", "%s %s %s", getattr(self, "command", "-"), path, code)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002, ARG002 - werkzeug's signature
        log.info(f"%s {message}", self.address_string(), *args)  # noqa: G004 - werkzeug's own words

    def handle_expect_100(self) -> bool:
        """Says at once that the body may come: the client waits for it."""
        asked = super().handle_expect_100()
        self.wfile.flush()
        return asked


class Server(ThreadedWSGIServer):
    """Ends the process when the address is taken, after saying so on stderr, as werkzeug's servers do."""

    def __init__(
        self,
        host: str,
        port: int,
        app: Flask,
        handler: type[RequestHandler] = RequestHandler,
        fd: int | None = None,
    ) -> None:
        super().__init__(host, port, app, handler, fd=fd)
        self._slots = BoundedSemaphore(MOST_CONNECTIONS)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Refuses a connection where there are too many already, rather than run out of files."""
        if not self._slots.acquire(blocking=False):
            log.warning("%d connections are open: another one is refused", MOST_CONNECTIONS)
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._slots.release()  # no thread could be started
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        log.exception("a request broke off")  # noqa: LOG004 - called by an except
