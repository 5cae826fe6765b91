"""The bulkhead, with a clock of its own: who may wait for a slow server, and who gives up."""

from collections.abc import Iterator
from contextlib import ExitStack
from threading import Event

import pytest

from app.bulkhead import Bulkhead, Place
from app.concurrency import Pool
from app.deadline import Deadline
from app.spotify.errors import NotAsked

LONG = 1000.0


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bulkhead(clock: Clock) -> Bulkhead:
    """That of a process with eight threads."""
    return Bulkhead(8, clock)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def take(stack: ExitStack, bulkhead: Bulkhead, how_many: int) -> list[Place]:
    return [stack.enter_context(bulkhead.place(Deadline(LONG))) for _ in range(how_many)]


def test_any_number_may_wait_for_a_server_that_is_quick(bulkhead: Bulkhead, stack: ExitStack) -> None:
    places = take(stack, bulkhead, 20)

    assert not any(place.passed for place in places)


def test_a_quarter_goes_on_waiting_for_a_slow_server_and_the_next_are_told_at_once(
    bulkhead: Bulkhead, clock: Clock, stack: ExitStack
) -> None:
    places = take(stack, bulkhead, 8)
    clock.now += 2

    assert [place.passed for place in places] == [False] * 2 + [True] * 6
    with pytest.raises(NotAsked) as caught, bulkhead.place(Deadline(LONG)):
        pass
    assert caught.value.until is None


def test_before_a_server_counts_as_slow_a_quarter_of_the_threads_is_kept_free(
    bulkhead: Bulkhead, clock: Clock, stack: ExitStack
) -> None:
    places = take(stack, bulkhead, 8)
    clock.now += 0.8

    assert [place.passed for place in places] == [False] * 6 + [True] * 2


def test_while_answers_come_in_it_is_this_machine_that_is_slow(
    bulkhead: Bulkhead, clock: Clock, stack: ExitStack
) -> None:
    places = take(stack, bulkhead, 8)
    clock.now += 1.6
    bulkhead.heard()
    assert not any(place.passed for place in places)

    clock.now += 0.6
    assert [place.passed for place in places] == [False] * 2 + [True] * 6  # nothing came since


def test_answers_to_some_do_not_make_all_others_wait(
    bulkhead: Bulkhead, clock: Clock, stack: ExitStack
) -> None:
    places = take(stack, bulkhead, 8)
    clock.now += 3.6
    bulkhead.heard()

    assert [place.passed for place in places] == [False] * 2 + [True] * 6


@pytest.mark.parametrize(("threads", "most"), [(1, 1), (2, 1), (4, 1), (8, 2), (9, 2), (16, 4)])
def test_a_quarter_is_at_least_one(clock: Clock, stack: ExitStack, threads: int, most: int) -> None:
    places = take(stack, Bulkhead(threads, clock), threads)
    clock.now += 2

    assert sum(not place.passed for place in places) == most


def test_who_waits_moves_up_when_another_leaves(bulkhead: Bulkhead, clock: Clock, stack: ExitStack) -> None:
    with bulkhead.place(Deadline(LONG)):
        places = take(stack, bulkhead, 2)
        clock.now += 2
        assert [place.passed for place in places] == [False, True]

    assert [place.passed for place in places] == [False, False]


def test_a_server_that_was_slow_counts_as_slow_until_it_is_quick_again(
    bulkhead: Bulkhead, clock: Clock, stack: ExitStack
) -> None:
    with bulkhead.place(Deadline(LONG)):
        clock.now += 4
    with ExitStack() as others:
        take(others, bulkhead, 2)
        with pytest.raises(NotAsked), bulkhead.place(Deadline(LONG)):
            pass
        clock.now += 0.2

    assert not any(place.passed for place in take(stack, bulkhead, 8))


def test_a_slow_server_is_forgotten_after_a_while(bulkhead: Bulkhead, clock: Clock, stack: ExitStack) -> None:
    with bulkhead.place(Deadline(LONG)):
        clock.now += 4
    clock.now += 11

    assert not any(place.passed for place in take(stack, bulkhead, 8))


def test_a_request_whose_time_is_up_found_the_server_slow(bulkhead: Bulkhead, stack: ExitStack) -> None:
    with bulkhead.place(Deadline(0)):
        pass
    take(stack, bulkhead, 2)

    with pytest.raises(NotAsked), bulkhead.place(Deadline(LONG)):
        pass


def test_long_work_has_a_patience_of_its_own(bulkhead: Bulkhead, clock: Clock, stack: ExitStack) -> None:
    stack.enter_context(bulkhead.place(Deadline(LONG), patience=10.0))
    clock.now += 3

    assert not any(place.passed for place in take(stack, bulkhead, 8))


def test_who_gives_up_leaves_a_call_that_goes_on(bulkhead: Bulkhead, clock: Clock, stack: ExitStack) -> None:
    begun, proceed, done = Event(), Event(), Event()

    def call() -> None:
        begun.set()
        clock.now += 2  # while two others wait already
        proceed.wait(10)
        done.set()

    take(stack, bulkhead, 2)
    pool = Pool()
    with pytest.raises(TimeoutError):
        bulkhead.call(pool, call, Deadline(LONG))
    assert begun.is_set()
    proceed.set()
    assert done.wait(10)
    with pytest.raises(NotAsked):
        bulkhead.call(pool, begun.clear, Deadline(LONG))
    assert begun.is_set()
    pool.close()
