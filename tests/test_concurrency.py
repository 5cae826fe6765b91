"""Calls side by side, and how long they may take."""

from collections.abc import Callable, Iterator
from threading import Barrier, Event, Lock

import pytest
import time_machine

from app.concurrency import Pool
from app.deadline import Deadline

PATIENCE = 10.0


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool(threads=4)
    yield pool
    pool.close()


def test_every_result_comes_under_its_own_key(pool: Pool) -> None:
    def fail() -> str:
        raise ConnectionError("no luck")

    outcomes = pool.gather({"a": lambda: "A", "b": fail, "c": lambda: "C"}, Deadline(PATIENCE))

    assert list(outcomes) == ["a", "b", "c"]
    assert (outcomes["a"], outcomes["c"]) == ("A", "C")
    assert isinstance(outcomes["b"], ConnectionError)
    assert str(outcomes["b"]) == "no luck"


def test_calls_run_side_by_side(pool: Pool) -> None:
    meeting = Barrier(4)

    outcomes = pool.gather(
        {number: lambda: meeting.wait(PATIENCE) for number in range(4)}, Deadline(PATIENCE)
    )

    assert sorted(str(index) for index in outcomes.values()) == ["0", "1", "2", "3"]


def test_nothing_to_call_is_nothing_to_wait_for(pool: Pool) -> None:
    assert pool.gather({}, Deadline(PATIENCE)) == {}


def test_a_call_that_is_late_counts_as_a_timeout_and_goes_on(pool: Pool) -> None:
    proceed, done = Event(), Event()

    def late() -> str:
        assert proceed.wait(PATIENCE)
        done.set()
        return "late"

    outcomes = pool.gather({"late": late, "quick": lambda: "quick"}, Deadline(0.05))

    assert isinstance(outcomes["late"], TimeoutError)
    assert outcomes["quick"] == "quick"
    proceed.set()
    assert done.wait(PATIENCE)


def test_a_call_that_could_not_begin_in_time_never_does(pool: Pool) -> None:
    begun, proceed = Event(), Event()

    def busy() -> bool:
        return proceed.wait(PATIENCE)

    outcomes = pool.gather(dict.fromkeys(range(4), busy) | {4: begun.set}, Deadline(0.05))

    assert isinstance(outcomes[4], TimeoutError)
    proceed.set()
    assert pool.gather({"after": lambda: True}, Deadline(PATIENCE)) == {"after": True}
    assert not begun.is_set()


def test_what_is_no_ordinary_error_is_raised(pool: Pool) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pool.gather({"stop": stop}, Deadline(PATIENCE))


def test_a_deadline_counts_down_and_never_below_zero() -> None:
    deadline = Deadline(PATIENCE)

    assert 0 < deadline.left() <= PATIENCE
    assert not deadline.passed
    assert Deadline(-1).left() == 0.0
    assert Deadline(0).passed


def test_a_deadline_does_not_care_for_the_time_of_day() -> None:
    with time_machine.travel("2026-11-20T12:00:00Z") as clock:
        deadline = Deadline(PATIENCE)
        clock.shift(-86_400)
        assert deadline.left() <= PATIENCE


# --- as they come ---


def test_as_they_come_each_result_has_its_own_key(pool: Pool) -> None:
    def fail() -> str:
        raise ConnectionError("no luck")

    calls: list[tuple[str, Callable[[], str]]] = [("a", lambda: "A"), ("b", fail), ("c", lambda: "C")]
    outcomes = dict(pool.as_completed(calls, 2))

    assert (outcomes["a"], outcomes["c"]) == ("A", "C")
    assert isinstance(outcomes["b"], ConnectionError)
    assert list(pool.as_completed([], 2)) == []


def test_who_is_done_first_comes_first(pool: Pool) -> None:
    proceed = Event()
    calls = [("slow", lambda: proceed.wait(PATIENCE)), ("quick", lambda: True)]
    coming = pool.as_completed(calls, 2)

    assert next(coming) == ("quick", True)
    proceed.set()
    assert list(coming) == [("slow", True)]


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_never_more_than_so_many_at_once_and_all_of_them_where_there_is_work(
    pool: Pool, at_once: int
) -> None:
    under_way, most, lock, meeting = 0, 0, Lock(), Barrier(at_once)

    def call() -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        meeting.wait(PATIENCE)
        with lock:
            under_way -= 1

    calls = ((nth, call) for nth in range(at_once * 5))
    outcomes = list(pool.as_completed(calls, at_once))

    assert [outcome for _, outcome in outcomes] == [None] * (at_once * 5)
    assert most == at_once


def test_calls_are_drawn_as_fast_as_they_are_made(pool: Pool) -> None:
    drawn = list[int]()

    def calls() -> Iterator[tuple[int, Callable[[], None]]]:
        for nth in range(100):
            drawn.append(nth)
            yield nth, lambda: None

    coming = pool.as_completed(calls(), 2)
    assert drawn == []
    for heard in range(1, 4):
        next(coming)
        assert len(drawn) < heard + 2 * 2  # what is not heard yet, and what is on its way behind it
    coming.close()  # type: ignore[attr-defined]
    assert len(drawn) < 8


def test_a_source_that_ends_early_lets_what_is_under_way_come(pool: Pool) -> None:
    enough = Event()

    def calls() -> Iterator[tuple[int, Callable[[], int]]]:
        nth = 0
        while not enough.is_set():
            yield nth, lambda nth=nth: nth  # type: ignore[misc]
            nth += 1

    heard = list[int]()
    for key, _ in pool.as_completed(calls(), 3):
        heard.append(key)
        if key == 5:
            enough.set()

    assert sorted(heard) == list(range(len(heard)))
    assert len(heard) <= 9


def test_what_is_no_ordinary_error_is_raised_as_it_comes(pool: Pool) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(pool.as_completed([("a", stop)], 1))
