"""Podcasts and audiobooks, kept apart from music: shows or books, and what was heard of them last."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from app.history.calendar import date_at
from app.history.figures import Ranked
from app.history.patterns import MONTH, PeriodSums
from app.web.time.range_with_plays import RangeWithPlays, Totals

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


def spoken(of: RangeWithPlays) -> Spoken:
    """What was heard in a range; shows and books by time, since an episode may be minutes or hours."""
    months = PeriodSums(of.asked.zone, MONTH)
    tracks = len(of.names.tracks)
    # Where among all plays each was heard last, and when.
    place, moment = np.full(tracks, -1, np.int64), np.zeros(tracks, np.int64)
    so_far = 0
    for plays in of.plays():
        months.add(plays.start, plays.ms)
        place[plays.track] = np.arange(so_far, so_far + len(plays))  # the last assignment stays
        moment[plays.track] = plays.start
        so_far += len(plays)
    place = np.where(of.names.has_title, place, -1)
    latest = np.argsort(-place)[: min(LATEST, int(np.count_nonzero(place >= 0)))].tolist()
    return Spoken(
        totals=of.totals,
        shows=of.artists.top(TOP, by_time=True),
        latest=tuple(_heard(of, track, int(moment[track])) for track in latest),
        months=tuple((name, plays, ms) for name, (plays, ms) in months.rows()),
    )


def _heard(of: RangeWithPlays, track: int, moment: int) -> Heard:
    day = date_at(moment, of.asked.zone)
    return Heard(of.names.tracks[track], of.artist_of(track), day, int(of.rollup.track_ms[track]))
