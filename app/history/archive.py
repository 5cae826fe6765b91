"""Opens what was uploaded, a zip as Spotify sends it or a single JSON file, and finds the files with plays.

Files that are not called as Spotify calls them are known by how they begin.

Nothing is ever unpacked onto the disk, so that names inside a zip are names and no paths. Sizes are capped,
since a small zip may claim, or hold, far more than any export.
"""

import errno
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from app.history.formats.rows import NotAFile
from app.history.sniffing import HEAD, head_text, holds_plays, is_ours, is_shadow

MOST_ENTRIES = 20_000
MOST_JSON_FILES = 2_000  # Spotify sends about thirty
LARGEST_FILE = 256 * 2**20
LARGEST_DIRECTORY = 4 * 2**20  # a zip's table of contents, which is read as a whole
LARGEST_TOTAL = 8 * 2**30
STEEPEST = 300  # times that a file may be larger than what is packed; from FREE on
FREE = 32 * 2**20
MOST_LOOKED_INTO = 2_000  # files of other names
_LOCAL_HEADER = 30  # bytes of the fixed part that precedes an entry's name and data
_FOUND_SHOWN = 5
_DAMAGED = "This zip is damaged or was cut short. Download it again."
_NAME_SHOWN = 60  # letters
_JSON_BEGINS = (b"[", b"{")
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
# What zipfile raises on the way through a file that is no good; struct and lzma have errors of their own.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)


class NotAnExport(Exception):
    """The upload as a whole cannot be used; the message is a sentence for the reader."""


@dataclass(frozen=True)
class Entry:
    """A file with plays. `name`: its path inside the zip, or what the single file is called."""

    place: int
    name: str


class Upload:
    """An opened upload. `entries` are its files with plays, in the zip's order."""

    def __init__(self, path: Path, name: str, archive: zipfile.ZipFile | None) -> None:
        self._path = path
        self._archive = archive
        self._inside = {} if archive is None else dict(enumerate(archive.infolist()))
        if archive is None:
            self.entries = [Entry(0, name)]
            return
        self.entries = [Entry(place, self._inside[place].filename) for place in _places_with_plays(archive)]
        if not self.entries:
            raise NotAnExport(_nothing_of_ours(archive))
        _refuse_bombs([self._inside[entry.place] for entry in self.entries])

    def body(self, entry: Entry) -> bytes:
        """What a file holds. Raises NotAFile."""
        if self._archive is None:
            return self._path.read_bytes()
        inside = self._inside[entry.place]
        if inside.flag_bits & 1:
            raise NotAFile("This file is encrypted. Unpack the zip with its password, then send the files.")
        try:
            with self._archive.open(inside) as file:
                body = file.read(LARGEST_FILE + 1)
        except _BROKEN as error:
            raise NotAFile("This file is damaged inside the zip.") from error
        except OSError as error:
            # What bzip2 cannot read has no number, and a place before the beginning is an invalid one.
            if error.errno not in (None, errno.EINVAL):
                raise
            raise NotAFile("This file is damaged inside the zip.") from error
        if len(body) > LARGEST_FILE:
            raise NotAFile("This file is larger than any that Spotify sends.")
        return body


@contextmanager
def opened(path: Path, name: str) -> Iterator[Upload]:
    """What lies at `path` and was called `name`. Raises NotAnExport."""
    with path.open("rb") as file:
        head = file.read(64)
    if head.startswith(b"PK"):
        with _Frugal(path) as file, _archive(file) as archive:
            yield Upload(path, name, archive)
        return
    _refuse_what_is_no_json(head)
    if path.stat().st_size > LARGEST_FILE:
        raise NotAnExport("This file is larger than any that Spotify sends.")
    yield Upload(path, name, None)


class _Frugal(io.BufferedReader):
    """A file that nobody reads much of at once, while `frugal`: a zip may claim any table of contents."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))
        self.frugal = True

    def read(self, size: int | None = -1, /) -> bytes:
        if self.frugal:
            size = LARGEST_DIRECTORY if size is None or size < 0 else size
            if size > LARGEST_DIRECTORY:
                raise zipfile.BadZipFile
        return super().read(size)


def _archive(file: _Frugal) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(file)
    except _BROKEN as error:
        raise NotAnExport(_DAMAGED) from error
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise NotAnExport(_DAMAGED) from error
    file.frugal = False
    entries = archive.infolist()
    json_files = sum(entry.filename[-5:].lower() == ".json" for entry in entries)
    if len(entries) > MOST_ENTRIES or json_files > MOST_JSON_FILES:
        raise NotAnExport("This zip holds more files than any export of Spotify's.")
    _refuse_overlaps(entries)
    return archive


def _refuse_overlaps(entries: list[zipfile.ZipInfo]) -> None:
    """Refuses entries that share bytes, as in a small zip that holds endlessly much. Raises NotAnExport."""
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    for entry, following in pairwise(ordered):
        if following.header_offset < entry.header_offset + _LOCAL_HEADER + entry.compress_size:
            raise NotAnExport("The files in this zip overlap. Send the zip as Spotify made it.")


def _refuse_what_is_no_json(head: bytes) -> None:
    if not head:
        raise NotAnExport("This file is empty.")
    for mark in _BYTE_ORDER_MARKS:
        head = head.removeprefix(mark)
    if head.lstrip(b" \t\r\n\0")[:1] not in (*_JSON_BEGINS, b""):
        raise NotAnExport("This is neither a zip nor a JSON file.")


def _places_with_plays(archive: zipfile.ZipFile) -> list[int]:
    """Where in the zip the files with plays are."""
    places, looked_into = [], 0
    for place, member in enumerate(archive.infolist()):
        if is_ours(member.filename):
            places.append(place)
        elif looked_into < MOST_LOOKED_INTO and not member.is_dir() and not is_shadow(member.filename):
            looked_into += 1
            if holds_plays(head_text(_head(archive, member))):
                places.append(place)
    return places


def _head(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The first bytes of a file; none where they cannot be had, or not without unpacking far more."""
    if member.flag_bits & 1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return b""
    try:
        with archive.open(member) as file:
            return file.read(HEAD)
    except (*_BROKEN, OSError):
        return b""


def _nothing_of_ours(archive: zipfile.ZipFile) -> str:
    names = [member.filename for member in archive.infolist() if not member.is_dir()]
    if not names:
        return "This zip is empty."
    found = ", ".join(name.rsplit("/", 1)[-1][:_NAME_SHOWN] for name in names[:_FOUND_SHOWN])
    more = f" and {len(names) - _FOUND_SHOWN} more" if len(names) > _FOUND_SHOWN else ""
    return f"This zip has no streaming history in it. It holds {found}{more}."


def _refuse_bombs(inside: list[zipfile.ZipInfo]) -> None:
    """Refuses what unpacks to far more than an export could be. Raises NotAnExport."""
    total = sum(member.file_size for member in inside)
    packed = sum(member.compress_size for member in inside)
    if total > LARGEST_TOTAL or (total > FREE and total > packed * STEEPEST):
        raise NotAnExport("This zip unpacks to far more than an export of Spotify's.")
