"""Which rows of all files are plays of their own, and which are the same play told twice.

The answer depends on the rows alone, not on the order of files or imports. Rows are the same play when they
have the same artist and title (case-folded) and the same length, and end less than 30 s apart, or, where one
of them knows only minutes, within the same minute. Of such rows the one that tells most stays. Their kind
does not matter: older account data tells of an episode as if it were a track.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.history.batch import COLUMNS, Batch, Ints, Item

SAME_PLAY = 30  # seconds
MINUTE = 60
_TRI = ("shuffle", "skipped", "offline", "incognito")
_WORDS = ("reason_start", "reason_end", "platform", "country")


@dataclass(frozen=True)
class Gathered:
    """The rows of several batches as one, with as many of each: `lengths`.

    `item` points into `items`, and word columns into `words`; both are sorted, so that the same rows get the
    same numbers in whatever order they come.
    """

    columns: dict[str, NDArray[Any]]
    lengths: Sequence[int]
    items: Sequence[Item]
    words: Sequence[str]

    def per_batch(self, which: NDArray[np.bool_]) -> list[int]:
        """How many of some rows are of each batch."""
        edges = np.cumsum([0, *self.lengths]).tolist()
        return [int(np.count_nonzero(which[one:two])) for one, two in pairwise(edges)]

    def forget(self, *names: str) -> None:
        """Lets go of columns that nobody needs any more."""
        for name in names:
            del self.columns[name]


def gather(files: int, batch: Callable[[int], Batch]) -> Gathered:
    """All rows of so many files, with one table of items and one of words.

    `batch` gives a file's rows by its place. It is asked twice for each, so that never more than one file's
    rows lie about beside the whole.
    """
    lengths, every_item, every_word = [], set[Item](), set[str]()
    for place in range(files):
        one = batch(place)
        lengths.append(len(one))
        every_item.update(one.items)
        every_word.update(one.words)
    items, words = sorted(every_item, key=_sorting), sorted(every_word)
    item_at = {item: number for number, item in enumerate(items)}
    word_at = {word: number for number, word in enumerate(words)}
    # Together there may be more words than one file has.
    wide = {name: np.dtype(np.int32) for name in _WORDS if len(words) > np.iinfo(np.int16).max}
    columns = {name: np.empty(sum(lengths), dtype) for name, dtype in (COLUMNS | wide).items()}
    filled = 0
    for place in range(files):
        one = batch(place)
        stretch = slice(filled, filled + len(one))
        to_item = np.array([item_at[item] for item in one.items], np.int32)
        # Unknown is -1, which is the last place: there stands what it becomes.
        to_word = np.array([*(word_at[word] for word in one.words), -1], np.int32)
        for name, column in one.columns.items():
            if name == "item":
                columns[name][stretch] = to_item[column] if len(to_item) else column
            elif name in _WORDS:
                columns[name][stretch] = to_word[column]
            else:
                columns[name][stretch] = column
        filled += len(one)
    return Gathered(columns, lengths, items, words)


def tracks_of(items: Sequence[Item]) -> NDArray[np.int32]:
    """For each item the number of what it is a writing of: same kind, artist and title, case-folded."""
    known: dict[tuple[int, str, str], int] = {}
    return np.array([known.setdefault(key_of(item), len(known)) for item in items], np.int32)


def key_of(item: Item) -> tuple[int, str, str]:
    """What tells a track from others. One whose title is unknown goes by its address."""
    title = folded(item.title) if item.title is not None else f"\0{item.uri}"
    return item.kind, folded(item.by), title


def folded(name: str | None) -> str:
    """A name as it is compared."""
    return (name or "").casefold()


def kept_rows(rows: Gathered) -> NDArray[np.bool_]:
    """For each row whether it stays."""
    kept = np.ones(sum(rows.lengths), bool)
    if not len(kept):
        return kept
    end, exact = rows.columns["end"], rows.columns["exact"].astype(bool)
    what = _what(rows)
    reach = SAME_PLAY if exact.all() else MINUTE
    order = np.lexsort((end, what))
    near = _near(what[order], end[order], reach)
    if not near.any():
        return kept
    crowded = order[near]
    # The one that tells most comes first among those of one moment; what is equal in all is the same.
    poor = -rows.columns["richness"][crowded]
    crowded = crowded[
        np.lexsort((*_contents(rows, crowded), poor, exact[crowded], end[crowded], what[crowded]))
    ]
    again = (
        (np.diff(what[crowded], prepend=-1) == 0)
        & (np.diff(end[crowded], prepend=0) == 0)
        & (exact[crowded] == np.roll(exact[crowded], 1))
    )
    kept[crowded[again]] = False
    left = crowded[~again]
    left = left[_near(what[left], end[left], reach)]
    _choose(kept, left, what, end, exact, rows.columns["richness"], reach)
    return kept


def _choose(
    kept: NDArray[np.bool_],
    left: NDArray[np.int64],
    what: Ints,
    end: Ints,
    exact: NDArray[np.bool_],
    richness: NDArray[Any],
    reach: int,
) -> None:
    """Goes through the rows that lie near one another, cluster by cluster, richest first."""
    if not len(left):
        return
    apart = (np.diff(what[left]) != 0) | (np.diff(end[left]) >= reach)
    for cluster in np.split(left, np.flatnonzero(apart) + 1):
        chosen: list[tuple[int, bool]] = []
        for row in sorted(cluster.tolist(), key=lambda one: -int(richness[one])):
            at, to_the_second = int(end[row]), bool(exact[row])
            if any(_same_play(at, to_the_second, *other) for other in chosen):
                kept[row] = False
            else:
                chosen.append((at, to_the_second))


def _same_play(one: int, one_exact: bool, other: int, other_exact: bool) -> bool:
    if one_exact and other_exact:
        return abs(one - other) < SAME_PLAY
    return one // MINUTE == other // MINUTE


def _near(what: Ints, end: Ints, reach: int) -> NDArray[np.bool_]:
    """Which of these sorted rows have a neighbour that may be the same play."""
    linked = (what[1:] == what[:-1]) & (np.diff(end) < reach)
    near = np.zeros(len(what), bool)
    near[1:] |= linked
    near[:-1] |= linked
    return near


def _what(rows: Gathered) -> Ints:
    """What was played and for how long, as one number. A length takes 27 bits: a day in milliseconds."""
    known: dict[tuple[str, str], int] = {}
    of_item = np.array([known.setdefault(key_of(item)[1:], len(known)) for item in rows.items], np.int32)
    what: Ints = of_item[rows.columns["item"]].astype(np.int64)
    what <<= 27
    what |= rows.columns["ms"]
    return what


def _contents(rows: Gathered, at: NDArray[np.int64]) -> list[NDArray[Any]]:
    """All else that a row says, to tell rows of one moment apart by what they say."""
    names = ("item", *_TRI, *_WORDS)
    return [rows.columns[name][at] for name in names]


def _sorting(item: Item) -> tuple[int, str, str, str, str]:
    return item.kind, item.by or "", item.title or "", item.album or "", item.uri or ""
