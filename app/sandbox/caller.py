"""Who calls the Web API: the token check that every part of it shares, the listener, and their scopes."""

import time

from flask import Blueprint, Response, g, request

from app.sandbox.context import current_sandbox, root
from app.sandbox.errors import Refusal
from app.sandbox.listeners import Listener, listener
from app.sandbox.shapes import Shapes
from app.sandbox.state import Grant


def part_of_the_web_api(name: str) -> Blueprint:
    """A blueprint under `/v1` that checks the token first and answers refusals as Spotify does."""
    blueprint = Blueprint(name, __name__, url_prefix="/v1")
    blueprint.register_error_handler(Refusal, refused)
    blueprint.before_request(check_token)
    return blueprint


def refused(refusal: Refusal) -> Response:
    """Answer with the error object."""
    return refusal.response()


def check_token() -> None:
    """Every call needs a bearer token that is known and has not expired."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not value:
        raise Refusal(401, "No token provided")
    token = current_sandbox().state.token("access", value)
    if token is None:
        raise Refusal(401, "Invalid access token")
    if token.expires_at <= time.time():
        raise Refusal(401, "The access token expired")
    g.grant, g.grant_id = token.grant, token.grant_id


def asking() -> Listener:
    """The listener whose token this is."""
    grant: Grant = g.grant
    who = listener(grant.listener) if grant.listener else None
    if who is None:
        raise Refusal(401, "Valid user authentication required")
    return who


def asking_with(*scopes: str) -> Listener:
    """The listener whose token this is; refused unless they gave one of `scopes`."""
    who = asking()
    if not set(scopes) & set(g.grant.scope.split()):
        raise Refusal(403, "Insufficient client scope")
    return who


def need(scope: str) -> None:
    """Refuse a token that the listener did not give that scope."""
    asking_with(scope)


def consent() -> str:
    """The id of the consent that this token came from: it outlives the token."""
    grant_id: str = g.grant_id
    return grant_id


def shapes() -> Shapes:
    """Builds answers for the app and listener whose token this is."""
    grant: Grant = g.grant
    who = listener(grant.listener) if grant.listener else None
    given = who is None or who.genres_given
    web = current_sandbox().web
    return Shapes(root() if web is None else web, api(), current_sandbox().knobs.new_app, given)


def api() -> str:
    """Where this request finds the Web API."""
    return f"{root()}/v1"
