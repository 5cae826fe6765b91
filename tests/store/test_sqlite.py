"""SQLite's file: what a deletion leaves in it, and how a start copes with a full disk."""

import shutil
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.store import start
from app.store.accounts import add_local_account, delete_account
from app.store.engine import Store
from app.store.faults import Fault, fault_of
from app.store.history import write_blob
from app.store.migrate import migrate
from app.store.sqlite import JOURNAL_LIMIT
from app.store.start import prepare_database

NAME = b"Somebody Whom I Listen To"
PARTS, LENGTH = 8, 40_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "notes.sqlite3"


def url(file: Path) -> str:
    return f"sqlite:///{file}"


def pragma(store: Store, name: str) -> int:
    with store.reading() as connection:
        number: int = connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
    return number


def written(file: Path) -> bytes:
    """All that is on the disk of a database."""
    return b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*") if one.is_file())


def fill(store: Store) -> int:
    """An account with a history."""
    number = add_local_account(store)
    for place in range(PARTS):
        write_blob(store, number, f"part {place}", NAME * LENGTH)
    return number


def test_after_a_deletion_no_name_is_left_and_the_room_is_given_back(file: Path) -> None:
    store = Store(url(file))
    migrate(store)
    number = fill(store)
    assert NAME in written(file)

    delete_account(store, number)
    assert store.reclaim()

    assert NAME not in written(file)
    assert file.stat().st_size < 400_000
    assert file.with_name(f"{file.name}-wal").stat().st_size == 0
    store.close()


def test_others_write_while_room_is_given_back_and_it_is_tried_again_later(file: Path) -> None:
    store, other = Store(url(file)), Store(url(file))
    migrate(store)
    delete_account(store, fill(store))
    with other.writing() as connection:
        connection.execute(text("SELECT 1"))
        assert not store.reclaim()
    assert pragma(store, "busy_timeout") == 5000
    assert store.reclaim()
    assert NAME not in written(file)
    other.close()
    store.close()


def test_a_writer_waits_five_seconds_and_a_large_log_is_cut_short(file: Path) -> None:
    store = Store(url(file))
    assert pragma(store, "busy_timeout") == 5000
    assert pragma(store, "secure_delete") == 1
    assert pragma(store, "journal_size_limit") == JOURNAL_LIMIT
    store.close()


def older_database(file: Path) -> None:
    """A database from before deletions gave room back."""
    with sqlite3.connect(file) as older:
        older.execute("CREATE TABLE something (body)")
    older.close()
    store = Store(url(file))
    migrate(store)
    delete_account(store, fill(store))
    assert pragma(store, "auto_vacuum") == 0
    assert store.reclaim()
    store.close()
    assert file.stat().st_size > PARTS * LENGTH * len(NAME)


def test_a_start_makes_an_older_database_give_its_room_back(file: Path) -> None:
    older_database(file)
    prepare_database(url(file))
    store = Store(url(file))
    assert pragma(store, "auto_vacuum") == 2
    assert file.stat().st_size < 1_000_000
    store.close()


def test_a_large_older_database_stays_as_it_is(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older_database(file)
    monkeypatch.setattr("app.store.sqlite.CHEAP", 1_000_000)
    prepare_database(url(file))
    store = Store(url(file))
    assert pragma(store, "auto_vacuum") == 0
    store.close()


def disk_with(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=free))


def test_a_start_on_a_full_disk_uses_the_room_that_an_earlier_one_set_aside(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.sqlite.RESERVE", 2**20)
    reserve = file.with_name(f"{file.name}-reserve")
    prepare_database(url(file))
    assert reserve.stat().st_size == 2**20
    disk_with(monkeypatch, free=0)
    prepare_database(url(file))
    assert not reserve.exists()
    prepare_database(url(file))
    assert not reserve.exists()
    monkeypatch.undo()
    prepare_database(url(file))
    assert reserve.exists()


def test_a_start_goes_on_where_nothing_can_be_swept(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_store: Store) -> None:
        raise OperationalError("DELETE", {}, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr(start, "sweep", full)
    prepare_database(url(file))
    assert "could not be swept: database or disk is full" in caplog.text


def fails(file: Path, *statements: str) -> Fault | None:
    """What the last statement's failure means."""
    store = Store(url(file))
    try:
        with store.engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    except OperationalError as error:
        return fault_of(error)
    finally:
        store.close()
    return None


def test_what_sqlite_says_is_told_apart(file: Path, tmp_path: Path) -> None:
    store = Store(url(file))
    migrate(store)
    with store.writing():
        assert fails(file, "PRAGMA busy_timeout=1", "BEGIN IMMEDIATE") is Fault.BUSY
    store.close()
    big = "CREATE TABLE big AS SELECT zeroblob(1000000)"
    assert fails(file, "PRAGMA max_page_count=1", big) is Fault.FULL
    assert fails(file, "PRAGMA query_only=ON", big) is Fault.READ_ONLY
    assert fails(file, "SELECT * FROM nowhere") is Fault.DOWN
    assert fails(file, "SELEKT") is None
    (tmp_path / "folder.sqlite3").mkdir()
    assert fails(tmp_path / "folder.sqlite3", "SELECT 1") is Fault.DOWN
