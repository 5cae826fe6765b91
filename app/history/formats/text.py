"""What readers of text share: its encoding, rows of CSV, columns by name, JSON, numbers and moments.

Every function takes what anybody may have written. Only NotAFile is raised, and its message is a sentence.
"""

import codecs
import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, TextIO

import msgspec

from app.history.formats.rows import NotAFile, Rejected, Row

Cells = list[str]
TOO_LONG = "a cell is far too long"
TOO_SHORT = "columns are missing"
NO_OBJECT = "not an object"
EMPTY = "This file is empty."
NO_JSON = "This is not JSON, or it was cut short."
DELIMITERS = (",", ";", "\t")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHUNK = 2**20
_BROKEN = re.compile("[\udc80-\udcff]")  # bytes that are no letter, as "surrogateescape" decodes them
_OTHER_LETTERS = re.compile("[^\x00-\x7f\udc80-\udcff]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_ABSURD = 1e15  # beyond any moment or length, and small enough to reckon with
_FEW_DIGITS = 19
_ISRC = re.compile("[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
_VALUE = msgspec.json.Decoder()
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_REFUSED = (msgspec.MsgspecError, ValueError, RecursionError)


def encoding_of(body: bytes) -> str:
    """Which encoding a file is in: as its byte order mark says, or UTF-16, UTF-8 or Windows' Latin-1."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return encoding
    if body[1:4:2] == b"\0\0" and body[:1] != b"\0":
        return "utf-16-le"
    if body[0:3:2] == b"\0\0" and body[1:2] != b"\0":
        return "utf-16-be"
    return "utf-8" if _is_utf8(body) else "cp1252"


def _is_utf8(body: bytes) -> bool:
    """Whether at most as many letters are broken as there are whole ones beyond ASCII: a few may be lost."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    broken = whole = 0
    for at in range(0, len(body), _CHUNK):
        text = decoder.decode(body[at : at + _CHUNK])
        if not text.isascii():
            broken += sum(1 for _ in _BROKEN.finditer(text))
            whole += sum(1 for _ in _OTHER_LETTERS.finditer(text)) if broken else 0
    return broken <= whole


def decoded(body: bytes) -> str:
    """The text of a file, without its byte order mark. What cannot be decoded becomes "�"."""
    return body.decode(encoding_of(body), "replace")


def text_stream(body: bytes) -> TextIO:
    """The same, decoded as it is read, with line ends as they are."""
    return io.TextIOWrapper(io.BytesIO(body), encoding_of(body), "replace", newline="")


def csv_rows(body: bytes | str, delimiter: str = ",") -> Iterator[Cells | None]:
    """The rows of a CSV file that are not blank; `None` for one with a cell of more than 128 KiB.

    After such a row it goes on with the next line.
    """
    stream = text_stream(body) if isinstance(body, bytes) else io.StringIO(body, newline="")
    reader = csv.reader(stream, delimiter=delimiter)
    while True:
        try:
            yield from filter(None, reader)
            return
        except csv.Error:
            yield None


def may_have_header(text: str) -> bool:
    """Whether a file that begins so may be a table with a header: JSON and HTML need not be split to tell."""
    return text[:1] not in ("", "[", "{", "<")


def columns(
    header: Iterable[str] | None, required: Iterable[str], optional: Iterable[str] = ()
) -> dict[str, int] | None:
    """Where each column is, by its name in lower case; `None` where one of `required` is not there.

    Case and white space round a name do not matter. Those of `optional` that are missing are left out.
    """
    places = {name.strip().lower(): at for at, name in reversed(list(enumerate(header or ())))}
    wanted = [name.lower() for name in required]
    if not all(name in places for name in wanted):
        return None
    return {name: places[name] for name in (*wanted, *map(str.lower, optional)) if name in places}


def entries(
    rows: Iterable[Cells | None], entry: Callable[[Cells], Row | Rejected]
) -> Iterator[Row | Rejected]:
    """What each row is. `entry` may take it that all columns are there."""
    for cells in rows:
        if cells is None:
            yield Rejected(TOO_LONG)
            continue
        try:
            found = entry(cells)
        except IndexError:
            found = Rejected(TOO_SHORT)
        yield found


def parsed_json(body: bytes) -> Any:
    """What a JSON file holds, NaN, lone surrogates and endless numbers included. Raises NotAFile."""
    text = decoded(body)
    if not text.strip():
        raise NotAFile(EMPTY)
    try:
        return json.loads(text, parse_int=_whole_number)
    except (ValueError, RecursionError) as error:
        raise NotAFile(NO_JSON) from error


def json_list(
    body: bytes, key: str | None = None, decoder: msgspec.json.Decoder[Any] = _VALUE
) -> Iterator[Any]:
    """The entries of a JSON list, decoded one at a time: of the file, or of what its object has under `key`.

    A single value where the list belongs is its one entry. Of a `decoder` of structs, an entry that is none
    comes as it is. Raises NotAFile.
    """
    body = as_utf8(body)
    try:
        found = _LIST.decode(body if key is None else _OBJECT.decode(body)[key])
    except (*_REFUSED, KeyError):
        return (_converted(value, decoder) for value in _entries_of(parsed_json(body), key))
    found.reverse()
    return _decoded(found, decoder)


def _decoded(backwards: list[msgspec.Raw], decoder: msgspec.json.Decoder[Any]) -> Iterator[Any]:
    decode = decoder.decode
    while backwards:
        text = backwards.pop()  # it makes room for what becomes of it
        try:
            value = decode(text)
        except _REFUSED:
            value = _converted(json_value(text), decoder)
        yield value


def _converted(value: Any, decoder: msgspec.json.Decoder[Any]) -> Any:
    try:
        return msgspec.convert(value, decoder.type)
    except _REFUSED:
        return value


def _entries_of(whole: Any, key: str | None) -> list[Any]:
    if key is not None:
        whole = whole.get(key) if isinstance(whole, dict) else None
        if whole is None:
            raise NotAFile("This JSON holds no list of plays.")
    return whole if isinstance(whole, list) else [whole]


def json_lines(body: bytes) -> Iterator[Any]:
    """The values of a file that has one a line, without blank lines; `None` for a line that is no JSON."""
    return (json_value(line) for line in io.BytesIO(as_utf8(body)) if not line.isspace())


def json_value(text: bytes | msgspec.Raw) -> Any:
    """What a JSON text in UTF-8 stands for; `None` where it is broken."""
    try:
        return _VALUE.decode(text)
    except _REFUSED:
        pass
    try:
        # Python's own reader takes what the fast one refuses: lone surrogates, NaN, broken letters.
        return json.loads(bytes(text).decode("utf-8", "replace"), parse_int=_whole_number)
    except (ValueError, RecursionError):
        return None


def as_utf8(body: bytes) -> bytes:
    """The text of a file in UTF-8, without its byte order mark. Raises NotAFile where there is none."""
    encoding = encoding_of(body)
    if encoding != "utf-8":
        body = body.decode(encoding, "replace").encode()
    if not body[:_CHUNK].strip() and not body.strip():
        raise NotAFile(EMPTY)
    return body


def has_keys(text: str, *names: str) -> bool:
    """Whether all of these are keys in the beginning of a JSON text."""
    return all(re.search(rf'"{re.escape(name)}"\s*:', text) for name in names)


def _whole_number(digits: str) -> int:
    return int(digits[:40])  # Python refuses endless ones, and no row needs them


def number(value: object) -> float | None:
    """A number, also where it is written as text; `None` for anything else, NaN and infinity."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def milliseconds(value: object, unit: int = 1000) -> int | None:
    """A moment or length in milliseconds, of a number (or text) in units of so many; `None`: it is no number.

    An absurd number stays absurd.
    """
    if type(value) is int and -_ABSURD < value < _ABSURD:
        return value * unit
    if isinstance(value, str) and value.isdecimal() and len(value) < _FEW_DIGITS:
        return int(value) * unit
    found = number(value)
    return None if found is None else round(min(max(found * unit, -_ABSURD), _ABSURD))


def moment(text: object, zone: tzinfo = UTC) -> int | None:
    """Unix milliseconds of a date and time as ISO 8601 writes it; on the clock of `zone` if it names none."""
    if not isinstance(text, str):
        return None
    try:
        when = datetime.fromisoformat(text.strip())
        return ((when if when.tzinfo else when.replace(tzinfo=zone)) - _EPOCH) // _MILLISECOND
    except (ValueError, OverflowError):
        return None


def text_or_none(value: object) -> str | None:
    """A text that is not blank; `None` for anything else."""
    return value if isinstance(value, str) and value.strip() else None


def isrc(value: object) -> str | None:
    """A recording's code, without hyphens; `None` where it is none."""
    code = value.replace("-", "").strip().upper() if isinstance(value, str) else ""
    return code if _ISRC.fullmatch(code) else None
