"""Calls side by side: everything that is waited for at once takes as long as the slowest, or the deadline."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Any, TypeVar

from app.deadline import Deadline

Key = TypeVar("Key")
Answer = TypeVar("Answer")
THREADS = 64
BACKGROUND_THREADS = 16
LOOK_AGAIN = 0.1  # seconds; a deadline may come closer while it is waited for


class Pool:
    """The threads of one process that wait for other servers."""

    def __init__(self, threads: int = THREADS) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="upstream")
        # Threads of its own, so that long work cannot use up those that requests wait for.
        self._background = ThreadPoolExecutor(BACKGROUND_THREADS, thread_name_prefix="upstream-background")

    def gather(
        self, calls: Mapping[Key, Callable[[], Answer]], deadline: Deadline
    ) -> dict[Key, Answer | Exception]:
        """What each call returned or raised, under the call's own key.

        A call that is not done by the deadline counts as a TimeoutError. It goes on in its thread, so a
        call that leaves its result in the store still helps the next visit.
        """
        futures = {key: self._executor.submit(call) for key, call in calls.items()}
        pending = set(futures.values())
        while pending and not deadline.passed:
            _, pending = wait(pending, timeout=min(deadline.left(), LOOK_AGAIN))
        outcomes: dict[Key, Answer | Exception] = {}
        for key, future in futures.items():
            outcomes[key] = _outcome(future)
        return outcomes

    def as_completed(
        self, calls: Iterable[tuple[Key, Callable[[], Answer]]], at_once: int
    ) -> Iterator[tuple[Key, Answer | Exception]]:
        """What each call returned or raised, as soon as it is there, with so many calls at once.

        For work behind requests: its threads are not those that requests wait for.

        `calls` is only drawn from as fast as they are made. The next one is on its way before the caller
        gets a result, so that no time is lost over what the caller does with it.
        """
        waiting = iter(calls)
        under_way: dict[Future[Answer], Key] = {}
        done: set[Future[Answer]] = set()
        while True:
            arrived = [(under_way.pop(future), _outcome(future)) for future in done]
            for key, call in islice(waiting, at_once - len(under_way)):
                under_way[self._background.submit(call)] = key
            yield from arrived
            if not under_way:
                return
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)

    def in_background(self, call: Callable[[], Answer]) -> Future[Answer]:
        """Begins a call that a request need not wait for to the end."""
        return self._background.submit(call)

    def close(self) -> None:
        """Lets go of the threads; what still waits to begin never will."""
        for executor in (self._executor, self._background):
            executor.shutdown(wait=False, cancel_futures=True)


def _outcome(future: Future[Any]) -> Any:
    if not future.done():
        future.cancel()
        return TimeoutError("not done by the deadline")
    error = future.exception()
    if error is None:
        return future.result()
    if not isinstance(error, Exception):
        raise error
    return error
