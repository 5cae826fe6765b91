"""How a history lies in the database: for each kind its names, its plays by year, and roll-ups by threshold.

Everything is made anew from the files as a whole, so that it never depends on what was there before.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.history.batch import Batch, Kind
from app.history.merge import gather, kept_rows
from app.history.rollup import roll_up
from app.history.section import Names, Section, section_of

KINDS = {Kind.MUSIC: "music", Kind.PODCAST: "podcasts", Kind.AUDIOBOOK: "audiobooks"}
LEDGER = "ledger"


class Ledger(msgspec.Struct):
    """What there is: for each kind the years that have rows, and the number that tells editions apart."""

    edition: str
    years: dict[str, list[int]]


class _NamesOnDisk(msgspec.Struct, array_like=True):
    artists: list[str]
    tracks: list[str]
    track_artist: bytes
    albums: list[str]
    album_artist: bytes
    countries: list[str]
    reasons: list[str]
    track_uris: list[str | None]


def build(
    files: Sequence[tuple[int, bytes]], threshold_ms: int, edition: str
) -> tuple[dict[str, bytes], dict[int, tuple[int, int]]]:
    """The parts of a history, and for each file how many of its rows are kept and duplicate.

    `files` are the packed batches, each with its file's number.
    """
    rows = gather([Batch.unpacked(body) for _, body in files])
    kept = kept_rows(rows)
    all_of = np.bincount(rows.file, minlength=len(files))
    kept_of = np.bincount(rows.file[kept], minlength=len(files))
    counts = {
        number: (int(kept_of[at]), int(all_of[at] - kept_of[at])) for at, (number, _) in enumerate(files)
    }
    parts: dict[str, bytes] = {}
    years: dict[str, list[int]] = {}
    for kind, name in KINDS.items():
        section = section_of(kind, rows, kept)
        if len(section.rows):
            parts |= _section_parts(name, section, threshold_ms)
            years[name] = sorted(
                int(one.rpartition("/")[2]) for one in parts if one.startswith(f"{name}/rows/")
            )
    if years:
        parts[LEDGER] = msgspec.msgpack.encode(Ledger(edition, years))
    return parts, counts


def rollup_name(kind: str, threshold_ms: int) -> str:
    """What the roll-up of all plays is called."""
    return f"{kind}/rollup/{threshold_ms}"


def rows_name(kind: str, year: int) -> str:
    """What the plays that start in a year (UTC) are called."""
    return f"{kind}/rows/{year}"


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


def _section_parts(kind: str, section: Section, threshold_ms: int) -> dict[str, bytes]:
    start = section.rows["start"]
    first, last = (datetime.fromtimestamp(int(start[at]), UTC).year for at in (0, -1))
    parts = {
        names_name(kind): _pack_names(section.names),
        rollup_name(kind, threshold_ms): roll_up(section.rows, section.names, threshold_ms).packed(),
    }
    for year in range(first, last + 1):
        of_year = section.rows.between(year_start(year), year_start(year + 1))
        if len(of_year):
            parts[rows_name(kind, year)] = of_year.packed()
    return parts


def _bytes(array: NDArray[Any]) -> bytes:
    return np.ascontiguousarray(array, np.int32).tobytes()
