"""The years of a history side by side, and one of them in review."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from app.history.figures import DayCount, Ranked, Streak
from app.history.patterns import YEAR, artists_played, periods
from app.history.rollup import SLOT
from app.history.yearly import yearly
from app.web.time.range_query import Preset, RangeQuery
from app.web.time.range_with_plays import RangeWithPlays, Totals

__all__ = [
    "MonthRow",
    "Ranked",
    "Review",
    "Totals",
    "YearRow",
    "review",
    "year_asked",
    "years_of",
    "years_with_plays",
]

FIVE = 5


@dataclass(frozen=True)
class YearRow:
    """A year's totals, and who was played most in it."""

    year: int
    plays: int
    ms: int
    tracks: int
    artists: int
    days: int
    top_artist: str | None


@dataclass(frozen=True)
class MonthRow:
    """A month's plays and time."""

    month: str
    plays: int
    ms: int


@dataclass(frozen=True)
class Review:
    """A year in review, up to `last`.

    `before`: the year before, of a year under way its same days; `None` without plays.
    `new_artists`, `new_tracks`: first played in it. `hours`: plays in each hour of the day.
    """

    year: int
    last: date | None
    totals: Totals
    before: Totals | None
    artists: Sequence[Ranked]
    tracks: Sequence[Ranked]
    albums: Sequence[Ranked]
    busiest: DayCount | None
    longest_streak: Streak
    new_artists: int
    new_tracks: int
    months: tuple[MonthRow, ...]
    hours: tuple[int, ...]
    weekdays: tuple[int, ...]
    unfinished: bool


def years_of(of: RangeWithPlays) -> list[YearRow]:
    """Every year with plays, latest first."""
    days = Counter(one.day.year for one in of.daily)
    sums = yearly(of.history, "track", of.asked.zone)
    rows = []
    for year in sums.years:
        track_plays, track_ms = sums.of(year)
        if not track_plays.any():
            continue
        by_artist = artists_played(track_plays, of.names)
        best = int(by_artist.argmax()) if by_artist.any() else None
        rows.append(
            YearRow(
                year=year,
                plays=int(track_plays.sum()),
                ms=int(track_ms.sum()),
                tracks=int(np.count_nonzero(track_plays[of.names.has_title])),
                artists=int(np.count_nonzero(by_artist)),
                days=days[year],
                top_artist=of.names.artists[best] if best is not None else None,
            )
        )
    return rows[::-1]


def years_with_plays(of: RangeWithPlays) -> list[int]:
    """Every year with plays, latest first."""
    slots = of.history.everything.slots * SLOT
    every = periods(slots, of.asked.zone, YEAR)
    found = zip(every.names, np.diff(every.edges).tolist(), strict=True)
    return [int(name) for name, slots_in_it in found if slots_in_it][::-1]


def year_asked(asked: RangeQuery, year: int) -> RangeQuery:
    """The question about a year; of the one under way, as far as it is."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    if year == asked.today.year:
        return replace(asked, preset=Preset.YEAR, first=first, last=asked.today)
    return replace(asked, preset=None, first=first, last=last)


def review(of: RangeWithPlays, year: int) -> Review:
    """A year; `of` is what `year_asked` asks about."""
    before = of.before()
    days = of.daily
    months: dict[str, list[int]] = {f"{year}-{month:02}": [0, 0] for month in range(1, 13)}
    for one in days:
        sums = months[f"{one.day:%Y-%m}"]
        sums[0] += one.plays
        sums[1] += one.ms
    clock = np.array(of.clock)
    return Review(
        year=year,
        last=of.asked.last,
        totals=of.totals,
        before=before.totals if before else None,
        artists=of.artists.top(FIVE),
        tracks=of.tracks.top(FIVE),
        albums=of.albums.top(FIVE),
        busiest=max(days, key=lambda one: (one.ms, one.plays)) if days else None,
        longest_streak=of.longest_streak,
        new_artists=sum(one.artists for one in of.discovery),
        new_tracks=sum(one.tracks for one in of.discovery),
        months=tuple(MonthRow(month, *sums) for month, sums in months.items()),
        hours=tuple(clock.sum(axis=0).tolist()),
        weekdays=tuple(clock.sum(axis=1).tolist()),
        unfinished=year == of.asked.today.year,
    )
