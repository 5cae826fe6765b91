"""The plays of one kind (music, podcasts, audiobooks) in order of their start, and the names they point to.

Starts are Unix seconds, lengths milliseconds. `artist` stands for the show of an episode and the book of a
chapter too. -1 is "unknown" in every column that points somewhere, and in the tri-state ones.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.history.batch import UNKNOWN, USUAL, YES, Ints, Item, PlayKind, Source, starts
from app.history.merge import Gathered, folded, tracks_of
from app.history.platforms import FAMILIES, family
from app.lazy import cached_property

ROW_COLUMNS: dict[str, np.dtype[Any]] = {
    "start": np.dtype("<u4"),
    "ms": np.dtype("<i4"),
    "track": np.dtype("<i4"),
    "album": np.dtype("<i4"),
    "platform": np.dtype("i1"),
    "country": np.dtype("<i2"),
    "reason": np.dtype("<i2"),
    "shuffle": np.dtype("i1"),
    "offline": np.dtype("i1"),
    "skip": np.dtype("i1"),
}
# Read only where they are named. Like the optional columns of a batch, they are left out of what is stored
# where every play has the usual value.
MORE_COLUMNS: dict[str, np.dtype[Any]] = {
    "source": np.dtype("i1"),
    "measured": np.dtype("i1"),
    "duration": np.dtype("<i4"),
}
EVERY_COLUMN = ROW_COLUMNS | MORE_COLUMNS
_USUAL = USUAL | {"source": Source.EXTENDED}

# Views into what came from the database, not copies of it.
_PART = msgspec.msgpack.Decoder(dict[str, memoryview])


@dataclass(frozen=True)
class Names:
    """What the numbers stand for. Tracks and albums point to their artist (-1: unknown).

    A track whose title is unknown is called "": its plays count, but it is in no ranking.
    """

    artists: Sequence[str]
    tracks: Sequence[str]
    track_artist: NDArray[np.int32]
    albums: Sequence[str]
    album_artist: NDArray[np.int32]
    countries: Sequence[str]
    reasons: Sequence[str]
    track_uris: Sequence[str | None]

    @cached_property
    def has_title(self) -> NDArray[np.bool_]:
        """For each track whether its title is known."""
        return np.fromiter(map(bool, self.tracks), bool, len(self.tracks))


@dataclass(frozen=True)
class LastWritten:
    """When the latest play of each name ended, in Unix seconds: that play decides how the name is written.

    `uris`: for each track, the latest play that has an address; NEVER_WRITTEN without one.
    """

    artists: Ints
    tracks: Ints
    uris: Ints
    albums: Ints


NEVER_WRITTEN = 0


@dataclass(frozen=True)
class Rows:
    """Plays in order of their start: arrays of the same length for names in ROW_COLUMNS and MORE_COLUMNS."""

    columns: dict[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(self.columns["start"])

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def count(self, threshold_ms: int) -> NDArray[np.bool_]:
        """Which plays count from a threshold on: those that long, and all whose length was not measured."""
        long_enough: NDArray[np.bool_] = self["ms"] >= threshold_ms
        if "measured" not in self.columns:
            return long_enough
        not_measured: NDArray[np.bool_] = self["measured"] != YES
        return long_enough | not_measured

    def without_time(self) -> NDArray[np.bool_]:
        """Of which plays nobody knows how long they were."""
        if "measured" not in self.columns:
            return np.zeros(len(self), bool)
        unknown: NDArray[np.bool_] = self["measured"] == UNKNOWN
        return unknown

    def where(self, which: NDArray[Any] | slice) -> "Rows":
        """Some of the plays."""
        return Rows({name: column[which] for name, column in self.columns.items()})

    def between(self, start: int, end: int) -> "Rows":
        """The plays that start from `start` up to, but not at, `end`."""
        low, high = np.searchsorted(self.columns["start"], [max(start, 0), max(end, 0)])
        return self.where(slice(int(low), int(high)))

    def with_rows(self, more: "Rows") -> tuple["Rows", int]:
        """These and more plays, and the place of the first of the others. All have every column.

        Plays that start in the same second are in order of their length. Raises ValueError where that is the
        same too.
        """
        start, ms = self["start"], self["ms"]
        places = []
        for moment, length in zip(more["start"], more["ms"], strict=True):
            low, high = (int(np.searchsorted(start, moment, side)) for side in ("left", "right"))
            first, last = (int(np.searchsorted(ms[low:high], length, side)) for side in ("left", "right"))
            if first != last:
                raise ValueError("two plays of the same moment and length")
            places.append(low + first)
        columns = {name: np.insert(self[name], places, more[name]) for name in EVERY_COLUMN}
        return Rows(columns), min(places)

    def with_every_column(self) -> "Rows":
        """These plays, with the usual value in columns that are left out."""
        more = {name: np.full(len(self), _USUAL[name], MORE_COLUMNS[name]) for name in MORE_COLUMNS}
        return Rows(more | self.columns)

    def cut(self, most: int) -> Iterator["Rows"]:
        """The plays in slices of at most `most`; one that is empty where there are none."""
        for first in range(0, max(len(self), 1), most):
            yield self.where(slice(first, first + most))

    def packed(self) -> bytes:
        """As they are stored in the database."""
        return msgspec.msgpack.encode(
            {
                name: np.ascontiguousarray(column, EVERY_COLUMN[name]).tobytes()
                for name, column in self.columns.items()
                if name in ROW_COLUMNS or (column != _USUAL[name]).any()
            }
        )

    @classmethod
    def unpacked(cls, bodies: Sequence[bytes], names: Collection[str] = tuple(ROW_COLUMNS)) -> "Rows":
        """What `packed` packed, several blocks one after another, with these columns alone.

        Lengths come with what says whether they were measured, where that is not so for all.
        """
        blocks = [_PART.decode(body) for body in bodies]
        if "ms" in names and any("measured" in block for block in blocks):
            names = {*names, "measured"}
        return cls({name: _column(blocks, name) for name in names})


def _column(blocks: Sequence[dict[str, memoryview]], name: str) -> NDArray[Any]:
    dtype = EVERY_COLUMN[name]
    if name in MORE_COLUMNS and not all(name in block for block in blocks):
        lengths = (len(block["start"]) // ROW_COLUMNS["start"].itemsize for block in blocks)
        return np.concatenate(
            [
                np.frombuffer(block[name], dtype) if name in block else np.full(length, _USUAL[name], dtype)
                for block, length in zip(blocks, lengths, strict=True)
            ]
        )
    whole = blocks[0][name] if len(blocks) == 1 else b"".join(block[name] for block in blocks)
    return np.frombuffer(whole, dtype)


def no_rows() -> Rows:
    """No plays."""
    return Rows({name: np.zeros(0, dtype) for name, dtype in EVERY_COLUMN.items()})


@dataclass(frozen=True)
class Section:
    """All plays of one kind."""

    names: Names
    last_written: LastWritten
    rows: Rows


def section_of(kind: PlayKind, all_rows: Gathered, kept: NDArray[np.bool_], last: bool = False) -> Section:
    """The plays of one kind among the rows that count. For the `last` kind the rows are used up."""
    items, words, columns = all_rows.items, all_rows.words, all_rows.columns
    of_kind = np.array([item.kind == kind for item in items], bool)
    at = np.flatnonzero(kept & of_kind[columns["item"]]) if len(items) else np.zeros(0, np.int64)
    needed = ("end", "ms", "offline", "offline_at", "start")
    start = starts({name: columns[name][at] for name in needed if name in columns})
    start //= 1000
    order = np.lexsort((columns["item"][at], columns["ms"][at], start))
    at, start = at[order].astype(np.int32), start[order].astype(ROW_COLUMNS["start"])
    del order

    def drawn(name: str) -> NDArray[Any]:
        """A column, once and in its final order: a million plays should not be copied about."""
        return (columns.pop(name) if last else columns[name])[at]

    if last:
        columns.pop("offline_at")
    track, album, names, last_written = _names(drawn("item"), drawn("end"), items)
    skipped, reason, source = drawn("skipped"), drawn("reason_end"), drawn("source")
    found = {
        "start": start,
        "ms": drawn("ms"),
        "track": track,
        "album": album,
        "platform": platform_families(words)[drawn("platform")],
        "country": drawn("country"),
        "reason": reason,
        "shuffle": drawn("shuffle"),
        "offline": drawn("offline"),
        "skip": skips(skipped, reason, source, words),
        "source": source,
    } | {name: drawn(name) for name in MORE_COLUMNS if name in columns and name != "source"}
    return Section(
        Names(countries=[word.upper() for word in words], reasons=list(words), **names),
        last_written,
        Rows({name: found.pop(name).astype(EVERY_COLUMN[name], copy=False) for name in list(found)}),
    )


def platform_families(words: Sequence[str]) -> NDArray[np.int8]:
    """The number of each word's device family; in the last place -1, so that unknown stays unknown."""
    return np.array([*(FAMILIES.index(family(word)) for word in words), UNKNOWN], np.int8)


def skips(
    skipped: NDArray[Any], reason: NDArray[Any], source: NDArray[Any], words: Sequence[str]
) -> NDArray[np.int8]:
    """Which plays were skipped: those that say so, and of those that say nothing, what "forward" ended.

    Spotify's exports tell of every row; of other rows that do not say it, it is unknown.
    """
    forward = words.index("fwdbtn") if "fwdbtn" in words else -2
    found = (skipped == YES) | ((skipped == UNKNOWN) & (reason == forward))
    silent = (skipped == UNKNOWN) & (source > Source.ACCOUNT)
    return np.where(silent, UNKNOWN, found).astype(np.int8)


def _names(
    written: NDArray[Any], ends: NDArray[Any], items: Sequence[Item]
) -> tuple[NDArray[np.int32], NDArray[np.int32], dict[str, Any], LastWritten]:
    """The track and the album of each row, the names as they were last written, and when that was."""
    used = np.flatnonzero(np.bincount(written, minlength=len(items)))
    used_items = [items[place] for place in used.tolist()]
    place_of = np.zeros(len(items), np.int32)
    place_of[used] = np.arange(len(used))
    item = place_of[written]
    # Items are sorted, so that those that were played last at the same moment have an order too.
    last = np.zeros(len(used_items), np.int64)
    np.maximum.at(last, item, ends)
    by_age = np.argsort(last, kind="stable")
    track_of = tracks_of(used_items)
    artists = _Table()
    albums = _Table()
    artist_of = np.array(
        [artists.number(folded(entry.by)) if entry.by else -1 for entry in used_items], np.int32
    )
    album_of = np.array(
        [
            albums.number((folded(entry.by), folded(entry.album))) if entry.album else -1
            for entry in used_items
        ],
        np.int32,
    )
    tracks: list[str] = [""] * (int(track_of.max()) + 1 if len(used_items) else 0)
    uris: list[str | None] = [None] * len(tracks)
    track_artist = np.full(len(tracks), -1, np.int32)
    album_artist = np.full(len(albums), -1, np.int32)
    artist_names, album_names = [""] * len(artists), [""] * len(albums)
    for place in by_age.tolist():
        entry, track = used_items[place], int(track_of[place])
        tracks[track], uris[track] = entry.title or "", entry.uri or uris[track]
        track_artist[track] = artist_of[place]
        if entry.by:
            artist_names[artist_of[place]] = entry.by
        if entry.album:
            album_names[album_of[place]] = entry.album
            album_artist[album_of[place]] = artist_of[place]
    named = {
        "artists": artist_names,
        "tracks": tracks,
        "track_artist": track_artist,
        "albums": album_names,
        "album_artist": album_artist,
        "track_uris": uris,
    }
    with_uri = np.array([bool(entry.uri) for entry in used_items], bool)
    last_written = LastWritten(
        _latest(artist_of, last, len(artists)),
        _latest(track_of, last, len(tracks)),
        _latest(np.where(with_uri, track_of, -1), last, len(tracks)),
        _latest(album_of, last, len(albums)),
    )
    if not len(used_items):
        return np.zeros(0, np.int32), np.zeros(0, np.int32), named, last_written
    return track_of[item], album_of[item], named, last_written


def _latest(number: NDArray[Any], last: Ints, length: int) -> Ints:
    """The latest moment for each number; those below zero are left out."""
    found = np.full(length, NEVER_WRITTEN, np.int64)
    known = number >= 0
    np.maximum.at(found, number[known], last[known])
    return found


class _Table:
    """Numbers things in the order in which they come."""

    def __init__(self) -> None:
        self._known: dict[Any, int] = {}

    def __len__(self) -> int:
        return len(self._known)

    def number(self, thing: Any) -> int:
        return self._known.setdefault(thing, len(self._known))
