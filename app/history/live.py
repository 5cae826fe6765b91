"""Plays that Spotify told of as they happened: which of them an export tells again, and how long they were.

A live play is known by the moment that Spotify calls `played_at`, which is taken as its end; nobody tells its
length. All times are Unix milliseconds.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
SAME_MOMENT = 60_000  # `played_at` is sometimes the start and sometimes the end, give or take


@dataclass(frozen=True)
class Told:
    """What one source tells of plays, sorted by `end`: an array or a sequence of the same length each.

    `name`: the number of artist and title, case-folded. `uri`: the track's address, `None` where unknown.
    `start` is not looked at for live plays.
    """

    name: Ints
    uri: Sequence[str | None]
    end: Ints
    start: Ints


def replaced(live: Told, exported: Told) -> NDArray[np.bool_]:
    """For each live play whether an export tells it again.

    A row of an export can be a live play when it has the same track, by address or by artist and title, and
    starts or ends within a minute of it. Each row stands for one live play at most. As many live plays as
    possible are replaced, and of the ways to do so the one with the smallest distances is taken.
    """
    found = np.zeros(len(live.end), bool)
    for group in _groups(_candidates(live, exported)):
        for play in _pairs(group):
            found[play] = True
    return found


def estimated_lengths(played_at: Ints, duration: Ints, ends: Ints) -> Ints:
    """How long live plays were: as long as the track, but no longer than since the play before had ended.

    `duration`: of the tracks, 0 where unknown. `ends`: of every play that counts, live ones among them,
    sorted. Milliseconds.
    """
    before = np.searchsorted(ends, played_at, side="left") - 1
    since = played_at - ends[np.maximum(before, 0)] if len(ends) else duration
    return np.where(before >= 0, np.minimum(duration, since), duration)


def _candidates(live: Told, exported: Told) -> dict[int, dict[int, int]]:
    """For each live play, by its place, the rows that it may be, each with its distance."""
    by_start = np.argsort(exported.start, kind="stable")
    starts, ends = exported.start[by_start].tolist(), exported.end.tolist()
    found: dict[int, dict[int, int]] = {}
    for play, moment in enumerate(live.end.tolist()):
        low, high = moment - SAME_MOMENT, moment + SAME_MOMENT
        rows = {*range(bisect_left(ends, low), bisect_right(ends, high))}
        rows |= set(by_start[bisect_left(starts, low) : bisect_right(starts, high)].tolist())
        near = {
            row: int(min(abs(moment - exported.end[row]), abs(moment - exported.start[row])))
            for row in sorted(rows)
            if _is_same_track(live, play, exported, row)
        }
        if near:
            found[play] = near
    return found


def _is_same_track(live: Told, play: int, exported: Told, row: int) -> bool:
    if live.uri[play] is not None and live.uri[play] == exported.uri[row]:
        return True
    return bool(live.name[play] == exported.name[row] >= 0)


def _groups(candidates: Mapping[int, Mapping[int, int]]) -> list[dict[int, Mapping[int, int]]]:
    """The live plays that compete for the same rows, together."""
    group_of_row: dict[int, dict[int, Mapping[int, int]]] = {}
    groups: dict[int, dict[int, Mapping[int, int]]] = {}
    for play, rows in candidates.items():
        joined: dict[int, Mapping[int, int]] = {play: rows}
        for other in {
            id(group_of_row[row]): group_of_row[row] for row in rows if row in group_of_row
        }.values():
            joined.update(other)
            groups.pop(id(other), None)
        groups[id(joined)] = joined
        for near in joined.values():
            group_of_row.update(dict.fromkeys(near, joined))
    return list(groups.values())


def _pairs(group: Mapping[int, Mapping[int, int]]) -> dict[int, int]:
    """Pairs of plays and rows: as many as there can be, then with the smallest sum of distances.

    Each round adds the pair that makes the sum grow least, changing earlier pairs on the way (successive
    shortest augmenting paths), so that after each round the pairs are the best of their number.
    """
    row_of: dict[int, int] = {}
    play_of: dict[int, int] = {}
    while path := _cheapest_path(group, row_of, play_of):
        for play, row in path:
            row_of[play], play_of[row] = row, play
    return row_of


def _cheapest_path(
    group: Mapping[int, Mapping[int, int]], row_of: Mapping[int, int], play_of: Mapping[int, int]
) -> list[tuple[int, int]]:
    """The pairs to be set, from a play without a row to a row without a play; empty where there is no way."""
    cost: dict[int, int] = {play: 0 for play in sorted(group) if play not in row_of}
    came_by: dict[
        int, tuple[int, int]
    ] = {}  # for a play: the play before it, and its own row that it gives up
    reached: dict[int, tuple[int, int]] = {}  # for a row: the cost, and by which play
    for _ in range(len(group)):
        changed = False
        for play in sorted(cost):
            for row, distance in group[play].items():
                total = cost[play] + distance
                if row_of.get(play) == row or (row in reached and reached[row][0] <= total):
                    continue
                reached[row], changed = (total, play), True
                owner = play_of.get(row)
                if owner is not None and total - group[owner][row] < cost.get(owner, total + 1):
                    cost[owner], came_by[owner] = total - group[owner][row], (play, row)
        if not changed:
            break
    free = [(total, row) for row, (total, _play) in reached.items() if row not in play_of]
    if not free:
        return []
    row = min(free)[1]
    play = reached[row][1]
    path = [(play, row)]
    while play in came_by and play in row_of:
        play, given_up = came_by[play]
        path.append((play, given_up))
    return path
