"""Pages for a database or a disk that is full, busy, read-only or not answering. None of them writes."""

import logging
from typing import Any

from flask import Flask, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError

from app.store.faults import Fault, fault_of
from app.web.errors import (
    OUR_FAULT,
    TO_THE_IMPORT,
    TRY_AGAIN,
    ErrorPage,
    ErrorResponse,
    error_response,
)

log = logging.getLogger(__name__)

TRY_AGAIN_AFTER = 10  # seconds

_PAGES = {
    Fault.FULL: ErrorPage(
        507,
        "The disk of this site is full",
        "There is no room for what this page has to write down. Nothing that was there is lost.",
        ("Tell the owner of this site; when there is room again, try once more.",),
        TRY_AGAIN,
    ),
    Fault.BUSY: ErrorPage(
        503,
        "This site is busy",
        "Others kept its database busy for so long that your turn did not come. Nothing was changed.",
        ("Wait a few seconds, then try again.",),
        TRY_AGAIN,
    ),
    Fault.READ_ONLY: ErrorPage(
        503,
        "This site cannot write",
        "Its database or its folder may only be read at the moment. Nothing was changed.",
        ("Tell the owner of this site: the reason is in its log.",),
        TRY_AGAIN,
    ),
    Fault.DOWN: ErrorPage(
        503,
        "This site's database is not answering",
        "The fault is ours, not yours and not Spotify's. Nothing was changed.",
        ("Wait a minute, then try again. If it stays, tell the owner of this site.",),
        TRY_AGAIN,
    ),
}
_FULL_UPLOAD = ErrorPage(
    507,
    "The disk of this site is full",
    "There is no room for what you sent. Nothing of it was kept, and nothing that was there is lost.",
    ("Tell the owner of this site; when there is room again, send it once more.",),
    TO_THE_IMPORT,
)


class InsufficientStorage(HTTPException):
    """The disk has no room for what is sent."""

    code = 507
    description = "Insufficient Storage"


def register_faults(app: Flask) -> None:
    """Registers these pages. What is a fault of the program stays an error 500."""
    app.register_error_handler(SQLAlchemyError, _database_or_disk_error)
    app.register_error_handler(OSError, _database_or_disk_error)
    app.register_error_handler(InsufficientStorage, lambda _error: fault_page(Fault.FULL))
    app.register_error_handler(503, lambda _error: fault_page(Fault.DOWN))
    app.register_error_handler(InternalServerError, _unexpected_error)
    log_exception = app.log_exception

    def log_unless_known(exc_info: Any) -> None:
        """A fault that came while the session was saved is a line in the log, like the others."""
        if (fault := fault_of(exc_info[1])) is not None:
            _log_fault(fault)
        else:
            log_exception(exc_info)

    app.log_exception = log_unless_known  # type: ignore[method-assign]


def fault_page(fault: Fault) -> ErrorResponse:
    """The page that says what is wrong, with the time to come back where it may pass by itself."""
    sending = request.path == "/history/import" and request.method == "POST"
    page, status = error_response(_FULL_UPLOAD if fault is Fault.FULL and sending else _PAGES[fault])
    if status == 503:
        page.headers["Retry-After"] = str(TRY_AGAIN_AFTER)
    return page, status


def _database_or_disk_error(error: SQLAlchemyError | OSError) -> ErrorResponse:
    fault = fault_of(error)
    if fault is None:
        raise error
    _log_fault(fault)
    return fault_page(fault)


def _log_fault(fault: Fault) -> None:
    log.error("%s %s: the database or the disk is %s", request.method, request.path, fault.value)


def _unexpected_error(error: InternalServerError) -> ErrorResponse:
    """An error that no handler took, or that came after the page was made: while its session was saved."""
    fault = fault_of(error.original_exception)
    return fault_page(fault) if fault else error_response(OUR_FAULT)
