"""The process that reads uploads: started when something is due, one at a time, and gone when all is done."""

import logging
import os
import re
import signal
import subprocess
from pathlib import Path
from threading import Event, Lock

from app.child_process import end_child, start_child, wait_for_child
from app.history.limits import RowLimits
from app.history.uploads import Uploads
from app.store.engine import Store
from app.store.import_queue import count_early_death, is_waiting
from app.store.locks import give_back_all_of

log = logging.getLogger(__name__)

# What the process is told, in its environment.
DATABASE, FOLDER = "HISTORY_DATABASE_URL", "HISTORY_UPLOADS"
IMPORT_ROWS, ACCOUNT_ROWS = "IMPORT_MAX_ROWS", "ACCOUNT_MAX_ROWS"
STOP_SECONDS = 4.0
AFTER_A_FAILURE = 10.0  # seconds until the next process, when one ended by its own fault
# All of its environment that the process gets: what Python, its libraries and PostgreSQL's client go by. It
# reads files of strangers, so it should know no secret that it does not need.
_PASSED_ON = re.compile(r"PATH|HOME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|LD_LIBRARY_PATH|PYTHON\w*|PG\w+")


class ImportProcess:
    """Reads what is due, whoever it belongs to, in a process that gives its memory back at its end."""

    def __init__(self, store: Store, database_url: str, folder: Path, limits: RowLimits) -> None:
        self._store = store
        self._uploads = Uploads(store, folder)
        self._environ = {
            DATABASE: database_url,
            FOLDER: str(folder),
            IMPORT_ROWS: str(limits.per_import),
            ACCOUNT_ROWS: str(limits.per_account),
        }
        self._child: subprocess.Popen[bytes] | None = None
        self._busy = Lock()
        self._asked = False
        self._closed = Event()

    def run(self) -> None:
        """Returns when nothing is due that nobody is at; at once where another thread is here already."""
        # Asked again after the turn is over: who came while another thread was just leaving relies on that.
        self._asked = True
        while self._asked and self._busy.acquire(blocking=False):
            try:
                self._asked = False
                while not self._closed.is_set() and is_waiting(self._store):
                    self._run_child()
            finally:
                self._busy.release()

    def is_idle(self) -> bool:
        """Whether no process is at work."""
        return self._child is None

    def close(self) -> None:
        """Stops the process; its import goes on at the next start."""
        self._closed.set()
        child = self._child
        if child is not None and not end_child(child, STOP_SECONDS):
            give_back_all_of(self._store, child.pid)  # it did not die of its work

    def _run_child(self) -> None:
        try:
            child = self._child = start_child(["-m", "app.history.import_job"], self._child_environ())
        except OSError as error:
            log.error("the import process could not be started: %s", error)
            self._closed.wait(AFTER_A_FAILURE)
            return
        if self._closed.is_set():
            child.terminate()
        status = wait_for_child(child)
        self._child = None
        if status > 0:
            self._closed.wait(AFTER_A_FAILURE)
        elif status not in (0, -signal.SIGTERM) and not self._closed.is_set():
            count_early_death(self._store)
            self._uploads.remove_orphans()

    def _child_environ(self) -> dict[str, str]:
        # Not as arguments, which everybody on the machine can read: the address may hold a password.
        return {
            **{name: value for name, value in os.environ.items() if _PASSED_ON.fullmatch(name)},
            **self._environ,
            # Each thread of these would take address space, of which the process has little.
            "OPENBLAS_NUM_THREADS": "1",
            "MALLOC_ARENA_MAX": "1",
        }
