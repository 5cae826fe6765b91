"""Numbers for a reader, out of a roll-up: rankings, days, hours, streaks, discovery. Pure, with no "now".

Ranks count from 1: by plays, then by time, then by name. Days are the listener's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from app.history.batch import Ints, Source
from app.history.calendar import DAY, HOUR, Offsets, day_of, local, offsets
from app.history.platforms import FAMILIES
from app.history.rollup import NEVER, Rollup, first_per_artist, per_artist
from app.history.section import Names, Rows


@dataclass(frozen=True)
class Ranked:
    """Something at its rank. `number` is its own among its kind; `artist` whom it is by, if known."""

    rank: int
    number: int
    name: str
    artist: str | None
    plays: int
    ms: int


@dataclass(frozen=True)
class DayCount:
    """A day with plays."""

    day: date
    plays: int
    ms: int


@dataclass(frozen=True)
class Streak:
    """Days in a row with plays; none of them where there is no such streak."""

    days: int
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class MonthCount:
    """What was played for the first time in a month ("2026-11")."""

    month: str
    artists: int
    tracks: int


@dataclass(frozen=True)
class Share:
    """Plays and time of one device family or country."""

    name: str
    plays: int
    ms: int


@dataclass(frozen=True)
class Moments:
    """When plays were, on the listener's clock: sorted local times, each with its plays and its time.

    One entry a slot, or an hour where a zone's clock has changed in the middle of a slot.
    """

    local: Ints
    plays: Ints
    ms: Ints


def moments(rollup: Rollup, blocks: Iterable[Rows], threshold_ms: int, zone: ZoneInfo) -> Moments:
    """The moments of a roll-up. `blocks` are what it is of, drawn only where slots do not do."""
    span = offsets(zone, rollup.begins, rollup.ends + 1)
    if span.on_slots:
        return Moments(local(rollup.slots * 900, span), rollup.slot_plays, rollup.slot_ms)
    return play_moments(blocks, threshold_ms, span)


def play_moments(blocks: Iterable[Rows], threshold_ms: int, span: Offsets) -> Moments:
    """The moments of plays that come in blocks, hour by hour."""
    return joined([_hourly(rows.where(rows.count(threshold_ms)), span) for rows in blocks])


def joined(found: Sequence[Moments]) -> Moments:
    """Moments hour by hour, as one."""
    if len(found) < 2:
        return found[0] if found else Moments(*(np.zeros(0, np.int64) for _ in range(3)))
    return _by_hour(
        *(np.concatenate([getattr(part, name) for part in found]) for name in ("local", "plays", "ms"))
    )


def _hourly(rows: Rows, span: Offsets) -> Moments:
    start = local(rows["start"].astype(np.int64), span)
    return _by_hour(start // HOUR * HOUR, np.ones(len(start), np.int64), rows["ms"])


def _by_hour(hours: Ints, plays: Ints, ms: NDArray[Any]) -> Moments:
    """Each hour once; where a clock goes back, the same hour comes again later."""
    found, place = np.unique(hours, return_inverse=True)
    sums = (
        np.bincount(place, weights=weights, minlength=len(found)).astype(np.int64) for weights in (plays, ms)
    )
    return Moments(found, *sums)


def daily(moments: Moments) -> list[DayCount]:
    """The days that have plays, oldest first."""
    if not len(moments.local):
        return []
    day = moments.local // DAY
    base = int(day.min())
    plays = np.bincount(day - base, weights=moments.plays).astype(np.int64)
    ms = np.bincount(day - base, weights=moments.ms).astype(np.int64)
    return [DayCount(day_of(base + at), int(plays[at]), int(ms[at])) for at in np.flatnonzero(plays).tolist()]


@dataclass(frozen=True)
class YearSoFar:
    """A year's listening time up to each of its days, from 1 January on: milliseconds."""

    year: int
    ms: tuple[int, ...]


def year_so_far(days: Sequence[DayCount], last: date) -> YearSoFar:
    """What the year of `last` came to, day by day, up to that day."""
    begin = date(last.year, 1, 1)
    ms = np.zeros((last - begin).days + 1, np.int64)
    for day in days:
        if begin <= day.day <= last:
            ms[(day.day - begin).days] = day.ms
    return YearSoFar(last.year, tuple(np.cumsum(ms).tolist()))


def clock(moments: Moments) -> list[list[int]]:
    """Plays in each of the 24 hours of the 7 days of a week, Monday first."""
    # Day 0 was a Thursday.
    hour = (moments.local // HOUR + 3 * 24) % (7 * 24)
    counts = np.bincount(hour, weights=moments.plays, minlength=7 * 24).astype(np.int64)
    return [[int(count) for count in row] for row in counts.reshape(7, 24)]


def longest_streak(days: Sequence[DayCount]) -> Streak:
    """The longest run of days; of equal ones the first."""
    best = Streak(0)
    for run in _runs(days):
        if run.days > best.days:
            best = run
    return best


def current_streak(days: Sequence[DayCount], today: date) -> Streak:
    """The run that goes up to today, or to yesterday, since today is not over."""
    last = _runs(days)[-1:]
    if last and last[0].last is not None and (today - last[0].last).days in (0, 1):
        return last[0]
    return Streak(0)


def _runs(days: Sequence[DayCount]) -> list[Streak]:
    runs: list[Streak] = []
    for day in days:
        last = runs[-1] if runs else None
        if last and last.last is not None and (day.day - last.last).days == 1:
            runs[-1] = Streak(last.days + 1, last.first, day.day)
        else:
            runs.append(Streak(1, day.day, day.day))
    return runs


@dataclass(frozen=True)
class Ranking:
    """What can be ranked: sums and names by number. `by` is whose it is, where it is somebody's.

    `has_name`: which of them have a name; `None` where all do. Without a name nothing is ranked or counted.
    """

    plays: Ints
    ms: Ints
    names: Sequence[str]
    by: Sequence[str | None] = ()
    has_name: NDArray[np.bool_] | None = None

    def with_sums(self, plays: Ints, ms: Ints) -> "Ranking":
        """The ranking of the same things by other sums."""
        if self.has_name is not None:
            plays, ms = (np.where(self.has_name, sums, 0) for sums in (plays, ms))
        return replace(self, plays=plays, ms=ms)

    @property
    def length(self) -> int:
        """How many were played at all."""
        return int(np.count_nonzero(self.plays))

    def order(self, upto: int | None = None, by_time: bool = False) -> list[int]:
        """The numbers of what was played, best first; only the first so many."""
        played = np.flatnonzero(self.plays)
        first, second = (self.ms, self.plays) if by_time else (self.plays, self.ms)
        order = played[np.lexsort((-second[played], -first[played]))]
        # Names decide among those that are equal in both: also among those that the cut goes through.
        edge = (np.diff(self.plays[order]) != 0) | (np.diff(self.ms[order]) != 0)
        edges = np.flatnonzero(edge) + 1
        if upto is not None:
            beyond = edges[edges >= upto]
            order = order[: int(beyond[0])] if len(beyond) else order
            edges = edges[edges < len(order)]
        numbers: list[int] = []
        for group in np.split(order, edges):
            alike = group.tolist()
            numbers += sorted(alike, key=self._name) if len(alike) > 1 else alike
        return numbers[:upto]

    def top(self, most: int, first: int = 1, by_time: bool = False) -> list[Ranked]:
        """A stretch of the ranking, from rank `first` on."""
        numbers = self.order(first - 1 + most, by_time)[first - 1 :]
        return [self.ranked(at, rank) for rank, at in enumerate(numbers, first)]

    def ranked(self, at: int, rank: int) -> Ranked:
        """Something at its rank."""
        by = self.by[at] if self.by else None
        return Ranked(rank, at, self.names[at], by, int(self.plays[at]), int(self.ms[at]))

    def _name(self, at: int) -> tuple[str, str]:
        return self.names[at], (self.by[at] or "") if self.by else ""


class _Credits(Sequence[str | None]):
    """Whose something is, looked up only where it is asked for."""

    def __init__(self, artist: Sequence[int], names: Sequence[str]) -> None:
        self._artist = artist
        self._names = names

    def __len__(self) -> int:
        return len(self._artist)

    def __getitem__(self, at: Any) -> Any:
        artist = int(self._artist[at])
        return self._names[artist] if artist >= 0 else None


def tracks(rollup: Rollup, names: Names) -> Ranking:
    """The tracks, each with its artist."""
    by = _Credits(names.track_artist, names.artists)  # type: ignore[arg-type]
    zeros = np.zeros(len(names.tracks), np.int64)
    whole = Ranking(zeros, zeros, names.tracks, by, names.has_title)
    return whole.with_sums(rollup.track_plays, rollup.track_ms)


def albums(rollup: Rollup, names: Names) -> Ranking:
    """The albums, each with its artist."""
    by = _Credits(names.album_artist, names.artists)  # type: ignore[arg-type]
    return Ranking(rollup.album_plays, rollup.album_ms, names.albums, by)


def artists(rollup: Rollup, names: Names) -> Ranking:
    """The artists."""
    plays, ms = (per_artist(sums, names) for sums in (rollup.track_plays, rollup.track_ms))
    return Ranking(plays, ms, names.artists)


def discovery(everything: Rollup, names: Names, zone: ZoneInfo, first: int, end: int) -> list[MonthCount]:
    """New artists and tracks by local month, of those first played from `first` up to `end`, oldest first."""
    new_tracks = _months(everything.first[names.has_title], zone, first, end)
    new_artists = _months(first_per_artist(everything.first, names), zone, first, end)
    return [
        MonthCount(month, new_artists.get(month, 0), new_tracks.get(month, 0))
        for month in sorted(new_tracks.keys() | new_artists.keys())
    ]


def _months(firsts: Ints, zone: ZoneInfo, first: int, end: int) -> dict[str, int]:
    found = np.sort(firsts[(firsts >= first) & (firsts < end) & (firsts != NEVER)])
    if not len(found):
        return {}
    days = local(found, offsets(zone, int(found[0]), int(found[-1]) + 1)) // DAY
    months, counts = np.unique(days.astype("datetime64[D]").astype("datetime64[M]"), return_counts=True)
    return {str(month): int(count) for month, count in zip(months, counts, strict=True)}


def platforms(rollup: Rollup) -> list[Share]:
    """Device families that played anything, most plays first."""
    return _shares(FAMILIES, rollup.platform_plays, rollup.platform_ms)


def services(blocks: Iterable[Rows], threshold_ms: int) -> list[Share]:
    """Services that told of anything, most plays first."""
    plays, ms = np.zeros(len(Source), np.int64), np.zeros(len(Source), np.int64)
    for rows in blocks:
        counting = rows.where(rows.count(threshold_ms))
        source = np.maximum(counting["source"], Source.LIVE)
        plays += np.bincount(source, minlength=len(Source))
        ms += np.bincount(source, weights=counting["ms"], minlength=len(Source)).astype(np.int64)
    return _shares([source.service for source in Source], plays, ms)


def countries(rollup: Rollup, names: Names) -> list[Share]:
    """Countries in which anything was played, most plays first."""
    together: dict[str, list[int]] = {}
    for name, plays, ms in zip(
        names.countries, rollup.country_plays.tolist(), rollup.country_ms.tolist(), strict=True
    ):
        if plays:
            sums = together.setdefault(name, [0, 0])
            sums[0] += plays
            sums[1] += ms
    shares = [Share(name, plays, ms) for name, (plays, ms) in together.items()]
    return sorted(shares, key=lambda share: (-share.plays, -share.ms, share.name))


def _shares(names: Sequence[str], plays: Ints, ms: Ints) -> list[Share]:
    found = [
        Share(name, int(count), int(time))
        for name, count, time in zip(names, plays, ms, strict=True)
        if count
    ]
    return sorted(found, key=lambda share: (-share.plays, -share.ms, share.name))
