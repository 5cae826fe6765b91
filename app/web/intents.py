"""What a person was about to do when Spotify had to be asked for permission first.

It travels with the login and is taken once, back on the page, and only while it is fresh: nobody expects a
playlist from a click of yesterday.
"""

import time
from collections.abc import Collection, Mapping
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from app.answers import account_of
from app.login import STATE_SECONDS
from app.visit import Visit
from app.web.auth import browser_session, site
from app.web.login.routes import send_to_spotify

FRESH_SECONDS = STATE_SECONDS + 120.0  # the time to agree, and to come back


def ask_permission(
    visitor: Visit, scopes: Collection[str], back: str, name: str, what: Mapping[str, Any]
) -> Response:
    """Asks Spotify for more than was granted, and comes `back` with the intent called `name`.

    Raises SpotifyError where it is not known whose intent it is, and Spotify does not say.
    """
    asked_by = account_of(site(), visitor)
    intent = {**what, "account_id": asked_by, "at": time.time()}
    return send_to_spotify(visitor.service, back, (*visitor.login.scopes, *scopes), intent={name: intent})


def take_intent(name: str, **like: Any) -> Mapping[str, Any] | None:
    """The intent of that name, if it is `like` this and fresh; `account_id` is whose it was.

    Of two requests at once, one gets it.
    """
    session = browser_session()
    intent = session.get(name)
    # A HEAD request only looks.
    if intent is None or session.id_hash is None or request.method != "GET":
        return None
    if any(intent.get(key) != value for key, value in like.items()):
        return None
    taken: Mapping[str, Any] | None = site().sessions.take(session.id_hash, name)
    session.forget(name)
    return taken if taken and time.time() - taken["at"] < FRESH_SECONDS else None
