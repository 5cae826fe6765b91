"""Podcasts and audiobooks."""

from flask import Response

from app.web.representation import json_response, to_json
from app.web.time.blueprint import blueprint
from app.web.time.pages import history_page, no_plays
from app.web.time.podcasts import view
from app.web.time.podcasts.report import podcasts
from app.web.time.podcasts.view import NAMES
from app.web.time.range_with_plays import AUDIOBOOKS, PODCASTS
from app.web.time.read_report import read_report, read_report_or_404


@blueprint.get("/history/podcasts", endpoint="podcasts", defaults={"kind": PODCASTS})
@blueprint.get("/history/audiobooks", endpoint="audiobooks", defaults={"kind": AUDIOBOOKS})
def podcasts_page(kind: str) -> str:
    """Shows and episodes, or books and chapters."""
    found = read_report(podcasts, kind)
    if found is None:
        return no_plays(kind.capitalize(), kind)
    show, episode = NAMES[kind]
    return history_page(
        "time/podcasts.html",
        found,
        f"history.{kind}",
        kind=kind,
        show=show,
        episode=episode,
        view=view,
    )


@blueprint.get("/history/podcasts.json", endpoint="podcasts_json", defaults={"kind": PODCASTS})
@blueprint.get("/history/audiobooks.json", endpoint="audiobooks_json", defaults={"kind": AUDIOBOOKS})
def podcasts_json(kind: str) -> Response:
    """The same for programs."""
    report, (show, episode) = read_report_or_404(podcasts, kind).report, NAMES[kind]
    totals = to_json(report.totals, ms="ms_played", tracks=f"{episode}s", artists=f"{show}s", albums=None)
    return json_response(
        {
            "totals": totals,
            f"top_{show}s": [to_json(top, number=None, artist=None, ms="ms_played") for top in report.top],
            f"latest_{episode}s": [to_json(latest, show=show) for latest in report.latest],
            "months": report.months,
        }
    )
