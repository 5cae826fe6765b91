"""Readings of a library: begun, kept page by page, stopped, gone on with, finished; gone with the account."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.store.accounts import delete_account, find_or_add_account
from app.store.engine import Store
from app.store.library import (
    CANCELLED,
    DONE,
    LOOKED_AT_EVERY,
    PAUSED,
    RUNNING,
    LibrarySync,
    add_saved,
    begin_reading,
    cancel_reading,
    find_reading,
    finish_reading,
    keep_page,
    pages_kept,
    pause_reading,
    resume_reading,
    uncancel_reading,
)
from app.store.saved_tracks import Saved, StoredLibrary, everything, row_of
from app.store.sweep import ANSWERS_KEPT, sweep
from app.store.tables import library, library_page, saved_track

NOON = "2026-11-20T12:00:00Z"
DAY = 86400.0


@pytest.fixture
def mira(store: Store) -> int:
    return find_or_add_account(store, "spotify", "mira", None)


def rows(*names: str, place: int = 0) -> list[dict[str, Any]]:
    return [
        row_of(Saved(name, name.title(), (), None, None, None, 1e9, 1000, False, False, False), None, -at)
        for at, name in enumerate(names, place)
    ]


def keep(store: Store, account_id: int, number: int, first: int, *names: str, total: int = 100) -> bool:
    return keep_page(store, account_id, number, first, len(names), total, rows(*names, place=first))


def read(store: Store, account_id: int, *names: str) -> int:
    """A reading from its beginning to its end."""
    number = begin_reading(store, account_id)
    assert keep(store, account_id, number, 0, *names, total=len(names))
    finish_reading(store, account_id, number)
    return number


def found(store: Store, account_id: int) -> LibrarySync:
    reading = find_reading(store, account_id)
    assert reading is not None
    return reading


def shown(store: Store, account_id: int) -> list[str | None]:
    return [
        saved.id for saved in everything(StoredLibrary(store, account_id, found(store, account_id).to_show))
    ]


def count(store: Store, *tables: Any) -> list[int]:
    with store.reading() as connection:
        return [connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_nobody_has_a_reading_before_the_first(store: Store, mira: int) -> None:
    assert find_reading(store, mira) is None
    assert pages_kept(store, mira, 1) == set()


@time_machine.travel(NOON, tick=False)
def test_a_reading_runs_from_its_beginning_and_shows_what_came(store: Store, mira: int) -> None:
    number = begin_reading(store, mira)
    begun = found(store, mira)
    assert keep(store, mira, number, 0, "a", "b", total=5)
    assert keep(store, mira, number, 2, "c", "d", total=5)

    assert begun == LibrarySync(mira, 1, None, RUNNING, 0, 0, None, None, begun.begun_at, None)
    assert begun.begun_at == 1795176000.0
    assert found(store, mira) == LibrarySync(mira, 1, None, RUNNING, 4, 5, None, None, begun.begun_at, None)
    assert pages_kept(store, mira, number) == {0, 2}
    assert shown(store, mira) == ["a", "b", "c", "d"]


def test_what_is_listed_twice_is_kept_once_and_counts_as_read(store: Store, mira: int) -> None:
    number = begin_reading(store, mira)
    keep(store, mira, number, 0, "a", "b", "a")
    keep(store, mira, number, 50, "b", "c")

    assert shown(store, mira) == ["a", "b", "c"]
    assert found(store, mira).loaded == 5


def test_a_page_that_comes_again_counts_once(store: Store, mira: int) -> None:
    number = begin_reading(store, mira)
    for _ in range(2):
        assert keep(store, mira, number, 0, "a", "b")

    assert found(store, mira).loaded == 2


def test_a_pause_keeps_what_came_and_it_goes_on_from_there(store: Store, mira: int) -> None:
    number = begin_reading(store, mira)
    keep(store, mira, number, 0, "a")
    pause_reading(store, mira, number, "RateLimited", 2e9)
    paused = found(store, mira)
    assert not keep(store, mira, number, 50, "late")

    assert (paused.state, paused.trouble, paused.resume_at, paused.loaded) == (PAUSED, "RateLimited", 2e9, 1)
    assert shown(store, mira) == ["a"]

    resume_reading(store, mira)
    again = found(store, mira)
    assert (again.number, again.state, again.trouble, again.resume_at) == (number, RUNNING, None, None)
    assert keep(store, mira, number, 50, "b")
    assert pages_kept(store, mira, number) == {0, 50}


def test_only_the_reading_that_runs_can_pause(store: Store, mira: int) -> None:
    read(store, mira, "a")
    pause_reading(store, mira, 1, "NoAnswer", 2e9)
    assert found(store, mira).state == DONE

    begin_reading(store, mira)
    pause_reading(store, mira, 1, "NoAnswer", 2e9)
    assert found(store, mira).state == RUNNING


@time_machine.travel(NOON, tick=False)
def test_a_finished_reading_is_shown(store: Store, mira: int) -> None:
    read(store, mira, "a", "b")

    reading = found(store, mira)
    assert (reading.state, reading.number, reading.shown, reading.to_show) == (DONE, 1, 1, 1)
    assert (reading.read_at, reading.resume_at, reading.trouble) == (1795176000.0, None, None)
    assert (reading.loaded, reading.total) == (2, 2)


def test_a_new_reading_leaves_the_old_one_shown_until_it_is_finished(store: Store, mira: int) -> None:
    read(store, mira, "a", "b")
    read_at = found(store, mira).read_at
    number = begin_reading(store, mira)
    keep(store, mira, number, 0, "b", "c", "d")

    reading = found(store, mira)
    assert (reading.number, reading.shown, reading.state, reading.loaded) == (2, 1, RUNNING, 3)
    assert reading.read_at == read_at
    assert shown(store, mira) == ["a", "b"]

    finish_reading(store, mira, number)
    assert shown(store, mira) == ["b", "c", "d"]
    assert count(store, saved_track, library_page) == [3, 1]  # nothing of the old one is left


def test_a_reading_that_is_begun_anew_forgets_the_one_that_was_not_finished(store: Store, mira: int) -> None:
    keep(store, mira, begin_reading(store, mira), 0, "a")
    number = begin_reading(store, mira)

    assert number == 2
    assert found(store, mira).loaded == 0
    assert count(store, saved_track, library_page) == [0, 0]


def test_the_page_of_a_worker_that_is_out_of_date_is_refused(store: Store, mira: int) -> None:
    stale = begin_reading(store, mira)
    begin_reading(store, mira)

    assert not keep(store, mira, stale, 0, "a")
    finish_reading(store, mira, stale)
    assert found(store, mira).state == RUNNING
    assert count(store, saved_track, library_page) == [0, 0]


def test_a_first_reading_that_is_stopped_shows_what_came(store: Store, mira: int) -> None:
    number = begin_reading(store, mira)
    keep(store, mira, number, 0, "a")
    cancel_reading(store, mira)

    reading = found(store, mira)
    assert (reading.state, reading.trouble, reading.resume_at, reading.loaded) == (PAUSED, CANCELLED, None, 1)
    assert shown(store, mira) == ["a"]
    assert not keep(store, mira, number, 50, "b")


def test_a_later_reading_that_is_stopped_gives_way_to_the_one_before(store: Store, mira: int) -> None:
    read(store, mira, "a", "b")
    number = begin_reading(store, mira)
    keep(store, mira, number, 0, "c")
    cancel_reading(store, mira)

    reading = found(store, mira)
    assert (reading.number, reading.state, reading.loaded, reading.trouble) == (1, DONE, 2, CANCELLED)
    assert shown(store, mira) == ["a", "b"]
    assert not keep(store, mira, number, 50, "d")
    assert count(store, saved_track, library_page) == [2, 1]


@pytest.mark.parametrize("begun", [False, True])
def test_there_may_be_nothing_to_stop(store: Store, mira: int, begun: bool) -> None:
    if begun:
        read(store, mira, "a")
    before = find_reading(store, mira)
    cancel_reading(store, mira)
    uncancel_reading(store, mira)

    assert find_reading(store, mira) == before


def test_only_what_was_stopped_is_taken_back(store: Store, mira: int) -> None:
    number = begin_reading(store, mira)
    cancel_reading(store, mira)
    uncancel_reading(store, mira)
    assert (found(store, mira).state, found(store, mira).trouble) == (RUNNING, None)

    pause_reading(store, mira, number, "RateLimited", 2e9)
    uncancel_reading(store, mira)
    assert found(store, mira).state == PAUSED


def test_the_first_total_stays_until_it_is_disproved(store: Store, mira: int) -> None:
    number = begin_reading(store, mira)
    totals = []
    for first, total in ((0, 3), (1, 4), (2, 3), (3, 4), (4, 9)):
        keep(store, mira, number, first, f"track {first}", total=total)
        totals.append(found(store, mira).total)

    assert totals == [3, 3, 3, 4, 9]


def test_what_is_saved_joins_the_finished_reading_alone(store: Store, mira: int) -> None:
    add_saved(store, mira, rows("early"))
    assert find_reading(store, mira) is None
    begin_reading(store, mira)
    add_saved(store, mira, rows("early"))
    assert count(store, saved_track) == [0]

    read(store, mira, "a")
    begin_reading(store, mira)
    add_saved(store, mira, rows("b", "a", place=-5))
    assert shown(store, mira) == ["b", "a"]


def test_a_deleted_account_takes_its_library_along(store: Store, mira: int) -> None:
    other = find_or_add_account(store, "spotify", "theo", None)
    read(store, other, "t")
    read(store, mira, "a")
    number = begin_reading(store, mira)
    keep(store, mira, number, 0, "b")
    delete_account(store, mira)

    assert count(store, library, library_page, saved_track) == [1, 1, 1]
    assert find_reading(store, mira) is None
    assert not keep(store, mira, number, 50, "c")
    pause_reading(store, mira, number, "NoAnswer", None)
    finish_reading(store, mira, number)
    cancel_reading(store, mira)
    add_saved(store, mira, rows("c"))
    resume_reading(store, mira)
    assert shown(store, other) == ["t"]
    with pytest.raises(IntegrityError):
        begin_reading(store, mira)


def test_two_accounts_are_apart(store: Store, mira: int) -> None:
    theo = find_or_add_account(store, "spotify", "theo", None)
    read(store, mira, "a", "same")
    read(store, theo, "same", "t")
    cancel_reading(store, theo)
    begin_reading(store, theo)

    assert (shown(store, mira), shown(store, theo)) == (["a", "same"], ["same", "t"])
    assert found(store, mira).state == DONE


def test_readings_begun_at_once_are_numbered_apart(store: Store, mira: int) -> None:
    read(store, mira, "a")
    start = Barrier(4)

    def begin(_nth: int) -> int:
        start.wait()
        return begin_reading(store, mira)

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(begin, range(4))) == [2, 3, 4, 5]
    assert shown(store, mira) == ["a"]


def test_pages_kept_at_once_are_all_there(store: Store, mira: int) -> None:
    number = begin_reading(store, mira)
    start = Barrier(4)

    def bring(nth: int) -> Sequence[bool]:
        start.wait()
        return [
            keep(store, mira, number, (nth * 5 + at) * 50, f"{nth} {at}", "shared", total=1000)
            for at in range(5)
        ]

    with ThreadPoolExecutor(4) as threads:
        assert [all(kept) for kept in threads.map(bring, range(4))] == [True] * 4
    assert found(store, mira).loaded == 40
    assert len(shown(store, mira)) == 21


def test_a_library_that_nobody_looks_at_for_a_month_is_swept_out(store: Store, mira: int) -> None:
    with time_machine.travel("2024-11-20T12:00:00Z", tick=False) as clock:
        read(store, mira, "a")
        clock.shift(ANSWERS_KEPT - DAY)
        sweep(store)
        assert shown(store, mira) == ["a"]  # which is a look
        clock.shift(LOOKED_AT_EVERY + DAY)
        sweep(store)
        assert shown(store, mira) == ["a"]
        clock.shift(ANSWERS_KEPT + 1)
        sweep(store)
        assert count(store, library, library_page, saved_track) == [0, 0, 0]
