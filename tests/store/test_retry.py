"""Which faults of a database pass by themselves: real ones, as the drivers raise them."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from app.store.engine import Store
from app.store.retry import is_passing, patiently
from app.store.tables import account
from tests.processes import free_port


def fault_of(do: Callable[[], object]) -> SQLAlchemyError:
    with pytest.raises(SQLAlchemyError) as raised:
        do()
    return raised.value


def ask(store: Store, question: str = "SELECT 1") -> None:
    with store.writing() as connection:
        connection.execute(text(question))


def test_a_connection_that_the_server_ends(store: Store) -> None:
    if store.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no server")

    def ended() -> None:
        with store.writing() as connection, store.reading() as other:
            pid = connection.scalar(text("SELECT pg_backend_pid()"))
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
            connection.execute(select(1))

    assert is_passing(fault_of(ended))
    ask(store)


def test_a_server_that_is_not_there() -> None:
    nowhere = Store(f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/none")
    assert is_passing(fault_of(lambda: ask(nowhere)))
    nowhere.close()


def test_a_lock_that_somebody_holds(tmp_path: Path) -> None:
    file = tmp_path / "test.sqlite3"
    store = Store(f"sqlite:///{file}?timeout=0")
    with store.writing(), sqlite3.connect(file, timeout=0) as other:
        with pytest.raises(sqlite3.OperationalError) as locked:
            other.execute("BEGIN IMMEDIATE")
        assert is_passing(OperationalError("BEGIN", {}, locked.value))
    other.close()
    store.close()


@pytest.mark.parametrize("question", ["SELECT * FROM nowhere", "SELECT no_such_function()", "no SQL at all"])
def test_what_is_wrong_stays_wrong(store: Store, question: str) -> None:
    assert not is_passing(fault_of(lambda: ask(store, question)))


def test_a_rule_that_is_broken_stays_broken(store: Store) -> None:
    def half_an_account() -> None:
        with store.writing() as connection:
            connection.execute(insert(account).values(service="spotify"))

    assert not is_passing(fault_of(half_an_account))


def test_a_full_disk_and_a_file_that_cannot_be_opened_are_lasting() -> None:
    for message in ("database or disk is full", "unable to open database file", "disk I/O error"):
        assert not is_passing(OperationalError("INSERT", {}, sqlite3.OperationalError(message)))


def test_a_pool_without_a_free_connection_is_passing() -> None:
    assert is_passing(NoConnectionFree("QueuePool limit"))


def test_without_a_way_to_wait_a_passing_fault_is_raised() -> None:
    def fail() -> None:
        raise NoConnectionFree("QueuePool limit")

    with pytest.raises(NoConnectionFree):
        patiently(fail, None)


def test_a_lasting_fault_is_not_waited_out() -> None:
    def fail() -> None:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    with pytest.raises(OperationalError, match="full"):
        patiently(fail, lambda _seconds: pytest.fail("waited"))
