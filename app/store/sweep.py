"""What has had its time is swept out: at every start, and bit by bit wherever such rows are written.

Clocks go wrong. What a person would miss is therefore only deleted when the database's clock agrees that it
is due, and never more than a tenth of it in one run.
"""

import logging
import time

from sqlalchemy import Column, Connection, Table, delete, func, select, text, tuple_

from app.store.cooldowns import Cooldown, pause_is_over
from app.store.engine import Store, optional_write
from app.store.locks import IMPORT_LEASE, SKEW
from app.store.tables import (
    account,
    answer,
    catalogue_answer,
    cover,
    deleted_account,
    lease,
    library,
    pause,
    rate_limit,
    session,
)

log = logging.getLogger(__name__)

ANSWERS_KEPT = 30 * 86400.0  # seconds
CATALOGUE_KEPT = 86400.0
LOCAL_KEPT = 30 * 86400.0  # without a visit
DELETION_KEPT = 30 * 86400.0  # a login that no page was shown to ends by then
SWEEP_EVERY = 3600.0
LONGEST_LEASE = 86400.0
MOST_OF_A_TABLE = 10  # the tenth part


def sweep_now_and_then(store: Store) -> None:
    """Sweeps, if nobody has for an hour. To be called wherever such rows are written."""
    swept = Cooldown(store, "sweep")
    if swept.until() is None:
        swept.begin(time.time() + SWEEP_EVERY, "swept")
        with optional_write():  # whoever comes in an hour can do it too
            sweep(store)


def sweep(store: Store) -> None:
    """Deletes expired sessions, answers and covers older than 30 days, libraries that nobody has looked at
    for so long, answers about the catalogue older than a day, local accounts that nobody came back to for 30
    days, and leases, pauses and counters of rate limits that are over."""
    with store.writing() as connection:
        now = earliest_now(connection)
        delete_oldest(connection, session, session.c.expires_at, now)
        delete_oldest(connection, answer, answer.c.fetched_at, now - ANSWERS_KEPT)
        delete_oldest(connection, library, library.c.looked_at, now - ANSWERS_KEPT)
        delete_oldest(connection, cover, cover.c.fetched_at, now - ANSWERS_KEPT)
        # Only local accounts have been "seen".
        delete_oldest(connection, account, account.c.seen_at, now - LOCAL_KEPT)
        # Nobody misses these.
        connection.execute(
            delete(catalogue_answer).where(catalogue_answer.c.fetched_at < now - CATALOGUE_KEPT)
        )
        connection.execute(delete(deleted_account).where(deleted_account.c.deleted_at < now - DELETION_KEPT))
        connection.execute(delete(rate_limit).where(rate_limit.c.expires_at < now))
        void = lease.c.until > now + LONGEST_LEASE + SKEW
        over = (lease.c.until < now) & ~lease.c.name.startswith(IMPORT_LEASE)
        # What a worker that died has left behind is counted by the next one.
        left_behind = lease.c.until < now - LONGEST_LEASE
        connection.execute(delete(lease).where(over | left_behind | void))
        connection.execute(delete(pause).where(pause_is_over(now)))


def earliest_now(connection: Connection) -> float:
    """The time, by this machine's clock or the database's, whichever is behind."""
    if connection.dialect.name != "postgresql":
        return time.time()  # SQLite goes by this machine's
    theirs = connection.scalar(text("SELECT extract(epoch FROM clock_timestamp())")) or 0
    return min(time.time(), float(theirs))


def delete_oldest(connection: Connection, table: Table, when: Column[float], before: float) -> None:
    """Deletes rows of before a time, the oldest first, and at most a tenth of those that have one.

    That is one at least. What is left for the next run is said in the log.
    """
    total, due = connection.execute(
        select(func.count(when), func.count(when).filter(when < before)).select_from(table)
    ).one()
    most = max(1, total // MOST_OF_A_TABLE)
    keys = list(table.primary_key)
    oldest = select(*keys).where(when < before).order_by(when).limit(most)
    if due:
        connection.execute(delete(table).where(tuple_(*keys).in_(oldest)))
    if due > most:
        log.warning(
            "%d of %d rows of the table %s are due to be deleted: that is many, so only %d are now and the "
            "rest later. Is the clock right?",
            due,
            total,
            table.name,
            most,
        )
