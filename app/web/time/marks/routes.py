"""`/history/mark.json`: what the card of a chart's mark shows beside the mark's own words."""

from typing import Any

from flask import Response, abort, request

from app.web.representation import json_response, to_json
from app.web.sleeves.view import sleeve_address
from app.web.time.blueprint import blueprint
from app.web.time.current_account import current_account_id
from app.web.time.marks.report import mark
from app.web.time.range_query import RangeQuery, parse_hours, parse_range
from app.web.time.range_with_plays import Kind, Line
from app.web.time.ranked import ranked_name
from app.web.time.read_report import read_report_or_404


@blueprint.get("/history/mark.json")
def mark_json() -> Response:
    """Plays, time and the first three of `from`, `to`, `hour` and `weekday`; of `artist`, its tracks."""
    account_id = current_account_id() or abort(404)
    query = parse_hours(parse_range(account_id))
    found = read_report_or_404(lambda selection: mark(selection, request.args.get("artist")), query=query)
    report = found.report or abort(404)
    top = [_item(line, report.kind, found.query) for line in report.top]
    return json_response(
        {"plays": report.plays, "ms_played": report.ms, "kind": report.kind.value, "top": top}
    )


def _item(line: Line, kind: Kind, query: RangeQuery) -> dict[str, Any]:
    item, of = line.item, kind.value[:-1]
    fields: dict[str, Any] = to_json(item)
    return fields | {
        "name": ranked_name(item.name, kind),
        "href": query.link_to_item(of, item.name, item.artist),
        "picture": line.picture.src if line.picture else sleeve_address(item.name, of, item.artist),
    }
