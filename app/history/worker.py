"""The worker: reads what was uploaded, file by file, and makes the history anew at the end of each import.

Every file is kept in a transaction of its own, and the history in one too: a worker that dies leaves nothing
half done, and the next one goes on with the files that are left. Runs as a process beside the site
(`python -m app.history.worker`), so that pages do not wait for it and its memory is given back. One is at
work at a time.
"""

import json
import logging
import os
import resource
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from app.history.archive import Entry, NotAnExport, Upload, opened
from app.history.batch import Batch, Kind, starts
from app.history.parent import end_with_parent
from app.history.parts import make
from app.history.reading import Contents, NotAFile, Oddity, read_json
from app.history.turn import my_turn
from app.history.uploads import remove, remove_orphans
from app.log import set_up_logging
from app.store.engine import Store
from app.store.history import (
    DONE,
    FAILED,
    UNDER_WAY,
    Import,
    UploadRow,
    accounts_with_work,
    announce_files,
    batch_of,
    end_import,
    files_of,
    files_that_count,
    find_import,
    keep_file,
    keep_history,
    listening_of,
    next_import,
    note_failed_upload,
    stale_mark,
    upload_is_read,
    uploads_in_use,
    uploads_of,
)

log = logging.getLogger(__name__)

DATABASE, FOLDER = "HISTORY_DATABASE_URL", "HISTORY_UPLOADS"
MEMORY = 3 * 2**29  # bytes for reading one file: 1.5 GiB, some ten times what Spotify's need


class Stopped(Exception):
    """The import is over, or is another account's now: cancelled, deleted, moved."""


def work(store: Store, folder: Path) -> None:
    """Does all that is due, unless another worker is at it."""
    # Asked again after the turn is over: who begins an import while somebody is at work relies on that.
    while accounts := accounts_with_work(store):
        with my_turn(folder) as mine:
            if not mine:
                return
            remove_what_was_left(store, folder)
            for account_id in accounts:
                _work_for(store, folder, account_id)


def _work_for(store: Store, folder: Path, account_id: int) -> None:
    while the := next_import(store, account_id):
        do_import(store, folder, the)
    if stale_mark(store, account_id) is not None:
        try:
            remake(store, account_id)
        except IntegrityError:
            log.info("an account was deleted or moved while its history was made")


def do_import(store: Store, folder: Path, the: Import) -> None:
    """One import from where it stands to its end."""
    uploads = uploads_of(store, the.id)
    try:
        left = [upload for upload in uploads if not upload.read]
        for upload in left:
            _announce(store, folder, the, upload)
        for upload in left:
            _read_upload(store, folder, the, upload)
        _finish(store, the)
    except Stopped:
        log.info("an import stopped before its end")
    except (OSError, MemoryError, SQLAlchemyError) as error:
        log.exception("an import failed")
        _fail(store, folder, the, _what_failed(error))
    now = find_import(store, the.id)
    if now is None or now.state not in UNDER_WAY:
        remove_uploads(folder, uploads)


def _fail(store: Store, folder: Path, the: Import, note: str) -> None:
    """Ends an import that cannot be done.

    Where even that cannot be written, the room of its uploads may help; where not, it is tried again later.
    """
    try:
        end_import(store, the.id, FAILED, note)
    except SQLAlchemyError:
        remove_uploads(folder, uploads_of(store, the.id))
        end_import(store, the.id, FAILED, note)


class _Gone(Exception):
    """A file's rows were taken away while a history was made of them."""


def remake(store: Store, account_id: int, finished: Import | None = None, state: str = DONE) -> bool:
    """Makes the account's history anew from its files. False when `finished` was over already."""
    while True:
        try:
            return _remake(store, account_id, finished, state)
        except _Gone:
            log.info("an import was taken back meanwhile: the history is made once more")


def _remake(store: Store, account_id: int, finished: Import | None, state: str) -> bool:
    mark = stale_mark(store, account_id)
    threshold_ms = listening_of(store, account_id).threshold_s * 1000
    files = files_that_count(store, account_id, finished)

    def batch(place: int) -> Batch:
        rows = batch_of(store, files[place])
        if rows is None:
            raise _Gone
        return Batch.unpacked(rows)

    made = make(len(files), batch, threshold_ms, secrets.token_hex(8))
    counts = dict(zip(files, zip(made.kept, made.duplicate, strict=True), strict=True))
    return keep_history(store, account_id, made.parts, counts, finished, state, mark)


def remove_uploads(folder: Path, uploads: Sequence[UploadRow]) -> None:
    """Deletes what was uploaded."""
    for upload in uploads:
        remove(folder, upload.stored_as)


def remove_what_was_left(store: Store, folder: Path) -> None:
    """Deletes uploads that belong to no import under way: whoever should have done it was stopped before."""
    remove_orphans(folder, lambda: {upload.stored_as for upload in uploads_in_use(store)})


def _announce(store: Store, folder: Path, the: Import, upload: UploadRow) -> None:
    """Notes the files of an upload before the first of all is read, so that it shows how much there is."""
    with _noting_failure(store, the, upload), opened(_place_of(folder, upload), upload.name) as found:
        _announced(store, the, upload, found)


def _read_upload(store: Store, folder: Path, the: Import, upload: UploadRow) -> None:
    with _noting_failure(store, the, upload), opened(_place_of(folder, upload), upload.name) as found:
        left = _announced(store, the, upload, found)
        for entry in found.entries:
            if entry.place in left:
                _read_file(store, the, upload, found, entry)
    upload_is_read(store, upload.id)


def _announced(store: Store, the: Import, upload: UploadRow, found: Upload) -> set[int]:
    names = [(entry.place, shown(entry.name)) for entry in found.entries]
    left = announce_files(store, the, upload.id, names)
    if left is None:
        raise Stopped
    return left


@contextmanager
def _noting_failure(store: Store, the: Import, upload: UploadRow) -> Iterator[None]:
    """An upload that cannot be used gets a receipt that says why; the others go on."""
    try:
        yield
    except NotAnExport as error:
        note = str(error)
    except FileNotFoundError:
        note = "The upload is gone from this site's disk. Upload it again."
    else:
        return
    if not note_failed_upload(store, the, upload.id, shown(upload.name), shown(note)):
        raise Stopped


def _place_of(folder: Path, upload: UploadRow) -> Path:
    return folder / Path(upload.stored_as).name


def _read_file(store: Store, the: Import, upload: UploadRow, found: Upload, entry: Entry) -> None:
    try:
        with _little_memory():
            contents = read_json(found.body(entry), time.time())
    except NotAFile as error:
        receipt: dict[str, object] = {"state": FAILED, "note": str(error)}
    except MemoryError:
        receipt = {"state": FAILED, "note": "This file takes more memory than any that Spotify sends."}
    else:
        receipt = _receipt(contents)
    if not keep_file(store, the, upload.id, entry.place, **receipt):
        raise Stopped


@contextmanager
def _little_memory() -> Iterator[None]:
    """Lets what a file claims fail rather than take all the memory of the machine."""
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _receipt(contents: Contents) -> dict[str, object]:
    """Until the history is made, every readable row counts as kept."""
    batch = contents.batch
    kinds = np.array([item.kind for item in batch.items], np.int8)
    kind = np.bincount(kinds[batch.columns["item"]], minlength=len(Kind)) if len(batch) else np.zeros(3, int)
    start = starts(batch.columns) // 1000
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
        "first_at": float(start.min()) if len(batch) else None,
        "last_at": float(start.max()) if len(batch) else None,
        "oddities": json.dumps(
            {
                "unreadable": _told(contents.unreadable_few),
                "ignored": _told(contents.ignored_few),
                "unreadable_why": dict(contents.unreadable_why),
                "ignored_why": dict(contents.ignored_why),
            }
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


def shown(name: str) -> str:
    """A name from outside, of a length and of letters that can be kept."""
    whole = name[-500:].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return "".join(one if one.isprintable() else "�" for one in whole)


def _what_failed(error: Exception) -> str:
    said = str(getattr(error, "orig", None) or error).lower()
    if "full" in said or "no space" in said or "quota" in said:
        return "The disk of this site is full. Nothing of this import was kept."
    return "This site could not keep the import. Nothing of it was kept; its log says why."


def main() -> int:
    """Works with the database and the folder that the environment names."""
    set_up_logging()
    end_with_parent()
    store = Store(os.environ[DATABASE])
    try:
        work(store, Path(os.environ[FOLDER]))
        store.reclaim()
    finally:
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
