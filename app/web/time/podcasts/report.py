"""Podcasts and audiobooks, kept apart from music: shows or books, and what was heard of them last."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.history.calendar import date_at
from app.history.figures import Ranked
from app.history.patterns import MONTH, PeriodSums
from app.web.time.range_with_plays import Month, RangeWithPlays, Totals

TOP, LATEST = 20, 20


@dataclass(frozen=True)
class Latest:
    """An episode or chapter: its show or book where known, the day of its latest play, and all its time."""

    name: str
    show: str | None
    date: datetime.date
    ms_played: int


@dataclass(frozen=True)
class Podcasts:
    """A range of podcasts or audiobooks. `totals.tracks` are episodes or chapters, `totals.artists` shows or
    books; `top`: those by time.
    """

    totals: Totals
    top: Sequence[Ranked]
    latest: tuple[Latest, ...]
    months: tuple[Month, ...]


def podcasts(selection: RangeWithPlays) -> Podcasts:
    """What was heard in a range; shows and books by time, since an episode may be minutes or hours."""
    names, zone = selection.names, selection.query.zone
    months = PeriodSums(zone, MONTH)
    # Where among all plays each was heard last, and when.
    place, moment = (np.full(len(names.tracks), -1, np.int64) for _ in range(2))
    so_far = 0
    for plays in selection.plays():
        months.add(plays.start, plays.ms)
        place[plays.track] = np.arange(so_far, so_far + len(plays))  # the last assignment stays
        moment[plays.track] = plays.start
        so_far += len(plays)
    place = np.where(names.has_title, place, -1)
    latest = np.argsort(-place)[: min(LATEST, int(np.count_nonzero(place >= 0)))].tolist()
    return Podcasts(
        totals=selection.totals,
        top=selection.artists.top(TOP, by_time=True),
        latest=tuple(
            Latest(
                names.tracks[track],
                selection.artist_of(track),
                date_at(int(moment[track]), zone),
                int(selection.rollup.track_ms[track]),
            )
            for track in latest
        ),
        months=tuple(Month(name, plays, ms) for name, (plays, ms) in months.rows()),
    )
