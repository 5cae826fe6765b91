"""What is skipped, how plays end, on which device and where."""

from typing import Any

from flask import Response

from app.web.representation import json_response
from app.web.time.behaviour.report import LEAST_OF_ARTIST, LEAST_OF_TRACK, Behaviour, Skipped
from app.web.time.behaviour.report import behaviour as report_of
from app.web.time.behaviour.view import behaviour_view
from app.web.time.blueprint import blueprint
from app.web.time.pages import history_page, no_plays
from app.web.time.read_report import read_report, read_report_or_404


@blueprint.get("/history/behaviour")
def behaviour() -> str:
    """How somebody listened in a range."""
    found = read_report(report_of)
    if found is None:
        return no_plays("Behaviour")
    view = behaviour_view(found.report)
    return history_page("history/behaviour.html", found, "history.behaviour", view=view)


@blueprint.get("/history/behaviour.json")
def behaviour_json() -> Response:
    """The same for programs."""
    return json_response(_to_json(read_report_or_404(report_of).report))


def _to_json(of: Behaviour) -> dict[str, Any]:
    return {
        "skips": {
            "rows": of.rows,
            "skipped": of.skipped,
            "least_rows": {"artist": LEAST_OF_ARTIST, "track": LEAST_OF_TRACK},
            "artists_most": [_skipped(one) for one in of.artists_most],
            "artists_least": [_skipped(one) for one in of.artists_least],
            "tracks": [_skipped(one) | {"artist": one.artist} for one in of.tracks],
            "always": of.always,
        },
        "shuffle": {"rows": of.shuffle_known, "shuffled": of.shuffled},
        "offline": {"rows": of.offline_known, "offline": of.offline},
        "endings": [{"reason": one.reason, "rows": one.rows} for one in of.endings],
        "platforms": [{"name": one.name, "plays": one.plays, "ms_played": one.ms} for one in of.platforms],
        "years": [
            {"year": int(one.year), "rows": one.rows, "skipped": one.skipped, "platforms": one.families}
            for one in of.years
        ],
        "countries": [{"code": one.name, "plays": one.plays, "ms_played": one.ms} for one in of.countries],
    }


def _skipped(one: Skipped) -> dict[str, Any]:
    return {"name": one.name, "rows": one.rows, "skipped": one.skipped}
