"""Whose turn it is: of all workers of one folder of uploads, one is at work at a time.

The lock is the operating system's, on a file in that folder; where its file system has no locks, on one in
the machine's folder for temporary files. It ends with the process that holds it, however that ends, so that
nobody waits for the dead. What a worker is at stands in that file while it is at it: where the next one finds
something there, the one before died of it.
"""

import fcntl
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from threading import Thread

NAME = "worker.lock"
_WAIT = 1.0  # seconds; who only looks holds the lock for less
_LOOK_AGAIN = 0.05


@contextmanager
def worker_lock(folder: Path) -> Iterator[bool]:
    """Whether it is this process's turn, for as long as the block lasts; False when another is at work."""
    held = _file(folder)
    try:
        waited = 0.0
        while not (mine := _locked(held, fcntl.LOCK_EX)) and waited < _WAIT:
            time.sleep(_LOOK_AGAIN)
            waited += _LOOK_AGAIN
        yield mine
    finally:
        os.close(held)


def worker_is_running(folder: Path) -> bool:
    """Whether a worker is alive and at work."""
    held = _file(folder)
    try:
        return not _locked(held, fcntl.LOCK_SH)
    finally:
        os.close(held)


def note_work(folder: Path, what: str) -> None:
    """Notes what this process is at. To be called by whose turn it is."""
    with suppress(OSError):  # on a full disk nobody's death is counted
        (folder / NAME).write_text(what)


def clear_work(folder: Path) -> None:
    """Notes that nobody died: the work is done, or was stopped on purpose."""
    with suppress(OSError):
        os.truncate(folder / NAME, 0)


def unfinished_work(folder: Path) -> str:
    """What the last worker was at when it died; "" if it did not."""
    try:
        return (folder / NAME).read_text()
    except (OSError, ValueError):
        return ""


def end_on_sigterm(folder: Path) -> None:
    """Ends this process as soon as it is asked to, whatever it waits for; nothing is lost by that."""
    asked, wake = os.pipe()
    os.set_blocking(wake, False)
    # Python's own handlers wait until a call into C is over; what is written to this pipe does not.
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGTERM, lambda _signal, _frame: None)

    def end() -> None:
        os.read(asked, 1)
        clear_work(folder)
        os._exit(0)

    Thread(target=end, name="sigterm", daemon=True).start()


def _file(folder: Path) -> int:
    held = _opened(folder / NAME)
    try:
        fcntl.flock(held, fcntl.LOCK_UN)  # changes nothing, and tells whether there are locks here
    except OSError:
        os.close(held)
        named = sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
        held = _opened(Path(tempfile.gettempdir()) / f"liner-notes-{named}.lock")
    return held


def _opened(file: Path) -> int:
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _locked(held: int, how: int) -> bool:
    try:
        fcntl.flock(held, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
