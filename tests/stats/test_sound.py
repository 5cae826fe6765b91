"""How a list sounds: worked examples, and what holds for any values."""

import statistics
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.music import AudioFeatures
from app.stats.sound import BIN_WIDTHS, MEASURES, SHARES, Bin, Extreme, histogram, summaries, summary

UNKNOWN = AudioFeatures("t", "spotify")
SCALES = dict.fromkeys(SHARES, (0.0, 1.0)) | {"tempo": (1.0, 1000.0), "loudness": (-100.0, 20.0)}
measures = st.sampled_from(MEASURES)


@st.composite
def values_of_a_measure(draw: st.DrawFn) -> tuple[str, list[float]]:
    """A measure, and values on its scale: round ones, on the edge of a bin, as well as any."""
    measure = draw(measures)
    least, most = SCALES[measure]
    anything = st.floats(least, most)
    edges = st.integers(round(least), round(most)).map(float)
    tenths = st.integers(round(least * 10), round(most * 10)).map(lambda ten: ten / 10)
    return measure, draw(st.lists(anything | edges | tenths, max_size=60))


def sounding(measure: str, *values: float | None) -> list[AudioFeatures | None]:
    """Tracks "0", "1", … with these values; `None` is a track of which nothing is known."""

    def one(**known: Any) -> AudioFeatures:
        return replace(UNKNOWN, **known)

    return [
        one(track_id=str(place), **{measure: value}) if value is not None else None
        for place, value in enumerate(values)
    ]


def counts(measure: str, *values: float) -> list[tuple[float, float, int]]:
    """The bins that hold anything."""
    bins = histogram(values, BIN_WIDTHS[measure], whole_scale=measure in SHARES)
    return [(span.start, span.end, span.count) for span in bins if span.count]


def test_a_worked_example() -> None:
    one = summary(sounding("valence", 0.4, None, 0.1, 0.9, 0.2), "valence")

    assert one.count == 4
    assert one.mean == pytest.approx(0.4)
    assert one.median == pytest.approx(0.3)
    assert [one.q1, one.q3] == pytest.approx([0.175, 0.525])
    assert one.stdev == pytest.approx((0.38 / 3) ** 0.5)
    assert (one.min, one.max) == (Extreme(0.1, "2"), Extreme(0.9, "3"))
    assert [of.count for of in one.histogram] == [0, 1, 1, 0, 1, 0, 0, 0, 0, 1]


def test_every_measure_has_a_summary() -> None:
    assert MEASURES == (
        "valence",
        "energy",
        "danceability",
        "acousticness",
        "instrumentalness",
        "liveness",
        "speechiness",
        "tempo",
        "loudness",
    )
    assert tuple(summaries([])) == MEASURES


@pytest.mark.parametrize("measure", MEASURES)
def test_nothing_known_is_null_throughout(measure: str) -> None:
    for nothing in ([], [None], [UNKNOWN, None]):
        one = summary(nothing, measure)

        assert one.count == 0
        assert (one.mean, one.median, one.q1, one.q3, one.stdev, one.min, one.max) == (None,) * 7
        assert sum(of.count for of in one.histogram) == 0


@pytest.mark.parametrize("measure", MEASURES)
def test_one_value_has_a_middle_but_no_spread(measure: str) -> None:
    one = summary(sounding(measure, None, 1.0), measure)

    assert (one.count, one.mean, one.median) == (1, 1.0, 1.0)
    assert (one.q1, one.q3, one.stdev) == (None, None, None)
    assert one.min == one.max == Extreme(1.0, "1")
    assert [of.count for of in one.histogram if of.count] == [1]


def test_a_zero_is_known() -> None:
    assert summary(sounding("instrumentalness", 0.0), "instrumentalness").mean == 0.0


def test_equal_values_have_no_spread_and_share_a_bin() -> None:
    one = summary(sounding("tempo", *[120.0] * 7), "tempo")

    assert (one.mean, one.median, one.q1, one.q3, one.stdev) == (120.0, 120.0, 120.0, 120.0, 0.0)
    assert one.histogram == (Bin(120.0, 130.0, 7),)


def test_of_equal_extremes_the_better_ranked_track_has_it() -> None:
    one = summary(sounding("energy", 0.5, 0.9, 0.1, 0.9, 0.1), "energy")

    assert (one.max, one.min) == (Extreme(0.9, "1"), Extreme(0.1, "2"))


@given(values_of_a_measure())
def test_a_summary_is_what_pythons_own_statistics_say(of: tuple[str, list[float]]) -> None:
    measure, values = of
    one = summary([None, *sounding(measure, *values), UNKNOWN], measure)

    assert one.count == len(values)
    if values:
        assert one.mean == pytest.approx(statistics.mean(values))
        assert one.median == statistics.median(values)
        assert one.min == Extreme(min(values), str(values.index(min(values))))
        assert one.max == Extreme(max(values), str(values.index(max(values))))
    if len(values) > 1:
        assert [one.q1, one.median, one.q3] == pytest.approx(
            statistics.quantiles(values, n=4, method="inclusive")
        )
        assert one.stdev == pytest.approx(statistics.stdev(values))
        assert one.q1 is not None
        assert one.q3 is not None
        assert min(values) - 1e-9 <= one.q1 <= one.q3 <= max(values) + 1e-9
    else:
        assert (one.q1, one.q3, one.stdev) == (None, None, None)


@given(values_of_a_measure())
@example(("tempo", [119.99999999999999]))  # divided by the width it is a whole number
@example(("loudness", [-5e-324]))
@example(("loudness", [-2.0000000000000004, -2.0, -1.9999999999999998]))
@example(("valence", [0.1 * 3, 0.3, 0.7, 0.1 * 7]))
def test_every_value_is_in_its_bin_by_the_edges_as_they_are_printed(of: tuple[str, list[float]]) -> None:
    measure, values = of
    bins = histogram(values, BIN_WIDTHS[measure], whole_scale=measure in SHARES)

    assert sum(span.count for span in bins) == len(values)
    for place, span in enumerate(bins):
        last_takes_the_end = measure in SHARES and place == len(bins) - 1
        inside = [
            value
            for value in values
            if span.start <= value < span.end or (last_takes_the_end and value == span.end)
        ]
        assert span.count == len(inside)


@given(values_of_a_measure())
def test_bins_follow_each_other_without_a_gap(of: tuple[str, list[float]]) -> None:
    measure, values = of
    bins = histogram(values, BIN_WIDTHS[measure], whole_scale=measure in SHARES)

    assert all(one.end == after.start for one, after in pairwise(bins))
    assert all(span.end - span.start == pytest.approx(BIN_WIDTHS[measure]) for span in bins)
    if measure in SHARES:
        assert (len(bins), bins[0].start, bins[-1].end) == (10, 0.0, 1.0)
    elif values:
        assert bins[0].count
        assert bins[-1].count


def test_the_edges_are_round_numbers() -> None:
    shares = histogram([], 0.1, whole_scale=True)

    assert [share.start for share in shares] == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    assert histogram([], 10.0, whole_scale=False) == ()


def test_a_value_on_an_edge_belongs_above_it_and_a_one_to_the_last_bin() -> None:
    assert counts("valence", 0.0, 0.3, 0.1 * 3, 0.999, 1.0) == [(0.0, 0.1, 1), (0.3, 0.4, 2), (0.9, 1.0, 2)]
    assert counts("tempo", 119.9, 120.0, 139.9) == [(110.0, 120.0, 1), (120.0, 130.0, 1), (130.0, 140.0, 1)]
    assert counts("loudness", -6.0, -5.9, -0.1, 0.0) == [(-6.0, -4.0, 2), (-2.0, 0.0, 1), (0.0, 2.0, 1)]
