"""Sessions of people who have logged in before: with a token of the sandbox, and without its pages."""

import secrets
import time
from collections.abc import Collection

from app.sandbox.context import Sandbox
from app.sandbox.state import REFRESH_SECONDS, Grant
from app.services import SPOTIFY
from app.sessions import CSRF
from app.site import Site
from app.spotify.oauth import SCOPES, Token


def begin_session(site: Site, sandbox: Sandbox, listener: str, more_scopes: Collection[str] = ()) -> str:
    """A new session of a listener's at the sandbox that the site is pointed at; its raw id."""
    scope, now, grant_id = " ".join((*SCOPES, *more_scopes)), time.time(), secrets.token_hex(12)
    [client_id] = sandbox.clients
    seconds, grant = sandbox.knobs.access_token_seconds, Grant(client_id, listener, scope)
    access = sandbox.state.add_token("access", grant, seconds, grant_id)
    refresh = sandbox.state.add_token("refresh", grant, REFRESH_SECONDS, grant_id)
    token = Token(access, refresh, now + seconds, now, scope)
    return site.sessions.begin({"service": SPOTIFY, "token": token.as_values(), CSRF: secrets.token_hex(20)})
