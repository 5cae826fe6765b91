"""PostgreSQL that is down, goes down, and comes back."""

import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.store.engine import Store
from app.store.faults import Fault, fault_of
from tests.processes import free_port


def test_nobody_listening_is_a_database_that_does_not_answer() -> None:
    store = Store(f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/nothing")
    began = time.monotonic()
    with pytest.raises(OperationalError) as caught, store.reading() as connection:
        connection.execute(text("SELECT 1"))
    assert fault_of(caught.value) is Fault.DOWN
    assert time.monotonic() - began < 4


def test_connections_that_were_cut_are_replaced(store: Store) -> None:
    if store.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no connections to cut")
    cut = text("SELECT pg_terminate_backend(:process)")
    with store.reading() as victim, store.engine.connect() as other:
        process = victim.scalar(text("SELECT pg_backend_pid()"))
        other.execute(cut, {"process": process})
        with pytest.raises(OperationalError) as caught:
            victim.execute(text("SELECT 1"))
    assert fault_of(caught.value) is Fault.DOWN
    with store.reading() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
