"""What is stored, where it goes, and how to remove it."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.pages.landing import ways_in
from app.pages.visitors import browser_session, private, site, visit
from app.reports.forget import forget as forget_visitor
from app.services import DEMO

blueprint = Blueprint("privacy", __name__)


@blueprint.get("/privacy")
def page() -> str:
    """The privacy page."""
    return render_template("privacy.html", ways=ways_in(site()))


@blueprint.post("/privacy/forget")
@private
def forget() -> Response:
    """Deletes everything kept about the visitor, in all their browsers."""
    visitor = visit()
    forget_visitor(site(), visitor)
    browser_session().end()
    note = "left-demo" if visitor.service.name == DEMO else "deleted"
    return redirect(url_for("landing.index", note=note), 303)
