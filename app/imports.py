"""Where uploads lie until they are read, and the process that reads them."""

import logging
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

from sqlalchemy.exc import SQLAlchemyError

from app.config import ROOT
from app.history.limits import RowLimits
from app.history.parent import PARENT
from app.history.worker import (
    ACCOUNT_ROWS,
    DATABASE,
    FOLDER,
    IMPORT_ROWS,
    count_killed_worker,
    remove_what_was_left,
)
from app.history.worker_lock import clear_work, worker_is_running
from app.store.engine import Store
from app.store.import_queue import due

log = logging.getLogger(__name__)

STOP_SECONDS = 4.0
AFTER_A_FAILURE = 10.0  # seconds until the next worker, when one ended by its own fault
_STOPPED = (0, -signal.SIGTERM, -signal.SIGKILL)
# All of its environment that the worker gets: what Python, its libraries and PostgreSQL's client go by. It
# reads files of strangers, so it should know no secret that it does not need.
_PASSED_ON = re.compile(r"PATH|HOME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|LD_LIBRARY_PATH|PYTHON\w*|PG\w+")


class Imports:
    """The imports of one site. The worker is a process of its own, started when there is something to do.

    What it has not finished when the site ends, the next start takes up.
    """

    def __init__(
        self,
        store: Store,
        database_url: str,
        folder: Path,
        limits: RowLimits = RowLimits(),  # noqa: B008 - immutable
    ) -> None:
        self.folder = folder
        self._store = store
        self._database_url = database_url
        self._limits = limits
        self._workers: list[subprocess.Popen[bytes]] = []
        self._not_before = 0.0
        self._closed = Event()

    def start(self) -> None:
        """Starts a worker if something is due and none is at work: this site's, or one that outlived it."""
        over = [worker for worker in self._workers if worker.poll() is not None]
        if any(worker.returncode not in _STOPPED for worker in over):
            self._not_before = time.monotonic() + AFTER_A_FAILURE
        self._workers = [worker for worker in self._workers if worker not in over]
        if (
            self._closed.is_set()
            or self._workers
            or time.monotonic() < self._not_before
            or not due(self._store)
        ):
            return
        try:
            if not worker_is_running(self.ready()):
                worker = self._worker()
                self._workers.append(worker)
                Thread(target=self._look_again, args=(worker,), daemon=True).start()
        except OSError as error:
            log.error("no worker could be started: %s", error)

    def _look_again(self, worker: "subprocess.Popen[bytes]") -> None:
        """When a worker has ended: what came while it was just ending is nobody's yet."""
        killed = worker.wait() < 0 and worker.returncode != -signal.SIGTERM
        with suppress(SQLAlchemyError):  # the database may have been closed with the site
            if killed and not self._closed.is_set():
                count_killed_worker(self._store, self.folder)
            self.start()
            # One that failed is replaced later, even if nobody looks.
            if not self._closed.wait(max(0.0, self._not_before - time.monotonic())):
                self.start()

    def tidy(self) -> None:
        """Deletes uploads that nobody will read: a site that was killed may have left some."""
        try:
            if self.folder.is_dir() and not worker_is_running(self.folder):
                remove_what_was_left(self._store, self.folder)
        except (OSError, SQLAlchemyError) as error:
            log.error("what was left of uploads could not be looked at: %s", error)

    def ready(self) -> Path:
        """The folder for uploads, for its owner alone."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self.folder

    def close(self) -> None:
        """Stops the worker; its import goes on at the next start."""
        self._closed.set()
        for worker in self._workers:
            worker.terminate()
        for worker in self._workers:
            try:
                worker.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
                clear_work(self.folder)  # it did not die of its work
        self._workers = []

    def _worker(self) -> "subprocess.Popen[bytes]":
        # Not as arguments, which everybody on the machine can read: the address may hold a password.
        environ = {name: value for name, value in os.environ.items() if _PASSED_ON.fullmatch(name)}
        environ |= {
            DATABASE: self._database_url,
            FOLDER: str(self.folder),
            PARENT: str(os.getpid()),
            IMPORT_ROWS: str(self._limits.per_import),
            ACCOUNT_ROWS: str(self._limits.per_account),
            # Each thread of these would take address space, of which the worker has little.
            "OPENBLAS_NUM_THREADS": "1",
            "MALLOC_ARENA_MAX": "1",
        }
        return subprocess.Popen(
            [sys.executable, "-m", "app.history.worker"],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
