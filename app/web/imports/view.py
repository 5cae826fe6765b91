"""The sentences of the import page and of receipts. Days are UTC's."""

from collections import Counter
from datetime import UTC, datetime

from app.web.charts.columns import Columns, columns
from app.web.format import counted, date_span, number
from app.web.imports.report import (
    CANCELLED,
    DONE,
    FAILED,
    QUEUED,
    UNDONE,
    FileRow,
    Receipt,
    rejected_rows,
)

_STATES = {
    DONE: "Done",
    FAILED: "Failed",
    CANCELLED: "Cancelled",
    UNDONE: "Taken back",
}
_A_MOMENT = 0.05  # seconds
_FIT_FOR_A_RATE = 1.0  # seconds; over less, rows a second say nothing


def progress(receipt: Receipt) -> str:
    """How far an import is that is under way."""
    if receipt.state == QUEUED:
        return "Waiting for its turn"
    if not receipt.sums.files:
        return "Opening what you sent"
    read = counted(receipt.rows["read"], "row")
    return f"{read} read, putting them in order" if receipt.reading is None else f"{read} read so far"


def progress_detail(receipt: Receipt, is_first: bool = True) -> str:
    """What is being done for an import that is under way. `is_first`: of the person's own."""
    if receipt.state == QUEUED:
        if is_first:
            return "It begins by itself, in a moment or after other people’s."
        return "Your import before it is being read; this one follows by itself."
    if receipt.reading is None:
        return "The last step: finding what came twice, adding up the years." if receipt.sums.files else ""
    number_of_file = receipt.sums.files - receipt.sums.queued + 1
    return f"File {number_of_file} of {receipt.sums.files}: {receipt.reading.name}"


def rising(receipt: Receipt) -> Columns | None:
    """The rows that are read so far, year by year."""
    return columns(list(receipt.years.items()), "rows")


def title(receipt: Receipt) -> str:
    """What an import is called."""
    files = counted(receipt.sums.files, "file") if receipt.sums.files else "An upload"
    return f"Nothing was kept of {files[0].lower()}{files[1:]}" if receipt.nothing else files


def state(receipt: Receipt) -> str:
    """What became of an import."""
    failed = receipt.sums.notes
    if receipt.state == DONE and failed:
        return f"Done, but {failed} of {counted(receipt.sums.files, 'file')} could not be read"
    return _STATES.get(receipt.state, "Under way")


def has_sums(receipt: Receipt) -> bool:
    """Whether the rows of an import are all counted."""
    return receipt.state in (DONE, UNDONE)


def span(first_at: float | None, last_at: float | None) -> str:
    """From the day of the first play to that of the last; "" without plays."""
    if first_at is None or last_at is None:
        return ""
    return date_span(
        (datetime.fromtimestamp(first_at, UTC).date(), datetime.fromtimestamp(last_at, UTC).date())
    )


def origin(file: FileRow) -> str:
    """Which format a file has, and the days of its plays."""
    return "; ".join(filter(None, (file.format, span(file.first_at, file.last_at))))


def took(receipt: Receipt) -> str:
    """How long an import took, and how fast it was; "" where it never began."""
    seconds = receipt.seconds
    if seconds is None:
        return ""
    if seconds < _A_MOMENT:
        return "a moment"
    words = f"{seconds:.1f} seconds" if seconds < 10 else counted(round(seconds), "second")
    if seconds < _FIT_FOR_A_RATE or receipt.rows["read"] < seconds:
        return words
    return f"{words}, {counted(round(receipt.rows['read'] / seconds), 'row')} a second"


def reasons(why: Counter[str]) -> str:
    """Why rows were not kept, the most frequent reason first, each with its rows."""
    return ", ".join(f"{reason} ({number(rows)})" for reason, rows in why.most_common())


def rejected(file: FileRow) -> list[str]:
    """The first entries of a file that were not kept, and why."""
    return [
        f"Entry {number(place)} {kind}: {why}"
        for kind, entries in rejected_rows(file).few.items()
        for place, why in entries
    ]
