"""The years side by side, and a year in review."""

from typing import Any

from flask import Response, abort, render_template

from app.history.figures import Ranked
from app.web.representation import json_response, to_json
from app.web.time.blueprint import blueprint, current_account_id, parse_range, whole_of
from app.web.time.frame import frame
from app.web.time.range_query import Preset, asked
from app.web.time.range_with_plays import RangeWithPlays
from app.web.time.shared import nothing, page, query
from app.web.time.years import view
from app.web.time.years.report import Review, range_of_year, review, years

EARLIEST, LATEST = 1971, 2099


@blueprint.get("/history/years", endpoint="years")
def years_page() -> str:
    """All years with their totals."""
    selection = _whole_history()
    if selection is None:
        return nothing("Years")
    return page(
        selection, "history/years.html", "history.years", ranges=False, report=years(selection), view=view
    )


@blueprint.get("/history/years.json")
def years_json() -> Response:
    """The same for programs."""
    selection = _whole_history() or abort(404)
    return json_response({"years": years(selection)})


@blueprint.get("/history/<int:year>", endpoint="year")
def year_page(year: int) -> str:
    """A year in review."""
    selection = _plays_of_year(year)
    if selection is None:
        return nothing(f"{year} in review")
    return render_template(
        "history/year.html",
        report=review(selection, year),
        view=view,
        frame=frame(selection.asked, selection.days, "history.years"),
        query=query(),
    )


@blueprint.get("/history/<int:year>.json")
def year_json(year: int) -> Response:
    """The same for programs."""
    selection = _plays_of_year(year) or abort(404)
    return json_response(_to_json(review(selection, year)))


def _whole_history() -> RangeWithPlays | None:
    account_id = current_account_id()
    if account_id is None:
        return None
    wanted = parse_range(account_id)
    return whole_of(account_id, asked(wanted.zone, wanted.today, wanted.threshold_ms, Preset.ALL))


def _plays_of_year(year: int) -> RangeWithPlays | None:
    if not EARLIEST <= year <= LATEST:
        abort(404)
    account_id = current_account_id()
    if account_id is None:
        return None
    return whole_of(account_id, range_of_year(parse_range(account_id), year))


def _to_json(report: Review) -> dict[str, Any]:
    before, busiest = report.before, report.busiest_day
    return {
        "year": report.year,
        "totals": to_json(report.totals, ms="ms_played"),
        "before": to_json(before, ms="ms_played") if before else None,
        "top_artists": [_ranked(artist) for artist in report.top_artists],
        "top_tracks": [_ranked(track) for track in report.top_tracks],
        "top_albums": [_ranked(album) for album in report.top_albums],
        "busiest_day": to_json(busiest, day="date", ms="ms_played") if busiest else None,
        "longest_streak": to_json(report.longest_streak, first="from", last="to"),
        "new": report.new,
        "months": report.months,
        "hours": report.hours,
        "weekdays": report.weekdays,
    }


def _ranked(item: Ranked) -> dict[str, Any]:
    """An item of a list; without its artist where that is unknown, or it is one."""
    fields = to_json(item, number=None, ms="ms_played")
    if item.artist is None:
        del fields["artist"]
    return fields
