"""Imports as a page tells of them: how far, what each file came to, and taking one back."""

import json
import os
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from app.history.worker import remake, remove_uploads
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
    Import,
    add_import,
    end_import,
    files_of,
    imports_of,
    latest_import,
    undo_import,
    uploads_of,
)

__all__ = ["CANCELLED", "DONE", "FAILED", "QUEUED", "ROWS", "RUNNING", "UNDONE"]


@dataclass(frozen=True)
class Receipt:
    """An import and its files. `rows`: the sums over all files, by ROWS."""

    of: Import
    files: Sequence[FileRow]
    rows: dict[str, int]

    @property
    def under_way(self) -> bool:
        """Whether it is not over."""
        return self.of.state in UNDER_WAY


def accept(site: Site, account_id: int, files: Sequence[tuple[str, IO[bytes]]]) -> int:
    """Takes uploads in, each as what it is called and an open file, and begins their import; its number.

    Raises OSError when the disk is full.
    """
    folder = site.imports.ready()
    uploads: list[tuple[str, str]] = []
    try:
        for name, file in files:
            stored_as = secrets.token_hex(16)
            uploads.append((stored_as, name))
            with (folder / stored_as).open("xb") as copy:
                os.fchmod(copy.fileno(), 0o600)
                while chunk := file.read(1 << 20):
                    copy.write(chunk)
        with kept_for_an_account():
            number = add_import(site.store, account_id, uploads)
    except BaseException:
        for stored_as, _ in uploads:
            (folder / stored_as).unlink(missing_ok=True)
        raise
    site.imports.start()
    return number


def latest(site: Site, account_id: int) -> Receipt | None:
    """The import that was begun last; `None` without any. Sees to it that it goes on."""
    found = latest_import(site.store, account_id)
    if found is None:
        return None
    if found.state in UNDER_WAY:
        site.imports.start()
    return _receipt(site, found)


def all_imports(site: Site, account_id: int) -> list[Receipt]:
    """Every import, newest first."""
    return [_receipt(site, one) for one in imports_of(site.store, account_id)]


def cancel(site: Site, account_id: int, number: int) -> bool:
    """Stops an import of the account's; nothing of it is kept."""
    mine = next((one for one in imports_of(site.store, account_id) if one.id == number), None)
    if mine is None or not end_import(site.store, number, CANCELLED):
        return False
    remove_uploads(site.imports.folder, uploads_of(site.store, number))
    return True


def undo(site: Site, account_id: int, number: int) -> bool:
    """Takes an import of the account's back, exactly."""
    if not undo_import(site.store, account_id, number):
        return False
    remake(site.store, account_id)
    return True


def _receipt(site: Site, of: Import) -> Receipt:
    files = files_of(site.store, of.id)
    sums = {name: sum(file.rows[name] for file in files) for name in ROWS}
    return Receipt(of, files, sums)


def oddities(file: FileRow) -> dict[str, list[tuple[int, str]]]:
    """The first rows of a file that were not kept: "unreadable" and "ignored", each its place and why."""
    told = json.loads(file.oddities)
    return told if isinstance(told, dict) else {}


def rows_a_second(receipt: Receipt, now: float | None = None) -> float | None:
    """How fast an import is read; `None` before it began."""
    began = receipt.of.started_at
    if began is None:
        return None
    ended = receipt.of.finished_at or now or time.time()
    return receipt.rows["read"] / max(ended - began, 0.001)
