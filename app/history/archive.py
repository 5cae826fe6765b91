"""Opens what was uploaded and finds the files with plays: one by itself, in a zip, or in zips inside it.

Files are known by how they begin. What is called as Spotify calls its files is taken too: a broken one gets a
receipt. An Excel file is a zip, but its reader takes it as a whole.

Nothing is ever unpacked under a name of a zip's: names inside are names and no paths. Sizes are capped over
all zips of an upload together, since a small one may claim, or hold, far more than any export.
"""

import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.history.formats import format_of, spotify
from app.history.formats.rows import Format, Head, NotAFile
from app.history.sniffing import HEAD, head_text, is_of_folder, is_ours, is_shadow
from app.history.zips import Damaged, NoPlays, NotAnExport, Place, Zips, reading

MOST_ENTRIES = 20_000
MOST_FILES = 2_000  # with plays: a service sends one for a month at the most
MOST_DEEP = 3  # zips, one inside the other, the upload counted
LARGEST_FILE = 256 * 2**20
LARGEST_TOTAL = 8 * 2**30
STEEPEST = 300  # times that what is unpacked may be larger than the upload; from FREE on
FREE = 32 * 2**20
MOST_LOOKED_INTO = 10_000
_FOUND_SHOWN = 5
_DAMAGED = "This zip is damaged or was cut short. Download it again."
_ENCRYPTED = "This file is encrypted. Unpack the zip with its password, then send the files."
_ENCRYPTED_ZIP = "This zip is encrypted. Unpack it with its password, then send the files."
_TOO_DEEP = f"This zip lies deeper than {MOST_DEEP} zips, one inside the other. Send it by itself."
_TOO_MANY = "This zip holds more files than any export. Send the part with your plays."
_TOO_LARGE = "This file is larger than any export that is read here."
_NOTHING = "This file holds no plays in any form that is read here."
_WORKBOOK = "xl/workbook.xml"  # the list of an Excel file's sheets
_NAME_SHOWN = 60  # letters
_LONGEST_PATH = 1000
_JSON_BEGINS = (b"[", b"{")
_ZIP_BEGINS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Entry:
    """A file with plays. `name`: its path inside the zips, or what the single file is called.

    `place`: its number in a walk through all that the upload holds. `format`: `None` where it was not
    recognised. `fault`: of a zip that could not be looked into, why. `at`: where in the zips it is.
    """

    place: int
    name: str
    format: Format | None
    at: Place = ()
    fault: str | None = None


class Upload:
    """An opened upload. `entries` are its files with plays, in the zips' order."""

    def __init__(self, path: Path, entries: list[Entry], zips: Zips | None = None) -> None:
        self.entries = entries
        self._path = path
        self._zips = zips

    def body(self, entry: Entry) -> bytes:
        """What a file holds. Raises NotAFile."""
        if entry.fault is not None:
            raise NotAFile(entry.fault)
        if self._zips is None:
            return self._path.read_bytes()
        try:
            archive = self._zips.opened(entry.at[:-1])
            inside = archive.infolist()[entry.at[-1]]
            if inside.flag_bits & 1:
                raise NotAFile(_ENCRYPTED)
            with reading(), archive.open(inside) as file:
                body = file.read(LARGEST_FILE + 1)
        except Damaged as error:
            raise NotAFile("This file is damaged inside the zip.") from error
        if len(body) > LARGEST_FILE:
            raise NotAFile(_TOO_LARGE)
        return body


@contextmanager
def opened(path: Path, name: str) -> Iterator[Upload]:
    """What lies at `path` and was called `name`. Raises NotAnExport; NoPlays where nothing is wrong with it.

    Zips inside it are unpacked, where they are large, in its folder, and gone with it.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    known = _format_named(head, name)
    if head.startswith(_ZIP_BEGINS) or (known is None and head.startswith(b"PK")):
        with closing(Zips(path)) as zips:
            yield _zipped(path, name, zips)
        return
    if known is None:
        _refuse_what_is_no_json(head, name)
    yield _single(path, name, known)


def _zipped(path: Path, name: str, zips: Zips) -> Upload:
    try:
        outermost = zips.opened(())
        if not _is_workbook(outermost):
            return Upload(path, _Walk(zips, path.stat().st_size).entries(), zips)
    except Damaged as error:
        raise NotAnExport(_DAMAGED) from error
    if (known := _workbook_format(outermost)) is None:
        raise NoPlays(_NOTHING)
    return _single(path, name, known)


def _single(path: Path, name: str, known: Format | None) -> Upload:
    if path.stat().st_size > LARGEST_FILE:
        raise NotAnExport(_TOO_LARGE)
    return Upload(path, [Entry(0, name, known)])


def _refuse_what_is_no_json(head: bytes, name: str) -> None:
    """JSON of another shape is read, so that its receipt says what it lacks; but not of a whole folder."""
    if not head:
        raise NoPlays("This file is empty.")
    if is_of_folder(name):
        raise NoPlays(_NOTHING)
    for mark in _BYTE_ORDER_MARKS:
        head = head.removeprefix(mark)
    if head.lstrip(b" \t\r\n\0")[:1] not in (*_JSON_BEGINS, b""):
        raise NoPlays(_NOTHING)


class _Walk:
    """Goes once through all that an upload holds. `size`: bytes of the upload."""

    def __init__(self, zips: Zips, size: int) -> None:
        self._zips = zips
        self._size = size
        self._found: list[Entry] = []
        self._names: list[str] = []  # the first of its files that are no zips; how many there are of these
        self._files = 0
        self._is_encrypted = False
        self._numbered = 0
        self._looked_into = 0
        self._unpacked = 0

    def entries(self) -> list[Entry]:
        """The files with plays, and the zips that could not be looked into. Raises NotAnExport, Damaged."""
        self._go_through((), "")
        if not self._found:
            raise NoPlays(self._nothing())
        return sorted(self._found, key=lambda entry: entry.place)

    def _go_through(self, at: Place, path: str) -> bool:
        """False where some of the zip's files are encrypted, and could not be known by their names either."""
        archive = self._zips.opened(at)
        if self._numbered + len(archive.infolist()) > MOST_ENTRIES:
            raise NotAnExport(_TOO_MANY)
        is_open = True
        for number, inside in enumerate(archive.infolist()):
            place = self._numbered
            self._numbered += 1
            # Not is_dir(), which takes no empty name.
            if not inside.filename.endswith("/") and not is_shadow(inside.filename):
                name = f"{path}{inside.filename}"[-_LONGEST_PATH:]
                is_open &= self._look_into(archive, inside, place, (*at, number), name)
        return is_open

    def _look_into(
        self, archive: zipfile.ZipFile, inside: zipfile.ZipInfo, place: int, at: Place, path: str
    ) -> bool:
        head = b""
        if self._looked_into < MOST_LOOKED_INTO:
            self._looked_into += 1
            head = _head(archive, inside)
        if head.startswith(_ZIP_BEGINS):
            self._look_into_zip(inside, place, at, path)
            return True
        known = _format_named(head, inside.filename)
        if known is not None:
            self._add(Entry(place, path, known, at), inside.file_size)
            return True
        is_encrypted = bool(inside.flag_bits & 1)
        if is_encrypted and inside.filename.lower().endswith(".zip"):
            self._add(Entry(place, path, None, at, _ENCRYPTED_ZIP))
            return True
        self._note(inside.filename)
        self._is_encrypted |= is_encrypted
        return not is_encrypted

    def _note(self, name: str) -> None:
        """Notes a file without plays."""
        self._files += 1
        if len(self._names) < _FOUND_SHOWN:
            self._names.append(name.rsplit("/", 1)[-1][:_NAME_SHOWN])

    def _look_into_zip(self, inside: zipfile.ZipInfo, place: int, at: Place, path: str) -> None:
        self._unpack(inside.file_size)
        try:
            archive = self._zips.opened(at)
        except Damaged:
            self._add(Entry(place, path, None, at, _DAMAGED))
            return
        if _is_workbook(archive):
            if (known := _workbook_format(archive)) is not None:
                self._add(Entry(place, path, known, at), inside.file_size)
            else:
                self._note(inside.filename)
        elif len(at) >= MOST_DEEP:
            self._add(Entry(place, path, None, at, _TOO_DEEP))
        elif not self._go_through(at, f"{path}/"):
            self._add(Entry(place, path, None, at, _ENCRYPTED_ZIP))

    def _add(self, entry: Entry, size: int = 0) -> None:
        if len(self._found) >= MOST_FILES:
            raise NotAnExport(_TOO_MANY)
        self._unpack(size)
        self._found.append(entry)

    def _unpack(self, size: int) -> None:
        """Refuses what unpacks to far more than an export could be. Raises NotAnExport."""
        # zipfile reads no more of a file than it says that it has.
        self._unpacked += size
        if self._unpacked > LARGEST_TOTAL or self._unpacked > max(FREE, self._size * STEEPEST):
            raise NotAnExport("This zip unpacks to far more than any export.")

    def _nothing(self) -> str:
        if not self._files:
            return "This zip is empty."
        found, more = ", ".join(self._names), self._files - len(self._names)
        rest = f" and {more} more" if more else ""
        why = f" {_ENCRYPTED_ZIP}" if self._is_encrypted else ""
        return f"This zip has no plays that can be read here. It holds {found}{rest}.{why}"


def _head(archive: zipfile.ZipFile, inside: zipfile.ZipInfo) -> bytes:
    """The first bytes of a file; none where they cannot be had, or not without unpacking far more."""
    if inside.flag_bits & 1 or inside.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return b""
    try:
        with reading(), archive.open(inside) as file:
            return file.read(HEAD)
    except (Damaged, OSError):
        return b""


def _format_named(head: bytes, name: str) -> Format | None:
    """Which format a file has that begins so and is called so."""
    return format_of(Head(head_text(head))) or (spotify.FORMATS[0] if is_ours(name) else None)


def _is_workbook(archive: zipfile.ZipFile) -> bool:
    return _WORKBOOK in archive.NameToInfo


def _workbook_format(archive: zipfile.ZipFile) -> Format | None:
    """Which format an Excel file has, by the list of its sheets."""
    return format_of(Head(head_text(_head(archive, archive.NameToInfo[_WORKBOOK])), is_workbook=True))
