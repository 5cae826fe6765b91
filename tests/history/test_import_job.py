"""Imports: every row accounted for, one bad file harms no other, a death at any moment changes nothing."""

import errno
import signal
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import psycopg
import pytest
import time_machine
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from app.history import build as building
from app.history import import_job
from app.history.blobs import HistoryManifest
from app.history.formats import spotify
from app.history.formats.spotify import read_json
from app.history.import_job import work
from app.history.import_process import DATABASE, FOLDER
from app.history.limits import RowLimits
from app.history.uploads import Uploads, incoming_file
from app.store.accounts import delete_account, find_or_add_account
from app.store.engine import Store
from app.store.history import MANIFEST, move_history, stale_mark, undo_import
from app.store.import_queue import (
    DIED_TOO_OFTEN,
    MOST_DEATHS,
    REMAKE_PAUSE,
    is_waiting,
    lease_name,
    next_import,
)
from app.store.imports import (
    CANCELLED,
    DONE,
    FAILED,
    QUEUED,
    ROWS,
    RUNNING,
    UNDONE,
    Import,
    end_import,
    find_import,
    latest_import,
)
from app.store.locks import IMPORT_LEASE_SECONDS, inherit
from app.store.migrate import migrate
from app.store.receipts import files_of, keep_file
from app.store.tables import account, history_part
from tests.conftest import on_sqlite
from tests.history import mortal_worker
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
from tests.jobs import imports_held

PATIENCE = 60.0  # seconds; only a failing test waits as long


class ImportFixture:
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
        """Everything that follows from the imports; versions differ with every build."""
        query = select(history_part.c.name, history_part.c.body).where(
            history_part.c.account_id == (of or self.mira)
        )
        with self.store.reading() as connection:
            parts: dict[str, Any] = {row.name: row.body for row in connection.execute(query)}
        if MANIFEST not in parts:
            return parts
        manifest = msgspec.msgpack.decode(parts.pop(MANIFEST), type=HistoryManifest)
        same = {name.removesuffix(f"/{manifest.version}"): body for name, body in parts.items()}
        return same | {MANIFEST: manifest.years}

    def left(self) -> list[str]:
        """What lies in the folder of uploads."""
        return sorted(file.name for file in self.folder.iterdir())


def module_of(name: str) -> ModuleType:
    """The module that calls a step of an import by this name."""
    return building if name in ("files_that_count", "build", "keep_history") else import_job


@pytest.fixture
def import_fixture(store: Store, tmp_path: Path) -> ImportFixture:
    return ImportFixture(store, tmp_path / "uploads")


def test_every_row_of_an_import_is_one_of_four(import_fixture: ImportFixture) -> None:
    held = zipped({audio(0): [*plays(5), play(ms=-1), {"odd": 1}, 7], audio(1): [*plays(3), *plays(2, 5)]})
    done = import_fixture.bring(held)
    assert done.state == DONE
    assert import_fixture.rows(done) == {"read": 13, "kept": 7, "duplicate": 3, "unreadable": 2, "ignored": 1}
    assert import_fixture.left() == []
    assert MANIFEST in import_fixture.history()


def test_the_same_export_twice_adds_nothing(import_fixture: ImportFixture) -> None:
    import_fixture.bring(export())
    before = import_fixture.history()
    again = import_fixture.bring(export())
    assert import_fixture.rows(again) == {
        "read": 60,
        "kept": 0,
        "duplicate": 60,
        "unreadable": 0,
        "ignored": 0,
    }
    assert import_fixture.history() == before


def test_the_richer_row_wins_whichever_came_first(import_fixture: ImportFixture) -> None:
    poor = import_fixture.bring(body([account_play()]), name="StreamingHistory0.json")
    rich = import_fixture.bring(body([play()]), name="endsong_0.json")
    assert (import_fixture.rows(poor)["kept"], import_fixture.rows(poor)["duplicate"]) == (0, 1)
    assert (import_fixture.rows(rich)["kept"], import_fixture.rows(rich)["duplicate"]) == (1, 0)


def test_one_bad_upload_or_file_harms_no_other(import_fixture: ImportFixture) -> None:
    mixed = zipped({audio(0): plays(4), audio(1): b"[{", audio(2): plays(4, 4)})
    locked, cut = encrypted(zipped({"endsong_7.json": plays(1)})), export()[:150]
    number = queue(
        import_fixture.store,
        import_fixture.mira,
        import_fixture.folder,
        ("picture.png", b"\x89PNG"),
        ("mixed.zip", mixed),
        ("locked.zip", locked),
        ("cut.zip", cut),
        ("other.zip", zipped({"Userdata.json": b"{}"})),
        ("endsong_9.json", body(plays(2, 8))),
    )
    work(import_fixture.store, import_fixture.folder)
    done = import_fixture.of(number)
    assert done.state == DONE
    assert import_fixture.rows(done)["kept"] == 10
    assert import_fixture.notes(done) == {
        "picture.png": "This file holds no plays in any form that is read here.",
        audio(0): None,
        "endsong_7.json": "This file is encrypted. Unpack the zip with its password, then send the files.",
        audio(1): "This is not JSON, or it was cut short.",
        audio(2): None,
        "cut.zip": "This zip is damaged or was cut short. Download it again.",
        "other.zip": "This zip has no plays that can be read here. It holds Userdata.json.",
        "endsong_9.json": None,
    }
    assert import_fixture.left() == []


def test_an_import_of_which_nothing_can_be_read_has_failed(import_fixture: ImportFixture) -> None:
    failed = import_fixture.bring(b"hello", export()[:99])
    assert (failed.state, failed.note) == (FAILED, "None of these files could be read.")
    assert import_fixture.history() == {}
    assert import_fixture.left() == []


def test_odd_names_are_kept_as_they_can_be_shown(import_fixture: ImportFixture) -> None:
    done = import_fixture.bring(zipped({"../..//\x07endsong_0.json": plays(1)}))
    assert list(import_fixture.notes(done)) == ["../..//�endsong_0.json"]
    failed = import_fixture.bring(b"no zip", name="\u202e" + "n" * 900)
    assert list(import_fixture.notes(failed)) == ["n" * 500]


def test_an_upload_that_is_gone_says_so(import_fixture: ImportFixture) -> None:
    number = import_fixture.queue(export(), export(files=1))
    next(import_fixture.folder.iterdir()).unlink()
    work(import_fixture.store, import_fixture.folder)
    gone = "The upload is gone from this site's disk. Upload it again."
    assert gone in import_fixture.notes(import_fixture.of(number)).values()
    assert import_fixture.of(number).state == DONE


def test_what_is_private_is_nowhere_in_the_database(tmp_path: Path, store: Store) -> None:
    import_fixture = ImportFixture(store, tmp_path / "uploads")
    import_fixture.bring(export())
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
    import_fixture: ImportFixture,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Callable[[object], Exception],
    where: str,
) -> None:
    import_fixture.bring(export())
    before = import_fixture.history()

    def fail(*_args: object, **_kwargs: object) -> None:
        raise trouble(None)

    with monkeypatch.context() as broken:
        broken.setattr(module_of(where), where, fail)
        failed = import_fixture.bring(export(files=5))
    assert (failed.state, failed.note) == (
        FAILED,
        "The disk of this site is full. Nothing of this import was kept.",
    )
    assert set(import_fixture.rows(failed).values()) == {0}
    assert import_fixture.history() == before
    assert import_fixture.left() == []
    assert import_fixture.rows(import_fixture.bring(export(files=5)))["kept"] == 40


def test_a_database_too_full_to_say_so_is_left_for_later(
    import_fixture: ImportFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise database_full(None)

    number = import_fixture.queue(export())
    with monkeypatch.context() as broken:
        broken.setattr(import_job, "keep_file", fail)
        broken.setattr(import_job, "end_import", fail)
        with pytest.raises(OperationalError):
            work(import_fixture.store, import_fixture.folder)
    assert import_fixture.of(number).state == RUNNING
    work(import_fixture.store, import_fixture.folder)
    assert import_fixture.of(number).state in (DONE, FAILED)


def test_a_file_that_takes_too_much_memory_is_one_failed_file(
    import_fixture: ImportFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = read_json

    def read(held: bytes, *more: Any) -> object:
        if len(held) > 20_000:
            raise MemoryError
        return real(held, *more)

    monkeypatch.setattr(spotify, "read_json", read)
    done = import_fixture.bring(zipped({audio(0): plays(200), audio(1): plays(3)}))
    assert import_fixture.rows(done)["kept"] == 3
    assert import_fixture.notes(done)[audio(0)] == "This file takes more memory than this site allows."


def test_two_people_at_once_get_their_own(import_fixture: ImportFixture) -> None:
    of_mira, of_theo = (
        import_fixture.queue(export()),
        import_fixture.queue(export(files=1), of=import_fixture.theo),
    )
    work(import_fixture.store, import_fixture.folder)
    assert import_fixture.rows(import_fixture.of(of_mira))["kept"] == 60
    assert import_fixture.rows(import_fixture.of(of_theo))["kept"] == 20
    assert import_fixture.history() != import_fixture.history(import_fixture.theo)


def test_a_second_import_waits_behind_the_first(
    import_fixture: ImportFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, str]] = []
    real = keep_file

    def look(*args: Any, **kwargs: Any) -> bool:
        seen.append((import_fixture.of(first).state, import_fixture.of(second).state))
        return real(*args, **kwargs)

    first, second = import_fixture.queue(export(files=1)), import_fixture.queue(export(files=1))
    monkeypatch.setattr(import_job, "keep_file", look)
    work(import_fixture.store, import_fixture.folder)
    assert seen == [(RUNNING, QUEUED), (DONE, RUNNING)]
    assert import_fixture.rows(import_fixture.of(second))["duplicate"] == 20


def at(monkeypatch: pytest.MonkeyPatch, where: str, what: Callable[[], object]) -> None:
    """Does something once, just before the worker comes to `where`."""
    real = getattr(module_of(where), where)
    left = [what]

    def first(*args: Any, **kwargs: Any) -> Any:
        if left:
            left.pop()()
        return real(*args, **kwargs)

    monkeypatch.setattr(module_of(where), where, first)


STEPS = ("announce_files", "keep_file", "upload_is_read", "keep_history")


@pytest.mark.parametrize("where", STEPS)
def test_cancelled_at_any_step_it_leaves_nothing(
    import_fixture: ImportFixture, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    import_fixture.bring(export(files=1))
    before = import_fixture.history()
    number = import_fixture.queue(export(), b"no zip")
    at(monkeypatch, where, lambda: end_import(import_fixture.store, number, CANCELLED))
    work(import_fixture.store, import_fixture.folder)
    assert import_fixture.of(number).state == CANCELLED
    assert set(import_fixture.rows(import_fixture.of(number)).values()) == {0}
    assert import_fixture.history() == before
    assert import_fixture.left() == []


def test_cancelled_while_queued_it_never_begins(import_fixture: ImportFixture) -> None:
    number = import_fixture.queue(export())
    assert end_import(import_fixture.store, number, CANCELLED)
    work(import_fixture.store, import_fixture.folder)
    assert import_fixture.of(number).started_at is None
    assert import_fixture.history() == {}


def test_what_is_over_cannot_be_cancelled(import_fixture: ImportFixture) -> None:
    done = import_fixture.bring(export())
    assert not end_import(import_fixture.store, done.id, CANCELLED)
    assert import_fixture.of(done.id).state == DONE


def test_undone_it_is_as_if_it_had_never_been(import_fixture: ImportFixture) -> None:
    first = import_fixture.bring(export(files=2))
    before, rows = import_fixture.history(), import_fixture.rows(first)
    second = import_fixture.bring(export(files=4))
    assert import_fixture.history() != before
    assert undo_import(import_fixture.store, import_fixture.mira, second.id)
    work(import_fixture.store, import_fixture.folder)
    assert import_fixture.history() == before
    assert import_fixture.rows(first) == rows
    assert import_fixture.of(second.id).state == UNDONE
    assert undo_import(import_fixture.store, import_fixture.mira, first.id)
    work(import_fixture.store, import_fixture.folder)
    assert import_fixture.history() == {}
    assert not undo_import(import_fixture.store, import_fixture.mira, first.id)


@pytest.mark.parametrize("state", [QUEUED, RUNNING, CANCELLED, FAILED])
def test_only_what_is_done_can_be_undone(import_fixture: ImportFixture, state: str) -> None:
    number = import_fixture.queue(export())
    if state == RUNNING:
        next_import(import_fixture.store, import_fixture.mira)
    elif state != QUEUED:
        end_import(import_fixture.store, number, state)
    assert not undo_import(import_fixture.store, import_fixture.mira, number)
    assert import_fixture.of(number).state == state


def test_nobody_undoes_anothers_import(import_fixture: ImportFixture) -> None:
    done = import_fixture.bring(export())
    assert not undo_import(import_fixture.store, import_fixture.theo, done.id)


@pytest.mark.parametrize("where", [*STEPS, "files_that_count", "build"])
def test_an_import_undone_while_another_runs_is_gone_exactly(
    import_fixture: ImportFixture, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    import_fixture.bring(export(files=3), of=import_fixture.theo)
    first = import_fixture.bring(export(files=1))
    second = import_fixture.queue(export(files=3))
    at(monkeypatch, where, lambda: undo_import(import_fixture.store, import_fixture.mira, first.id))
    work(import_fixture.store, import_fixture.folder)
    assert import_fixture.of(second).state == DONE
    assert import_fixture.rows(import_fixture.of(second))["kept"] == 60
    assert stale_mark(import_fixture.store, import_fixture.mira) is None
    assert import_fixture.history() == import_fixture.history(import_fixture.theo)


@pytest.mark.parametrize("where", [*STEPS, "files_that_count", "build"])
@pytest.mark.parametrize("had", [False, True], ids=["nothing there", "more there"])
def test_an_import_that_moves_while_it_runs_goes_on_at_its_new_account(
    import_fixture: ImportFixture, monkeypatch: pytest.MonkeyPatch, where: str, had: bool
) -> None:
    """Somebody logs in while their private history is still being read."""
    import_fixture.bring(export(files=4), of=import_fixture.theo)
    local = find_or_add_account(import_fixture.store, "local", "a browser", None)
    if had:
        import_fixture.bring(export(files=1))
    import_fixture.bring(export(files=2), of=local)
    number = import_fixture.queue(export(files=4), of=local)

    def log_in() -> None:
        move_history(import_fixture.store, local, import_fixture.mira)
        delete_account(import_fixture.store, local)

    at(monkeypatch, where, log_in)
    work(import_fixture.store, import_fixture.folder)
    assert (import_fixture.of(number).state, import_fixture.of(number).account_id) == (
        DONE,
        import_fixture.mira,
    )
    assert import_fixture.history() == import_fixture.history(import_fixture.theo)
    assert stale_mark(import_fixture.store, import_fixture.mira) is None
    assert import_fixture.left() == []


@pytest.mark.parametrize("where", STEPS)
def test_an_account_deleted_while_its_import_runs_leaves_nothing(
    import_fixture: ImportFixture, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    import_fixture.queue(export())
    at(monkeypatch, where, lambda: delete_account(import_fixture.store, import_fixture.mira))
    work(import_fixture.store, import_fixture.folder)
    assert latest_import(import_fixture.store, import_fixture.mira) is None
    assert import_fixture.history() == {}
    assert import_fixture.left() == []


def test_one_worker_at_a_time_does_the_imports_of_an_account(import_fixture: ImportFixture) -> None:
    of_mira, of_theo = import_fixture.queue(export()), import_fixture.queue(export(), of=import_fixture.theo)
    with imports_held(import_fixture.store, import_fixture.mira):
        assert is_waiting(import_fixture.store)
        work(import_fixture.store, import_fixture.folder)
        assert (import_fixture.of(of_mira).state, import_fixture.of(of_theo).state) == (QUEUED, DONE)
        assert not is_waiting(import_fixture.store)
    work(import_fixture.store, import_fixture.folder)
    assert import_fixture.of(of_mira).state == DONE


def test_what_a_lost_machine_was_at_is_taken_over_when_its_lease_has_run_out(
    import_fixture: ImportFixture,
) -> None:
    number = import_fixture.queue(export())
    assert next_import(import_fixture.store, import_fixture.mira) is not None
    elsewhere = "another machine:7:0:x"
    assert inherit(import_fixture.store, lease_name(import_fixture.mira), elsewhere, 30) is False
    work(import_fixture.store, import_fixture.folder)
    assert import_fixture.of(number).state == RUNNING
    with time_machine.travel(time.time() + IMPORT_LEASE_SECONDS + 1):
        work(import_fixture.store, import_fixture.folder)
    assert (import_fixture.of(number).state, import_fixture.of(number).deaths) == (DONE, 1)


def test_what_nobody_will_read_is_swept_out_at_once(import_fixture: ImportFixture) -> None:
    (import_fixture.folder / "left-behind").write_bytes(export())
    (import_fixture.folder / "incoming-left-behind").write_bytes(b"PK")
    number = import_fixture.queue(export())
    with incoming_file(import_fixture.folder) as on_its_way:
        work(import_fixture.store, import_fixture.folder)
        assert import_fixture.left() == [Path(on_its_way.name).name]
    assert import_fixture.of(number).state == DONE


DEATHS = (
    ("next_import", "after", 1),
    ("announce_files", "after", 1),
    ("keep_file", "before", 1),
    ("keep_file", "after", 1),
    ("keep_file", "after", 2),
    ("upload_is_read", "before", 1),
    ("upload_is_read", "after", 1),
    ("keep_file", "after", 1),
    ("build", "before", 1),
    ("build", "within", 1),
    ("keep_history", "before", 1),
    ("keep_history", "after", 1),
)


def batched(deaths: Sequence[tuple[str, str, int]], size: int) -> list[Sequence[tuple[str, str, int]]]:
    return [deaths[first : first + size] for first in range(0, len(deaths), size)]


def run_worker(url: str, folder: Path, *death: Any) -> int | None:
    """A worker as a process of its own, which dies where `death` says; its exit status."""
    arguments = (death, {DATABASE: url, FOLDER: str(folder)})
    process = mortal_worker.PROCESSES.Process(target=mortal_worker.run, args=arguments)
    process.start()
    process.join(PATIENCE)
    return process.exitcode


def test_killed_over_and_over_it_ends_as_if_it_had_not_been(
    import_fixture: ImportFixture, database_url: str
) -> None:
    uploads = (export(files=3), zipped({audio(8): [*plays(9, 40), {"odd": 1}, 7], audio(9): b"[{"}))
    whole = import_fixture.bring(*uploads, of=import_fixture.theo)
    undisturbed = [file.rows for file in files_of(import_fixture.store, whole.id)]
    for deaths in batched(DEATHS, MOST_DEATHS - 1):
        number = import_fixture.queue(*uploads)
        for death in deaths:
            assert run_worker(database_url, import_fixture.folder, *death) == -signal.SIGKILL, death
            assert set(import_fixture.history()) in (
                set(),
                set(import_fixture.history(import_fixture.theo)),
            ), death
            import_fixture.rows(import_fixture.of(number))
        work(import_fixture.store, import_fixture.folder)
        assert import_fixture.of(number).state == DONE
        assert import_fixture.history() == import_fixture.history(import_fixture.theo)
        assert [file.rows for file in files_of(import_fixture.store, number)] == undisturbed
        undo_import(import_fixture.store, import_fixture.mira, number)
        work(import_fixture.store, import_fixture.folder)
        assert import_fixture.history() == {}
    # It died after the last step, with the upload still there; the next turn swept it away.
    assert import_fixture.left() == []


def test_killed_while_it_takes_an_import_back_it_is_taken_back(
    import_fixture: ImportFixture, database_url: str
) -> None:
    import_fixture.bring(export(files=1))
    before = import_fixture.history()
    second = import_fixture.bring(export(files=3))
    undo_import(import_fixture.store, import_fixture.mira, second.id)
    for death in (("build", "before", 1), ("build", "within", 1), ("keep_history", "before", 1)):
        assert run_worker(database_url, import_fixture.folder, *death) == -signal.SIGKILL
        assert stale_mark(import_fixture.store, import_fixture.mira) is not None
    assert run_worker(database_url, import_fixture.folder) == 0
    assert import_fixture.history() == before


def test_nobody_waits_for_a_worker_that_was_killed(import_fixture: ImportFixture, database_url: str) -> None:
    number = import_fixture.queue(export())
    run_worker(database_url, import_fixture.folder, "keep_file", "after", 2)
    assert import_fixture.of(number).state == RUNNING
    assert run_worker(database_url, import_fixture.folder) == 0
    assert import_fixture.of(number).state == DONE


def test_an_import_that_outlived_three_workers_has_failed_and_the_next_goes_on(
    import_fixture: ImportFixture, database_url: str
) -> None:
    import_fixture.bring(export(files=1))
    before = import_fixture.history()
    deadly, next_one = (
        import_fixture.queue(export()),
        import_fixture.queue(export(files=4), of=import_fixture.theo),
    )
    for death in range(1, MOST_DEATHS + 1):
        assert run_worker(database_url, import_fixture.folder, "keep_file", "before", 1) == -signal.SIGKILL
        assert import_fixture.of(next_one).state == QUEUED, death
    assert run_worker(database_url, import_fixture.folder) == 0
    assert (import_fixture.of(deadly).state, import_fixture.of(deadly).note) == (FAILED, DIED_TOO_OFTEN)
    assert set(import_fixture.rows(import_fixture.of(deadly)).values()) == {0}
    assert import_fixture.history() == before
    assert import_fixture.of(next_one).state == DONE
    assert import_fixture.left() == []


def test_a_worker_that_breaks_off_by_a_fault_of_its_own_counts_as_dead(import_fixture: ImportFixture) -> None:
    number = import_fixture.queue(export())
    for _ in range(MOST_DEATHS):
        with pytest.MonkeyPatch.context() as broken:
            broken.setattr(import_job, "keep_file", lambda *_args, **_more: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                work(import_fixture.store, import_fixture.folder)
    work(import_fixture.store, import_fixture.folder)
    assert (import_fixture.of(number).state, import_fixture.of(number).note) == (FAILED, DIED_TOO_OFTEN)


def test_a_worker_that_is_asked_to_stop_does_so_at_once_and_is_no_death(
    import_fixture: ImportFixture, database_url: str
) -> None:
    number = import_fixture.queue(export())
    for _ in range(MOST_DEATHS + 1):
        stopped = run_worker(database_url, import_fixture.folder, "keep_file", "asked to stop", 1)
        assert (stopped, import_fixture.of(number).state) == (0, RUNNING)
    assert run_worker(database_url, import_fixture.folder) == 0
    assert import_fixture.of(number).state == DONE


def test_a_remake_that_kills_its_workers_waits_and_lets_others_go_on(
    import_fixture: ImportFixture, database_url: str
) -> None:
    first, second = import_fixture.bring(export(files=1)), import_fixture.bring(export(files=3))
    before = import_fixture.history()
    undo_import(import_fixture.store, import_fixture.mira, second.id)
    for _ in range(MOST_DEATHS + 1):
        assert run_worker(database_url, import_fixture.folder, "build", "before", 1) == -signal.SIGKILL
    other = import_fixture.queue(export(files=1), of=import_fixture.theo)
    work(import_fixture.store, import_fixture.folder)
    assert import_fixture.of(other).state == DONE
    assert stale_mark(import_fixture.store, import_fixture.mira) is not None
    assert import_fixture.history() != before
    with time_machine.travel(time.time() + REMAKE_PAUSE + 1):
        work(import_fixture.store, import_fixture.folder)
    assert stale_mark(import_fixture.store, import_fixture.mira) is None
    assert import_fixture.rows(first)["kept"] == 20


def test_an_import_with_too_many_rows_is_refused_as_a_whole(import_fixture: ImportFixture) -> None:
    import_fixture.bring(export(files=1))
    before = import_fixture.history()
    number = import_fixture.queue(
        zipped({audio(0): plays(30), audio(1): [*plays(10, 30), *([{}] * 10), *([1] * 11)]})
    )
    work(import_fixture.store, import_fixture.folder, RowLimits(per_import=60))
    failed = import_fixture.of(number)
    assert failed.state == FAILED
    assert failed.note == (
        "This import has more than 60 rows, the most that this site takes in one import. Nothing of it was "
        "kept. Send fewer files at a time."
    )
    assert set(import_fixture.rows(failed).values()) == {0}
    assert import_fixture.history() == before
    assert import_fixture.left() == []


def test_as_many_rows_as_may_be_are_taken(import_fixture: ImportFixture) -> None:
    number = import_fixture.queue(export(files=3))
    work(import_fixture.store, import_fixture.folder, RowLimits(per_import=60, per_account=60))
    assert import_fixture.rows(import_fixture.of(number))["kept"] == 60


def test_rows_are_counted_on_from_where_a_dead_worker_was(
    import_fixture: ImportFixture, database_url: str
) -> None:
    number = import_fixture.queue(export(files=3))
    run_worker(database_url, import_fixture.folder, "keep_file", "after", 2)
    work(import_fixture.store, import_fixture.folder, RowLimits(per_import=59))
    assert import_fixture.of(number).state == FAILED


def test_reading_stops_as_soon_as_there_are_too_many_rows(
    import_fixture: ImportFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    real = read_json

    def reading(held: bytes, *more: Any) -> object:
        read.append(len(held))
        return real(held, *more)

    monkeypatch.setattr(spotify, "read_json", reading)
    import_fixture.queue(export(files=9))
    work(import_fixture.store, import_fixture.folder, RowLimits(per_import=30))
    assert len(read) == 2


def test_an_account_with_too_many_rows_takes_no_more(import_fixture: ImportFixture) -> None:
    first = import_fixture.bring(export(files=2))
    before = import_fixture.history()
    number = import_fixture.queue(zipped({audio(5): plays(21, 40)}))
    work(import_fixture.store, import_fixture.folder, RowLimits(per_account=60))
    failed = import_fixture.of(number)
    assert failed.state == FAILED
    assert failed.note == (
        "With this import your history would have more than 60 rows, the most that this site keeps for one "
        "account. Nothing of it was kept. Undo an older import, then send it again."
    )
    assert import_fixture.history() == before
    undo_import(import_fixture.store, import_fixture.mira, first.id)
    again = import_fixture.queue(zipped({audio(5): plays(21, 40)}))
    work(import_fixture.store, import_fixture.folder, RowLimits(per_account=60))
    assert import_fixture.rows(import_fixture.of(again))["kept"] == 21


def test_two_histories_that_are_joined_keep_within_the_limit(import_fixture: ImportFixture) -> None:
    local = find_or_add_account(import_fixture.store, "local", "a browser", None)
    first, second = import_fixture.bring(export(files=2)), import_fixture.bring(export(files=3), of=local)
    move_history(import_fixture.store, local, import_fixture.mira)
    work(import_fixture.store, import_fixture.folder, RowLimits(per_account=60))
    assert import_fixture.rows(first)["kept"] == 40
    left_out = import_fixture.of(second.id)
    assert (left_out.state, set(import_fixture.rows(left_out).values())) == (FAILED, {0})
    assert "more than 60 rows" in (left_out.note or "")


@pytest.mark.parametrize("where", ["build", "keep_file", "announce_files"])
def test_an_import_that_takes_too_much_memory_has_failed_with_a_sentence(
    import_fixture: ImportFixture, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    import_fixture.bring(export(files=1))
    before = import_fixture.history()
    with monkeypatch.context() as short:
        short.setattr(module_of(where), where, no_memory)
        failed = import_fixture.bring(export())
    assert failed.state == FAILED
    assert failed.note == import_job.TOO_MUCH_MEMORY
    assert import_fixture.history() == before
    assert import_fixture.left() == []


def no_memory(*_args: object, **_more: object) -> None:
    raise MemoryError


def test_a_history_that_takes_too_much_memory_is_tried_again_later(
    import_fixture: ImportFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = import_fixture.bring(export())
    undo_import(import_fixture.store, import_fixture.mira, done.id)
    with monkeypatch.context() as short:
        short.setattr(building, "build", no_memory)
        work(import_fixture.store, import_fixture.folder)
    assert stale_mark(import_fixture.store, import_fixture.mira) is not None
    with time_machine.travel(time.time() + REMAKE_PAUSE + 1):
        work(import_fixture.store, import_fixture.folder)
    assert import_fixture.history() == {}


def sqlite_locked() -> Exception:
    return OperationalError("INSERT", {}, sqlite3.OperationalError("database is locked"))


def connection_lost() -> Exception:
    return OperationalError("INSERT", {}, psycopg.OperationalError("the connection is lost"))


def server_stopped() -> Exception:
    return OperationalError("INSERT", {}, psycopg.errors.AdminShutdown("terminating connection"))


@on_sqlite
@pytest.mark.parametrize("fault", [sqlite_locked, connection_lost, server_stopped])
@pytest.mark.parametrize("where", ["next_turn", "next_import", "keep_file", "upload_is_read", "keep_history"])
def test_a_passing_fault_of_the_database_is_waited_out(
    import_fixture: ImportFixture, monkeypatch: pytest.MonkeyPatch, where: str, fault: Callable[[], Exception]
) -> None:
    waited: list[float] = []
    real = getattr(module_of(where), where)

    def failing(*args: Any, **more: Any) -> Any:
        if len(waited) < 8:
            raise fault()
        return real(*args, **more)

    def wait(seconds: float) -> None:
        waited.append(seconds)
        assert import_fixture.of(number).state == (
            QUEUED if where in ("next_turn", "next_import") else RUNNING
        )
        assert len(import_fixture.left()) == 1

    number = import_fixture.queue(export())
    monkeypatch.setattr(module_of(where), where, failing)
    work(import_fixture.store, import_fixture.folder, wait=wait)
    assert waited == [1, 2, 4, 8, 16, 32, 60, 60]
    assert import_fixture.rows(import_fixture.of(number)) == {
        "read": 60,
        "kept": 60,
        "duplicate": 0,
        "unreadable": 0,
        "ignored": 0,
    }
    assert import_fixture.left() == []


def test_a_lock_that_another_program_holds_is_waited_out(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    migrate(store)
    import_fixture = ImportFixture(store, tmp_path / "uploads")
    number = import_fixture.queue(export())
    other = sqlite3.connect(tmp_path / "test.sqlite3", isolation_level=None)
    impatient = Store(f"sqlite:///{tmp_path / 'test.sqlite3'}?timeout=0")
    event.listen(impatient.engine, "connect", lambda raw, _record: raw.execute("PRAGMA busy_timeout=0"))
    other.execute("BEGIN IMMEDIATE")
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            other.execute("ROLLBACK")

    work(impatient, import_fixture.folder, wait=wait)
    assert waited == [1, 2, 4]
    assert import_fixture.of(number).state == DONE
    other.close()
    impatient.close()
    store.close()


def test_small_imports_go_first_and_nobody_twice_before_the_others(import_fixture: ImportFixture) -> None:
    third = find_or_add_account(import_fixture.store, "spotify", "ines", None)
    of_mira = [import_fixture.queue(export(files=4, rows=40)) for _ in range(3)]
    of_theo = [import_fixture.queue(export(files=3), of=import_fixture.theo) for _ in range(2)]
    small = import_fixture.queue(export(files=1), of=third)
    order: list[int] = []

    with pytest.MonkeyPatch.context() as watched:
        real = import_job.do_import

        def doing(store: Store, uploads: Uploads, the: Import, *more: Any) -> None:
            order.append(the.id)
            real(store, uploads, the, *more)

        watched.setattr(import_job, "do_import", doing)
        work(import_fixture.store, import_fixture.folder)
    assert order == [small, of_theo[0], of_mira[0], of_theo[1], of_mira[1], of_mira[2]]


def test_a_small_import_waits_for_one_of_anothers_at_most(
    import_fixture: ImportFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [import_fixture.queue(export(files=4)) for _ in range(5)]
    small: list[int] = []
    real = keep_file

    def arrive(*args: Any, **more: Any) -> bool:
        if not small:
            small.append(import_fixture.queue(export(files=1), of=import_fixture.theo))
        elif import_fixture.of(small[0]).state == RUNNING:
            states.append([import_fixture.of(number).state for number in many])
        return real(*args, **more)

    states: list[list[str]] = []
    monkeypatch.setattr(import_job, "keep_file", arrive)
    work(import_fixture.store, import_fixture.folder)
    assert states == [[DONE, QUEUED, QUEUED, QUEUED, QUEUED]]


def test_times_are_of_the_plays(import_fixture: ImportFixture) -> None:
    done = import_fixture.bring(zipped({audio(0): [play(NOON), play(NOON + 5000)]}))
    (file,) = files_of(import_fixture.store, done.id)
    starts = NOON - 200, NOON + 5000 - 200
    assert (file.first_at, file.last_at, file.music, file.podcasts) == (*starts, 2, 0)
