"""The rows of several batches as one, and the key that tells one track from another."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.history.batch import COLUMNS, OPTIONAL, USUAL, Batch, Item, is_usual

WORDS = ("reason_start", "reason_end", "platform", "country")


@dataclass(frozen=True)
class Gathered:
    """The rows of several batches as one; `lengths`: how many rows each batch has.

    `item` points into `items`, and word columns into `words`; both are sorted, so that the same rows get the
    same numbers in whatever order they come. An optional column is left out where all batches leave it out.
    """

    columns: dict[str, NDArray[Any]]
    lengths: Sequence[int]
    items: Sequence[Item]
    words: Sequence[str]

    def per_batch(self, which: NDArray[np.bool_]) -> list[int]:
        """How many of some rows are of each batch."""
        edges = np.cumsum([0, *self.lengths]).tolist()
        return [int(np.count_nonzero(which[begin:end])) for begin, end in pairwise(edges)]

    def batch_of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The number of the batch that each of these rows is of."""
        return np.searchsorted(np.cumsum(self.lengths), rows, side="right")

    def forget(self, *names: str) -> None:
        """Lets go of columns that nobody needs any more."""
        for name in names:
            del self.columns[name]


def gather(files: int, batch: Callable[[int], Batch]) -> Gathered:
    """All rows of `files` batches, with one table of items and one of words.

    `batch` returns a batch by its number. It is called twice for each, so that never more than one batch is
    in memory beside the whole.
    """
    lengths, every_item, every_word, optional = [], set[Item](), set[str](), set[str]()
    for place in range(files):
        rows = batch(place)
        lengths.append(len(rows))
        every_item.update(rows.items)
        every_word.update(rows.words)
        optional.update(name for name in OPTIONAL if not is_usual(rows.columns, name))
    items, words = sorted(every_item, key=_sorting), sorted(every_word)
    item_at = {item: number for number, item in enumerate(items)}
    word_at = {word: number for number, word in enumerate(words)}
    # Together there may be more words than one file has.
    wide = {name: np.dtype(np.int32) for name in WORDS if len(words) > np.iinfo(np.int16).max}
    columns = {name: np.empty(sum(lengths), dtype) for name, dtype in (COLUMNS | wide).items()}
    columns |= {name: np.full(sum(lengths), USUAL[name], OPTIONAL[name]) for name in sorted(optional)}
    filled = 0
    for place in range(files):
        rows = batch(place)
        to_item = np.array([item_at[item] for item in rows.items], np.int32)
        # Unknown is -1, which as an index means the last entry: -1 again.
        to_word = np.array([*(word_at[word] for word in rows.words), -1], np.int32)
        for name, column in rows.columns.items():
            if name not in columns:
                continue
            target = columns[name][filled : filled + len(rows)]
            if name == "item":
                target[:] = to_item[column] if len(to_item) else column
            elif name in WORDS:
                target[:] = to_word[column]
            else:
                target[:] = column
        filled += len(rows)
    return Gathered(columns, lengths, items, words)


def joined(first: Batch, second: Batch) -> Batch:
    """The rows of both as one batch."""
    rows = gather(2, (first, second).__getitem__)
    return Batch(rows.columns, rows.items, rows.words)


def tracks_of(items: Sequence[Item]) -> NDArray[np.int32]:
    """For each item the number of what it is a writing of: same kind, artist and title, case-folded."""
    return number_items(items, key_of).astype(np.int32)


def number_items(items: Sequence[Item], key: Callable[[Item], object]) -> NDArray[np.int64]:
    """For each item a number, the same where `key` is; -1 where it is `None`."""
    known: dict[object, int] = {}
    keys = map(key, items)
    return np.array([-1 if one is None else known.setdefault(one, len(known)) for one in keys], np.int64)


def key_of(item: Item) -> tuple[int, str, str]:
    """What tells a track from others. One whose title is unknown goes by its address."""
    title = folded(item.title) if item.title is not None else f"\0{item.uri}"
    return item.kind, folded(item.by), title


def folded(name: str | None) -> str:
    """A name as it is compared: whatever its case, its width and the white space around it."""
    name = name or ""
    if name.isascii():
        return name.casefold().strip()
    normal = unicodedata.normalize("NFKC", name).casefold()
    return unicodedata.normalize("NFKC", normal).strip()


def _sorting(item: Item) -> tuple[object, ...]:
    return item.kind, *(name or "" for name in msgspec.structs.astuple(item)[1:])
