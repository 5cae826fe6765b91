"""The landing page: how one gets started on this instance; and for its owner, how to set up the login."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.sessions import LOCAL_ACCOUNT
from app.web.auth import browser_session, logged_in, same_site_path, site
from app.web.landing import view
from app.web.landing.report import showcase

blueprint = Blueprint("landing", __name__)

# What another page sends people here with, as `/?note=…`: fixed sentences, so that no link can put words
# in our mouth.
NOTES = {
    "cancelled": "You cancelled at Spotify. Nothing was shared with this site.",
    "login-ended": "Spotify has ended this login. Please log in again.",
    "logged-out": "You are logged out.",
    "deleted": "Everything that was kept about you here is deleted.",
    "left-demo": "You have left the demo. Its listeners are invented; nothing was kept about you.",
    "no-app": "No Spotify app is set up on this site yet, so nobody can log in there.",
    "no-demo": "The demo is switched off on this site.",
}


def login_options() -> dict[str, Any]:
    """What this instance offers, for templates. `redirect_uri`: what the owner registers at Spotify.

    `has_private_history`: this browser has a history of its own already.
    """
    config = site().config
    return {
        "has_spotify": config.spotify is not None,
        "has_demo": config.demo,
        "redirect_uri": config.redirect_uri,
        "has_private_history": LOCAL_ACCOUNT in browser_session(),
    }


@blueprint.get("/")
def index() -> str | Response:
    """Landing; people who are logged in go straight to their music."""
    if logged_in():
        return redirect(url_for("your_music.page"))
    return render_template(
        "landing/page.html",
        **login_options(),
        example=showcase(datetime.now(UTC).date()),
        view=view,
        note=NOTES.get(request.args.get("note", "")),
        next=same_site_path(request.args.get("next")),
    )


@blueprint.get("/setup")
def setup() -> str:
    """How whoever runs this site makes a Spotify app for it."""
    return render_template("landing/setup.html", **login_options())
