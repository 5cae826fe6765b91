"""A batch: rows that arrived together (one JSON file, or some live plays) as columns, and their tables.

`end` is what the source gives as the end of a play, in Unix seconds; `offline_at` its `offline_timestamp` in
Unix milliseconds, or NO_TIME. Lengths (`ms`) are milliseconds. In the tri-state columns -1 is unknown, 0 no,
1 yes; in the columns that point into `words`, -1 is unknown. Private fields never get this far.

Five columns are left out of a batch in which every row has the usual value, as in all exports of Spotify's:

- `start`: when the play began, in Unix milliseconds, where the source says so; 0: it follows from the end;
- `measured`: whether the length was measured (yes), estimated (no), or is unknown (then `ms` is 0);
- `duration`: how long the track is, in milliseconds; -1: unknown;
- `by_minute`: whether `start` is known to the minute only, and stands for its beginning;
- `settled`: whether the row is of a table of plays that this site has written: no two of them are one play.
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
Columns = Mapping[str, NDArray[Any]]
UNKNOWN, NO, YES = -1, 0, 1
# Of `offline_at`: there is none; and: the row was read before this program knew the field.
NO_TIME, NOT_READ = 0, -1


class Source(IntEnum):
    """Where a row comes from."""

    EXTENDED = 0  # extended streaming history
    ACCOUNT = 1  # account data, which gives the end by the minute
    LIVE = 2  # Spotify's recently played tracks
    LASTFM = 3
    LISTENBRAINZ = 4
    MALOJA = 5
    KOITO = 6
    APPLE = 7
    DEEZER = 8
    YOUTUBE = 9
    PANO = 10
    SCROBBLER_LOG = 11
    CSV = 12
    TIDAL = 13

    @property
    def service(self) -> str:
        """The service that it is of, as addresses and tables call it: "spotify" of three."""
        return "spotify" if self <= Source.LIVE else self.name.lower().replace("_", "-")


class PlayKind(IntEnum):
    """What was played."""

    MUSIC = 0
    PODCAST = 1
    AUDIOBOOK = 2


class Item(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A track by its artist, an episode by its show, a chapter by its book; as written.

    `album_by`: whose the album is, where a source tells that beside the track's artist.
    """

    kind: int
    by: str | None
    title: str | None
    album: str | None
    uri: str | None
    album_by: str | None = None
    isrc: str | None = None


COLUMNS: dict[str, np.dtype[Any]] = {
    "end": np.dtype("<i8"),
    "offline_at": np.dtype("<i8"),
    "ms": np.dtype("<i4"),
    "item": np.dtype("<i4"),
    "source": np.dtype("i1"),
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
OPTIONAL: dict[str, np.dtype[Any]] = {
    "start": np.dtype("<i8"),
    "measured": np.dtype("i1"),
    "duration": np.dtype("<i4"),
    "by_minute": np.dtype("i1"),
    "settled": np.dtype("i1"),
}
USUAL = {"start": 0, "measured": YES, "duration": UNKNOWN, "by_minute": NO, "settled": NO}


class _Packed(msgspec.Struct, array_like=True):
    columns: dict[str, bytes]
    items: list[Item]
    words: list[str]


@dataclass(frozen=True)
class Batch:
    """Rows that arrived together.

    `columns` holds an array of the same length for each name in COLUMNS, and for some of those in OPTIONAL.
    """

    columns: dict[str, NDArray[Any]]
    items: Sequence[Item]
    words: Sequence[str]

    def __len__(self) -> int:
        return len(self.columns["end"])

    def packed(self) -> bytes:
        """As it is stored in the database."""
        columns = {
            name: np.ascontiguousarray(self.columns[name], dtype).tobytes()
            for name, dtype in (COLUMNS | OPTIONAL).items()
            if name in COLUMNS or not is_usual(self.columns, name)
        }
        return msgspec.msgpack.encode(_Packed(columns, list(self.items), list(self.words)))

    def where(self, which: NDArray[np.bool_]) -> "Batch":
        """Some of the rows, with the items that they point to and no others."""
        columns = {name: column[which] for name, column in self.columns.items()}
        used, columns["item"] = np.unique(columns["item"], return_inverse=True)
        return Batch(columns, [self.items[at] for at in used.tolist()], self.words)

    @classmethod
    def unpacked(cls, body: bytes) -> "Batch":
        """What `packed` packed, or earlier versions did: without `offline_at`, with `exact` for `source`."""
        packed = msgspec.msgpack.decode(body, type=_Packed)
        columns: dict[str, NDArray[Any]] = {
            name: np.frombuffer(packed.columns[name], dtype)
            for name, dtype in (COLUMNS | OPTIONAL).items()
            if name in packed.columns
        }
        if "source" not in columns:
            exact = np.frombuffer(packed.columns["exact"], bool)
            columns["source"] = np.where(exact, Source.EXTENDED, Source.ACCOUNT).astype(COLUMNS["source"])
        if "offline_at" in columns:
            return cls(columns, packed.items, packed.words)
        columns["offline_at"] = np.full(len(columns["end"]), NOT_READ, COLUMNS["offline_at"])
        return cls(columns, [_as_read_today(item) for item in packed.items], packed.words)


def starts(columns: Columns) -> Ints:
    """When plays began, in Unix milliseconds.

    An offline play is reported when its device is online again, hours or days later: its start is its
    `offline_timestamp`, where that is a time. Where the source gives the start, that is it. Any other began
    its length before its end.
    """
    start: Ints = columns["end"] * 1000
    start -= columns["ms"]
    np.copyto(start, columns["offline_at"], where=(columns["offline"] == YES) & (columns["offline_at"] > 0))
    if "start" in columns:
        np.copyto(start, columns["start"], where=columns["start"] > 0)
    return start


def batch_sums(batch: Batch) -> dict[str, Any]:
    """Columns of the row that holds a batch: rows of each kind, first and last start, and itself."""
    kinds = np.array([item.kind for item in batch.items], np.int8)
    counts = (
        np.bincount(kinds[batch.columns["item"]], minlength=len(PlayKind))
        if len(batch)
        else [0] * len(PlayKind)
    )
    start = starts(batch.columns) // 1000
    return {
        "music": int(counts[PlayKind.MUSIC]),
        "podcasts": int(counts[PlayKind.PODCAST]),
        "audiobooks": int(counts[PlayKind.AUDIOBOOK]),
        "first_at": float(start.min()) if len(batch) else None,
        "last_at": float(start.max()) if len(batch) else None,
        "batch": batch.packed() if len(batch) else None,
    }


def rows_by_year(batch: Batch) -> dict[str, int]:
    """How many rows began in each year, UTC's, as "2026"."""
    began = starts(batch.columns).astype("datetime64[ms]").astype("datetime64[Y]")
    years, counts = np.unique(began, return_counts=True)
    return dict(zip(years.astype(str).tolist(), counts.tolist(), strict=True))


def is_account(columns: Columns) -> NDArray[np.bool_]:
    """Whether each row is of account data, which gives the end by the minute."""
    found: NDArray[np.bool_] = columns["source"] == Source.ACCOUNT
    return found


def is_extended(columns: Columns) -> NDArray[np.bool_]:
    """Whether each row is of extended history."""
    found: NDArray[np.bool_] = columns["source"] == Source.EXTENDED
    return found


def is_exported(columns: Columns) -> NDArray[np.bool_]:
    """Whether each row is of one of Spotify's exports."""
    found: NDArray[np.bool_] = columns["source"] <= Source.ACCOUNT
    return found


def is_foreign(columns: Columns) -> NDArray[np.bool_]:
    """Whether each row is of another service than Spotify."""
    found: NDArray[np.bool_] = columns["source"] > Source.LIVE
    return found


def of_rows(columns: Columns, name: str, at: Ints) -> NDArray[Any]:
    """An optional column of some rows; where it is left out, its usual value."""
    if name in columns:
        return columns[name][at]
    return np.full(len(at), USUAL[name], OPTIONAL[name])


def is_usual(columns: Columns, name: str) -> bool:
    """Whether an optional column is left out, or could be."""
    return name not in columns or bool((columns[name] == USUAL[name]).all())


def _as_read_today(item: Item) -> Item:
    """The item with its names as they are kept since `offline_at` is."""
    by, title = clean(item.by), clean(item.title)
    if item.kind == PlayKind.MUSIC and item.uri is None and item.album is None:
        by, title = account_names(by, title)
    return Item(item.kind, by, title, clean(item.album), item.uri)
