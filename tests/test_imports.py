"""Imports of a site: a worker when there is work, one at a time; `kill -9` of everything, and it goes on."""

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from app.history.worker_lock import unfinished_work, worker_lock
from app.imports import Imports

from app import imports as imports_module
from app.history.limits import RowLimits
from app.store.accounts import find_or_add_account
from app.store.engine import Store
from app.store.history import DONE, FAILED, RUNNING, latest_import
from app.store.import_queue import DIED_TOO_OFTEN, MOST_DEATHS, next_import
from tests.history.made import audio, export, plays, queue, zipped
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


@pytest.fixture
def imports(store: Store, database_url: str, tmp_path: Path) -> Iterator[Imports]:
    site = Imports(store, database_url, tmp_path / "instance" / "uploads")
    yield site
    site.close()


def state(store: Store, account_id: int) -> str:
    the = latest_import(store, account_id)
    assert the is not None
    return the.state


def test_a_worker_comes_when_there_is_work_and_goes_when_it_is_done(store: Store, imports: Imports) -> None:
    imports.start()
    assert imports._workers == []
    assert not imports.folder.exists()
    mira = find_or_add_account(store, "spotify", "mira", None)
    queue(store, mira, imports.ready(), ("export.zip", export()))
    imports.start()
    imports.start()
    (worker,) = imports._workers
    soon(lambda: state(store, mira) == DONE)
    assert worker.wait(PATIENCE) == 0
    imports.start()
    assert imports._workers == []


def test_no_worker_comes_while_another_is_at_work(store: Store, imports: Imports) -> None:
    mira = find_or_add_account(store, "spotify", "mira", None)
    queue(store, mira, imports.ready(), ("export.zip", export()))
    with worker_lock(imports.folder) as mine:
        assert mine
        imports.start()
        assert imports._workers == []
    imports.start()
    soon(lambda: state(store, mira) == DONE)


def test_a_worker_that_was_killed_is_replaced_at_once(store: Store, imports: Imports) -> None:
    mira = find_or_add_account(store, "spotify", "mira", None)
    queue(store, mira, imports.ready(), ("export.zip", export()))
    imports.start()
    (worker,) = imports._workers
    worker.kill()
    worker.wait(PATIENCE)
    imports.start()
    assert [one.pid for one in imports._workers] != [worker.pid]
    soon(lambda: state(store, mira) == DONE)


def test_a_worker_that_fails_is_not_replaced_over_and_over(
    store: Store, imports: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    mira = find_or_add_account(store, "spotify", "mira", None)
    queue(store, mira, imports.ready(), ("export.zip", export()))
    monkeypatch.setattr(imports, "_database_url", "sqlite:////dev/null/nowhere")
    imports.start()
    (worker,) = imports._workers
    assert worker.wait(PATIENCE) == 1
    imports.start()
    assert imports._workers == []
    monkeypatch.undo()
    imports._not_before -= imports_module.AFTER_A_FAILURE
    imports.start()
    soon(lambda: state(store, mira) == DONE)


LONG = zipped({audio(at): plays(2000, at * 2000) for at in range(30)})


def at_work(store: Store, account_id: int, imports: Imports, deaths: int) -> bool:
    """Whether a worker is at the account's import after so many others died of it."""
    the = latest_import(store, account_id)
    assert the is not None
    return the.state == RUNNING and the.deaths == deaths and unfinished_work(imports.folder) != ""


def test_an_import_whose_workers_are_killed_fails_and_the_next_goes_on(
    store: Store, imports: Imports
) -> None:
    mira = find_or_add_account(store, "spotify", "mira", None)
    theo = find_or_add_account(store, "spotify", "theo", None)
    queue(store, mira, imports.ready(), ("export.zip", LONG))
    imports.start()
    for deaths in range(MOST_DEATHS):
        soon(partial(at_work, store, mira, imports, deaths))
        (worker,) = imports._workers
        worker.kill()
        if latest_import(store, theo) is None:
            queue(store, theo, imports.folder, ("export.zip", export()))
    # Nobody looks at a page; the site itself starts the next worker.
    soon(lambda: state(store, theo) == DONE)
    the = latest_import(store, mira)
    assert the is not None
    assert (the.state, the.note) == (FAILED, DIED_TOO_OFTEN)


def test_workers_that_are_killed_before_they_go_on_with_an_import_count_too(
    store: Store, imports: Imports
) -> None:
    mira = find_or_add_account(store, "spotify", "mira", None)
    queue(store, mira, imports.ready(), ("export.zip", export()))
    assert next_import(store, mira) is not None  # a worker had begun it, and was killed
    imports.start()

    for killed in range(1, MOST_DEATHS + 1):
        (worker,) = imports._workers
        worker.kill()
        soon(lambda: deaths(store, mira) == killed)  # noqa: B023 - called in this round
        soon(lambda: killed == MOST_DEATHS or [one for one in imports._workers if one.poll() is None])  # noqa: B023

    assert (state(store, mira), deaths(store, mira)) == (FAILED, MOST_DEATHS)
    assert [file.name for file in imports.folder.iterdir()] == ["worker.lock"]


def deaths(store: Store, account_id: int) -> int:
    """How many workers died of the account's latest import."""
    the = latest_import(store, account_id)
    assert the is not None
    return the.deaths


def test_a_worker_that_its_site_ends_did_not_die_of_its_import(
    store: Store, imports: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    mira = find_or_add_account(store, "spotify", "mira", None)
    queue(store, mira, imports.ready(), ("export.zip", LONG))
    imports.start()
    (worker,) = imports._workers
    soon(lambda: unfinished_work(imports.folder))
    monkeypatch.setattr(worker, "terminate", lambda: None)
    monkeypatch.setattr(imports_module, "STOP_SECONDS", 0.0)
    imports.close()
    assert worker.returncode == -signal.SIGKILL
    assert (state(store, mira), unfinished_work(imports.folder)) == (RUNNING, "")


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to look into the worker")
def test_the_worker_knows_no_secret_but_the_database(
    store: Store, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SECRET_KEY", "SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET", "SOME_TOKEN", "HTTP_PROXY"):
        monkeypatch.setenv(name, "the secret that nobody needs")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    site = Imports(store, database_url, tmp_path / "uploads", RowLimits(7, 8))
    mira = find_or_add_account(store, "spotify", "mira", None)
    queue(store, mira, site.ready(), ("export.zip", export()))
    site.start()
    (worker,) = site._workers
    held = Path(f"/proc/{worker.pid}/environ").read_text().split("\0")
    environ = dict(one.split("=", 1) for one in held if one)
    soon(lambda: state(store, mira) == FAILED)
    site.close()
    assert "the secret that nobody needs" not in environ.values()
    assert environ["TZ"] == "Europe/Berlin"
    assert environ["HISTORY_DATABASE_URL"] == database_url
    assert (environ["IMPORT_MAX_ROWS"], environ["ACCOUNT_MAX_ROWS"]) == ("7", "8")
    the = latest_import(store, mira)
    assert the is not None
    assert "more than 7 rows" in (the.note or "")


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


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
            workers = children(site.process.pid)
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
    assert over["rows"] == {"read": 40_000, "kept": 40_000, "duplicate": 0, "unreadable": 0, "ignored": 0}
    assert "Traceback" not in site.output
