"""Every CSV that the site writes: UTF-8, RFC 4180, cells that no spreadsheet takes for a formula.

Text is quoted, numbers are not, unknown is empty. A spreadsheet evaluates a cell that begins with one of
`= + - @` or their full-width forms, with white space or quotes before it, or that begins with a tab or CR.
Where it separates cells by `;`, the same holds for what follows a `;` within a cell. In each such place an
apostrophe is written first; `original` takes it away again.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import chain

from flask import Response

_FORMULA = r"=+\-@＝＋－＠"
# What may stand before it; what begins a line or a cell of its own is not among these.
_BEFORE = r"(?:[^\S\t\r\n]|[\"'\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2060\ufeff])*"
_BEGINS = rf"(?={_BEFORE}[{_FORMULA}\t\r])"
# Within a cell, signs with nothing after them are none: "…; --".
_CONTINUES = rf"(?<=[;\t\r\n])(?!{_BEFORE}[+\-＋－]+\Z){_BEGINS}"
_PLACE = re.compile(rf"(?:^{_BEGINS}|{_CONTINUES})")
_MARKED = re.compile(rf"(?:^'{_BEGINS}|(?<=[;\t\r\n])'(?!{_BEFORE}[+\-＋－]+\Z){_BEGINS})")
_SUSPECT = re.compile(rf"[{_FORMULA}\t\r]")


def safe_cell(value: object) -> object:
    """A value as a cell: unknown is empty, and no text is a formula."""
    if not isinstance(value, str):
        return "" if value is None else value
    return _PLACE.sub("'", value) if _SUSPECT.search(value) else value


def original(cell: str) -> str:
    """The text that `safe_cell` made this cell of."""
    return _MARKED.sub("", cell)


def csv_lines(rows: Iterable[Sequence[object]]) -> str:
    """Rows as lines of a table."""
    out = StringIO()
    csv.writer(out, quoting=csv.QUOTE_NONNUMERIC).writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def csv_response(header: Sequence[str], batches: Iterable[Iterable[Sequence[object]]], name: str) -> Response:
    """A table to be saved as `name`.csv, sent batch by batch as its rows are read."""
    first = ",".join(header) + "\r\n"
    lines: Iterator[str] = chain([first], map(csv_lines, batches))
    response = Response(lines, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
