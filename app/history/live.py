"""Plays that Spotify told of as they happened: which of them an export tells again, and how long they were.

A live play is known by the moment that Spotify calls `played_at`, which is taken as its end; nobody tells its
length. All times are Unix milliseconds. In a batch, `start` holds that moment until `settle` knows better.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.history.batch import COLUMNS, NO, NO_TIME, UNKNOWN, Batch, Ints, Item, PlayKind, Source, starts
from app.history.merge import Gathered, key_of
from app.store.sync import LivePlay

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


def live_batch(plays: Sequence[LivePlay]) -> Batch:
    """Live plays as a batch, not settled yet."""
    played_at = np.array([play.played_at for play in plays], np.int64)
    table: dict[Item, int] = {}
    items = [Item(PlayKind.MUSIC, play.artist, play.title, play.album, play.uri) for play in plays]
    columns = {name: np.full(len(plays), UNKNOWN, dtype) for name, dtype in COLUMNS.items()} | {
        "end": played_at // 1000,
        "offline_at": np.full(len(plays), NO_TIME, np.int64),
        "ms": np.zeros(len(plays), np.int32),
        "item": np.array([table.setdefault(item, len(table)) for item in items], np.int32),
        "source": np.full(len(plays), Source.LIVE, np.int8),
        "richness": np.zeros(len(plays), np.int8),
        "start": played_at,
        "measured": np.full(len(plays), NO, np.int8),
        "duration": np.array([_known(play.duration_ms) for play in plays], np.int32),
    }
    return Batch(columns, list(table), [])


def _known(duration: int | None) -> int:
    return UNKNOWN if duration is None else min(duration, np.iinfo(np.int32).max)


def settle(rows: Gathered, kept: NDArray[np.bool_]) -> list[int]:
    """Drops live plays that an export tells again from `kept`, and gives the others their start and length.

    How many live plays the rows of each batch replace.
    """
    columns = rows.columns
    live = np.flatnonzero(columns["source"] == Source.LIVE)
    if not len(live):
        return [0] * len(rows.lengths)
    live = live[np.lexsort((columns["item"][live], columns["start"][live]))]
    played_at = columns["start"][live].astype(np.int64)
    exported = np.flatnonzero(kept & (columns["source"] != Source.LIVE))
    start = starts({name: column[exported] for name, column in columns.items()})
    end = start + columns["ms"][exported]
    first, last = int(played_at[0]) - SAME_MOMENT, int(played_at[-1]) + SAME_MOMENT
    before = int(end[end < first].max()) if (end < first).any() else None
    near = np.flatnonzero((end >= first) & (start <= last))
    near = near[np.lexsort((columns["item"][exported[near]], start[near], end[near]))]
    exported, start, end = exported[near], start[near], end[near]
    names = _name_numbers(rows.items)
    found = replaced_by(
        _told(rows, live, names, played_at, played_at), _told(rows, exported, names, end, start)
    )
    kept[live[found >= 0]] = False
    replaced = np.zeros(len(kept), bool)
    replaced[exported[found[found >= 0]]] = True
    left = live[found < 0]
    ends = np.concatenate([[before] if before is not None else [], end, played_at[found < 0]])
    _estimate(rows, left, np.sort(ends.astype(np.int64)))
    return rows.per_batch(replaced)


def _estimate(rows: Gathered, live: Ints, ends: Ints) -> None:
    columns = rows.columns
    length = estimated_lengths(columns["start"][live], np.maximum(columns["duration"][live], 0), ends)
    columns["ms"][live] = length
    columns["start"][live] -= length


def _told(rows: Gathered, at: Ints, names: Ints, end: Ints, start: Ints) -> Told:
    items = rows.columns["item"][at]
    return Told(names[items], [rows.items[item].uri for item in items.tolist()], end, start)


def _name_numbers(items: Sequence[Item]) -> Ints:
    """For each item a number for its artist and title; -1 where the title is unknown."""
    known: dict[tuple[str, str], int] = {}
    return np.array(
        [known.setdefault(key_of(item)[1:], len(known)) if item.title is not None else -1 for item in items],
        np.int64,
    )


def replaced_by(live: Told, exported: Told) -> Ints:
    """For each live play the row of an export that tells it again, or -1.

    A row of an export can be a live play when it has the same track, by address or by artist and title, and
    starts or ends within a minute of it. Each row stands for one live play at most. As many live plays as
    possible are replaced, and of the ways to do so the one with the smallest distances is taken.
    """
    found = np.full(len(live.end), -1, np.int64)
    for group in _groups(_candidates(live, exported)):
        for play, row in _pairs(group).items():
            found[play] = row
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


def open_gaps(gaps: Sequence[tuple[int, int]], exported: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The gaps between live plays that no export covers.

    `exported`: of each import, when its first and its last row ended (Unix seconds).
    """
    spans = [(first * 1000 - SAME_MOMENT, last * 1000 + SAME_MOMENT) for first, last in exported]
    return [(begin, end) for begin, end in gaps if not any(a <= begin and end <= b for a, b in spans)]
