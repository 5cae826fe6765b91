"""What was new in a range; and over the whole history what was forgotten, and what was on on this day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from app.history.calendar import DAY, date_at, midnight
from app.history.figures import MonthCount
from app.history.patterns import (
    MONTH,
    NEW_FOR,
    Obsession,
    forgotten,
    last_played,
    new_music,
    obsessions,
    periods,
)
from app.reports.history.whole import Whole

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


def discovery(of: Whole) -> Discovery:
    """What was new in a range."""
    new_since = of.history.everything.begins + NEW_FOR
    of.every_play  # noqa: B018 - drawn first, so that the range's plays are a stretch of it
    plays = of.plays
    # Of a track whose title is unknown nobody can tell whether it is new.
    first = np.where(of.names.has_title, of.history.everything.first, 0)
    told, fresh = new_music(plays, first, new_since)
    months = periods(plays.start, of.asked.zone, MONTH)
    by_month = tuple(
        NewMonth(name, ms, new_ms)
        for name, ms, new_ms in zip(
            months.names,
            months.sums(told).tolist(),
            months.sums(fresh).tolist(),
            strict=True,
        )
        if ms
    )
    asleep_since, favourites = _forgotten(of)
    spells = _obsessions(of)
    return Discovery(
        months=of.discovery,
        artists=sum(one.artists for one in of.discovery),
        tracks=sum(one.tracks for one in of.discovery),
        ms=sum(one.ms for one in by_month),
        new_ms=sum(one.new_ms for one in by_month),
        new_since=date_at(new_since, of.asked.zone),
        new_by_month=by_month,
        forgotten=tuple(favourites[:MOST_FORGOTTEN]),
        all_forgotten=len(favourites),
        asleep_since=asleep_since,
        on_this_day=tuple(_on_this_day(of)),
        day=of.asked.today,
        obsessions=tuple(spells[:MOST_OBSESSIONS]),
        all_obsessions=len(spells),
    )


def _forgotten(of: Whole) -> tuple[date, list[Favourite]]:
    """Favourites not played in the year up to the last play there is: an old export knows no later one."""
    everything, zone = of.history.everything, of.asked.zone
    before = everything.ends - LONG_AGO * DAY
    last = last_played(of.every_play, len(of.names.tracks))
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


def _on_this_day(of: Whole) -> list[ThatDay]:
    """The same date in the years before, latest first."""
    zone, today = of.asked.zone, of.asked.today
    days = []
    for year in range(today.year - 1, date_at(of.history.everything.begins, zone).year - 1, -1):
        try:
            day = today.replace(year=year)
        except ValueError:
            continue  # a 29 February
        played = of.every_play.between(
            midnight(day, zone), midnight(date.fromordinal(day.toordinal() + 1), zone)
        )
        if not len(played):
            continue
        named = played.track[of.names.has_title[played.track]]
        tracks, counts = np.unique(named, return_counts=True)
        best = sorted(
            zip(tracks.tolist(), counts.tolist(), strict=True),
            key=lambda one: (-one[1], of.names.tracks[one[0]]),
        )
        heard = tuple(Heard(of.names.tracks[at], of.artist_of(at), count) for at, count in best[:THAT_DAY])
        days.append(ThatDay(day, len(played), int(played.ms.sum(dtype=np.int64)), heard))
    return days


def _obsessions(of: Whole) -> list[Spell]:
    """Those of weeks that lie in the range as a whole; a week that is not over counts as far as it is."""
    first, last = of.asked.first, of.asked.last
    until = last if last is not None and last < of.asked.today else None
    found = obsessions(
        of.plays,
        len(of.names.tracks),
        of.asked.zone,
        OBSESSED,
        LEAST_OBSESSED,
        (first, until),
    )
    return [_spell(of, one) for one in found if of.names.has_title[one.track]]


def _spell(of: Whole, one: Obsession) -> Spell:
    return Spell(
        of.names.tracks[one.track], of.artist_of(one.track), one.first, one.weeks, one.plays, one.share
    )
