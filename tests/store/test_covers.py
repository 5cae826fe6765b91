"""Covers of a history in the database: consent, what is due, what is kept and for how long."""

import time

import pytest
import time_machine
from sqlalchemy.exc import IntegrityError

from app.store.accounts import add_local_account
from app.store.covers import (
    agree,
    begin_round,
    cover_fetch_of,
    covered_keys,
    covers,
    keep_covers,
    next_due_account,
    put_off,
    take_back,
)
from app.store.engine import Store
from app.store.sweep import ANSWERS_KEPT

HOUR = 3600.0


def test_accounts_take_turns(store: Store) -> None:
    first, second = add_local_account(store), add_local_account(store)
    agree(store, first)
    agree(store, second)
    agree(store, first)  # changes nothing
    assert next_due_account(store) == (first, "local")
    assert begin_round(store, first)
    put_off(store, first, time.time())
    assert next_due_account(store) == (second, "local")
    put_off(store, first, time.time() + HOUR)
    put_off(store, second, time.time() + HOUR)
    assert next_due_account(store) is None
    with time_machine.travel(time.time() + HOUR + 1):
        assert next_due_account(store) is not None


def test_what_came_is_kept_for_thirty_days(store: Store) -> None:
    account_id = add_local_account(store)
    agree(store, account_id)
    assert keep_covers(store, account_id, {"a": b'[{"url": "x"}]', "b": b"[]"})
    assert keep_covers(store, account_id, {"a": b'[{"url": "y"}]'})
    assert covers(store, account_id, ["a", "b", "c"]) == {"a": b'[{"url": "y"}]', "b": b"[]"}
    state = cover_fetch_of(store, account_id)
    assert state is not None
    assert state.found == 1
    with time_machine.travel(time.time() + ANSWERS_KEPT + HOUR):
        assert covered_keys(store, account_id) == set()
        assert covers(store, account_id, ["a"]) == {}


def test_without_consent_nothing_is_kept(store: Store) -> None:
    account_id = add_local_account(store)
    assert not keep_covers(store, account_id, {"a": b"[]"})
    agree(store, account_id)
    keep_covers(store, account_id, {"a": b"[]"})
    take_back(store, account_id)
    assert covered_keys(store, account_id) == set()
    assert not begin_round(store, account_id)
    with pytest.raises(IntegrityError):
        agree(store, account_id + 1000)
