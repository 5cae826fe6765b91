"""Kept answers of the catalogue: found by key while they are fresh, deleted after a day."""

from collections.abc import Iterator

import pytest
import time_machine
from sqlalchemy import select

from app.store.answers import CATALOGUE_KEPT, FRESH_SECONDS, CatalogueAnswers
from app.store.engine import Store
from app.store.tables import catalogue_answer


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False) as traveller:
        yield traveller


def read(store: Store, *keys: str) -> dict[str, bytes]:
    """The bodies that are found, by key."""
    return {row.key: row.body for row in CatalogueAnswers(store).read(keys)}


@pytest.mark.usefixtures("clock")
def test_an_answer_is_found_under_its_own_key(store: Store) -> None:
    CatalogueAnswers(store).write({"a": b"one", "b": b"two"})

    assert read(store, "a", "b", "c") == {"a": b"one", "b": b"two"}
    assert read(store, "a") == {"a": b"one"}
    assert read(store) == {}


@pytest.mark.usefixtures("clock")
def test_the_later_answer_stands(store: Store) -> None:
    CatalogueAnswers(store).write({"a": b"one"})
    CatalogueAnswers(store).write({"a": "zwei ♥".encode()})

    assert read(store, "a") == {"a": "zwei ♥".encode()}


def test_only_fresh_answers_are_found(store: Store, clock: time_machine.Traveller) -> None:
    CatalogueAnswers(store).write({"a": b"one"})

    clock.shift(FRESH_SECONDS - 1)
    assert read(store, "a") == {"a": b"one"}
    clock.shift(1)
    assert read(store, "a") == {}


def test_what_is_over_a_day_old_goes_when_something_new_comes(
    store: Store, clock: time_machine.Traveller
) -> None:
    def keys() -> set[str]:
        with store.reading() as connection:
            return set(connection.scalars(select(catalogue_answer.c.key)))

    CatalogueAnswers(store).write({"old": b"one"})
    clock.shift(CATALOGUE_KEPT)
    CatalogueAnswers(store).write({"new": b"two"})
    assert keys() == {"old", "new"}

    clock.shift(1)
    CatalogueAnswers(store).write({"newer": b"three"})
    assert keys() == {"new", "newer"}
