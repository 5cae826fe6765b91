"""The worker: reads what was uploaded, file by file, and makes the history anew at the end of each import.

Every file is kept in a transaction of its own, and the history in one too: a worker that dies leaves nothing
half done, and the next one goes on with the files that are left. Runs as a process beside the site
(`python -m app.history.worker`), so that pages do not wait for it and its memory is given back.
"""

import json
import logging
import os
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from sqlalchemy.exc import SQLAlchemyError

from app.history.archive import Entry, NotAnExport, Upload, opened
from app.history.batch import Batch, Kind
from app.history.parts import make
from app.history.reading import Contents, NotAFile, Oddity, read_json
from app.store.engine import Store
from app.store.history import (
    DONE,
    FAILED,
    ROWS,
    Import,
    UploadRow,
    accounts_with_work,
    announce_files,
    batch_of,
    end_import,
    files_of,
    files_that_count,
    keep_file,
    keep_history,
    listening_of,
    next_import,
    note_failed_upload,
    upload_is_read,
    uploads_of,
)
from app.store.leases import give_back, prolong, take

log = logging.getLogger(__name__)

LEASE_SECONDS = 60.0
DATABASE, FOLDER = "HISTORY_DATABASE_URL", "HISTORY_UPLOADS"


class Stopped(Exception):
    """The import is over: cancelled, deleted, or taken over by another worker."""


def work(store: Store, folder: Path) -> None:
    """Does all imports that are due and that no other worker is at."""
    for account_id in accounts_with_work(store):
        name = lease_name(account_id)
        holder = take(store, name, LEASE_SECONDS)
        if holder is None:
            continue
        try:
            while the := next_import(store, account_id):
                do_import(store, folder, the, lambda: prolong(store, name, holder, LEASE_SECONDS))  # noqa: B023
        finally:
            give_back(store, name, holder)


def lease_name(account_id: int) -> str:
    """Who holds this is at the account's history."""
    return f"history:{account_id}"


def do_import(store: Store, folder: Path, the: Import, goes_on: Callable[[], bool]) -> None:
    """One import from beginning to end. `goes_on` is asked at every file."""
    uploads = uploads_of(store, the.id)
    try:
        for upload in uploads:
            if not upload.read:
                _read_upload(store, folder, the, upload, goes_on)
        _finish(store, the)
    except Stopped:
        log.info("an import stopped before its end")
    except (OSError, MemoryError, SQLAlchemyError) as error:
        log.error("an import failed: %s", type(error).__name__)
        end_import(store, the.id, FAILED, _what_failed(error))
    remove_uploads(folder, uploads)


def remake(store: Store, account_id: int, finished: Import | None = None, state: str = DONE) -> bool:
    """Makes the account's history anew from its files. False when `finished` was over already."""
    threshold_ms = listening_of(store, account_id).threshold_s * 1000
    files = files_that_count(store, account_id)

    def batch(place: int) -> Batch:
        return Batch.unpacked(batch_of(store, files[place]))

    made = make(len(files), batch, threshold_ms, secrets.token_hex(8))
    counts = dict(zip(files, zip(made.kept, made.duplicate, strict=True), strict=True))
    return keep_history(store, account_id, made.parts, counts, finished, state)


def remove_uploads(folder: Path, uploads: Sequence[UploadRow]) -> None:
    """Deletes what was uploaded."""
    for upload in uploads:
        (folder / Path(upload.stored_as).name).unlink(missing_ok=True)


def _read_upload(
    store: Store, folder: Path, the: Import, upload: UploadRow, goes_on: Callable[[], bool]
) -> None:
    try:
        with opened(folder / Path(upload.stored_as).name, upload.name) as found:
            names = [(entry.place, _shown(entry.name)) for entry in found.entries]
            left = announce_files(store, the, upload.id, names)
            for entry in found.entries:
                if entry.place in left:
                    _read_file(store, the, upload, found, entry, goes_on)
    except NotAnExport as error:
        note_failed_upload(store, the, upload.id, _shown(upload.name), str(error))
    except FileNotFoundError:
        note = "The upload is gone from this site's disk. Upload it again."
        note_failed_upload(store, the, upload.id, _shown(upload.name), note)
    upload_is_read(store, upload.id)


def _read_file(
    store: Store, the: Import, upload: UploadRow, found: Upload, entry: Entry, goes_on: Callable[[], bool]
) -> None:
    if not goes_on():
        raise Stopped
    try:
        contents = read_json(found.body(entry), time.time())
    except NotAFile as error:
        receipt: dict[str, object] = {"state": FAILED, "note": str(error)}
    else:
        receipt = _receipt(contents)
    if not keep_file(store, the, upload.id, entry.place, **receipt):
        raise Stopped


def _receipt(contents: Contents) -> dict[str, object]:
    """Until the history is made, every readable row counts as kept."""
    batch = contents.batch
    kinds = np.array([item.kind for item in batch.items], np.int8)
    kind = np.bincount(kinds[batch.columns["item"]], minlength=len(Kind)) if len(batch) else np.zeros(3, int)
    end = batch.columns["end"]
    return {
        "state": DONE,
        "read": contents.read,
        "kept": len(batch),
        "duplicate": 0,
        "unreadable": contents.unreadable,
        "ignored": contents.ignored,
        "music": int(kind[Kind.MUSIC]),
        "podcasts": int(kind[Kind.PODCAST]),
        "audiobooks": int(kind[Kind.AUDIOBOOK]),
        "first_at": float(end.min()) if len(batch) else None,
        "last_at": float(end.max()) if len(batch) else None,
        "oddities": json.dumps(
            {"unreadable": _told(contents.unreadable_few), "ignored": _told(contents.ignored_few)}
        ).encode(),
        "batch": batch.packed() if len(batch) else None,
    }


def _told(few: Sequence[Oddity]) -> list[tuple[int, str]]:
    return [(one.place, one.why) for one in few]


def _finish(store: Store, the: Import) -> None:
    """Makes the history with what was read; an import of which nothing could be read has failed."""
    states = {file.state for file in files_of(store, the.id)}
    if DONE not in states:
        note = "None of these files could be read."
        if not end_import(store, the.id, FAILED, note):
            raise Stopped
        return
    if not remake(store, the.account_id, finished=the):
        raise Stopped


def _shown(name: str) -> str:
    """A name from outside, of a length and of letters that can be kept."""
    whole = name[-500:].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return "".join(one if one.isprintable() else "�" for one in whole)


def _what_failed(error: Exception) -> str:
    said = str(getattr(error, "orig", None) or error).lower()
    if "full" in said or "no space" in said:
        return "The disk of this site is full. Nothing of this import was kept."
    return "This site could not keep the import. Nothing of it was kept; its log says why."


def main() -> int:
    """Works with the database and the folder that the environment names."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    store = Store(os.environ[DATABASE])
    try:
        work(store, Path(os.environ[FOLDER]))
    finally:
        store.close()
    return 0


__all__ = ["ROWS", "do_import", "lease_name", "main", "remake", "remove_uploads", "work"]

if __name__ == "__main__":
    sys.exit(main())
