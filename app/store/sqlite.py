"""SQLite: what a connection is told, and how a file gives its room back to the disk."""

import logging
import os
import shutil
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

log = logging.getLogger(__name__)

JOURNAL_LIMIT = 16 * 2**20  # bytes that the write-ahead log keeps when it is empty
RESERVE = 2**20  # bytes beside the database: SQLite needs some to be opened at all
CHEAP = 64 * 2**20  # bytes up to which a start may rewrite a database
_PAGES = 1000  # given back in one transaction, so that other writers come in between
_INCREMENTAL = 2
_SETTING_UP = 2.0  # seconds
_PATIENCE = 1000  # milliseconds that giving back waits for others


def prepare_file(file: Path) -> None:
    """Makes the database's file for its owner alone; SQLite gives the files beside it the same mode."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)


def set_up(raw: Any, _record: Any) -> None:
    """Tells a new connection how this site uses SQLite."""
    # The driver's own transactions begin late and end at DDL; with None, we say BEGIN ourselves.
    raw.isolation_level = None
    _use_wal(raw)
    raw.execute("PRAGMA synchronous=NORMAL")
    raw.execute("PRAGMA foreign_keys=ON")
    raw.execute("PRAGMA secure_delete=ON")
    raw.execute(f"PRAGMA journal_size_limit={JOURNAL_LIMIT}")


def _use_wal(raw: Any) -> None:
    """Switches to the write-ahead log. SQLite does not wait its turn for this, so we do."""
    given_up = time.monotonic() + _SETTING_UP
    while True:
        try:
            if raw.execute("PRAGMA page_count").fetchone()[0] == 0:
                # A database that holds anything takes this by being rewritten only: `make_incremental`.
                raw.execute("PRAGMA auto_vacuum=INCREMENTAL")
            raw.execute("PRAGMA journal_mode=WAL")
            return
        except Exception as error:
            if "locked" not in str(error) or time.monotonic() > given_up:
                raise
            time.sleep(0.02)


def begin(connection: Connection) -> None:
    """Takes the write lock at once where the connection is to write."""
    # Without BEGIN each statement is a transaction of its own, which is all that a single read needs.
    options = connection.get_execution_options()
    if options.get("immediate"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif options.get("snapshot"):
        connection.exec_driver_sql("BEGIN")


def reclaim(engine: Engine) -> bool:
    """Gives the room of deleted rows back to the disk, and empties the write-ahead log that still holds them.

    False when somebody else was reading or writing all the time.
    """
    with engine.connect() as connection:
        before = _number(connection, "PRAGMA busy_timeout")
        connection.exec_driver_sql(f"PRAGMA busy_timeout={_PATIENCE}")
        try:
            _give_pages_back(connection)
            # First without a lock, so that the part that keeps writers waiting is short.
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").all()
            return _number(connection, "PRAGMA wal_checkpoint(TRUNCATE)") == 0
        except (OperationalError, sqlite3.OperationalError) as error:
            log.info("the room of deleted rows is not given back yet: %s", getattr(error, "orig", error))
            return False
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={before}")


def _give_pages_back(connection: Connection) -> None:
    raw: Any = connection.connection.dbapi_connection
    free = _number(connection, "PRAGMA freelist_count")
    while free:
        # It goes on page by page as its rows are fetched, and has none to SQLAlchemy's eyes.
        raw.execute(f"PRAGMA incremental_vacuum({_PAGES})").fetchall()
        before, free = free, _number(connection, "PRAGMA freelist_count")
        if free >= before:
            return


def make_incremental(engine: Engine, file: Path) -> None:
    """Rewrites an older database once, where that is cheap, so that deletions can give room back."""
    if file.stat().st_size > min(CHEAP, _free(file) // 3):
        return
    with engine.connect() as connection:
        if _number(connection, "PRAGMA auto_vacuum") != _INCREMENTAL:
            connection.exec_driver_sql("PRAGMA auto_vacuum=INCREMENTAL")
            connection.exec_driver_sql("VACUUM")


def keep_reserve(file: Path) -> None:
    """Sets some room on the disk aside for the next start, where there is enough of it."""
    place = _reserve(file)
    if place.exists() or _free(file) < 4 * RESERVE:
        return
    try:
        place.touch(mode=0o600)
        place.write_bytes(os.urandom(RESERVE))
    except OSError:
        with suppress(OSError):
            place.unlink(missing_ok=True)


def release_reserve(file: Path) -> bool:
    """On a full disk, gives back the room that was set aside; whether there was any."""
    place = _reserve(file)
    if _free(file) >= RESERVE or not place.exists():
        return False
    with suppress(OSError):
        place.unlink()
    return True


def _free(file: Path) -> int:
    return shutil.disk_usage(file.parent).free


def _reserve(file: Path) -> Path:
    return file.with_name(f"{file.name}-reserve")


def _number(connection: Connection, pragma: str) -> int:
    number: int = connection.exec_driver_sql(pragma).all()[0][0]
    return number
