"""Places in a ranking: a stretch of it, where something stands, and what answers to some words.

A ranking may hold tens of thousands of names. They are compared only where plays and time are equal.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.history.figures import Ranking
from app.history.merge import folded

Mask = NDArray[np.bool_]


def stretch(ranking: Ranking, first: int, most: int | None, by_time: bool = False) -> list[int]:
    """The numbers of what stands from rank `first` on, at most so many."""
    played = np.flatnonzero(ranking.plays)
    main, tie = _sums(ranking, by_time)
    order = played[np.lexsort((-tie[played], -main[played]))]
    main, tie = main[order], tie[order]
    low, high = min(first - 1, len(order)), len(order) if most is None else min(first - 1 + most, len(order))
    if low >= high:
        return []
    # Where those begin that are equal to one another: names decide among them, also across the cut.
    begins = np.flatnonzero(np.concatenate(([True], (np.diff(main) != 0) | (np.diff(tie) != 0), [True])))
    from_group = int(np.searchsorted(begins, low, "right")) - 1
    to_group = int(np.searchsorted(begins, high, "left"))
    groups = begins[from_group : to_group + 1]
    start = int(groups[0])
    numbers: list[int] = order[start : int(groups[-1])].tolist()
    for nth in np.flatnonzero(np.diff(groups) > 1).tolist():
        alike = slice(int(groups[nth]) - start, int(groups[nth + 1]) - start)
        numbers[alike] = sorted(numbers[alike], key=lambda at: _name(ranking, at))
    return numbers[low - start : high - start]


def ranks(ranking: Ranking, numbers: Iterable[int], by_time: bool = False) -> dict[int, int]:
    """The rank of each of these; what was not played has none."""
    main, tie = _sums(ranking, by_time)
    found: dict[int, int] = {}
    for at in numbers:
        if at in found or at >= len(main) or not ranking.plays[at]:
            continue
        level = main == main[at]
        ahead = int(np.count_nonzero(main > main[at])) + int(np.count_nonzero(level & (tie > tie[at])))
        alike = np.flatnonzero(level & (tie == tie[at])).tolist()
        alike = sorted(alike, key=lambda other: _name(ranking, other)) if len(alike) > 1 else alike
        found |= {other: ahead + nth for nth, other in enumerate(alike, 1)}
    return found


def among(ranking: Ranking, which: Mask) -> Ranking:
    """The ranking of some, with the numbers that they have among all."""
    return Ranking(
        np.where(which, ranking.plays, 0), np.where(which, ranking.ms, 0), ranking.names, ranking.by
    )


def matching(
    words: str, names: Sequence[str], artist: NDArray[Any] | None = None, artists: Sequence[str] = ()
) -> Mask:
    """Which names hold every word, case-folded; `artist` is whose each is: a word may be in either name."""
    wanted = folded(words).split()
    own_names = [folded(name) for name in names]
    theirs = [folded(name) for name in artists]
    which = np.ones(len(own_names), bool)
    for word in wanted:
        held = np.fromiter((word in name for name in own_names), bool, len(own_names))
        if artist is not None:
            # Unknown is -1, which is the last place: nobody's name holds a word.
            by = np.array([*(word in name for name in theirs), False], bool)
            held |= by[artist]
        which &= held
    return which


def _sums(ranking: Ranking, by_time: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return (ranking.ms, ranking.plays) if by_time else (ranking.plays, ranking.ms)


def _name(ranking: Ranking, at: int) -> tuple[str, str, int]:
    return ranking.names[at], (ranking.by[at] or "") if ranking.by else "", at
