"""`/history/day/2026-11-20` with its JSON."""

from dataclasses import replace
from datetime import date
from typing import Any

from flask import Response, abort

from app.web.format import iso
from app.web.representation import json_response, to_json
from app.web.time.blueprint import blueprint
from app.web.time.current_account import current_account_id
from app.web.time.day import view
from app.web.time.day.report import Day, DayPlay, day_report
from app.web.time.pages import history_page, no_history
from app.web.time.range_query import parse_day, parse_range
from app.web.time.read_report import RangeReport, range_json, read_report


@blueprint.get("/history/day/<day>", endpoint="day")
def day_page(day: str) -> str:
    """The plays of a day, one after another."""
    found = _read(parse_day(day) or abort(404))
    if found is None:
        return no_history(current_account_id())
    return history_page("time/day.html", found, "history.day", {"day": day}, has_ranges=False, view=view)


@blueprint.get("/history/day/<day>.json")
def day_json(day: str) -> Response:
    """The same for programs."""
    found = _read(parse_day(day) or abort(404)) or abort(404)
    report = found.report
    return json_response(
        {
            "date": report.day.isoformat(),
            **range_json(found.query, found.days),
            "totals": to_json(report.totals),
            "short_plays": report.short_plays,
            "before": to_json(report.before),
            "after": to_json(report.after),
            "plays": [_play(play) for play in report.plays],
        }
    )


def _play(play: DayPlay) -> dict[str, Any]:
    fields: dict[str, Any] = to_json(play, at=None, picture=None)
    return {"started_at": iso(play.at)} | fields


def _read(day: date) -> RangeReport[Day] | None:
    account_id = current_account_id()
    if account_id is None:
        return None
    query = replace(parse_range(account_id), preset=None, first=day, last=day)
    return read_report(lambda selection: day_report(selection, day), query=query)
