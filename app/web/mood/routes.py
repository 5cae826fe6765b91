"""Mood in full, as a page, JSON and CSV."""

from typing import Any

import msgspec
from flask import Blueprint, Response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.stats.sound import MEASURES, Summary
from app.web.auth import logged_in, private, site, visit
from app.web.csv_table import csv_response
from app.web.mood import view
from app.web.mood.report import MoodReport, Ranked, mood_report
from app.web.representation import json_response, stale_json, time_range_from
from app.web.source import Source, asked_source, shows_plays, source_switch
from app.web.time.mood.routes import mood_page, read_mood

blueprint = Blueprint("mood", __name__)

_COLUMNS = (*MEASURES, "key", "mode", "time_signature")


@blueprint.get("/mood")
def page() -> str | AnyResponse:
    """The mood of plays over time, or of what Spotify ranks, in full."""
    if shows_plays():
        found = read_mood()
        # Of plays nothing is known until it is looked up: then what Spotify ranks tells more.
        if not logged_in() or asked_source() or (found and found.report.coverage.known_plays):
            return mood_page(found)
    return _ranked_by_spotify()


@private
def _ranked_by_spotify() -> str:
    switch = source_switch(Source.SPOTIFY, "mood.page")
    return render_template("mood/page.html", report=_report(), view=view, switch=switch)


@blueprint.get("/mood.json")
@private
def report_json() -> Response:
    """The same report for programs."""
    report = _report()
    return json_response(
        {
            "time_range": report.time_range,
            "coverage": report.mood.coverage,
            "sources": {"spotify": 0, "reccobeats": 0, **report.mood.sources},
            "features": {name: _summary(summary) for name, summary in report.features.items()},
            "quadrants": report.quadrants,
            "keys": report.keys,
            "modes": report.modes,
            **stale_json(report.stale, report.as_of),
        }
    )


@blueprint.get("/mood.csv")
@private
def report_csv() -> Response:
    """A row for each track, best first; unknown values are empty."""
    report = _report()
    header = ["rank", "id", "name", "artists", "album", "release_date", "source", *_COLUMNS]
    return csv_response(header, [map(_row, report.tracks)], f"mood-{report.time_range.value}")


def _report() -> MoodReport:
    return mood_report(site(), visit(), time_range_from(request.args.get("time_range")))


def _summary(summary: Summary) -> dict[str, Any]:
    bins = [{"from": one.start, "to": one.end, "count": one.count} for one in summary.histogram]
    return {**msgspec.to_builtins(summary), "histogram": bins}


def _row(ranked: Ranked) -> list[object]:
    track, sound = ranked.track, ranked.sound
    return [
        ranked.rank,
        track.id,
        track.name,
        ", ".join(artist.name or "" for artist in track.artists),
        track.album.name if track.album else None,
        track.album.release_date if track.album else None,
        sound.source if sound else None,
        *(getattr(sound, name) if sound else None for name in _COLUMNS),
    ]
