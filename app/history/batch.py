"""A batch: the readable rows of one JSON file, as columns, and the tables that they point into.

Times are Unix seconds of the *end* of a play, lengths milliseconds. In the tri-state columns -1 is unknown,
0 no, 1 yes; in the columns that point into `words`, -1 is unknown. Private fields never get this far.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
UNKNOWN, NO, YES = -1, 0, 1


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
        """What `packed` packed."""
        packed = msgspec.msgpack.decode(body, type=_Packed)
        columns = {name: np.frombuffer(packed.columns[name], dtype) for name, dtype in COLUMNS.items()}
        return cls(columns, packed.items, packed.words)
