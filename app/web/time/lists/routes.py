"""Top artists, tracks and albums of a range, with their JSON and CSV."""

from typing import Any

from flask import Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from app.web.csv_table import csv_response
from app.web.paging import page_number
from app.web.representation import json_response, to_json
from app.web.source import Source, address_of_plays, source_switch
from app.web.time.blueprint import blueprint
from app.web.time.current_account import current_account_id
from app.web.time.lists import view
from app.web.time.lists.report import Order, TopList, WholeList, top_list, whole_list
from app.web.time.pages import history_page, no_history
from app.web.time.range_query import RangeQuery, hours_of, parse_hours, parse_range
from app.web.time.range_with_plays import Kind
from app.web.time.read_report import range_json, read_report, read_report_or_404

LONGEST_WORDS = 200
KINDS = "<any(artists, tracks, albums):kind>"


@blueprint.get("/history/artists", endpoint="artists", defaults={"kind": "artists"})
@blueprint.get("/history/tracks", endpoint="tracks", defaults={"kind": "tracks"})
@blueprint.get("/history/albums", endpoint="albums", defaults={"kind": "albums"})
def old_list_page(kind: str) -> AnyResponse:
    """The list is a page of Top."""
    return redirect(address_of_plays("top.page", kind=kind))


def list_page(kind: str) -> str | AnyResponse:
    """A list of what was played, page by page."""
    found = read_report(lambda selection: top_list(selection, Kind(kind), _order()), query=_query())
    if found is None:
        return no_history(current_account_id())
    order = found.report.order
    if order.page > found.report.pages:
        abort(404)
    address = {
        "kind": kind,
        "source": Source.PLAYS.value,
        "by": "time" if order.by_time else None,
        "q": order.words or None,
        **hours_of(found.query),
    }
    switch = source_switch(Source.PLAYS, "top.page", kind=kind)
    return history_page("time/list.html", found, "top.page", address, switch=switch, view=view)


@blueprint.get(f"/history/{KINDS}.json")
def list_json(kind: str) -> Response:
    """A page of a list for programs."""
    found = read_report_or_404(lambda selection: top_list(selection, Kind(kind), _order()), query=_query())
    report = found.report
    return json_response(
        {
            "kind": kind,
            **range_json(found.query, found.days),
            "by": "time" if report.order.by_time else "plays",
            "q": report.order.words,
            "page": report.order.page,
            "pages": report.pages,
            "found": report.found,
            "items": _items(report),
        }
    )


@blueprint.get(f"/history/{KINDS}.csv")
def list_csv(kind: str) -> Response:
    """All pages of a list as a table."""
    report = read_report_or_404(
        lambda selection: whole_list(selection, Kind(kind), _order()), query=_query()
    ).report
    by = [] if kind == Kind.ARTISTS.value else ["artist"]
    header = ["rank", "name", *by, "plays", "ms_played", "share", "movement"]
    rows = ([item[name] for name in header] for item in _items(report))
    return csv_response(header, [rows], f"history-{kind}")


def _query() -> RangeQuery | None:
    account_id = current_account_id()
    return None if account_id is None else parse_hours(parse_range(account_id))


def _order() -> Order:
    """How the list is asked for; 400 where there is no such order or page."""
    by = request.args.get("by", "plays")
    if by not in ("plays", "time"):
        abort(400)
    words = " ".join(request.args.get("q", "").split())[:LONGEST_WORDS]
    return Order(by == "time", words, page_number())


def _items(report: TopList | WholeList) -> list[dict[str, Any]]:
    fields: list[dict[str, Any]] = to_json([line.item for line in report.lines])
    for item, line in zip(fields, report.lines, strict=True):
        item["share"] = round(line.item.plays / report.plays, 6) if report.plays else 0.0
        item["movement"] = line.moved
    return fields
