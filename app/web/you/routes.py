"""You: the way to all that is one's own."""

from flask import Blueprint, render_template

from app.web.auth import site
from app.web.time.current_account import current_account_id
from app.web.you.report import you_report

blueprint = Blueprint("you", __name__)


@blueprint.get("/you")
def page() -> str:
    """Library, podcasts, audiobooks, imports, connection, settings, privacy, and the way out."""
    return render_template("you/page.html", report=you_report(site(), current_account_id()))
