"""An artist, an album, a track of the history, each with its twin. The name in the address tells which."""

from typing import Any

from flask import Response, abort, render_template, request

from app.history.figures import Ranked
from app.web.charts.time_series import MONTHS, buckets
from app.web.format import iso
from app.web.representation import json_response
from app.web.time.blueprint import blueprint, current_account_id, summary_of
from app.web.time.empty import without_history
from app.web.time.frame import frame_of
from app.web.time.item.report import ALBUM, ARTIST, TRACK, ItemStats, Moment, item_stats
from app.web.time.item.view import entity_view
from app.web.time.links import Links
from app.web.time.summary import Summary


@blueprint.get("/history/artist", endpoint="artist", defaults={"kind": ARTIST})
@blueprint.get("/history/album", endpoint="album", defaults={"kind": ALBUM})
@blueprint.get("/history/track", endpoint="track", defaults={"kind": TRACK})
def one_page(kind: str) -> str:
    """Everything about one artist, album or track."""
    account_id = current_account_id()
    of = None if account_id is None else summary_of(account_id)
    if of is None:
        return without_history(account_id)
    one = _one(of, kind)
    address = {"name": one.name, "artist": None if kind == ARTIST else one.artist}
    return render_template(
        "history/entity.html",
        frame=frame_of(of, f"history.{kind}", **address),
        view=entity_view(one, Links(of.asked)),
    )


@blueprint.get(f"/history/<any({ARTIST}, {ALBUM}, {TRACK}):kind>.json")
def one_json(kind: str) -> Response:
    """The same for programs."""
    account_id = current_account_id()
    of = None if account_id is None else summary_of(account_id)
    if of is None:
        abort(404)
    return json_response(_to_json(_one(of, kind)))


def _one(of: Summary, kind: str) -> ItemStats:
    name = request.args.get("name", "")
    found = item_stats(of, kind, request.args.get("artist"), name) if name else None
    if found is None:
        abort(404)
    return found


def _to_json(one: ItemStats) -> dict[str, Any]:
    of = one.summary
    days = of.days
    by_month = buckets(one.daily, (one.daily[0].day, one.daily[-1].day), MONTHS) if one.plays else []
    lists = {ARTIST: ("tracks", "albums"), ALBUM: ("tracks",), TRACK: ("albums",)}[one.kind]
    return {
        "kind": one.kind,
        "name": one.name,
        "artist": one.artist,
        "range": {
            "from": days[0].isoformat() if days else None,
            "to": days[1].isoformat() if days else None,
            "timezone": of.asked.zone.key,
        },
        "threshold_ms": of.asked.threshold_ms,
        "plays": one.plays,
        "ms_played": one.ms,
        "rank": one.rank,
        "first": _moment(one.first),
        "latest": _moment(one.latest),
        "by_month": [
            {"month": f"{month.first:%Y-%m}", "plays": month.plays, "ms_played": month.ms}
            for month in by_month
        ],
        "by_hour": list(one.by_hour),
        "by_year": [
            {
                "year": year.year,
                "rank": year.rank,
                "of": year.length,
                "plays": year.plays,
                "ms_played": year.ms,
            }
            for year in one.by_year
        ],
        **{name: [_ranked(each) for each in getattr(one, name)] for name in lists},
        **({"uri": one.address} if one.kind == TRACK else {}),
    }


def _moment(moment: Moment | None) -> dict[str, Any] | None:
    if moment is None:
        return None
    return {"at": iso(moment.start), "track": moment.track, "album": moment.album}


def _ranked(one: Ranked) -> dict[str, Any]:
    return {
        "rank": one.rank,
        "name": one.name,
        "artist": one.artist,
        "plays": one.plays,
        "ms_played": one.ms,
    }
