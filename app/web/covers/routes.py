"""`/history/covers`: the consent to fetch covers, given and taken back on the page of imports."""

from flask import Blueprint, abort, redirect, url_for
from werkzeug.wrappers import Response

from app.web.auth import in_demo, site
from app.web.covers.report import begin, end
from app.web.time.current_account import current_account_id

blueprint = Blueprint("covers", __name__)


@blueprint.post("/history/covers")
def agree() -> Response:
    """Begins to fetch covers."""
    begin(site(), _own_account())
    return redirect(url_for("history.import_page", said="covers", _anchor="covers"), 303)


@blueprint.post("/history/covers/remove")
def remove() -> Response:
    """Ends that, and deletes what came."""
    end(site(), _own_account())
    return redirect(url_for("history.import_page", said="covers-removed"), 303)


def _own_account() -> int:
    """The visitor's account; 403 in the demo, whose accounts are shared, 404 for who has no history."""
    account_id = current_account_id()
    if in_demo():
        abort(403)
    return account_id if account_id is not None else abort(404)
