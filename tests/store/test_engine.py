"""The engine: what SQLite is told at the door, transactions, and upserts."""

import os
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from app.store.engine import Store, upsert
from app.store.migrate import migrate
from app.store.tables import account, pause, session


@pytest.fixture
def sqlite(tmp_path: Path) -> Store:
    store = Store(f"sqlite:///{tmp_path / 'folder' / 'notes.sqlite3'}")
    migrate(store)
    return store


def test_sqlite_writes_ahead_and_checks_foreign_keys(sqlite: Store, tmp_path: Path) -> None:
    with sqlite.reading() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
    assert (tmp_path / "folder" / "notes.sqlite3-wal").exists()
    sqlite.close()


def test_the_files_are_their_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)  # as it is on most machines
    try:
        store = Store(f"sqlite:///{tmp_path / 'notes.sqlite3'}")
        migrate(store)
    finally:
        os.umask(before)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    store.close()

    assert modes == dict.fromkeys(("notes.sqlite3", "notes.sqlite3-wal", "notes.sqlite3-shm"), 0o600)


def test_a_reader_does_not_wait_for_a_writer(sqlite: Store) -> None:
    with sqlite.writing() as writer:
        writer.execute(insert(pause).values(name="a", until=1.0, why=""))
        with sqlite.reading() as reader:
            assert reader.scalar(select(func.count()).select_from(pause)) == 0
    with sqlite.reading() as reader:
        assert reader.scalar(select(func.count()).select_from(pause)) == 1
    sqlite.close()


def test_writers_that_read_first_wait_their_turn(sqlite: Store) -> None:
    """With SQLite's own late locks, the slower of two such writers fails at once."""
    with sqlite.writing() as connection:
        connection.execute(insert(pause).values(name="count", until=0.0, why=""))
    start = Barrier(8)

    def count_up() -> None:
        start.wait()
        for _ in range(10):
            with sqlite.writing() as connection:
                until = connection.scalar(select(pause.c.until)) or 0.0
                connection.execute(update(pause).values(until=until + 1))

    with ThreadPoolExecutor(8) as threads:
        for future in [threads.submit(count_up) for _ in range(8)]:
            future.result()

    with sqlite.reading() as connection:
        assert connection.scalar(select(pause.c.until)) == 80
    sqlite.close()


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    def half() -> None:
        with store.writing() as connection:
            connection.execute(insert(pause).values(name="a", until=1.0, why=""))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()

    with store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(pause)) == 0


def test_an_upsert_replaces_what_it_names_and_keeps_the_rest(store: Store) -> None:
    with store.writing() as connection:
        upsert(connection, pause, [{"name": "a", "until": 1.0, "why": "first"}])
        upsert(connection, pause, [{"name": "a", "until": 2.0, "why": "second"}])
        rows: list[dict[str, object]] = [
            {"name": "b", "until": 3.0, "why": ""},
            {"name": "a", "until": 4.0, "why": ""},
        ]
        upsert(connection, pause, rows)
        upsert(connection, pause, [])

    with store.reading() as connection:
        rows_kept = connection.execute(select(pause).order_by(pause.c.name)).all()
    assert [tuple(row) for row in rows_kept] == [("a", 4.0, "", None), ("b", 3.0, "", None)]


def test_a_session_of_no_account_is_refused(store: Store) -> None:
    orphan = insert(session).values(id_hash="h", account_id=404, encrypted=b"", expires_at=0.0)

    with pytest.raises(IntegrityError), store.writing() as connection:
        connection.execute(orphan)


def test_database_errors_do_not_tell_the_values(store: Store) -> None:
    row = insert(account).values(
        service="spotify", spotify_user_id=None, spotify_account_id="very-secret", created_at=0.0
    )

    with pytest.raises(IntegrityError) as caught, store.writing() as connection:
        connection.execute(row)

    assert "[SQL parameters hidden" in str(caught.value)


def test_a_connection_in_use_while_the_store_closes_is_closed_when_it_is_given_back(
    database_url: str,
) -> None:
    store = Store(database_url)
    with store.reading() as late:
        raw = late.connection.dbapi_connection
        store.close()
        assert late.scalar(text("SELECT 1")) == 1
    with store.reading() as later:  # a thread that the end came too early for
        another = later.connection.dbapi_connection

    assert [is_closed(one) for one in (raw, another)] == [True, True]


def test_a_store_that_released_its_connections_can_be_used_again(database_url: str) -> None:
    store = Store(database_url)
    with store.reading() as first:
        raw = first.connection.dbapi_connection
    store.release()
    with store.reading() as again:
        kept = again.connection.dbapi_connection
        assert again.scalar(text("SELECT 1")) == 1

    assert [is_closed(one) for one in (raw, kept)] == [True, False]
    store.close()


def is_closed(raw: Any) -> bool:
    """Whether a driver's connection is closed."""
    try:
        raw.cursor()
    except (sqlite3.ProgrammingError, psycopg.OperationalError):
        return True
    return False
