"""`/history/import`: uploads in, progress and receipts out."""

import logging
import re
from typing import Any

from flask import Response, abort, g, redirect, render_template, request, url_for
from werkzeug.exceptions import Conflict
from werkzeug.wrappers import Response as AnyResponse

from app.sessions import LOCAL_ACCOUNT
from app.spotify.errors import LoginEnded
from app.web.auth import (
    browser_session,
    in_demo,
    logged_in,
    logged_in_at_spotify,
    site,
)
from app.web.covers.report import state as covers_of
from app.web.errors import TO_THE_IMPORT, Declined, ErrorPage
from app.web.faults import InsufficientStorage
from app.web.imports import report as imports
from app.web.imports import view
from app.web.imports.report import (
    CANCELLED,
    QUEUED,
    RUNNING,
    UNDONE,
    FileRow,
    NoRoom,
    QueueFull,
    Receipt,
)
from app.web.imports.uploads import LARGEST_UPLOAD
from app.web.paging import page_number, pages_of
from app.web.privacy.report import forget_local
from app.web.representation import json_response
from app.web.settings.report import zones
from app.web.time.blueprint import blueprint
from app.web.time.current_account import (
    current_account_id,
    join_private_history,
    local_account,
    new_local_account,
    settings,
)
from app.web.time.turns import only_upload

log = logging.getLogger(__name__)
LARGEST_NUMBER = 2**31 - 1  # that the database takes
_DAY_FIRST = {"": None, "1": True, "0": False}
RECEIPTS, FILES = 10, 50  # of a page

_SHARED_HISTORY = ErrorPage(
    403,
    "The demo’s imports stay as they are",
    "Every visitor of the demo shares its listeners, and the next one wants to read their history too.",
    ("Open an export of your own: what you import, you can cancel and undo.",),
    TO_THE_IMPORT,
)

# What the page says after a redirect, as `?said=…`.
MESSAGES = {
    "nothing": "No file was chosen. Choose the file with your plays, or drop it on this page.",
    "undone": "That import is taken back. Everything else is as if it had never been.",
    "cancelled": "The import is cancelled. Nothing of it was kept.",
    "covers": "Covers are on their way. You need not wait for them here.",
    "covers-removed": "No more covers are fetched, and those that came are deleted.",
    "too-late": "It was over before it could be cancelled. You can undo it below.",
    "elsewhere": "You logged in or out in another window while this came in, so nobody could tell whose it "
    "is. Nothing of it was kept: send it once more.",
}


@blueprint.get("/history/import")
def import_page() -> str:
    """The form, the import under way, and the receipts of those before."""
    account_id = current_account_id()
    report = imports.import_list(site(), account_id, (page_number() - 1) * RECEIPTS, RECEIPTS, FILES)
    return render_template(
        "history/import.html",
        report=report,
        covers=covers_of(site(), account_id) if account_id is not None else None,
        view=view,
        pages=pages_of(report.count, RECEIPTS, "history.import_page"),
        message=MESSAGES.get(request.args.get("said", "")),
        largest=LARGEST_UPLOAD,
        zones=zones(),
        own_zone=settings(account_id).timezone if account_id is not None else None,
        browser_zone=g.timezone.key,
        private_history=LOCAL_ACCOUNT in browser_session(),
        spotify_login=site().config.spotify is not None,
    )


@blueprint.get("/history/import.json")
def import_json() -> Response:
    """The latest import for programs, or the one that `?number=` names; files in pages of a thousand."""
    account_id, number, page = current_account_id(), _number(), page_number()
    if account_id is None:
        abort(404)
    receipt = imports.latest(site(), account_id, number, (page - 1) * imports.FILES)
    if receipt is None or (page > 1 and not receipt.files):
        abort(404)
    fields = _to_json(receipt)
    if not receipt.under_way and imports.being_made(site(), account_id):
        # Taken back, or joined with another: what is over is so when the history says it too.
        fields["state"] = RUNNING
    return json_response(fields)


@blueprint.get("/history/import/<int:number>")
def receipt_page(number: int) -> str:
    """Every file of an import, page by page."""
    account_id = _own(number)
    first = (page_number() - 1) * FILES
    receipt = imports.latest(site(), account_id, number, first, FILES)
    if receipt is None:
        abort(404)
    pages = pages_of(receipt.sums.files, FILES, "history.receipt_page", number=number)
    return render_template("history/receipt.html", receipt=receipt, view=view, pages=pages)


@blueprint.post("/history/import")
def import_files() -> AnyResponse:
    """Takes files in and begins their import; who is not logged in gets a private account for it."""
    files = [(file.filename, file.stream) for file in request.files.getlist("files") if file.filename]
    zone, day_first = request.form.get("zone") or None, request.form.get("day_first", "")
    if (zone is not None and zone not in zones()) or day_first not in _DAY_FIRST:
        abort(400)
    if not files:
        return _back("nothing")
    if not logged_in_at_spotify():
        only_upload()
    values = _session_values_now()
    if values is None:
        return _back("elsewhere")
    try:
        imports.accept(
            site(), _account_for_upload(values.get(LOCAL_ACCOUNT)), files, zone, _DAY_FIRST[day_first]
        )
    except QueueFull as error:
        raise Conflict(str(error)) from error
    except NoRoom as error:
        log.error("the disk is full")
        raise InsufficientStorage from error
    except LoginEnded:
        if logged_in():
            raise
        return _back("elsewhere")
    return _back()


@blueprint.post("/history/import/<int:number>/cancel")
def cancel_import(number: int) -> AnyResponse:
    """Stops an import; nothing of it is kept."""
    _refuse_in_demo()
    return _back("cancelled" if imports.cancel(site(), _own(number), number) else "too-late")


@blueprint.post("/history/import/<int:number>/undo")
def undo_import(number: int) -> AnyResponse:
    """Takes an import back."""
    _refuse_in_demo()
    if not imports.undo(site(), _own(number), number):
        abort(404)
    return _back("undone")


def _session_values_now() -> dict[str, Any] | None:
    """The session's values after the minutes that an upload may take.

    `None` where the browser logged in or out in another window meanwhile.
    """
    mine = browser_session()
    if mine.id_hash is not None:
        now = site().sessions.read(mine.id_hash)
        return now.values if now is not None else None
    begun = site().sessions.begun_by(mine.visitor.id if mine.visitor else None)
    if begun is None:
        return {}
    return None if "token" in begun.values else begun.values


def _account_for_upload(local: int | None) -> int:
    """Whose an upload is: the account's, or else this browser's private one, which may begin here.

    An invented listener has no history of their own, and everybody shares them: who looks around leaves them.
    """
    mine = browser_session()
    if logged_in_at_spotify():
        return join_private_history()
    if logged_in():
        mine.restart()
    if local is None or not local_account(site(), local):
        local = _new_local_account(None if mine.renewed else mine.id_hash)
    mine[LOCAL_ACCOUNT] = local
    return local


def _new_local_account(id_hash: str | None) -> int:
    """A private account, noted at once in the session `id_hash`: deleting everything deletes it there too."""
    local = new_local_account(site())
    if id_hash is not None and not site().sessions.change(id_hash, {LOCAL_ACCOUNT: local}):
        forget_local(site(), local)
        raise LoginEnded("session", "ended meanwhile")
    return local


def _back(message: str | None = None) -> AnyResponse:
    """Back to the page, with one of the MESSAGES."""
    return redirect(url_for("history.import_page", said=message), 303)


def _refuse_in_demo() -> None:
    if in_demo():
        raise Declined(_SHARED_HISTORY)


def _own(number: int) -> int:
    account_id = current_account_id()
    if account_id is None or number > LARGEST_NUMBER:
        abort(404)
    return account_id


def _number() -> int | None:
    """The import that `?number=` names; 400 where that is no number, 404 where no import has it."""
    text = request.args.get("number")
    if text is None:
        return None
    if re.fullmatch(r"[+-]?[0-9]+", text) is None:
        abort(400)
    # Longer than what the database takes, it need not be read.
    if len(text) > len(str(LARGEST_NUMBER)) or not 0 < int(text) <= LARGEST_NUMBER:
        abort(404)
    return int(text)


def _to_json(receipt: Receipt) -> dict[str, Any]:
    sums = receipt.sums
    fields: dict[str, Any] = {
        "number": receipt.number,
        "state": _state(receipt.state),
        "rows": {**receipt.rows, "replaced": receipt.sums.replaced},
        "files": [_file(receipt, file) for file in receipt.files],
    }
    if receipt.under_way:
        fields["years"] = receipt.years
    if sums.files > imports.FILES:
        # Not all of them are listed here: these say how far it is as a whole.
        fields |= {
            "pages": -(-sums.files // imports.FILES),
            "file_count": sums.files,
            "files_read": sums.files - sums.queued,
            "files_not_done": sums.not_done,
            "reading": receipt.reading.name if receipt.reading else None,
        }
    return fields


def _file(receipt: Receipt, file: FileRow) -> dict[str, Any]:
    state, note = file.state, file.note
    if state == QUEUED and not receipt.under_way:
        # It was never read, for a reason that holds for all of them.
        state, note = _state(receipt.state), receipt.note
    elif receipt.reading is not None and file.id == receipt.reading.id:
        state = RUNNING
    rows = {**file.rows, "replaced": file.replaced}
    return {"name": file.name, "format": file.format, "state": state, "rows": rows, "note": note}


def _state(state: str) -> str:
    return CANCELLED if state == UNDONE else state
