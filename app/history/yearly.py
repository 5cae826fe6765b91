"""What every track and album came to in each year of the listener's calendar.

Counted once by years UTC, and kept. The plays around each New Year are kept beside the sums, so that they can
be moved to the year in which they were on any clock on earth.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.history.batch import Ints
from app.history.calendar import HOUR, midnight
from app.history.history import History
from app.history.parts import year_start

_REACH = 16 * HOUR  # no clock is further from UTC
_KINDS = ("track", "album")
_SLOTS = 4


@dataclass(frozen=True)
class Yearly:
    """Plays and time for each year, from `first` on, of every track (or album): arrays of years × numbers."""

    first: int
    plays: Ints
    ms: Ints


def yearly(history: History, kind: str, zone: ZoneInfo) -> Yearly:
    """The sums by local year; `kind` is "track" or "album". The first and the last year may be empty."""
    # Few thresholds are kept, whatever addresses ask for.
    name = f"years/{history.threshold_ms // 1000 % _SLOTS}"
    body = msgspec.msgpack.decode(history.kept(name, lambda: {name: _counted(history)}))
    if body["threshold_ms"] != history.threshold_ms:
        body = msgspec.msgpack.decode(history.keep({name: _counted(history)})[name])
    first, years, length = body["first"], body["years"], body[kind]["length"]
    place, count, time = (
        np.frombuffer(body[kind][column], dtype)
        for column, dtype in (("place", np.int64), ("plays", np.int64), ("ms", np.int64))
    )
    plays, ms = np.zeros(years * length, np.int64), np.zeros(years * length, np.int64)
    plays[place], ms[place] = count, time
    of = Yearly(first, plays.reshape(years, length), ms.reshape(years, length))
    edge = {column: np.frombuffer(kept, np.int64) for column, kept in body["edge"].items()}
    _move(of, edge["start"], edge["ms"], edge[kind], zone)
    return of


def _move(of: Yearly, start: Ints, ms: Ints, number: Ints, zone: ZoneInfo) -> None:
    """Moves plays between the end of a year UTC and the end of the local one."""
    for place in range(1, len(of.plays)):
        utc, here = year_start(of.first + place), midnight(date(of.first + place, 1, 1), zone)
        low, high = np.searchsorted(start, [min(utc, here), max(utc, here)])
        moved = slice(int(low), int(high))
        known = number[moved] >= 0
        at, time = number[moved][known], ms[moved][known]
        to, away = (place, place - 1) if here < utc else (place - 1, place)
        for year, sign in ((to, 1), (away, -1)):
            np.add.at(of.plays[year], at, sign)
            np.add.at(of.ms[year], at, sign * time)


def _counted(history: History) -> bytes:
    rows, names = history.rows(), history.names
    counts = rows["ms"] >= history.threshold_ms
    columns = {name: rows[name][counts] for name in ("start", "ms", "track", "album")}
    start = columns["start"].astype(np.int64)
    whole = start[[0, -1]].astype("datetime64[s]").astype("datetime64[Y]") if len(start) else None
    # One more at either end, for clocks that are ahead or behind.
    first, last = (1969, 1971) if whole is None else (int(one.astype(int)) + 1970 for one in whole)
    first, last = first - 1, last + 1
    edges = np.searchsorted(start, [year_start(year) for year in range(first, last + 2)]).tolist()
    lengths = {"track": len(names.tracks), "album": len(names.albums)}
    kinds = {kind: _sparse(columns[kind], columns["ms"], edges, lengths[kind]) for kind in _KINDS}
    return msgspec.msgpack.encode(
        {
            "threshold_ms": history.threshold_ms,
            "first": first,
            "years": last - first + 1,
            "edge": _near_new_year(start, columns, range(first, last + 1)),
            **kinds,
        }
    )


def _sparse(number: NDArray[Any], ms: NDArray[Any], edges: list[int], length: int) -> dict[str, object]:
    """The sums that are not zero, each at its place: year × length + number."""
    place, plays, time = [], [], []
    for year, (low, high) in enumerate(pairwise(edges)):
        known = number[low:high] >= 0
        at = number[low:high][known]
        count = np.bincount(at, minlength=length)
        there = np.flatnonzero(count)
        place.append(there + year * length)
        plays.append(count[there])
        time.append(np.bincount(at, weights=ms[low:high][known], minlength=length)[there].astype(np.int64))
    joined = {"place": place, "plays": plays, "ms": time}
    return {
        "length": length,
        **{name: np.concatenate(one).astype(np.int64).tobytes() for name, one in joined.items()},
    }


def _near_new_year(start: Ints, columns: Mapping[str, NDArray[Any]], years: range) -> dict[str, bytes]:
    near = np.zeros(len(start), bool)
    for year in years:
        low, high = np.searchsorted(start, [year_start(year) - _REACH, year_start(year) + _REACH])
        near[low:high] = True
    return {name: column[near].astype(np.int64).tobytes() for name, column in columns.items()}
