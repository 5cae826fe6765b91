"""Accounts: either id finds a person, and nobody is taken for another."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from app.store import accounts
from app.store.accounts import add_local_account, delete_account, find_or_add_account
from app.store.engine import Store
from app.store.tables import account


def count(store: Store) -> int:
    """How many accounts there are."""
    with store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(account)) or 0


@pytest.mark.parametrize("stable_id", [None, "", "stable-1"])
def test_the_same_person_is_the_same_account(store: Store, stable_id: str | None) -> None:
    first = find_or_add_account(store, "spotify", "mira", stable_id)

    assert find_or_add_account(store, "spotify", "mira", stable_id) == first
    assert count(store) == 1


def test_two_people_are_two_accounts(store: Store) -> None:
    mira = find_or_add_account(store, "spotify", "mira", "stable-1")

    assert find_or_add_account(store, "spotify", "theo", "stable-2") != mira
    assert find_or_add_account(store, "spotify", "theo", None) != mira


def test_the_stable_id_finds_a_person_under_another_user_id(store: Store) -> None:
    mira = find_or_add_account(store, "spotify", "mira", "stable-1")

    assert find_or_add_account(store, "spotify", "mira.renamed", "stable-1") == mira


def test_a_person_under_a_new_user_id_is_noted_so_and_the_old_one_is_free(store: Store) -> None:
    mira = find_or_add_account(store, "spotify", "mira", "stable-1")
    find_or_add_account(store, "spotify", "mira.renamed", "stable-1")

    # Where Spotify sends no stable id, the new user id finds her, and the old one is somebody else's.
    assert find_or_add_account(store, "spotify", "mira.renamed", None) == mira
    assert find_or_add_account(store, "spotify", "mira", None) != mira
    assert count(store) == 2


def test_the_user_id_finds_a_person_where_no_stable_id_comes(store: Store) -> None:
    mira = find_or_add_account(store, "spotify", "mira", "stable-1")

    assert find_or_add_account(store, "spotify", "mira", None) == mira


def test_an_account_met_before_stable_ids_gets_its_own_on_the_next_visit(store: Store) -> None:
    mira = find_or_add_account(store, "spotify", "mira", None)

    assert find_or_add_account(store, "spotify", "mira", "stable-1") == mira
    assert find_or_add_account(store, "spotify", "another name", "stable-1") == mira
    assert find_or_add_account(store, "spotify", "mira", "stable-2") != mira


def test_the_same_user_id_under_two_stable_ids_is_two_people(store: Store) -> None:
    first = find_or_add_account(store, "spotify", "mira", "stable-1")
    second = find_or_add_account(store, "spotify", "mira", "stable-2")

    assert first != second
    assert find_or_add_account(store, "spotify", "mira", "stable-1") == first
    assert find_or_add_account(store, "spotify", "mira", "stable-2") == second


def test_the_demos_people_are_apart_from_real_ones(store: Store) -> None:
    real = find_or_add_account(store, "spotify", "mira", "stable-1")
    demo = find_or_add_account(store, "demo", "mira", "stable-1")

    assert real != demo
    assert find_or_add_account(store, "demo", "mira", None) == demo


def test_the_number_of_a_deleted_account_is_never_given_again(store: Store) -> None:
    """A session that outlived its private history would find that of the next person."""
    numbers = []
    for _ in range(3):
        numbers.append(add_local_account(store))
        delete_account(store, numbers[-1])
    numbers.append(find_or_add_account(store, "spotify", "mira", None))

    assert sorted(set(numbers)) == numbers


def test_a_deleted_account_is_gone_and_its_person_begins_anew(store: Store) -> None:
    theo = find_or_add_account(store, "spotify", "theo", None)
    mira = find_or_add_account(store, "spotify", "mira", None)

    delete_account(store, mira)

    assert count(store) == 1
    assert find_or_add_account(store, "spotify", "theo", None) == theo
    find_or_add_account(store, "spotify", "mira", None)
    assert count(store) == 2


@pytest.mark.parametrize("stable_id", [None, "stable"])
def test_first_visits_at_once_are_one_account(store: Store, stable_id: str | None) -> None:
    with ThreadPoolExecutor(6) as threads:
        for round_ in range(10):
            start = Barrier(6)

            def visit(user: str = f"user {round_}", start: Barrier = start, stable: str | None = None) -> int:
                start.wait()
                return find_or_add_account(store, "spotify", user, stable)

            stable = f"{stable_id} {round_}" if stable_id else None
            numbers = {one.result() for one in [threads.submit(visit, stable=stable) for _ in range(6)]}
            assert len(numbers) == 1

    assert count(store) == 10


def test_the_slower_of_two_first_visits_finds_the_row_of_the_faster(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race told step by step: the slower one looks before the faster one adds."""
    faster = find_or_add_account(store, "spotify", "mira", None)
    look = accounts._find
    looks = iter([lambda *_: None, look])
    monkeypatch.setattr(accounts, "_find", lambda *asked: next(looks)(*asked))

    assert find_or_add_account(store, "spotify", "mira", None) == faster
    assert count(store) == 1
