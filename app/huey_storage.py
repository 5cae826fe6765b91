"""huey as this site uses it: its storages, and how a task is written down."""

import json
import logging
import os
import select
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from app.store.engine import CONNECT_SECONDS, UNANSWERED
from app.store.sqlite import prepare_file

# huey would load psycopg where it is installed: 17 MB for each process of a site that is on SQLite.
_PSYCOPG = sys.modules.get("psycopg")
if _PSYCOPG is None:
    sys.modules["psycopg"] = None  # type: ignore[assignment]
try:
    from huey import Huey, storage
    from huey.consumer import Consumer, Scheduler
    from huey.registry import Message
    from huey.serializer import Serializer
finally:
    if _PSYCOPG is None:
        del sys.modules["psycopg"]

log = logging.getLogger(__name__)
logging.getLogger("huey").setLevel(logging.WARNING)

NAME = "liner-notes"
LISTEN_SECONDS = 5.0  # until a worker looks by itself whether a notification was missed
LOOK_SECONDS = 0.4  # between two looks where there can be no pipe
DOWN_SECONDS = 2.0  # until a queue that does not answer is asked again


class TaskSerializer(Serializer):  # type: ignore[misc]
    """Tasks as JSON: their names and ids. A pickle, huey's own way, runs whatever somebody wrote into it."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps([data.id, data.name, data.args]).encode()

    def _deserialize(self, data: bytes) -> Message:
        number, name, args = json.loads(bytes(data))
        return Message(number, name, retries=0, retry_delay=0, args=tuple(args), kwargs={})


class _Patient:
    """A storage whose workers outlast a database that does not answer, without a traceback each time."""

    _answers = True
    _closing = Lock()

    def close(self) -> object:
        """Closes the connections. Threads that end together all do so, and huey looks before it locks."""
        with self._closing:
            return super().close()  # type: ignore[misc]

    def wake(self, _threads: int) -> None:
        """Ends the waiting of threads, where that is longer than a moment."""

    def dequeue(self) -> bytes | None:
        """The next task; `None` where there is none, or no answer."""
        try:
            found: bytes | None = super().dequeue()  # type: ignore[misc]
        except Exception as error:  # of either driver
            if self._answers:
                log.warning("the queue does not answer: %s", error)
            self._answers = False
            time.sleep(DOWN_SECONDS)
            return None
        self._answers = True
        return found


class SqliteQueue(_Patient, storage.SqliteStorage):  # type: ignore[misc]
    """A file for its owner alone. Workers that wait read a pipe beside it: each task puts a byte into it."""

    blocking = True

    def __init__(self, name: str, filename: str) -> None:
        prepare_file(Path(filename))
        self._pipe = Path(f"{filename}-wake")
        self._reading: int | None = None
        self._opening = Lock()
        super().__init__(name, filename, cache_mb=0)

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        """Queues a task, and wakes a worker."""
        super().enqueue(data, priority)
        self.wake(1)

    def wake(self, threads: int) -> None:
        """Ends the waiting of so many threads."""
        with suppress(OSError):  # nobody waits, or the pipe is full of such bytes
            pipe = os.open(self._pipe, os.O_WRONLY | os.O_NONBLOCK)
            try:
                os.write(pipe, b"." * threads)
            finally:
                os.close(pipe)

    def dequeue(self) -> bytes | None:
        """The next task; `None` where none comes for a while."""
        found: bytes | None = super().dequeue()
        if found is None:
            self._wait()
            found = super().dequeue()
        return found

    def _wait(self) -> None:
        try:
            with self._opening:
                if self._reading is None:
                    self._reading = _open_pipe(self._pipe)
            poll = select.poll()
            poll.register(self._reading, select.POLLIN)
            if poll.poll(LISTEN_SECONDS * 1000):
                os.read(self._reading, 1)
        except BlockingIOError:
            return  # another thread has read it
        except OSError:
            time.sleep(LOOK_SECONDS)


def _open_pipe(pipe: Path) -> int:
    """Opens a pipe to read from (and to write to, so that it never ends). Raises OSError where it cannot."""
    with suppress(FileExistsError):
        os.mkfifo(pipe, 0o600)
    reading = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    if not stat.S_ISFIFO(os.fstat(reading).st_mode):
        os.close(reading)
        raise OSError(f"{pipe} is no pipe")
    return reading


class PostgresQueue(_Patient, storage.PostgresStorage):  # type: ignore[misc]
    """Tables of the database, which tells its workers when a task comes."""

    def __init__(self, name: str, dsn: str) -> None:
        import psycopg

        storage.psycopg = psycopg
        more = {"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": UNANSWERED}
        super().__init__(name, dsn=dsn, read_timeout=LISTEN_SECONDS, **more)

    def initialize_schema(self) -> None:
        """Makes the tables, one process at a time: PostgreSQL's "if not exists" fails beside another one."""
        self.ddl: list[str] = ["SELECT pg_advisory_xact_lock(hashtext('huey'))", *self.ddl]
        super().initialize_schema()


def huey_without_results(kind: type, serializer: Serializer, **options: Any) -> Huey:
    """A queue whose tasks return nothing."""
    return Huey(NAME, results=False, serializer=serializer, storage_class=kind, **options)


class EmbeddedConsumer(Consumer):  # type: ignore[misc]
    """Threads that work the queue off, in a process that has signal handlers of its own."""

    def _set_signal_handlers(self) -> None:
        pass

    def stop(self, graceful: bool = False) -> None:
        """Stops; threads that wait for a task are woken."""
        super().stop(graceful)
        self.huey.storage.wake(self.workers)


class TickingScheduler(Scheduler):  # type: ignore[misc]
    """Looks for periodic tasks as often as the most frequent of them comes."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.periodic_task_seconds = self.interval
