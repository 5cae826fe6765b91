"""huey as this site uses it: its storages, and how a task is written down."""

import json
import logging
import sys
import time
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
    """A file for its owner alone."""

    def __init__(self, name: str, filename: str) -> None:
        prepare_file(Path(filename))
        super().__init__(name, filename, cache_mb=0)


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


class TickingScheduler(Scheduler):  # type: ignore[misc]
    """Looks for periodic tasks as often as the most frequent of them comes."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.periodic_task_seconds = self.interval
