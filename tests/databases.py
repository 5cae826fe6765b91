"""Databases for tests, migrated once in each process: then copied (SQLite) or emptied (PostgreSQL)."""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, make_url, text

from app.store.cooldowns import Cooldown
from app.store.engine import Store
from app.store.migrate import migrate
from app.store.sqlite import prepare_file
from app.store.start import prepare_database
from app.store.sweep import SWEEP_EVERY
from app.store.tables import metadata

POSTGRESQL = os.environ.get("TEST_DATABASE_URL")


@cache
def migrated_file() -> bytes:
    """A SQLite database at the newest migration, with nothing in it."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "migrated.sqlite3"
        store = Store(f"sqlite:///{file}")
        migrate(store)
        store.close()
        return file.read_bytes()


def migrate_quickly(store: Store) -> None:
    """As `migrate`; a SQLite file that holds nothing yet becomes a copy of a migrated one."""
    if store.file is None or store.file.stat().st_size:
        migrate(store)
    else:
        store.file.write_bytes(migrated_file())


@cache
def prepared_file() -> bytes:
    """A SQLite database as a start leaves it, swept a moment ago, with nothing in it."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "prepared.sqlite3"
        prepare_database(f"sqlite:///{file}")
        store = Store(f"sqlite:///{file}")
        Cooldown(store, "sweep").begin(time.time() + SWEEP_EVERY, "swept")
        store.close()
        return file.read_bytes()


def prepare_quickly(database_url: str) -> None:
    """As `prepare_database`; a SQLite file that is not there yet becomes a copy of a prepared one."""
    url = make_url(database_url)
    file = Path(url.database or "")
    if url.get_backend_name() != "sqlite" or file.exists():
        prepare_database(database_url)
    else:
        prepare_file(file)
        file.write_bytes(prepared_file())


def migrated_store(file: Path) -> Store:
    """A new database in `file`."""
    store = Store(f"sqlite:///{file}")
    migrate_quickly(store)
    return store


@contextmanager
def empty_schema() -> Iterator[str]:
    """The address of a schema on the server of `TEST_DATABASE_URL`, which is dropped at the end."""
    assert POSTGRESQL is not None
    schema = f"test_{secrets.token_hex(8)}"
    engine = create_engine(POSTGRESQL)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    joint = "&" if "?" in POSTGRESQL else "?"
    try:
        # No test cuts the power: whoever commits need not wait for the disk.
        yield f"{POSTGRESQL}{joint}options=-csearch_path%3D{schema}%20-csynchronous_commit%3Doff"
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        engine.dispose()


@contextmanager
def migrated_schema() -> Iterator[Store]:
    """A migrated PostgreSQL schema for this process's tests, one after the other."""
    with empty_schema() as url:
        store = Store(url)
        migrate(store)
        yield store
        store.close()


def empty(store: Store) -> None:
    """Deletes every row of the migrated database, which takes a fraction of making it."""
    with store.writing() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
