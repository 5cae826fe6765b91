"""An Excel file (xlsx): a zip of XML, read piece by piece, of which nothing gets out but the text of cells.

Formulas are not worked out, links to other files not followed, and XML with declarations of its own is
refused, as is what unpacks to far more than a sheet can hold.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from string import ascii_uppercase
from xml.parsers import expat

from app.history.formats.rows import NotAFile

# Excel's own limits, but for the columns, of which it allows more.
MOST_ROWS = 1_048_576
MOST_LETTERS = 32_767  # of a cell
MOST_COLUMNS = 104
MOST_STRINGS = 2_000_000
LARGEST_SHEET = 2**30  # bytes unpacked
LARGEST_TABLE = 2**27
LARGEST_LIST = 2**20
LARGEST_DIRECTORY = 2**20
STEEPEST = 300  # times that a part may be larger than what is packed; from FREE on
FREE = 32 * 2**20
_PIECE = 2**16
_DAMAGED = "This Excel file is damaged or was cut short. Download it again."
_TOO_MUCH = "This Excel file unpacks to far more than a sheet can hold."
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
_RELATIONS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships id",
    "http://purl.oclc.org/ooxml/officeDocument/relationships id",
)
_LETTERS = [*ascii_uppercase, *(first + second for first in "ABC" for second in ascii_uppercase)]
_COLUMNS = {letters: place for place, letters in enumerate(_LETTERS)}
Attributes = dict[str, str]


class Workbook:
    """An opened Excel file. Raises NotAFile.

    `sheets`: the names of its sheets. `from_1904`: its days are counted from 1904 on, not from 1900.
    """

    def __init__(self, body: bytes) -> None:
        self._archive = _opened(body)
        elements = _elements(self._archive, "xl/workbook.xml")
        self.from_1904 = any(
            name == "workbookPr" and attributes.get("date1904") in ("1", "true")
            for name, attributes in elements
        )
        self._relations = {
            attributes.get("Id", ""): attributes
            for name, attributes in _elements(self._archive, "xl/_rels/workbook.xml.rels")
            if name == "Relationship"
        }
        self._sheets = {
            attributes.get("name", ""): next(filter(None, map(attributes.get, _RELATIONS)), "")
            for name, attributes in elements
            if name == "sheet"
        }
        self.sheets = list(self._sheets)

    def rows(self, sheet: str) -> Iterator[list[str]]:
        """The rows of a sheet that are not empty; all cells as text. Raises NotAFile."""
        relation = self._relations.get(self._sheets[sheet])
        if relation is None:
            raise NotAFile(_DAMAGED)
        if relation.get("TargetMode", "Internal").lower() != "internal":
            raise NotAFile("This Excel file only links to its sheet, which is in another file.")
        reader = _SheetReader(self._strings)
        for _ in _parsed(_pieces(self._archive, _part(relation), LARGEST_SHEET), reader):
            yield from reader.rows
            reader.rows.clear()
        yield from reader.rows

    @cached_property
    def _strings(self) -> Sequence[str]:
        """The texts that cells of all sheets share."""
        parts = [
            _part(relation)
            for relation in self._relations.values()
            if relation.get("Type", "").endswith("/sharedStrings")
        ]
        if not parts:
            return ()
        reader = _TableReader()
        for _ in _parsed(_pieces(self._archive, parts[0], LARGEST_TABLE), reader):
            pass
        return reader.strings


class _Reader:
    """Hears what the parser finds, by names without their namespace. Collects the text of a cell."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._text: list[str] = []
        self._letters = 0
        self._listens = False
        self._is_phonetic = False

    def start(self, name: str, attributes: Attributes) -> None:
        local = self._names.get(name) or self._local(name)
        if local in ("v", "t"):
            self._listens = not self._is_phonetic
        elif local == "rPh":  # how a text is pronounced
            self._is_phonetic = True
        else:
            self.begin(local, attributes)

    def end(self, name: str) -> None:
        local = self._names.get(name) or self._local(name)
        if local in ("v", "t"):
            self._listens = False
        elif local == "rPh":
            self._is_phonetic = False
        else:
            self.finish(local)

    def text(self, text: str) -> None:
        if self._listens and self._letters < MOST_LETTERS:
            self._text.append(text)
            self._letters += len(text)

    def begin(self, local: str, attributes: Attributes) -> None:
        """An element begins."""

    def finish(self, local: str) -> None:
        """An element ends."""

    def taken(self) -> str:
        """The text since it was last taken."""
        text = self._text[0] if len(self._text) == 1 else "".join(self._text)
        self._text.clear()
        self._letters = 0
        return text[:MOST_LETTERS]

    def _local(self, name: str) -> str:
        local = name.rpartition(" ")[2]
        if len(self._names) < 100:
            self._names[name] = local
        return local


class _ListReader(_Reader):
    """All elements of a part, without their texts."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, Attributes]] = []

    def begin(self, local: str, attributes: Attributes) -> None:
        self.elements.append((local, attributes))


class _TableReader(_Reader):
    """The texts that cells share."""

    def __init__(self) -> None:
        super().__init__()
        self.strings: list[str] = []

    def finish(self, local: str) -> None:
        if local == "si":
            self.strings.append(self.taken())
            if len(self.strings) > MOST_STRINGS:
                raise NotAFile(_TOO_MUCH)


class _SheetReader(_Reader):
    """The rows of a sheet as they are complete; whoever takes them clears `rows`."""

    def __init__(self, strings: Sequence[str]) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._strings = strings
        self._seen = 0
        self._row: list[str] = []
        self._column = -1
        self._kind: str | None = None

    def begin(self, local: str, attributes: Attributes) -> None:
        if local == "c":
            place = attributes.get("r")
            # A cell that does not say where it is follows the one before.
            self._column = (
                self._column + 1 if place is None else _COLUMNS.get(place.rstrip("0123456789"), MOST_COLUMNS)
            )
            self._kind = attributes.get("t")
        elif local == "row":
            self._row, self._column = [], -1
            self._seen += 1
            if self._seen > MOST_ROWS:
                raise NotAFile("This sheet has more rows than Excel allows.")

    def finish(self, local: str) -> None:
        if local == "c":
            row, column, text = self._row, self._column, self.taken()
            if not text or column >= MOST_COLUMNS:
                return
            if column >= len(row):
                row.extend([""] * (column + 1 - len(row)))
            row[column] = self._value(text)
        elif local == "row" and any(self._row):
            self.rows.append(self._row)
            self._row = []

    def _value(self, text: str) -> str:
        if self._kind == "s":
            number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else MOST_STRINGS
            return self._strings[number] if number < len(self._strings) else ""
        return "" if self._kind == "e" else text


def _opened(body: bytes) -> zipfile.ZipFile:
    file = _Frugal(body)
    try:
        archive = zipfile.ZipFile(file)
    except _BROKEN as error:
        raise NotAFile(_DAMAGED) from error
    file.frugal = False
    return archive


class _Frugal(io.BytesIO):
    """A file that nobody reads much of at once, while `frugal`: a zip may claim any table of contents."""

    frugal = True

    def read(self, size: int | None = -1, /) -> bytes:
        if self.frugal:
            size = LARGEST_DIRECTORY if size is None or size < 0 else min(size, LARGEST_DIRECTORY)
        return super().read(size)


def _part(relation: Attributes) -> str:
    """Where in the zip a target is, which is an absolute path or goes on from "xl/"."""
    target = relation.get("Target", "").replace("\\", "/")
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _pieces(archive: zipfile.ZipFile, part: str, most: int) -> Iterator[bytes]:
    """What a part of the file holds, of at most so many bytes. Raises NotAFile."""
    try:
        inside = archive.getinfo(part)
    except KeyError as error:
        raise NotAFile(_DAMAGED) from error
    if inside.flag_bits & 1:
        raise NotAFile("This Excel file is encrypted. Save it without a password, then send it again.")
    if inside.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotAFile(_DAMAGED)
    if inside.file_size > most or (
        inside.file_size > FREE and inside.file_size > inside.compress_size * STEEPEST
    ):
        raise NotAFile(_TOO_MUCH)
    try:
        with archive.open(inside) as file:
            while piece := file.read(_PIECE):
                yield piece
    except _BROKEN as error:
        raise NotAFile(_DAMAGED) from error


def _parsed(pieces: Iterator[bytes], reader: _Reader) -> Iterator[None]:
    """Lets `reader` hear what is in the pieces, and stops after each. Raises NotAFile."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse_declarations
    try:
        for piece in pieces:
            parser.Parse(piece, False)
            yield
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise NotAFile(_DAMAGED) from error


def _refuse_declarations(*_declared: object) -> None:
    raise NotAFile("This Excel file declares entities of its own, as no export does.")


def _elements(archive: zipfile.ZipFile, part: str) -> list[tuple[str, Attributes]]:
    reader = _ListReader()
    for _ in _parsed(_pieces(archive, part, LARGEST_LIST), reader):
        pass
    return reader.elements
