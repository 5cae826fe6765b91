"""The folder of uploads: what is on its way in, what waits to be read, and what nobody will read.

Whoever brings a file in keeps it locked until the import that names it is in the database. The lock is the
operating system's and ends with its process, so that what is neither locked nor named is nobody's.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from app.history.worker_lock import NAME as WORKER_LOCK

_INCOMING = "incoming-"
_RESERVED = ".reserved"


def incoming_file(folder: Path, name: str = "") -> IO[bytes]:
    """An empty file, locked, for what comes in; it is gone when it is closed. `name`: how its own ends."""
    while True:
        file = NamedTemporaryFile("w+b", dir=folder, prefix=_INCOMING, suffix=name)  # noqa: SIM115
        if _claimed(file):
            return file
        file.close()


def copy_in(source: IO[bytes], place: Path, held: ExitStack) -> None:
    """Copies a file to its place, locked for as long as `held` lasts."""
    while True:
        copy = held.enter_context(place.open("xb"))
        os.fchmod(copy.fileno(), 0o600)
        if _claimed(copy):
            break
    shutil.copyfileobj(source, copy, 1 << 20)
    copy.flush()


def remove(folder: Path, stored_as: str) -> None:
    """Deletes what was uploaded under that name on disk."""
    (folder / Path(stored_as).name).unlink(missing_ok=True)


def remove_orphans(folder: Path, in_use: Callable[[], Collection[str]]) -> None:
    """Deletes what nobody will read. `in_use` gives the names that imports will read, as of now."""
    named = in_use()
    for file in _files(folder):
        if file.name in named:
            continue
        with _free(file, fcntl.LOCK_EX) as free:
            # Asked again: who held it until now may have named it.
            if free and file.name not in in_use():
                file.unlink(missing_ok=True)


def reserve(folder: Path, size: int, spare: int) -> IO[bytes] | None:
    """Sets so many bytes aside for an upload, until what is returned is closed. `None` where fewer than
    `spare` would be left.

    The reservation is an empty file whose name says how much: every process sees it, and it needs no room.
    """
    with _one_at_a_time(folder):
        if room(folder) - size < spare:
            return None
        return incoming_file(folder, f"-{size}{_RESERVED}")


def room(folder: Path) -> int:
    """How many bytes are free, without those that are still to come of uploads under way."""
    awaited = 0
    for file in _files(folder):
        if file.name.startswith(_INCOMING) and _is_locked(file):
            with suppress(FileNotFoundError):
                awaited += _reserved(file.name) - file.stat().st_size
    return shutil.disk_usage(folder).free - max(0, awaited)


def _reserved(name: str) -> int:
    """What a reservation is for; 0 for any other file."""
    return int(name.removesuffix(_RESERVED).rpartition("-")[2]) if name.endswith(_RESERVED) else 0


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if file.name != WORKER_LOCK and file.is_file()]


def _claimed(file: IO[bytes]) -> bool:
    """Locks a file that was just made. False when it was swept away before."""
    fcntl.flock(file, fcntl.LOCK_EX)
    return os.fstat(file.fileno()).st_nlink > 0


def _is_locked(file: Path) -> bool:
    with _free(file, fcntl.LOCK_SH) as free:
        return not free


@contextmanager
def _free(file: Path, how: int) -> Iterator[bool]:
    """Whether nobody holds a file; nobody takes it as long as the block lasts."""
    try:
        held = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield False  # it has just come to its end
        return
    try:
        fcntl.flock(held, how | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(held)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    held = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)
