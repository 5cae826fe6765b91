"""What plays show beyond sums: what was new, what was forgotten, weeks of one track, periods side by side.

Pure, with no "now". Moments are Unix seconds, lengths milliseconds; periods are the listener's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from app.history.batch import Ints, Source
from app.history.calendar import DAY, Offsets, day_number, day_of, offsets
from app.history.platforms import FAMILIES
from app.history.rollup import NEVER
from app.history.section import Names, Rows

NEW_FOR = 90 * DAY  # how long after its first play a track is new to its listener
MONTH, YEAR = "M", "Y"


@dataclass(frozen=True)
class Plays:
    """Plays that count, in order of their start: arrays of the same length."""

    start: Ints
    ms: NDArray[np.int32]
    track: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.start)

    def between(self, start: int, end: int) -> "Plays":
        """The plays that start from `start` up to, but not at, `end`."""
        low, high = np.searchsorted(self.start, [start, end])
        return Plays(self.start[low:high], self.ms[low:high], self.track[low:high])


@dataclass(frozen=True)
class Periods:
    """Months or years in a row, without a gap. `names[n]` has the rows `edges[n]:edges[n + 1]`."""

    names: list[str]
    edges: Ints

    def sums(self, column: NDArray[Any]) -> NDArray[Any]:
        """The sum of a column over each period."""
        kind = np.float64 if column.dtype.kind == "f" else np.int64
        so_far = np.concatenate((np.zeros(1, kind), np.cumsum(column, dtype=kind)))
        sums: NDArray[Any] = np.diff(so_far[self.edges])
        return sums

    def slices(self) -> list[slice]:
        """Where the rows of each period are."""
        return [slice(*pair) for pair in zip(self.edges[:-1].tolist(), self.edges[1:].tolist(), strict=True)]


@dataclass(frozen=True)
class Obsession:
    """A track that took more than its share of one week or of several in a row.

    `first` is the Monday of the first week; `share` that of the week in which it took most.
    """

    track: int
    first: date
    weeks: int
    plays: int
    share: float


def counting(rows: Rows, threshold_ms: int) -> Plays:
    """The plays that count."""
    # By place, which is faster here than by mask.
    at = np.flatnonzero(rows.count(threshold_ms))
    if len(at) == len(rows):
        return Plays(rows["start"].astype(np.int64), rows["ms"], rows["track"])
    return Plays(rows["start"].take(at).astype(np.int64), rows["ms"].take(at), rows["track"].take(at))


def periods(start: NDArray[np.generic], zone: ZoneInfo, unit: str) -> Periods:
    """The months or years (`unit`) from the first to the last of these sorted starts."""
    if not len(start):
        return Periods([], np.zeros(1, np.int64))
    first, last = int(start[0]), int(start[-1])
    shifts = _offsets(zone, first, last)
    low, high = (
        np.datetime64(at + _offset(shifts, at), "s").astype(f"datetime64[{unit}]") for at in (first, last)
    )
    names = np.arange(low, high + 2)
    begin = _moments(names[1:-1].astype("datetime64[s]").astype(np.int64), shifts)
    edges = np.concatenate(([0], np.searchsorted(start, begin), [len(start)])).astype(np.int64)
    return Periods([str(name) for name in names[:-1]], edges)


def forgotten(track_plays: Ints, last: Ints, before: int, least: int) -> Ints:
    """Tracks with at least so many plays, all of them before a moment: most plays first."""
    found = np.flatnonzero((track_plays >= least) & (last < before))
    order: Ints = found[np.lexsort((last[found], -track_plays[found]))]
    return order


def new_music(plays: Plays, first: Ints, since: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The time of each play from `since` on, and that of music first heard in the 90 days before it.

    Of earlier plays, both are 0: where a history begins, everything would be new.
    """
    begin = int(np.searchsorted(plays.start, since))
    told = plays.ms.copy()
    told[:begin] = 0
    is_new = plays.start - first.take(plays.track) < NEW_FOR
    fresh: NDArray[np.int32] = told * is_new
    return told, fresh


def obsessions(weeks: "WeekCounts", whole: tuple[date | None, date | None]) -> list[Obsession]:
    """Tracks that took more than their share of a week: the greatest first.

    Weeks begin on Monday. Those that reach over the days of `whole` are left out.
    """
    kept = [week for week in weeks.finish() if _inside(week[1], whole)]
    return sorted(_joined(kept), key=lambda found: (-found.plays, -found.share, found.first, found.track))


class WeekCounts:
    """Which tracks had at least `least` plays and more than `share` of a week's.

    Plays come in blocks, in order of their start.
    """

    def __init__(self, tracks: int, zone: ZoneInfo, share: float, least: int) -> None:
        self._tracks = tracks
        self._zone = zone
        self._share = share
        self._least = least
        self._found: list[tuple[int, int, int, float]] = []
        # The last week may go on: its number, all its plays, its tracks and the plays of each.
        self._open: tuple[int, int, Ints, Ints] | None = None

    def add(self, plays: Plays) -> None:
        """Takes in more plays."""
        if not len(plays):
            return
        first, in_week, week, track, counts = self._counted(plays)
        if self._open is not None and self._open[0] == first:
            _, all_plays, open_track, open_counts = self._open
            in_first = week == 0
            both, both_counts = _merged(open_track, open_counts, track[in_first], counts[in_first])
            in_week[0] += all_plays
            week = np.append(np.zeros(len(both), np.int64), week[~in_first])
            track, counts = np.append(both, track[~in_first]), np.append(both_counts, counts[~in_first])
        else:
            self._close()
        last = len(in_week) - 1
        going_on = week == last
        self._open = first + last, int(in_week[last]), track[going_on], counts[going_on]
        over = ~going_on
        self._look(week[over] + first, in_week[week[over]], track[over], counts[over])

    def finish(self) -> list[tuple[int, int, int, float]]:
        """All that was found: track, week, plays, and share of the week."""
        self._close()
        return self._found

    def _counted(self, plays: Plays) -> tuple[int, Ints, Ints, Ints, Ints]:
        """The first week, the plays of each from there on, and pairs of week and track with their plays.

        Weeks count from the first. Pairs with too few plays are left out, but for the first and last week's.
        """
        span = int(plays.start[0]), int(plays.start[-1])
        shifts = _offsets(self._zone, *span)
        # Day 0 was a Thursday: the week that holds it is week 0.
        first, last = (((at + _offset(shifts, at)) // DAY + 3) // 7 for at in span)
        mondays = np.arange(first + 1, last + 1) * 7 - 3
        begins = np.searchsorted(plays.start, _moments(mondays * DAY, shifts))
        in_week = np.diff(np.concatenate(([0], begins, [len(plays)])))
        weeks, tracks = last - first + 1, self._tracks
        # In 32 bits where they do, which sorts faster.
        kind = np.int32 if weeks * tracks < 2**31 else np.int64
        key = np.repeat((np.arange(weeks) * tracks).astype(kind), in_week)
        key += plays.track.astype(kind, copy=False)
        key.sort()
        places = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
        counts = np.diff(np.append(places, len(key)))
        pairs = key[places]
        kept = (counts >= self._least) | (pairs < tracks) | (pairs >= (weeks - 1) * tracks)
        week, track = np.divmod(pairs[kept].astype(np.int64), tracks)
        return first, in_week, week, track, counts[kept]

    def _close(self) -> None:
        """Ends the week that is open."""
        if self._open is not None:
            week, plays, track, counts = self._open
            self._look(np.full(len(track), week), np.full(len(track), plays), track, counts)
            self._open = None

    def _look(self, week: Ints, in_week: Ints, track: Ints, counts: Ints) -> None:
        """Keeps what took more than its share."""
        mighty = (counts >= self._least) & (counts > self._share * in_week)
        columns = (track, week, counts, counts / in_week)
        self._found += zip(*(column[mighty].tolist() for column in columns), strict=True)


def _merged(track: Ints, counts: Ints, more: Ints, more_counts: Ints) -> tuple[Ints, Ints]:
    """The plays of tracks from two places, as one; each track once."""
    both, place = np.unique(np.append(track, more), return_inverse=True)
    return both, np.bincount(place, weights=np.append(counts, more_counts)).astype(np.int64)


def _inside(week: int, whole: tuple[date | None, date | None]) -> bool:
    monday = week * 7 - 3
    begins = whole[0] is None or monday >= day_number(whole[0])
    return begins and (whole[1] is None or monday + 6 <= day_number(whole[1]))


def _joined(found: list[tuple[int, int, int, float]]) -> list[Obsession]:
    """Weeks of the same track that follow one another, as one."""
    joined: list[Obsession] = []
    previous: tuple[int, int] | None = None
    for track, week, count, share in sorted(found):
        if previous == (track, week - 1):
            before = joined[-1]
            joined[-1] = Obsession(
                track, before.first, before.weeks + 1, before.plays + count, max(before.share, share)
            )
        else:
            joined.append(Obsession(track, day_of(week * 7 - 3), 1, count, share))
        previous = (track, week)
    return joined


def families_by_period(rows: Rows, periods_of_rows: Periods, threshold_ms: int) -> NDArray[np.int64]:
    """Plays in each period (a column each) of each device family (a row each, in the order of FAMILIES)."""
    return _plays_by_period(rows, "platform", len(FAMILIES), periods_of_rows, threshold_ms)


def sources_by_period(rows: Rows, periods_of_rows: Periods, threshold_ms: int) -> NDArray[np.int64]:
    """The same of each source (a row each, in the order of `Source`)."""
    return _plays_by_period(rows, "source", len(Source), periods_of_rows, threshold_ms)


def _plays_by_period(
    rows: Rows, column: str, length: int, periods_of_rows: Periods, threshold_ms: int
) -> NDArray[np.int64]:
    table = np.zeros((len(periods_of_rows.names), length), np.int64)
    count = rows.count(threshold_ms)
    for place, stretch in enumerate(periods_of_rows.slices()):
        number = rows[column][stretch][count[stretch]]
        table[place] = np.bincount(number[number >= 0], minlength=length)
    return table.T


class PeriodSums:
    """How many rows each month or year has, and sums over them. Rows come in blocks, in order of time."""

    def __init__(self, zone: ZoneInfo, unit: str) -> None:
        self._zone = zone
        self._unit = unit
        self._sums: dict[str, NDArray[Any]] = {}

    def add(self, start: NDArray[np.generic], *columns: NDArray[Any]) -> None:
        """Takes in more rows: their sorted starts, and what is summed of them."""
        found = periods(start, self._zone, self._unit)
        self.add_sums(found, [found.sums(column) for column in columns])

    def add_sums(self, found: Periods, sums: Sequence[NDArray[Any]]) -> None:
        """Takes in what more rows sum up to: columns with a number for each period."""
        table = np.array([np.diff(found.edges), *sums]).T
        for name, row in zip(found.names, table, strict=True):
            if row[0]:
                self._sums[name] = self._sums[name] + row if name in self._sums else row

    def rows(self) -> list[tuple[str, list[Any]]]:
        """The periods that have rows, in order of time, each with the number of rows and the sums."""
        return [(name, sums.tolist()) for name, sums in sorted(self._sums.items())]


def artists_played(track_plays: Ints, names: Names) -> Ints:
    """Plays by artist, out of plays by track."""
    known = names.track_artist >= 0
    weighed = np.bincount(names.track_artist[known], weights=track_plays[known], minlength=len(names.artists))
    plays: Ints = weighed.astype(np.int64)
    return plays


def _offsets(zone: ZoneInfo, first: int, last: int) -> Offsets:
    """A zone's offsets over the years from one moment to another, and a day round them."""
    return _offsets_of_years(zone, *(datetime.fromtimestamp(at, UTC).year for at in (first, last)))


@lru_cache(maxsize=64)
def _offsets_of_years(zone: ZoneInfo, first: int, last: int) -> Offsets:
    begin, end = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (first, last + 1))
    return offsets(zone, begin - DAY, end + DAY)


def _offset(shifts: Offsets, moment: int) -> int:
    """The offset at a moment."""
    return int(shifts.seconds[np.searchsorted(shifts.since, moment, side="right") - 1])


def _moments(local: Ints, shifts: Offsets) -> Ints:
    """The first moment at which the clock shows each of these local times, or later ones."""
    until = np.append(shifts.since[1:], NEVER)
    # One column for each stretch of time with the same offset; where the clock jumps over a time, the jump.
    at = np.maximum(shifts.since, local[:, None] - shifts.seconds)
    moments: Ints = np.where(at < until, at, NEVER).min(axis=1) if len(local) else np.zeros(0, np.int64)
    return moments
