"""Imports as a page tells of them: how far, what each file came to, and taking one back."""

import errno
import json
import os
import secrets
import shutil
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from sqlalchemy.exc import SQLAlchemyError

from app.history.worker import remove_uploads, shown
from app.reports.accounts import kept_for_an_account
from app.site import Site
from app.store.history import (
    CANCELLED,
    DONE,
    FAILED,
    QUEUED,
    ROWS,
    RUNNING,
    UNDER_WAY,
    UNDONE,
    FileRow,
    FileSums,
    Import,
    add_import,
    end_import,
    file_sums,
    files_of,
    files_that_count,
    files_with_notes,
    find_import,
    history_size,
    imports_in_turn,
    latest_import,
    next_file,
    oddities_of,
    stale_mark,
    undo_import,
    uploads_of,
)

__all__ = ["CANCELLED", "DONE", "FAILED", "QUEUED", "ROWS", "RUNNING", "UNDONE", "FileRow"]

FILES = 1000  # of an import that are told of at once
SPARE = 64 * 2**20  # bytes that an upload leaves free on the disk, for the database
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class NoRoom(Exception):
    """The disk of this site is full."""


@dataclass(frozen=True)
class Receipt:
    """An import, some of its files, and the sums over all of them. `reading`: the file that it is at."""

    of: Import
    files: Sequence[FileRow]
    sums: FileSums
    reading: FileRow | None

    @property
    def under_way(self) -> bool:
        """Whether it is not over."""
        return self.of.state in UNDER_WAY

    @property
    def rows(self) -> Mapping[str, int]:
        """The rows of all files, by ROWS."""
        return self.sums.rows


def has_room(site: Site, size: int) -> bool:
    """Whether an upload of so many bytes fits on the disk."""
    return shutil.disk_usage(site.imports.ready()).free > size + SPARE


def receiving_file(site: Site) -> IO[bytes]:
    """Where one file of an upload is written while it comes in; it is gone when it is closed."""
    return NamedTemporaryFile("w+b", dir=site.imports.ready(), prefix="incoming-")


def is_full(error: BaseException) -> bool:
    """Whether an error says that there is no room left, on a disk or in the database."""
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    said = str(getattr(error, "orig", "")).lower()
    return isinstance(error, SQLAlchemyError) and ("is full" in said or "no space" in said)


def accept(site: Site, account_id: int, files: Sequence[tuple[str, IO[bytes]]]) -> int:
    """Takes uploads in, each as what it is called and an open file, and begins their import; its number.

    Raises NoRoom: then nothing is kept.
    """
    folder = site.imports.ready()
    uploads: list[tuple[str, str]] = []
    try:
        for name, file in files:
            stored_as = secrets.token_hex(16)
            uploads.append((stored_as, shown(name)))
            _keep(file, folder / stored_as)
        with kept_for_an_account():
            number = add_import(site.store, account_id, uploads)
    except BaseException as error:
        for stored_as, _ in uploads:
            (folder / stored_as).unlink(missing_ok=True)
        if is_full(error):
            raise NoRoom from error
        raise
    site.imports.start()
    return number


def _keep(file: IO[bytes], place: Path) -> None:
    """Puts an upload at its place: a file of `receiving_file` is there already but for its name."""
    here = getattr(file, "name", None)
    if isinstance(here, str):
        file.flush()
        try:
            os.link(here, place)
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise
        else:
            return
    with place.open("xb") as copy:
        os.fchmod(copy.fileno(), 0o600)
        shutil.copyfileobj(file, copy, 1 << 20)


def latest(
    site: Site, account_id: int, number: int | None = None, first: int = 0, most: int = FILES
) -> Receipt | None:
    """The import that was begun last, or the one of that number, with so many of its files from `first` on;
    `None` without it. Sees to it that it goes on.
    """
    found = latest_import(site.store, account_id) if number is None else find_import(site.store, number)
    if found is None or found.account_id != account_id:
        return None
    if found.state in UNDER_WAY:
        site.imports.start()
    return _receipt(site, found, first, most)


def some_imports(site: Site, account_id: int, first: int, most: int, files: int) -> list[Receipt]:
    """Some of the account's imports, each with so many of its files: those under way, in the order in which
    they are done; then the others, newest first.
    """
    found = imports_in_turn(site.store, account_id, first, most)
    return [_receipt(site, one, 0, files) for one in found]


def how_many(site: Site, account_id: int) -> int:
    """How many imports the account has."""
    return history_size(site.store, account_id)


def has_history(site: Site, account_id: int) -> bool:
    """Whether an import of the account's is done."""
    return bool(files_that_count(site.store, account_id))


def reasons(site: Site, receipt: Receipt) -> dict[str, Counter[str]]:
    """Why rows of an import were not kept, and how many for each reason; by "unreadable" and "ignored"."""
    why: dict[str, Counter[str]] = {"unreadable": Counter(), "ignored": Counter()}
    for body in oddities_of(site.store, receipt.of.id):
        for kind, counts in _oddities(body).why.items():
            why[kind].update(counts)
    return why


def not_read(site: Site, receipt: Receipt, most: int) -> list[FileRow]:
    """The first files of an import that could not be read."""
    return files_with_notes(site.store, receipt.of.id, most) if receipt.sums.notes else []


def cancel(site: Site, account_id: int, number: int) -> bool:
    """Stops an import of the account's; nothing of it is kept. False when it was over already."""
    found = find_import(site.store, number)
    if found is None or found.account_id != account_id or not end_import(site.store, number, CANCELLED):
        return False
    remove_uploads(site.imports.folder, uploads_of(site.store, number))
    return True


def undo(site: Site, account_id: int, number: int) -> bool:
    """Takes an import of the account's back, exactly: its rows at once, the history as soon as it is made
    anew. False when it is not done, or not theirs.
    """
    if not undo_import(site.store, account_id, number):
        return False
    site.imports.start()
    return True


def being_made(site: Site, account_id: int) -> bool:
    """Whether the history is being made anew without an import: one was taken back, or two were joined."""
    if stale_mark(site.store, account_id) is None:
        return False
    site.imports.start()
    return True


def _receipt(site: Site, of: Import, first: int, most: int) -> Receipt:
    files = files_of(site.store, of.id, first, most)
    reading = next_file(site.store, of.id) if of.state == RUNNING else None
    return Receipt(of, files, file_sums(site.store, of.id), reading)


@dataclass(frozen=True)
class Oddities:
    """What a file held that was not kept. `few`: the first, each its place and why; `why`: how many for each
    reason; both by "unreadable" and "ignored".
    """

    few: Mapping[str, Sequence[tuple[int, str]]]
    why: Mapping[str, Mapping[str, int]]


def oddities(file: FileRow) -> Oddities:
    """What was not kept of a file."""
    return _oddities(file.oddities)


def _oddities(body: bytes) -> Oddities:
    told = json.loads(body)
    told_of: dict[str, Any] = told if isinstance(told, dict) else {}
    kinds = ("unreadable", "ignored")
    return Oddities(
        few={kind: [(place, why) for place, why in told_of.get(kind, ())] for kind in kinds},
        why={kind: told_of.get(f"{kind}_why", {}) for kind in kinds},
    )


def seconds(receipt: Receipt) -> float | None:
    """How long an import took, or has taken until now; `None` before it began."""
    of = receipt.of
    return None if of.started_at is None else (of.finished_at or time.time()) - of.started_at
