"""Imports as their page prints them: progress in a sentence, receipts as sums and lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import g

from app.pages.history.words import day, many, number, span_words
from app.pages.wording import counted, iso
from app.reports.history.imports import (
    CANCELLED,
    DONE,
    FAILED,
    QUEUED,
    UNDONE,
    FileRow,
    Receipt,
    oddities,
    reasons,
    seconds,
    why_nothing_was_kept,
)

_STATES = {
    DONE: "Done",
    FAILED: "Failed",
    CANCELLED: "Cancelled",
    UNDONE: "Taken back",
}
_KINDS = (("music", "music"), ("podcasts", "podcasts"), ("audiobooks", "audiobooks"))
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
    """A receipt. `parts`: the sum's parts, each an amount and a word. `reasons`: why rows were not kept."""

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
    files: tuple[FileView, ...]
    can_undo: bool
    kept: str


@dataclass(frozen=True)
class ImportView:
    """The page. `making`: the history is being made anew. `has_history`: there is something to read."""

    under_way: tuple[Progress, ...]
    receipts: tuple[ReceiptView, ...]
    making: bool
    has_history: bool


def import_view(receipts: Sequence[Receipt], making: bool) -> ImportView:
    """The page about these imports, newest first."""
    under_way = [one for one in receipts if one.under_way]
    return ImportView(
        under_way=tuple(_progress(one) for one in reversed(under_way)),
        receipts=tuple(_receipt(one) for one in receipts if not one.under_way),
        making=making and not under_way,
        has_history=any(one.of.state == DONE and one.rows["kept"] for one in receipts),
    )


def _progress(of: Receipt) -> Progress:
    done = sum(file.state != QUEUED for file in of.files)
    return Progress(
        number=of.of.id,
        sentence=_how_far(of),
        detail=_where(of, done),
        done=done,
        # The history is made at the end, which is a step of its own.
        files=len(of.files) + 1,
        elapsed=seconds(of),
    )


def _how_far(of: Receipt) -> str:
    if of.of.state == QUEUED:
        return "Waiting for its turn"
    if not of.files:
        return "Opening what you sent"
    if of.reading is None:
        return f"{many(of.rows['read'], 'row')} read, putting them in order"
    return f"{many(of.rows['read'], 'row')} read so far"


def _where(of: Receipt, done: int) -> str:
    if of.of.state == QUEUED:
        return "Another import is being read; this one follows by itself."
    if of.reading is None:
        return "The last step: finding what came twice, adding up the years." if of.files else ""
    return f"File {done + 1} of {len(of.files)}: {of.reading.name}"


def _receipt(of: Receipt) -> ReceiptView:
    files = tuple(_file(file) for file in of.files)
    state, rows = of.of.state, of.rows
    told = state in (DONE, UNDONE)
    nothing = why_nothing_was_kept(of.files) if state == DONE else None
    return ReceiptView(
        number=of.of.id,
        title=_title(of),
        state=state,
        state_words="Done, but nothing was kept" if nothing else _state_words(state, files),
        when=_moment(of.of.created_at),
        when_iso=iso(of.of.created_at),
        note=of.of.note or nothing or "",
        read=number(rows["read"]) if told else "",
        parts=tuple((number(rows[name]), _part_word(name, rows[name])) for name in _PARTS) if told else (),
        span=_span(of.files) if told else "",
        kinds=_kinds(of.files) if told else "",
        took=_took(of) if told else "",
        reasons=tuple(_reasons(of.files)) if told else (),
        failed=tuple(one for one in files if one.note),
        files=files,
        can_undo=state == DONE,
        kept=many(rows["kept"], "row"),
    )


def _state_words(state: str, files: Sequence[FileView]) -> str:
    failed = sum(bool(one.note) for one in files)
    if state == DONE and failed:
        return f"Done, but {failed} of {counted(len(files), 'file')} could not be read"
    return _STATES[state]


def _title(of: Receipt) -> str:
    return counted(len(of.files), "file") if of.files else "An upload"


def _moment(epoch: float) -> str:
    zone: ZoneInfo = g.timezone
    moment = datetime.fromtimestamp(epoch, zone)
    return f"{day(moment.date())}, {moment:%H:%M}" + (" (UTC)" if zone.key == "UTC" else "")


def _part_word(name: str, count: int) -> str:
    return ("duplicate" if count == 1 else "duplicates") if name == "duplicate" else name


def _file(file: FileRow) -> FileView:
    told = oddities(file)
    return FileView(
        name=file.name,
        rows=tuple((number(file.rows[name]), name.capitalize()) for name in ("read", *_PARTS)),
        span=_span([file]),
        note=file.note or "",
        odd=tuple(
            f"Entry {number(place)} {word}: {why}"
            for kind, word in (("unreadable", "unreadable"), ("ignored", "ignored"))
            for place, why in told.few[kind]
        ),
    )


def _span(files: Iterable[FileRow]) -> str:
    first = min((file.first_at for file in files if file.first_at is not None), default=None)
    last = max((file.last_at for file in files if file.last_at is not None), default=None)
    return span_words((_day(first), _day(last))) if first is not None and last is not None else ""


def _day(epoch: float) -> date:
    return datetime.fromtimestamp(epoch, UTC).date()


def _kinds(files: Sequence[FileRow]) -> str:
    sums = [(sum(getattr(file, name) for file in files), word) for name, word in _KINDS]
    return ", ".join(f"{number(amount)} {word}" for amount, word in sums if amount)


def _took(of: Receipt) -> str:
    took = seconds(of)
    if took is None:
        return ""
    if took < _A_MOMENT:
        return "a moment"
    words = f"{took:.1f} seconds" if took < 10 else counted(round(took), "second")
    return f"{words}, {many(round(of.rows['read'] / took), 'row')} a second"


def _reasons(files: Sequence[FileRow]) -> Iterable[tuple[str, str]]:
    for kind in ("unreadable", "ignored"):
        if why := reasons(files, kind):
            yield kind.capitalize(), ", ".join(f"{reason} ({number(n)})" for reason, n in why)
