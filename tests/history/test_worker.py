"""The worker: every row accounted for, one bad file harms no other, a death at any moment changes nothing."""

import errno
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
import time_machine
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from app.config import ROOT
from app.history import worker
from app.history.blobs import LEDGER, Ledger
from app.history.limits import RowLimits
from app.history.parse_export import read_json
from app.history.uploads import incoming_file
from app.history.worker import DATABASE, FOLDER, work
from app.history.worker_lock import NAME as LOCK
from app.history.worker_lock import my_turn
from app.store.accounts import delete_account, find_or_add_account
from app.store.engine import Store
from app.store.history import (
    CANCELLED,
    DONE,
    FAILED,
    QUEUED,
    ROWS,
    RUNNING,
    UNDONE,
    Import,
    end_import,
    files_of,
    find_import,
    keep_file,
    latest_import,
    move_history,
    stale_mark,
    undo_import,
)
from app.store.import_queue import DIED_TOO_OFTEN, MOST_DEATHS, REMAKE_PAUSE, next_import
from app.store.migrate import migrate
from app.store.tables import account, history_part
from tests.history.made import (
    NOON,
    PRIVATE,
    account_play,
    audio,
    body,
    encrypted,
    export,
    play,
    plays,
    queue,
    zipped,
)

PATIENCE = 60.0  # seconds; only a failing test waits as long


class Desk:
    """Mira's imports: a database, a folder of uploads, and the worker between them."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.folder = folder
        folder.mkdir()
        self.mira = find_or_add_account(store, "spotify", "mira", None)
        self.theo = find_or_add_account(store, "spotify", "theo", None)

    def queue(self, *held: bytes, name: str = "my_spotify_data.zip", of: int | None = None) -> int:
        return queue(self.store, of or self.mira, self.folder, *((name, one) for one in held))

    def bring(self, *held: bytes, name: str = "my_spotify_data.zip", of: int | None = None) -> Import:
        """Queues an import and does it."""
        number = self.queue(*held, name=name, of=of)
        work(self.store, self.folder)
        return self.of(number)

    def of(self, number: int) -> Import:
        found = find_import(self.store, number)
        assert found is not None
        return found

    def notes(self, the: Import) -> dict[str, str | None]:
        return {file.name: file.note for file in files_of(self.store, the.id)}

    def rows(self, the: Import) -> dict[str, int]:
        """The sums of an import, which must add up for each file."""
        files = files_of(self.store, the.id)
        for file in files:
            assert file.rows["read"] == sum(file.rows[name] for name in ROWS[1:]), file
        return {name: sum(file.rows[name] for file in files) for name in ROWS}

    def history(self, of: int | None = None) -> dict[str, Any]:
        """Everything that follows from the imports; editions differ with every making."""
        query = select(history_part.c.name, history_part.c.body).where(
            history_part.c.account_id == (of or self.mira)
        )
        with self.store.reading() as connection:
            parts: dict[str, Any] = {row.name: row.body for row in connection.execute(query)}
        if LEDGER not in parts:
            return parts
        ledger = msgspec.msgpack.decode(parts.pop(LEDGER), type=Ledger)
        same = {name.removesuffix(f"/{ledger.edition}"): body for name, body in parts.items()}
        return same | {LEDGER: ledger.years}

    def left(self) -> list[str]:
        """What lies in the folder of uploads."""
        return sorted(file.name for file in self.folder.iterdir() if file.name != LOCK)


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return Desk(store, tmp_path / "uploads")


def test_every_row_of_an_import_is_one_of_four(desk: Desk) -> None:
    held = zipped({audio(0): [*plays(5), play(ms=-1), {"odd": 1}, 7], audio(1): [*plays(3), *plays(2, 5)]})
    done = desk.bring(held)
    assert done.state == DONE
    assert desk.rows(done) == {"read": 13, "kept": 7, "duplicate": 3, "unreadable": 2, "ignored": 1}
    assert desk.left() == []
    assert LEDGER in desk.history()


def test_the_same_export_twice_adds_nothing(desk: Desk) -> None:
    desk.bring(export())
    before = desk.history()
    again = desk.bring(export())
    assert desk.rows(again) == {"read": 60, "kept": 0, "duplicate": 60, "unreadable": 0, "ignored": 0}
    assert desk.history() == before


def test_the_richer_row_wins_whichever_came_first(desk: Desk) -> None:
    poor = desk.bring(body([account_play()]), name="StreamingHistory0.json")
    rich = desk.bring(body([play()]), name="endsong_0.json")
    assert (desk.rows(poor)["kept"], desk.rows(poor)["duplicate"]) == (0, 1)
    assert (desk.rows(rich)["kept"], desk.rows(rich)["duplicate"]) == (1, 0)


def test_one_bad_upload_or_file_harms_no_other(desk: Desk) -> None:
    mixed = zipped({audio(0): plays(4), audio(1): b"[{", audio(2): plays(4, 4)})
    locked, cut = encrypted(zipped({"endsong_7.json": plays(1)})), export()[:150]
    number = queue(
        desk.store,
        desk.mira,
        desk.folder,
        ("picture.png", b"\x89PNG"),
        ("mixed.zip", mixed),
        ("locked.zip", locked),
        ("cut.zip", cut),
        ("other.zip", zipped({"Userdata.json": b"{}"})),
        ("endsong_9.json", body(plays(2, 8))),
    )
    work(desk.store, desk.folder)
    done = desk.of(number)
    assert done.state == DONE
    assert desk.rows(done)["kept"] == 10
    assert desk.notes(done) == {
        "picture.png": "This is neither a zip nor a JSON file.",
        audio(0): None,
        "endsong_7.json": "This file is encrypted. Unpack the zip with its password, then send the files.",
        audio(1): "This is not JSON, or it was cut short.",
        audio(2): None,
        "cut.zip": "This zip is damaged or was cut short. Download it again.",
        "other.zip": "This zip has no streaming history in it. It holds Userdata.json.",
        "endsong_9.json": None,
    }
    assert desk.left() == []


def test_an_import_of_which_nothing_can_be_read_has_failed(desk: Desk) -> None:
    failed = desk.bring(b"hello", export()[:99])
    assert (failed.state, failed.note) == (FAILED, "None of these files could be read.")
    assert desk.history() == {}
    assert desk.left() == []


def test_odd_names_are_kept_as_they_can_be_shown(desk: Desk) -> None:
    done = desk.bring(zipped({"../..//\x07endsong_0.json": plays(1)}))
    assert list(desk.notes(done)) == ["../..//�endsong_0.json"]
    failed = desk.bring(b"no zip", name="\u202e" + "n" * 900)
    assert list(desk.notes(failed)) == ["n" * 500]


def test_an_upload_that_is_gone_says_so(desk: Desk) -> None:
    number = desk.queue(export(), export(files=1))
    next(desk.folder.iterdir()).unlink()
    work(desk.store, desk.folder)
    gone = "The upload is gone from this site's disk. Upload it again."
    assert gone in desk.notes(desk.of(number)).values()
    assert desk.of(number).state == DONE


def test_what_is_private_is_nowhere_in_the_database(tmp_path: Path, store: Store) -> None:
    desk = Desk(store, tmp_path / "uploads")
    desk.bring(export())
    with store.reading() as connection:
        tables = [history_part, *(table for table in account.metadata.tables.values())]
        rows = [str(tuple(row)) for table in tables for row in connection.execute(select(table))]
    for secret in PRIVATE.values():
        assert not any(secret in row for row in rows)


def full(_: object) -> Exception:
    return OSError(errno.ENOSPC, "No space left on device")


def database_full(_: object) -> Exception:
    return OperationalError("INSERT", {}, Exception("database or disk is full"))


@pytest.mark.parametrize("trouble", [full, database_full])
@pytest.mark.parametrize("where", ["keep_file", "keep_history", "announce_files"])
def test_a_full_disk_ends_an_import_with_nothing_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, trouble: Callable[[object], Exception], where: str
) -> None:
    desk.bring(export())
    before = desk.history()

    def fail(*_args: object, **_kwargs: object) -> None:
        raise trouble(None)

    with monkeypatch.context() as broken:
        broken.setattr(worker, where, fail)
        failed = desk.bring(export(files=5))
    assert (failed.state, failed.note) == (
        FAILED,
        "The disk of this site is full. Nothing of this import was kept.",
    )
    assert set(desk.rows(failed).values()) == {0}
    assert desk.history() == before
    assert desk.left() == []
    assert desk.rows(desk.bring(export(files=5)))["kept"] == 40


def test_a_database_too_full_to_say_so_is_left_for_later(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise database_full(None)

    number = desk.queue(export())
    with monkeypatch.context() as broken:
        broken.setattr(worker, "keep_file", fail)
        broken.setattr(worker, "end_import", fail)
        with pytest.raises(OperationalError):
            work(desk.store, desk.folder)
    assert desk.of(number).state == RUNNING
    work(desk.store, desk.folder)
    assert desk.of(number).state in (DONE, FAILED)


def test_a_file_that_takes_too_much_memory_is_one_failed_file(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = read_json

    def read(held: bytes, *more: Any) -> object:
        if len(held) > 20_000:
            raise MemoryError
        return real(held, *more)

    monkeypatch.setattr(worker, "read_json", read)
    done = desk.bring(zipped({audio(0): plays(200), audio(1): plays(3)}))
    assert desk.rows(done)["kept"] == 3
    assert desk.notes(done)[audio(0)] == "This file takes more memory than any that Spotify sends."


def test_two_people_at_once_get_their_own(desk: Desk) -> None:
    of_mira, of_theo = desk.queue(export()), desk.queue(export(files=1), of=desk.theo)
    work(desk.store, desk.folder)
    assert desk.rows(desk.of(of_mira))["kept"] == 60
    assert desk.rows(desk.of(of_theo))["kept"] == 20
    assert desk.history() != desk.history(desk.theo)


def test_a_second_import_waits_behind_the_first(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, str]] = []
    real = keep_file

    def look(*args: Any, **kwargs: Any) -> bool:
        seen.append((desk.of(first).state, desk.of(second).state))
        return real(*args, **kwargs)

    first, second = desk.queue(export(files=1)), desk.queue(export(files=1))
    monkeypatch.setattr(worker, "keep_file", look)
    work(desk.store, desk.folder)
    assert seen == [(RUNNING, QUEUED), (DONE, RUNNING)]
    assert desk.rows(desk.of(second))["duplicate"] == 20


def at(monkeypatch: pytest.MonkeyPatch, where: str, what: Callable[[], object]) -> None:
    """Does something once, just before the worker comes to `where`."""
    real = getattr(worker, where)
    left = [what]

    def first(*args: Any, **kwargs: Any) -> Any:
        if left:
            left.pop()()
        return real(*args, **kwargs)

    monkeypatch.setattr(worker, where, first)


STEPS = ("announce_files", "keep_file", "upload_is_read", "keep_history")


@pytest.mark.parametrize("where", STEPS)
def test_cancelled_at_any_step_it_leaves_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    desk.bring(export(files=1))
    before = desk.history()
    number = desk.queue(export(), b"no zip")
    at(monkeypatch, where, lambda: end_import(desk.store, number, CANCELLED))
    work(desk.store, desk.folder)
    assert desk.of(number).state == CANCELLED
    assert set(desk.rows(desk.of(number)).values()) == {0}
    assert desk.history() == before
    assert desk.left() == []


def test_cancelled_while_queued_it_never_begins(desk: Desk) -> None:
    number = desk.queue(export())
    assert end_import(desk.store, number, CANCELLED)
    work(desk.store, desk.folder)
    assert desk.of(number).started_at is None
    assert desk.history() == {}


def test_what_is_over_cannot_be_cancelled(desk: Desk) -> None:
    done = desk.bring(export())
    assert not end_import(desk.store, done.id, CANCELLED)
    assert desk.of(done.id).state == DONE


def test_undone_it_is_as_if_it_had_never_been(desk: Desk) -> None:
    first = desk.bring(export(files=2))
    before, rows = desk.history(), desk.rows(first)
    second = desk.bring(export(files=4))
    assert desk.history() != before
    assert undo_import(desk.store, desk.mira, second.id)
    work(desk.store, desk.folder)
    assert desk.history() == before
    assert desk.rows(first) == rows
    assert desk.of(second.id).state == UNDONE
    assert undo_import(desk.store, desk.mira, first.id)
    work(desk.store, desk.folder)
    assert desk.history() == {}
    assert not undo_import(desk.store, desk.mira, first.id)


@pytest.mark.parametrize("state", [QUEUED, RUNNING, CANCELLED, FAILED])
def test_only_what_is_done_can_be_undone(desk: Desk, state: str) -> None:
    number = desk.queue(export())
    if state == RUNNING:
        next_import(desk.store, desk.mira)
    elif state != QUEUED:
        end_import(desk.store, number, state)
    assert not undo_import(desk.store, desk.mira, number)
    assert desk.of(number).state == state


def test_nobody_undoes_anothers_import(desk: Desk) -> None:
    done = desk.bring(export())
    assert not undo_import(desk.store, desk.theo, done.id)


@pytest.mark.parametrize("where", [*STEPS, "files_that_count", "make"])
def test_an_import_undone_while_another_runs_is_gone_exactly(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    desk.bring(export(files=3), of=desk.theo)
    first = desk.bring(export(files=1))
    second = desk.queue(export(files=3))
    at(monkeypatch, where, lambda: undo_import(desk.store, desk.mira, first.id))
    work(desk.store, desk.folder)
    assert desk.of(second).state == DONE
    assert desk.rows(desk.of(second))["kept"] == 60
    assert stale_mark(desk.store, desk.mira) is None
    assert desk.history() == desk.history(desk.theo)


@pytest.mark.parametrize("where", [*STEPS, "files_that_count", "make"])
@pytest.mark.parametrize("had", [False, True], ids=["nothing there", "more there"])
def test_an_import_that_moves_while_it_runs_goes_on_at_its_new_account(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, where: str, had: bool
) -> None:
    """Somebody logs in while their private history is still being read."""
    desk.bring(export(files=4), of=desk.theo)
    local = find_or_add_account(desk.store, "local", "a browser", None)
    if had:
        desk.bring(export(files=1))
    desk.bring(export(files=2), of=local)
    number = desk.queue(export(files=4), of=local)

    def log_in() -> None:
        move_history(desk.store, local, desk.mira)
        delete_account(desk.store, local)

    at(monkeypatch, where, log_in)
    work(desk.store, desk.folder)
    assert (desk.of(number).state, desk.of(number).account_id) == (DONE, desk.mira)
    assert desk.history() == desk.history(desk.theo)
    assert stale_mark(desk.store, desk.mira) is None
    assert desk.left() == []


@pytest.mark.parametrize("where", STEPS)
def test_an_account_deleted_while_its_import_runs_leaves_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    desk.queue(export())
    at(monkeypatch, where, lambda: delete_account(desk.store, desk.mira))
    work(desk.store, desk.folder)
    assert latest_import(desk.store, desk.mira) is None
    assert desk.history() == {}
    assert desk.left() == []


def test_another_worker_lets_the_one_at_work_finish(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.history.worker_lock._WAIT", 0.0)
    number = desk.queue(export())
    with my_turn(desk.folder) as mine:
        assert mine
        work(desk.store, desk.folder)
        assert desk.of(number).state == QUEUED
    work(desk.store, desk.folder)
    assert desk.of(number).state == DONE


def test_what_nobody_will_read_is_swept_out_at_once(desk: Desk) -> None:
    (desk.folder / "left-behind").write_bytes(export())
    (desk.folder / "incoming-left-behind").write_bytes(b"PK")
    number = desk.queue(export())
    with incoming_file(desk.folder) as on_its_way:
        work(desk.store, desk.folder)
        assert desk.left() == [Path(on_its_way.name).name]
    assert desk.of(number).state == DONE


# A worker that dies by `kill -9` just before (or, with "after", just behind) one of its steps.
MORTAL = """
import os, signal, sys
from app.history import worker

name, when, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
module = worker
real = getattr(module, name)

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def step(*args, **kwargs):
    global times
    times -= 1
    if times == 0 and when == "asked to stop":
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()
    if times == 0 and when == "before":
        die()
    if times == 0 and when == "within":
        made = real(*args, **kwargs)
        def parts():
            for place, part in enumerate(made.parts):
                if place == 2:
                    die()
                yield part
        return real.__globals__["Made"](parts(), made.kept, made.duplicate)
    found = real(*args, **kwargs)
    if times == 0 and when == "after":
        die()
    return found

setattr(module, name, step)
sys.exit(worker.main())
"""
DEATHS = (
    ("next_import", "after", 1),
    ("announce_files", "after", 1),
    ("keep_file", "before", 1),
    ("keep_file", "after", 1),
    ("keep_file", "after", 2),
    ("upload_is_read", "before", 1),
    ("upload_is_read", "after", 1),
    ("keep_file", "after", 1),
    ("make", "before", 1),
    ("make", "within", 1),
    ("keep_history", "before", 1),
    ("keep_history", "after", 1),
)


def batched(deaths: Sequence[tuple[str, str, int]], size: int) -> list[Sequence[tuple[str, str, int]]]:
    return [deaths[first : first + size] for first in range(0, len(deaths), size)]


def run_worker(url: str, folder: Path, *how: object) -> int:
    """A worker as a process of its own; its exit status."""
    command = ["-c", MORTAL, *map(str, how)] if how else ["-m", "app.history.worker"]
    return subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, DATABASE: url, FOLDER: str(folder)},
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    ).returncode


def test_killed_over_and_over_it_ends_as_if_it_had_not_been(desk: Desk, database_url: str) -> None:
    uploads = (export(files=3), zipped({audio(8): [*plays(9, 40), {"odd": 1}, 7], audio(9): b"[{"}))
    desk.bring(*uploads, of=desk.theo)
    undisturbed = [file.rows for file in files_of(desk.store, 1)]
    for deaths in batched(DEATHS, MOST_DEATHS - 1):
        number = desk.queue(*uploads)
        for death in deaths:
            assert run_worker(database_url, desk.folder, *death) == -signal.SIGKILL, death
            assert set(desk.history()) in (set(), set(desk.history(desk.theo))), death
            desk.rows(desk.of(number))
        work(desk.store, desk.folder)
        assert desk.of(number).state == DONE
        assert desk.history() == desk.history(desk.theo)
        assert [file.rows for file in files_of(desk.store, number)] == undisturbed
        undo_import(desk.store, desk.mira, number)
        work(desk.store, desk.folder)
        assert desk.history() == {}
    # It died after the last step, with the upload still there; the next turn swept it away.
    assert desk.left() == []


def test_killed_while_it_takes_an_import_back_it_is_taken_back(desk: Desk, database_url: str) -> None:
    desk.bring(export(files=1))
    before = desk.history()
    second = desk.bring(export(files=3))
    undo_import(desk.store, desk.mira, second.id)
    for death in (("make", "before", 1), ("make", "within", 1), ("keep_history", "before", 1)):
        assert run_worker(database_url, desk.folder, *death) == -signal.SIGKILL
        assert stale_mark(desk.store, desk.mira) is not None
    assert run_worker(database_url, desk.folder) == 0
    assert desk.history() == before


def test_nobody_waits_for_a_worker_that_was_killed(desk: Desk, database_url: str) -> None:
    number = desk.queue(export())
    run_worker(database_url, desk.folder, "keep_file", "after", 2)
    assert desk.of(number).state == RUNNING
    assert run_worker(database_url, desk.folder) == 0
    assert desk.of(number).state == DONE


def test_an_import_that_outlived_three_workers_has_failed_and_the_next_goes_on(
    desk: Desk, database_url: str
) -> None:
    desk.bring(export(files=1))
    before = desk.history()
    deadly, next_one = desk.queue(export()), desk.queue(export(files=4), of=desk.theo)
    for death in range(1, MOST_DEATHS + 1):
        assert run_worker(database_url, desk.folder, "keep_file", "before", 1) == -signal.SIGKILL
        assert desk.of(next_one).state == QUEUED, death
    assert run_worker(database_url, desk.folder) == 0
    assert (desk.of(deadly).state, desk.of(deadly).note) == (FAILED, DIED_TOO_OFTEN)
    assert set(desk.rows(desk.of(deadly)).values()) == {0}
    assert desk.history() == before
    assert desk.of(next_one).state == DONE
    assert desk.left() == []


def test_a_worker_that_breaks_off_by_a_fault_of_its_own_counts_as_dead(desk: Desk) -> None:
    number = desk.queue(export())
    for _ in range(MOST_DEATHS):
        with pytest.MonkeyPatch.context() as broken:
            broken.setattr(worker, "keep_file", lambda *_args, **_more: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                work(desk.store, desk.folder)
    work(desk.store, desk.folder)
    assert (desk.of(number).state, desk.of(number).note) == (FAILED, DIED_TOO_OFTEN)


def test_a_worker_that_is_asked_to_stop_does_so_at_once_and_is_no_death(
    desk: Desk, database_url: str
) -> None:
    number = desk.queue(export())
    for _ in range(MOST_DEATHS + 1):
        stopped = run_worker(database_url, desk.folder, "keep_file", "asked to stop", 1)
        assert (stopped, desk.of(number).state) == (0, RUNNING)
    assert run_worker(database_url, desk.folder) == 0
    assert desk.of(number).state == DONE


def test_a_remake_that_kills_its_workers_waits_and_lets_others_go_on(desk: Desk, database_url: str) -> None:
    first, second = desk.bring(export(files=1)), desk.bring(export(files=3))
    before = desk.history()
    undo_import(desk.store, desk.mira, second.id)
    for _ in range(MOST_DEATHS + 1):
        assert run_worker(database_url, desk.folder, "make", "before", 1) == -signal.SIGKILL
    other = desk.queue(export(files=1), of=desk.theo)
    work(desk.store, desk.folder)
    assert desk.of(other).state == DONE
    assert stale_mark(desk.store, desk.mira) is not None
    assert desk.history() != before
    with time_machine.travel(time.time() + REMAKE_PAUSE + 1):
        work(desk.store, desk.folder)
    assert stale_mark(desk.store, desk.mira) is None
    assert desk.rows(first)["kept"] == 20


def test_an_import_with_too_many_rows_is_refused_as_a_whole(desk: Desk) -> None:
    desk.bring(export(files=1))
    before = desk.history()
    number = desk.queue(zipped({audio(0): plays(30), audio(1): [*plays(10, 30), *([{}] * 10), *([1] * 11)]}))
    work(desk.store, desk.folder, RowLimits(per_import=60))
    failed = desk.of(number)
    assert failed.state == FAILED
    assert failed.note == (
        "This import has more than 60 rows, the most that this site takes in one import. Nothing of it was "
        "kept. Send fewer files at a time."
    )
    assert set(desk.rows(failed).values()) == {0}
    assert desk.history() == before
    assert desk.left() == []


def test_as_many_rows_as_may_be_are_taken(desk: Desk) -> None:
    number = desk.queue(export(files=3))
    work(desk.store, desk.folder, RowLimits(per_import=60, per_account=60))
    assert desk.rows(desk.of(number))["kept"] == 60


def test_rows_are_counted_on_from_where_a_dead_worker_was(desk: Desk, database_url: str) -> None:
    number = desk.queue(export(files=3))
    run_worker(database_url, desk.folder, "keep_file", "after", 2)
    work(desk.store, desk.folder, RowLimits(per_import=59))
    assert desk.of(number).state == FAILED


def test_reading_stops_as_soon_as_there_are_too_many_rows(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    real = read_json

    def reading(held: bytes, *more: Any) -> object:
        read.append(len(held))
        return real(held, *more)

    monkeypatch.setattr(worker, "read_json", reading)
    desk.queue(export(files=9))
    work(desk.store, desk.folder, RowLimits(per_import=30))
    assert len(read) == 2


def test_an_account_with_too_many_rows_takes_no_more(desk: Desk) -> None:
    first = desk.bring(export(files=2))
    before = desk.history()
    number = desk.queue(zipped({audio(5): plays(21, 40)}))
    work(desk.store, desk.folder, RowLimits(per_account=60))
    failed = desk.of(number)
    assert failed.state == FAILED
    assert failed.note == (
        "With this import your history would have more than 60 rows, the most that this site keeps for one "
        "account. Nothing of it was kept. Undo an older import, then send it again."
    )
    assert desk.history() == before
    undo_import(desk.store, desk.mira, first.id)
    again = desk.queue(zipped({audio(5): plays(21, 40)}))
    work(desk.store, desk.folder, RowLimits(per_account=60))
    assert desk.rows(desk.of(again))["kept"] == 21


def test_two_histories_that_are_joined_keep_within_the_limit(desk: Desk) -> None:
    local = find_or_add_account(desk.store, "local", "a browser", None)
    first, second = desk.bring(export(files=2)), desk.bring(export(files=3), of=local)
    move_history(desk.store, local, desk.mira)
    work(desk.store, desk.folder, RowLimits(per_account=60))
    assert desk.rows(first)["kept"] == 40
    left_out = desk.of(second.id)
    assert (left_out.state, set(desk.rows(left_out).values())) == (FAILED, {0})
    assert "more than 60 rows" in (left_out.note or "")


@pytest.mark.parametrize("where", ["make", "keep_file", "announce_files"])
def test_an_import_that_takes_too_much_memory_has_failed_with_a_sentence(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    desk.bring(export(files=1))
    before = desk.history()
    with monkeypatch.context() as short:
        short.setattr(worker, where, no_memory)
        failed = desk.bring(export())
    assert failed.state == FAILED
    assert failed.note == worker.TOO_MUCH_MEMORY
    assert desk.history() == before
    assert desk.left() == []


def no_memory(*_args: object, **_more: object) -> None:
    raise MemoryError


def test_a_history_that_takes_too_much_memory_is_tried_again_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = desk.bring(export())
    undo_import(desk.store, desk.mira, done.id)
    with monkeypatch.context() as short:
        short.setattr(worker, "make", no_memory)
        work(desk.store, desk.folder)
    assert stale_mark(desk.store, desk.mira) is not None
    with time_machine.travel(time.time() + REMAKE_PAUSE + 1):
        work(desk.store, desk.folder)
    assert desk.history() == {}


def sqlite_locked() -> Exception:
    return OperationalError("INSERT", {}, sqlite3.OperationalError("database is locked"))


def connection_lost() -> Exception:
    return OperationalError("INSERT", {}, psycopg.OperationalError("the connection is lost"))


def server_stopped() -> Exception:
    return OperationalError("INSERT", {}, psycopg.errors.AdminShutdown("terminating connection"))


@pytest.mark.parametrize("fault", [sqlite_locked, connection_lost, server_stopped])
@pytest.mark.parametrize("where", ["due", "next_import", "keep_file", "upload_is_read", "keep_history"])
def test_a_passing_fault_of_the_database_is_waited_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, where: str, fault: Callable[[], Exception]
) -> None:
    waited: list[float] = []
    real = getattr(worker, where)

    def failing(*args: Any, **more: Any) -> Any:
        if len(waited) < 8:
            raise fault()
        return real(*args, **more)

    def wait(seconds: float) -> None:
        waited.append(seconds)
        assert desk.of(number).state == (QUEUED if where in ("due", "next_import") else RUNNING)
        assert len(desk.left()) == 1

    number = desk.queue(export())
    monkeypatch.setattr(worker, where, failing)
    work(desk.store, desk.folder, wait=wait)
    assert waited == [1, 2, 4, 8, 16, 32, 60, 60]
    assert desk.rows(desk.of(number)) == {
        "read": 60,
        "kept": 60,
        "duplicate": 0,
        "unreadable": 0,
        "ignored": 0,
    }
    assert desk.left() == []


def test_a_lock_that_another_program_holds_is_waited_out(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    migrate(store)
    desk = Desk(store, tmp_path / "uploads")
    number = desk.queue(export())
    other = sqlite3.connect(tmp_path / "test.sqlite3", isolation_level=None)
    impatient = Store(f"sqlite:///{tmp_path / 'test.sqlite3'}?timeout=0")
    event.listen(impatient.engine, "connect", lambda raw, _record: raw.execute("PRAGMA busy_timeout=0"))
    other.execute("BEGIN IMMEDIATE")
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            other.execute("ROLLBACK")

    work(impatient, desk.folder, wait=wait)
    assert waited == [1, 2, 4]
    assert desk.of(number).state == DONE
    other.close()
    impatient.close()
    store.close()


def test_small_imports_go_first_and_nobody_twice_before_the_others(desk: Desk) -> None:
    third = find_or_add_account(desk.store, "spotify", "ines", None)
    of_mira = [desk.queue(export(files=4, rows=40)) for _ in range(3)]
    of_theo = [desk.queue(export(files=3), of=desk.theo) for _ in range(2)]
    small = desk.queue(export(files=1), of=third)
    order: list[int] = []

    with pytest.MonkeyPatch.context() as watched:
        real = worker.do_import

        def doing(store: Store, folder: Path, the: Import, *more: Any) -> None:
            order.append(the.id)
            real(store, folder, the, *more)

        watched.setattr(worker, "do_import", doing)
        work(desk.store, desk.folder)
    assert order == [small, of_theo[0], of_mira[0], of_theo[1], of_mira[1], of_mira[2]]


def test_a_small_import_waits_for_one_of_anothers_at_most(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [desk.queue(export(files=4)) for _ in range(5)]
    small: list[int] = []
    real = keep_file

    def arrive(*args: Any, **more: Any) -> bool:
        if not small:
            small.append(desk.queue(export(files=1), of=desk.theo))
        elif desk.of(small[0]).state == RUNNING:
            states.append([desk.of(number).state for number in many])
        return real(*args, **more)

    states: list[list[str]] = []
    monkeypatch.setattr(worker, "keep_file", arrive)
    work(desk.store, desk.folder)
    assert states == [[DONE, QUEUED, QUEUED, QUEUED, QUEUED]]


def test_times_are_of_the_plays(desk: Desk) -> None:
    done = desk.bring(zipped({audio(0): [play(NOON), play(NOON + 5000)]}))
    (file,) = files_of(desk.store, done.id)
    starts = NOON - 200, NOON + 5000 - 200
    assert (file.first_at, file.last_at, file.music, file.podcasts) == (*starts, 2, 0)
