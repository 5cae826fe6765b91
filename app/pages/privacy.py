"""What is stored, where it goes, and how to remove it."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.pages.landing import ways_in
from app.pages.visitors import browser_session, private, site, visit
from app.reports.forget import forget as forget_visitor

blueprint = Blueprint("privacy", __name__)


@blueprint.get("/privacy")
def page() -> str:
    """The privacy page."""
    return render_template("privacy.html", ways=ways_in(site()))


@blueprint.post("/privacy/forget")
@private
def forget() -> Response:
    """Deletes everything kept about the visitor, in all their browsers."""
    forget_visitor(site(), visit())
    browser_session().end()
    return redirect(url_for("landing.index", note="deleted"), 303)
