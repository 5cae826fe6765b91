"""What was kept of one kind (music, podcasts, audiobooks): its names, and its plays in order of their start.

Starts are Unix seconds, lengths milliseconds. `artist` stands for the show of an episode and the book of a
chapter too. -1 is "unknown" in every column that points somewhere, and in the tri-state ones.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.history.batch import Item, Kind, starts
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
class Rows:
    """Plays in order of their start: an array of the same length for each name in ROW_COLUMNS."""

    columns: dict[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(self.columns["start"])

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def where(self, which: NDArray[Any] | slice) -> "Rows":
        """Some of the plays."""
        return Rows({name: column[which] for name, column in self.columns.items()})

    def between(self, start: int, end: int) -> "Rows":
        """The plays that start from `start` up to, but not at, `end`."""
        low, high = np.searchsorted(self.columns["start"], [max(start, 0), max(end, 0)])
        return self.where(slice(int(low), int(high)))

    def cut(self, most: int) -> Iterator["Rows"]:
        """The plays in stretches of at most so many; one that is empty where there are none."""
        for first in range(0, max(len(self), 1), most):
            yield self.where(slice(first, first + most))

    def packed(self) -> bytes:
        """As they are kept in the database."""
        return msgspec.msgpack.encode(
            {n: np.ascontiguousarray(self.columns[n], dtype).tobytes() for n, dtype in ROW_COLUMNS.items()}
        )

    @classmethod
    def unpacked(cls, bodies: Sequence[bytes], names: Collection[str] = tuple(ROW_COLUMNS)) -> "Rows":
        """What `packed` packed, several parts in a row, with these columns alone."""
        parts = [_PART.decode(body) for body in bodies]
        whole = parts[0] if len(parts) == 1 else {n: b"".join(part[n] for part in parts) for n in names}
        return cls({name: np.frombuffer(whole[name], ROW_COLUMNS[name]) for name in names})


@dataclass(frozen=True)
class Section:
    """All plays of one kind."""

    names: Names
    rows: Rows


def section_of(kind: Kind, all_rows: Gathered, kept: NDArray[np.bool_], last: bool = False) -> Section:
    """The plays of one kind among the rows that were kept. For the `last` kind the rows are used up."""
    items, words, of = all_rows.items, all_rows.words, all_rows.columns
    of_kind = np.array([item.kind == kind for item in items], bool)
    at = np.flatnonzero(kept & of_kind[of["item"]]) if len(items) else np.zeros(0, np.int64)
    start = starts({name: of[name][at] for name in ("end", "ms", "offline", "offline_at")})
    start //= 1000
    order = np.lexsort((of["item"][at], of["ms"][at], start))
    at, start = at[order].astype(np.int32), start[order].astype(ROW_COLUMNS["start"])
    del order

    def drawn(name: str) -> NDArray[Any]:
        """A column, once and in its final order: a million plays should not be copied about."""
        return (of.pop(name) if last else of[name])[at]

    if last:
        of.pop("offline_at")
    track, names, album = _names(drawn("item"), drawn("end"), items)
    forward = words.index("fwdbtn") if "fwdbtn" in words else -2
    families = np.array([*(FAMILIES.index(family(word)) for word in words), -1], np.int8)
    skipped, reason = drawn("skipped"), drawn("reason_end")
    columns = {
        "start": start,
        "ms": drawn("ms"),
        "track": track,
        "album": album,
        "platform": families[drawn("platform")],
        "country": drawn("country"),
        "reason": reason,
        "shuffle": drawn("shuffle"),
        "offline": drawn("offline"),
        "skip": (skipped == 1) | ((skipped == -1) & (reason == forward)),
    }
    return Section(
        Names(countries=[word.upper() for word in words], reasons=list(words), **names),
        Rows({name: columns.pop(name).astype(dtype, copy=False) for name, dtype in ROW_COLUMNS.items()}),
    )


def _names(
    written: NDArray[Any], ends: NDArray[Any], items: Sequence[Item]
) -> tuple[NDArray[np.int32], dict[str, Any], NDArray[np.int32]]:
    """Numbers for the tracks, artists and albums of these rows, each shown as it was last written."""
    used = np.flatnonzero(np.bincount(written, minlength=len(items)))
    mine = [items[place] for place in used.tolist()]
    place_of = np.zeros(len(items), np.int32)
    place_of[used] = np.arange(len(used))
    item = place_of[written]
    # Items are sorted, so that those that were played last at the same moment have an order too.
    last = np.zeros(len(mine), np.int64)
    np.maximum.at(last, item, ends)
    by_age = np.argsort(last, kind="stable")
    track_of = tracks_of(mine)
    artists = _Table()
    albums = _Table()
    artist_of = np.array([artists.number(folded(one.by)) if one.by else -1 for one in mine], np.int32)
    album_of = np.array(
        [albums.number((folded(one.by), folded(one.album))) if one.album else -1 for one in mine], np.int32
    )
    tracks: list[str] = [""] * (int(track_of.max()) + 1 if len(mine) else 0)
    uris: list[str | None] = [None] * len(tracks)
    track_artist = np.full(len(tracks), -1, np.int32)
    album_artist = np.full(len(albums), -1, np.int32)
    artist_names, album_names = [""] * len(artists), [""] * len(albums)
    for place in by_age.tolist():
        one, track = mine[place], int(track_of[place])
        tracks[track], uris[track] = one.title or "", one.uri or uris[track]
        track_artist[track] = artist_of[place]
        if one.by:
            artist_names[artist_of[place]] = one.by
        if one.album:
            album_names[album_of[place]] = one.album
            album_artist[album_of[place]] = artist_of[place]
    named = {
        "artists": artist_names,
        "tracks": tracks,
        "track_artist": track_artist,
        "albums": album_names,
        "album_artist": album_artist,
        "track_uris": uris,
    }
    empty = np.zeros(0, np.int32)
    return (track_of[item], named, album_of[item]) if len(mine) else (empty, named, empty)


class _Table:
    """Numbers things in the order in which they come."""

    def __init__(self) -> None:
        self._known: dict[Any, int] = {}

    def __len__(self) -> int:
        return len(self._known)

    def number(self, thing: Any) -> int:
        return self._known.setdefault(thing, len(self._known))
