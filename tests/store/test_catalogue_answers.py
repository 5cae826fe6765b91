"""Kept answers of the catalogue: found by key while they are young, swept after a day."""

from collections.abc import Iterator

import pytest
import time_machine
from sqlalchemy import select

from app.store.catalogue_answers import KEPT_SECONDS, keep_answer, kept_answers
from app.store.engine import Store
from app.store.tables import catalogue_answer

NOON = 1_795_176_000.0
HOUR = 3600.0


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.mark.usefixtures("clock")
def test_an_answer_is_found_under_its_own_key(store: Store) -> None:
    keep_answer(store, "a", b"one")
    keep_answer(store, "b", b"two")

    assert kept_answers(store, ["a", "b", "c"], NOON - HOUR) == {"a": b"one", "b": b"two"}
    assert kept_answers(store, ["a"], NOON - HOUR) == {"a": b"one"}
    assert kept_answers(store, [], NOON - HOUR) == {}


@pytest.mark.usefixtures("clock")
def test_the_later_answer_stands(store: Store) -> None:
    keep_answer(store, "a", b"one")
    keep_answer(store, "a", "zwei ♥".encode())

    assert kept_answers(store, ["a"], 0.0) == {"a": "zwei ♥".encode()}


def test_only_what_is_younger_than_asked_for_is_found(store: Store, clock: time_machine.Traveller) -> None:
    keep_answer(store, "a", b"one")

    clock.shift(HOUR - 1)
    assert kept_answers(store, ["a"], NOON - 1) == {"a": b"one"}
    assert kept_answers(store, ["a"], NOON) == {}


def test_what_is_over_a_day_old_goes_when_something_new_comes(
    store: Store, clock: time_machine.Traveller
) -> None:
    keep_answer(store, "old", b"one")
    clock.shift(KEPT_SECONDS)
    keep_answer(store, "new", b"two")
    assert set(kept_answers(store, ["old", "new"], 0.0)) == {"old", "new"}

    clock.shift(1)
    keep_answer(store, "newer", b"three")

    with store.reading() as connection:
        assert set(connection.scalars(select(catalogue_answer.c.key))) == {"new", "newer"}
