"""How a history is stored: for each kind its names, its plays in blocks, and the roll-up; and the manifest.

A block holds the plays that start in one year (UTC), at most BLOCK_ROWS of them, so that nobody needs the
memory for a whole year of very many plays. Each blob is a row of the table `history_part`. Its name ends with
the version of the history that wrote it, and the manifest says which blobs make up the history now.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.history.batch import Batch, PlayKind, Source, is_exported, is_foreign, starts
from app.history.corrections import Effect, correct_rows
from app.history.duplicates import kept_rows
from app.history.live import settle
from app.history.merge import Gathered, gather
from app.history.recordings import SameRecording, same_recordings
from app.history.rollup import roll_up_blocks
from app.history.same_play import drop_told_again
from app.history.scrobbles import drop_equal_rows, estimate_lengths
from app.history.section import LastWritten, Names, Rows, section_of
from app.store.corrections import Correction
from app.store.history import MANIFEST

# Music comes last, since it has the most rows.
KINDS = {PlayKind.PODCAST: "podcasts", PlayKind.AUDIOBOOK: "audiobooks", PlayKind.MUSIC: "music"}
LAST = PlayKind.MUSIC
BLOCK_ROWS = 1 << 17  # plays that are in memory at a time: some 3 MB


class HistoryManifest(msgspec.Struct):
    """What there is: the version, and for each kind the years that have plays.

    `rows`: how many plays each of these years has, in blocks of `block_rows`; `names_bytes`: how large the
    names of each kind are; `versions`: the blobs that an earlier version wrote, and which; `exported`: of
    each import, when its first and its last row ended (Unix seconds); `last_end`: when the latest play ended,
    and the latest of Spotify's exports; `last_scrobble`: when the latest of another service began (Unix
    milliseconds); `services`: what told of plays; `recordings`: tracks that have several names.

    An older program stored no `rows` (each year is one block then), no `names_bytes`, and no `last_end`.
    """

    version: str = msgspec.field(name="edition")
    years: dict[str, list[int]]
    rows: dict[str, list[int]] = {}
    block_rows: int = BLOCK_ROWS
    names_bytes: dict[str, int] = {}
    versions: dict[str, str] = {}
    exported: list[tuple[int, int]] = []
    last_end: tuple[int, int] | None = None
    last_scrobble: int = 0
    services: list[str] = []
    recordings: list[SameRecording] = []

    @classmethod
    def unpacked(cls, body: bytes) -> "HistoryManifest":
        """What `packed` packed."""
        return msgspec.msgpack.decode(body, type=cls)

    def packed(self) -> bytes:
        """As it is stored in the database."""
        return msgspec.msgpack.encode(self)

    def full_name(self, name: str) -> str:
        """A blob's name with the version that wrote it: no version's blobs mix with another's."""
        return versioned(name, self.versions.get(name, self.version))

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
    """Plays that start in one year (UTC): the name of their blob, and how many at the most."""

    year: int
    name: str
    rows: int


class _StoredNames(msgspec.Struct, array_like=True):
    artists: list[str]
    tracks: list[str]
    track_artist: bytes
    albums: list[str]
    album_artist: bytes
    countries: list[str]
    reasons: list[str]
    track_uris: list[str | None]
    last_written: tuple[bytes, bytes, bytes, bytes] | None = None


@dataclass(frozen=True)
class Built:
    """A history that was built: its blobs, to be iterated once, and what became of each batch's rows.

    `replaced`: how many live plays each batch replaces. `effects`: of each correction, by its number.
    """

    blobs: Iterator[tuple[str, bytes]]
    kept: list[int]
    duplicate: list[int]
    replaced: list[int]
    effects: dict[int, Effect] = field(default_factory=dict)


def build(
    files: int,
    batch: Callable[[int], Batch],
    threshold_ms: int,
    version: str,
    imports: Sequence[int] = (),
    corrections: Sequence[Correction] = (),
) -> Built:
    """The history of `files` batches; `batch` returns one by its number.

    `imports`: which import each is of; a batch beyond them is of none. `corrections`: rules, oldest first.
    """
    rows, corrected = correct_rows(gather(files, batch), corrections)
    kept, partners = kept_rows(rows)
    told_again = ~kept
    replaced = settle(rows, kept, partners)
    manifest = HistoryManifest(version, {}, block_rows=BLOCK_ROWS)
    if is_foreign(rows.columns).any():
        told_again |= _merge_services(rows, kept)
        manifest.last_scrobble = _last_scrobble(rows, kept)
    kept_of, duplicate_of = rows.per_batch(~told_again), rows.per_batch(told_again)
    manifest.exported, manifest.last_end = _spans(rows, imports), _last_end(rows, kept)
    rows.forget("richness", "incognito", "reason_start")
    effects = corrected.take_out(rows, kept, threshold_ms)
    manifest.services = services_of(rows.columns["source"][kept])
    manifest.recordings = same_recordings(rows, kept)
    return Built(_blobs([rows], kept, threshold_ms, manifest), kept_of, duplicate_of, replaced, effects)


def services_of(source: NDArray[Any]) -> list[str]:
    """The services that plays with these sources are of, in the order of `Source`."""
    return list(dict.fromkeys(Source(value).service for value in np.unique(source).tolist()))


def _merge_services(rows: Gathered, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What several services tell is one play; which rows are told again by others."""
    before = kept.copy()
    drop_equal_rows(rows, kept)
    drop_told_again(rows, kept)
    estimate_lengths(rows, kept)
    return before & ~kept


def _spans(rows: Gathered, imports: Sequence[int]) -> list[tuple[int, int]]:
    """When the first and the last row of each import ended; live plays in it tell of no time as a whole."""
    found: dict[int, tuple[int, int]] = {}
    edges = np.cumsum([0, *rows.lengths]).tolist()
    for number, first, last in zip(imports, edges, edges[1:], strict=False):
        of_import = {name: rows.columns[name][first:last] for name in ("end", "source")}
        end = of_import["end"][is_exported(of_import)]
        if len(end):
            low, high = found.get(number, (int(end[0]), int(end[0])))
            found[number] = min(low, int(end.min())), max(high, int(end.max()))
    return list(found.values())


def _last_end(rows: Gathered, kept: NDArray[np.bool_]) -> tuple[int, int]:
    """When the latest play ended, and the latest of a file; 0 where there is none."""
    columns = {name: column[kept] for name, column in rows.columns.items() if name in _OF_AN_END}
    end = starts(columns) + columns["ms"]
    exported = end[is_exported(columns)]
    return int(end.max(initial=0)), int(exported.max(initial=0))


def _last_scrobble(rows: Gathered, kept: NDArray[np.bool_]) -> int:
    """When the latest play of another service than Spotify started; 0 where there is none."""
    scrobbles = rows.columns["start"][kept & is_foreign(rows.columns)]
    return int(scrobbles.max(initial=0))


_OF_AN_END = ("end", "ms", "offline", "offline_at", "start", "source")


def _blobs(
    gathered: list[Gathered],
    kept: NDArray[np.bool_],
    threshold_ms: int,
    manifest: HistoryManifest,
) -> Iterator[tuple[str, bytes]]:
    """The blobs. `gathered` is emptied while the largest are made, and the manifest filled."""
    rows, version = gathered.pop(), manifest.version
    for kind, name in KINDS.items():
        section = section_of(kind, rows, kept, last=kind is LAST)
        if not len(section.rows):
            continue
        packed = pack_names(section.names, section.last_written)
        manifest.names_bytes[name] = len(packed)
        yield versioned(names_name(name), version), packed
        rolled = roll_up_blocks(section.rows.cut(BLOCK_ROWS), section.names, threshold_ms)
        yield versioned(rollup_name(name, threshold_ms), version), rolled.packed()
        manifest.years[name], manifest.rows[name] = [], []
        for year, of_year in rows_by_year(section.rows):
            for number, block in enumerate(of_year.cut(BLOCK_ROWS)):
                yield versioned(rows_name(name, year, number), version), block.packed()
            manifest.years[name].append(year)
            manifest.rows[name].append(len(of_year))
    if manifest.years:
        yield MANIFEST, manifest.packed()


def rows_by_year(rows: Rows) -> Iterator[tuple[int, Rows]]:
    """The plays of each year (UTC) that has any."""
    first, last = (year_of(int(rows["start"][at])) for at in (0, -1))
    for year in range(first, last + 1):
        of_year = rows.between(year_start(year), year_start(year + 1))
        if len(of_year):
            yield year, of_year


class VersionGone(Exception):
    """A blob of this version is gone: there is a newer version. Look again."""


class NeedsRebuild(Exception):
    """The plays cannot be added to the history as it is; the message says why."""


def versioned(name: str, version: str) -> str:
    """A blob's full name."""
    return f"{name}/{version}"


def rollup_name(kind: str, threshold_ms: int | str) -> str:
    """The name of the roll-up of all plays; with "" for the threshold, how all such names begin."""
    return f"{kind}/rollup/{threshold_ms}"


def rows_name(kind: str, year: int, block: int = 0) -> str:
    """The name of a block of the plays that start in a year (UTC)."""
    return f"{kind}/rows/{year}" + (f".{block}" if block else "")


def names_name(kind: str) -> str:
    """The name of the names."""
    return f"{kind}/names"


def year_start(year: int) -> int:
    """The moment at which a year begins, UTC."""
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())


def year_of(moment: int) -> int:
    """The year (UTC) of a moment."""
    return datetime.fromtimestamp(moment, UTC).year


def unpack_names(body: bytes) -> Names:
    """The names of a kind."""
    return _names(msgspec.msgpack.decode(body, type=_StoredNames))


def unpack_names_to_change(body: bytes) -> tuple[Names, LastWritten | None]:
    """The names of a kind, and when each was last written; `None` where an older program stored them."""
    stored = msgspec.msgpack.decode(body, type=_StoredNames)
    if stored.last_written is None:
        return _names(stored), None
    return _names(stored), LastWritten(
        *(np.frombuffer(column, np.uint32).astype(np.int64) for column in stored.last_written)
    )


def _names(stored: _StoredNames) -> Names:
    return Names(
        artists=stored.artists,
        tracks=stored.tracks,
        track_artist=np.frombuffer(stored.track_artist, np.int32),
        albums=stored.albums,
        album_artist=np.frombuffer(stored.album_artist, np.int32),
        countries=stored.countries,
        reasons=stored.reasons,
        track_uris=stored.track_uris,
    )


def pack_names(names: Names, last_written: LastWritten) -> bytes:
    """The names of a kind, as they are stored in the database."""
    return msgspec.msgpack.encode(
        _StoredNames(
            list(names.artists),
            list(names.tracks),
            _bytes(names.track_artist),
            list(names.albums),
            _bytes(names.album_artist),
            list(names.countries),
            list(names.reasons),
            list(names.track_uris),
            (
                _bytes(last_written.artists, np.uint32),
                _bytes(last_written.tracks, np.uint32),
                _bytes(last_written.uris, np.uint32),
                _bytes(last_written.albums, np.uint32),
            ),
        )
    )


def _bytes(array: NDArray[Any], dtype: type[np.generic] = np.int32) -> bytes:
    return np.ascontiguousarray(array, dtype).tobytes()
