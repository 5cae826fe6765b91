"""The worker: reads what was uploaded, file by file, and makes the history anew at the end of each import.

Every file is kept in a transaction of its own, and the history in one too: a worker that dies leaves nothing
half done, and the next one goes on with the files that are left. Runs as a process beside the site
(`python -m app.history.worker`), so that pages do not wait for it and its memory is given back. One is at
work at a time.
"""

import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from app.history.archive import Entry, NotAnExport, Upload, opened
from app.history.batch import batch_sums
from app.history.build import rebuild
from app.history.limits import (
    RowCount,
    RowLimits,
    TooManyRows,
    limit_cpu,
    limit_memory,
    too_many_for_an_account,
)
from app.history.parent import end_with_parent
from app.history.parse_export import Contents, NotAFile, RejectedRow, read_json
from app.history.uploads import remove, remove_orphans
from app.history.worker_lock import (
    clear_work,
    end_on_sigterm,
    note_work,
    unfinished_work,
    worker_lock,
)
from app.log import set_up_logging
from app.store.engine import Store
from app.store.history import (
    DONE,
    FAILED,
    UNDER_WAY,
    Import,
    UploadRow,
    announce_files,
    end_import,
    files_of,
    find_import,
    keep_file,
    note_failed_upload,
    upload_is_read,
    uploads_in_use,
    uploads_of,
)
from app.store.import_queue import (
    choose,
    drop_imports_beyond,
    due,
    next_import,
    put_off_remake,
    readable_rows,
    remake_died,
    rows_read,
    worker_died,
)
from app.store.retry import Wait, is_passing, patiently

log = logging.getLogger(__name__)

# What the worker's process is told, in its environment.
DATABASE, FOLDER = "HISTORY_DATABASE_URL", "HISTORY_UPLOADS"
IMPORT_ROWS, ACCOUNT_ROWS = "IMPORT_MAX_ROWS", "ACCOUNT_MAX_ROWS"
TOO_MUCH_MEMORY = (
    "This import takes more memory than this site allows. Nothing of it was kept. Send fewer files at a "
    "time, or undo an older import first."
)
BeforeTurn = Callable[[int], None]
_IMPORT, _HISTORY = "import", "history"  # what a worker may be at; a number follows


class Stopped(Exception):
    """The import is over, or is another account's now: cancelled, deleted, moved."""


def work(
    store: Store,
    folder: Path,
    limits: RowLimits = RowLimits(),  # noqa: B008 - immutable
    wait: Wait | None = None,
    before_turn: BeforeTurn = lambda _upload_bytes: None,
) -> None:
    """Does all that is due, unless another worker is at it.

    With `wait`, passing faults of the database are waited out; without it they are raised. `before_turn` is
    told the size of each import's upload before it is read.
    """
    # Asked again after the turn is over: who begins an import while somebody is at work relies on that.
    while patiently(lambda: due(store), wait):
        with worker_lock(folder) as mine:
            if not mine:
                return
            _take_turns(store, folder, limits, wait, before_turn)


def _take_turns(
    store: Store, folder: Path, limits: RowLimits, wait: Wait | None, before_turn: BeforeTurn
) -> None:
    patiently(lambda: _count_death(store, folder), wait)
    patiently(lambda: remove_what_was_left(store, folder), wait)
    served: set[int] = set()
    while patiently(lambda: _take_turn(store, folder, limits, before_turn, served), wait):
        pass


def _count_death(store: Store, folder: Path) -> None:
    """Counts a worker's death against the import, or the account, that it died of."""
    what, _, number = unfinished_work(folder).partition(" ")
    if what == _IMPORT and number.isdigit():
        log.error("a worker died while import %s ran", number)
        if worker_died(store, int(number)):
            remove_uploads(folder, uploads_of(store, int(number)))
    elif what == _HISTORY and number.isdigit():
        log.error("a worker died while the history of account %s was made anew", number)
        remake_died(store, int(number))
    clear_work(folder)


def count_killed_worker(store: Store, folder: Path) -> None:
    """Counts the death of a worker that was killed. To be called by the site that started it.

    One that was killed before it began would have gone on with the import that is running.
    """
    with worker_lock(folder) as mine:
        if mine and not unfinished_work(folder):
            running = next((turn for turn in due(store) if turn.running), None)
            if running is not None:
                note_work(folder, f"{_IMPORT} {running.import_id}")
        if mine:
            _count_death(store, folder)


def _take_turn(
    store: Store, folder: Path, limits: RowLimits, before_turn: BeforeTurn, served: set[int]
) -> bool:
    """Does one import, or makes one history anew; False when nothing is due.

    `served`: accounts that had their turn in this round.
    """
    turn = choose(due(store), served, lambda name: _size(folder / name), time.time())
    if turn is None:
        return False
    try:
        before_turn(sum(_size(folder / name) for name in turn.uploads))
        if turn.import_id is None:
            note_work(folder, f"{_HISTORY} {turn.account_id}")
            _make_anew(store, turn.account_id, limits)
        elif (the := next_import(store, turn.account_id)) is not None:
            note_work(folder, f"{_IMPORT} {the.id}")
            do_import(store, folder, the, limits)
    except SQLAlchemyError:
        clear_work(folder)  # nobody dies of a database that does not answer
        raise
    clear_work(folder)
    served.add(turn.account_id)
    return True


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _make_anew(store: Store, account_id: int, limits: RowLimits) -> None:
    """Makes a history anew that an undone or a joined import has changed."""
    drop_imports_beyond(store, account_id, limits.per_account, too_many_for_an_account(limits))
    try:
        rebuild(store, account_id)
    except IntegrityError:
        log.info("an account was deleted or moved while its history was made")
    except MemoryError:
        log.error("the history of account %d takes more memory than there is", account_id)
        put_off_remake(store, account_id, "not enough memory")


def do_import(store: Store, folder: Path, the: Import, limits: RowLimits = RowLimits()) -> None:  # noqa: B008
    """One import from where it stands to its end."""
    uploads = uploads_of(store, the.id)
    if (note := _import_fails(store, folder, the, uploads, limits)) is not None:
        log.error("an import failed: %s", note)
        _fail(store, folder, the, note)
    now = find_import(store, the.id)
    if now is None or now.state not in UNDER_WAY:
        remove_uploads(folder, uploads)


def _import_fails(
    store: Store, folder: Path, the: Import, uploads: Sequence[UploadRow], limits: RowLimits
) -> str | None:
    """Does the import; a sentence why it cannot be done, once all that it took of memory is free again."""
    try:
        left = [upload for upload in uploads if not upload.read]
        for upload in left:
            _announce(store, folder, the, upload)
        count = RowCount(limits, rows_read(store, the.id), readable_rows(store, the.account_id, the.id))
        for upload in left:
            _read_upload(store, folder, the, upload, count)
        _finish(store, the)
    except Stopped:
        log.info("an import stopped before its end")
    except TooManyRows as error:
        return str(error)
    except MemoryError:
        return TOO_MUCH_MEMORY
    except (OSError, SQLAlchemyError) as error:
        if isinstance(error, SQLAlchemyError) and is_passing(error):
            raise
        log.exception("an import failed")
        return _what_failed(error)
    return None


def _fail(store: Store, folder: Path, the: Import, note: str) -> None:
    """Ends an import that cannot be done.

    Where even that cannot be written, the room of its uploads may help; where not, it is tried again later.
    """
    try:
        end_import(store, the.id, FAILED, note)
    except SQLAlchemyError:
        remove_uploads(folder, uploads_of(store, the.id))
        end_import(store, the.id, FAILED, note)


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


def _read_upload(store: Store, folder: Path, the: Import, upload: UploadRow, count: RowCount) -> None:
    with _noting_failure(store, the, upload), opened(_place_of(folder, upload), upload.name) as found:
        left = _announced(store, the, upload, found)
        for entry in found.entries:
            if entry.place in left:
                _read_file(store, the, upload, found, entry, count)
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


def _read_file(
    store: Store, the: Import, upload: UploadRow, found: Upload, entry: Entry, count: RowCount
) -> None:
    try:
        contents = read_json(found.body(entry), time.time(), count.check)
    except NotAFile as error:
        receipt: dict[str, object] = {"state": FAILED, "note": str(error)}
    except MemoryError:
        receipt = {"state": FAILED, "note": "This file takes more memory than any that Spotify sends."}
    else:
        count.add(contents.read, len(contents.batch))
        receipt = _receipt(contents)
    if not keep_file(store, the, upload.id, entry.place, **receipt):
        raise Stopped


def _receipt(contents: Contents) -> dict[str, object]:
    """Until the history is made, every readable row counts as kept."""
    return {
        "state": DONE,
        "read": contents.read,
        "kept": len(contents.batch),
        "duplicate": 0,
        "unreadable": contents.unreadable,
        "ignored": contents.ignored,
        "oddities": json.dumps(
            {
                "unreadable": _told(contents.unreadable_few),
                "ignored": _told(contents.ignored_few),
                "unreadable_why": dict(contents.unreadable_why),
                "ignored_why": dict(contents.ignored_why),
            }
        ).encode(),
        **batch_sums(contents.batch),
    }


def _told(few: Sequence[RejectedRow]) -> list[tuple[int, str]]:
    return [(one.place, one.why) for one in few]


def _finish(store: Store, the: Import) -> None:
    """Makes the history with what was read; an import of which nothing could be read has failed."""
    states = {file.state for file in files_of(store, the.id)}
    if DONE not in states:
        note = "None of these files could be read."
        if not end_import(store, the.id, FAILED, note):
            raise Stopped
        return
    if not rebuild(store, the.account_id, finished=the):
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
    folder = Path(os.environ[FOLDER])
    limit_memory()
    end_on_sigterm(folder)
    most = {"per_import": os.environ.get(IMPORT_ROWS), "per_account": os.environ.get(ACCOUNT_ROWS)}
    limits = RowLimits(**{name: int(rows) for name, rows in most.items() if rows})
    store = Store(os.environ[DATABASE])
    try:
        work(store, folder, limits, wait=time.sleep, before_turn=limit_cpu)
        store.reclaim()
    finally:
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
