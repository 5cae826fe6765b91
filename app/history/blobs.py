"""How a history lies in the database: for each kind its names, its plays by year, and roll-ups by threshold.

A year with many plays is cut into blocks of BLOCK_ROWS, so that nobody needs the memory for a whole year.

Everything is made anew from the files as a whole, so that it never depends on what was there before.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.history.batch import Batch, Kind
from app.history.duplicates import kept_rows
from app.history.merge import Gathered, gather
from app.history.rollup import roll_up_blocks
from app.history.section import Names, Rows, section_of

# Music comes last, since it has the most rows.
KINDS = {Kind.PODCAST: "podcasts", Kind.AUDIOBOOK: "audiobooks", Kind.MUSIC: "music"}
LAST = Kind.MUSIC
LEDGER = "ledger"
BLOCK_ROWS = 1 << 17  # plays that are in memory at a time: some 3 MB


class HistoryManifest(msgspec.Struct):
    """What there is: for each kind the years that have rows, and the number that tells editions apart.

    `rows`: how many each of these years has, in blocks of `block_rows`; `names_bytes`: how large the names of
    each kind are. Histories made before this was kept have none of these; their years are one block each.
    """

    edition: str
    years: dict[str, list[int]]
    rows: dict[str, list[int]] = {}
    block_rows: int = BLOCK_ROWS
    names_bytes: dict[str, int] = {}

    def blocks(self, kind: str) -> list["Block"]:
        """The blocks of a kind, in order of time."""
        years = self.years[kind]
        counts: list[int | None] = [*self.rows.get(kind, [])] or [None] * len(years)
        found = []
        for year, count in zip(years, counts, strict=True):
            firsts = range(0, count, self.block_rows) if count is not None else [0]
            for number, first in enumerate(firsts):
                rows = self.block_rows if count is None else min(self.block_rows, count - first)
                found.append(Block(year, rows_name(kind, year, number), rows))
        return found


@dataclass(frozen=True)
class Block:
    """Plays that start in one year (UTC): what their part is called, and how many at the most."""

    year: int
    name: str
    rows: int


class _NamesOnDisk(msgspec.Struct, array_like=True):
    artists: list[str]
    tracks: list[str]
    track_artist: bytes
    albums: list[str]
    album_artist: bytes
    countries: list[str]
    reasons: list[str]
    track_uris: list[str | None]


@dataclass(frozen=True)
class Made:
    """A history made anew: its parts, drawn once and one by one, and what became of each file's rows."""

    parts: Iterator[tuple[str, bytes]]
    kept: list[int]
    duplicate: list[int]


def make(files: int, batch: Callable[[int], Batch], threshold_ms: int, edition: str) -> Made:
    """The history of so many files; `batch` gives the rows of each by its place."""
    rows = gather(files, batch)
    kept = kept_rows(rows)
    rows.forget("exact", "richness", "incognito", "reason_start")
    kept_of, duplicate_of = rows.per_batch(kept), rows.per_batch(~kept)
    return Made(_parts([rows], kept, threshold_ms, edition), kept_of, duplicate_of)


def _parts(
    gathered: list[Gathered], kept: NDArray[np.bool_], threshold_ms: int, edition: str
) -> Iterator[tuple[str, bytes]]:
    """The parts. `gathered` is let go of while the largest are made."""
    years: dict[str, list[int]] = {}
    counts: dict[str, list[int]] = {}
    names_bytes: dict[str, int] = {}
    rows = gathered.pop()
    for kind, name in KINDS.items():
        section = section_of(kind, rows, kept, last=kind is LAST)
        if not len(section.rows):
            continue
        packed = _pack_names(section.names)
        names_bytes[name] = len(packed)
        yield of_edition(names_name(name), edition), packed
        rolled = roll_up_blocks(section.rows.cut(BLOCK_ROWS), section.names, threshold_ms)
        yield of_edition(rollup_name(name, threshold_ms), edition), rolled.packed()
        years[name], counts[name] = [], []
        for year, of_year in _by_year(section.rows):
            for number, block in enumerate(of_year.cut(BLOCK_ROWS)):
                yield of_edition(rows_name(name, year, number), edition), block.packed()
            years[name].append(year)
            counts[name].append(len(of_year))
    if years:
        yield LEDGER, msgspec.msgpack.encode(HistoryManifest(edition, years, counts, BLOCK_ROWS, names_bytes))


def _by_year(rows: Rows) -> Iterator[tuple[int, Rows]]:
    first, last = (datetime.fromtimestamp(int(rows["start"][at]), UTC).year for at in (0, -1))
    for year in range(first, last + 1):
        of_year = rows.between(year_start(year), year_start(year + 1))
        if len(of_year):
            yield year, of_year


class Stale(Exception):
    """A part of this edition is gone: the history was made anew meanwhile. Look again."""


def of_edition(name: str, edition: str) -> str:
    """A part's whole name. What is of another edition never mixes with this one, however late it is kept."""
    return f"{name}/{edition}"


def rollup_name(kind: str, threshold_ms: int | str) -> str:
    """What the roll-up of all plays is called; with "" for the threshold, how all such names begin."""
    return f"{kind}/rollup/{threshold_ms}"


def rows_name(kind: str, year: int, block: int = 0) -> str:
    """What a block of the plays that start in a year (UTC) is called."""
    return f"{kind}/rows/{year}" + (f".{block}" if block else "")


def names_name(kind: str) -> str:
    """What the names are called."""
    return f"{kind}/names"


def year_start(year: int) -> int:
    """The moment at which a year begins, UTC."""
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())


def unpack_names(body: bytes) -> Names:
    """The names of a kind."""
    on_disk = msgspec.msgpack.decode(body, type=_NamesOnDisk)
    return Names(
        artists=on_disk.artists,
        tracks=on_disk.tracks,
        track_artist=np.frombuffer(on_disk.track_artist, np.int32),
        albums=on_disk.albums,
        album_artist=np.frombuffer(on_disk.album_artist, np.int32),
        countries=on_disk.countries,
        reasons=on_disk.reasons,
        track_uris=on_disk.track_uris,
    )


def _pack_names(names: Names) -> bytes:
    return msgspec.msgpack.encode(
        _NamesOnDisk(
            list(names.artists),
            list(names.tracks),
            _bytes(names.track_artist),
            list(names.albums),
            _bytes(names.album_artist),
            list(names.countries),
            list(names.reasons),
            list(names.track_uris),
        )
    )


def _bytes(array: NDArray[Any]) -> bytes:
    return np.ascontiguousarray(array, np.int32).tobytes()
