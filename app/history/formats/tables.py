"""CSV files whose header names their columns, whatever separates the cells: comma, semicolon or tab."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from operator import itemgetter

from app.history.formats.rows import NotAFile
from app.history.formats.text import DELIMITERS, EMPTY, Cells, columns, csv_rows, may_have_header


def find_table(
    held: bytes | str, required: Sequence[str], optional: Sequence[str] = (), before: int = 0
) -> tuple[dict[str, int], Iterator[Cells | None]] | None:
    """Where each column is, and the rows under the header; `None` where there is no such table.

    `held`: a file or how it begins. `before`: how many lines may come before the header.
    """
    for delimiter in DELIMITERS:
        rows = csv_rows(held, delimiter)
        for cells in islice(rows, before + 1):
            places = columns(cells, required, optional)
            if places is not None:
                return places, rows
    return None


def table(
    body: bytes, required: Sequence[str], optional: Sequence[str] = (), before: int = 0
) -> tuple[dict[str, int], Iterator[Cells | None]]:
    """As `find_table`. Raises NotAFile where there is none."""
    found = find_table(body, required, optional, before)
    if found is None:
        lacks = f"This table lacks a header with the columns {', '.join(required)}."
        raise NotAFile(lacks if body.strip() else EMPTY)
    return found


def has_table(text: str, required: Sequence[str], before: int = 0) -> bool:
    """Whether a file that begins so is such a table."""
    return may_have_header(text) and find_table(text, required, before=before) is not None


def picker(places: Sequence[int | None]) -> Callable[[Cells], tuple[str, ...]]:
    """What takes the cells of at least two columns out of a row. A cell that is not there holds nothing."""
    width = 1 + max((place for place in places if place is not None), default=0)
    pick = itemgetter(*(width if place is None else place for place in places))

    def picked(cells: Cells) -> tuple[str, ...]:
        if len(cells) <= width:
            cells = cells + [""] * (1 + width - len(cells))
        cells[width] = ""
        found: tuple[str, ...] = pick(cells)
        return found

    return picked
