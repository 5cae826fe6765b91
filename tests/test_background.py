"""Work behind a request: one at a time under a name, whoever does it; the dead are replaced."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event

import pytest
import time_machine
from sqlalchemy import func, select

from app.background import Background, Work
from app.store.engine import Store
from app.store.locks import LEASE_SECONDS, give_back, prolong, take
from app.store.tables import lease

PATIENCE = 10.0  # seconds; only a failing test waits as long
NOON = "2026-11-20T12:00:00Z"


@pytest.fixture
def here(store: Store) -> Iterator[Background]:
    background = Background(store)
    yield background
    background.close()


@pytest.fixture
def there(store: Store) -> Iterator[Background]:
    """Another process on the same database."""
    background = Background(store)
    yield background
    background.close()


def held(store: Store) -> int:
    with store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(lease)) or 0


def plan() -> str:
    return "the plan"


def nothing(_work: Work, _plan: str) -> None:
    """No steps at all."""


@contextmanager
def at_work(background: Background, name: str = "thing") -> Iterator[Work]:
    """Work that goes on until the block ends."""
    begun, proceed = Event(), Event()

    def steps(_work: Work, _plan: str) -> None:
        begun.set()
        assert proceed.wait(PATIENCE)

    work = background.begin(name, plan, steps)
    assert work is not None
    assert begun.wait(PATIENCE)
    try:
        yield work
    finally:
        proceed.set()
        assert work.settled.wait(PATIENCE)


def test_the_plan_is_made_at_once_and_the_steps_are_taken_elsewhere(here: Background) -> None:
    proceed, seen = Event(), list[str]()

    def prepare() -> str:
        seen.append("planned")
        return "the plan"

    def steps(_work: Work, planned: str) -> None:
        assert proceed.wait(PATIENCE)
        seen.append(planned)

    work = here.begin("thing", prepare, steps)

    assert work is not None
    assert (seen, work.settled.is_set()) == (["planned"], False)
    proceed.set()
    assert work.settled.wait(PATIENCE)
    assert seen == ["planned", "the plan"]


def test_the_work_may_settle_before_it_is_done(here: Background) -> None:
    proceed = Event()

    def steps(work: Work, _plan: str) -> None:
        work.settled.set()
        assert proceed.wait(PATIENCE)

    work = here.begin("thing", plan, steps)
    assert work is not None
    assert work.settled.wait(PATIENCE)
    assert here.begin("thing", plan, nothing) is None
    proceed.set()


def test_a_name_is_worked_on_by_one_of_all_processes(
    store: Store, here: Background, there: Background
) -> None:
    with at_work(here):
        assert here.begin("thing", pytest.fail, nothing) is None
        assert there.begin("thing", pytest.fail, nothing) is None
        with at_work(there, "another thing"):
            assert held(store) == 2
    here.close()
    assert held(store) == 0
    work = there.begin("thing", plan, nothing)
    assert work is not None
    assert work.settled.wait(PATIENCE)


def test_of_many_that_begin_at_once_one_does(here: Background, there: Background) -> None:
    start, proceed = Barrier(8), Event()

    def steps(_work: Work, _plan: str) -> None:
        assert proceed.wait(PATIENCE)

    def begin(nth: int) -> Work | None:
        start.wait()
        return (here, there)[nth % 2].begin("thing", plan, steps)

    with ThreadPoolExecutor(8) as threads:
        begun = list(threads.map(begin, range(8)))
    proceed.set()
    assert sum(work is not None for work in begun) == 1


def test_without_a_plan_there_is_no_work_and_no_lease(store: Store, here: Background) -> None:
    assert here.begin("thing", lambda: None, nothing) is None
    assert held(store) == 0


@pytest.mark.parametrize("error", [ValueError("no plan"), KeyboardInterrupt()])
def test_a_plan_that_fails_gives_the_lease_back(store: Store, here: Background, error: BaseException) -> None:
    def fail() -> str:
        raise error

    with pytest.raises(type(error)):
        here.begin("thing", fail, nothing)
    assert held(store) == 0


def test_steps_that_fail_are_logged_settle_and_give_the_lease_back(
    store: Store, here: Background, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_work: Work, _plan: str) -> None:
        raise ValueError("no luck")

    work = here.begin("thing:of somebody", plan, fail)
    assert work is not None
    assert work.settled.wait(PATIENCE)
    here.close()
    assert held(store) == 0
    [line] = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert line.getMessage() == "thing broke off"
    assert line.exc_info is not None


def test_who_asks_whether_it_goes_on_keeps_the_lease(
    store: Store, here: Background, there: Background
) -> None:
    with time_machine.travel(NOON, tick=False) as clock, at_work(here) as work:
        for _ in range(5):
            clock.shift(LEASE_SECONDS - 1)
            assert work.goes_on()
        assert there.begin("thing", pytest.fail, nothing) is None
        assert held(store) == 1


def test_a_worker_that_died_is_replaced_when_its_lease_runs_out(here: Background, there: Background) -> None:
    with time_machine.travel(NOON, tick=False) as clock, at_work(here) as dead:
        clock.shift(LEASE_SECONDS - 1)
        assert there.begin("thing", pytest.fail, nothing) is None
        clock.shift(2)
        with at_work(there) as alive:
            # The one before was not dead, only slow: it learns that the work is no longer its own.
            assert not dead.goes_on()
            assert alive.goes_on()


def test_a_slow_worker_does_not_give_back_the_lease_of_the_next(
    store: Store, here: Background, there: Background
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        with at_work(here):
            clock.shift(LEASE_SECONDS + 1)
            after = there.begin("thing", plan, lambda work, _plan: _until(lambda: not work.goes_on()))
            assert after is not None
        here.close()
        assert held(store) == 1
        there.close()
        assert held(store) == 0


def _until(over: Callable[[], bool]) -> None:
    pause = Event()
    while not over():
        pause.wait(0.01)


def test_closing_stops_after_the_step_at_hand(store: Store, here: Background) -> None:
    steps, first = list[int](), Event()

    def endless(work: Work, _plan: str) -> None:
        while work.goes_on():
            steps.append(len(steps))
            first.set()

    work = here.begin("thing", plan, endless)
    assert work is not None
    assert first.wait(PATIENCE)
    here.close()
    assert work.settled.is_set()
    assert held(store) == 0


def test_nothing_begins_after_the_end(store: Store, here: Background) -> None:
    here.close()
    assert here.begin("thing", pytest.fail, nothing) is None
    assert held(store) == 0


@time_machine.travel(NOON, tick=False)
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
