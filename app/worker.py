"""The worker: takes tasks off the queue and does them.

It imports nothing of the site's pages until a task needs it.
"""

import fcntl
import logging
import os
import subprocess
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from app.child_process import ROOT, end_child, start_child, wait_for_child
from app.config import Config
from app.history.import_process import ImportProcess
from app.history.limits import RowLimits
from app.history.uploads import Uploads
from app.jobs import (
    FETCH_COVERS,
    LOOK_UP_MOOD,
    PERIODIC,
    QUEUE_UNFINISHED,
    READ_IMPORTS,
    SWEEP,
    SYNC_LIBRARY,
    SYNC_PLAYS,
    Jobs,
)
from app.store.covers import next_due_account
from app.store.engine import Store
from app.store.import_queue import is_waiting
from app.store.library import unfinished_readings
from app.store.look_ups import unfinished_look_ups
from app.store.start import prepare_database
from app.store.sweep import sweep_now_and_then
from app.store.sync import forget_old_counts, next_due

if TYPE_CHECKING:
    from huey.consumer import Consumer

    from app.site import Site
    from app.sync import Scheduler

log = logging.getLogger(__name__)

THREADS = 5  # one is at the imports, one at covers, the others at libraries
LOCK = "worker.lock"
STOP_SECONDS = 6.0
AGAIN_SECONDS = 5.0  # until a worker that has ended by itself is started again


class Worker:
    """Works off the queue of a site in threads of this process. `site`: its parts, once a task needs them."""

    def __init__(self, config: Config, store: Store, jobs: Jobs, site: "Callable[[], Site]") -> None:
        self._store = store
        self._jobs = jobs
        self._site = site
        self._uploads = Uploads(store, config.instance / "uploads")
        limits = RowLimits(config.import_max_rows, config.account_max_rows)
        self.imports = ImportProcess(store, config.database_url, self._uploads.folder, limits)
        self._consumer: Consumer | None = None
        self._syncs: Scheduler | None = None
        self._lock = Lock()
        self._closed = Event()
        jobs.handlers = {
            READ_IMPORTS: self.imports.run,
            SYNC_LIBRARY: self._sync_library,
            LOOK_UP_MOOD: self._look_up_mood,
            SYNC_PLAYS: self._sync_plays,
            FETCH_COVERS: self._fetch_covers,
            QUEUE_UNFINISHED: self.queue_unfinished,
            SWEEP: self._sweep,
        }

    @classmethod
    def on_its_own(cls, config: Config) -> "Worker":
        """A worker without a site around it, on a database brought up to date."""
        prepare_database(config.database_url)

        @cache
        def site() -> "Site":
            from app.site import build_site

            return build_site(config)

        return cls(config, Store(config.database_url), Jobs(config.database_url), site)

    def start(self) -> None:
        """Begins. Where the queue cannot be opened yet, it is tried again until it can."""
        Thread(target=self._start, name="worker", daemon=True).start()

    def close(self) -> None:
        """Stops; what is not done goes on at the next start."""
        self._closed.set()
        if self._consumer is not None:
            self._consumer.stop()
        with self._lock:
            if self._syncs is not None:
                self._syncs.close()
        self.imports.close()

    def queue_unfinished(self) -> None:
        """Queues what is due and nobody is at: its worker was killed, or the queue was lost."""
        if is_waiting(self._store):
            self._jobs.read_imports()
        for account_id, session_id_hash in unfinished_readings(self._store):
            self._jobs.sync_library(account_id, session_id_hash)
        for account_id, session_id_hash in unfinished_look_ups(self._store):
            self._jobs.look_up_mood(account_id, session_id_hash)
        if next_due_account(self._store) is not None:
            self._jobs.fetch_covers()
        if self._syncs is None and next_due(self._store) is not None:
            self._sync_plays()

    def _start(self) -> None:
        from app.huey_storage import EmbeddedConsumer

        while not self._closed.is_set():
            try:
                consumer = EmbeddedConsumer(
                    self._jobs.huey(),
                    workers=THREADS,
                    scheduler_interval=min(60, *PERIODIC.values()),
                )
            except Exception as error:  # of either driver, or of the disk
                log.error("the queue cannot be opened: %s", error)
                self._closed.wait(AGAIN_SECONDS)
                continue
            consumer.start()
            self._consumer = consumer
            if self._closed.is_set():
                consumer.stop()
            return

    def _sync_library(self, account_id: int, session_id_hash: str) -> None:
        from app.library.sync import sync_library

        sync_library(self._site(), account_id, session_id_hash, lambda: not self._closed.is_set())

    def _look_up_mood(self, account_id: int, session_id_hash: str) -> None:
        from app.mood_look_up import look_up_mood

        look_up_mood(self._site(), account_id, session_id_hash, lambda: not self._closed.is_set())

    def _sync_plays(self) -> None:
        """Begins to ask for live plays, or looks again at what is due."""
        from app.sync import Scheduler

        with self._lock:
            if self._syncs is None and not self._closed.is_set():
                self._syncs = Scheduler(self._site().syncer())
                self._syncs.start()
            if self._syncs is not None:
                self._syncs.wake()

    def _fetch_covers(self) -> None:
        from app.cover_fetch import fetch_covers

        fetch_covers(self._site(), lambda seconds: not self._closed.wait(seconds))

    def _sweep(self) -> None:
        try:
            sweep_now_and_then(self._store)
            forget_old_counts(self._store)
            self._uploads.remove_orphans()
        except (OSError, SQLAlchemyError) as error:
            log.error("what was left of uploads could not be looked at: %s", error)


def embed(site: "Site") -> None:
    """Works in a thread of this process as soon as no other of the same instance does: of gunicorn's workers
    one is at it, and when it ends another.
    """

    def wait_for_turn() -> None:
        try:
            held = os.open(site.config.instance / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(held, fcntl.LOCK_EX)  # given back by the system when this process ends
        except OSError as error:
            log.warning("this process works without a lock: %s", error)
        Worker(site.config, site.store, site.jobs, lambda: site).start()

    Thread(target=wait_for_turn, name="worker's turn", daemon=True).start()


class WorkerProcess:
    """A worker beside the web server, which ends with it. One that dies is replaced."""

    def __init__(self) -> None:
        self._closed = Event()
        self._process = self._started()
        Thread(target=self._watch, name="worker's end", daemon=True).start()

    def close(self) -> None:
        """Ends it."""
        self._closed.set()
        end_child(self._process, STOP_SECONDS)

    def _started(self) -> "subprocess.Popen[bytes]":
        return start_child([str(ROOT / "run.py"), "worker"], os.environ)

    def _watch(self) -> None:
        while True:
            status = wait_for_child(self._process)
            if self._closed.wait(0.0 if status < 0 else AGAIN_SECONDS):
                return
            log.error("the worker ended (%d): another one is started", status)
            with suppress(OSError):
                self._process = self._started()
