"""Mood in full, with its twins."""

import time
from typing import Any

from flask import Blueprint, Response, render_template, request

from app.stats.sound import MEASURES, Extreme, Summary
from app.web.auth import private, site, visit
from app.web.csv_table import csv_response
from app.web.mood.report import MoodReport, Ranked, mood_report
from app.web.mood.view import mood_view
from app.web.representation import json_response, stale_json, time_range_from

blueprint = Blueprint("mood", __name__)

_COLUMNS = (*MEASURES, "key", "mode", "time_signature")


@blueprint.get("/mood")
@private
def page() -> str:
    """Mood in full."""
    report = _report()
    return render_template("mood.html", report=report, view=mood_view(report, time.time()))


@blueprint.get("/mood.json")
@private
def report_json() -> Response:
    """The same report for programs."""
    report = _report()
    return json_response(
        {
            "time_range": report.time_range.value,
            "coverage": {"known": report.coverage.known, "total": report.coverage.total},
            "sources": {"spotify": 0, "reccobeats": 0, **report.sources},
            "features": {name: _summary(one) for name, one in report.features.items()},
            "quadrants": report.quadrants,
            "keys": [
                {"key": one.key, "mode": one.mode, "name": one.name, "count": one.count}
                for one in report.keys
            ],
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


def _summary(one: Summary) -> dict[str, Any]:
    return {
        "count": one.count,
        "mean": one.mean,
        "median": one.median,
        "q1": one.q1,
        "q3": one.q3,
        "stdev": one.stdev,
        "min": _extreme(one.min),
        "max": _extreme(one.max),
        "histogram": [{"from": of.start, "to": of.end, "count": of.count} for of in one.histogram],
    }


def _extreme(one: Extreme | None) -> dict[str, Any] | None:
    return {"value": one.value, "track_id": one.track_id} if one else None


def _row(one: Ranked) -> list[object]:
    track, sound = one.track, one.sound
    return [
        one.rank,
        track.id,
        track.name,
        ", ".join(artist.name or "" for artist in track.artists),
        track.album.name if track.album else None,
        track.album.release_date if track.album else None,
        sound.source if sound else None,
        *(getattr(sound, name) if sound else None for name in _COLUMNS),
    ]
