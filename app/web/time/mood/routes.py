"""How the music sounded, over time."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, abort, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.site import Site
from app.visit import Visit
from app.web.auth import logged_in, site, visit
from app.web.representation import json_response
from app.web.time.blueprint import blueprint
from app.web.time.current_account import current_account_id
from app.web.time.mood.report import HistoryMood, begin_look_up
from app.web.time.mood.report import mood as report_of
from app.web.time.mood.view import mood_view
from app.web.time.pages import history_page, no_plays, range_arguments
from app.web.time.range_with_plays import RangeWithPlays
from app.web.time.read_report import RangeReport, read_report

Report = TypeVar("Report")


@blueprint.get("/history/mood")
def mood() -> str:
    """The mood of a range, as far as it is known. Asks nobody."""
    found = _read(report_of)
    if found is None:
        return no_plays("Mood over time")
    return history_page("history/mood.html", found, "history.mood", view=mood_view(found.report))


@blueprint.get("/history/mood.json")
def mood_json() -> Response:
    """The same for programs."""
    found = _read(report_of)
    if found is None:
        abort(404)
    return json_response(_to_json(found.report))


@blueprint.post("/history/mood")
def look_up_mood() -> AnyResponse:
    """Looks up the audio features of the range's most played tracks, behind the page."""
    if _read(begin_look_up) is None:
        abort(404)
    return redirect(url_for("history.mood", **range_arguments()), 303)


def _read(make: Callable[[Site, int, RangeWithPlays, Visit | None], Report]) -> RangeReport[Report] | None:
    account_id = current_account_id()
    if account_id is None:
        return None
    return read_report(lambda of: make(site(), account_id, of, _visit()))


def _visit() -> Visit | None:
    return visit() if logged_in() else None


def _to_json(of: HistoryMood) -> dict[str, Any]:
    doing = of.look_up
    return {
        "coverage": {
            "tracks": of.tracks,
            "known": of.known,
            "plays": of.plays,
            "known_plays": of.known_plays,
            "sources": dict(of.sources),
        },
        "valence": _rounded(of.valence),
        "energy": _rounded(of.energy),
        "by": of.by,
        "periods": [
            {
                "name": one.name,
                "plays": one.plays,
                "known_plays": one.known,
                "valence": _rounded(one.valence),
                "energy": _rounded(one.energy),
            }
            for one in of.periods
        ],
        "look_up": {
            "state": "stopped" if doing.state == "running" and not doing.under_way else doing.state,
            "done": doing.done,
            "total": doing.total,
        }
        if doing
        else None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
