"""The engine: SQLite (WAL) or PostgreSQL, behind the same two words, `reading` and `writing`."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from app.store import sqlite as sqlite_file
from app.store.faults import fault_of

log = logging.getLogger(__name__)

BUSY_SECONDS = 5  # that a page waits for a lock, a free connection or PostgreSQL's first answer
CONNECT_SECONDS = 3
UNANSWERED = 10_000  # milliseconds after which a server that is gone is given up


class Store:
    """One database. Safe to share between threads; each worker process makes its own.

    `busy_seconds`: how long a writer waits for another one.
    """

    def __init__(self, database_url: str, busy_seconds: float = BUSY_SECONDS) -> None:
        url = make_url(database_url)
        self.file = _file_of(url)
        self.engine = _engine(url, self.file, busy_seconds)
        self._closed = False
        event.listen(self.engine, "checkin", self._close_when_late)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read with."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction to write in. On SQLite it takes the write lock at once.

        A transaction that reads first and asks for the lock later fails at once when another was faster;
        one that begins with the lock waits for its turn.
        """
        with self.engine.connect() as connection:
            connection.execution_options(immediate=True)
            with connection.begin():
                yield connection

    def reclaim(self) -> bool:
        """After a deletion: gives its room back to the disk, and leaves no copy in a log. False: try later.

        PostgreSQL does so by itself.
        """
        return self.engine.dialect.name != "sqlite" or sqlite_file.reclaim(self.engine)

    @contextmanager
    def snapshot(self) -> Iterator["Store"]:
        """The database as it is now, to read from, whatever others write meanwhile. For one thread."""
        with self.engine.connect() as connection:
            if self.engine.dialect.name == "sqlite":
                connection.execution_options(snapshot=True)
            else:
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield _Snapshot(connection)

    def release(self) -> None:
        """Closes the connections that nobody uses; new ones are opened when they are wanted."""
        self.engine.dispose()

    def close(self) -> None:
        """Closes every connection; one that a thread still uses, as soon as it is given back."""
        self._closed = True
        self.engine.dispose()

    def _close_when_late(self, _raw: Any, record: Any) -> None:
        # The pool that it came from is gone, and would never close it.
        if self._closed:
            record.invalidate()


@contextmanager
def optional_write() -> Iterator[None]:
    """Around writing what only saves time later: a page goes on where the database cannot take it."""
    try:
        yield
    except SQLAlchemyError as error:
        if fault_of(error) is None:
            raise
        log.warning("something was not kept for later: %s", type(error).__name__)


class _Snapshot(Store):
    """A store that reads everything in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.engine = connection.engine
        self._connection = connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        yield self._connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        raise TypeError("a snapshot is only read")
        yield

    def close(self) -> None:
        raise TypeError("a snapshot ends by itself")


def upsert(
    connection: Connection,
    table: Table,
    rows: list[dict[str, Any]],
    where: ColumnElement[bool] | None = None,
) -> None:
    """Inserts `rows`; a row whose primary key exists replaces the values given here, `where` given only
    if the kept row is such. The database compares, so that no other worker comes in between.
    """
    if not rows:
        return
    module = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = module.insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed, where=where), rows)


def insert_missing(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Inserts `rows`; a row whose primary key exists stays as it is."""
    if rows:
        module = sqlite if connection.dialect.name == "sqlite" else postgresql
        connection.execute(module.insert(table).on_conflict_do_nothing(), rows)


def _file_of(url: URL) -> Path | None:
    """Where a database of SQLite lies."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database)


def _engine(url: URL, file: Path | None, busy_seconds: float) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(
            url,
            pool_size=5,
            max_overflow=15,
            pool_timeout=BUSY_SECONDS,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": UNANSWERED},
        )
    if file is not None:
        sqlite_file.prepare_file(file)
    engine = create_engine(
        url,
        pool_size=5,
        max_overflow=45,
        pool_timeout=BUSY_SECONDS,
        connect_args={"timeout": busy_seconds, "check_same_thread": False},
        hide_parameters=True,
    )
    event.listen(engine, "connect", sqlite_file.set_up)
    event.listen(engine, "begin", sqlite_file.begin)
    return engine
