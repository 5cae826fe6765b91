"""Imports of a site: a process when there is work, one at a time; `kill -9` of everything, and it goes on."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any, cast

import pytest
import requests
from sqlalchemy import func, select

from app.child_process import start_child
from app.config import Config, read_config
from app.history import import_process
from app.history.import_process import ImportProcess
from app.history.limits import RowLimits
from app.history.uploads import Uploads
from app.huey_storage import SqliteQueue
from app.jobs import Jobs, queue_file
from app.store.accounts import delete_account, find_or_add_account
from app.store.engine import Store
from app.store.import_queue import DIED_TOO_OFTEN, MOST_DEATHS, lease_name, next_import
from app.store.imports import (
    CANCELLED,
    DONE,
    FAILED,
    MOST_QUEUED,
    QUEUED,
    RUNNING,
    QueueFull,
    end_import,
    imports_of,
    latest_import,
    uploads_of,
)
from app.store.locks import IMPORT_LEASE_SECONDS, is_free, is_left_behind
from app.store.look_ups import LookUp, note_look_up
from app.store.receipts import files_of
from app.store.tables import history_upload_chunk
from app.store.uploads import CHUNK
from app.worker import Worker
from tests.conftest import on_sqlite
from tests.history.made import audio, export, plays, zipped
from tests.jobs import imports_held
from tests.processes import clean_copy, free_port, running
from tests.waiting import until

PATIENCE = 60.0  # seconds; only a failing test waits as long
OFTEN = 0.02


def soon(what: Callable[[], Any]) -> Any:
    """What `what` gives, as soon as that is something. A site that is not up yet gives nothing."""

    def answer() -> Any:
        with suppress(requests.ConnectionError):
            return what()
        return None

    return until(answer, PATIENCE, OFTEN)


class Machine:
    """A machine with a folder of its own on a site's database, and the process that reads imports there."""

    def __init__(self, store: Store, url: str, folder: Path, limits: RowLimits = RowLimits()) -> None:  # noqa: B008
        self.store = store
        self.uploads = Uploads(store, folder / "uploads")
        self.imports = ImportProcess(store, url, self.uploads.ready(), limits)
        self._threads: list[Thread] = []

    def upload(self, account_id: int, body: bytes) -> int:
        """An export arrives."""
        return self.uploads.queue(account_id, [("export.zip", BytesIO(body))])

    def run(self) -> None:
        """Reads what is due, in a thread."""
        self._threads.append(Thread(target=self.imports.run))
        self._threads[-1].start()

    def process(self) -> "subprocess.Popen[bytes]":
        """The process that reads, once there is one."""
        return cast("subprocess.Popen[bytes]", soon(lambda: self.imports._child))

    def finish(self) -> None:
        """Waits until nothing is read any more."""
        for thread in self._threads:
            thread.join(PATIENCE)

    def close(self) -> None:
        """Ends it."""
        self.imports.close()
        self.finish()


@pytest.fixture
def machine(store: Store, database_url: str, tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(store, database_url, tmp_path / "instance")
    yield machine
    machine.close()


@pytest.fixture
def mira(store: Store) -> int:
    return find_or_add_account(store, "spotify", "mira", None)


def state(store: Store, account_id: int) -> str:
    the = latest_import(store, account_id)
    assert the is not None
    return the.state


def test_a_process_comes_when_there_is_work_and_goes_when_it_is_done(machine: Machine, mira: int) -> None:
    machine.imports.run()
    assert machine.imports.is_idle()
    machine.upload(mira, export())
    machine.run()
    machine.run()
    process = machine.process()
    machine.finish()
    assert (state(machine.store, mira), process.returncode) == (DONE, 0)
    assert machine.imports.is_idle()
    assert list(machine.uploads.folder.iterdir()) == []


def test_no_process_comes_for_an_account_that_another_machine_is_at(machine: Machine, mira: int) -> None:
    machine.upload(mira, export())
    with imports_held(machine.store, mira):
        machine.imports.run()
    assert state(machine.store, mira) == QUEUED
    machine.imports.run()
    assert state(machine.store, mira) == DONE


@on_sqlite
def test_a_process_that_fails_is_not_replaced_over_and_over(
    machine: Machine, mira: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.upload(mira, export())
    waited = []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        monkeypatch.undo()
        return False

    monkeypatch.setitem(machine.imports._environ, import_process.DATABASE, "sqlite:////dev/null/nowhere")
    monkeypatch.setattr(machine.imports._closed, "wait", wait)
    machine.imports.run()
    assert waited == [import_process.AFTER_A_FAILURE]
    assert state(machine.store, mira) == DONE


LONG = zipped({audio(at): plays(2000, at * 2000) for at in range(30)})


def at_work(store: Store, account_id: int, deaths: int) -> bool:
    """Whether a process is at the account's import after so many others died of it."""
    the = latest_import(store, account_id)
    assert the is not None
    held = not is_free(store, lease_name(account_id), IMPORT_LEASE_SECONDS)
    return the.state == RUNNING and the.deaths == deaths and held


@pytest.mark.slow
def test_an_import_whose_processes_are_killed_fails_and_the_next_goes_on(machine: Machine, mira: int) -> None:
    theo = find_or_add_account(machine.store, "spotify", "theo", None)
    machine.upload(mira, LONG)
    machine.run()
    for deaths in range(MOST_DEATHS):
        soon(partial(at_work, machine.store, mira, deaths))
        machine.process().kill()
        if latest_import(machine.store, theo) is None:
            machine.upload(theo, export())
    # Nobody looks at a page: the next process is started by itself.
    machine.finish()
    the = latest_import(machine.store, mira)
    assert the is not None
    assert (the.state, the.note) == (FAILED, DIED_TOO_OFTEN)
    assert state(machine.store, theo) == DONE
    assert list(machine.uploads.folder.iterdir()) == []


def test_processes_that_are_killed_before_they_go_on_with_an_import_count_too(
    machine: Machine, mira: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.upload(mira, export())
    assert next_import(machine.store, mira) is not None  # a process had begun it, and was killed

    def start_and_kill(*of: Any) -> "subprocess.Popen[bytes]":
        process = start_child(*of)
        process.kill()
        return process

    monkeypatch.setattr(import_process, "start_child", start_and_kill)
    machine.imports.run()
    assert (state(machine.store, mira), deaths(machine.store, mira)) == (FAILED, MOST_DEATHS)
    assert list(machine.uploads.folder.iterdir()) == []


def deaths(store: Store, account_id: int) -> int:
    """How many workers died of the account's latest import."""
    the = latest_import(store, account_id)
    assert the is not None
    return the.deaths


def test_a_process_that_its_site_ends_did_not_die_of_its_import(
    machine: Machine, mira: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.upload(mira, LONG)
    machine.run()
    soon(partial(at_work, machine.store, mira, 0))
    process = machine.process()
    monkeypatch.setattr(process, "terminate", lambda: None)
    monkeypatch.setattr(import_process, "STOP_SECONDS", 0.0)
    machine.close()
    assert process.returncode == -signal.SIGKILL
    assert not is_left_behind(machine.store, lease_name(mira), IMPORT_LEASE_SECONDS)
    assert (state(machine.store, mira), deaths(machine.store, mira)) == (RUNNING, 0)


@on_sqlite
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to look into the worker")
def test_the_process_knows_no_secret_but_the_database(
    store: Store, database_url: str, mira: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SECRET_KEY", "SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET", "SOME_TOKEN", "HTTP_PROXY"):
        monkeypatch.setenv(name, "the secret that nobody needs")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    machine = Machine(store, database_url, tmp_path, RowLimits(7, 8))
    machine.upload(mira, export())
    machine.run()
    held = Path(f"/proc/{machine.process().pid}/environ").read_text().split("\0")
    environ = dict(one.split("=", 1) for one in held if one)
    machine.finish()
    assert "the secret that nobody needs" not in environ.values()
    assert environ["TZ"] == "Europe/Berlin"
    assert environ["HISTORY_DATABASE_URL"] == database_url
    assert (environ["IMPORT_MAX_ROWS"], environ["ACCOUNT_MAX_ROWS"]) == ("7", "8")
    the = latest_import(store, mira)
    assert the is not None
    assert "more than 7 rows" in (the.note or "")


def test_what_one_machine_receives_another_reads(
    store: Store, database_url: str, mira: int, tmp_path: Path
) -> None:
    """Two machines on one PostgreSQL, with no folder in common. On SQLite there is but one machine."""
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite has one machine")
    here, there = (Machine(store, database_url, tmp_path / name) for name in ("here", "there"))
    kept = 3 * CHUNK + 17
    padded = zipped({audio(0): plays(50), "padding.bin": os.urandom(kept)})  # several chunks
    number = here.upload(mira, padded)
    with store.reading() as connection:
        sizes = list(connection.scalars(select(func.length(history_upload_chunk.c.body))))
    assert (sum(sizes), max(sizes)) == (len(padded), CHUNK)
    assert list(here.uploads.folder.iterdir()) == []

    there.imports.run()

    assert state(store, mira) == DONE
    assert [file.rows["kept"] for file in files_of(store, number)] == [50]
    assert count(store, history_upload_chunk) == 0
    assert list(there.uploads.folder.iterdir()) == []


@pytest.mark.parametrize("how", ["cancelled", "deleted", "refused", "left behind"])
def test_no_upload_stays_in_the_database(machine: Machine, mira: int, how: str) -> None:
    number = machine.upload(mira, export())
    if how == "cancelled":
        end_import(machine.store, number, CANCELLED)
        machine.uploads.remove(upload.stored_as for upload in uploads_of(machine.store, number))
    elif how == "deleted":
        machine.uploads.remove(delete_account(machine.store, mira))
    elif how == "left behind":
        end_import(machine.store, number, CANCELLED)  # and its process was killed
        machine.uploads.remove_orphans()
    else:
        for _ in range(MOST_QUEUED - 1):
            machine.upload(mira, b"")
        before = count(machine.store, history_upload_chunk)
        with pytest.raises(QueueFull):
            machine.upload(mira, export())
        assert count(machine.store, history_upload_chunk) == before
        machine.uploads.remove(delete_account(machine.store, mira))
    assert count(machine.store, history_upload_chunk) == 0
    assert list(machine.uploads.folder.iterdir()) == []


def count(store: Store, table: Any) -> int:
    with store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


# --- the queue ---


@pytest.fixture
def site_config(database_url: str, tmp_path: Path) -> Config:
    return read_config({"DATABASE_URL": database_url, "DEMO": "0"}, instance=tmp_path / "instance")


@pytest.fixture
def worker(store: Store, site_config: Config) -> Iterator[Worker]:
    jobs = Jobs(site_config.database_url)
    worker = Worker(site_config, store, jobs, cast(Any, None))
    yield worker
    worker.close()
    for _, thread in worker._consumer.worker_threads if worker._consumer else ():
        thread.join(PATIENCE)
    jobs.close()


def test_the_queue_lies_beside_the_database_and_holds_ids(tmp_path: Path) -> None:
    one, other = (Jobs(f"sqlite:///{tmp_path / name}") for name in ("one.sqlite3", "other.sqlite3"))
    one.read_imports()
    one.sync_library(7, "0a1b")
    assert queue_file(f"sqlite:///{tmp_path / 'one.sqlite3'}") == tmp_path / "one-jobs.sqlite3"
    assert (tmp_path / "one-jobs.sqlite3").stat().st_mode & 0o777 == 0o600
    assert (one.huey().pending_count(), other.huey().pending_count()) == (2, 0)
    queued = [json.loads(data)[1:] for data in one.huey().storage.enqueued_items()]
    assert queued == [["app.jobs.read_imports", []], ["app.jobs.sync_library", [7, "0a1b"]]]
    one.close()
    other.close()


def test_what_is_queued_is_read_and_what_was_abandoned_is_queued_again(worker: Worker, mira: int) -> None:
    store = worker._store
    worker._uploads.queue(mira, [("export.zip", BytesIO(export()))])
    worker.start()  # the first look for unfinished work is at the start
    soon(lambda: state(store, mira) == DONE)
    worker._uploads.queue(mira, [("export.zip", BytesIO(export()))])
    worker._jobs.read_imports()
    soon(lambda: state(store, mira) == DONE)
    worker._uploads.queue(mira, [("export.zip", BytesIO(export()))])
    worker.queue_unfinished()
    soon(lambda: state(store, mira) == DONE)
    assert [import_.state for import_ in imports_of(store, mira)] == [DONE] * 3


@pytest.mark.parametrize(
    ("age", "state", "is_queued"), [(60, "running", 1), (60, "done", 0), (5, "running", 0)]
)
def test_a_look_up_whose_worker_was_killed_is_queued_again(
    worker: Worker, mira: int, monkeypatch: pytest.MonkeyPatch, age: int, state: str, is_queued: int
) -> None:
    queued: list[tuple[int, str]] = []
    monkeypatch.setattr(worker._jobs, "look_up_mood", lambda *ids: queued.append(ids))
    note_look_up(worker._store, mira, LookUp(3, 1, state, time.time() - age, ("a", "b"), "0a1b"))
    worker.queue_unfinished()
    assert queued == [(mira, "0a1b")] * is_queued


@pytest.mark.parametrize("piped", [True, False])
def test_who_waits_for_a_task_is_woken(tmp_path: Path, piped: bool) -> None:
    queue = SqliteQueue("site", str(tmp_path / "jobs.sqlite3"))
    if not piped:
        (tmp_path / "jobs.sqlite3-wake").mkdir()
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(until, queue.dequeue) for _ in range(3)]
        for task in (b"1", b"2", b"3"):
            queue.enqueue(task)
        assert sorted(found.result() for found in waiting) == [b"1", b"2", b"3"]


def test_a_queue_that_cannot_be_written_loses_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "site-jobs.sqlite3").mkdir()
    Jobs(f"sqlite:///{tmp_path / 'site.sqlite3'}").read_imports()
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "read_imports could not be queued"
    ]


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to find the worker")
@pytest.mark.parametrize("all_of_it", [True, False], ids=["and its worker", "alone"])
def test_a_site_that_is_killed_goes_on_with_its_import_when_it_starts_again(
    tmp_path: Path, all_of_it: bool
) -> None:
    clone, port = clean_copy(tmp_path), free_port()
    home = f"http://127.0.0.1:{port}"
    held = zipped({audio(at): plays(2000, at * 2000) for at in range(20)})
    with requests.Session() as person:
        person.trust_env = False

        def now() -> dict[str, Any]:
            found: dict[str, Any] = person.get(f"{home}/history/import.json", timeout=10).json()
            return found

        with running(clone, "run.py", PORT=str(port)) as site:
            site.wait_for(r"Stop with Ctrl\+C")
            page = person.get(f"{home}/history/import", timeout=10).text
            token = re.search(r'name="csrf_token" value="([^"]+)"', page)
            assert token is not None
            sent = person.post(
                f"{home}/history/import",
                data={"csrf_token": token[1]},
                files={"files": ("my_spotify_data.zip", held)},
                allow_redirects=False,
                timeout=30,
            )
            assert sent.status_code == 303, sent.text
            soon(lambda: now()["rows"]["read"] > 0)
            workers = [one for worker in children(site.process.pid) for one in (worker, *children(worker))]
            assert len(workers) == 2
            site.process.kill()
            if all_of_it:
                for worker in workers:
                    os.kill(worker, signal.SIGKILL)
            site.end()
        with running(clone, "run.py", PORT=str(port)) as site:
            site.wait_for(r"Stop with Ctrl\+C")
            over = soon(lambda: (found := now())["state"] not in ("queued", "running") and found)
            assert site.stop() == 0
    assert over["state"] == "done"
    rows = {"read": 40_000, "kept": 40_000, "duplicate": 0, "unreadable": 0, "ignored": 0, "replaced": 0}
    assert over["rows"] == rows
    assert "Traceback" not in site.output
