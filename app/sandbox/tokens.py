"""The token endpoint: codes and refresh tokens in, access tokens out."""

import hmac
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256

from flask import Blueprint, Response, jsonify, request

from app.sandbox.context import current_sandbox
from app.sandbox.errors import OAuthRefusal
from app.sandbox.settings import Client
from app.sandbox.state import REFRESH_SECONDS, Code, Grant

tokens = Blueprint("tokens", __name__, url_prefix="/accounts")


@tokens.errorhandler(OAuthRefusal)
def refused(refusal: OAuthRefusal) -> Response:
    """Answer with OAuth's error object."""
    return refusal.response()


@tokens.post("/api/token")
def token() -> Response:
    """Exchange what the client has for an access token."""
    client = _client()
    exchange = _EXCHANGES.get(request.form.get("grant_type", ""))
    if exchange is None:
        raise OAuthRefusal("unsupported_grant_type", "grant_type parameter is missing or not supported")
    response = exchange(client)
    response.headers["Cache-Control"] = "no-store"
    return response


def _client() -> Client:
    """The client that the Basic credentials belong to."""
    client_id, secret = _basic_credentials(request.headers.get("Authorization", ""))
    client = current_sandbox().clients.get(client_id)
    if client is None:
        raise OAuthRefusal("invalid_client", "Invalid client")
    if not hmac.compare_digest(client.secret.encode(), secret.encode()):
        raise OAuthRefusal("invalid_client", "Invalid client secret")
    return client


def _basic_credentials(header: str) -> tuple[str, str]:
    kind, _, encoded = header.partition(" ")
    try:
        client_id, colon, secret = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:  # not base64, or not text
        colon = ""
    if kind.lower() != "basic" or not colon:
        raise OAuthRefusal("invalid_client", "Invalid client")
    return client_id, secret


def _from_code(client: Client) -> Response:
    code = current_sandbox().state.take_code(request.form.get("code", ""), client.id)
    if code is None:
        raise OAuthRefusal("invalid_grant", "Invalid authorization code")
    if code.used:
        # A code that comes back may have been stolen; RFC 6749, 4.1.2: take back what it gave.
        current_sandbox().state.revoke(code.grant_id)
        raise OAuthRefusal("invalid_grant", "Invalid authorization code")
    _check_code(code)
    refresh = current_sandbox().state.add_token("refresh", code.grant, REFRESH_SECONDS, code.grant_id)
    return _answer(code.grant, code.grant_id, refresh)


def _check_code(code: Code) -> None:
    if code.expires_at <= time.time():
        raise OAuthRefusal("invalid_grant", "Authorization code expired")
    if code.redirect_uri != request.form.get("redirect_uri", ""):
        raise OAuthRefusal("invalid_grant", "Invalid redirect URI")
    verifier = request.form.get("code_verifier")
    if code.challenge is None and verifier is None:
        return
    if verifier is None:
        raise OAuthRefusal("invalid_grant", "code_verifier required")
    if not hmac.compare_digest(challenge_of(verifier), code.challenge or ""):
        raise OAuthRefusal("invalid_grant", "code_verifier was incorrect")


def challenge_of(verifier: str) -> str:
    """The S256 code challenge of a PKCE verifier (RFC 7636, 4.2)."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def _from_refresh_token(client: Client) -> Response:
    state, value = current_sandbox().state, request.form.get("refresh_token", "")
    known = state.token("refresh", value)
    if known is None or known.grant.client_id != client.id:
        raise OAuthRefusal("invalid_grant", "Invalid refresh token")
    if known.expires_at <= time.time():
        raise OAuthRefusal("invalid_grant", "Refresh token expired")
    if not current_sandbox().knobs.rotate_refresh_tokens:
        return _answer(known.grant, known.grant_id)
    state.drop_token(value)
    left = known.expires_at - time.time()  # rotating does not extend the six months since consent
    return _answer(known.grant, known.grant_id, state.add_token("refresh", known.grant, left, known.grant_id))


def _for_the_app(client: Client) -> Response:
    return _answer(Grant(client.id, None, ""))


def _answer(grant: Grant, grant_id: str | None = None, refresh_token: str | None = None) -> Response:
    seconds = current_sandbox().knobs.access_token_seconds
    access_token = current_sandbox().state.add_token("access", grant, seconds, grant_id)
    body: dict[str, str | int] = {"access_token": access_token, "token_type": "Bearer", "expires_in": seconds}
    if grant.listener is not None:
        body["scope"] = grant.scope
    if refresh_token is not None:
        body["refresh_token"] = refresh_token
    return jsonify(body)


_EXCHANGES: dict[str, Callable[[Client], Response]] = {
    "authorization_code": _from_code,
    "refresh_token": _from_refresh_token,
    "client_credentials": _for_the_app,
}
