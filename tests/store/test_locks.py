"""Leases: one works, the others get the result; nobody waits for ever for a holder that died."""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Lock

import pytest
import time_machine
from sqlalchemy import event, func, select

from app.config import ROOT
from app.deadline import Deadline
from app.store import locks as leases
from app.store.engine import Store
from app.store.locks import (
    LEASE_SECONDS,
    give_back,
    give_back_all_of,
    inherit,
    is_free,
    leased,
    process_holder,
    prolong,
    prolonged,
    single_flight,
    take,
)
from app.store.tables import lease
from tests.waiting import until

PATIENCE = 10.0  # seconds; only a failing test waits as long


class Cache:
    """Where workers leave their result, with a count of looks and of pieces of work."""

    def __init__(self) -> None:
        self.result: str | None = None
        self.looks = 0
        self.worked = 0
        self.lock = Lock()
        self.looked: dict[int, Event] = {}

    def after(self, looks: int) -> Event:
        """Set once there were so many looks."""
        return self.looked.setdefault(looks, Event())

    def find(self) -> str | None:
        with self.lock:
            self.looks += 1
            if self.looks in self.looked:
                self.looked[self.looks].set()
        return self.result

    def work(self) -> str:
        with self.lock:
            self.worked += 1
        self.result = f"result {self.worked}"
        return self.result


def held(store: Store) -> int:
    """How many leases are held."""
    with store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(lease)) or 0


def test_one_works_and_the_others_get_the_result(store: Store) -> None:
    cache = Cache()
    others_wait = cache.after(20)

    def work() -> str:
        assert others_wait.wait(PATIENCE)
        return cache.work()

    with ThreadPoolExecutor(6) as threads:
        results = [
            threads.submit(single_flight, store, "thing", cache.find, work, Deadline(PATIENCE))
            for _ in range(6)
        ]

    assert [result.result() for result in results] == ["result 1"] * 6
    assert cache.worked == 1
    assert held(store) == 0


def test_what_is_there_is_taken_without_a_lease(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "_take", pytest.fail)
    cache = Cache()
    cache.result = "there already"

    assert single_flight(store, "thing", cache.find, cache.work, Deadline(0)) == "there already"
    assert cache.worked == 0


def test_what_came_between_the_look_and_the_lease_is_not_done_again(store: Store) -> None:
    looks = iter([None, "another was faster"])

    assert (
        single_flight(store, "thing", lambda: next(looks), pytest.fail, Deadline(0)) == "another was faster"
    )
    assert held(store) == 0


def test_an_empty_result_counts_as_found(store: Store) -> None:
    empty: tuple[str, ...] = ()

    assert single_flight(store, "thing", lambda: empty, pytest.fail, Deadline(0)) == ()


def test_a_worker_that_fails_lets_the_next_one_try(store: Store) -> None:
    cache = Cache()

    def fail() -> str:
        raise ConnectionError("no luck")

    with pytest.raises(ConnectionError, match="no luck"):
        single_flight(store, "thing", cache.find, fail, Deadline(0))

    assert single_flight(store, "thing", cache.find, cache.work, Deadline(0)) == "result 1"


def test_two_names_do_not_wait_for_each_other(store: Store) -> None:
    one, other = Cache(), Cache()

    def work_inside() -> str:
        return single_flight(store, "other", other.find, other.work, Deadline(0)) + " inside"

    assert single_flight(store, "one", one.find, work_inside, Deadline(0)) == "result 1 inside"


def test_who_waits_too_long_gives_up(store: Store) -> None:
    cache = Cache()

    def impatient() -> str:
        with pytest.raises(TimeoutError, match="waited too long for thing"):
            single_flight(store, "thing:of 7", cache.find, cache.work, Deadline(0.05))
        return "worked alone"

    assert single_flight(store, "thing:of 7", cache.find, impatient, Deadline(PATIENCE)) == "worked alone"
    assert cache.worked == 0


def test_who_waits_only_reads(store: Store) -> None:
    assert leases._take(store, "thing")
    cache, said = Cache(), []

    def hear(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        said.append(statement.split()[0])

    event.listen(store.engine, "before_cursor_execute", hear)
    with pytest.raises(TimeoutError):
        single_flight(store, "thing", cache.find, pytest.fail, Deadline(0.1))

    assert cache.looks > 1
    assert said == ["SELECT"] * cache.looks


@pytest.fixture
def dies(monkeypatch: pytest.MonkeyPatch) -> Callable[[Store, str], None]:
    """Lets a worker die: its lease is taken and never given back."""

    def die(store: Store, name: str) -> None:
        with monkeypatch.context() as dead:
            dead.setattr(leases, "give_back", lambda *_: None)
            single_flight(store, name, lambda: None, lambda: "lost", Deadline(0))

    return die


def test_a_dead_worker_is_replaced_when_its_lease_runs_out(
    store: Store, dies: Callable[[Store, str], None]
) -> None:
    cache = Cache()
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False) as clock:
        dies(store, "thing")

        clock.shift(LEASE_SECONDS - 0.1)
        with pytest.raises(TimeoutError):
            single_flight(store, "thing", cache.find, cache.work, Deadline(0))

        clock.shift(0.2)
        assert single_flight(store, "thing", cache.find, cache.work, Deadline(0)) == "result 1"


def test_a_slow_worker_that_was_replaced_leaves_its_successors_lease_alone(store: Store) -> None:
    successor, slow_one_is_done = Cache(), Event()
    with (
        time_machine.travel("2026-11-20T12:00:00Z", tick=False) as clock,
        ThreadPoolExecutor(1) as threads,
    ):
        at_work = Event()

        def work_of_the_successor() -> str:
            at_work.set()
            assert slow_one_is_done.wait(PATIENCE)
            return successor.work()

        def slow_work() -> str:
            clock.shift(LEASE_SECONDS + 1)
            threads.submit(single_flight, store, "thing", successor.find, work_of_the_successor, Deadline(0))
            assert at_work.wait(PATIENCE)
            return "late"

        assert single_flight(store, "thing", lambda: None, slow_work, Deadline(0)) == "late"
        with pytest.raises(TimeoutError):
            single_flight(store, "thing", lambda: None, pytest.fail, Deadline(0))
        slow_one_is_done.set()

    assert successor.result == "result 1"
    assert held(store) == 0


def test_a_lease_that_outlasts_its_own_span_is_void(store: Store) -> None:
    """The clock was ahead when it was taken; whoever held it was killed."""
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False) as clock:
        assert leases.take(store, "thing")
        assert leases.take(store, "long", seconds=600)
        clock.shift(-3600)
        cache = Cache()
        assert single_flight(store, "thing", cache.find, cache.work, Deadline(0)) == "result 1"
        assert leases.take(store, "long", seconds=600)
        assert leases.take(store, "long", seconds=600) is None


def test_a_long_lease_is_held_for_its_whole_span(store: Store) -> None:
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False) as clock:
        assert leases.take(store, "long", seconds=600)
        clock.shift(599)
        assert leases.take(store, "long", seconds=600) is None
        clock.shift(2)
        assert leases.take(store, "long", seconds=600)


@time_machine.travel("2026-11-20T12:00:00Z", tick=False)
def test_a_lease_is_taken_prolonged_and_given_back_by_its_holder_alone(store: Store) -> None:
    holder = take(store, "thing", 10)
    assert holder is not None
    assert take(store, "thing") is None
    assert not prolong(store, "thing", "somebody else")
    give_back(store, "thing", "somebody else")
    assert prolong(store, "thing", holder)
    give_back(store, "thing", holder)
    assert not prolong(store, "thing", holder)
    assert take(store, "thing") is not None


@pytest.mark.parametrize("error", [ValueError(), KeyboardInterrupt()])
def test_a_lease_lasts_as_long_as_its_block(store: Store, error: BaseException) -> None:
    def work() -> None:
        with leased(store, "thing") as lease:
            assert lease is not None
            with leased(store, "thing") as another, leased(store, "another thing") as free:
                assert (another, free is None) == (None, False)
            assert held(store) == 1
            raise error

    with pytest.raises(type(error)):
        work()
    assert held(store) == 0


def test_of_many_that_take_a_lease_at_once_one_does(store: Store) -> None:
    start = Barrier(8)

    def begin(_nth: int) -> str | None:
        start.wait()
        return take(store, "thing")

    with ThreadPoolExecutor(8) as threads:
        assert sum(holder is not None for holder in threads.map(begin, range(8))) == 1


def test_who_asks_whether_it_is_held_keeps_it_and_who_does_not_is_replaced(store: Store) -> None:
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False) as clock:
        with leased(store, "thing") as slow:
            assert slow is not None
            for _ in range(3):
                clock.shift(LEASE_SECONDS - 1)
                assert slow.is_held()
                assert take(store, "thing") is None
            clock.shift(LEASE_SECONDS + 1)
            after = take(store, "thing")
            assert after is not None
            # The one before was not dead, only slow: it learns that the work is no longer its own.
            assert not slow.is_held()
        assert prolong(store, "thing", after)


def holder_of_a_dead_process() -> str:
    """A mark as a process of this machine had it that has died."""
    script = "from app.store.locks import process_holder; print(process_holder())"
    command = [sys.executable, "-c", script]
    return subprocess.check_output(command, cwd=ROOT, text=True).strip()  # noqa: S603 - our own script


def test_the_lease_of_a_process_of_this_machine_that_died_is_inherited_at_once(store: Store) -> None:
    dead, mine = holder_of_a_dead_process(), process_holder()
    assert inherit(store, "thing", dead, 30) is False
    assert is_free(store, "thing", 30)
    assert inherit(store, "thing", mine, 30) is True
    assert not is_free(store, "thing", 30)
    assert inherit(store, "thing", process_holder(), 30) is None
    assert inherit(store, "thing", mine, 30) is False


def test_the_lease_of_another_machine_is_inherited_when_it_has_run_out(store: Store) -> None:
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False) as clock:
        assert inherit(store, "thing", "another machine:7:0:x", 30) is False
        clock.shift(29)
        assert inherit(store, "thing", process_holder(), 30) is None
        clock.shift(2)
        assert inherit(store, "thing", process_holder(), 30) is True


def test_all_of_a_process_is_given_back(store: Store) -> None:
    inherit(store, "thing", process_holder(), 30)
    give_back_all_of(store, os.getpid() + 1)
    assert held(store) == 1
    give_back_all_of(store, os.getpid())
    assert held(store) == 0


def test_a_lease_is_prolonged_beside_the_work_until_somebody_else_has_it(store: Store) -> None:
    mine, lost = process_holder(), Event()
    inherit(store, "thing", mine, 0.3)
    with prolonged(store, "thing", mine, 0.3, lost.set):
        first = runs_out(store)
        until(lambda: runs_out(store) > first)
        assert not lost.is_set()
        give_back(store, "thing", mine)
        assert lost.wait(PATIENCE)


def runs_out(store: Store) -> float:
    """When the only lease does."""
    with store.reading() as connection:
        return connection.scalar(select(lease.c.until)) or 0.0
