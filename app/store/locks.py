"""Leases: a thing that several workers want, done by one of them while the others wait for the result.

A lease that lasts longer than its own span was taken while the clock was ahead, and is void. Whoever takes
leases of one name takes them for the same span.
"""

import secrets
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.deadline import Deadline
from app.store.engine import Store
from app.store.tables import lease

Result = TypeVar("Result")
LEASE_SECONDS = 15.0  # longer than any piece of work under a lease, shorter than a person's patience
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


def prolong(store: Store, name: str, holder: str, seconds: float = LEASE_SECONDS) -> bool:
    """Keeps the lease for so long from now on. False when it was lost to someone else."""
    with store.writing() as connection:
        mine = (lease.c.name == name) & (lease.c.holder == holder)
        found = connection.scalar(
            update(lease).where(mine).values(until=time.time() + seconds).returning(lease.c.name)
        )
        return found is not None


def give_back(store: Store, name: str, holder: str) -> None:
    """Gives the lease back."""
    with store.writing() as connection:
        connection.execute(delete(lease).where(lease.c.name == name, lease.c.holder == holder))


def _is_held(store: Store, name: str, seconds: float = LEASE_SECONDS) -> bool:
    with store.reading() as connection:
        until = connection.scalar(select(lease.c.until).where(lease.c.name == name))
    now = time.time()
    return until is not None and now <= until <= now + seconds + SKEW


def _take(store: Store, name: str, seconds: float = LEASE_SECONDS) -> str | None:
    """The holder's mark, or `None` when someone else holds an unexpired lease."""
    now, holder = time.time(), secrets.token_hex(16)
    with store.writing() as connection:
        module = sqlite if connection.dialect.name == "sqlite" else postgresql
        insert = module.insert(lease).values(name=name, holder=holder, until=now + seconds)
        # The row comes back only when it is ours; psycopg's rowcount does not tell.
        mine: str | None = connection.scalar(
            insert.on_conflict_do_update(
                index_elements=["name"],
                set_={"holder": insert.excluded.holder, "until": insert.excluded.until},
                where=(lease.c.until < now) | (lease.c.until > now + seconds + SKEW),
            ).returning(lease.c.holder)
        )
        return mine
