"""The bulkhead: how many requests of one process may wait for another server, so that the rest go on.

A request that waits holds a thread, and a process has few of them. While the server answers in time, any
number may wait. As soon as it does not, a quarter of the threads go on waiting, and everybody else gives up
at once. Seconds on the monotonic clock.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import TypeVar

from app.concurrency import Pool
from app.deadline import Deadline
from app.spotify.errors import NotAsked

Key = TypeVar("Key")
Answer = TypeVar("Answer")

PATIENCE = 2.0  # how long a request waits at most on a good day: two or three calls one after another
WORRY = 1.25  # so long before that, a quarter of the threads is already kept free
GRACE = 1.5  # how much longer it may take while answers come in: then it is this machine that is slow
SILENCE = 0.5  # without an answer for so long, none come in
REMEMBERED = 10.0  # how long a slow server counts as slow, unless it is seen to be quick again


class Place(Deadline):
    """A request's place among those that wait. Its time is up early when too many wait for a slow server."""

    def __init__(self, bulkhead: "Bulkhead", deadline: Deadline, due: float) -> None:
        self.due = due
        self.deadline = deadline
        self._bulkhead = bulkhead

    def left(self) -> float:
        return 0.0 if self._bulkhead.is_too_many(self) else self.deadline.left()


class Bulkhead:
    """The requests of this process that wait for one server. `threads`: for requests, in this process."""

    def __init__(self, threads: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._quarter = max(1, threads // 4)
        self._three_quarters = max(1, threads - self._quarter)
        self._clock = clock
        self._lock = Lock()
        self._places: list[Place] = []  # in the order in which they were taken
        self._slow_until = 0.0
        self._heard_at = float("-inf")

    def heard(self) -> None:
        """Notes that the server has answered a call."""
        self._heard_at = self._clock()

    @contextmanager
    def place(self, deadline: Deadline, patience: float = PATIENCE) -> Iterator[Place]:
        """A place to wait in until the deadline. Raises NotAsked where too many wait for a slow server.

        `patience`: how long this request may take before the server counts as slow.
        """
        place = Place(self, deadline, self._clock() + patience)
        with self._lock:
            if len(self._places) >= self._most():
                raise NotAsked("too many requests wait already")
            self._places.append(place)
        try:
            yield place
        finally:
            with self._lock:
                self._leave(place)

    def gather(
        self,
        pool: Pool,
        calls: Mapping[Key, Callable[[], Answer]],
        deadline: Deadline,
        patience: float = PATIENCE,
    ) -> dict[Key, Answer | Exception]:
        """As `Pool.gather`, from a place of its own; where there is none, every outcome is a NotAsked."""
        try:
            with self.place(deadline, patience) as place:
                return pool.gather(calls, place)
        except NotAsked as error:
            return dict.fromkeys(calls, error)

    def call(
        self, pool: Pool, call: Callable[[], Answer], deadline: Deadline, patience: float = PATIENCE
    ) -> Answer:
        """What one call returns or raises; TimeoutError when it is not done in time, and then it goes on."""
        outcome = self.gather(pool, {"": call}, deadline, patience)[""]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def is_too_many(self, place: Place) -> bool:
        """Whether the one in this place should give up."""
        with self._lock:
            return self._is_too_many(place)

    def _is_too_many(self, place: Place) -> bool:
        return self._places.index(place) >= self._most()

    def _most(self) -> float:
        """How many may wait just now."""
        now = self._clock()
        first_due = min((place.due for place in self._places), default=now + PATIENCE) + self._grace(now)
        if now >= first_due or now < self._slow_until:
            return self._quarter
        return self._three_quarters if now >= first_due - WORRY else float("inf")

    def _grace(self, now: float) -> float:
        return GRACE if now - self._heard_at < SILENCE else 0.0

    def _leave(self, place: Place) -> None:
        now = self._clock()
        slow = now >= place.due + self._grace(now) or place.deadline.passed or self._is_too_many(place)
        self._places.remove(place)
        self._slow_until = now + REMEMBERED if slow else 0.0
