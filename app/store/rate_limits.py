"""The counters of the rate limits, in the database, so that every process counts together.

A row is one counter in one fixed window; it goes when its window is over. Times are Unix seconds.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from limits.storage import Storage
from sqlalchemy import Connection, Row, case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from app.store.engine import Store
from app.store.tables import rate_limit

PATIENCE_MS = 1000  # for SQLite's write lock: a counter must not hold a page up
CLOCK_TOLERANCE = 60.0  # seconds; requests come to the counter in another order than they looked at the clock
_SWEPT_AT_ONCE = 1000


class RateLimitStorage(Storage):
    """What the library `limits` counts in."""

    STORAGE_SCHEME = None  # made here, never from an address

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store

    @property
    def base_exceptions(self) -> type[Exception]:
        """What a database that does not answer raises."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Adds to a counter, whose window of `expiry` seconds begins with its first hit; the new count."""
        now = time.time()
        # A window that ends much later than a new one would was begun by a clock that was far ahead.
        latest = now + expiry + CLOCK_TOLERANCE
        over = (rate_limit.c.expires_at <= now) | (rate_limit.c.expires_at > latest)
        with self._writing() as connection:
            module = sqlite if connection.dialect.name == "sqlite" else postgresql
            row = module.insert(rate_limit).values(key=key, hits=amount, expires_at=now + expiry)
            hits: int = connection.execute(
                row.on_conflict_do_update(
                    index_elements=["key"],
                    set_={
                        "hits": case((over, amount), else_=rate_limit.c.hits + amount),
                        "expires_at": case((over, now + expiry), else_=rate_limit.c.expires_at),
                    },
                ).returning(rate_limit.c.hits)
            ).scalar_one()
        if hits == amount:
            self._sweep(now)
        return hits

    def get(self, key: str) -> int:
        """The count in the window that runs."""
        row = self._row(key)
        return row.hits if row and row.expires_at > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """When the counter's window ends."""
        row = self._row(key)
        return row.expires_at if row else time.time()

    def check(self) -> bool:
        """Whether the database answers."""
        try:
            self._row("")
        except SQLAlchemyError:
            return False
        return True

    def reset(self) -> int:
        """Forgets every counter; how many there were."""
        with self._store.writing() as connection:
            count = connection.scalar(select(func.count()).select_from(rate_limit)) or 0
            connection.execute(delete(rate_limit))
        return count

    def clear(self, key: str) -> None:
        """Forgets one counter."""
        with self._store.writing() as connection:
            connection.execute(delete(rate_limit).where(rate_limit.c.key == key))

    def _row(self, key: str) -> Row[Any, Any] | None:
        query = select(rate_limit.c.hits, rate_limit.c.expires_at).where(rate_limit.c.key == key)
        with self._store.reading() as connection:
            return connection.execute(query).one_or_none()

    def _sweep(self, now: float) -> None:
        """Deletes counters that are over. Locked rows are skipped: waiting for them could be a deadlock."""
        due = select(rate_limit.c.key).where(rate_limit.c.expires_at <= now).limit(_SWEPT_AT_ONCE)
        with self._writing() as connection:
            connection.execute(
                delete(rate_limit).where(rate_limit.c.key.in_(due.with_for_update(skip_locked=True)))
            )

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction to write in, which gives up soon where SQLite is locked."""
        with self._store.engine.connect() as connection:
            raw = connection.connection.driver_connection if connection.dialect.name == "sqlite" else None
            before = raw.execute("PRAGMA busy_timeout").fetchone()[0] if raw else 0
            try:
                if raw:
                    raw.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
                connection.execution_options(immediate=True)
                with connection.begin():
                    yield connection
            finally:
                if raw:
                    raw.execute(f"PRAGMA busy_timeout = {before}")
