"""Histograms: bars in proportion, ticks, the line under the bars, and the bands of tempo."""

from dataclasses import replace

import pytest

from app.music import AudioFeatures
from app.stats.sound import Bin, Summary, summary
from app.stats.tempo import tempo_bands
from app.web.charts.histogram import (
    HEADROOM,
    HEIGHT,
    MOST_TICKS,
    WIDTH,
    Box,
    Histogram,
    Tick,
    fitting_axis,
    histogram,
    tempo_histogram,
)


def valences(*values: float) -> list[AudioFeatures]:
    return [AudioFeatures(f"t{n}", "reccobeats", valence=value) for n, value in enumerate(values)]


def with_bins(bins: list[Bin]) -> Summary:
    return replace(summary(valences(0.5), "valence"), histogram=tuple(bins))


def drawn(of: Summary, axis: tuple[float, float] | None = None, marks: tuple[float, ...] = ()) -> Histogram:
    found = histogram(of, axis, marks)
    assert found is not None
    return found


def tempo(*values: float) -> Histogram:
    sounds = [AudioFeatures(f"t{n}", "reccobeats", tempo=value) for n, value in enumerate(values)]
    found = tempo_histogram(summary(sounds, "tempo"), tempo_bands(sounds))
    assert found is not None
    return found


def test_bars_are_in_proportion_to_their_tracks() -> None:
    bins = [Bin(0, 0.1, 4), Bin(0.1, 0.2, 0), Bin(0.2, 0.3, 1)]
    high, low = drawn(with_bins(bins), (0, 1)).bars
    assert (high.height, high.y) == (HEIGHT - HEADROOM, HEADROOM)
    assert low.height == pytest.approx(high.height / 4, abs=0.1)
    assert (high.x, high.width, high.middle, high.tracks) == (1.0, 30.0, 16.0, 4)
    assert (low.x, low.width, low.middle, low.tracks) == (65.0, 30.0, 80.0, 1)


def test_every_bar_stands_on_the_axis() -> None:
    bins = [Bin(n / 10, (n + 1) / 10, n + 1) for n in range(10)]
    assert {round(bar.y + bar.height, 1) for bar in drawn(with_bins(bins)).bars} == {HEIGHT}


def test_ticks_keep_their_labels_inside() -> None:
    assert drawn(summary(valences(0.5), "valence"), (0, 1), (0, 0.5, 1)).ticks == (
        Tick(0.0, 0, "start"),
        Tick(160.0, 0.5, "middle"),
        Tick(320.0, 1, "end"),
    )


def test_a_single_bin_does_not_fill_the_field() -> None:
    assert fitting_axis([Bin(120, 130, 9)]) == (100, 160)
    (bar,) = drawn(with_bins([Bin(120, 130, 9)])).bars
    assert bar.width < WIDTH / 5


def test_many_bins_have_few_ticks_and_no_numbers_that_collide() -> None:
    many = drawn(with_bins([Bin(n, n + 2, 1) for n in range(-100, 20, 2)]))
    assert len(many.ticks) <= MOST_TICKS
    assert not any(bar.labelled for bar in many.bars)


def test_the_line_under_the_bars_holds_the_six_figures() -> None:
    box = drawn(summary(valences(0.0, 0.25, 0.5, 0.75, 1.0), "valence"), (0, 1)).box
    assert box == Box(low=0.0, high=320.0, q1=80.0, q3=240.0, median=160.0, mean=160.0)


def test_one_value_has_no_middle_half() -> None:
    box = drawn(summary(valences(0.5), "valence"), (0, 1)).box
    assert box == Box(low=160.0, high=160.0, q1=None, q3=None, median=160.0, mean=160.0)


def test_nothing_known_draws_nothing() -> None:
    assert histogram(summary([None], "valence"), (0, 1)) is None
    assert tempo_histogram(summary([None], "tempo"), tempo_bands([])) is None


def test_tempo_bands_keep_their_places_whatever_is_known() -> None:
    chart = tempo(118.0, 121.0)
    assert [(tick.value, tick.x) for tick in chart.ticks] == [
        (60, 0.0),
        (76, 48.0),
        (108, 144.0),
        (120, 180.0),
        (156, 288.0),
        (180, 360.0),
    ]
    assert [(band.name, band.x, band.width) for band in chart.bands] == [
        ("slow", 0.0, 48.0),
        ("walking", 48.0, 96.0),
        ("moderate", 144.0, 36.0),
        ("fast", 180.0, 108.0),
        ("very fast", 288.0, 72.0),
    ]


def test_the_tempo_axis_grows_for_a_track_beyond_it() -> None:
    chart = tempo(40.0, 240.0)
    assert (chart.ticks[0].value, chart.ticks[-1].value) == (40, 250)
    assert [bar.tracks for bar in chart.bars] == [1, 1]


def test_tempo_ticks_that_would_collide_are_left_out() -> None:
    assert [tick.value for tick in tempo(2.0, 600.0).ticks] == [0, 76, 120, 610]
