"""The cache of audio features: found for good, unknown for a week."""

from collections.abc import Iterator
from dataclasses import fields

import pytest
import time_machine

from app.audio_features.cache import ASK_AGAIN, KnownFeatures, keep, keep_unknown, read
from app.music import AudioFeatures
from app.store.engine import Store

FULL = AudioFeatures("a", "spotify", 0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 1.0, -6.5, 127.4, 9, 1, 4)
SPARSE = AudioFeatures("b", "reccobeats", energy=0.0)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False) as traveller:
        yield traveller


def test_nothing_is_known_at_first_and_each_track_is_asked_about_once(store: Store) -> None:
    assert read(store, ["b", "a", "b"]) == KnownFeatures(found={}, missing=["b", "a"])
    assert read(store, []) == KnownFeatures({}, [])


def test_what_was_found_comes_back_as_it_was(store: Store) -> None:
    assert None not in [getattr(FULL, field.name) for field in fields(FULL)]

    keep(store, [SPARSE, FULL])

    assert read(store, ["a", "b", "c"]) == KnownFeatures(found={"a": FULL, "b": SPARSE}, missing=["c"])


def test_what_was_found_is_kept_for_good(store: Store, clock: time_machine.Traveller) -> None:
    keep(store, [FULL])
    clock.shift(10 * 365 * 86_400)

    assert read(store, ["a"]) == KnownFeatures({"a": FULL}, [])


def test_an_unknown_track_is_asked_about_again_after_a_week(
    store: Store, clock: time_machine.Traveller
) -> None:
    keep_unknown(store, ["a", "b"])
    assert read(store, ["a", "b"]) == KnownFeatures({}, [])

    clock.shift(ASK_AGAIN - 1)
    assert read(store, ["a", "b"]) == KnownFeatures({}, [])
    clock.shift(1)
    assert read(store, ["a", "b"]) == KnownFeatures({}, ["a", "b"])
    assert ASK_AGAIN == 7 * 86_400

    keep_unknown(store, ["a"])
    assert read(store, ["a", "b"]) == KnownFeatures({}, ["b"])


def test_an_unknown_track_can_be_found_later(store: Store) -> None:
    keep_unknown(store, ["a"])
    keep(store, [FULL])

    assert read(store, ["a"]) == KnownFeatures({"a": FULL}, [])


def test_a_track_that_was_found_meanwhile_does_not_become_unknown(store: Store) -> None:
    keep(store, [FULL])
    keep_unknown(store, ["a", "c"])

    assert read(store, ["a", "c"]) == KnownFeatures({"a": FULL}, [])


def test_a_later_finding_replaces_an_earlier_one_whole(store: Store) -> None:
    keep(store, [FULL])
    keep(store, [AudioFeatures("a", "reccobeats", valence=0.5)])

    assert read(store, ["a"]).found == {"a": AudioFeatures("a", "reccobeats", valence=0.5)}


def test_nothing_to_keep_is_no_trouble(store: Store) -> None:
    keep(store, [])
    keep_unknown(store, [])

    assert read(store, ["a"]) == KnownFeatures({}, ["a"])
