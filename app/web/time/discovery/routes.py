"""What was new, forgotten, or an obsession."""

from flask import Response

from app.web.representation import json_response, to_json
from app.web.time.blueprint import blueprint
from app.web.time.discovery import view
from app.web.time.discovery.report import discovery
from app.web.time.pages import history_page, no_plays
from app.web.time.read_report import read_report, read_report_or_404


@blueprint.get("/history/discovery", endpoint="discovery")
def discovery_page() -> str:
    """What was new in a range."""
    found = read_report(discovery)
    if found is None:
        return no_plays("Discovery")
    return history_page("time/discovery.html", found, "history.discovery", view=view)


@blueprint.get("/history/discovery.json")
def discovery_json() -> Response:
    """The same for programs."""
    report = read_report_or_404(discovery).report
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
