"""`/history` with its JSON."""

from typing import Any

from flask import Response, abort

from app.web.auth import site
from app.web.imports.report import latest
from app.web.representation import json_response, to_json
from app.web.time.blueprint import blueprint
from app.web.time.current_account import current_account_id
from app.web.time.overview import view
from app.web.time.overview.report import Overview, overview, overview_page
from app.web.time.pages import history_page, import_under_way, no_history
from app.web.time.range_query import parse_range
from app.web.time.read_report import range_json, read_report


@blueprint.get("/history")
def page() -> str:
    """The whole history, or a range of it, at a glance."""
    account_id = current_account_id()
    found = read_report(overview_page)
    if found is None:
        return no_history(account_id)
    under_way = import_under_way(account_id)
    return history_page("time/overview.html", found, "history.page", view=view, under_way=under_way)


@blueprint.get("/history.json")
def report_json() -> Response:
    """A range for programs."""
    account_id = current_account_id()
    if account_id is None:
        abort(404)
    query = parse_range(account_id)
    found = read_report(overview, query=query)
    if found is not None:
        return json_response(range_json(query, found.days) | _to_json(found.report))
    if latest(site(), account_id) is None:
        abort(404)
    # Something was imported, but no music.
    return json_response(range_json(query, (query.first, query.last)) | _to_json(Overview()))


def _to_json(report: Overview) -> dict[str, Any]:
    fields: dict[str, Any] = to_json(
        report, ms_estimated="ms_estimated", plays_without_time="plays_without_time"
    )
    return fields | {
        "top_artists": to_json(report.top_artists, artist=None),
        "streaks": to_json(report.streaks, first="from", last="to"),
        "countries": to_json(report.countries, name="code"),
    }
