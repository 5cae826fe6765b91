"""The top lists as pages, JSON and CSV, and the button that saves one as a playlist."""

from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.music import TimeRange
from app.web.auth import private, site, visit
from app.web.csv_table import csv_response
from app.web.intents import ask_permission, take_intent
from app.web.representation import (
    full_address,
    image_address,
    json_response,
    stale_json,
    time_range_from,
)
from app.web.source import Option, Source, shows_plays, source_switch
from app.web.time.lists.routes import list_page
from app.web.top import view
from app.web.top.playlists import PLAYLIST_SCOPE, SomebodyElse, save_top_tracks
from app.web.top.report import Item, TopKind, TopList, top_list

blueprint = Blueprint("top", __name__)

_INTENT = "save_playlist"


@blueprint.get("/top/<kind>")
def page(kind: str) -> str | AnyResponse:
    """A top list, of plays or of what Spotify ranks."""
    if _kind(kind) is not TopKind.GENRES and shows_plays():
        return list_page(kind)
    return _ranked_by_spotify(kind)


@private
def _ranked_by_spotify(kind: str) -> str | AnyResponse:
    time_range = time_range_from(request.args.get("time_range"))
    if _kind(kind) is TopKind.TRACKS and (intent := take_intent(_INTENT, time_range=time_range.value)):
        return _save(time_range, asked_by=intent["account_id"])
    outcome = "refused" if "refused" in request.args else request.args.get("saved")
    switch = [] if kind == TopKind.GENRES.value else source_switch(Source.SPOTIFY, "top.page", kind=kind)
    return render_template(
        "top/page.html", report=_report(kind), view=view, outcome=outcome, switch=switch, tabs=_tabs(kind)
    )


@blueprint.get("/top/<kind>.json")
@private
def report_json(kind: str) -> Response:
    """The same list for programs."""
    report = _report(kind)
    return json_response(
        {
            "kind": report.kind,
            "time_range": report.time_range,
            "items": [_item(report, item) for item in report.items],
            "variety": report.variety,
            **stale_json(report.stale, report.as_of),
        }
    )


@blueprint.get("/top/<kind>.csv")
@private
def report_csv(kind: str) -> Response:
    """The same list as a table; a column for each range's rank."""
    report = _report(kind)
    rows = [_item(report, item) for item in report.items]
    weight = ["weight"] if report.is_weighed else []
    header = ["rank", "id", "name", "image", "url", *(one.value for one in TimeRange), "movement", *weight]
    return csv_response(
        header,
        [[[(row | row["ranks"])[name] for name in header] for row in rows]],
        f"top-{report.kind.value}-{report.time_range.value}",
    )


@blueprint.post("/top/tracks/playlist")
@private
def save_playlist() -> AnyResponse:
    """Saves the top tracks as a private playlist; asks Spotify for that permission first, if need be."""
    time_range = time_range_from(request.form.get("time_range"))
    visitor = visit()
    if PLAYLIST_SCOPE in visitor.login.scopes:
        return _save(time_range)
    back = url_for("top.page", kind=TopKind.TRACKS.value, time_range=time_range.value)
    return ask_permission(visitor, [PLAYLIST_SCOPE], back, _INTENT, {"time_range": time_range.value})


def _save(time_range: TimeRange, asked_by: int | None = None) -> AnyResponse:
    try:
        outcome = "yes" if save_top_tracks(site(), visit(), time_range, _today(), asked_by) else "empty"
    except SomebodyElse:
        outcome = "other"
    back = url_for("top.page", kind=TopKind.TRACKS.value, time_range=time_range.value, saved=outcome)
    return redirect(back, 303)


def _tabs(current: str) -> list[Option]:
    """The kinds of lists, over the same range."""
    kept: dict[str, Any] = {
        name: request.args[name] for name in ("time_range", "source") if name in request.args
    }
    order = (TopKind.ARTISTS, TopKind.TRACKS, TopKind.ALBUMS, TopKind.GENRES)
    return [
        Option(kind.value.capitalize(), url_for("top.page", kind=kind.value, **kept), kind.value == current)
        for kind in order
    ]


def _report(kind: str) -> TopList:
    time_range = time_range_from(request.args.get("time_range"))
    return top_list(site(), visit(), _kind(kind), time_range, _today())


def _kind(name: str) -> TopKind:
    try:
        return TopKind(name)
    except ValueError:
        abort(404)


def _today() -> date:
    """The listener's date."""
    return datetime.now(g.timezone).date()


def _item(report: TopList, item: Item) -> dict[str, Any]:
    entry = item.entry
    return {
        "rank": item.rank,
        "id": entry.id,
        "name": entry.name,
        "image": image_address(entry.images),
        "url": full_address(entry.url),
        "ranks": {one.value: rank for one, rank in item.ranks.items()},
        "movement": item.movement,
        **({"weight": entry.weight} if report.is_weighed else {}),
    }
