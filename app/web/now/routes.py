"""The overview, as a page and as JSON."""

from dataclasses import replace
from typing import Any

import msgspec
from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.music import Artist, TimeRange
from app.stats.mood import Mood
from app.web.auth import logged_in, private, same_site_path, site, visit, way_back
from app.web.errors import Declined
from app.web.now import view
from app.web.now.report import Overview, Recently, ask_anew, overview, overview_soon, recently
from app.web.representation import (
    full_address,
    image_address,
    json_response,
    stale_json,
    time_range_from,
    track_json,
)
from app.web.time.current_account import current_account_id
from app.web.time.pages import import_under_way
from app.web.time.range_query import Preset, parse_range
from app.web.time.read_report import RangeReport, read_report

blueprint = Blueprint("your_music", __name__)
PATIENCE = 1.0  # seconds that a first page waits for Spotify


@blueprint.get("/your-music")
def page() -> str | AnyResponse:
    """The overview. Who is not logged in sees what their own plays tell, if there are any here."""
    if logged_in():
        return _with_ranking()
    history, under_way = _history()
    if history is None and under_way is None:
        return redirect(url_for("landing.index", next=way_back()))
    return _page(None, history, under_way, time_range_from(request.args.get("time_range")))


def _with_ranking() -> str:
    """With what Spotify ranks. Where Spotify is slow, it comes without that, and asks with `?wait=1`."""
    time_range, mine = time_range_from(request.args.get("time_range")), visit()
    if request.args.get("wait") == "1":
        report: Overview | None = overview(site(), mine, time_range)
    else:
        report = overview_soon(site(), mine, time_range, PATIENCE)
    history = under_way = None
    if report or mine.account_id is not None:
        history, under_way = _history()
    return _page(report, history, under_way, time_range)


def _page(
    report: Overview | None,
    history: RangeReport[Recently] | None,
    under_way: str | None,
    time_range: TimeRange,
) -> str:
    return render_template(
        "now/page.html",
        report=report,
        recently=history.report if history else None,
        query=history.query if history else None,
        under_way=under_way,
        time_range=time_range,
        view=view,
    )


def _history() -> tuple[RangeReport[Recently] | None, str | None]:
    """What was played lately, for who has a history; and how far it is where it is being made."""
    account_id = current_account_id()
    if account_id is None:
        return None, None
    query = replace(parse_range(account_id), preset=Preset.ALL, first=None, last=None)
    try:
        found = read_report(recently, query=query)
    except Declined:
        return None, "It is being added up."  # the rest of the page need not wait for it
    return (found, None) if found else (None, import_under_way(account_id))


@blueprint.get("/your-music.json")
@private
def report_json() -> Response:
    """The same report, whole, for programs."""
    report = overview(site(), visit(), time_range_from(request.args.get("time_range")))
    return json_response(_to_json(report))


@blueprint.post("/your-music/refresh")
@private
def refresh() -> AnyResponse:
    """Asks Spotify anew instead of showing what is kept; back to the page in `next`, else the overview."""
    time_range = time_range_from(request.form.get("time_range"))
    ask_anew(site(), visit())
    back = same_site_path(request.form.get("next"))
    return redirect(back or url_for("your_music.page", time_range=time_range.value), 303)


def _to_json(report: Overview) -> dict[str, Any]:
    """The report as JSON. Its shape is a contract: see the README."""
    profile = report.profile
    return {
        "profile": {
            "id": profile.id,
            "display_name": profile.display_name,
            "image": image_address(profile.images),
            "url": full_address(profile.url),
        },
        "time_range": report.time_range,
        "top_artists": [_artist(rank, artist) for rank, artist in enumerate(report.top_artists, 1)],
        "top_tracks": [
            {"rank": rank, **track_json(track)} for rank, track in enumerate(report.top_tracks, 1)
        ],
        "top_genre": report.top_genre,
        "mood": _mood(report.mood),
        **stale_json(report.stale, report.as_of),
    }


def _artist(rank: int, artist: Artist) -> dict[str, Any]:
    return {
        "rank": rank,
        "id": artist.id,
        "name": artist.name,
        "genres": artist.genres,
        "image": image_address(artist.images),
        "url": full_address(artist.url),
    }


def _mood(mood: Mood) -> dict[str, Any]:
    return {**msgspec.to_builtins(mood), "sources": {"spotify": 0, "reccobeats": 0} | mood.sources}
