"""Every CSV that the site writes: UTF-8, RFC 4180, cells that no spreadsheet takes for a formula.

Text is quoted, numbers are not, unknown is empty.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import chain

from flask import Response

from app.csv_cells import safe_cell


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
