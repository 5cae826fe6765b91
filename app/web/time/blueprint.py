"""The blueprint, whose history it is, and how a range is asked for."""

import re
import time
from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, current_app, g, request
from flask.typing import ResponseReturnValue

from app.services import DEMO
from app.sessions import LOCAL_ACCOUNT
from app.web.auth import browser_session, in_demo, logged_in, site, visit
from app.web.demo_visit import SETTINGS as DEMO_SETTINGS
from app.web.errors import TRY_AGAIN, ErrorPage, error_response
from app.web.imports.demo import open_demo_export
from app.web.time.current_account import Listening, account_of, listening, local_account
from app.web.time.range_query import Preset, RangeQuery, asked
from app.web.time.range_with_plays import MUSIC, RangeWithPlays, whole
from app.web.time.summary import Stale, Summary, summary
from app.web.time.turns import long_read

blueprint = Blueprint("history", __name__)

MOST_THRESHOLD = 240
LOOKS = 5
COME_BACK = 2.0  # seconds
_BEING_MADE = ErrorPage(
    503,
    "Your history is being added up anew",
    "An import has just ended, or was taken back. Look again in a moment.",
    action=TRY_AGAIN,
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@blueprint.errorhandler(Stale)
def look_again(_stale: Stale) -> ResponseReturnValue:
    """A history that was made anew in the middle of a look is looked at once more."""
    view = current_app.view_functions[request.endpoint or ""]
    for _ in range(LOOKS):
        try:
            return cast(ResponseReturnValue, view(**(request.view_args or {})))
        except Stale:
            continue
        except Exception as error:
            # What the second look raises is no fault of this handler: 404 where the history is gone.
            return current_app.handle_user_exception(error)
    return error_response(_BEING_MADE, time.time() + COME_BACK)


def current_account_id() -> int | None:
    """The account whose history this visitor sees."""
    return _current_account_id()


def _current_account_id() -> int | None:
    """The account whose history this visitor sees: their own, or their browser's private one."""
    mine = browser_session()
    local: int | None = mine.get(LOCAL_ACCOUNT)
    if logged_in():
        visitor = visit()
        account_id = account_of(site(), visitor, local)
        if visitor.service.name == DEMO:
            open_demo_export(site(), visitor, account_id)
        if local is not None and visitor.service.name != DEMO:
            del mine[LOCAL_ACCOUNT]
        return account_id
    if local is not None and local_account(site(), local):
        return local
    return None


def settings(account_id: int) -> Listening:
    """How the visitor wants plays counted."""
    return settings_in_demo() if in_demo() else listening(site(), account_id)


def settings_in_demo() -> Listening:
    """The settings of this visit to the demo, whose accounts are shared."""
    return Listening(*browser_session().get(DEMO_SETTINGS, ()))


def parse_range(account_id: int) -> RangeQuery:
    """The question in the address; 400 where it makes no sense."""
    mine = settings(account_id)
    zone = _zone(request.args.get("tz") or mine.timezone)
    today = datetime.now(zone).date()
    threshold = _threshold(request.args.get("threshold"), mine.threshold_s)
    first, last = (_date(request.args.get(name)) for name in ("from", "to"))
    if first is None and last is None:
        return asked(zone, today, threshold * 1000, _preset(request.args.get("range", "all")))
    if first and last and first > last:
        abort(400)
    return RangeQuery(zone, today, threshold * 1000, None, first, last)


def summary_of(account_id: int) -> Summary | None:
    """The range that is asked about; `None` for who has no music."""
    return summary(site().store, account_id, parse_range(account_id), long_read=long_read(account_id))


def whole_of(account_id: int, asked: RangeQuery, kind: str = MUSIC) -> RangeWithPlays | None:
    """A range with its plays; `None` for who has none of that kind."""
    return whole(site().store, account_id, asked, kind, long_read(account_id))


def _preset(name: str) -> Preset:
    try:
        return Preset(name)
    except ValueError:
        abort(400)


def _zone(name: str | None) -> ZoneInfo:
    if not name:
        zone: ZoneInfo = g.timezone
        return zone
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        abort(400)


def _threshold(said: str | None, otherwise: int) -> int:
    if said is None:
        return otherwise
    if not (said.isascii() and said.isdigit() and len(said) < 4 and int(said) <= MOST_THRESHOLD):
        abort(400)
    return int(said)


def _date(said: str | None) -> date | None:
    if not said:
        return None
    try:
        day = date.fromisoformat(said) if _DAY.fullmatch(said) else None
    except ValueError:
        day = None
    if day is None or not 1970 < day.year < 2100:
        abort(400)
    return day
