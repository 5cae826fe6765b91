"""What was new, forgotten, or an obsession."""

from flask import Response

from app.web.representation import json_response, to_json
from app.web.time.blueprint import blueprint
from app.web.time.discovery import view
from app.web.time.discovery.report import discovery
from app.web.time.shared import nothing, page, plays_of, plays_or_404


@blueprint.get("/history/discovery", endpoint="discovery")
def discovery_page() -> str:
    """What was new in a range."""
    selection = plays_of()
    if selection is None:
        return nothing("Discovery")
    return page(
        selection, "history/discovery.html", "history.discovery", report=discovery(selection), view=view
    )


@blueprint.get("/history/discovery.json")
def discovery_json() -> Response:
    """The same for programs."""
    report = discovery(plays_or_404())
    obsessions = [
        to_json(track, first="from") | {"share": round(track.share, 4)} for track in report.obsessions.tracks
    ]
    return json_response(
        {
            "months": report.months,
            "new_music": report.new_music,
            "forgotten": report.forgotten,
            "on_this_day": report.on_this_day,
            "obsessions": to_json(report.obsessions) | {"tracks": obsessions},
        }
    )
