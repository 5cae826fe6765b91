"""Tasks in tests: done at once in this process, or only when a test wants them done."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread

import pytest
from flask import Flask, current_app

from app.history.import_job import work
from app.jobs import FETCH_COVERS, LOOK_UP_MOOD, READ_IMPORTS, SYNC_LIBRARY, Jobs
from app.library.sync import sync_library
from app.mood_look_up import look_up_mood
from app.site import Site
from app.store.engine import Store
from app.store.import_queue import lease_name
from app.store.locks import IMPORT_LEASE_SECONDS, give_back, inherit, process_holder
from tests.waiting import SECONDS

log = logging.getLogger(__name__)


def do_imports(app: Flask) -> None:
    """Reads all that was uploaded, as a worker would."""
    site: Site = app.extensions["site"]
    work(site.store, site.uploads.ready())


def imports_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a request queues is read before it is answered."""
    when_queued(monkeypatch, lambda: do_imports(current_app))


def no_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody reads what is uploaded."""
    when_queued(monkeypatch, lambda: None)


def when_queued(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """Does something, in the request, in place of queueing the imports."""
    monkeypatch.setattr(Jobs, "read_imports", lambda _jobs: do())


@contextmanager
def imports_held(store: Store, *accounts: int) -> Iterator[None]:
    """While another worker is at the imports of these accounts."""
    holder = process_holder()
    for number in accounts:
        assert inherit(store, lease_name(number), holder, IMPORT_LEASE_SECONDS) is not None
    yield
    for number in accounts:
        give_back(store, lease_name(number), holder)


class JobsInThreads(Jobs):
    """Does each task at once, in a thread of this process."""

    def __init__(self, site: Callable[[], Site]) -> None:
        super().__init__("")
        self.closed = Event()
        self.imports = Lock()  # who holds it keeps the imports waiting
        self.threads: list[Thread] = []
        self.handlers = {
            SYNC_LIBRARY: lambda account_id, session: sync_library(
                site(), account_id, session, self._goes_on
            ),
            LOOK_UP_MOOD: lambda account_id, session: look_up_mood(
                site(), account_id, session, self._goes_on
            ),
            READ_IMPORTS: lambda: self._read_imports(site()),
            FETCH_COVERS: lambda: None,  # hundreds of calls, that no test but its own waits for
        }

    def are_idle(self) -> bool:
        """Whether nothing is done any more."""
        return not any(thread.is_alive() for thread in self.threads)

    def close(self) -> None:
        """Stops at the next step."""
        self.closed.set()
        for thread in self.threads:
            thread.join(SECONDS)

    def _read_imports(self, site: Site) -> None:
        with self.imports:
            work(site.store, site.uploads.ready())

    def _goes_on(self) -> bool:
        return not self.closed.is_set()

    def _queue(self, name: str, *ids: int | str) -> None:
        if not self.closed.is_set():
            self.threads.append(Thread(target=self._do, args=(name, ids), daemon=True))
            self.threads[-1].start()

    def _do(self, name: str, ids: tuple[int | str, ...]) -> None:
        try:
            self.handlers[name](*ids)
        except Exception:
            log.exception("%s broke off", name)


def in_threads(site: Site) -> Site:
    """The site, which does what it queues in threads of this process."""
    object.__setattr__(site, "jobs", JobsInThreads(lambda: site))
    return site


def jobs_of(app: Flask) -> JobsInThreads:
    """Of a site that does its tasks in threads."""
    jobs: JobsInThreads = app.extensions["site"].jobs
    return jobs
