"""The records of imports: what may follow what, on both kinds of database."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app.store.accounts import (
    add_local_account,
    delete_account,
    find_or_add_account,
    local_account_seen,
)
from app.store.engine import Store
from app.store.history import (
    STALE,
    keep_history,
    move_history,
    read_blobs,
    stale_mark,
    undo_import,
    write_blob,
)
from app.store.import_queue import Due, choose, due, next_import
from app.store.imports import (
    CANCELLED,
    DONE,
    FAILED,
    MOST_QUEUED,
    QUEUED,
    RUNNING,
    Import,
    QueueFull,
    add_import,
    end_import,
    find_import,
    imports_of,
    latest_import,
    uploads_in_use,
    uploads_of,
)
from app.store.receipts import announce_files, files_of, files_that_count, keep_file, note_failed_upload
from app.store.sweep import LOCAL_KEPT
from app.store.tables import history_file, history_import, history_part, history_upload


def accounts_due(store: Store) -> list[int]:
    """The accounts for which anything is due, in order."""
    return [next_import.account_id for next_import in due(store)]


NAMES = [(0, "a.json"), (3, "b.json")]
ROWS = {"read": 5, "kept": 5, "duplicate": 0, "unreadable": 0, "ignored": 0}


@pytest.fixture
def mira(store: Store) -> int:
    return find_or_add_account(store, "spotify", "mira", None)


@pytest.fixture
def theo(store: Store) -> int:
    return find_or_add_account(store, "spotify", "theo", None)


def begun(store: Store, account_id: int) -> tuple[Import, int]:
    """A running import and its only upload, whose files are announced."""
    add_import(store, account_id, [("stored", "export.zip")])
    the = next_import(store, account_id)
    assert the is not None
    (upload,) = uploads_of(store, the.id)
    assert announce_files(store, the, upload.id, NAMES) == {0, 3}
    return the, upload.id


def done(store: Store, account_id: int) -> Import:
    """An import that is done."""
    the, upload = begun(store, account_id)
    for place, _ in NAMES:
        assert keep_file(store, the, upload, place, state=DONE, batch=b"rows", **ROWS)
    assert keep_history(store, account_id, [("ledger", b"one")], {}, the)
    return the


def test_an_import_is_queued_runs_and_is_done(store: Store, mira: int) -> None:
    number = add_import(store, mira, [("one", "a.zip"), ("two", "b.zip")])
    queued = latest_import(store, mira)
    assert queued is not None
    assert (queued.id, queued.state, queued.started_at) == (number, QUEUED, None)
    assert [(upload.stored_as, upload.name, upload.read) for upload in uploads_of(store, number)] == [
        ("one", "a.zip", False),
        ("two", "b.zip", False),
    ]
    the = next_import(store, mira)
    assert the is not None
    assert (the.id, the.state) == (number, RUNNING)
    again = next_import(store, mira)
    assert again is not None
    assert again.started_at == the.started_at
    assert keep_history(store, mira, [], {}, the)
    over = find_import(store, number)
    assert over is not None
    assert (over.state, over.finished_at is not None) == (DONE, True)
    assert next_import(store, mira) is None


def test_who_came_first_is_served_first(store: Store, mira: int, theo: int) -> None:
    assert accounts_due(store) == []
    add_import(store, theo, [("one", "a.zip")])
    add_import(store, mira, [("two", "a.zip")])
    add_import(store, theo, [("three", "a.zip")])
    assert accounts_due(store) == [theo, mira]
    assert [upload.stored_as for upload in uploads_in_use(store, theo)] == ["one", "three"]
    assert len(uploads_in_use(store)) == 3


def test_files_are_announced_once_and_read_once(store: Store, mira: int) -> None:
    the, upload = begun(store, mira)
    assert announce_files(store, the, upload, NAMES) == {0, 3}
    assert keep_file(store, the, upload, 3, state=DONE, batch=b"rows", **ROWS)
    assert announce_files(store, the, upload, NAMES) == {0}
    assert [(file.name, file.state, file.rows["read"]) for file in files_of(store, the.id)] == [
        ("a.json", QUEUED, 0),
        ("b.json", DONE, 5),
    ]


@pytest.mark.parametrize("how", ["cancelled", "moved", "deleted"])
def test_nothing_more_is_kept_of_an_import_that_is_over_or_elsewhere(
    store: Store, mira: int, theo: int, how: str
) -> None:
    the, upload = begun(store, mira)
    if how == "cancelled":
        assert end_import(store, the.id, CANCELLED)
    elif how == "moved":
        move_history(store, mira, theo)
    else:
        delete_account(store, mira)
    before = files_of(store, the.id)
    assert announce_files(store, the, upload, [(9, "c.json")]) is None
    assert not keep_file(store, the, upload, 0, state=DONE, batch=b"rows", **ROWS)
    assert not note_failed_upload(store, the, upload, "export.zip", "Gone.")
    assert not keep_history(store, mira, [("ledger", b"x")], {}, the)
    assert files_of(store, the.id) == before
    assert read_blobs(store, mira, "ledger") == {}


@pytest.mark.parametrize("state", [CANCELLED, FAILED])
def test_an_import_that_ends_without_its_rows_counts_for_nothing(store: Store, mira: int, state: str) -> None:
    the, upload = begun(store, mira)
    keep_file(store, the, upload, 0, state=DONE, batch=b"rows", music=5, first_at=1.0, **ROWS)
    assert end_import(store, the.id, state, "Why.")
    assert not end_import(store, the.id, state)
    (file, _) = files_of(store, the.id)
    assert (set(file.rows.values()), file.music, file.first_at) == ({0}, 0, None)
    assert files_that_count(store, mira) == []
    assert imports_of(store, mira)[0].note == "Why."


def test_only_what_is_done_or_about_to_be_counts(store: Store, mira: int) -> None:
    first = done(store, mira)
    running, upload = begun(store, mira)
    keep_file(store, running, upload, 0, state=DONE, batch=b"rows", **ROWS)
    assert len(files_that_count(store, mira)) == 2
    assert len(files_that_count(store, mira, running)) == 3
    undo_import(store, mira, first.id)
    assert len(files_that_count(store, mira, running)) == 1


def test_undoing_marks_the_history_until_it_is_made_anew(store: Store, mira: int) -> None:
    the = done(store, mira)
    assert undo_import(store, mira, the.id)
    mark = stale_mark(store, mira)
    assert mark is not None
    assert accounts_due(store) == [mira]
    assert keep_history(store, mira, [], {}, None, mark=mark)
    assert stale_mark(store, mira) is None
    assert accounts_due(store) == []


def test_a_mark_that_came_while_the_history_was_made_stays(store: Store, mira: int) -> None:
    first, second = done(store, mira), done(store, mira)
    undo_import(store, mira, first.id)
    old = stale_mark(store, mira)
    undo_import(store, mira, second.id)
    new = stale_mark(store, mira)
    assert new not in (None, old)
    keep_history(store, mira, [("ledger", b"two")], {}, None, mark=old)
    assert stale_mark(store, mira) == new
    keep_history(store, mira, [("ledger", b"three")], {}, None)
    assert read_blobs(store, mira, STALE, "ledger") == {STALE: new, "ledger": b"three"}


def test_a_history_moves_as_it_is_where_there_was_none(store: Store, mira: int, theo: int) -> None:
    the = done(store, mira)
    move_history(store, mira, theo)
    assert read_blobs(store, theo, "ledger") == {"ledger": b"one"}
    assert stale_mark(store, theo) is None
    assert [import_.id for import_ in imports_of(store, theo)] == [the.id]
    delete_account(store, mira)
    assert len(files_of(store, the.id)) == 2


def test_two_histories_are_made_one(store: Store, mira: int, theo: int) -> None:
    done(store, mira)
    done(store, theo)
    move_history(store, mira, theo)
    assert stale_mark(store, theo) is not None
    assert len(files_that_count(store, theo)) == 4
    assert accounts_due(store) == [theo]


def test_moving_nothing_marks_nothing(store: Store, mira: int, theo: int) -> None:
    done(store, theo)
    move_history(store, mira, theo)
    assert stale_mark(store, theo) is None


def test_everything_goes_with_its_account(store: Store, mira: int) -> None:
    done(store, mira)
    write_blob(store, mira, "music/rollup/60000", b"x")
    delete_account(store, mira)
    with store.reading() as connection:
        for table in (history_import, history_upload, history_file, history_part):
            assert connection.scalar(select(func.count()).select_from(table)) == 0


def test_an_import_of_nobody_is_refused(store: Store, mira: int) -> None:
    with pytest.raises(IntegrityError):
        add_import(store, mira + 99, [("stored", "a.zip")])


def test_local_accounts_last_thirty_days_after_the_last_visit(store: Store) -> None:
    with time_machine.travel("2025-11-20T12:00:00Z", tick=False) as clock:
        forgotten, visited = add_local_account(store), add_local_account(store)
        clock.shift(LOCAL_KEPT - 3600)
        assert local_account_seen(store, visited)
        clock.shift(7200)
        add_local_account(store)
        assert not local_account_seen(store, forgotten)
        assert local_account_seen(store, visited)


def test_the_database_says_itself_when_it_is_full(tmp_path: Path) -> None:
    """What the site takes for a full disk is what SQLite says."""
    store = Store(f"sqlite:///{tmp_path / 'small.sqlite3'}")
    with store.writing() as connection:
        connection.execute(text("CREATE TABLE big (body BLOB)"))
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=4")
        with pytest.raises(Exception, match="database or disk is full"):
            connection.exec_driver_sql("INSERT INTO big VALUES (zeroblob(1000000))")
    store.close()


def test_ten_imports_of_an_account_may_be_under_way(store: Store, mira: int, theo: int) -> None:
    numbers = [add_import(store, mira, [("stored", "a.zip")]) for _ in range(MOST_QUEUED)]
    with pytest.raises(QueueFull, match=r"^10 of your imports are waiting already\. Nothing of this one"):
        add_import(store, mira, [("stored", "a.zip")])
    assert len(imports_of(store, mira)) == MOST_QUEUED
    add_import(store, theo, [("stored", "a.zip")])
    next_import(store, mira)
    with pytest.raises(QueueFull):
        add_import(store, mira, [("stored", "a.zip")])
    end_import(store, numbers[3], CANCELLED)
    add_import(store, mira, [("stored", "a.zip")])


def test_of_many_uploads_at_once_ten_are_taken(store: Store, mira: int) -> None:
    def add(_number: int) -> bool:
        try:
            add_import(store, mira, [("stored", "a.zip")])
        except QueueFull:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(add, range(24))) == MOST_QUEUED


HOUR_AGO, NOW = 1_000.0, 5_000.0


def turn(account_id: int, size: int, queued_at: float = NOW, running: bool = False, rows: int = 0) -> Due:
    """An import of an upload of that size; with `rows`, a history that is to be made anew."""
    return Due(account_id, None if rows else 7, running, queued_at, [str(size)], rows)


@pytest.mark.parametrize(
    ("turns", "served", "chosen"),
    [
        ([turn(1, 900), turn(2, 30), turn(3, 400)], set(), 2),
        ([turn(1, 900), turn(2, 30), turn(3, 400)], {2}, 3),
        ([turn(1, 900), turn(2, 30)], {1, 2}, 2),
        ([turn(1, 900, running=True), turn(2, 30)], set(), 1),
        ([turn(1, 900, queued_at=HOUR_AGO), turn(2, 30)], set(), 1),
        ([turn(1, 900, queued_at=HOUR_AGO), turn(2, 30)], {1}, 2),
        ([turn(1, 900), turn(2, 0, rows=10)], set(), 2),
        ([turn(1, 900), turn(2, 0, rows=1_000_000)], set(), 1),
        ([turn(1, 50, queued_at=NOW - 1), turn(2, 50, queued_at=NOW - 2)], set(), 2),
        ([], {1}, None),
    ],
)
def test_whose_turn_it_is(turns: list[Due], served: set[int], chosen: int | None) -> None:
    found = choose(turns, served, int, NOW)
    assert (found.account_id if found else None) == chosen
