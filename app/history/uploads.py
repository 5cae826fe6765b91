"""Uploads: what is on its way in, what waits to be read, and what nobody will read.

What waits lies in the folder beside a database of SQLite, and in the database itself where that is
PostgreSQL: a worker on another machine reads it there. Whoever brings a file in keeps it locked until the
import that names it is in the database. The lock is the operating system's and ends with its process, so that
what is neither locked nor named is nobody's.
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from app.store.engine import Store
from app.store.faults import is_full
from app.store.imports import add_import, uploads_in_use
from app.store.uploads import drop_chunks, drop_unused_chunks, read_chunks, size_of_chunks, write_chunks

SPARE = 64 * 2**20  # bytes that uploads leave free on the disk, for the database
_INCOMING = "incoming-"
_RESERVED = ".reserved"


class Uploads:
    """The uploads of one site. `folder`: for what comes in, and for files that wait."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.folder = folder
        self._store = store
        self._in_database = store.engine.dialect.name == "postgresql"

    def ready(self) -> Path:
        """The folder, for its owner alone."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self.folder

    def queue(
        self,
        account_id: int,
        files: Sequence[tuple[str, IO[bytes] | Path]],
        zone: str | None = None,
        day_first: bool | None = None,
    ) -> int:
        """Queues an import of files, each as what it is called and where it is; the import's number.

        `zone`, `day_first`: as in Import. Raises QueueFull, IntegrityError for an account that is gone, and
        OSError; then nothing is kept.
        """
        named = [(secrets.token_hex(16), name, file) for name, file in files]
        stored = [(stored_as, name) for stored_as, name, _ in named]
        if self._in_database:
            bodies = [(stored_as, file) for stored_as, _, file in named]
            return add_import(
                self._store, account_id, stored, lambda to: write_chunks(to, bodies), zone, day_first
            )
        try:
            # Locked until the database names them.
            with ExitStack() as held:
                for stored_as, _, file in named:
                    _keep(file, self.ready() / stored_as, held)
                return add_import(self._store, account_id, stored, zone=zone, day_first=day_first)
        except BaseException:
            self.remove(stored_as for stored_as, _ in stored)
            raise

    def size(self, stored_as: str) -> int:
        """How many bytes an upload has; 0 for one that is gone."""
        try:
            return self._file(stored_as).stat().st_size
        except OSError:
            return size_of_chunks(self._store, stored_as) if self._in_database else 0

    @contextmanager
    def opened(self, stored_as: str) -> Iterator[Path]:
        """Where an upload can be read for as long as the block lasts. Raises FileNotFoundError."""
        file = self._file(stored_as)
        if not self._in_database or file.exists():  # an earlier version kept files everywhere
            yield file
            return
        with incoming_file(self.ready()) as copy:
            chunks = sum(1 for _ in map(copy.write, read_chunks(self._store, stored_as)))
            if not chunks:
                raise FileNotFoundError(stored_as)
            copy.flush()
            yield Path(copy.name)

    def remove(self, stored_as: Iterable[str]) -> None:
        """Deletes what was uploaded under these names."""
        names = list(stored_as)
        for name in names:
            self._file(name).unlink(missing_ok=True)
        if self._in_database:
            drop_chunks(self._store, names)

    def remove_orphans(self) -> None:
        """Deletes uploads that belong to no import under way: whoever should have done it was stopped."""
        if self.folder.is_dir():
            remove_orphans(self.folder, lambda: {upload.stored_as for upload in uploads_in_use(self._store)})
        if self._in_database:
            drop_unused_chunks(self._store)

    def _file(self, stored_as: str) -> Path:
        return self.folder / Path(stored_as).name


def shown(name: str) -> str:
    """A name from outside, of a length and of letters that can be kept."""
    whole = name[-500:].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return "".join(sign if sign.isprintable() else "�" for sign in whole)


def _keep(file: IO[bytes] | Path, place: Path, held: ExitStack) -> None:
    """Puts an upload at its place: an `incoming_file` is there already but for its name."""
    if isinstance(file, Path):
        with file.open("rb") as opened:
            copy_in(opened, place, held)
        return
    here = getattr(file, "name", None)
    if isinstance(here, str) and Path(here).parent == place.parent:
        file.flush()
        try:
            os.link(here, place)
        except OSError as error:
            if is_full(error):
                raise
        else:
            return
    copy_in(file, place, held)


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
    return [file for file in folder.iterdir() if file.is_file()]


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
