"""`/history/import`: uploads in, progress and receipts out."""

import errno
from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.pages.history.blueprint import blueprint, whose
from app.pages.visitors import browser_session, site
from app.pages.wire import json_response
from app.reports.history import imports
from app.reports.history.imports import CANCELLED, QUEUED, RUNNING, UNDONE, Receipt
from app.reports.history.whose import new_local_account
from app.sessions import LOCAL_ACCOUNT
from app.store.history import FileRow


@blueprint.get("/history/import")
def import_page() -> str:
    """The form, the import under way, and the receipts of those before."""
    account_id = whose()
    receipts = imports.all_imports(site(), account_id) if account_id is not None else []
    return render_template("history/import.html", receipts=receipts, wire=_wire)


@blueprint.get("/history/import.json")
def import_json() -> Response:
    """The latest import for programs."""
    account_id = whose()
    receipt = imports.latest(site(), account_id) if account_id is not None else None
    if receipt is None:
        abort(404)
    return json_response(_wire(receipt))


@blueprint.post("/history/import")
def import_files() -> AnyResponse:
    """Takes files in and begins their import; who is not logged in gets a private account for it."""
    files = [(one.filename or "upload", one.stream) for one in request.files.getlist("files") if one.filename]
    if not files:
        return redirect(url_for("history.import_page", said="nothing"), 303)
    account_id = whose()
    if account_id is None:
        account_id = new_local_account(site())
        browser_session()[LOCAL_ACCOUNT] = account_id
    try:
        imports.accept(site(), account_id, files)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        return redirect(url_for("history.import_page", said="full"), 303)
    return redirect(url_for("history.import_page"), 303)


@blueprint.post("/history/import/<int:number>/cancel")
def cancel_import(number: int) -> AnyResponse:
    """Stops an import; nothing of it is kept."""
    imports.cancel(site(), _own(), number)
    return redirect(url_for("history.import_page"), 303)


@blueprint.post("/history/import/<int:number>/undo")
def undo_import(number: int) -> AnyResponse:
    """Takes an import back."""
    if not imports.undo(site(), _own(), number):
        abort(404)
    return redirect(url_for("history.import_page", said="undone"), 303)


def _own() -> int:
    account_id = whose()
    if account_id is None:
        abort(404)
    return account_id


def _wire(receipt: Receipt) -> dict[str, Any]:
    state = receipt.of.state
    return {
        "state": CANCELLED if state == UNDONE else state,
        "rows": receipt.rows,
        "files": [_file(receipt, one) for one in receipt.files],
        **({"note": receipt.of.note} if receipt.of.note else {}),
    }


def _file(receipt: Receipt, file: FileRow) -> dict[str, Any]:
    reading = next((one.id for one in receipt.files if one.state == QUEUED), None)
    state = RUNNING if receipt.of.state == RUNNING and file.id == reading else file.state
    return {"name": file.name, "state": state, "rows": dict(file.rows), "note": file.note}
