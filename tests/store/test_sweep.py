"""The sweep: every start deletes what has had its time, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import Table, insert, select

from app.config import Config, read_config
from app.site import build_site
from app.store.accounts import find_or_add_account
from app.store.engine import Store
from app.store.tables import account, answer, lease, pause, session

NOON = 1795089600.0  # 2026-11-19T12:00:00Z
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
        *({"id_hash": name, "sealed": b"", "expires_at": end} for name, end in ends.items()),
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
