"""Reads what was uploaded, file by file, and makes the history anew at the end of each import.

Every file is kept in a transaction of its own, and the history in one too: a process that dies leaves nothing
half done, and the next one goes on with the files that are left. Runs as a process of its own
(`python -m app.history.import_job`), so that pages do not wait for it and its memory is given back. One
process at a time is at the imports of an account.
"""

import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from app.child_process import end_with_parent, work_in_the_background
from app.history.archive import Entry, Upload, opened
from app.history.batch import batch_sums, rows_by_year
from app.history.build import rebuild
from app.history.formats import spotify
from app.history.formats.rows import Contents, NotAFile, Reading, RejectedRow
from app.history.import_process import ACCOUNT_ROWS, DATABASE, FOLDER, IMPORT_ROWS
from app.history.limits import (
    RowCount,
    RowLimits,
    TooManyRows,
    limit_cpu,
    limit_memory,
    too_many_for_an_account,
)
from app.history.sniffing import is_of_folder
from app.history.uploads import Uploads, shown
from app.history.zips import NoPlays, NotAnExport
from app.log import set_up_logging
from app.store.engine import Store
from app.store.import_queue import (
    Due,
    count_death,
    drop_imports_beyond,
    lease_name,
    next_import,
    next_turn,
    put_off_remake,
    readable_rows,
    rows_read,
)
from app.store.imports import (
    DONE,
    FAILED,
    UNDER_WAY,
    Import,
    UploadRow,
    end_import,
    find_import,
    upload_is_read,
    uploads_of,
)
from app.store.locks import IMPORT_LEASE_SECONDS, give_back, process_holder, prolonged
from app.store.receipts import announce_files, files_of, keep_file, note_failed_upload
from app.store.retry import Wait, is_passing, patiently

log = logging.getLogger(__name__)

TOO_MUCH_MEMORY = (
    "This import takes more memory than this site allows. Nothing of it was kept. Send fewer files at a "
    "time, or undo an older import first."
)
BeforeTurn = Callable[[int], None]


class Stopped(Exception):
    """The import is over, or is another account's now: cancelled, deleted, moved."""


class ImportJob:
    """Does what is due, a turn at a time: an import of one account, or making its history anew.

    With `wait`, passing faults of the database are waited out; without it they are raised. `before_turn` is
    told the size of each import's upload before it is read. `only`: for this account alone.
    """

    def __init__(
        self,
        store: Store,
        folder: Path,
        limits: RowLimits = RowLimits(),  # noqa: B008 - immutable
        wait: Wait | None = None,
        before_turn: BeforeTurn = lambda _upload_bytes: None,
        only: int | None = None,
    ) -> None:
        self._store = store
        self._uploads = Uploads(store, folder)
        self._limits = limits
        self._wait = wait
        self._before_turn = before_turn
        self._only = only
        self._holder = process_holder()
        self._lease: str | None = None

    def work(self, lost: Callable[[], object] = lambda: None) -> None:
        """Does all that is due, but for accounts that another process is at. `lost` is called where one takes
        over from this, which took it for dead.
        """
        patiently(self._uploads.remove_orphans, self._wait)
        served: set[int] = set()  # accounts that had their turn in this round
        while patiently(lambda: self._take_turn(served, lost), self._wait):
            pass

    def release_lease(self) -> None:
        """Notes that this process did not die of what it is at. It should end now."""
        if self._lease is not None:
            with suppress(SQLAlchemyError):
                give_back(self._store, self._lease, self._holder)

    def _take_turn(self, served: set[int], lost: Callable[[], object]) -> bool:
        """Takes the next turn; False when nothing is due."""
        turn = next_turn(self._store, served, self._uploads.size, self._holder, self._only)
        if turn is None:
            return False
        self._lease = lease_name(turn.account_id)
        try:
            with prolonged(self._store, self._lease, self._holder, IMPORT_LEASE_SECONDS, lost):
                self._do(turn)
        except SQLAlchemyError:
            raise  # nobody dies of a database that does not answer
        except Exception:
            count_death(self._store, turn)
            raise
        finally:
            self.release_lease()
            self._lease = None
        served.add(turn.account_id)
        return True

    def _do(self, turn: Due) -> None:
        self._before_turn(sum(map(self._uploads.size, turn.uploads)))
        if turn.import_id is None:
            _rebuild(self._store, turn.account_id, self._limits)
            return
        import_ = next_import(self._store, turn.account_id)
        if import_ is not None:
            do_import(self._store, self._uploads, import_, self._limits)
        if import_ is None or import_.id != turn.import_id:
            _remove_if_over(self._store, self._uploads, turn.import_id)


def work(
    store: Store,
    folder: Path,
    limits: RowLimits = RowLimits(),  # noqa: B008 - immutable
    wait: Wait | None = None,
) -> None:
    """Does all that is due, in this process."""
    ImportJob(store, folder, limits, wait).work()


def _rebuild(store: Store, account_id: int, limits: RowLimits) -> None:
    """Makes a history anew that an undone or a joined import has changed."""
    drop_imports_beyond(store, account_id, limits.per_account, too_many_for_an_account(limits))
    try:
        rebuild(store, account_id)
    except IntegrityError:
        log.info("an account was deleted or moved while its history was made")
    except MemoryError:
        log.error("the history of account %d takes more memory than there is", account_id)
        put_off_remake(store, account_id, "not enough memory")


def do_import(store: Store, uploads: Uploads, import_: Import, limits: RowLimits = RowLimits()) -> None:  # noqa: B008
    """One import from where it stands to its end."""
    rows = uploads_of(store, import_.id)
    if (note := _import_fails(store, uploads, import_, rows, limits)) is not None:
        log.error("an import failed: %s", note)
        _fail(store, uploads, import_, note)
    _remove_if_over(store, uploads, import_.id, rows)


def _remove_if_over(
    store: Store, uploads: Uploads, import_id: int, rows: Sequence[UploadRow] | None = None
) -> None:
    now = find_import(store, import_id)
    if now is None or now.state not in UNDER_WAY:
        rows = uploads_of(store, import_id) if rows is None else rows
        uploads.remove(row.stored_as for row in rows)


def _import_fails(
    store: Store, uploads: Uploads, import_: Import, rows: Sequence[UploadRow], limits: RowLimits
) -> str | None:
    """Does the import; a sentence why it cannot be done, once all that it took of memory is free again."""
    try:
        left = [upload for upload in rows if not upload.read]
        count = RowCount(
            limits, rows_read(store, import_.id), readable_rows(store, import_.account_id, import_.id)
        )
        reader = _Reader(store, uploads, import_, count)
        for upload in [upload for upload in (rows if left else ()) if reader.announce(upload)]:
            reader.read_first(upload)
        for upload in left:
            reader.read(upload)
        _finish(store, import_)
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


def _fail(store: Store, uploads: Uploads, import_: Import, note: str) -> None:
    """Ends an import that cannot be done.

    Where even that cannot be written, the room of its uploads may help; where not, it is tried again later.
    """
    try:
        end_import(store, import_.id, FAILED, note)
    except SQLAlchemyError:
        uploads.remove(row.stored_as for row in uploads_of(store, import_.id))
        end_import(store, import_.id, FAILED, note)


class _Reader:
    """Reads the files of an import, whose rows `count` counts."""

    def __init__(self, store: Store, uploads: Uploads, import_: Import, count: RowCount) -> None:
        self._store = store
        self._uploads = uploads
        self._import = import_
        self._count = count
        zone = ZoneInfo(import_.zone) if import_.zone else None
        self._reading = Reading(time.time(), count.check, zone, import_.day_first)

    def announce(self, upload: UploadRow) -> bool:
        """Notes the files of an upload before the first of all is read, so that it shows how much there is.

        True where some of them are to be read before all others.
        """
        with self._noting_failure(upload), self._opened(upload) as found:
            if not upload.read:
                self._announced(upload, found)
            return any(map(_is_first, found.entries))
        return False

    def read_first(self, upload: UploadRow) -> None:
        """Reads the files of an upload that tell what others lack, again those that have a receipt."""
        with self._noting_failure(upload), self._opened(upload) as found:
            left = self._announced(upload, found)
            for entry in filter(_is_first, found.entries):
                if entry.place in left:
                    self._read_file(upload, found, entry)
                else:
                    with suppress(NotAFile, MemoryError):
                        _contents(found, entry, replace(self._reading, check=lambda _entries: None))

    def read(self, upload: UploadRow) -> None:
        """Reads the files of an upload that have no receipt yet."""
        with self._noting_failure(upload), self._opened(upload) as found:
            left = self._announced(upload, found)
            for entry in found.entries:
                if entry.place in left:
                    self._read_file(upload, found, entry)
        upload_is_read(self._store, upload.id)

    def _announced(self, upload: UploadRow, found: Upload) -> set[int]:
        names = [(entry.place, shown(entry.name)) for entry in found.entries]
        left = announce_files(self._store, self._import, upload.id, names)
        if left is None:
            raise Stopped
        return left

    @contextmanager
    def _noting_failure(self, upload: UploadRow) -> Iterator[None]:
        """An upload that cannot be used gets a receipt that says why, unless it has one; the others go on."""
        try:
            yield
        except NotAnExport as error:
            if isinstance(error, NoPlays) and is_of_folder(upload.name):
                return  # as what else lies in a zip
            note = str(error)
        except FileNotFoundError:
            note = "The upload is gone from this site's disk. Upload it again."
        else:
            return
        if upload.read:
            return
        if not note_failed_upload(self._store, self._import, upload.id, shown(upload.name), shown(note)):
            raise Stopped

    @contextmanager
    def _opened(self, upload: UploadRow) -> Iterator[Upload]:
        with self._uploads.opened(upload.stored_as) as path, opened(path, upload.name) as found:
            yield found

    def _read_file(self, upload: UploadRow, found: Upload, entry: Entry) -> None:
        try:
            contents = _contents(found, entry, self._reading)
        except NotAFile as error:
            receipt: dict[str, object] = {"state": FAILED, "note": str(error)}
        except MemoryError:
            receipt = {"state": FAILED, "note": "This file takes more memory than this site allows."}
        else:
            self._count.add(contents.read, len(contents.batch))
            receipt = _receipt(contents)
        receipt["format"] = entry.format.name if entry.format is not None else None
        if not keep_file(self._store, self._import, upload.id, entry.place, **receipt):
            raise Stopped


def _is_first(entry: Entry) -> bool:
    return entry.format is not None and entry.format.first


def _contents(found: Upload, entry: Entry, reading: Reading) -> Contents:
    """The rows of a file; of JSON that nobody recognised, why they are none. Raises NotAFile."""
    return (entry.format or spotify.FORMATS[0]).read(found.body(entry), reading)


def _receipt(contents: Contents) -> dict[str, object]:
    """Until the history is made, every readable row counts as kept."""
    return {
        "state": DONE,
        "read": contents.read,
        "kept": len(contents.batch),
        "duplicate": 0,
        "unreadable": contents.unreadable,
        "ignored": contents.ignored,
        "corrections": contents.corrections,
        "rejected": json.dumps(
            {
                "unreadable": _places_and_reasons(contents.unreadable_few),
                "ignored": _places_and_reasons(contents.ignored_few),
                "unreadable_why": dict(contents.unreadable_why),
                "ignored_why": dict(contents.ignored_why),
                "years": rows_by_year(contents.batch),
            }
        ).encode(),
        **batch_sums(contents.batch),
    }


def _places_and_reasons(rows: Sequence[RejectedRow]) -> list[tuple[int, str]]:
    return [(row.place, row.why) for row in rows]


def _finish(store: Store, import_: Import) -> None:
    """Makes the history with what was read; an import of which nothing could be read has failed."""
    states = {file.state for file in files_of(store, import_.id)}
    if DONE not in states:
        note = "None of these files could be read."
        if not end_import(store, import_.id, FAILED, note):
            raise Stopped
        return
    if not rebuild(store, import_.account_id, finished=import_):
        raise Stopped


def _what_failed(error: Exception) -> str:
    message = str(getattr(error, "orig", None) or error).lower()
    if "full" in message or "no space" in message or "quota" in message:
        return "The disk of this site is full. Nothing of this import was kept."
    return "This site could not keep the import. Nothing of it was kept; its log says why."


def main() -> int:
    """Works with the database and the folder that the environment names."""
    set_up_logging()
    work_in_the_background()
    limit_memory()
    most = {"per_import": os.environ.get(IMPORT_ROWS), "per_account": os.environ.get(ACCOUNT_ROWS)}
    limits = RowLimits(**{name: int(rows) for name, rows in most.items() if rows})
    store = Store(os.environ[DATABASE])
    job = ImportJob(store, Path(os.environ[FOLDER]), limits, time.sleep, limit_cpu)
    _end_on_sigterm(job)
    end_with_parent()
    try:
        job.work(lost=lambda: os._exit(0))
        store.reclaim()
    finally:
        store.close()
    return 0


def _end_on_sigterm(job: ImportJob) -> None:
    """Ends this process as soon as it is asked to, whatever it waits for; nothing is lost by that."""
    asked, wake = os.pipe()
    os.set_blocking(wake, False)
    # Python's own handlers wait until a call into C is over; what is written to this pipe does not.
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGTERM, lambda _signal, _frame: None)

    def end() -> None:
        os.read(asked, 1)
        job.release_lease()
        os._exit(0)

    Thread(target=end, name="sigterm", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
