"""All rows of several files as one, and what tells one track from another."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.history.batch import COLUMNS, Batch, Item

WORDS = ("reason_start", "reason_end", "platform", "country")


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
    wide = {name: np.dtype(np.int32) for name in WORDS if len(words) > np.iinfo(np.int16).max}
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
            elif name in WORDS:
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


def _sorting(item: Item) -> tuple[int, str, str, str, str]:
    return item.kind, item.by or "", item.title or "", item.album or "", item.uri or ""
