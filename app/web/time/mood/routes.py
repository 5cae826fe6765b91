"""How the music sounded, over time."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, abort, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.site import Site
from app.visit import Visit
from app.web.auth import logged_in, site, visit
from app.web.representation import json_response, to_json
from app.web.source import Source, address_of_plays, source_switch
from app.web.time.blueprint import blueprint
from app.web.time.current_account import current_account_id
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
from app.web.time.pages import history_page, no_plays, range_arguments
from app.web.time.range_with_plays import RangeWithPlays
from app.web.time.read_report import RangeReport, read_report

Report = TypeVar("Report")


@blueprint.get("/history/mood", endpoint="mood")
def old_mood_page() -> AnyResponse:
    """The mood over time is a source of the page about mood."""
    return redirect(address_of_plays("mood.page"))


def read_mood() -> RangeReport[HistoryMood] | None:
    """The mood of a range, as far as it is known; `None` without a history. Asks nobody."""
    return _read(mood)


def mood_page(found: RangeReport[HistoryMood] | None) -> str:
    """The mood of plays as a page."""
    if found is None:
        return no_plays("Mood over time")
    switch = source_switch(Source.PLAYS, "mood.page")
    address = {"source": Source.PLAYS.value}
    return history_page("time/mood.html", found, "mood.page", address, switch=switch, view=view)


@blueprint.get("/history/mood.json")
def mood_json() -> Response:
    """The same for programs."""
    found = _read(mood) or abort(404)
    report = found.report
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
    if _read(begin_look_up) is None:
        abort(404)
    return redirect(url_for("mood.page", source="plays", **range_arguments()), 303)


def _read(make: Callable[[Site, int, RangeWithPlays, Visit | None], Report]) -> RangeReport[Report] | None:
    account_id = current_account_id()
    if account_id is None:
        return None
    return read_report(lambda selection: make(site(), account_id, selection, _visit()))


def _visit() -> Visit | None:
    return visit() if logged_in() else None


def _look_up(look_up: LookUp) -> dict[str, Any]:
    state = STOPPED if look_up.state == BROKEN_OFF else look_up.state
    return {"state": state, "done": look_up.done, "total": look_up.total}


def _rounded(means: HistoryMood | MoodPeriod) -> dict[str, Any]:
    named = {"valence": means.valence, "energy": means.energy}
    return {name: None if mean is None else round(mean, 4) for name, mean in named.items()}
