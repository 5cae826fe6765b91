"""The mood map: points, quadrants, centres, and how music drifts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.music import AudioFeatures
from app.stats.mood_map import QUADRANTS, STEADY, Centre, Point, centre, drift, points, quadrants

UNKNOWN = AudioFeatures("t", "spotify")
shares = st.floats(0, 1)
lists_of_points = st.lists(st.builds(Point, st.just(0), shares, shares), max_size=60)
centres = st.builds(Centre, shares, shares, st.just(1))


def sound(valence: float | None, energy: float | None) -> AudioFeatures:
    return replace(UNKNOWN, valence=valence, energy=energy)


def test_a_track_needs_both_to_be_a_point_and_keeps_its_place() -> None:
    tracks = [None, sound(0.1, 0.2), sound(None, 0.2), sound(0.1, None), sound(0.0, 0.0)]

    assert points(tracks) == (Point(1, 0.1, 0.2), Point(4, 0.0, 0.0))


@pytest.mark.parametrize(
    ("valence", "energy", "quadrant"),
    [
        (0.9, 0.9, "happy"),
        (0.1, 0.9, "angry"),
        (0.1, 0.1, "sad"),
        (0.9, 0.1, "calm"),
        (0.5, 0.5, "happy"),
        (0.5, 0.4999999, "calm"),
        (0.4999999, 0.5, "angry"),
        (0.4999999, 0.4999999, "sad"),
        (1.0, 1.0, "happy"),
        (0.0, 0.0, "sad"),
    ],
)
def test_a_half_belongs_to_the_upper_side(valence: float, energy: float, quadrant: str) -> None:
    assert Point(0, valence, energy).quadrant == quadrant


@given(lists_of_points)
def test_every_point_is_in_one_quadrant(shown: list[Point]) -> None:
    counts = quadrants(shown)

    assert tuple(counts) == QUADRANTS
    assert sum(counts.values()) == len(shown)
    assert counts["happy"] + counts["calm"] == sum(point.valence >= 0.5 for point in shown)
    assert counts["happy"] + counts["angry"] == sum(point.energy >= 0.5 for point in shown)


def test_without_points_all_four_are_empty_and_there_is_no_centre() -> None:
    assert quadrants([]) == {"happy": 0, "angry": 0, "sad": 0, "calm": 0}
    assert centre([]) is None


def test_a_worked_centre() -> None:
    assert centre([Point(0, 0.0, 0.5), Point(1, 1.0, 0.75), Point(2, 0.5, 0.25)]) == Centre(0.5, 0.5, 3)


@given(st.lists(st.builds(Point, st.just(0), shares, shares), min_size=1, max_size=60))
def test_the_centre_lies_among_the_points(shown: list[Point]) -> None:
    middle = centre(shown)

    assert middle is not None
    assert middle.count == len(shown)
    for at, values in (
        (middle.valence, [p.valence for p in shown]),
        (middle.energy, [p.energy for p in shown]),
    ):
        assert min(values) - 1e-12 <= at <= max(values) + 1e-12


@pytest.mark.parametrize(
    ("valence", "energy", "words"),
    [
        (0.5, 0.5, ()),
        (0.52, 0.48, ()),
        (0.75, 0.5, ("happier",)),
        (0.25, 0.5, ("sadder",)),
        (0.5, 0.75, ("more energetic",)),
        (0.5, 0.25, ("calmer",)),
        (0.75, 0.25, ("happier", "calmer")),
        (0.25, 0.75, ("sadder", "more energetic")),
    ],
)
def test_drift_in_words(valence: float, energy: float, words: tuple[str, ...]) -> None:
    assert drift(Centre(0.5, 0.5, 9), Centre(valence, energy, 3)) == words


@given(centres, centres)
def test_the_way_back_is_the_opposite(one: Centre, other: Centre) -> None:
    opposite = {
        "happier": "sadder",
        "sadder": "happier",
        "calmer": "more energetic",
        "more energetic": "calmer",
    }

    assert drift(other, one) == tuple(opposite[word] for word in drift(one, other))
    assert drift(one, one) == ()
    moved = [abs(one.valence - other.valence) >= STEADY, abs(one.energy - other.energy) >= STEADY]
    assert len(drift(one, other)) == sum(moved)
