"""The years side by side, and a year in review."""

from typing import Any

from flask import Response, abort, render_template

from app.web.representation import json_response
from app.web.time.blueprint import blueprint, current_account_id, parse_range, whole_of
from app.web.time.frame import frame
from app.web.time.range_query import Preset, asked
from app.web.time.range_with_plays import RangeWithPlays
from app.web.time.shared import nothing, page, query
from app.web.time.years.report import (
    Ranked,
    Review,
    Totals,
    review,
    year_asked,
    years_of,
    years_with_plays,
)
from app.web.time.years.view import year_view, years_view

EARLIEST, LATEST = 1971, 2099


@blueprint.get("/history/years")
def years() -> str:
    """All years with their totals."""
    of = _everything()
    if of is None:
        return nothing("Years")
    return page(of, "history/years.html", "history.years", ranges=False, view=years_view(years_of(of)))


@blueprint.get("/history/years.json")
def years_json() -> Response:
    """The same for programs."""
    of = _everything()
    if of is None:
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
        for one in years_of(of)
    ]
    return json_response({"years": rows})


@blueprint.get("/history/<int:year>")
def year(year: int) -> str:
    """A year in review."""
    of = _year(year)
    if of is None:
        return nothing(f"{year} in review")
    report = review(of, year)
    view = year_view(report, years_with_plays(of))
    return render_template(
        "history/year.html", view=view, frame=frame(of.asked, of.days, "history.years"), query=query()
    )


@blueprint.get("/history/<int:year>.json")
def year_json(year: int) -> Response:
    """The same for programs."""
    of = _year(year)
    if of is None:
        abort(404)
    return json_response(_to_json(review(of, year)))


def _everything() -> RangeWithPlays | None:
    account_id = current_account_id()
    if account_id is None:
        return None
    here = parse_range(account_id)
    return whole_of(account_id, asked(here.zone, here.today, here.threshold_ms, Preset.ALL))


def _year(year: int) -> RangeWithPlays | None:
    if not EARLIEST <= year <= LATEST:
        abort(404)
    account_id = current_account_id()
    if account_id is None:
        return None
    return whole_of(account_id, year_asked(parse_range(account_id), year))


def _to_json(of: Review) -> dict[str, Any]:
    streak = of.of.longest_streak
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
