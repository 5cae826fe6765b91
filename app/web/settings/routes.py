"""The time zone, the threshold, and one's data: export, disconnect, delete."""

import logging
import time
from datetime import datetime
from typing import NoReturn

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.services import DEMO
from app.sessions import ListedSession
from app.web.auth import browser_session, in_demo, logged_in, site, visit
from app.web.demo_visit import SETTINGS as DEMO_SETTINGS
from app.web.format import day
from app.web.privacy.routes import forget_private_history
from app.web.settings.report import (
    MOST_THRESHOLD,
    Connection,
    Listening,
    connection,
    has_history,
    keep,
    zones,
)
from app.web.settings.sentences import GRANTED, SAID
from app.web.time.current_account import current_account_id, settings

log = logging.getLogger(__name__)
blueprint = Blueprint("settings", __name__)


@blueprint.get("/settings")
def page() -> str:
    """How plays are counted, the connection to Spotify, and one's data."""
    account_id = current_account_id()
    mine = settings(account_id) if account_id is not None else Listening()
    here = g.timezone.key
    found = _connection()
    sessions = _sessions(account_id) if account_id is not None and logged_in() else []
    return render_template(
        "settings.html",
        account=account_id is not None,
        local=account_id is not None and not logged_in(),
        has_history=account_id is not None and has_history(site(), account_id),
        zones=zones(),
        zone=mine.timezone or here,
        zone_is_chosen=mine.timezone is not None,
        here=here,
        threshold=mine.threshold_s,
        most=MOST_THRESHOLD,
        connection=found,
        granted=[GRANTED.get(scope, scope) for scope in found.scopes] if found else [],
        given=day(found.given) if found else "",
        ends=day(found.ends) if found else "",
        sessions=sessions,
        this_session=browser_session().id_hash,
        day_of=lambda moment: day(datetime.fromtimestamp(moment, g.timezone).date()),
        note=SAID.get(request.args.get("said", ""), ""),
    )


@blueprint.post("/settings")
def change() -> Response:
    """Changes how plays are counted; in the demo for this visit alone."""
    account_id = current_account_id() or _nobody()
    zone, threshold = request.form.get("timezone", ""), request.form.get("threshold", "")
    if zone and zone not in zones():
        abort(400)
    if not (threshold.isascii() and threshold.isdigit() and len(threshold) < 4):
        abort(400)
    if int(threshold) > MOST_THRESHOLD:
        abort(400)
    if in_demo():
        browser_session()[DEMO_SETTINGS] = [zone or None, int(threshold)]
    elif not keep(site(), account_id, Listening(zone or None, int(threshold))):
        _nobody()
    return redirect(url_for("settings.page", said="kept"), 303)


@blueprint.post("/settings/end-other-sessions")
def end_other_sessions() -> Response:
    """Logs the person out in every other browser, at once."""
    account_id, id_hash = current_account_id(), browser_session().id_hash
    # An invented listener's other sessions are other people's.
    if account_id is None or id_hash is None or not logged_in() or browser_session()["service"] == DEMO:
        _nobody()
    ended = site().sessions.end_others(account_id, id_hash)
    log.info("logout: account %d, %d other sessions", account_id, ended)
    return redirect(url_for("settings.page", said="others-ended"), 303)


@blueprint.post("/settings/forget")
def forget() -> Response:
    """Deletes the history that belongs to this browser alone."""
    account_id = current_account_id()
    if account_id is None or logged_in():
        _nobody()
    forget_private_history()
    return redirect(url_for("settings.page", said="forgotten"), 303)


def _nobody() -> NoReturn:
    abort(404)


def _sessions(account_id: int) -> list[ListedSession]:
    """Where the person is logged in; of the demo's listeners, whom everybody shares, only this browser."""
    found = site().sessions.of_account(account_id)
    if browser_session()["service"] != DEMO:
        return found
    return [one for one in found if one.id_hash == browser_session().id_hash]


def _connection() -> Connection | None:
    """The login at Spotify; `None` without one, and for the demo, whose listeners are invented."""
    if not logged_in() or browser_session()["service"] == DEMO:
        return None
    token = browser_session()["token"]
    return connection(visit().login.scopes, token["authorized_at"], g.timezone, time.time())
