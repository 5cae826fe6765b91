"""What is stored, where it goes, and how to remove it."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.services import DEMO
from app.sessions import LOCAL_ACCOUNT
from app.web.auth import browser_session, leave, logged_in, site, visit
from app.web.landing.routes import login_options
from app.web.privacy.report import forget as forget_visitor
from app.web.privacy.report import forget_local

blueprint = Blueprint("privacy", __name__)


@blueprint.get("/privacy")
def page() -> str:
    """The privacy page."""
    return render_template(
        "privacy/page.html",
        **login_options(),
        note="The history of this browser is deleted." if "note" in request.args else None,
    )


@blueprint.post("/privacy/forget")
def forget() -> Response:
    """Deletes everything kept about the visitor, in all their browsers; also a private history of theirs."""
    session = browser_session()
    if not logged_in() and LOCAL_ACCOUNT not in session:
        return redirect(url_for("landing.index"))
    if logged_in():
        visitor = visit()
        if visitor.service.name == DEMO:
            leave()
            return redirect(url_for("landing.index", note="left-demo"), 303)
        forget_visitor(site(), visitor)
    # An upload that arrives meanwhile may have begun a private history in this very moment.
    last = site().sessions.take_all(session.id_hash) if session.id_hash is not None else {}
    _forget_private_histories({session.get(LOCAL_ACCOUNT), last.get(LOCAL_ACCOUNT)})
    session.end()
    return redirect(url_for("landing.index", note="deleted"), 303)


@blueprint.post("/privacy/forget-history")
def forget_history() -> Response:
    """Deletes the private history of this browser, and nothing else: a demo goes on."""
    forget_private_history()
    return redirect(url_for("privacy.page", note="history-deleted"), 303)


def forget_private_history() -> None:
    """Deletes the history that belongs to this browser alone; its session goes on without it."""
    session = browser_session()
    last = site().sessions.take(session.id_hash, LOCAL_ACCOUNT) if session.id_hash is not None else None
    _forget_private_histories({session.get(LOCAL_ACCOUNT), last})
    session.forget(LOCAL_ACCOUNT)


def _forget_private_histories(numbers: set[int | None]) -> None:
    for number in numbers:
        if number is not None:
            forget_local(site(), number)
