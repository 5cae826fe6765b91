"""Plays that Spotify told of as they happened: which of them an export tells again, and how long they were.

A live play is known by the moment that Spotify calls `played_at`, which is taken as its end; nobody tells its
length. All times are Unix milliseconds. In a batch, `start` holds that moment until `settle` knows better.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from app.history.batch import (
    COLUMNS,
    NO,
    NO_TIME,
    UNKNOWN,
    Batch,
    Ints,
    Item,
    PlayKind,
    Source,
    is_exported,
    of_rows,
    starts,
)
from app.history.merge import Gathered, key_of, number_items
from app.history.names import clean
from app.store.sync import LivePlay

FIRST_HAND = 100  # `richness` of what came from Spotify itself, and not back from an export of this site
SAME_MOMENT = 60_000  # `played_at` is sometimes the start and sometimes the end, give or take


@dataclass(frozen=True)
class Told:
    """What one source tells of plays, sorted by `end`: an array or a sequence of the same length each.

    `name`: the number of artist and title, case-folded. `uri`: the track's address, `None` where unknown.
    `row`: which row it is; two may tell of the same. Neither that nor `start` is looked at for live plays.
    """

    name: Ints
    uri: Sequence[str | None]
    end: Ints
    start: Ints
    row: Ints


def live_batch(plays: Sequence[LivePlay]) -> Batch:
    """Live plays as a batch, not settled yet."""
    played_at = np.array([play.played_at for play in plays], np.int64)
    table: dict[Item, int] = {}
    items = [
        Item(PlayKind.MUSIC, *map(clean, (play.artist, play.title, play.album, play.uri))) for play in plays
    ]
    columns = {name: np.full(len(plays), UNKNOWN, dtype) for name, dtype in COLUMNS.items()} | {
        "end": played_at // 1000,
        "offline_at": np.full(len(plays), NO_TIME, np.int64),
        "ms": np.zeros(len(plays), np.int32),
        "item": np.array([table.setdefault(item, len(table)) for item in items], np.int32),
        "source": np.full(len(plays), Source.LIVE, np.int8),
        "richness": np.full(len(plays), FIRST_HAND, np.int8),
        "start": played_at,
        "measured": np.full(len(plays), NO, np.int8),
        "duration": np.array([_known(play.duration_ms) for play in plays], np.int32),
    }
    return Batch(columns, list(table), [])


def _known(duration: int | None) -> int:
    return UNKNOWN if duration is None else min(duration, np.iinfo(np.int32).max)


def settle(rows: Gathered, kept: NDArray[np.bool_], partners: Ints) -> list[int]:
    """Drops live plays that an export tells again from `kept`, and gives the others their start and length.

    `partners`: rows of account data that are not kept, each with the row of extended history that is. What
    is reported late ended when account data says so: a live play may match either. How many live plays the
    rows of each batch replace.
    """
    columns = rows.columns
    live = np.flatnonzero(kept & (columns["source"] == Source.LIVE))
    if not len(live):
        return [0] * len(rows.lengths)
    live = live[np.lexsort((columns["item"][live], columns["start"][live]))]
    played_at = columns["start"][live].astype(np.int64)
    exported = np.flatnonzero(kept & is_exported(columns))
    start = starts({name: column[exported] for name, column in columns.items()})
    end = start + columns["ms"][exported]
    first, last = int(played_at[0]) - SAME_MOMENT, int(played_at[-1]) + SAME_MOMENT
    before = int(end[end < first].max()) if (end < first).any() else None
    near = np.flatnonzero((end >= first) & (start <= last))
    exported, start, ends = exported[near], start[near], end[near]
    told, row = np.append(exported, partners[:, 0]), np.append(exported, partners[:, 1])
    start = np.append(start, starts({name: column[partners[:, 0]] for name, column in columns.items()}))
    end = start + columns["ms"][told]
    order = np.lexsort((columns["item"][told], start, end))
    names = _name_numbers(rows.items)
    found = replaced_by(
        _told(rows, live, names, played_at, played_at, live),
        _told(rows, told[order], names, end[order], start[order], row[order]),
    )
    kept[live[found >= 0]] = False
    replaced = np.zeros(len(kept), bool)
    replaced[found[found >= 0]] = True
    left = live[found < 0]
    ends = np.concatenate([[before] if before is not None else [], ends, played_at[found < 0]])
    _estimate(rows, left, np.sort(ends.astype(np.int64)))
    return rows.per_batch(replaced)


def _estimate(rows: Gathered, live: Ints, ends: Ints) -> None:
    columns = rows.columns
    duration = np.maximum(of_rows(columns, "duration", live), 0)
    length = estimated_lengths(columns["start"][live], duration, ends)
    columns["ms"][live] = length
    columns["start"][live] -= length


def _told(rows: Gathered, at: Ints, names: Ints, end: Ints, start: Ints, row: Ints) -> Told:
    items = rows.columns["item"][at]
    return Told(names[items], [rows.items[item].uri for item in items.tolist()], end, start, row)


def _name_numbers(items: Sequence[Item]) -> Ints:
    """For each item a number for its artist and title; -1 where the title is unknown."""
    return number_items(items, lambda item: key_of(item)[1:] if item.title is not None else None)


def replaced_by(live: Told, exported: Told) -> Ints:
    """For each live play the row of an export that tells it again, or -1.

    A row of an export can be a live play when it has the same track, by address or by artist and title, and
    starts or ends within a minute of it. Each row stands for one live play at most. As many live plays as
    possible are replaced, and of the ways to do so the one with the smallest distances is taken.
    """
    found = np.full(len(live.end), -1, np.int64)
    for play, row in _pairs(_candidates(live, exported)).items():
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
        places = {*range(bisect_left(ends, low), bisect_right(ends, high))}
        places |= set(by_start[bisect_left(starts, low) : bisect_right(starts, high)].tolist())
        near: dict[int, int] = {}
        for place in sorted(places):
            if _is_same_track(live, play, exported, place):
                row = int(exported.row[place])
                away = int(min(abs(moment - exported.end[place]), abs(moment - exported.start[place])))
                near[row] = min(away, near.get(row, away))
        if near:
            found[play] = near
    return found


def _is_same_track(live: Told, play: int, exported: Told, place: int) -> bool:
    if live.uri[play] is not None and live.uri[play] == exported.uri[place]:
        return True
    return bool(live.name[play] == exported.name[place] >= 0)


def _pairs(candidates: Mapping[int, Mapping[int, int]]) -> dict[int, int]:
    """Pairs of plays and rows: as many as there can be, then with the smallest sum of distances.

    Play by play, each takes the cheapest way to a row, others changing theirs on the way: the Hungarian
    method, with a heap. Every play may have a place of its own, which costs more than all rows together and
    stands for no row. Prices keep each search to the neighbourhood of its play, so that many repeats in a row
    take time in proportion.
    """
    none = 1 + sum(max(near.values()) for near in candidates.values())
    costs = {play: {**near, -1 - play: none} for play, near in candidates.items()}
    row_of: dict[int, int] = {}
    play_of: dict[int, int] = {}
    prices = dict.fromkeys(costs, 0), defaultdict[int, int](int)  # of plays and of rows
    for play in sorted(costs):
        _find_row(play, costs, row_of, play_of, prices)
    return {play: row for play, row in row_of.items() if row >= 0}


def _find_row(
    first: int,
    costs: Mapping[int, Mapping[int, int]],
    row_of: dict[int, int],
    play_of: dict[int, int],
    prices: tuple[dict[int, int], dict[int, int]],
) -> None:
    """Gives one more play a row, by the cheapest path there is (Dijkstra's algorithm)."""
    play_price, row_price = prices
    reached: dict[int, int] = {}  # by row, what it costs at least
    came_by: dict[int, int] = {}  # by row, from which play
    settled: list[int] = []
    heap: list[tuple[int, int]] = []
    play, so_far = first, 0
    while True:
        for row, cost in costs[play].items():
            total = so_far + cost - play_price[play] - row_price[row]
            if total < reached.get(row, total + 1):
                reached[row], came_by[row] = total, play
                heappush(heap, (total, row))
        so_far, row = heappop(heap)
        while so_far > reached[row]:
            so_far, row = heappop(heap)
        if row not in play_of:
            break
        settled.append(row)
        play = play_of[row]
    play_price[first] += so_far
    for passed in settled:
        play_price[play_of[passed]] += so_far - reached[passed]
        row_price[passed] -= so_far - reached[passed]
    while True:
        play = came_by[row]
        given_up = row_of.get(play)
        row_of[play], play_of[row] = row, play
        if given_up is None:
            return
        row = given_up


def open_gaps(gaps: Sequence[tuple[int, int]], exported: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The gaps between live plays that no export covers.

    `exported`: of each import, when its first and its last row ended (Unix seconds).
    """
    spans = [(first * 1000 - SAME_MOMENT, last * 1000 + SAME_MOMENT) for first, last in exported]
    return [(begin, end) for begin, end in gaps if not any(a <= begin and end <= b for a, b in spans)]
