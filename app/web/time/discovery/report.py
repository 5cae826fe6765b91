"""What was new in a range; and over the whole history what was forgotten, and what was on on this day."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

import numpy as np

from app.history.batch import Ints
from app.history.calendar import DAY, date_at, midnight
from app.history.figures import MonthCount
from app.history.patterns import (
    MONTH,
    NEW_FOR,
    Obsession,
    PeriodSums,
    Plays,
    WeekCounts,
    forgotten,
    new_music,
    obsessions,
)
from app.history.rollup import NEVER
from app.web.time.range_with_plays import RangeWithPlays

MUCH = 20  # plays that make a favourite
LONG_AGO = 365  # days without a play that make it a forgotten one
MOST_FORGOTTEN = 20
OBSESSED, LEAST_OBSESSED = 0.1, 10  # of a week's plays; and how many at the least
MOST_OBSESSIONS = 12
THAT_DAY = 3


@dataclass(frozen=True)
class Favourite:
    """A track that was played much: its artist where known, its plays, the days of its first and last."""

    name: str
    artist: str | None
    plays: int
    first: date
    last: date


@dataclass(frozen=True)
class Heard:
    """A track and its plays."""

    name: str
    artist: str | None
    plays: int


@dataclass(frozen=True)
class ThatDay:
    """What was played on the same date of another year."""

    day: date
    plays: int
    ms: int
    tracks: tuple[Heard, ...]


@dataclass(frozen=True)
class Spell:
    """An obsession: see `patterns.Obsession`."""

    name: str
    artist: str | None
    first: date
    weeks: int
    plays: int
    share: float


@dataclass(frozen=True)
class NewMonth:
    """A month's listening time, and that to music first heard in the 90 days before."""

    month: str
    ms: int
    new_ms: int


@dataclass(frozen=True)
class Discovery:
    """What was new. `new_since`: plays before that day say nothing of it, since the history was young.

    `asleep_since`: the favourites were not played from that day on.
    """

    months: Sequence[MonthCount]
    artists: int
    tracks: int
    ms: int
    new_ms: int
    new_since: date
    new_by_month: tuple[NewMonth, ...]
    forgotten: tuple[Favourite, ...]
    all_forgotten: int
    asleep_since: date
    on_this_day: tuple[ThatDay, ...]
    day: date
    obsessions: tuple[Spell, ...]
    all_obsessions: int


def discovery(of: RangeWithPlays) -> Discovery:
    """What was new in a range."""
    everything, zone = of.history.everything, of.asked.zone
    new_since = everything.begins + NEW_FOR
    # Of a track whose title is unknown nobody can tell whether it is new.
    first = np.where(of.names.has_title, everything.first, 0)
    last = np.full(len(of.names.tracks), NEVER, np.int64)
    that_day = _days_like_today(of)
    months = PeriodSums(zone, MONTH)
    weeks = WeekCounts(len(of.names.tracks), zone, OBSESSED, LEAST_OBSESSED)
    for plays in of.every_play():
        last[plays.track] = plays.start  # the last assignment stays
        for one in that_day:
            one.add(plays)
        mine = plays.between(*of.between())
        months.add(mine.start, *new_music(mine, first, new_since))
        weeks.add(mine)
    by_month = tuple(NewMonth(name, ms, new_ms) for name, (_, ms, new_ms) in months.rows() if ms)
    asleep_since, favourites = _forgotten(of, last)
    spells = _obsessions(of, weeks)
    return Discovery(
        months=of.discovery,
        artists=sum(one.artists for one in of.discovery),
        tracks=sum(one.tracks for one in of.discovery),
        ms=sum(one.ms for one in by_month),
        new_ms=sum(one.new_ms for one in by_month),
        new_since=date_at(new_since, zone),
        new_by_month=by_month,
        forgotten=tuple(favourites[:MOST_FORGOTTEN]),
        all_forgotten=len(favourites),
        asleep_since=asleep_since,
        on_this_day=tuple(one.told(of) for one in that_day if one.plays),
        day=of.asked.today,
        obsessions=tuple(spells[:MOST_OBSESSIONS]),
        all_obsessions=len(spells),
    )


def _forgotten(of: RangeWithPlays, last: Ints) -> tuple[date, list[Favourite]]:
    """Favourites not played in the year up to the last play there is: an old export knows no later one."""
    everything, zone = of.history.everything, of.asked.zone
    before = everything.ends - LONG_AGO * DAY
    track_plays = np.where(of.names.has_title, everything.track_plays, 0)
    found = forgotten(track_plays, last, before, MUCH).tolist()
    return date_at(before, zone), [
        Favourite(
            of.names.tracks[track],
            of.artist_of(track),
            int(everything.track_plays[track]),
            date_at(int(everything.first[track]), zone),
            date_at(int(last[track]), zone),
        )
        for track in found
    ]


class _Day:
    """A day of another year, whose plays come in blocks."""

    def __init__(self, day: date, of: RangeWithPlays) -> None:
        self.day = day
        self.plays = 0
        self._ms = 0
        self._tracks: Counter[int] = Counter()
        following = date.fromordinal(day.toordinal() + 1)
        self._between = midnight(day, of.asked.zone), midnight(following, of.asked.zone)

    def add(self, plays: Plays) -> None:
        mine = plays.between(*self._between)
        self.plays += len(mine)
        self._ms += int(mine.ms.sum(dtype=np.int64))
        tracks, counts = np.unique(mine.track, return_counts=True)
        self._tracks.update(dict(zip(tracks.tolist(), counts.tolist(), strict=True)))

    def told(self, of: RangeWithPlays) -> ThatDay:
        named = [(at, count) for at, count in self._tracks.items() if of.names.has_title[at]]
        best = sorted(named, key=lambda one: (-one[1], of.names.tracks[one[0]]))
        heard = tuple(Heard(of.names.tracks[at], of.artist_of(at), count) for at, count in best[:THAT_DAY])
        return ThatDay(self.day, self.plays, self._ms, heard)


def _days_like_today(of: RangeWithPlays) -> list[_Day]:
    """The same date in the years before, latest first."""
    zone, today = of.asked.zone, of.asked.today
    days = []
    for year in range(today.year - 1, date_at(of.history.everything.begins, zone).year - 1, -1):
        with suppress(ValueError):  # a 29 February
            days.append(_Day(today.replace(year=year), of))
    return days


def _obsessions(of: RangeWithPlays, weeks: WeekCounts) -> list[Spell]:
    """Those of weeks that lie in the range as a whole; a week that is not over counts as far as it is."""
    first, last = of.asked.first, of.asked.last
    until = last if last is not None and last < of.asked.today else None
    found = obsessions(weeks, (first, until))
    return [_spell(of, one) for one in found if of.names.has_title[one.track]]


def _spell(of: RangeWithPlays, one: Obsession) -> Spell:
    return Spell(
        of.names.tracks[one.track], of.artist_of(one.track), one.first, one.weeks, one.plays, one.share
    )
