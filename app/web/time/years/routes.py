"""The years side by side, and a year in review."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from flask import Response, abort

from app.web.representation import json_response
from app.web.time.blueprint import blueprint
from app.web.time.current_account import current_account_id
from app.web.time.pages import history_page, no_plays
from app.web.time.range_query import Preset, RangeQuery, parse_range
from app.web.time.range_with_plays import RangeWithPlays
from app.web.time.read_report import RangeReport, read_report
from app.web.time.years.report import (
    Ranked,
    Review,
    Totals,
    YearRow,
    review,
    year_asked,
    years_of,
    years_with_plays,
)
from app.web.time.years.view import year_view, years_view

EARLIEST, LATEST = 1971, 2099
Report = TypeVar("Report")


@blueprint.get("/history/years")
def years() -> str:
    """All years with their totals."""
    found = _everything()
    if found is None:
        return no_plays("Years")
    view = years_view(found.report)
    return history_page("history/years.html", found, "history.years", has_ranges=False, view=view)


@blueprint.get("/history/years.json")
def years_json() -> Response:
    """The same for programs."""
    found = _everything()
    if found is None:
        abort(404)
    rows = [
        {
            "year": one.year,
            "plays": one.plays,
            "ms_played": one.ms,
            "tracks": one.tracks,
            "artists": one.artists,
            "days": one.days,
            "top_artist": one.top_artist,
        }
        for one in found.report
    ]
    return json_response({"years": rows})


@blueprint.get("/history/<int:year>")
def year(year: int) -> str:
    """A year in review."""
    found = _year(year, lambda of: (review(of, year), years_with_plays(of)))
    if found is None:
        return no_plays(f"{year} in review")
    return history_page("history/year.html", found, "history.years", view=year_view(*found.report))


@blueprint.get("/history/<int:year>.json")
def year_json(year: int) -> Response:
    """The same for programs."""
    found = _year(year, lambda of: review(of, year))
    if found is None:
        abort(404)
    return json_response(_to_json(found.report))


def _everything() -> RangeReport[list[YearRow]] | None:
    query = _query()
    if query is None:
        return None
    return read_report(years_of, query=replace(query, preset=Preset.ALL, first=None, last=None))


def _year(year: int, make: Callable[[RangeWithPlays], Report]) -> RangeReport[Report] | None:
    if not EARLIEST <= year <= LATEST:
        abort(404)
    query = _query()
    return read_report(make, query=year_asked(query, year)) if query else None


def _query() -> RangeQuery | None:
    account_id = current_account_id()
    return None if account_id is None else parse_range(account_id)


def _to_json(of: Review) -> dict[str, Any]:
    streak = of.longest_streak
    return {
        "year": of.year,
        "totals": _totals(of.totals),
        "before": _totals(of.before) if of.before else None,
        "top_artists": [_ranked(one) for one in of.artists],
        "top_tracks": [_ranked(one) for one in of.tracks],
        "top_albums": [_ranked(one) for one in of.albums],
        "busiest_day": {
            "date": of.busiest.day.isoformat(),
            "plays": of.busiest.plays,
            "ms_played": of.busiest.ms,
        }
        if of.busiest
        else None,
        "longest_streak": {
            "days": streak.days,
            "from": streak.first.isoformat() if streak.first else None,
            "to": streak.last.isoformat() if streak.last else None,
        },
        "new": {"artists": of.new_artists, "tracks": of.new_tracks},
        "months": [{"month": one.month, "plays": one.plays, "ms_played": one.ms} for one in of.months],
        "hours": list(of.hours),
        "weekdays": list(of.weekdays),
    }


def _totals(of: Totals) -> dict[str, int]:
    return {
        "plays": of.plays,
        "ms_played": of.ms,
        "tracks": of.tracks,
        "artists": of.artists,
        "albums": of.albums,
        "days": of.days,
    }


def _ranked(one: Ranked) -> dict[str, Any]:
    by = {"artist": one.artist} if one.artist is not None else {}
    return {"rank": one.rank, "name": one.name, **by, "plays": one.plays, "ms_played": one.ms}
