"""Every play as CSV, and everything as a zip that imports again: one download of an account at a time."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain

from flask import Response, abort, g

from app.web.auth import site
from app.web.csv_table import csv_response
from app.web.errors import TRY_AGAIN, Declined, ErrorPage
from app.web.time.blueprint import blueprint
from app.web.time.current_account import current_account_id
from app.web.time.export.report import HEADER, PlaysTable, has_anything
from app.web.time.export.zip_job import AT_ONCE, ZipJob
from app.web.time.turns import COME_BACK, only_download

_OTHERS = ErrorPage(
    429,
    "Other people's exports are being made",
    f"This site makes {AT_ONCE} exports at a time.",
    ("Wait a minute, then try again.",),
    TRY_AGAIN,
)


@blueprint.get("/history.csv")
def report_csv() -> Response:
    """Every play, piece by piece."""
    account_id = _own()
    slot = only_download(account_id)
    table = PlaysTable(site(), account_id)

    def close() -> None:
        table.close()
        slot.release()

    return _closing(csv_response(HEADER, table.rows(), "history"), close)


@blueprint.get("/history/export.zip")
def export() -> Response:
    """Everything, in files that any Liner Notes can import, sent while it is made."""
    account_id = _own()
    slot = only_download(account_id)
    making = site().slots.take("export", 0, AT_ONCE)
    if making is None:
        raise Declined(_OTHERS, time.time() + COME_BACK)
    job = ZipJob(site(), account_id, making)
    making.release()  # the job holds it now

    def close() -> None:
        job.close()
        slot.release()

    pieces = job.pieces()
    try:
        # Waited for, so that what fails at once is an error page.
        begun = next(pieces)
    except BaseException:
        close()
        raise
    response = Response(chain([begun], pieces), mimetype="application/zip")
    day = datetime.now(g.timezone).date().isoformat()
    response.headers["Content-Disposition"] = f"attachment; filename=liner-notes-{day}.zip"
    return _closing(response, close)


def _own() -> int:
    account_id = current_account_id()
    if account_id is None or not has_anything(site().store, account_id):
        abort(404)
    return account_id


def _closing(response: Response, close: Callable[[], None]) -> Response:
    """The answer, with something to be done when it has been sent or broken off."""

    def body(sent: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from sent
        finally:
            close()

    response.response = body(response.iter_encoded())
    response.call_on_close(close)
    return response
