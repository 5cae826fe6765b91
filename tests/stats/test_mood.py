"""Mood: worked examples, and what holds for any list of tracks."""

from dataclasses import astuple, replace
from random import Random
from statistics import fmean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.music import AudioFeatures
from app.stats.keys import KeySignature, key_name, most_common_key
from app.stats.mood import Coverage, Figure, figure, mood_of

UNKNOWN = AudioFeatures("t", "spotify")
shares = st.none() | st.floats(0, 1)
tracks = st.builds(
    AudioFeatures,
    track_id=st.just("t"),
    source=st.sampled_from(["spotify", "reccobeats"]),
    valence=shares,
    energy=shares,
    danceability=shares,
    instrumentalness=shares,
    key=st.none() | st.integers(0, 11),
    mode=st.none() | st.integers(0, 1),
)
lists_of_tracks = st.lists(st.none() | tracks, max_size=60)


def in_key(key: int | None, mode: int | None) -> AudioFeatures:
    """A track in this key and mode."""
    return replace(UNKNOWN, key=key, mode=mode)


def test_a_worked_example() -> None:
    mood = mood_of(
        [
            AudioFeatures("a", "spotify", valence=0.2, energy=0.9, danceability=0.5, key=1, mode=0),
            None,
            AudioFeatures("b", "reccobeats", valence=0.3, energy=0.7, instrumentalness=0.0, key=1, mode=0),
            AudioFeatures("c", "reccobeats", valence=1.0, danceability=0.7, key=9, mode=1),
            None,
        ]
    )

    assert mood.coverage == Coverage(known=3, total=5)
    assert mood.sources == {"spotify": 1, "reccobeats": 2}
    assert astuple(mood.valence) == pytest.approx((0.5, 0.3))
    assert astuple(mood.energy) == pytest.approx((0.8, 0.8))
    assert astuple(mood.danceability) == pytest.approx((0.6, 0.6))
    assert mood.instrumentalness == Figure(mean=0.0, median=0.0)
    assert mood.key == KeySignature(key=1, mode=0, name="C♯ minor", count=2)


def test_nothing_known_is_unknown_and_never_zero() -> None:
    for nothing in ([], [None, None]):
        mood = mood_of(nothing)

        assert mood.coverage == Coverage(known=0, total=len(nothing))
        assert mood.sources == {}
        assert mood.key is None
        for one in (mood.valence, mood.energy, mood.danceability, mood.instrumentalness):
            assert one == Figure(mean=None, median=None)


def test_a_figure_is_over_its_own_known_values() -> None:
    assert figure([None, 0.25, None, 0.75]) == Figure(mean=0.5, median=0.5)
    assert figure([0.0]) == Figure(mean=0.0, median=0.0)


@pytest.mark.parametrize(
    ("key", "mode", "name"),
    [(1, 0, "C♯ minor"), (0, 1, "C major"), (6, 0, "F♯ minor"), (10, 1, "A♯ major"), (11, 0, "B minor")],
)
def test_keys_have_names(key: int, mode: int, name: str) -> None:
    assert key_name(key, mode) == name


def test_every_key_signature_has_a_name_of_its_own() -> None:
    assert len({key_name(key, mode) for key in range(12) for mode in (0, 1)}) == 24


def test_major_and_minor_of_one_pitch_are_two_keys() -> None:
    top = most_common_key([in_key(4, 1), in_key(4, 0), in_key(7, 1), in_key(7, 1)])

    assert top == KeySignature(key=7, mode=1, name="G major", count=2)


def test_a_tie_goes_to_the_pair_of_the_better_ranked_track() -> None:
    two, nine = in_key(2, 1), in_key(9, 0)

    assert most_common_key([nine, two, two, nine]) == KeySignature(9, 0, "A minor", 2)
    assert most_common_key([two, nine, nine, two]) == KeySignature(2, 1, "D major", 2)


def test_a_track_without_key_or_mode_does_not_count() -> None:
    half_known = [in_key(5, None), in_key(5, None), in_key(None, 1), in_key(None, None)]

    assert most_common_key(half_known) is None
    assert most_common_key([*half_known, in_key(0, 0)]) == KeySignature(0, 0, "C minor", 1)


@given(lists_of_tracks)
def test_coverage_never_exceeds_the_total_and_the_sources_add_up_to_it(
    given_tracks: list[AudioFeatures | None],
) -> None:
    mood = mood_of(given_tracks)

    assert 0 <= mood.coverage.known <= mood.coverage.total == len(given_tracks)
    assert sum(mood.sources.values()) == mood.coverage.known


@given(st.lists(shares, max_size=60))
def test_mean_and_median_lie_between_the_least_and_the_greatest(values: list[float | None]) -> None:
    known = [value for value in values if value is not None]
    result = figure(values)

    if not known:
        assert result == Figure(None, None)
        return
    assert result.mean == pytest.approx(fmean(known))
    assert result.median == median(known)
    assert result.mean is not None
    assert result.median is not None
    assert min(known) <= result.median <= max(known)
    assert min(known) - 1e-12 <= result.mean <= max(known) + 1e-12


@given(lists_of_tracks, st.randoms())
def test_the_order_of_the_tracks_changes_no_figure(
    given_tracks: list[AudioFeatures | None], rng: Random
) -> None:
    shuffled = rng.sample(given_tracks, len(given_tracks))
    before, after = mood_of(given_tracks), mood_of(shuffled)

    assert before.coverage == after.coverage
    assert before.sources == after.sources
    assert astuple(before.valence) == pytest.approx(astuple(after.valence))
    assert (before.key.count if before.key else 0) == (after.key.count if after.key else 0)


@given(lists_of_tracks)
def test_no_other_key_is_more_common_and_none_as_common_comes_first(
    given_tracks: list[AudioFeatures | None],
) -> None:
    pairs = [(t.key, t.mode) for t in given_tracks if t and t.key is not None and t.mode is not None]
    top = most_common_key(t for t in given_tracks if t)

    if not pairs:
        assert top is None
        return
    most = max(pairs.count(pair) for pair in pairs)
    first = next(pair for pair in pairs if pairs.count(pair) == most)
    assert top == KeySignature(first[0] or 0, first[1] or 0, key_name(first[0] or 0, first[1] or 0), most)
