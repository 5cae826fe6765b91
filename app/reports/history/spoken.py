"""Podcasts and audiobooks, kept apart from music: shows or books, and what was heard of them last."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from app.history.calendar import date_at
from app.history.figures import Ranked
from app.history.patterns import MONTH, periods
from app.reports.history.summary import Totals
from app.reports.history.whole import Whole

TOP, LATEST = 20, 20


@dataclass(frozen=True)
class Heard:
    """An episode or chapter: its show or book where known, the day of its latest play, and all its time."""

    name: str
    of: str | None
    day: date
    ms: int


@dataclass(frozen=True)
class Spoken:
    """A range. `totals.tracks` are episodes or chapters, `totals.artists` shows or books."""

    totals: Totals
    shows: list[Ranked]
    latest: tuple[Heard, ...]
    months: tuple[tuple[str, int, int], ...]


def spoken(of: Whole) -> Spoken:
    """What was heard in a range; shows and books by time, since an episode may be minutes or hours."""
    months = periods(of.plays.start, of.asked.zone, MONTH)
    sums = months.sums(of.plays.ms).tolist()
    return Spoken(
        totals=of.totals,
        shows=of.artists.top(TOP, by_time=True),
        latest=tuple(_latest(of)),
        months=tuple(
            (name, one.stop - one.start, ms)
            for name, one, ms in zip(months.names, months.slices(), sums, strict=True)
            if one.stop > one.start
        ),
    )


def _latest(of: Whole) -> list[Heard]:
    """What was heard last, each once; only what has a title."""
    named = of.names.has_title[of.plays.track]
    backwards = of.plays.track[named][::-1]
    tracks, first = np.unique(backwards, return_index=True)
    order = np.argsort(first)[:LATEST]
    starts = of.plays.start[named][::-1][first[order]].tolist()
    return [
        Heard(
            of.names.tracks[track],
            of.artist_of(track),
            date_at(start, of.asked.zone),
            int(of.rollup.track_ms[track]),
        )
        for track, start in zip(tracks[order].tolist(), starts, strict=True)
    ]
