"""What was new, forgotten, or an obsession."""

from typing import Any

from flask import Response

from app.web.representation import json_response
from app.web.time.blueprint import blueprint
from app.web.time.discovery.report import LEAST_OBSESSED, MUCH, Discovery, Favourite
from app.web.time.discovery.report import discovery as report_of
from app.web.time.discovery.view import discovery_view
from app.web.time.pages import history_page, no_plays
from app.web.time.read_report import read_report, read_report_or_404


@blueprint.get("/history/discovery")
def discovery() -> str:
    """What was new in a range."""
    found = read_report(report_of)
    if found is None:
        return no_plays("Discovery")
    view = discovery_view(found.report, found.query)
    return history_page("history/discovery.html", found, "history.discovery", view=view)


@blueprint.get("/history/discovery.json")
def discovery_json() -> Response:
    """The same for programs."""
    return json_response(_to_json(read_report_or_404(report_of).report))


def _to_json(of: Discovery) -> dict[str, Any]:
    return {
        "months": [{"month": one.month, "artists": one.artists, "tracks": one.tracks} for one in of.months],
        "new_music": {
            "ms_played": of.ms,
            "new_ms_played": of.new_ms,
            "known_since": of.new_since.isoformat(),
            "months": [
                {"month": one.month, "ms_played": one.ms, "new_ms_played": one.new_ms}
                for one in of.new_by_month
            ],
        },
        "forgotten": {
            "count": of.all_forgotten,
            "least_plays": MUCH,
            "not_since": of.asleep_since.isoformat(),
            "tracks": [_favourite(one) for one in of.forgotten],
        },
        "on_this_day": [
            {
                "date": day.day.isoformat(),
                "plays": day.plays,
                "ms_played": day.ms,
                "top_tracks": [
                    {"name": one.name, "artist": one.artist, "plays": one.plays} for one in day.tracks
                ],
            }
            for day in of.on_this_day
        ],
        "obsessions": {
            "count": of.all_obsessions,
            "least_plays": LEAST_OBSESSED,
            "tracks": [
                {
                    "name": one.name,
                    "artist": one.artist,
                    "from": one.first.isoformat(),
                    "weeks": one.weeks,
                    "plays": one.plays,
                    "share": round(one.share, 4),
                }
                for one in of.obsessions
            ],
        },
    }


def _favourite(one: Favourite) -> dict[str, Any]:
    first, last = one.first.isoformat(), one.last.isoformat()
    return {"name": one.name, "artist": one.artist, "plays": one.plays, "first": first, "last": last}
