"""The circuit breaker: five timeouts in a row, half a minute for everybody, then a single trial."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine

from app.spotify.breaker import CircuitBreaker
from app.spotify.errors import NoAnswer, NotAsked, ServerError, SpotifyError
from app.store.cooldowns import Cooldown
from app.store.engine import Store

NOON = 1795089600.0  # 2026-11-19T12:00:00Z
NAME = "spotify:api:timeouts"
TIMEOUT = NoAnswer("spotify GET /me", "ReadTimeout", timed_out=True)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def breaker(store: Store) -> CircuitBreaker:
    return CircuitBreaker(Cooldown(store, NAME))


@pytest.fixture
def neighbour(database_url: str, store: Store) -> Iterator[CircuitBreaker]:  # noqa: ARG001 - migrates first
    """That of another process."""
    other = Store(database_url)
    yield CircuitBreaker(Cooldown(other, NAME))
    other.close()


def call(breaker: CircuitBreaker, error: SpotifyError | None = None) -> str:
    """What became of one call: "answered", the error's kind, or when it is asked again."""
    try:
        breaker.check("spotify GET /me")
        with breaker.watch("spotify GET /me"):
            if error is not None:
                raise error
    except NotAsked as refused:
        return f"in {(refused.until or 0) - NOON:.0f} s"
    except SpotifyError as raised:
        return type(raised).__name__
    return "answered"


def calls(breaker: CircuitBreaker, *errors: SpotifyError | None) -> list[str]:
    return [call(breaker, error) for error in errors]


@pytest.mark.usefixtures("clock")
def test_after_five_timeouts_nobody_asks_for_half_a_minute(
    breaker: CircuitBreaker, neighbour: CircuitBreaker
) -> None:
    assert calls(breaker, *[TIMEOUT] * 5) == ["NoAnswer"] * 5
    assert call(breaker) == call(neighbour) == "in 30 s"


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    "other", [None, ServerError("spotify GET /me: 500"), NoAnswer("spotify GET /me", "reset")]
)
def test_anything_else_in_between_begins_the_count_anew(
    breaker: CircuitBreaker, other: SpotifyError | None
) -> None:
    calls(breaker, *[TIMEOUT] * 4, other, *[TIMEOUT] * 4)

    assert call(breaker) == "answered"


def test_after_the_cooldown_one_call_is_a_trial_for_everybody(
    breaker: CircuitBreaker, neighbour: CircuitBreaker, clock: time_machine.Traveller
) -> None:
    calls(breaker, *[TIMEOUT] * 5)
    clock.shift(30)
    with neighbour.watch("spotify GET /me"):
        assert call(breaker) == "in 45 s"
    assert calls(breaker, *[TIMEOUT] * 4, None) == ["NoAnswer"] * 4 + ["answered"]


def test_a_trial_that_fails_begins_the_next_cooldown(
    breaker: CircuitBreaker, neighbour: CircuitBreaker, clock: time_machine.Traveller
) -> None:
    calls(breaker, *[TIMEOUT] * 5)
    clock.shift(30)

    assert call(neighbour, TIMEOUT) == "NoAnswer"
    assert call(breaker) == call(neighbour) == "in 60 s"


def test_a_trial_whose_process_died_is_followed_by_another(
    breaker: CircuitBreaker, clock: time_machine.Traveller
) -> None:
    calls(breaker, *[TIMEOUT] * 5)
    clock.shift(30)
    with pytest.raises(SystemExit), breaker.watch("spotify GET /me"):
        raise SystemExit
    assert call(breaker) == "in 45 s"
    clock.shift(15)
    assert call(breaker) == "answered"


def test_a_cooldown_does_not_outlive_a_clock_that_is_put_back(
    breaker: CircuitBreaker, clock: time_machine.Traveller
) -> None:
    calls(breaker, *[TIMEOUT] * 5)
    clock.shift(-3600)

    assert call(breaker) == "answered"


def test_of_many_that_come_at_once_after_a_cooldown_one_is_let_through(
    breaker: CircuitBreaker, neighbour: CircuitBreaker, clock: time_machine.Traveller
) -> None:
    calls(breaker, *[TIMEOUT] * 5)
    clock.shift(30)
    start = Barrier(6)

    def ask(mine: CircuitBreaker) -> str:
        start.wait()
        return call(mine, TIMEOUT)

    with ThreadPoolExecutor(6) as threads:
        came = list(threads.map(ask, [breaker, neighbour] * 3))
    assert came.count("NoAnswer") == 1
