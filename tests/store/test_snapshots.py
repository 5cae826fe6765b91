"""Snapshots: one a day, kind and range; the latest of a day or before is found; gone with the account."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.store.accounts import delete_account, find_or_add_account
from app.store.engine import Store
from app.store.snapshots import KEPT_DAYS, Places, keep_snapshots, latest_snapshots
from app.store.tables import snapshot

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)


@pytest.fixture
def mira(store: Store) -> int:
    return find_or_add_account(store, "spotify", "mira", None)


def keep(store: Store, account_id: int, day: date, *keys: str, kind: str = "tracks") -> None:
    keep_snapshots(store, account_id, kind, {"short_term": [(key, key.title()) for key in keys]}, day)


def latest(store: Store, account_id: int, *days: date, kind: str = "tracks") -> object:
    return latest_snapshots(store, account_id, kind, "short_term", days)


def count(store: Store) -> int:
    with store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(snapshot)) or 0


def test_the_first_of_a_day_stays(store: Store, mira: int) -> None:
    keep(store, mira, TODAY, "a", "b")
    keep(store, mira, TODAY, "b", "a")

    assert latest(store, mira, TODAY) == {TODAY: (TODAY, {"a": 1, "b": 2})}
    assert count(store) == 1


def test_ranges_and_kinds_are_apart(store: Store, mira: int) -> None:
    lists: dict[str, Places] = {"short_term": [("a", "A")], "medium_term": [("b", None)], "long_term": []}

    keep_snapshots(store, mira, "tracks", lists, TODAY)
    keep(store, mira, TODAY, "c", kind="artists")

    assert count(store) == 3  # an empty list is no snapshot
    for kind, time_range, ranks in (
        ("tracks", "short_term", {"a": 1}),
        ("tracks", "medium_term", {"b": 1}),
        ("artists", "short_term", {"c": 1}),
    ):
        assert latest_snapshots(store, mira, kind, time_range, [TODAY]) == {TODAY: (TODAY, ranks)}
    assert latest_snapshots(store, mira, "tracks", "long_term", [TODAY]) == {}


def test_a_range_that_was_empty_this_morning_is_kept_tonight(store: Store, mira: int) -> None:
    keep_snapshots(store, mira, "tracks", {"short_term": [], "long_term": [("a", "A")]}, TODAY)
    keep(store, mira, TODAY, "b")

    assert latest(store, mira, TODAY) == {TODAY: (TODAY, {"b": 1})}


def test_the_latest_of_a_day_or_before_is_found(store: Store, mira: int) -> None:
    for days in (0, 3, 10):
        keep(store, mira, TODAY + days * DAY, f"after {days}")

    found = latest(store, mira, *(TODAY + days * DAY for days in (-1, 0, 2, 3, 9, 10, 99)))

    assert found == {
        TODAY + days * DAY: (TODAY + of * DAY, {f"after {of}": 1})
        for days, of in ((0, 0), (2, 0), (3, 3), (9, 3), (10, 10), (99, 10))
    }


def test_of_a_key_that_is_listed_twice_the_better_rank_counts(store: Store, mira: int) -> None:
    keep(store, mira, TODAY, "a", "b", "a")

    assert latest(store, mira, TODAY) == {TODAY: (TODAY, {"a": 1, "b": 2})}


def test_a_years_end_is_no_end(store: Store, mira: int) -> None:
    keep(store, mira, date(2026, 12, 31), "old")
    keep(store, mira, date(2027, 1, 1), "new")

    assert latest(store, mira, date(2027, 1, 1), date(2026, 12, 31)) == {
        date(2027, 1, 1): (date(2027, 1, 1), {"new": 1}),
        date(2026, 12, 31): (date(2026, 12, 31), {"old": 1}),
    }


def test_what_is_over_a_year_old_is_forgotten_but_nobody_elses(store: Store, mira: int) -> None:
    theo = find_or_add_account(store, "spotify", "theo", None)
    for account_id in (mira, theo):
        keep(store, account_id, TODAY, "a")
        keep(store, account_id, TODAY + DAY, "b")

    keep(store, mira, TODAY + (KEPT_DAYS + 1) * DAY, "c")

    assert count(store) == 4
    assert latest(store, mira, TODAY) == {}
    assert latest(store, theo, TODAY) == {TODAY: (TODAY, {"a": 1})}


def test_nobody_is_compared_with_another(store: Store, mira: int) -> None:
    theo = find_or_add_account(store, "spotify", "theo", None)
    keep(store, mira, TODAY, "a")

    assert latest(store, theo, TODAY) == {}


def test_names_in_any_script_are_kept(store: Store, mira: int) -> None:
    keep(store, mira, TODAY, "夕暮れ", "فرقة", "🦩", "'\"\\;--", "")

    assert latest(store, mira, TODAY) == {
        TODAY: (TODAY, {"夕暮れ": 1, "فرقة": 2, "🦩": 3, "'\"\\;--": 4, "": 5})
    }


def test_with_the_account_its_snapshots_go_and_none_comes_after(store: Store, mira: int) -> None:
    keep(store, mira, TODAY, "a")

    delete_account(store, mira)

    assert count(store) == 0
    with pytest.raises(IntegrityError):
        keep(store, mira, TODAY, "a")


def test_visits_at_once_keep_one(store: Store, mira: int) -> None:
    start = Barrier(6)

    def visit(number: int) -> None:
        start.wait()
        for days in range(5):
            keep(store, mira, TODAY + days * DAY, f"by {number}")

    with ThreadPoolExecutor(6) as threads:
        for done in [threads.submit(visit, number) for number in range(6)]:
            done.result()

    assert count(store) == 5
