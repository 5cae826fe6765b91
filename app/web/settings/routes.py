"""The time zone, the threshold, and one's data: export, disconnect, delete."""

import logging
import time

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.services import DEMO
from app.web.auth import browser_session, in_demo, logged_in, site, visit
from app.web.demo_visit import SETTINGS as DEMO_SETTINGS
from app.web.privacy.routes import forget_private_history
from app.web.settings import view
from app.web.settings.report import MOST_THRESHOLD, Listening, keep, settings_report, zones
from app.web.sync import report as live_plays
from app.web.time.current_account import current_account_id, settings

log = logging.getLogger(__name__)
blueprint = Blueprint("settings", __name__)


@blueprint.get("/settings")
def page() -> str:
    """How plays are counted, the connection to Spotify, and one's data."""
    account_id = current_account_id()
    return render_template(
        "settings/page.html",
        report=settings_report(
            site(),
            account_id,
            settings(account_id) if account_id is not None else Listening(),
            visit() if logged_in() else None,
            g.timezone,
            time.time(),
        ),
        view=view,
        zones=zones(),
        browser_zone=g.timezone.key,
        most=MOST_THRESHOLD,
        live=_live_plays(account_id) if logged_in() else None,
        this_session=browser_session().id_hash,
        note=view.NOTES.get(request.args.get("said", ""), ""),
    )


@blueprint.post("/settings")
def change() -> Response:
    """Changes how plays are counted; in the demo for this visit alone."""
    account_id = current_account_id() or abort(404)
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
        abort(404)
    return redirect(url_for("settings.page", said="kept"), 303)


@blueprint.post("/settings/end-other-sessions")
def end_other_sessions() -> Response:
    """Logs the person out in every other browser, at once."""
    account_id, id_hash = current_account_id(), browser_session().id_hash
    # An invented listener's other sessions are other people's.
    if account_id is None or id_hash is None or not logged_in() or browser_session()["service"] == DEMO:
        abort(404)
    live_plays.end(site(), account_id)
    ended = site().sessions.end_others(account_id, id_hash)
    log.info("logout: account %d, %d other sessions", account_id, ended)
    return redirect(url_for("settings.page", said="others-ended"), 303)


@blueprint.post("/settings/forget")
def forget() -> Response:
    """Deletes the history that belongs to this browser alone."""
    account_id = current_account_id()
    if account_id is None or logged_in():
        abort(404)
    forget_private_history()
    return redirect(url_for("settings.page", said="forgotten"), 303)


def _live_plays(account_id: int | None) -> live_plays.SyncReport:
    return live_plays.sync_report(site(), account_id, browser_session()["service"])
