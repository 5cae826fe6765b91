"""Importing an export from the terminal: into which account, how far it is, and the receipt."""

import time
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from zoneinfo import available_timezones

from app.history.import_job import ImportJob
from app.history.limits import RowLimits
from app.history.outcome import why_nothing_was_kept
from app.history.uploads import Uploads
from app.services import DEMO
from app.store.accounts import LOCAL, AccountRow, accounts
from app.store.engine import Store
from app.store.imports import DONE, QUEUED, ROWS, UNDER_WAY, QueueFull, find_import
from app.store.listening import listening_of
from app.store.receipts import FileRow, files_of
from app.terminal.finding import files_named
from app.terminal.words import Sorry, clean

LOOK_AGAIN = 0.5  # seconds, while another process does the work


def import_files(
    store: Store,
    folder: Path,
    paths: Sequence[str],
    account: int | None,
    zone: str | None = None,
    limits: RowLimits = RowLimits(),  # noqa: B008 - immutable
) -> None:
    """Imports these files, and the exports in these folders, and prints how far it is and what came of it.

    `zone`: the name of the time zone of stamps that are on a clock without one; otherwise the listener's own,
    where they chose one. Raises Sorry.
    """
    if zone is not None and zone not in available_timezones():
        raise Sorry(f"There is no time zone {clean(zone)}. Name it as in Europe/Berlin.")
    found = files_named(paths)
    account_id = _account(store, account)
    zone = zone or listening_of(store, account_id).timezone
    number = _take_in(Uploads(store, folder), account_id, found, zone)
    job = ImportJob(store, folder, limits, time.sleep, only=account_id)
    try:
        _work(store, job, number)
    except KeyboardInterrupt:
        job.release_lease()  # stopped, and no fault of the import's
        raise
    _receipt(store, number)


def _account(store: Store, wanted: int | None) -> int:
    """The account that is named, or the only one there is. Raises Sorry."""
    # A demo's listener is shared by all its visitors, and no place for anybody's own plays.
    known = [account for account in accounts(store) if account.service != DEMO]
    if wanted is not None:
        if wanted not in {account.id for account in known}:
            raise Sorry(f"There is no account {wanted}.{_listed(known)}")
        return wanted
    if not known:
        raise Sorry(
            "There is no account yet to import into. Log in once on the site, or open your export there, "
            "on the page /history/import; then this command finds your account."
        )
    if len(known) > 1:
        raise Sorry(f"There are several accounts. Say which with --account NUMBER.{_listed(known)}")
    return known[0].id


def _listed(known: Sequence[AccountRow]) -> str:
    return "".join(f"\n{account.id:5}  {_described(account)}" for account in known)


def _described(account: AccountRow) -> str:
    since = time.strftime("%Y-%m-%d", time.localtime(account.created_at))
    if account.service == LOCAL:
        return f"private to one browser, since {since}"
    return f"{clean(account.user_id)} at {account.service}, since {since}"


def _take_in(uploads: Uploads, account_id: int, paths: Sequence[Path], zone: str | None) -> int:
    """Copies the files to where a worker looks for them; the import's number. Raises Sorry."""
    try:
        return uploads.queue(account_id, [(path.name, path) for path in paths], zone)
    except QueueFull as error:
        raise Sorry(str(error)) from error
    except OSError as error:
        raise Sorry(
            f"The files cannot be taken in: {error.strerror or 'the disk does not answer'}."
        ) from error


def _work(store: Store, job: ImportJob, number: int) -> None:
    """Does what is due for the account; where another process is at it, waits for that."""
    while _state(store, number) in UNDER_WAY:
        worker = Thread(target=job.work, daemon=True)
        worker.start()
        worker.join(LOOK_AGAIN)
        while worker.is_alive():
            _progress(store, number)
            worker.join(LOOK_AGAIN)
        _progress(store, number)
        if _state(store, number) in UNDER_WAY:
            time.sleep(LOOK_AGAIN)


def _state(store: Store, number: int) -> str:
    found = find_import(store, number)
    if found is None:
        raise Sorry("The import is gone: its account was deleted meanwhile.")
    return found.state


def _progress(store: Store, number: int) -> None:
    files = files_of(store, number)
    read = sum(file.state != QUEUED for file in files)
    if files:
        print(f"  {read} of {len(files)} files, {_sum(files, 'read'):,} rows", flush=True)


def _receipt(store: Store, number: int) -> None:
    """Prints what came of it. Raises Sorry where that is nothing."""
    found, files = find_import(store, number), files_of(store, number)
    # Without its folders, which are the same for all and would push the numbers off the line.
    names = [clean(file.name.rpartition("/")[2]) for file in files]
    width = max(map(len, names), default=0)
    for name, file in zip(names, files, strict=True):
        outcome = file.note if file.state != DONE else f"{file.format or 'Unknown'}: {_sums([file])}"
        print(f"  {name:{width}}  {outcome}")
    if found is None or found.state != DONE:
        raise Sorry((found.note if found else None) or "The import was stopped. Nothing of it was kept.")
    sums = {name: sum(file.rows[name] for file in files) for name in ROWS}
    if reason := why_nothing_was_kept(sums, lambda: [file.rejected for file in files]):
        raise Sorry(reason)
    failed = sum(file.state != DONE for file in files)
    print(f"Imported {len(files) - failed} of {len(files)} files: {_sums(files)}.")
    print("See it on the site, at /history.")


def _sums(files: Sequence[FileRow]) -> str:
    read, *rest = (f"{_sum(files, name):,} {name}" for name in ROWS)
    return f"{read} = {' + '.join(rest)}"


def _sum(files: Sequence[FileRow], name: str) -> int:
    return sum(file.rows[name] for file in files)
