"""The sweep: every start deletes what has had its time, and nothing else."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import Table, insert, select, text

from app.config import Config, read_config
from app.site import build_site
from app.store.accounts import find_or_add_account
from app.store.engine import Store
from app.store.sweep import SWEEP_EVERY, sweep, sweep_now_and_then
from app.store.tables import account, answer, lease, pause, session

NOON = 1732017600.0  # 2024-11-19T12:00:00Z, in the past for the database's own clock
MONTH = 30 * 86_400.0


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Config:
    """A site on that database."""
    environ = {"SECRET_KEY": "a secret key for tests only", "DATABASE_URL": database_url, "DEMO": "0"}
    return read_config(environ, instance=tmp_path / "instance")


def keep(store: Store, table: Table, *rows: dict[str, object]) -> None:
    with store.writing() as connection:
        connection.execute(insert(table), list(rows))


def left(store: Store, table: Table, name: str) -> set[str]:
    with store.reading() as connection:
        return set(connection.scalars(select(table.c[name])))


def test_a_start_sweeps_out_what_is_over_and_leaves_what_lives(store: Store, config: Config) -> None:
    mira = find_or_add_account(store, "spotify", "mira", None)
    ends = {"over": NOON - 1, "lives": NOON + 1}
    keep(
        store,
        session,
        *({"id_hash": name, "encrypted": b"", "expires_at": end} for name, end in ends.items()),
    )
    keep(store, lease, *({"name": name, "holder": "x", "until": end} for name, end in ends.items()))
    keep(store, pause, *({"name": name, "until": end, "why": ""} for name, end in ends.items()))
    keep(
        store,
        answer,
        *(
            {"account_id": mira, "key": name, "body": b"", "fetched_at": end - MONTH, "fresh_until": 0.0}
            for name, end in ends.items()
        ),
    )

    build_site(config).close()

    assert left(store, session, "id_hash") == {"lives"}
    assert left(store, lease, "name") == {"lives"}
    assert left(store, pause, "name") == {"lives"}
    assert left(store, answer, "key") == {"lives"}
    assert left(store, account, "spotify_user_id") == {"mira"}


def private_accounts(store: Store, *seen_at: float) -> None:
    rows: list[dict[str, object]] = [
        {
            "service": "local",
            "spotify_user_id": str(number),
            "spotify_account_id": "",
            "created_at": at,
            "seen_at": at,
        }
        for number, at in enumerate(seen_at)
    ]
    keep(store, account, *rows)


def clock_of_the_database(store: Store) -> float:
    """SQLite has none of its own."""
    if store.engine.dialect.name == "sqlite":
        return NOON
    with store.reading() as connection:
        return float(connection.scalar(text("SELECT extract(epoch FROM now())")) or 0)


def test_a_start_with_a_clock_ahead_deletes_a_tenth_at_most(
    store: Store, config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    now = clock_of_the_database(store)
    private_accounts(store, *(now - second for second in range(30)))
    sessions = [{"id_hash": str(day), "encrypted": b"", "expires_at": now + 3600 + day} for day in range(20)]
    keep(store, session, *sessions)
    with time_machine.travel(now + 40 * 86_400, tick=False), caplog.at_level(logging.WARNING):
        build_site(config).close()
    if store.engine.dialect.name == "sqlite":
        assert left(store, account, "spotify_user_id") == {str(number) for number in range(27)}
        assert left(store, session, "id_hash") == {str(number) for number in range(2, 20)}
        assert "30 of 30 rows of the table account are due to be deleted" in caplog.text
    else:
        # The database knows better.
        assert len(left(store, account, "id")) == 30
        assert len(left(store, session, "id_hash")) == 20


def test_the_rest_goes_in_later_runs(store: Store) -> None:
    private_accounts(store, *[NOON - 2 * MONTH] * 25, *[NOON] * 5)
    for remaining in (27, 25, 23, 21):
        sweep(store)
        assert len(left(store, account, "id")) == remaining


def test_a_small_site_sweeps_one_at_a_time(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    private_accounts(store, NOON - 2 * MONTH, NOON)
    with caplog.at_level(logging.WARNING):
        sweep(store)
    assert left(store, account, "spotify_user_id") == {"1"}
    assert caplog.text == ""


def test_what_is_written_sweeps_once_an_hour(store: Store) -> None:
    private_accounts(store, *[NOON - 2 * MONTH] * 3)
    with time_machine.travel(NOON, tick=False) as clock:
        sweep_now_and_then(store)
        clock.shift(SWEEP_EVERY - 1)
        sweep_now_and_then(store)
        assert len(left(store, account, "id")) == 2
        clock.shift(1)
        sweep_now_and_then(store)
        assert len(left(store, account, "id")) == 1


def test_void_leases_and_pauses_are_swept_out(store: Store) -> None:
    keep(store, lease, {"name": "ahead", "holder": "x", "until": NOON + 40 * 86_400})
    keep(store, pause, {"name": "ahead", "until": NOON + 30, "why": "", "begun_at": NOON + 20})
    sweep(store)
    assert (left(store, lease, "name"), left(store, pause, "name")) == (set(), set())
