"""An artist, an album, a track of the history, each with its JSON. The name in the address tells which."""

from typing import Any

from flask import Response, abort, request

from app.web.charts.time_series import MONTHS, buckets
from app.web.format import iso
from app.web.representation import json_response, to_json
from app.web.time.blueprint import blueprint
from app.web.time.current_account import current_account_id
from app.web.time.item import view
from app.web.time.item.report import ALBUM, ARTIST, LISTS, TRACK, ItemReport, Moment, item_report
from app.web.time.pages import history_page, no_history
from app.web.time.range_with_plays import RangeWithPlays
from app.web.time.read_report import range_json, read_report, read_report_or_404


@blueprint.get("/history/artist", endpoint="artist", defaults={"kind": ARTIST})
@blueprint.get("/history/album", endpoint="album", defaults={"kind": ALBUM})
@blueprint.get("/history/track", endpoint="track", defaults={"kind": TRACK})
def one_page(kind: str) -> str:
    """Everything about one artist, album or track."""
    found = read_report(lambda of: _item(of, kind))
    if found is None:
        return no_history(current_account_id())
    report = found.report or abort(404)
    address = {"name": report.name, "artist": None if kind == ARTIST else report.artist}
    return history_page("history/item.html", found, f"history.{kind}", address, view=view)


@blueprint.get(f"/history/<any({ARTIST}, {ALBUM}, {TRACK}):kind>.json")
def one_json(kind: str) -> Response:
    """The same for programs."""
    found = read_report_or_404(lambda of: _item(of, kind))
    report = found.report or abort(404)
    return json_response(range_json(found.query, found.days) | _to_json(report))


def _item(of: RangeWithPlays, kind: str) -> ItemReport | None:
    name = request.args.get("name", "")
    return item_report(of, kind, request.args.get("artist"), name) if name else None


def _to_json(report: ItemReport) -> dict[str, Any]:
    daily = report.daily
    by_month = buckets(daily, (daily[0].day, daily[-1].day), MONTHS) if daily else []
    names = ["kind", "name", "artist", "plays", "ms_played", "rank", "by_hour"]
    names += [kind.value for kind in LISTS[report.kind]] + (["uri"] if report.kind == TRACK else [])
    wire = to_json(report)
    return {name: wire[name] for name in names} | {
        "first": _moment(report.first),
        "latest": _moment(report.latest),
        "by_month": [to_json(month, first=None) | {"month": f"{month.first:%Y-%m}"} for month in by_month],
        "by_year": to_json(report.by_year, length="of"),
    }


def _moment(moment: Moment | None) -> dict[str, Any] | None:
    return None if moment is None else to_json(moment) | {"at": iso(moment.at)}
