"""Local days and hours of Unix times, for many at once, right across daylight saving.

A local time is counted in seconds as if it were UTC: day = local // 86400.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from app.history.batch import Ints
from app.history.rollup import SLOT

DAY, HOUR = 86_400, 3_600
_LOOK_EVERY = 3 * DAY  # no zone has changed its offset twice within so short a time
_EPOCH = date(1970, 1, 1)
_THURSDAY = 3  # which day 0 was
_USUAL = tuple(int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2005, 2035))


@dataclass(frozen=True)
class Offsets:
    """A time zone's offsets from UTC over a span: from `since[n]` on it is `seconds[n]`."""

    since: Ints
    seconds: Ints

    @property
    def on_slots(self) -> bool:
        """Whether every change falls on the edge of a slot."""
        return not (self.since[1:] % SLOT).any() and not (self.seconds % SLOT).any()


def offsets(zone: ZoneInfo, first: int, last: int) -> Offsets:
    """The offsets of a zone from `first` to `last`."""
    if first < _USUAL[0] or last > _USUAL[1]:
        return _looked_up(zone, first, last)
    usual = _usual(zone)
    low, high = np.searchsorted(usual.since, [first, last], "right")
    since = usual.since[low - 1 : high].copy()
    since[0] = first
    return Offsets(since, usual.seconds[low - 1 : high])


@lru_cache(200)
def _usual(zone: ZoneInfo) -> Offsets:
    """A zone's offsets over all the years from which there are plays."""
    return _looked_up(zone, *_USUAL)


def _looked_up(zone: ZoneInfo, first: int, last: int) -> Offsets:
    since, seconds = [first], [_offset(zone, first)]
    at = first
    while at < last:
        further = min(at + _LOOK_EVERY, last)
        if _offset(zone, further) != seconds[-1]:
            since.append(_change(zone, at, further))
            seconds.append(_offset(zone, further))
        at = further
    return Offsets(np.array(since, np.int64), np.array(seconds, np.int64))


def local(moments: Ints, offsets_then: Offsets) -> Ints:
    """Sorted moments as local times."""
    edges = np.searchsorted(moments, offsets_then.since[1:])
    return moments + np.repeat(offsets_then.seconds, np.diff(np.concatenate(([0], edges, [len(moments)]))))


def in_hours(start: NDArray[Any], zone: ZoneInfo, hour: int | None, weekday: int | None) -> Ints:
    """The places of those of these sorted moments that are in an hour (0-23) or on a weekday (0: Monday)."""
    if not len(start):
        return np.zeros(0, np.int64)
    span = offsets(zone, int(start[0]), int(start[-1]) + 1)
    until = np.append(span.since[1:], int(start[-1]) + 1)
    places = []
    for since, end, seconds in zip(span.since, until, span.seconds, strict=True):
        # Every hour of this stretch on the local clock: a few thousand, however many moments there are.
        hours = np.arange((since + seconds) // HOUR, (end - 1 + seconds) // HOUR + 1)
        if hour is not None:
            hours = hours[hours % 24 == hour]
        if weekday is not None:
            hours = hours[(hours // 24 + _THURSDAY) % 7 == weekday]
        begins = hours * HOUR - seconds
        low = np.searchsorted(start, np.maximum(begins, since))
        high = np.searchsorted(start, np.minimum(begins + HOUR, end))
        places += [
            np.arange(*pair) for pair in zip(low.tolist(), high.tolist(), strict=True) if pair[0] < pair[1]
        ]
    return np.concatenate([np.zeros(0, np.int64), *places])


def midnight(day: date, zone: ZoneInfo) -> int:
    """The moment at which a local day begins, Unix seconds: the first that belongs to it."""
    # Where midnight does not exist or exists twice, the earlier reading; then on to the day itself.
    moment = int(datetime.combine(day, time(), zone).timestamp())
    before = moment - 2 * HOUR
    if date_at(before, zone) >= day:
        return _first_of(day, zone, before - 26 * HOUR, before)
    return _first_of(day, zone, before, moment + 3 * HOUR)


def date_at(moment: int, zone: ZoneInfo) -> date:
    """The local date of a moment."""
    return datetime.fromtimestamp(moment, zone).date()


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def day_of(number: int) -> date:
    """The date of a day's number."""
    return _EPOCH + timedelta(days=int(number))


def _first_of(day: date, zone: ZoneInfo, low: int, high: int) -> int:
    """The first moment of a day, which lies after `low` and at or before `high`."""
    while high - low > 1:
        middle = (low + high) // 2
        if date_at(middle, zone) >= day:
            high = middle
        else:
            low = middle
    return high


def _change(zone: ZoneInfo, low: int, high: int) -> int:
    """The first moment with another offset than `low`, at or before `high`."""
    before = _offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high


def _offset(zone: ZoneInfo, moment: int) -> int:
    offset = datetime.fromtimestamp(moment, UTC).astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0
