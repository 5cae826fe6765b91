"""Values as words: percentages, durations, ages, clock times, names. Nothing here computes a statistic.

`FILTERS` are the Jinja filters that the application registers. Times are Unix seconds, and the clock
shows the reader's time zone, with " (UTC)" appended where theirs is not known.
"""

import re
import time
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import g

from app.music import TimeRange
from app.stats.mood import Mood
from app.web.now.report import Overview

UNKNOWN = "–"
MINUTE, HOUR, DAY = 60, 3600, 86400
# One expression, since a page asks it of every size of every picture.
_SHOWABLE = re.compile(r"(?:https?://(?:\[[0-9a-fA-F:.]+\]|[^/?#\[\s\x00-\x1f\\])|/(?!/))[^\s\x00-\x1f\\]*")
PROVIDERS = {"spotify": "Spotify", "reccobeats": "ReccoBeats"}
PERIODS = {
    TimeRange.SHORT_TERM: "about the last 4 weeks",
    TimeRange.MEDIUM_TERM: "about the last 6 months",
    TimeRange.LONG_TERM: "about the last year",
}


@dataclass(frozen=True)
class Piece:
    """A part of a sentence; `is_name` where it is a name from outside, in whatever script."""

    text: str
    is_name: bool = False


def percent(share: float | None) -> str:
    """A share of 1 as a whole percentage: `percent(0.634)` is "63%"."""
    if share is None:
        return UNKNOWN
    if 0 < share <= 0.005:
        return "<1%"
    return f"{share * 100:.0f}%"


def duration(milliseconds: int | None) -> str:
    """A track's length: `duration(187_000)` is "3:07", from an hour on "1:02:03"."""
    if milliseconds is None:
        return UNKNOWN
    minutes, seconds = divmod(milliseconds // 1000, MINUTE)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def age(then: float, now: float) -> str:
    """How long ago `then` was: "just now", "12 minutes ago", "3 hours ago", "2 days ago"."""
    seconds = now - then
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= unit:
            return f"{counted(int(seconds // unit), name)} ago"
    return "just now"


def clock_time(epoch: float, now: float, timezone: ZoneInfo) -> str:
    """A moment on the reader's clock: "14:05", "14:05 tomorrow", "14:05 on 3 December"."""
    moment = datetime.fromtimestamp(epoch, timezone)
    today = datetime.fromtimestamp(now, timezone).date()
    if moment.date() == today:
        day = ""
    elif moment.date() == today + timedelta(days=1):
        day = " tomorrow"
    else:
        day = f" on {moment.day} {moment:%B}" + ("" if moment.year == today.year else f" {moment.year}")
    return f"{moment:%H:%M}{day}" + (" (UTC)" if timezone.key == "UTC" else "")


def clock(epoch: float) -> str:
    """`clock_time` for the request at hand: now, in the time zone that the request came with."""
    return clock_time(epoch, time.time(), g.get("timezone", ZoneInfo("UTC")))


def iso(epoch: float) -> str:
    """A moment for machines, as `<time datetime>` wants it: "2026-11-20T08:57:49Z"."""
    return datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def counted(count: int, noun: str) -> str:
    """A number and its noun: "1 track", "3 tracks"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def number(count: int) -> str:
    """A count with its thousands set apart: "3,200"."""
    return f"{count:,}"


def month(name: str) -> str:
    """A month: `month("2021-03")` is "March 2021"."""
    year, _, of = name.partition("-")
    return f"{date(int(year), int(of), 1):%B %Y}"


def long_time(milliseconds: int) -> str:
    """Listening time in words: "9 days and 4 hours", "3 hours and 20 minutes"."""
    seconds = milliseconds // 1000
    days, rest = divmod(seconds // HOUR, DAY // HOUR)
    minutes = seconds % HOUR // MINUTE
    parts = ((days, "day"), (rest, "hour")) if days else ((rest, "hour"), (minutes, "minute"))
    return " and ".join(counted(count, noun) for count, noun in parts if count) or "under a minute"


def showable(url: str | None) -> bool:
    """Whether a page may show or link an address from outside: http, https, or a path on this site."""
    return bool(url and _SHOWABLE.fullmatch(url))


def initials(name: str | None) -> str:
    """What stands in for a missing picture: "MR" for "Mira Rose"; one character where not Latin."""
    words = [[c for c in word if c.isalnum()] for word in (name or "").split()]
    firsts = [characters[0] for characters in words if characters]
    if not firsts:
        return "♪"
    if len(firsts) > 1 and all(is_latin(c) for c in (firsts[0], firsts[-1])):
        return (firsts[0] + firsts[-1]).upper()
    return firsts[0].upper()


def is_latin(character: str) -> bool:
    """Whether a character is a Latin letter or a digit."""
    return character.isdigit() or unicodedata.name(character, "").startswith("LATIN")


def lead(report: Overview) -> tuple[Piece, ...]:
    """What the report says first, as pieces of one or two sentences; empty when there is nothing to say."""
    firsts: list[Piece] = []
    if report.top_artists:
        name = report.top_artists[0].name
        firsts += [Piece(name, is_name=True) if name else Piece("an unnamed artist")]
        firsts += [Piece(" first among your artists")]
    if report.top_tracks:
        name = report.top_tracks[0].name
        firsts += [Piece(" and ")] if firsts else []
        firsts += [Piece(name, is_name=True) if name else Piece("an unnamed track")]
        firsts += [Piece(" first among your tracks")]
    if not firsts:
        return ()
    opening = Piece(f"Over {PERIODS[report.time_range]}, Spotify ranks ")
    if report.top_genre is None:
        return (opening, *firsts, Piece("."))
    return (
        opening,
        *firsts,
        Piece(". The genre you meet most is "),
        Piece(report.top_genre.name, True),
        Piece("."),
    )


def coverage(mood: Mood) -> str:
    """How many tracks the mood is known for, and from whom: no number without its source."""
    known, total = mood.coverage.known, mood.coverage.total
    if not known:
        return f"The mood is not known for any of the {counted(total, 'track')}."
    return f"Mood known for {covered(mood.sources, total)}."


def covered(sources: Mapping[str, int], total: int) -> str:
    """How many tracks of `total` are known, and from whom: "46 of 50 tracks, from ReccoBeats"."""
    counts = sorted(sources.items(), key=lambda item: -item[1])
    named = [(PROVIDERS.get(source.lower(), source), count) for source, count in counts]
    known = f"{sum(sources.values())} of {counted(total, 'track')}"
    if len(named) == 1:
        return f"{known}, from {named[0][0]}"
    return known + (": " if named else "") + ", ".join(f"{count} from {source}" for source, count in named)


FILTERS: dict[str, Callable[..., Any]] = {
    "percent": percent,
    "duration": duration,
    "clock": clock,
    "iso": iso,
    "initials": initials,
    "showable": showable,
}
