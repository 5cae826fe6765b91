"""The circuit breaker: after five timeouts in a row nobody asks a server for half a minute.

Then a single call is let through as a trial: an answer lets everybody ask again, another timeout begins the
next half minute. Times are Unix seconds.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Protocol

from app.spotify.errors import NoAnswer, NotAsked, SpotifyError

TIMEOUTS = 5
COOLDOWN_SECONDS = 30.0
TRIAL_SECONDS = 15.0  # longer than any call takes


class Cooldown(Protocol):
    """A time in which nobody asks, shared by every process (`app.store.cooldowns.Cooldown` is one)."""

    def until(self) -> float | None: ...

    def begin(self, until: float, why: str) -> None: ...

    def take_trial(self, until: float, longest: float) -> bool | None: ...

    def end(self) -> None: ...


class CircuitBreaker:
    """Watches the calls to one server. Each process counts its timeouts; the cooldown is everybody's.

    `heard` is called at every answer.
    """

    def __init__(self, cooldown: Cooldown, heard: Callable[[], None] = lambda: None) -> None:
        self._cooldown = cooldown
        self._heard = heard
        self._lock = Lock()
        self._timeouts = 0

    def check(self, call: str) -> None:
        """Raises NotAsked during a cooldown. `what`: the call, for the log."""
        until = self._cooldown.until()
        # A longer one is left from before the clock was put back.
        if until is not None and until <= time.time() + COOLDOWN_SECONDS:
            raise _not_asked(call, until)

    @contextmanager
    def watch(self, call: str) -> Iterator[None]:
        """Around one call. Raises NotAsked before it during a cooldown, or during another call's trial."""
        trial_ends = time.time() + TRIAL_SECONDS
        trial = self._cooldown.take_trial(trial_ends, COOLDOWN_SECONDS)
        if trial is False:
            raise _not_asked(call, self._cooldown.until() or trial_ends)
        try:
            yield
        except SpotifyError as error:
            if isinstance(error, NoAnswer) and error.timed_out:
                self._timed_out(call, at_once=trial is True)
            else:
                self._answered(trial is True)
            raise
        self._answered(trial is True)

    def _timed_out(self, call: str, at_once: bool) -> None:
        with self._lock:
            self._timeouts += 1
            begins = at_once or self._timeouts >= TIMEOUTS
            if begins:
                self._timeouts = 0
        if begins:
            self._cooldown.begin(time.time() + COOLDOWN_SECONDS, f"{call}: timeouts")

    def _answered(self, trial: bool) -> None:
        """An answer came, if only an error: the server does not hang."""
        self._heard()
        with self._lock:
            self._timeouts = 0
        if trial:
            self._cooldown.end()


def _not_asked(call: str, until: float) -> NotAsked:
    return NotAsked(f"{call} not asked after timeouts", until=until)
