"""The years of a history side by side, and one of them in review."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from app.history.figures import DayCount, Ranked, Streak
from app.history.patterns import YEAR, artists_played, periods
from app.history.rollup import SLOT
from app.history.yearly import yearly
from app.web.charts.artwork import Picture
from app.web.time.range_query import Preset, RangeQuery
from app.web.time.range_with_plays import Kind, Month, RangeWithPlays, Totals, lines

TOP = 5


@dataclass(frozen=True)
class Year:
    """A year's totals, and who was played most in it."""

    year: int
    plays: int
    ms_played: int
    tracks: int
    artists: int
    days: int
    top_artist: str | None


@dataclass(frozen=True)
class FirstPlays:
    """How many artists and tracks were first played in the year."""

    artists: int
    tracks: int


@dataclass(frozen=True)
class Review:
    """A year in review. `so_far`: its last day, where it is under way.

    `before`: the year before, of a year under way its same days; `None` without plays. `hours`, `weekdays`:
    plays in each hour of the day, and on each weekday from Monday on. `years_with_plays`: all, latest first.
    `pictures`: of the top ones of each kind, in their order.
    """

    year: int
    so_far: date | None
    totals: Totals
    before: Totals | None
    top_artists: Sequence[Ranked]
    top_tracks: Sequence[Ranked]
    top_albums: Sequence[Ranked]
    busiest_day: DayCount | None
    longest_streak: Streak
    new: FirstPlays
    months: tuple[Month, ...]
    hours: tuple[int, ...]
    weekdays: tuple[int, ...]
    years_with_plays: tuple[int, ...]
    pictures: Mapping[str, Sequence[Picture | None]] = field(default_factory=dict)


def years(selection: RangeWithPlays) -> list[Year]:
    """Every year with plays, latest first. `selection`: the whole history."""
    names = selection.names
    days = Counter(count.day.year for count in selection.daily)
    sums = yearly(selection.history, "track", selection.query.zone)
    rows = []
    for year in reversed(sums.years):
        track_plays, track_ms = sums.of(year)
        if not track_plays.any():
            continue
        artist_plays = artists_played(track_plays, names)
        rows.append(
            Year(
                year=year,
                plays=int(track_plays.sum()),
                ms_played=int(track_ms.sum()),
                tracks=int(np.count_nonzero(track_plays[names.has_title])),
                artists=int(np.count_nonzero(artist_plays)),
                days=days[year],
                top_artist=names.artists[int(artist_plays.argmax())] if artist_plays.any() else None,
            )
        )
    return rows


def range_of_year(query: RangeQuery, year: int) -> RangeQuery:
    """The range of a year; of the one under way, as far as it is."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    if year == query.today.year:
        return replace(query, preset=Preset.YEAR, first=first, last=query.today)
    return replace(query, preset=None, first=first, last=last)


def review(selection: RangeWithPlays, year: int) -> Review:
    """A year in review. `selection`: the plays of its `range_of_year`."""
    query, days = selection.query, selection.daily
    before = selection.before()
    clock = np.array(selection.clock)
    top = {kind: selection.ranking(kind).top(TOP) for kind in Kind}
    pictured = selection.with_pictures({kind: lines(top[kind], kind, None) for kind in Kind})
    return Review(
        year=year,
        so_far=query.last if year == query.today.year else None,
        totals=selection.totals,
        before=before.totals if before else None,
        top_artists=top[Kind.ARTISTS],
        top_tracks=top[Kind.TRACKS],
        top_albums=top[Kind.ALBUMS],
        busiest_day=max(days, key=lambda day: (day.ms, day.plays)) if days else None,
        longest_streak=selection.longest_streak,
        new=FirstPlays(
            artists=sum(month.artists for month in selection.discovery),
            tracks=sum(month.tracks for month in selection.discovery),
        ),
        months=_months(days, year),
        hours=tuple(clock.sum(axis=0).tolist()),
        weekdays=tuple(clock.sum(axis=1).tolist()),
        years_with_plays=_years_with_plays(selection),
        pictures={kind.value: [line.picture for line in pictured[kind]] for kind in Kind},
    )


def _months(days: Sequence[DayCount], year: int) -> tuple[Month, ...]:
    """All twelve."""
    plays, ms = Counter[int](), Counter[int]()
    for day in days:
        plays[day.day.month] += day.plays
        ms[day.day.month] += day.ms
    return tuple(Month(f"{year}-{month:02}", plays[month], ms[month]) for month in range(1, 13))


def _years_with_plays(selection: RangeWithPlays) -> tuple[int, ...]:
    slots = selection.history.everything.slots * SLOT
    every = periods(slots, selection.query.zone, YEAR)
    found = zip(every.names, np.diff(every.edges).tolist(), strict=True)
    return tuple(int(name) for name, slots_in_it in found if slots_in_it)[::-1]
