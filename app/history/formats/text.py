"""What readers of text share: its encoding, rows of CSV, columns by name, JSON, numbers and moments.

Every function takes what anybody may have written. Only NotAFile is raised, and its message is a sentence.
"""

import codecs
import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, TextIO

from app.history.formats.rows import NotAFile, Rejected, Row

Cells = list[str]
TOO_LONG = "a cell is far too long"
TOO_SHORT = "columns are missing"
EMPTY = "This file is empty."
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHUNK = 2**20
_OTHER_LETTERS = re.compile("[^\x00-\x7f\ufffd]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_ABSURD = 1e15  # beyond any moment or length, and small enough to reckon with


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
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    broken = whole = 0
    for at in range(0, len(body), _CHUNK):
        text = decoder.decode(body[at : at + _CHUNK])
        if not text.isascii():
            broken += text.count("\ufffd")
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


def columns(
    header: Sequence[str] | None, required: Iterable[str], optional: Iterable[str] = ()
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
        raise NotAFile("This is not JSON, or it was cut short.") from error


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
