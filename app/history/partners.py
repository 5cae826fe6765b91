"""Which rows of account data tell of a play that extended history tells too.

Account data ends a play in the minute when the music stopped, extended history when the app reported it, up
to a day later. So a row of extended history can be a row's partner when both have the same artist, title and
length and

- its `ts` lies from the row's minute to 24 hours after that, or
- its end by `offline_timestamp` (that time plus the length) lies within two minutes of the row's minute.

Each row of extended history is the partner of one row at most: the rows of account data choose, the earliest
first, each the earliest that is left (by `ts`, then by `offline_timestamp`).

Only the time that extended history covers, from its first `ts` to its last, is compared. A row's minute
belongs to it when any second of it does. The first play that extended history tells of stopped before it was
reported: a row before the first `ts` is compared by the end that `offline_timestamp` gives, and by no other.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

MINUTE = 60
REPORTED_WITHIN = 86_400  # seconds
STOPPED_WITHIN = 120_000  # milliseconds

Ints = NDArray[np.int64]


def find_partners(
    what: Ints, minute: Ints, of_what: Ints, ts: Ints, stopped: Ints, span: tuple[int, int]
) -> Ints:
    """For each row of account data the place of its partner in extended history, or -1.

    `what`, `minute`: what each row plays and for how long, as one number, and the beginning of its minute,
    sorted by both. `of_what`, `ts`, `stopped`: the same of extended history, with the end by
    `offline_timestamp` in Unix milliseconds, 0 or less where unknown. `span`: its first and last `ts`.
    """
    found = np.full(len(what), -1, np.int64)
    order = np.lexsort((stopped, ts, of_what))
    of_what, ts, stopped = of_what[order], ts[order], stopped[order]
    for mine, theirs in _groups(what, of_what):
        taken = _taken(minute[mine].tolist(), ts[theirs].tolist(), stopped[theirs].tolist(), span)
        found[mine] = [order[theirs][place] if place is not None else -1 for place in taken]
    return found


def _groups(what: Ints, of_what: Ints) -> Iterator[tuple[slice, slice]]:
    """For each thing that both play, where it is in one and in the other."""
    things, begins = np.unique(what, return_index=True)
    ends = np.append(begins[1:], len(what))
    lows, highs = (np.searchsorted(of_what, things, side) for side in ("left", "right"))
    for begin, end, low, high in zip(*(one.tolist() for one in (begins, ends, lows, highs)), strict=True):
        if low < high:
            yield slice(begin, end), slice(low, high)


def _taken(
    minutes: Sequence[int], ts: Sequence[int], stopped: Sequence[int], span: tuple[int, int]
) -> list[int | None]:
    """For each minute, in order, the first partner that is left for it."""
    first, last = span
    free = [True] * len(ts)
    by_stop = sorted((at, place) for place, at in enumerate(stopped) if at > 0)
    begin = 0
    taken: list[int | None] = []
    for minute in minutes:
        while begin < len(ts) and (ts[begin] < minute or not free[begin]):
            begin += 1
        reported = begin < len(ts) and ts[begin] <= minute + REPORTED_WITHIN and minute + MINUTE > first
        low = bisect_left(by_stop, (minute * 1000 - STOPPED_WITHIN, -1)) if minute <= last else len(by_stop)
        high = bisect_right(by_stop, (minute * 1000 + STOPPED_WITHIN, len(ts)))
        places = [place for _, place in by_stop[low:high] if free[place]]
        if reported:
            places.append(begin)
        first_left = min(places, default=None)
        if first_left is not None:
            free[first_left] = False
        taken.append(first_left)
    return taken
