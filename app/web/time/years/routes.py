"""The years side by side, and a year in review."""

from typing import Any

from flask import Response, abort

from app.history.figures import Ranked
from app.web.representation import json_response, to_json
from app.web.time.blueprint import blueprint
from app.web.time.current_account import current_account_id
from app.web.time.pages import history_page, no_plays
from app.web.time.range_query import RangeQuery, parse_range
from app.web.time.read_report import RangeReport, read_report
from app.web.time.years import view
from app.web.time.years.report import Review, Year, range_of_year, review, years

EARLIEST, LATEST = 1971, 2099


@blueprint.get("/history/years", endpoint="years")
def years_page() -> str:
    """All years with their totals."""
    found = _years()
    if found is None:
        return no_plays("Years")
    return history_page("time/years.html", found, "history.years", has_ranges=False, view=view)


@blueprint.get("/history/years.json")
def years_json() -> Response:
    """The same for programs."""
    found = _years() or abort(404)
    return json_response({"years": found.report})


@blueprint.get("/history/<int:year>", endpoint="year")
def year_page(year: int) -> str:
    """A year in review."""
    found = _review(year)
    if found is None:
        return no_plays(f"{year} in review")
    return history_page("time/year.html", found, "history.years", view=view)


@blueprint.get("/history/<int:year>.json")
def year_json(year: int) -> Response:
    """The same for programs."""
    found = _review(year) or abort(404)
    return json_response(_to_json(found.report))


def _years() -> RangeReport[list[Year]] | None:
    query = _query()
    return read_report(years, query=query.of_all()) if query else None


def _review(year: int) -> RangeReport[Review] | None:
    if not EARLIEST <= year <= LATEST:
        abort(404)
    query = _query()
    return (
        read_report(lambda selection: review(selection, year), query=range_of_year(query, year))
        if query
        else None
    )


def _query() -> RangeQuery | None:
    account_id = current_account_id()
    return None if account_id is None else parse_range(account_id)


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
    fields: dict[str, Any] = to_json(item)
    if item.artist is None:
        del fields["artist"]
    return fields
