"""The same play, told by several services.

Two rows are the same play when their services differ, artist (the track's or the album's) and title are the
same as names are compared, and they start at most two minutes apart. Nearest first, each is joined with one
row of a service at the most. Of rows that are one play the one that tells most stays: extended history,
account data, live plays, then what was measured, what has a duration, the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.history.batch import YES, Ints, Source, of_rows, starts
from app.history.duplicates import contents
from app.history.merge import Gathered, folded
from app.history.scrobbles import MINUTE, minutes_only

APART = 120_000  # milliseconds between two starts of one play
# Rows of one name and moment that are compared with one another: far more than anybody plays.
MOST_NEIGHBOURS = 1_000
NO_FILE = 2**62
SAME_TIME = APART + MINUTE  # from the latest start on nothing can be the same play


def drop_told_again(rows: Gathered, kept: NDArray[np.bool_]) -> None:
    """Drops rows that a richer row of another service tells too."""
    at = np.flatnonzero(kept)
    service = np.maximum(rows.columns["source"][at], Source.LIVE)  # Spotify's three are one
    if not len(at) or service.min() == service.max():
        return
    start = starts({name: column[at] for name, column in rows.columns.items()})
    latest = start + np.where(minutes_only(rows.columns, at), MINUTE - 1, 0)
    first, second = _pairs(rows, at, service, start, latest)
    if not len(first):
        return
    # Rows in an order of their own, whatever order they came in.
    concerned = np.unique(np.concatenate([first, second]))
    content = contents(rows, at[concerned])
    order = concerned[np.lexsort((*content, rows.columns["ms"][at[concerned]], start[concerned]))]
    place = np.zeros(len(at), np.int64)
    place[order] = np.arange(len(order))
    swapped = place[first] > place[second]
    first, second = np.where(swapped, second, first), np.where(swapped, first, second)
    apart = np.maximum(np.maximum(start[second] - latest[first], start[first] - latest[second]), 0)
    by_distance = np.lexsort((place[second], place[first], apart))
    rank = np.zeros(len(at), np.int64)
    rank[_richest_first(rows, at, order)] = np.arange(len(order))
    # Two rows of a table that this site has written are two plays: it has joined what is one.
    is_settled = of_rows(rows.columns, "settled", at) == YES
    told_by = np.stack([service, np.where(is_settled, -1 - rows.batch_of(at), NO_FILE)], axis=1)
    for group in _groups(first[by_distance].tolist(), second[by_distance].tolist(), told_by.tolist()):
        richest = min(group, key=rank.__getitem__)
        kept[at[[row for row in group if row != richest]]] = False


def _pairs(rows: Gathered, at: Ints, service: NDArray[Any], start: Ints, latest: Ints) -> tuple[Ints, Ints]:
    """Rows that may be the same play, two by two, as places in `at`."""
    name, other_name = _names(rows)
    item = rows.columns["item"][at]
    twice = np.flatnonzero(other_name[item] >= 0)
    row = np.concatenate([np.arange(len(at)), twice])
    key = np.concatenate([name[item], other_name[item[twice]]])
    row, key = row[key >= 0], key[key >= 0]
    # Most names are told by one service alone.
    order = np.lexsort((service[row], key))
    ordered_key, ordered_service = key[order], service[row[order]]
    changes = (ordered_key[1:] == ordered_key[:-1]) & (ordered_service[1:] != ordered_service[:-1])
    several = np.isin(key, ordered_key[1:][changes])
    row, key = row[several], key[several]
    order = np.lexsort((start[row], key))
    row, key = row[order], key[order]
    found: list[tuple[Ints, Ints]] = []
    for step in range(1, min(MOST_NEIGHBOURS, len(row))):
        one, other = row[:-step], row[step:]
        near = (key[step:] == key[:-step]) & (start[other] - start[one] < SAME_TIME)
        if not near.any():
            break
        same = near & (service[one] != service[other]) & (start[other] - latest[one] <= APART)
        found.append((one[same], other[same]))
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    first, second = (np.concatenate(column) for column in zip(*found, strict=True))
    return first, second


def _names(rows: Gathered) -> tuple[Ints, Ints]:
    """For each item a number for its artist and title, and one for its album's artist and title; -1: none."""
    known: dict[tuple[str, str], int] = {}

    def number(by: str | None, title: str | None) -> int:
        names = folded(by), folded(title)
        return known.setdefault(names, len(known)) if all(names) else -1

    return (
        np.array([number(item.by, item.title) for item in rows.items], np.int64),
        np.array([number(item.album_by, item.title) for item in rows.items], np.int64),
    )


def _richest_first(rows: Gathered, at: Ints, order: Ints) -> Ints:
    """These rows, `order` as places in `at`, by how much they tell."""
    columns, which = rows.columns, at[order]
    source, ms = columns["source"][which].astype(np.int64), columns["ms"][which]
    is_measured = (of_rows(columns, "measured", which) == YES) & (ms > 0)
    has_duration = of_rows(columns, "duration", which) > 0
    own = np.select([is_measured, has_duration], [Source.LIVE + 1, Source.LIVE + 2], Source.LIVE + 3)
    tells = np.where(source <= Source.LIVE, source, own)
    return order[np.lexsort((np.arange(len(order)), -ms, -columns["richness"][which], tells))]


@dataclass(frozen=True, eq=False)
class _Group:
    """Rows that are one play, and what tells it: a play has one row of each at the most."""

    rows: list[int]
    told_by: set[int]


def _groups(first: Sequence[int], second: Sequence[int], told_by: Sequence[Sequence[int]]) -> list[list[int]]:
    """Rows that are one play, out of pairs in order: a pair joins their groups unless both are told by one.

    `told_by`: for each row its service, and the file of this site's own that it is from.
    """
    group_of: dict[int, _Group] = {}
    for one, other in zip(first, second, strict=True):
        mine, theirs = (
            group_of.setdefault(row, _Group([row], {*told_by[row]} - {NO_FILE})) for row in (one, other)
        )
        if mine is theirs or mine.told_by & theirs.told_by:
            continue
        mine.rows.extend(theirs.rows)
        mine.told_by.update(theirs.told_by)
        group_of |= dict.fromkeys(theirs.rows, mine)
    return [group.rows for group in dict.fromkeys(group_of.values())]
