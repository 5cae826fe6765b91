"""The switch for live plays, and how they come, for programs."""

import logging
import time
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import answers
from app.spotify.oauth import RECENT_SCOPE
from app.web.auth import browser_session, logged_in, private, site, visit
from app.web.format import iso
from app.web.intents import ask_permission, take_intent
from app.web.representation import json_response
from app.web.sync.report import begin, end, may_ask, needs_consent, sync_report, warning

log = logging.getLogger(__name__)
blueprint = Blueprint("sync", __name__)

_INTENT = "sync"
_MOMENTS = ("last_at", "next_at", "resume_at", "authorized_at", "ends_at")


@blueprint.app_context_processor
def about_live_plays() -> dict[str, Any]:
    """For every page: what the person must know about their live plays."""
    if not logged_in() or (account_id := browser_session().account_id) is None:
        return {"sync_warning": None}
    return {"sync_warning": warning(site(), account_id, time.time())}


@blueprint.post("/settings/sync")
@private
def switch() -> AnyResponse:
    """Switches live plays on or off; asks Spotify for permission first, if need be, or to renew it."""
    wanted = request.form.get("on")
    if wanted not in ("0", "1"):
        abort(400)
    visitor = visit()
    account_id = answers.account_of(site(), visitor)
    if wanted == "0":
        end(site(), account_id)
        log.info("live plays: account %d off", account_id)
        return redirect(url_for("settings.page", said="sync-off"), 303)
    given_at = browser_session()["token"]["authorized_at"]
    if needs_consent(site(), account_id, visitor.login.scopes, given_at, time.time()):
        return ask_permission(visitor, (RECENT_SCOPE,), url_for("sync.resume"), _INTENT, {})
    return _switch_on(account_id)


@blueprint.get("/settings/sync/resume")
@private
def resume() -> AnyResponse:
    """Back from Spotify's consent: switched on, if it was given."""
    intent = take_intent(_INTENT)
    if intent is None or "refused" in request.args:
        said = "sync-refused" if "refused" in request.args else None
        return redirect(url_for("settings.page", said=said), 303)
    visitor = visit()
    account_id = answers.account_of(site(), visitor)
    if account_id != intent["account_id"]:
        return redirect(url_for("settings.page", said="sync-somebody-else"), 303)
    if not may_ask(visitor.login.scopes):
        return redirect(url_for("settings.page", said="sync-refused"), 303)
    return _switch_on(account_id)


@blueprint.get("/history/sync.json")
@private
def report_json() -> Response:
    """How live plays come."""
    visitor = visit()
    report = sync_report(site(), answers.account_of(site(), visitor), visitor.service.name)
    fields = asdict(report) | {name: _moment(getattr(report, name)) for name in _MOMENTS}
    return json_response(
        fields | {"gaps": [{"from": iso(begin), "to": iso(end)} for begin, end in report.gaps]}
    )


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else iso(seconds)


def _switch_on(account_id: int) -> AnyResponse:
    if not begin(site(), account_id, dict(browser_session()["token"]), time.time()):
        abort(404)
    site().jobs.sync_plays()
    log.info("live plays: account %d on", account_id)
    return redirect(url_for("settings.page", said="sync-on"), 303)
