"""The authorize page: which invented listener, and does the app get what it asks for?

A faulty client or redirect URI gets a page, never a redirect: it could lead anywhere.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlencode, urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from app.sandbox.context import current_sandbox
from app.sandbox.listeners import LISTENERS, listener
from app.sandbox.protection import protect
from app.sandbox.scopes import in_plain_words, unknown
from app.sandbox.state import Grant

accounts = Blueprint("accounts", __name__, url_prefix="/accounts")

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}\Z")  # what S256 always gives: 32 bytes in base64url
_LAST = "listener"  # the cookie that remembers who was chosen last


class Unanswerable(Exception):
    """The request cannot be trusted with a redirect."""


@accounts.errorhandler(Unanswerable)
def unanswerable(fault: Unanswerable) -> Response:
    """Say what is wrong, on a page."""
    page = render_template("sandbox/refused.html", fault=str(fault))
    return protect(make_response(page, 400))


@dataclass(frozen=True)
class AuthorizeRequest:
    """What an app asks for."""

    client_id: str
    redirect_uri: str
    scope: str
    state: str | None
    challenge: str | None
    fault: str | None

    @property
    def csrf_token(self) -> str:
        """What the consent form must bring back: it belongs to this very request, and to nobody else's."""
        key = current_sandbox().clients[self.client_id].secret
        parts = (self.client_id, self.redirect_uri, self.scope, self.state or "", self.challenge or "")
        return hmac.new(key.encode(), "\n".join(parts).encode(), hashlib.sha256).hexdigest()

    @property
    def callback_origin(self) -> str:
        """Scheme, host and port of the redirect URI."""
        parts = urlsplit(self.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}"

    def callback(self, **answer: str) -> str:
        """The redirect URI with the answer, and the state exactly as it came."""
        if self.state is not None:
            answer["state"] = self.state
        separator = "&" if urlsplit(self.redirect_uri).query else "?"
        return f"{self.redirect_uri}{separator}{urlencode(answer)}"


def _authorize_request() -> AuthorizeRequest:
    """Read the query; GET and POST see the same one, so nothing in the form has to be trusted."""
    client_id, redirect_uri = request.args.get("client_id", ""), request.args.get("redirect_uri", "")
    client = current_sandbox().clients.get(client_id)
    if client is None:
        raise Unanswerable("No app with this client id is registered here.")
    allowed = client.redirect_uris
    if allowed is None:
        allowed = (f"{request.scheme}://{request.host}/callback",)
    if redirect_uri not in allowed:
        raise Unanswerable("This redirect URI is not registered for the app.")
    # Each scope once: whoever repeats one a thousand times does not get it stored a thousand times.
    scope = " ".join(dict.fromkeys(request.args.get("scope", "").split()))
    challenge = request.args.get("code_challenge")
    return AuthorizeRequest(
        client_id, redirect_uri, scope, request.args.get("state"), challenge, _fault(scope, challenge)
    )


def _fault(scope: str, challenge: str | None) -> str | None:
    """What is wrong with the rest of the request, in OAuth's words."""
    if request.args.get("response_type") != "code":
        return "unsupported_response_type"
    method = request.args.get("code_challenge_method")
    if (challenge is None) != (method is None) or method not in (None, "S256"):
        return "invalid_request"
    if challenge is not None and not _CHALLENGE.match(challenge):
        return "invalid_request"
    return "invalid_scope" if unknown(scope) else None


@accounts.get("/authorize")
def authorize() -> BaseResponse:
    """The page that asks."""
    asked = _authorize_request()
    if asked.fault:
        return redirect(asked.callback(error=asked.fault))
    wishes = in_plain_words(asked.scope)
    page = render_template(
        "sandbox/authorize.html",
        listeners=LISTENERS,
        chosen=(listener(unquote(request.cookies.get(_LAST, ""))) or LISTENERS[0]).id,
        wishes=wishes,
        csrf_token=asked.csrf_token,
    )
    return protect(make_response(page), posts_to=asked.callback_origin)


@accounts.post("/authorize")
def decide() -> BaseResponse:
    """Agree or cancel: back to the app, with a code or without."""
    asked = _authorize_request()
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Unanswerable("The answer came from another site.")
    if not hmac.compare_digest(request.form.get("csrf_token", "").encode(), asked.csrf_token.encode()):
        raise Unanswerable("The answer does not belong to this page. Go back, load it again and repeat it.")
    if asked.fault:
        return redirect(asked.callback(error=asked.fault))
    who = listener(request.form.get("listener", ""))
    if request.form.get("answer") != "agree":
        return redirect(asked.callback(error="access_denied"))
    if who is None:
        raise Unanswerable("Nobody with this id listens here.")
    grant = Grant(asked.client_id, who.id, asked.scope)
    seconds = current_sandbox().knobs.code_seconds
    code = current_sandbox().state.add_code(grant, asked.redirect_uri, asked.challenge, seconds)
    response = redirect(asked.callback(code=code))
    # Who is asked for one more permission should find themself chosen, not somebody else.
    response.set_cookie(
        _LAST,
        quote(who.id),
        path=f"{request.script_root}/accounts",
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )
    return response
