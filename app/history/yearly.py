"""What every track and album came to in each year of the listener's calendar.

Counted once by years UTC, and kept. The plays around each New Year are kept beside the sums, so that they can
be moved to the year in which they were on any clock on earth.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.history.batch import Ints
from app.history.blobs import year_start
from app.history.calendar import HOUR, midnight
from app.history.section import Rows
from app.history.stored import History

_REACH = 16 * HOUR  # no clock is further from UTC
_KINDS = ("track", "album")
_SLOTS = 4


@dataclass(frozen=True)
class Yearly:
    """Plays and time of every track (or album), year by year; the first and the last year may be empty.

    `years` are those of the listener's calendar. `length`: how many tracks (or albums) there are.
    """

    years: range
    length: int
    _sums: Mapping[str, Ints]  # those that are not zero by years UTC; `place`: year × length + number
    _edges: Mapping[str, Ints]  # plays around each New Year
    _zone: ZoneInfo

    def of(self, year: int) -> tuple[Ints, Ints]:
        """Plays and time of a year, by number."""
        first = (year - self.years.start) * self.length
        low, high = np.searchsorted(self._sums["place"], [first, first + self.length])
        at = self._sums["place"][low:high] - first
        plays, ms = np.zeros(self.length, np.int64), np.zeros(self.length, np.int64)
        plays[at], ms[at] = self._sums["plays"][low:high], self._sums["ms"][low:high]
        for edge, inside in ((year, 1), (year + 1, -1)):
            utc, here = year_start(edge), midnight(date(edge, 1, 1), self._zone)
            # Where the local year begins earlier, it gains what the year UTC before it has too much.
            sign = inside if here < utc else -inside
            low, high = np.searchsorted(self._edges["start"], [min(utc, here), max(utc, here)])
            number, time = self._edges["number"][low:high], self._edges["ms"][low:high]
            known = number >= 0
            np.add.at(plays, number[known], sign)
            np.add.at(ms, number[known], sign * time[known])
        return plays, ms


def yearly(history: History, kind: str, zone: ZoneInfo) -> Yearly:
    """The sums by local year; `kind` is "track" or "album"."""
    # Few thresholds are kept, whatever addresses ask for.
    name = f"years/{history.threshold_ms // 1000 % _SLOTS}"
    body = msgspec.msgpack.decode(history.kept(name, lambda: {name: _counted(history)}))
    if body["threshold_ms"] != history.threshold_ms:
        body = msgspec.msgpack.decode(history.keep({name: _counted(history)})[name])
    sums = {column: np.frombuffer(body[kind][column], np.int64) for column in ("place", "plays", "ms")}
    edges = {column: np.frombuffer(kept, np.int64) for column, kept in body["edge"].items()}
    return Yearly(
        range(body["first"], body["first"] + body["years"]),
        body[kind]["length"],
        sums,
        edges | {"number": edges[kind]},
        zone,
    )


def _counted(history: History) -> bytes:
    """The sums by years UTC, with a year more at either end, for clocks that are ahead or behind."""
    everything, names = history.everything, history.names
    first, last = (datetime.fromtimestamp(at, UTC).year for at in (everything.begins, everything.ends))
    years = range(first - 1, last + 2)
    lengths = {"track": len(names.tracks), "album": len(names.albums)}
    sums = {kind: _Sums(length) for kind, length in lengths.items()}
    near = []
    for rows in history.blocks(names=("start", "ms", *_KINDS)):
        counting = rows.where(rows.count(history.threshold_ms))
        near.append(_near_new_year(counting, years))
        edges = np.searchsorted(counting["start"], [year_start(year) for year in [*years, years.stop]])
        for place, (low, high) in enumerate(pairwise(edges.tolist())):
            for kind in _KINDS:
                sums[kind].add(place, counting[kind][low:high], counting["ms"][low:high])
    return msgspec.msgpack.encode(
        {
            "threshold_ms": history.threshold_ms,
            "first": years.start,
            "years": len(years),
            "edge": {
                name: np.concatenate([rows_of_year[name] for rows_of_year in near]).astype(np.int64).tobytes()
                for name in ("start", "ms", *_KINDS)
            },
            **{kind: sums[kind].packed() for kind in _KINDS},
        }
    )


class _Sums:
    """Sums by year and number, of plays that come in order of time. Only those that are not zero are kept."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._year = -1
        self._plays = self._ms = np.zeros(length, np.int64)
        self._kept: dict[str, list[Ints]] = {"place": [], "plays": [], "ms": []}

    def add(self, year: int, number: NDArray[Any], ms: NDArray[Any]) -> None:
        if not len(number):
            return
        if year != self._year:
            self._keep()
            self._year = year
            self._plays, self._ms = np.zeros(self._length, np.int64), np.zeros(self._length, np.int64)
        known = number >= 0
        at = number[known]
        self._plays += np.bincount(at, minlength=self._length)
        self._ms += np.bincount(at, weights=ms[known], minlength=self._length).astype(np.int64)

    def packed(self) -> dict[str, object]:
        self._keep()
        columns = {
            name: np.concatenate([np.zeros(0, np.int64), *column]).tobytes()
            for name, column in self._kept.items()
        }
        return {"length": self._length, **columns}

    def _keep(self) -> None:
        played = np.flatnonzero(self._plays)
        self._kept["place"].append(played + self._year * self._length)
        self._kept["plays"].append(self._plays[played])
        self._kept["ms"].append(self._ms[played])


def _near_new_year(rows: Rows, years: range) -> Rows:
    near = np.zeros(len(rows), bool)
    for year in years:
        low, high = np.searchsorted(
            rows["start"], [max(year_start(year) - _REACH, 0), year_start(year) + _REACH]
        )
        near[low:high] = True
    return rows.where(near)
