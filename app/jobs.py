"""The queue of what is done behind requests, on huey, and the list of its tasks.

The queue lies in a file beside a database of SQLite, and in the database itself where that is PostgreSQL. It
only says that there is something to do: our own rows say what, and how far it is. A task that gets lost is
queued again within a minute, and one that comes twice finds nothing to do. A task carries ids, never a
person's data.

A new task is a name in `TASKS` or `PERIODIC` and a function of `app/worker.py`'s.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import make_url

if TYPE_CHECKING:
    from huey import Huey

log = logging.getLogger(__name__)

READ_IMPORTS, SYNC_LIBRARY, LOOK_UP_MOOD = "read_imports", "sync_library", "look_up_mood"
SYNC_PLAYS, FETCH_COVERS = "sync_plays", "fetch_covers"
QUEUE_UNFINISHED, SWEEP = "queue_unfinished", "sweep"
TASKS = (READ_IMPORTS, SYNC_LIBRARY, LOOK_UP_MOOD, SYNC_PLAYS, FETCH_COVERS)
PERIODIC = {QUEUE_UNFINISHED: 60, SWEEP: 3600}  # seconds between two; the first is at the start
Handler = Callable[..., object]


class Jobs:
    """The queue of one site. `handlers`, by the names of tasks, are set by the worker."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._huey: Huey | None = None
        self._tasks: dict[str, Callable[..., object]] = {}
        self._lock = Lock()
        self.handlers: dict[str, Handler] = {}

    def read_imports(self) -> None:
        """Queues reading what is due of imports: our rows say whose turn it is."""
        self._queue(READ_IMPORTS)

    def sync_library(self, account_id: int, session_id_hash: str) -> None:
        """Queues reading an account's saved tracks, with the login of that session."""
        self._queue(SYNC_LIBRARY, account_id, session_id_hash)

    def look_up_mood(self, account_id: int, session_id_hash: str) -> None:
        """Queues the look-up that is noted for an account, with the login of that session unless it is ""."""
        self._queue(LOOK_UP_MOOD, account_id, session_id_hash)

    def sync_plays(self) -> None:
        """Queues a look at whose live plays are due; workers look by themselves when the next ones are."""
        self._queue(SYNC_PLAYS)

    def fetch_covers(self) -> None:
        """Queues fetching what is due of covers: our rows say whose."""
        self._queue(FETCH_COVERS)

    def huey(self) -> "Huey":
        """The queue itself, with its tasks. Raises what its database raises."""
        with self._lock:
            if self._huey is None:
                huey = _open(self._database_url)
                self._tasks = {name: huey.task(name=name)(self._handler(name)) for name in TASKS}
                for name, seconds in PERIODIC.items():
                    huey.periodic_task(_every(seconds), name=name)(self._handler(name))
                huey.on_shutdown(name="close")(huey.storage.close)  # each thread has a connection to listen
                self._huey = huey
            return self._huey

    def close(self) -> None:
        """Lets go of the queue's connection."""
        with self._lock:
            if self._huey is not None:
                self._huey.storage.close()

    def _queue(self, name: str, *ids: int | str) -> None:
        """Queues a task. Where that cannot be, it is queued once unfinished work is looked for."""
        for attempt in (1, 2):  # a connection that was lost is noticed when it is used
            try:
                self.huey()
                self._tasks[name](*ids)
            except Exception as error:  # of either driver, or of the disk
                if attempt == 2:
                    log.warning("%s could not be queued: %s", name, error)
            else:
                return

    def _handler(self, name: str) -> Handler:
        def handle(*ids: int | str) -> None:
            self.handlers[name](*ids)

        return handle


def _every(seconds: float) -> Callable[[Any], bool]:
    """Says yes at the first call, and then once in so many seconds."""
    last = -seconds + time.monotonic()

    def is_due(_now: Any) -> bool:
        nonlocal last
        if time.monotonic() - last < seconds - 1:  # the scheduler is not that punctual
            return False
        last = time.monotonic()
        return True

    return is_due


def _open(database_url: str) -> "Huey":
    # Late: who neither queues nor works needs none of it.
    from app.huey_storage import PostgresQueue, SqliteQueue, TaskSerializer, huey_without_results

    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        # Spaces come out as "+", which PostgreSQL takes as it is.
        address, mark, options = dsn.partition("?")
        dsn = address + mark + options.replace("+", "%20")
        return huey_without_results(PostgresQueue, TaskSerializer(), dsn=dsn)
    file = queue_file(database_url)
    return huey_without_results(SqliteQueue, TaskSerializer(), filename=str(file))


def queue_file(database_url: str) -> Path:
    """Where the queue beside a database of SQLite lies."""
    database = Path(make_url(database_url).database or "")
    return database.with_name(f"{database.stem}-jobs{database.suffix}")
