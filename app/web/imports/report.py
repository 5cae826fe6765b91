"""Imports as a page tells of them: how far, what each file came to, and taking one back."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from app.account_writes import kept_for_an_account
from app.history import uploads
from app.history.outcome import count_reasons, count_years, rejected_rows, why_nothing_was_kept
from app.history.uploads import shown
from app.site import Site
from app.store.faults import is_full
from app.store.history import history_size, stale_mark, undo_import
from app.store.imports import (
    CANCELLED,
    DONE,
    FAILED,
    QUEUED,
    ROWS,
    RUNNING,
    UNDER_WAY,
    UNDONE,
    Import,
    QueueFull,
    end_import,
    find_import,
    imports_in_turn,
    latest_import,
    uploads_of,
)
from app.store.receipts import (
    FileRow,
    FileSums,
    file_sums,
    files_of,
    files_that_count,
    files_with_notes,
    next_file,
    read_files_of,
    rejected_of,
)

__all__ = [
    "CANCELLED",
    "DONE",
    "FAILED",
    "QUEUED",
    "ROWS",
    "RUNNING",
    "UNDONE",
    "FileRow",
    "QueueFull",
    "rejected_rows",
]

FAILED_SHOWN = 20  # files of an import that could not be read
FILES = 1000  # of an import that are told of at once


class NoRoom(Exception):
    """The disk of this site is full."""


@dataclass(frozen=True)
class Receipt:
    """An import, some of its files, and the sums over all of them. `reading`: the file that it is at.

    `note`: what went wrong with it as a whole. `seconds`: how long it took, or has taken until now; `None`
    before it began. `years`: how many rows are read of each year so far, while it is under way. Once it is
    over: `failed`, the first files that could not be read; `why`, how many rows were not kept for each
    reason, by "unreadable" and "ignored"; `nothing`, why nothing was kept, if nothing was.
    """

    number: int
    state: str
    created_at: float
    seconds: float | None
    note: str | None
    files: Sequence[FileRow]
    sums: FileSums
    reading: FileRow | None
    failed: Sequence[FileRow]
    why: Mapping[str, Counter[str]]
    nothing: str | None
    years: Mapping[str, int]

    @property
    def under_way(self) -> bool:
        """Whether it is not over."""
        return self.state in UNDER_WAY

    @property
    def rows(self) -> Mapping[str, int]:
        """The rows of all files, by ROWS."""
        return self.sums.rows


@dataclass(frozen=True)
class ImportList:
    """Some of an account's imports: those under way, in the order in which they are done; those that are
    over, newest first. `count`: how many there are in all.

    `being_made`: the history is being made anew without an import. `has_history`: an import is done.
    """

    under_way: Sequence[Receipt] = ()
    over: Sequence[Receipt] = ()
    count: int = 0
    being_made: bool = False
    has_history: bool = False


def reserve(site: Site, size: int) -> IO[bytes]:
    """Sets so many bytes of the disk aside for an upload, until what is returned is closed. Raises NoRoom."""
    reserved = uploads.reserve(site.uploads.ready(), size, uploads.SPARE)
    if reserved is None:
        raise NoRoom
    return reserved


def room(site: Site) -> int:
    """How many bytes an upload may have, beside all others that are on their way in."""
    return max(0, uploads.room(site.uploads.ready()) - uploads.SPARE)


def receiving_file(site: Site) -> IO[bytes]:
    """Where one file of an upload is written while it comes in; it is gone when it is closed."""
    return uploads.incoming_file(site.uploads.ready())


def accept(
    site: Site,
    account_id: int,
    files: Sequence[tuple[str, IO[bytes]]],
    zone: str | None = None,
    day_first: bool | None = None,
) -> int:
    """Takes uploads in, each as what it is called and an open file, and begins their import; its number.

    `zone`, `day_first`: as in Import. Raises NoRoom or QueueFull: then nothing is kept.
    """
    named = [(shown(name), file) for name, file in files]
    try:
        with kept_for_an_account():
            number = site.uploads.queue(account_id, named, zone, day_first)
    except Exception as error:
        if is_full(error):
            raise NoRoom from error
        raise
    site.jobs.read_imports()
    return number


def latest(
    site: Site, account_id: int, number: int | None = None, first: int = 0, most: int = FILES
) -> Receipt | None:
    """The import that was begun last, or the one of that number, with so many of its files from `first` on;
    `None` without it.
    """
    found = latest_import(site.store, account_id) if number is None else find_import(site.store, number)
    if found is None or found.account_id != account_id:
        return None
    return _receipt(site, found, first, most)


def import_list(site: Site, account_id: int | None, first: int, most: int, files: int) -> ImportList:
    """So many of the account's imports from `first` on, each with so many of its files."""
    if account_id is None:
        return ImportList()
    receipts = [_receipt(site, row, 0, files) for row in imports_in_turn(site.store, account_id, first, most)]
    return ImportList(
        under_way=[receipt for receipt in receipts if receipt.under_way],
        over=[receipt for receipt in receipts if not receipt.under_way],
        count=history_size(site.store, account_id),
        being_made=being_made(site, account_id),
        has_history=bool(files_that_count(site.store, account_id)),
    )


def cancel(site: Site, account_id: int, number: int) -> bool:
    """Stops an import of the account's; nothing of it is kept. False when it was over already."""
    found = find_import(site.store, number)
    if found is None or found.account_id != account_id or not end_import(site.store, number, CANCELLED):
        return False
    site.uploads.remove(one.stored_as for one in uploads_of(site.store, number))
    return True


def undo(site: Site, account_id: int, number: int) -> bool:
    """Takes an import of the account's back, exactly: its rows at once, the history as soon as it is made
    anew. False when it is not done, or not theirs.
    """
    if not undo_import(site.store, account_id, number):
        return False
    site.jobs.read_imports()
    return True


def being_made(site: Site, account_id: int) -> bool:
    """Whether the history is being made anew without an import: one was taken back, or two were joined."""
    return stale_mark(site.store, account_id) is not None


def _receipt(site: Site, row: Import, first: int, most: int) -> Receipt:
    sums = file_sums(site.store, row.id)
    over = row.state in (DONE, UNDONE)
    rejected = list(rejected_of(site.store, row.id)) if over else []
    ended = row.finished_at or time.time()
    return Receipt(
        number=row.id,
        state=row.state,
        created_at=row.created_at,
        seconds=None if row.started_at is None else ended - row.started_at,
        note=row.note,
        files=files_of(site.store, row.id, first, most),
        sums=sums,
        reading=next_file(site.store, row.id) if row.state == RUNNING else None,
        failed=files_with_notes(site.store, row.id, FAILED_SHOWN) if sums.notes else [],
        why=count_reasons(rejected),
        nothing=why_nothing_was_kept(sums.rows, lambda: rejected) if row.state == DONE else None,
        years=count_years(read_files_of(site.store, row.id)) if row.state == RUNNING else {},
    )
