"""Work that goes on behind a request: each piece under a lease, so that one process of all does it at a time.

The database is the truth about how far it has come. A process that dies leaves its lease to run out, and
whoever looks next takes the work up where it was left.
"""

import logging
import time
from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import TypeVar

from app.store.engine import Store
from app.store.locks import give_back, prolong, take

log = logging.getLogger(__name__)
Plan = TypeVar("Plan")
CLOSING_SECONDS = 4.0
PROLONG_AFTER = 3.0  # seconds; a lease lasts five times as long


class Work:
    """A piece of work under way. `settled` is set when whoever began it need not wait any longer."""

    def __init__(self, store: Store, name: str, holder: str, closing: Event) -> None:
        self.settled = Event()
        self._store = store
        self._name = name
        self._holder = holder
        self._closing = closing
        self._prolonged_at = time.time()

    def goes_on(self) -> bool:
        """To be asked between steps, at least every ten seconds: whether the work is still this one's."""
        if self._closing.is_set():
            return False
        now = time.time()
        if now - self._prolonged_at < PROLONG_AFTER:
            return True
        self._prolonged_at = now
        return prolong(self._store, self._name, self._holder)


class Background:
    """The threads of one process that work behind its requests; its end does not wait for them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._closing = Event()
        self._threads: set[Thread] = set()
        self._lock = Lock()

    def begin(
        self, name: str, prepare: Callable[[], Plan | None], steps: Callable[[Work, Plan], None]
    ) -> Work | None:
        """Begins `steps` on what `prepare` plans, at once and in this thread; `None` without a plan, or where
        someone is at the work of that `name` already.
        """
        holder = None if self._closing.is_set() else take(self._store, name)
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
        begun = (work, name, holder, lambda: steps(work, plan))
        thread = Thread(target=self._do, args=begun, name=f"background {name.split(':')[0]}", daemon=True)
        with self._lock:
            thread.start()
            self._threads = {one for one in self._threads if one.is_alive()} | {thread}
        return work

    def close(self) -> None:
        """Stops after the step at hand; nothing begins any more."""
        self._closing.set()
        with self._lock:
            threads = set(self._threads)
        until = time.monotonic() + CLOSING_SECONDS
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _do(self, work: Work, name: str, holder: str, steps: Callable[[], None]) -> None:
        try:
            steps()
        except Exception:
            log.exception("%s broke off", name.split(":")[0])
        finally:
            # In this order, so that whoever waited may begin anew.
            try:
                give_back(self._store, name, holder)
            finally:
                work.settled.set()
