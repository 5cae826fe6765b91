"""Cooldowns: shared by every worker; the longer one stays."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine
from sqlalchemy import insert, select

from app.store.cooldowns import Cooldown
from app.store.engine import Store
from app.store.tables import pause

NOON = 1795089600.0  # 2026-11-19T12:00:00Z


def test_nothing_is_paused_at_first(store: Store) -> None:
    assert Cooldown(store, "spotify:api").until() is None


def test_a_pause_holds_for_everyone_until_it_is_over(store: Store, database_url: str) -> None:
    other_worker = Store(database_url)
    with time_machine.travel(NOON, tick=False) as clock:
        Cooldown(store, "spotify:api").begin(NOON + 30, "429")

        assert Cooldown(other_worker, "spotify:api").until() == NOON + 30
        assert Cooldown(store, "demo:api").until() is None
        clock.shift(29.9)
        assert Cooldown(store, "spotify:api").until() == NOON + 30
        clock.shift(0.1)
        assert Cooldown(store, "spotify:api").until() is None
    other_worker.close()


def test_a_part_may_be_paused_alone_and_the_whole_holds_for_each_part(store: Store) -> None:
    api = Cooldown(store, "spotify:api")
    with time_machine.travel(NOON, tick=False):
        api.begin(NOON + 30, "429", "GET /me")
        assert [api.until(part) for part in ("GET /me", "PUT /me", "")] == [NOON + 30, None, None]
        api.begin(NOON + 10, "quota")
        assert [api.until(part) for part in ("GET /me", "PUT /me", "")] == [NOON + 30, NOON + 10, NOON + 10]


@pytest.mark.parametrize(("first", "second"), [(30, 86_400), (86_400, 30), (30, 30)])
def test_the_longer_pause_stays(store: Store, first: float, second: float) -> None:
    with time_machine.travel(NOON, tick=False):
        one = Cooldown(store, "spotify:api")
        one.begin(NOON + first, "first")
        one.begin(NOON + second, "second")

        assert one.until() == NOON + max(first, second)
        with store.reading() as connection:
            assert connection.scalar(select(pause.c.why)) == ("first" if first >= second else "second")


def test_a_pause_that_is_over_may_begin_anew(store: Store) -> None:
    one = Cooldown(store, "spotify:api")
    with time_machine.travel(NOON, tick=False) as clock:
        one.begin(NOON + 86_400, "429")
        clock.shift(2 * 86_400)
        one.begin(NOON + 2 * 86_400 + 5, "429 again")

        assert one.until() == NOON + 2 * 86_400 + 5


def test_an_ended_pause_is_over_at_once(store: Store) -> None:
    one = Cooldown(store, "spotify:api")
    with time_machine.travel(NOON, tick=False):
        one.begin(NOON + 86_400, "429")
        one.end()
        assert one.until() is None

        one.begin(NOON + 5, "429")
        assert one.until() == NOON + 5


def test_of_several_pauses_begun_at_once_the_longest_stays(store: Store) -> None:
    with time_machine.travel(NOON, tick=False), ThreadPoolExecutor(6) as threads:
        for round_ in range(15):
            one, start = Cooldown(store, f"api {round_}"), Barrier(6)

            def begin(seconds: int, one: Cooldown = one, start: Barrier = start) -> None:
                start.wait()
                one.begin(NOON + seconds, "429")

            for future in [threads.submit(begin, seconds) for seconds in (900, 5, 700, 3, 600, 1)]:
                future.result()
            assert one.until() == NOON + 900


@pytest.mark.parametrize("seconds", [30, 7 * 86_400])
def test_a_pause_of_a_clock_that_was_ahead_is_void(store: Store, seconds: float) -> None:
    one = Cooldown(store, "spotify:api")
    with time_machine.travel(NOON, tick=False) as clock:
        one.begin(NOON + seconds, "429")
        clock.shift(-3600)
        assert one.until() is None
        one.begin(NOON - 3600 + 20, "429")
        assert one.until() == NOON - 3600 + 20


def test_a_pause_of_an_older_version_is_void_beyond_a_week(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(
            insert(pause),
            [
                {"name": "a day", "until": NOON + 86_400, "why": ""},
                {"name": "a year", "until": NOON + 365 * 86_400, "why": ""},
            ],
        )
    with time_machine.travel(NOON, tick=False):
        assert Cooldown(store, "a day").until() == NOON + 86_400
        assert Cooldown(store, "a year").until() is None
