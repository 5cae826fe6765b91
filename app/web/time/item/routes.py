"""The own plays of an artist, album or track as JSON. Their page is `app/web/item`'s."""

from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.web.charts.time_series import MONTHS, buckets
from app.web.format import iso
from app.web.representation import json_response, to_json
from app.web.time.blueprint import blueprint
from app.web.time.item.report import ALBUM, ARTIST, LISTS, TRACK, ItemReport, Moment, item_report
from app.web.time.range_with_plays import RangeWithPlays
from app.web.time.read_report import range_json, read_report_or_404

KIND = f"<any({ARTIST}, {ALBUM}, {TRACK}):kind>"


@blueprint.get("/history/artist", endpoint="artist", defaults={"kind": ARTIST})
@blueprint.get("/history/album", endpoint="album", defaults={"kind": ALBUM})
@blueprint.get("/history/track", endpoint="track", defaults={"kind": TRACK})
def old_page(kind: str) -> AnyResponse:
    """Leads on to the one page of an artist, album or track."""
    return redirect(f"{url_for('browse.named', kind=kind)}?{urlencode([*request.args.items(multi=True)])}")


@blueprint.get(f"/history/{KIND}.json", endpoint="one_json")
def item_json(kind: str) -> Response:
    """Everything that is counted of one artist, album or track."""
    name, artist = request.args.get("name", ""), request.args.get("artist")

    def make(history: RangeWithPlays) -> ItemReport | None:
        return item_report(history, kind, name, [artist]) if name else None

    found = read_report_or_404(make)
    return json_response(range_json(found.query, found.days) | _to_json(found.report or abort(404)))


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
