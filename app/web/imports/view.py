"""Imports as their page prints them: progress in a sentence, receipts as sums and lines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from app.web.format import counted, date_span, iso, moment, number
from app.web.imports.report import (
    CANCELLED,
    DONE,
    FAILED,
    QUEUED,
    UNDONE,
    FileRow,
    Receipt,
    oddities,
    seconds,
)

_STATES = {
    DONE: "Done",
    FAILED: "Failed",
    CANCELLED: "Cancelled",
    UNDONE: "Taken back",
}
_PARTS = ("kept", "duplicate", "unreadable", "ignored")
_A_MOMENT = 0.05  # seconds


@dataclass(frozen=True)
class Progress:
    """An import under way. `done` of `files` are read; `elapsed`: seconds since it began, if it has."""

    number: int
    sentence: str
    detail: str
    done: int
    files: int
    elapsed: float | None


@dataclass(frozen=True)
class FileView:
    """A line of a receipt. `rows`: each cell of the table and its column. `odd`: entries not kept."""

    name: str
    rows: tuple[tuple[str, str], ...]
    span: str
    note: str
    odd: tuple[str, ...]


@dataclass(frozen=True)
class ReceiptView:
    """A receipt. `parts`: the sum's parts, each an amount and a word. `reasons`: why rows were not kept.

    `files`, `failed`: the first of each; `all_files`, `more_failed`: how many there are, and how many more.
    """

    number: int
    title: str
    state: str
    state_words: str
    when: str
    when_iso: str
    note: str
    read: str
    parts: tuple[tuple[str, str], ...]
    span: str
    kinds: str
    took: str
    reasons: tuple[tuple[str, str], ...]
    failed: tuple[FileView, ...]
    more_failed: str
    files: tuple[FileView, ...]
    all_files: str
    can_undo: bool
    kept: str


@dataclass(frozen=True)
class ImportView:
    """The page. `making`: the history is being made anew. `has_history`: there is something to read."""

    under_way: tuple[Progress, ...]
    receipts: tuple[ReceiptView, ...]
    making: bool
    has_history: bool


def import_view(receipts: Sequence[Receipt], making: bool, has_history: bool) -> ImportView:
    """The page about these imports."""
    under_way = [one for one in receipts if one.under_way]
    return ImportView(
        under_way=tuple(_progress(one) for one in under_way),
        receipts=tuple(receipt_view(one) for one in receipts if not one.under_way),
        making=making and not under_way,
        has_history=has_history,
    )


def _progress(of: Receipt) -> Progress:
    done = of.sums.files - of.sums.queued
    return Progress(
        number=of.of.id,
        sentence=_how_far(of),
        detail=_where(of, done),
        done=done,
        # The history is made at the end, which is a step of its own.
        files=of.sums.files + 1,
        elapsed=seconds(of),
    )


def _how_far(of: Receipt) -> str:
    if of.of.state == QUEUED:
        return "Waiting for its turn"
    if not of.sums.files:
        return "Opening what you sent"
    if of.reading is None:
        return f"{counted(of.rows['read'], 'row')} read, putting them in order"
    return f"{counted(of.rows['read'], 'row')} read so far"


def _where(of: Receipt, done: int) -> str:
    if of.of.state == QUEUED:
        return "Another import is being read; this one follows by itself."
    if of.reading is None:
        return "The last step: finding what came twice, adding up the years." if of.sums.files else ""
    return f"File {done + 1} of {of.sums.files}: {of.reading.name}"


def receipt_view(of: Receipt) -> ReceiptView:
    """A receipt as it is printed, with the files that it has at hand."""
    more_failed = of.sums.notes - len(of.failed)
    state, rows = of.of.state, of.rows
    told = state in (DONE, UNDONE)
    return ReceiptView(
        number=of.of.id,
        title=_title(of),
        state=state,
        state_words="Done, but nothing was kept" if of.nothing else _state_words(of),
        when=moment(of.of.created_at),
        when_iso=iso(of.of.created_at),
        note=of.of.note or of.nothing or "",
        read=number(rows["read"]) if told else "",
        parts=tuple((number(rows[name]), _part_word(name, rows[name])) for name in _PARTS) if told else (),
        span=_span(of.sums.first_at, of.sums.last_at) if told else "",
        kinds=_kinds(of.sums.kinds) if told else "",
        took=_took(of) if told else "",
        reasons=tuple(_reasons(of)) if told else (),
        failed=tuple(_file(one) for one in of.failed),
        more_failed=f"{counted(more_failed, 'more file')} could not be read." if more_failed else "",
        files=tuple(_file(one) for one in of.files),
        all_files=number(of.sums.files) if of.sums.files > len(of.files) else "",
        can_undo=state == DONE,
        kept=counted(rows["kept"], "row"),
    )


def _state_words(of: Receipt) -> str:
    state, failed = of.of.state, of.sums.notes
    if state == DONE and failed:
        return f"Done, but {failed} of {counted(of.sums.files, 'file')} could not be read"
    return _STATES.get(state, "Under way")


def _title(of: Receipt) -> str:
    return counted(of.sums.files, "file") if of.sums.files else "An upload"


def _part_word(name: str, count: int) -> str:
    return ("duplicate" if count == 1 else "duplicates") if name == "duplicate" else name


def _file(file: FileRow) -> FileView:
    told = oddities(file)
    return FileView(
        name=file.name,
        rows=tuple((number(file.rows[name]), name.capitalize()) for name in ("read", *_PARTS)),
        span=_span(file.first_at, file.last_at),
        note=file.note or "",
        odd=tuple(
            f"Entry {number(place)} {word}: {why}"
            for kind, word in (("unreadable", "unreadable"), ("ignored", "ignored"))
            for place, why in told.few[kind]
        ),
    )


def _span(first: float | None, last: float | None) -> str:
    return date_span((_day(first), _day(last))) if first is not None and last is not None else ""


def _day(epoch: float) -> date:
    return datetime.fromtimestamp(epoch, UTC).date()


def _kinds(sums: Mapping[str, int]) -> str:
    return ", ".join(f"{number(amount)} {name}" for name, amount in sums.items() if amount)


def _took(of: Receipt) -> str:
    took = seconds(of)
    if took is None:
        return ""
    if took < _A_MOMENT:
        return "a moment"
    words = f"{took:.1f} seconds" if took < 10 else counted(round(took), "second")
    return f"{words}, {counted(round(of.rows['read'] / took), 'row')} a second"


def _reasons(of: Receipt) -> Iterable[tuple[str, str]]:
    for kind, why in of.why.items():
        if why:
            yield kind.capitalize(), ", ".join(f"{reason} ({number(n)})" for reason, n in why.most_common())
