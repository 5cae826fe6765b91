"""How the music sounded, over time."""

from typing import Any

from flask import Response, abort, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.visit import Visit
from app.web.auth import logged_in, site, visit
from app.web.representation import json_response, to_json
from app.web.time.blueprint import blueprint, current_account_id, parse_range, whole_of
from app.web.time.mood import view
from app.web.time.mood.report import (
    BROKEN_OFF,
    STOPPED,
    HistoryMood,
    LookUp,
    MoodPeriod,
    begin_look_up,
    mood,
)
from app.web.time.range_with_plays import RangeWithPlays
from app.web.time.shared import nothing, page, query


@blueprint.get("/history/mood", endpoint="mood")
def mood_page() -> str:
    """The mood of a range, as far as it is known. Asks nobody."""
    found = _selection()
    if found is None:
        return nothing("Mood over time")
    account_id, selection = found
    report = mood(site(), account_id, selection, _visit())
    return page(selection, "history/mood.html", "history.mood", report=report, view=view)


@blueprint.get("/history/mood.json")
def mood_json() -> Response:
    """The same for programs."""
    account_id, selection = _selection_or_404()
    report = mood(site(), account_id, selection, _visit())
    return json_response(
        {
            "coverage": report.coverage,
            **_rounded(report),
            "by": report.by,
            "periods": [to_json(period) | _rounded(period) for period in report.periods],
            "look_up": _look_up(report.look_up) if report.look_up else None,
        }
    )


@blueprint.post("/history/mood")
def look_up_mood() -> AnyResponse:
    """Looks up the audio features of the range's most played tracks, behind the page."""
    account_id, selection = _selection_or_404()
    begin_look_up(site(), account_id, selection, _visit())
    return redirect(url_for("history.mood", **query()), 303)


def _selection() -> tuple[int, RangeWithPlays] | None:
    """The account and its plays in the range; `None` for who has none."""
    account_id = current_account_id()
    if account_id is None:
        return None
    selection = whole_of(account_id, parse_range(account_id))
    return (account_id, selection) if selection else None


def _selection_or_404() -> tuple[int, RangeWithPlays]:
    return _selection() or abort(404)


def _visit() -> Visit | None:
    return visit() if logged_in() else None


def _look_up(look_up: LookUp) -> dict[str, Any]:
    state = STOPPED if look_up.state == BROKEN_OFF else look_up.state
    return {"state": state, "done": look_up.done, "total": look_up.total}


def _rounded(means: HistoryMood | MoodPeriod) -> dict[str, Any]:
    named = {"valence": means.valence, "energy": means.energy}
    return {name: None if mean is None else round(mean, 4) for name, mean in named.items()}
