"""Migrations: applied once however many start together, and the same schema as the tables in the code."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError

from app.store.accounts import delete_account, find_or_add_account
from app.store.engine import Store
from app.store.migrate import NewerDatabase, alembic_config, migrate
from app.store.tables import account, metadata

ROOT = Path(__file__).resolve().parent.parent.parent
STARTS_TOGETHER = """
import sys
from app.store.engine import Store
from app.store.migrate import migrate
store = Store(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
migrate(store)
store.close()
"""


@pytest.fixture
def store(unmigrated_url: str) -> Iterator[Store]:
    """A database that was migrated by itself."""
    store = Store(unmigrated_url)
    migrate(store)
    yield store
    store.close()


def versions(store: Store) -> list[str]:
    """The versions that the database says it is at."""
    with store.reading() as connection:
        return list(connection.scalars(text("SELECT version_num FROM alembic_version")))


def tables(store: Store) -> set[str]:
    """The names of the tables in the database."""
    with store.reading() as connection:
        return set(inspect(connection).get_table_names())


@pytest.mark.slow
def test_six_processes_that_start_together_migrate_an_empty_database_once(unmigrated_url: str) -> None:
    workers = [
        subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-W", "error", "-c", STARTS_TOGETHER, unmigrated_url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()

    said = [worker.communicate(timeout=60)[1] for worker in workers]

    assert [worker.returncode for worker in workers] == [0] * 6, said
    store = Store(unmigrated_url)
    assert len(versions(store)) == 1
    assert tables(store) == {*metadata.tables, "alembic_version"}
    store.close()


def test_the_schema_is_that_of_the_tables(store: Store) -> None:
    with store.writing() as connection:
        command.check(alembic_config(connection))  # raises where they differ


def test_the_database_is_at_the_newest_version(store: Store) -> None:
    with store.reading() as connection:
        newest = ScriptDirectory.from_config(alembic_config(connection)).get_heads()

    assert versions(store) == newest
    assert len(newest) == 1


def test_migrating_again_keeps_what_is_there(store: Store) -> None:
    number = find_or_add_account(store, "spotify", "mira", None)

    migrate(store)

    with store.reading() as connection:
        assert connection.scalars(select(account.c.id)).all() == [number]


def test_a_database_with_accounts_goes_on_counting_where_it_was(store: Store) -> None:
    numbers = [find_or_add_account(store, "spotify", name, None) for name in ("mira", "theo")]
    with store.writing() as connection:
        command.downgrade(alembic_config(connection), "0009")

    migrate(store)
    delete_account(store, numbers[-1])

    assert find_or_add_account(store, "spotify", "ana", None) > numbers[-1]


def test_the_way_back_leaves_nothing(store: Store) -> None:
    with store.writing() as connection:
        command.downgrade(alembic_config(connection), "base")

    assert tables(store) == {"alembic_version"}
    assert versions(store) == []


def test_a_migration_that_fails_leaves_the_database_as_it_was(unmigrated_url: str) -> None:
    store = Store(unmigrated_url)
    with store.writing() as connection:
        connection.execute(text("CREATE TABLE pause (in_the_way INTEGER)"))  # the last table of the first one

    with pytest.raises(DBAPIError, match="pause"):
        migrate(store)

    assert tables(store) == {"pause"}
    store.close()


def test_a_database_of_a_newer_program_is_left_alone(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from_the_future'"))

    with pytest.raises(NewerDatabase, match="made by a newer Liner Notes"):
        migrate(store)

    assert versions(store) == ["from_the_future"]


def test_what_the_demo_kept_with_a_visitors_host_is_gone_and_a_persons_answers_stay(store: Store) -> None:
    people = {service: find_or_add_account(store, service, "mira", None) for service in ("demo", "spotify")}
    with store.writing() as connection:
        command.downgrade(alembic_config(connection), "0008")
        for number in people.values():
            connection.execute(
                text(
                    "INSERT INTO answer (account_id, key, body, fetched_at, fresh_until)"
                    " VALUES (:number, 'profile', :body, 0, 0)"
                ),
                {"number": number, "body": b'{"url": "http://evil.example/demo/spotify/open/listener/mira"}'},
            )
    migrate(store)
    with store.reading() as connection:
        left = connection.scalars(text("SELECT account_id FROM answer")).all()
    assert left == [people["spotify"]]
