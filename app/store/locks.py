"""Leases: a thing that several workers want, done by one of them while the others wait for the result.

A lease that lasts longer than its own span was taken while the clock was ahead, and is void. Whoever takes
leases of one name takes them for the same span.
"""

import logging
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from typing import TypeVar

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from app.deadline import Deadline
from app.store.engine import Store
from app.store.tables import lease

log = logging.getLogger(__name__)
Result = TypeVar("Result")
LEASE_SECONDS = 15.0  # longer than any piece of work under a lease, shorter than a person's patience
PROLONG_AFTER = 3.0  # seconds
IMPORT_LEASE = "import:"  # and the number of an account: who does its imports
IMPORT_LEASE_SECONDS = 30.0
SKEW = 5.0  # seconds by which the clocks of several machines on one database may differ
_LOOK_AGAIN = 0.02


def single_flight(
    store: Store,
    name: str,
    found: Callable[[], Result | None],
    work: Callable[[], Result],
    deadline: Deadline,
) -> Result:
    """What `found` finds, or else what `work` makes, made by one caller at a time under this `name`.

    `work` must leave its result where `found` looks. Raises TimeoutError when the one who works is not
    done by the deadline; a worker that died is replaced when its lease runs out.
    """
    while True:
        if (result := found()) is not None:
            return result
        # Looked at before it is taken: those who wait should read, not queue for the write lock.
        if not _is_held(store, name) and (holder := _take(store, name)):
            try:
                # The one before us may have finished between our look and our lease.
                result = found()
                return work() if result is None else result
            finally:
                give_back(store, name, holder)
        if deadline.passed:
            raise TimeoutError(f"waited too long for {name.split(':')[0]}")
        time.sleep(min(_LOOK_AGAIN, deadline.left()))


class Lease:
    """A lease that is held, and prolonged while its holder asks whether it still is."""

    def __init__(self, store: Store, name: str, holder: str) -> None:
        self._store = store
        self._name = name
        self._holder = holder
        self._prolonged_at = time.time()

    def is_held(self) -> bool:
        """To be asked between steps, at least every ten seconds: whether nobody took it over."""
        now = time.time()
        if now - self._prolonged_at < PROLONG_AFTER:
            return True
        self._prolonged_at = now
        return prolong(self._store, self._name, self._holder)


@contextmanager
def leased(store: Store, name: str) -> Iterator[Lease | None]:
    """The lease of that `name`, for as long as the block lasts; `None` while someone else has it."""
    holder = take(store, name)
    if holder is None:
        yield None
        return
    try:
        yield Lease(store, name, holder)
    finally:
        give_back(store, name, holder)


def take(store: Store, name: str, seconds: float = LEASE_SECONDS) -> str | None:
    """Takes the lease of that `name` for so long; its holder's mark, or `None` while someone else has it."""
    return None if _is_held(store, name, seconds) else _take(store, name, seconds)


def claim(store: Store, name: str, seconds: float) -> bool:
    """Whether nobody has claimed `name` within so many seconds.

    Claims of its kind that are over are swept out; the kind is what stands before the first colon.
    """
    kind = name.partition(":")[0]
    with store.writing() as connection:
        over = lease.c.name.startswith(f"{kind}:", autoescape=True) & (lease.c.until < time.time())
        connection.execute(delete(lease).where(over))
    return take(store, name, seconds) is not None


def process_holder() -> str:
    """A new holder's mark that names this process, so that others on this machine see when it has died."""
    pid = os.getpid()
    return f"{_machine()}:{pid}:{_started(pid)}:{secrets.token_hex(4)}"


def inherit(store: Store, name: str, holder: str, seconds: float) -> bool | None:
    """Takes a lease for `process_holder()`, also from a process of this machine that has died.

    `None` while someone else has it. True where the one before left it behind, which says that it died.
    """
    with store.reading() as connection:
        row = connection.execute(select(lease.c.holder, lease.c.until).where(lease.c.name == name)).first()
    if row is not None and row.holder != holder and _is_valid(row.until, seconds) and not _died(row.holder):
        return None
    taken = _take(store, name, seconds, holder, row.holder if row is not None else None)
    return None if taken is None else row is not None and row.holder != holder


def is_free(store: Store, name: str, seconds: float) -> bool:
    """Whether `inherit` would take the lease of that `name` now."""
    with store.reading() as connection:
        row = connection.execute(select(lease.c.holder, lease.c.until).where(lease.c.name == name)).first()
    return row is None or not _is_valid(row.until, seconds) or _died(row.holder)


def is_left_behind(store: Store, name: str, seconds: float) -> bool:
    """Whether the lease of that `name` was never given back, and its holder has died."""
    with store.reading() as connection:
        known = connection.scalar(select(lease.c.name).where(lease.c.name == name)) is not None
    return known and is_free(store, name, seconds)


def give_back_all_of(store: Store, pid: int) -> None:
    """Gives back what a process of this machine held as a `process_holder()`."""
    with store.writing() as connection:
        theirs = lease.c.holder.startswith(f"{_machine()}:{pid}:")
        connection.execute(delete(lease).where(theirs))


@contextmanager
def prolonged(
    store: Store, name: str, holder: str, seconds: float, lost: Callable[[], object] = lambda: None
) -> Iterator[None]:
    """Keeps a lease as long as the block lasts. `lost` is called where someone else has taken it."""
    over = Event()

    def keep() -> None:
        while not over.wait(seconds / 6):
            with suppress(SQLAlchemyError):  # tried again, until the lease runs out
                if not prolong(store, name, holder, seconds) and not over.is_set():
                    log.error("%s was taken over by someone else", name)
                    lost()
                    return

    thread = Thread(target=keep, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def prolong(store: Store, name: str, holder: str, seconds: float = LEASE_SECONDS) -> bool:
    """Keeps the lease for so long from now on. False when it was lost to someone else."""
    with store.writing() as connection:
        criteria = (lease.c.name == name) & (lease.c.holder == holder)
        found = connection.scalar(
            update(lease).where(criteria).values(until=time.time() + seconds).returning(lease.c.name)
        )
        return found is not None


def give_back(store: Store, name: str, holder: str) -> None:
    """Gives the lease back."""
    with store.writing() as connection:
        connection.execute(delete(lease).where(lease.c.name == name, lease.c.holder == holder))


def _is_held(store: Store, name: str, seconds: float = LEASE_SECONDS) -> bool:
    with store.reading() as connection:
        until = connection.scalar(select(lease.c.until).where(lease.c.name == name))
    return until is not None and _is_valid(until, seconds)


def _is_valid(until: float, seconds: float) -> bool:
    now = time.time()
    return now <= until <= now + seconds + SKEW


def _take(
    store: Store,
    name: str,
    seconds: float = LEASE_SECONDS,
    holder: str | None = None,
    replaced: str | None = None,
) -> str | None:
    """The holder's mark, or `None` when someone else but `replaced` holds an unexpired lease."""
    now, holder = time.time(), holder or secrets.token_hex(16)
    with store.writing() as connection:
        module = sqlite if connection.dialect.name == "sqlite" else postgresql
        insert = module.insert(lease).values(name=name, holder=holder, until=now + seconds)
        # The row comes back only when it is ours; psycopg's rowcount does not tell.
        holder_now: str | None = connection.scalar(
            insert.on_conflict_do_update(
                index_elements=["name"],
                set_={"holder": insert.excluded.holder, "until": insert.excluded.until},
                where=(lease.c.until < now)
                | (lease.c.until > now + seconds + SKEW)
                | (lease.c.holder == (replaced or holder)),
            ).returning(lease.c.holder)
        )
        return holder_now


@cache
def _machine() -> str:
    """Tells machines and containers on one database apart."""
    names = [socket.gethostname()]
    with suppress(OSError):  # Linux alone has these
        names.append(Path("/proc/sys/kernel/random/boot_id").read_text())
        names.append(str(Path("/proc/self/ns/pid").readlink()))
    return sha256("\0".join(names).encode()).hexdigest()[:12]


def _started(pid: int) -> str:
    """When a process began, since numbers are given again; "" where that is not told, or it is over."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if after_name[0] in ("Z", "X") else after_name[19]


def _died(holder: str) -> bool:
    """Whether the holder is a process of this machine that is over."""
    machine, _, rest = holder.partition(":")
    pid, _, rest = rest.partition(":")
    if machine != _machine() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False  # another user's, who hides it
    return _started(int(pid)) != rest.partition(":")[0]
