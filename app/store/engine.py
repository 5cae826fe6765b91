"""The engine: SQLite (WAL) or PostgreSQL, behind the same two words, `reading` and `writing`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

BUSY_SECONDS = 15


class Store:
    """One database. Safe to share between threads; each worker process makes its own."""

    def __init__(self, database_url: str) -> None:
        self.engine = _engine(database_url)

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

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()


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


def _engine(database_url: str) -> Engine:
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_size=5, max_overflow=15, pool_pre_ping=True, hide_parameters=True)
    if url.database and url.database != ":memory:":
        file = Path(url.database)
        file.parent.mkdir(parents=True, exist_ok=True)
        # For its owner alone; SQLite gives the files beside it the same mode.
        file.touch(mode=0o600)
    engine = create_engine(
        url,
        pool_size=5,
        max_overflow=45,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        hide_parameters=True,
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(raw: Any, _record: Any) -> None:
    # The driver's own transactions begin late and end at DDL; with None, we say BEGIN ourselves.
    raw.isolation_level = None
    _use_wal(raw)
    raw.execute("PRAGMA synchronous=NORMAL")
    raw.execute("PRAGMA foreign_keys=ON")


def _use_wal(raw: Any) -> None:
    """Switches to the write-ahead log. SQLite does not wait its turn for this, so we do."""
    for attempt in range(100):
        try:
            raw.execute("PRAGMA journal_mode=WAL")
            return
        except Exception as error:
            if "locked" not in str(error) or attempt == 99:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    # Without BEGIN each statement is a transaction of its own, which is all that a single read needs.
    options = connection.get_execution_options()
    if options.get("immediate"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif options.get("snapshot"):
        connection.exec_driver_sql("BEGIN")
