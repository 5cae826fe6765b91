"""The counters of the rate limits: one count for all processes, windows that end, nothing left behind."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.store import rate_limits
from app.store.engine import Store
from app.store.rate_limits import RateLimitStorage
from app.store.tables import rate_limit

NOON = 1795089600.0  # 2026-11-19T12:00:00Z


def keys(store: Store) -> list[str]:
    with store.reading() as connection:
        return list(connection.scalars(select(rate_limit.c.key).order_by(rate_limit.c.key)))


def test_two_processes_count_together(store: Store, database_url: str) -> None:
    other = Store(database_url)
    with time_machine.travel(NOON, tick=False):
        assert RateLimitStorage(store).incr("a", 60) == 1
        assert RateLimitStorage(other).incr("a", 60) == 2
        assert RateLimitStorage(store).incr("b", 60, amount=3) == 3
        assert RateLimitStorage(other).get("a") == 2
        assert RateLimitStorage(other).get_expiry("a") == NOON + 60
    other.close()


def test_hits_at_the_same_time_are_all_counted(store: Store) -> None:
    counters = RateLimitStorage(store)
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: counters.incr("a", 60), range(40)))
    assert sorted(counts) == list(range(1, 41))


def test_a_window_begins_with_its_first_hit_and_ends(store: Store) -> None:
    counters = RateLimitStorage(store)
    with time_machine.travel(NOON, tick=False) as clock:
        counters.incr("a", 60)
        clock.shift(59)
        assert (counters.incr("a", 60), counters.get_expiry("a")) == (2, NOON + 60)
        clock.shift(1)
        assert counters.get("a") == 0
        assert (counters.incr("a", 60), counters.get_expiry("a")) == (1, NOON + 120)


def test_a_clock_that_was_ahead_makes_no_window_longer(store: Store) -> None:
    counters = RateLimitStorage(store)
    with time_machine.travel(NOON + 40 * 86_400, tick=False):
        counters.incr("a", 60)
        counters.incr("a", 60)
    with time_machine.travel(NOON, tick=False):
        assert (counters.incr("a", 60), counters.get_expiry("a")) == (1, NOON + 60)


def test_a_clock_that_is_a_little_behind_counts_in_the_same_window(store: Store) -> None:
    counters = RateLimitStorage(store)
    with time_machine.travel(NOON, tick=False) as clock:
        counters.incr("a", 60)
        clock.shift(-5)
        assert (counters.incr("a", 60), counters.get_expiry("a")) == (2, NOON + 60)


def test_counters_that_are_over_are_swept_by_the_next_that_begins(store: Store) -> None:
    counters = RateLimitStorage(store)
    with time_machine.travel(NOON, tick=False) as clock:
        for key in ("a", "b", "c"):
            counters.incr(key, 60)
        counters.incr("long", 3600)
        clock.shift(61)
        counters.incr("d", 60)
        assert keys(store) == ["d", "long"]


def test_counters_can_be_forgotten(store: Store) -> None:
    counters = RateLimitStorage(store)
    for key in ("a", "b", "c"):
        counters.incr(key, 60)
    counters.clear("a")
    assert (counters.get("a"), counters.get("b"), counters.check()) == (0, 1, True)
    assert counters.reset() == 2
    assert keys(store) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_locked_database_holds_nobody_up(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "PATIENCE_MS", 1)
    counters = RateLimitStorage(store)
    with store.writing():  # fifteen seconds would be the rule elsewhere
        with pytest.raises(OperationalError, match="locked"):
            counters.incr("a", 60)
        assert counters.get("a") == 0
    assert counters.incr("a", 60) == 1
    with store.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() != 1
