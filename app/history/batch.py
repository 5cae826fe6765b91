"""A batch: the readable rows of one JSON file, as columns, and the tables that they point into.

`end` is what the export gives as the end of a play, in Unix seconds; `offline_at` its `offline_timestamp` in
Unix milliseconds, or NO_TIME. Lengths are milliseconds. In the tri-state columns -1 is unknown, 0 no, 1 yes;
in the columns that point into `words`, -1 is unknown. Private fields never get this far.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.history.names import account_names, clean

Ints = NDArray[np.int64]
UNKNOWN, NO, YES = -1, 0, 1
# Of `offline_at`: there is none; and: the row was read before this program knew the field.
NO_TIME, NOT_READ = 0, -1


class Kind(IntEnum):
    """What was played."""

    MUSIC = 0
    PODCAST = 1
    AUDIOBOOK = 2


class Item(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A track by its artist, an episode by its show, a chapter by its book; as written."""

    kind: int
    by: str | None
    title: str | None
    album: str | None
    uri: str | None


COLUMNS: dict[str, np.dtype[Any]] = {
    "end": np.dtype("<i8"),
    "offline_at": np.dtype("<i8"),
    "ms": np.dtype("<i4"),
    "item": np.dtype("<i4"),
    # Whether the end is known to the second; account data has only minutes.
    "exact": np.dtype("i1"),
    "richness": np.dtype("i1"),
    "shuffle": np.dtype("i1"),
    "skipped": np.dtype("i1"),
    "offline": np.dtype("i1"),
    "incognito": np.dtype("i1"),
    "reason_start": np.dtype("<i2"),
    "reason_end": np.dtype("<i2"),
    "platform": np.dtype("<i2"),
    "country": np.dtype("<i2"),
}


class _Packed(msgspec.Struct, array_like=True):
    columns: dict[str, bytes]
    items: list[Item]
    words: list[str]


@dataclass(frozen=True)
class Batch:
    """Rows of one file. `columns` holds an array of the same length for each name in COLUMNS."""

    columns: dict[str, NDArray[Any]]
    items: Sequence[Item]
    words: Sequence[str]

    def __len__(self) -> int:
        return len(self.columns["end"])

    def packed(self) -> bytes:
        """As it is kept in the database."""
        columns = {
            name: np.ascontiguousarray(self.columns[name], dtype).tobytes() for name, dtype in COLUMNS.items()
        }
        return msgspec.msgpack.encode(_Packed(columns, list(self.items), list(self.words)))

    @classmethod
    def unpacked(cls, body: bytes) -> "Batch":
        """What `packed` packed, or what it packed when there was no `offline_at` yet."""
        packed = msgspec.msgpack.decode(body, type=_Packed)
        columns = {
            name: np.frombuffer(packed.columns[name], dtype)
            for name, dtype in COLUMNS.items()
            if name in packed.columns
        }
        if "offline_at" in columns:
            return cls(columns, packed.items, packed.words)
        columns["offline_at"] = np.full(len(columns["end"]), NOT_READ, COLUMNS["offline_at"])
        return cls(columns, [_as_read_today(item) for item in packed.items], packed.words)


def starts(columns: Mapping[str, NDArray[Any]]) -> Ints:
    """When plays began, in Unix milliseconds.

    An offline play is reported when its device is online again, hours or days later: its start is its
    `offline_timestamp`, where that is a time. Any other began its length before its end.
    """
    start: Ints = columns["end"] * 1000
    start -= columns["ms"]
    np.copyto(start, columns["offline_at"], where=(columns["offline"] == YES) & (columns["offline_at"] > 0))
    return start


def _as_read_today(item: Item) -> Item:
    """The item with its names as they are kept since `offline_at` is."""
    by, title = clean(item.by), clean(item.title)
    if item.kind == Kind.MUSIC and item.uri is None and item.album is None:
        by, title = account_names(by, title)
    return Item(item.kind, by, title, clean(item.album), item.uri)
