"""Work that goes on behind a request: each piece under a lease, so that one process of all does it at a time.

The database is the truth about how far it has come. A process that dies leaves its lease to run out, and
whoever looks next takes the work up where it was left.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TypeVar

from app.store.engine import Store
from app.store.leases import give_back, prolong, take

log = logging.getLogger(__name__)
Plan = TypeVar("Plan")
THREADS = 16


class Work:
    """A piece of work under way. `settled` is set when whoever began it need not wait any longer."""

    def __init__(self, store: Store, name: str, holder: str, closing: Event) -> None:
        self.settled = Event()
        self._store = store
        self._name = name
        self._holder = holder
        self._closing = closing

    def goes_on(self) -> bool:
        """To be asked between steps, at least every ten seconds: whether the work is still this one's."""
        return not self._closing.is_set() and prolong(self._store, self._name, self._holder)


class Background:
    """The threads of one process that work behind its requests."""

    def __init__(self, store: Store, threads: int = THREADS) -> None:
        self._store = store
        self._closing = Event()
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="background")

    def begin(
        self, name: str, prepare: Callable[[], Plan | None], steps: Callable[[Work, Plan], None]
    ) -> Work | None:
        """Begins `steps` on what `prepare` plans, at once and in this thread; `None` without a plan, or where
        someone is at the work of that `name` already.
        """
        holder = take(self._store, name)
        if holder is None:
            return None
        try:
            plan = prepare()
        except BaseException:
            give_back(self._store, name, holder)
            raise
        if plan is None:
            give_back(self._store, name, holder)
            return None
        work = Work(self._store, name, holder, self._closing)
        self._executor.submit(self._do, work, name, holder, lambda: steps(work, plan))
        return work

    def close(self) -> None:
        """Stops after the step at hand."""
        self._closing.set()
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _do(self, work: Work, name: str, holder: str, steps: Callable[[], None]) -> None:
        try:
            steps()
        except Exception:
            log.exception("%s broke off", name.split(":")[0])
        finally:
            work.settled.set()
            give_back(self._store, name, holder)
