"""Top artists, tracks and albums of a range, with their twins."""

from typing import Any

from flask import Response, abort, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.web.csv_table import csv_response
from app.web.paging import page_number
from app.web.representation import json_response
from app.web.time.blueprint import blueprint, current_account_id, summary_of
from app.web.time.compared import Kind, Line
from app.web.time.empty import without_history
from app.web.time.frame import frame_of
from app.web.time.links import Links
from app.web.time.lists.report import Order, top_list, whole_list
from app.web.time.lists.view import list_view
from app.web.time.summary import Summary

LONGEST_WORDS = 200
KINDS = "<any(artists, tracks, albums):kind>"


@blueprint.get("/history/artists", endpoint="artists", defaults={"kind": "artists"})
@blueprint.get("/history/tracks", endpoint="tracks", defaults={"kind": "tracks"})
@blueprint.get("/history/albums", endpoint="albums", defaults={"kind": "albums"})
def list_page(kind: str) -> str | AnyResponse:
    """A list, page by page."""
    account_id = current_account_id()
    of = None if account_id is None else summary_of(account_id)
    if of is None:
        return without_history(account_id)
    order = _order()
    found = top_list(of, Kind(kind), order)
    if order.page > found.pages:
        abort(404)
    address = {"by": "time" if order.by_time else None, "q": order.words or None}
    return render_template(
        "history/list.html",
        frame=frame_of(of, f"history.{kind}", **address),
        view=list_view(of, found, Links(of.asked)),
    )


@blueprint.get(f"/history/{KINDS}.json")
def list_json(kind: str) -> Response:
    """A page of a list for programs."""
    of, order = _asked(), _order()
    found = top_list(of, Kind(kind), order)
    days = of.days
    return json_response(
        {
            "kind": kind,
            "range": {
                "from": days[0].isoformat() if days else None,
                "to": days[1].isoformat() if days else None,
                "timezone": of.asked.zone.key,
            },
            "threshold_ms": of.asked.threshold_ms,
            "by": "time" if order.by_time else "plays",
            "q": order.words,
            "page": order.page,
            "pages": found.pages,
            "found": found.found,
            "items": [_item(one, of.rollup.plays) for one in found.lines],
        }
    )


@blueprint.get(f"/history/{KINDS}.csv")
def list_csv(kind: str) -> Response:
    """All pages of a list as a table."""
    of = _asked()
    found = (_item(one, of.rollup.plays) for one in whole_list(of, Kind(kind), _order()))
    by = [] if kind == Kind.ARTISTS.value else ["artist"]
    header = ["rank", "name", *by, "plays", "ms_played", "share", "movement"]
    return csv_response(header, [[[one[name] for name in header] for one in found]], f"history-{kind}")


def _asked() -> Summary:
    account_id = current_account_id()
    of = None if account_id is None else summary_of(account_id)
    if of is None:
        abort(404)
    return of


def _order() -> Order:
    """How the list is asked for; 400 where there is no such order or page."""
    by = request.args.get("by", "plays")
    if by not in ("plays", "time"):
        abort(400)
    words = " ".join(request.args.get("q", "").split())[:LONGEST_WORDS]
    return Order(by == "time", words, page_number())


def _item(line: Line, plays: int) -> dict[str, Any]:
    of = line.of
    return {
        "rank": of.rank,
        "name": of.name,
        "artist": of.artist,
        "plays": of.plays,
        "ms_played": of.ms,
        "share": round(of.plays / plays, 6) if plays else 0.0,
        "movement": line.moved,
    }
