"""Podcasts and audiobooks."""

from typing import Any

from flask import Response

from app.web.representation import json_response
from app.web.time.blueprint import blueprint
from app.web.time.podcasts.report import spoken
from app.web.time.podcasts.view import BOOKS, SHOWS, Words, spoken_view
from app.web.time.range_with_plays import AUDIOBOOKS, PODCASTS
from app.web.time.shared import nothing, page, plays_of, plays_or_404


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
    of = plays_of(kind)
    if of is None:
        return nothing(words.title, words.title.lower())
    return page(of, "history/spoken.html", endpoint, view=spoken_view(spoken(of), words), words=words)


def _json(kind: str, words: Words) -> Response:
    of = spoken(plays_or_404(kind))
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
