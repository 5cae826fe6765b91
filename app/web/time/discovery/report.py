"""What was new in a range; and over the whole history what was forgotten, and what was on on this day."""

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from app.history.batch import Ints
from app.history.calendar import DAY, date_at, midnight
from app.history.figures import MonthCount
from app.history.items import TRACK
from app.history.patterns import (
    MONTH,
    NEW_FOR,
    PeriodSums,
    Plays,
    WeekCounts,
    forgotten,
    new_music,
    obsessions,
)
from app.history.rollup import NEVER
from app.web.charts.artwork import Picture
from app.web.time.range_with_plays import RangeWithPlays

LEAST_FAVOURITE = 20  # plays that make a favourite
LONG_AGO = 365  # days without a play that make it a forgotten one
MOST_FORGOTTEN = 20
OBSESSED, LEAST_OBSESSED = 0.1, 10  # of a week's plays; and how many at the least
MOST_OBSESSIONS = 12
TRACKS_OF_A_DAY = 3


@dataclass(frozen=True)
class NewMonth:
    """A month's listening time, and that to music first heard in the 90 days before."""

    month: str
    ms_played: int
    new_ms_played: int


@dataclass(frozen=True)
class NewMusic:
    """The same of a range, and by month. Plays before `known_since` are left out: the history was young."""

    ms_played: int
    new_ms_played: int
    known_since: datetime.date
    months: tuple[NewMonth, ...]


@dataclass(frozen=True)
class Favourite:
    """A track that was played much: its artist where known, its plays, the days of its first and last."""

    name: str
    artist: str | None
    plays: int
    first: datetime.date
    last: datetime.date


@dataclass(frozen=True)
class Forgotten:
    """Favourites, of at least so many plays, that were not played from a day on: how many, and the first."""

    count: int
    least_plays: int
    not_since: datetime.date
    tracks: tuple[Favourite, ...]


@dataclass(frozen=True)
class PlayedTrack:
    """A track and its plays."""

    name: str
    artist: str | None
    plays: int


@dataclass(frozen=True)
class SameDay:
    """What was played on the same date of another year."""

    date: datetime.date
    plays: int
    ms_played: int
    top_tracks: tuple[PlayedTrack, ...]


@dataclass(frozen=True)
class Obsession:
    """A track that took more than its share of one week or of several in a row.

    `first`: the Monday of the first week; `share`: of the plays of the week in which it took most, 0-1.
    """

    name: str
    artist: str | None
    first: datetime.date
    weeks: int
    plays: int
    share: float


@dataclass(frozen=True)
class Obsessions:
    """How many there were, from how many plays in a week on, and the first of them."""

    count: int
    least_plays: int
    tracks: tuple[Obsession, ...]


@dataclass(frozen=True)
class Discovery:
    """What was new. `months`: with the artists and tracks that were first played in them.

    `begins_young`: the range begins before the history tells anything of new music. `pictures`: of the tracks
    that are named, by kind, name and artist.
    """

    months: Sequence[MonthCount]
    new_music: NewMusic
    begins_young: bool
    forgotten: Forgotten
    on_this_day: tuple[SameDay, ...]
    today: datetime.date
    obsessions: Obsessions
    pictures: Mapping[tuple[str, str, str | None], Picture | None]


def discovery(selection: RangeWithPlays) -> Discovery:
    """What was new in a range."""
    everything, query = selection.history.everything, selection.query
    new_from = everything.begins + NEW_FOR
    # Of a track whose title is unknown nobody can tell whether it is new.
    first = np.where(selection.names.has_title, everything.first, 0)
    last = np.full(len(selection.names.tracks), NEVER, np.int64)
    same_days = _same_days(selection)
    months = PeriodSums(query.zone, MONTH)
    weeks = WeekCounts(len(selection.names.tracks), query.zone, OBSESSED, LEAST_OBSESSED)
    for plays in selection.every_play():
        last[plays.track] = plays.start  # the last assignment stays
        for day in same_days:
            day.add(plays)
        in_range = plays.between(*selection.between())
        months.add(in_range.start, *new_music(in_range, first, new_from))
        weeks.add(in_range)
    known_since = date_at(new_from, query.zone)
    favourites, spells = _forgotten(selection, last), _obsessions(selection, weeks)
    on_this_day = tuple(day.finished() for day in same_days if day.plays)
    tracks: list[Favourite | Obsession | PlayedTrack] = [*favourites.tracks, *spells.tracks]
    tracks += [track for day in on_this_day for track in day.top_tracks]
    return Discovery(
        months=selection.discovery,
        new_music=_new_music(months, known_since),
        begins_young=query.first is None or query.first < known_since,
        forgotten=favourites,
        on_this_day=on_this_day,
        today=query.today,
        obsessions=spells,
        pictures=selection.pictures_by_name((TRACK, track.name, track.artist) for track in tracks),
    )


def _new_music(sums: PeriodSums, known_since: datetime.date) -> NewMusic:
    months = tuple(NewMonth(name, ms, new_ms) for name, (_, ms, new_ms) in sums.rows() if ms)
    return NewMusic(
        ms_played=sum(month.ms_played for month in months),
        new_ms_played=sum(month.new_ms_played for month in months),
        known_since=known_since,
        months=months,
    )


def _forgotten(selection: RangeWithPlays, last: Ints) -> Forgotten:
    """Favourites not played in the year up to the last play there is: an old export knows no later one."""
    everything, names, zone = selection.history.everything, selection.names, selection.query.zone
    before = everything.ends - LONG_AGO * DAY
    track_plays = np.where(names.has_title, everything.track_plays, 0)
    found = forgotten(track_plays, last, before, LEAST_FAVOURITE).tolist()
    tracks = tuple(
        Favourite(
            names.tracks[track],
            selection.artist_of(track),
            int(everything.track_plays[track]),
            date_at(int(everything.first[track]), zone),
            date_at(int(last[track]), zone),
        )
        for track in found[:MOST_FORGOTTEN]
    )
    return Forgotten(len(found), LEAST_FAVOURITE, date_at(before, zone), tracks)


class _SameDay:
    """The sums over a day of another year, whose plays come in blocks."""

    def __init__(self, date: datetime.date, selection: RangeWithPlays) -> None:
        self.plays = 0
        self._date = date
        self._selection = selection
        self._ms = 0
        self._tracks: Counter[int] = Counter()
        zone = selection.query.zone
        self._between = midnight(date, zone), midnight(date + datetime.timedelta(days=1), zone)

    def add(self, plays: Plays) -> None:
        of_the_day = plays.between(*self._between)
        self.plays += len(of_the_day)
        self._ms += int(of_the_day.ms.sum(dtype=np.int64))
        tracks, counts = np.unique(of_the_day.track, return_counts=True)
        self._tracks.update(dict(zip(tracks.tolist(), counts.tolist(), strict=True)))

    def finished(self) -> SameDay:
        names = self._selection.names
        named = [(track, plays) for track, plays in self._tracks.items() if names.has_title[track]]
        best = sorted(named, key=lambda item: (-item[1], names.tracks[item[0]]))[:TRACKS_OF_A_DAY]
        top_tracks = tuple(
            PlayedTrack(names.tracks[track], self._selection.artist_of(track), plays) for track, plays in best
        )
        return SameDay(self._date, self.plays, self._ms, top_tracks)


def _same_days(selection: RangeWithPlays) -> list[_SameDay]:
    """The same date in the years before, latest first."""
    today = selection.query.today
    earliest = date_at(selection.history.everything.begins, selection.query.zone).year
    days = []
    for year in range(today.year - 1, earliest - 1, -1):
        with suppress(ValueError):  # a 29 February
            days.append(_SameDay(today.replace(year=year), selection))
    return days


def _obsessions(selection: RangeWithPlays, weeks: WeekCounts) -> Obsessions:
    """Those of weeks that lie in the range as a whole; a week that is not over counts as far as it is."""
    names, first, last = selection.names, selection.query.first, selection.query.last
    until = last if last is not None and last < selection.query.today else None
    found = [spell for spell in obsessions(weeks, (first, until)) if names.has_title[spell.track]]
    tracks = tuple(
        Obsession(
            names.tracks[spell.track],
            selection.artist_of(spell.track),
            spell.first,
            spell.weeks,
            spell.plays,
            spell.share,
        )
        for spell in found[:MOST_OBSESSIONS]
    )
    return Obsessions(len(found), LEAST_OBSESSED, tracks)
