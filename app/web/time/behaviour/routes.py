"""What is skipped, how plays end, on which device and where."""

from flask import Response

from app.web.representation import json_response, to_json
from app.web.time.behaviour import view
from app.web.time.behaviour.report import behaviour
from app.web.time.blueprint import blueprint
from app.web.time.pages import history_page, no_plays
from app.web.time.read_report import read_report, read_report_or_404


@blueprint.get("/history/behaviour", endpoint="behaviour")
def behaviour_page() -> str:
    """How somebody listened in a range."""
    found = read_report(behaviour)
    if found is None:
        return no_plays("Behaviour")
    return history_page("time/behaviour.html", found, "history.behaviour", view=view)


@blueprint.get("/history/behaviour.json")
def behaviour_json() -> Response:
    """The same for programs."""
    report = read_report_or_404(behaviour).report
    return json_response(
        {
            "skips": report.skips,
            "shuffle": report.shuffle,
            "offline": report.offline,
            "endings": report.endings,
            "platforms": [to_json(family, ms="ms_played") for family in report.platforms],
            "sources": [to_json(share, name="source", ms="ms_played") for share in report.sources],
            "sources_by_year": [{"year": year.year, **year.sources} for year in report.years],
            "years": to_json(report.years, sources=None),
            "countries": [to_json(country, name="code", ms="ms_played") for country in report.countries],
        }
    )
