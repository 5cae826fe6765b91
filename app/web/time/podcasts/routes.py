"""Podcasts and audiobooks."""

from typing import Any

from flask import Response

from app.web.representation import json_response
from app.web.time.blueprint import blueprint
from app.web.time.pages import history_page, no_plays
from app.web.time.podcasts.report import spoken
from app.web.time.podcasts.view import BOOKS, SHOWS, Words, spoken_view
from app.web.time.range_with_plays import AUDIOBOOKS, PODCASTS
from app.web.time.read_report import read_report, read_report_or_404


@blueprint.get("/history/podcasts")
def podcasts() -> str:
    """Shows and episodes."""
    return _page(PODCASTS, SHOWS, "history.podcasts")


@blueprint.get("/history/podcasts.json")
def podcasts_json() -> Response:
    """The same for programs."""
    return _json(PODCASTS, SHOWS)


@blueprint.get("/history/audiobooks")
def audiobooks() -> str:
    """Books and chapters."""
    return _page(AUDIOBOOKS, BOOKS, "history.audiobooks")


@blueprint.get("/history/audiobooks.json")
def audiobooks_json() -> Response:
    """The same for programs."""
    return _json(AUDIOBOOKS, BOOKS)


def _page(kind: str, words: Words, endpoint: str) -> str:
    found = read_report(spoken, kind)
    if found is None:
        return no_plays(words.title, words.title.lower())
    view = spoken_view(found.report, words)
    return history_page("history/spoken.html", found, endpoint, view=view, words=words)


def _json(kind: str, words: Words) -> Response:
    of = read_report_or_404(spoken, kind).report
    wire: dict[str, Any] = {
        "totals": {
            "plays": of.totals.plays,
            "ms_played": of.totals.ms,
            f"{words.part}s": of.totals.tracks,
            f"{words.whole}s": of.totals.artists,
            "days": of.totals.days,
        },
        f"top_{words.whole}s": [
            {"rank": one.rank, "name": one.name, "plays": one.plays, "ms_played": one.ms} for one in of.shows
        ],
        f"latest_{words.part}s": [
            {"name": one.name, words.whole: one.of, "date": one.day.isoformat(), "ms_played": one.ms}
            for one in of.latest
        ],
        "months": [{"month": name, "plays": plays, "ms_played": ms} for name, plays, ms in of.months],
    }
    return json_response(wire)
