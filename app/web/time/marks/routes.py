"""`/history/mark.json`: what the card of a chart's mark shows beside the mark's own words."""

from typing import Any

from flask import Response, abort, request

from app.web.charts.artwork import Picture
from app.web.representation import json_response, to_json
from app.web.sleeves.view import sleeve_address
from app.web.time.blueprint import blueprint
from app.web.time.current_account import current_account_id
from app.web.time.marks.report import mark
from app.web.time.range_query import RangeQuery, parse_hours, parse_range
from app.web.time.range_with_plays import Kind
from app.web.time.ranked import ranked_name
from app.web.time.read_report import read_report_or_404


@blueprint.get("/history/mark.json")
def mark_json() -> Response:
    """Plays, time and the first three of `from`, `to`, `hour` and `weekday`; of `artist`, its tracks."""
    account_id = current_account_id() or abort(404)
    query = parse_hours(parse_range(account_id))
    found = read_report_or_404(lambda selection: mark(selection, request.args.get("artist")), query=query)
    report = found.report or abort(404)
    items = zip(to_json(report.top), report.pictures, strict=True)
    top = [_item(item, picture, report.kind, found.query) for item, picture in items]
    return json_response(
        {"plays": report.plays, "ms_played": report.ms, "kind": report.kind.value, "top": top}
    )


def _item(item: dict[str, Any], picture: Picture | None, kind: Kind, query: RangeQuery) -> dict[str, Any]:
    href = query.link_to_item(kind.value[:-1], item["name"], item["artist"])
    shown = picture.src if picture else sleeve_address(item["name"], kind.value[:-1], item["artist"])
    return item | {"picture": shown, "name": ranked_name(item["name"], kind), "href": href}
