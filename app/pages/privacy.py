"""What is stored, where it goes, and how to remove it."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.pages.landing import ways_in
from app.pages.visitors import browser_session, private, site
from app.reports import accounts

blueprint = Blueprint("privacy", __name__)


@blueprint.get("/privacy")
def page() -> str:
    """The privacy page."""
    return render_template("privacy.html", ways=ways_in(site()))


@blueprint.post("/privacy/forget")
@private
def forget() -> Response:
    """Deletes everything kept about the visitor, in all their browsers."""
    mine = browser_session()
    if mine.account_id is not None:
        accounts.forget(site(), mine.account_id)
    mine.end()
    return redirect(url_for("landing.index", note="deleted"), 303)
