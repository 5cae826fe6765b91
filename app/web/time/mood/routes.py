"""How the music sounded, over time."""

from typing import Any

from flask import Response, abort, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.visit import Visit
from app.web.auth import logged_in, site, visit
from app.web.representation import json_response
from app.web.time.blueprint import blueprint, current_account_id, parse_range, whole_of
from app.web.time.mood.report import HistoryMood, begin_look_up
from app.web.time.mood.report import mood as report_of
from app.web.time.mood.view import mood_view
from app.web.time.range_with_plays import RangeWithPlays
from app.web.time.shared import nothing, page, query


@blueprint.get("/history/mood")
def mood() -> str:
    """The mood of a range, as far as it is known. Asks nobody."""
    found = _mine()
    if found is None:
        return nothing("Mood over time")
    account_id, of = found
    view = mood_view(report_of(site(), account_id, of, _visit()))
    return page(of, "history/mood.html", "history.mood", view=view)


@blueprint.get("/history/mood.json")
def mood_json() -> Response:
    """The same for programs."""
    account_id, of = _mine_or_404()
    return json_response(_to_json(report_of(site(), account_id, of, _visit())))


@blueprint.post("/history/mood")
def look_up_mood() -> AnyResponse:
    """Looks up the audio features of the range's most played tracks, behind the page."""
    account_id, of = _mine_or_404()
    begin_look_up(site(), account_id, of, _visit())
    return redirect(url_for("history.mood", **query()), 303)


def _mine() -> tuple[int, RangeWithPlays] | None:
    account_id = current_account_id()
    if account_id is None:
        return None
    of = whole_of(account_id, parse_range(account_id))
    return (account_id, of) if of else None


def _mine_or_404() -> tuple[int, RangeWithPlays]:
    found = _mine()
    if found is None:
        abort(404)
    return found


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
