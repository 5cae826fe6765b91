"""What a person was about to do when Spotify had to be asked for permission first.

It travels with the login and is taken once, back on the page, and only while it is fresh: nobody expects a
playlist from a click of yesterday.
"""

import time
from collections.abc import Collection
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from app.login import STATE_SECONDS
from app.pages.login import send_to_spotify
from app.pages.visitors import browser_session
from app.reports.visit import Visit

FRESH_SECONDS = STATE_SECONDS + 120.0  # the time to agree, and to come back


def ask_permission(visitor: Visit, scopes: Collection[str], back: str, name: str, **what: Any) -> Response:
    """Asks Spotify for more than was granted, and comes `back` with the intent called `name`."""
    intent = {"account_id": visitor.account_id, "at": time.time(), **what}
    return send_to_spotify(visitor.service, back, (*visitor.login.scopes, *scopes), intent={name: intent})


def take_intent(name: str, **like: Any) -> dict[str, Any] | None:
    """The intent of that name, if it is `like` this and fresh; `account_id` is whose it was."""
    intent: dict[str, Any] | None = browser_session().get(name)
    # A HEAD request only looks.
    if (
        intent is None
        or request.method != "GET"
        or any(intent.get(key) != value for key, value in like.items())
    ):
        return None
    del browser_session()[name]
    return intent if time.time() - intent["at"] < FRESH_SECONDS else None
