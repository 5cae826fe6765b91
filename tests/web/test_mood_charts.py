"""The mood page's charts: where points, bars, wedges and polygons lie."""

import pytest

from app.music import AudioFeatures, TimeRange
from app.stats.decades import Decade
from app.stats.keys import KeySignature
from app.stats.mood_map import Centre, Point
from app.stats.sound import Bin, summary
from app.stats.tempo import tempo_bands
from app.web.charts import drift, histogram, key_circle, mood_map, tempo
from app.web.charts import markers as marker
from app.web.charts import mood_decades as decades
from app.web.charts import range_radar as radar
from app.web.charts.scale import on_axis

SHORT, MEDIUM, LONG = TimeRange


def valences(*values: float) -> list[AudioFeatures]:
    return [AudioFeatures(f"t{n}", "reccobeats", valence=value) for n, value in enumerate(values)]


def tempos(*values: float) -> list[AudioFeatures]:
    return [AudioFeatures(f"t{n}", "reccobeats", tempo=value) for n, value in enumerate(values)]


def percent(value: float) -> str:
    return f"{value * 100:.0f}%"


# Scale and marks


@pytest.mark.parametrize(("value", "place"), [(60, 0.0), (120, 50.0), (180, 100.0), (59, 0.0), (999, 100.0)])
def test_a_value_never_lies_off_its_axis(value: float, place: float) -> None:
    assert on_axis(value, 60, 180, 100) == place


def test_the_ranges_have_marks_of_different_shapes() -> None:
    corners = [marker.marker(one, 0, 0, 5).count("L") + 1 for one in (MEDIUM, LONG)]
    assert corners == [4, 3]
    assert marker.marker(SHORT, 10, 20, 5) == "M5.0 20.0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z"


def test_an_arrow_stops_short_of_both_marks() -> None:
    assert marker.arrow((0, 0), (100, 0), clear=10) == "M10.0 0.0L81.0 0.0M90.0 0.0L81.0 4.5L81.0 -4.5Z"


def test_marks_that_touch_have_no_arrow_between_them() -> None:
    assert marker.arrow((0, 0), (20, 0), clear=10) is None
    assert marker.arrow((5, 5), (5, 5), clear=0) is None


# The mood map


@pytest.mark.parametrize(
    ("valence", "energy", "spot"),
    [
        (1, 0, (400.0, 400.0)),  # lower right: calm
        (0, 1, (0.0, 0.0)),  # upper left: angry
        (1, 1, (400.0, 0.0)),
        (0, 0, (0.0, 400.0)),
        (0.5, 0.5, (200.0, 200.0)),
    ],
)
def test_valence_goes_right_and_energy_up(valence: float, energy: float, spot: tuple[float, float]) -> None:
    assert mood_map.spot(valence, energy) == spot


def test_tracks_at_the_same_spot_know_of_each_other() -> None:
    dots = mood_map.dots([Point(0, 0.5, 0.5), Point(3, 0.5, 0.5), Point(7, 0.25, 1.0)])
    assert dots == (
        mood_map.Dot(0, 200.0, 200.0, here=2),
        mood_map.Dot(3, 200.0, 200.0, here=2),
        mood_map.Dot(7, 100.0, 0.0, here=1),
    )


def test_the_way_of_the_centre_goes_from_the_first_to_the_last() -> None:
    way = mood_map.route({LONG: Centre(0, 0, 9), MEDIUM: Centre(0.5, 0.5, 9), SHORT: Centre(1, 1, 9)})
    assert [mark.value for mark in way.marks] == ["long_term", "medium_term", "short_term"]
    assert [arrow.partition("L")[0] for arrow in way.arrows] == ["M5.7 394.3", "M205.7 194.3"]


def test_centres_that_lie_close_are_joined_by_a_line() -> None:
    way = mood_map.route({LONG: Centre(0.5, 0.5, 9), SHORT: Centre(0.55, 0.5, 9)})
    assert way.arrows == ("M200.0 200.0L220.0 200.0",)


def test_one_centre_has_no_way() -> None:
    assert mood_map.route({MEDIUM: Centre(0.5, 0.5, 9)}).arrows == ()


# The close-up


def test_the_close_up_has_the_centres_in_its_middle_at_one_scale() -> None:
    found = drift.close_up({LONG: Centre(0.4, 0.5, 9), SHORT: Centre(0.6, 0.5, 9)})
    assert found is not None
    far, near = found.centres
    assert (far.y, near.y) == (drift.SIDE / 2, drift.SIDE / 2)
    assert far.x + near.x == pytest.approx(drift.SIDE)
    assert near.x - far.x == pytest.approx(drift.SIDE / drift.ROOM, abs=0.2)
    assert found.frame == (132.0, 132.0, 136.0)
    assert len(found.arrows) == 1


def test_the_close_up_names_round_values_inside_its_field() -> None:
    found = drift.close_up({LONG: Centre(0.4, 0.5, 9), SHORT: Centre(0.6, 0.5, 9)})
    assert found is not None
    assert [line.label for line in found.valence] == ["40%", "50%", "60%"]
    assert [line.label for line in found.energy] == ["40%", "50%", "60%"]
    assert found.energy[0].at > found.energy[-1].at


def test_centres_in_a_corner_stay_inside_the_map() -> None:
    found = drift.close_up({LONG: Centre(1, 0, 9), SHORT: Centre(1, 0, 9)})
    assert found is not None
    x, y, side = found.frame
    assert (x + side, y + side) == (400.0, 400.0)
    assert [(one.x, one.y) for one in found.centres] == [(drift.SIDE, drift.SIDE)] * 2
    assert found.arrows == ()


def test_labels_of_centres_that_lie_close_are_moved_apart() -> None:
    assert drift.spread([100.0, 100.0, 101.0], gap=18, limit=220) == [100.0, 118.0, 136.0]
    assert drift.spread([220.0, 219.0, 10.0], gap=18, limit=220) == [220.0, 202.0, 10.0]


def test_one_centre_alone_has_no_close_up() -> None:
    assert drift.close_up({SHORT: Centre(0.5, 0.5, 1)}) is None


# Histograms


def test_bars_are_in_proportion_to_their_counts() -> None:
    bins = [Bin(0, 0.1, 4), Bin(0.1, 0.2, 0), Bin(0.2, 0.3, 1)] + [
        Bin(n / 10, (n + 1) / 10, 0) for n in range(3, 10)
    ]
    high, low = histogram.histogram(bins, percent, (0, 1)).bars
    assert (high.height, high.y) == (histogram.HEIGHT - histogram.HEADROOM, histogram.HEADROOM)
    assert low.height == pytest.approx(high.height / 4, abs=0.1)
    assert (high.x, high.width, high.middle, high.count) == (1.0, 30.0, 16.0, 4)
    assert (low.x, low.width, low.middle, low.count) == (65.0, 30.0, 80.0, 1)


def test_every_bar_stands_on_the_axis() -> None:
    bins = [Bin(n / 10, (n + 1) / 10, n + 1) for n in range(10)]
    drawn = histogram.histogram(bins, percent, (0, 1))
    assert {round(bar.y + bar.height, 1) for bar in drawn.bars} == {histogram.HEIGHT}


def test_ticks_keep_their_labels_inside() -> None:
    bins = [Bin(n / 10, (n + 1) / 10, 1) for n in range(10)]
    drawn = histogram.histogram(bins, percent, (0, 1), (0, 0.5, 1))
    assert drawn.ticks == (
        histogram.Tick(0.0, "0%", "start"),
        histogram.Tick(160.0, "50%", "middle"),
        histogram.Tick(320.0, "100%", "end"),
    )


def test_a_single_bin_does_not_fill_the_field() -> None:
    assert histogram.domain([Bin(120, 130, 9)]) == (100, 160)
    (bar,) = histogram.histogram([Bin(120, 130, 9)], "{:.0f}".format, (100, 160)).bars
    assert bar.width < histogram.WIDTH / 5


def test_many_bins_have_few_ticks_and_no_numbers_that_collide() -> None:
    bins = [Bin(n, n + 2, 1) for n in range(-100, 20, 2)]
    drawn = histogram.histogram(bins, "{:.0f}".format, histogram.domain(bins))
    assert len(drawn.ticks) <= histogram.MOST_TICKS
    assert not any(bar.labelled for bar in drawn.bars)


def test_the_line_under_the_bars_holds_the_five_figures() -> None:
    box = histogram.box(summary(valences(0.0, 0.25, 0.5, 0.75, 1.0), "valence"), (0, 1))
    assert box == histogram.Box(low=0.0, high=320.0, q1=80.0, q3=240.0, median=160.0, mean=160.0)
    assert box.half == 160.0


def test_one_value_has_no_middle_half() -> None:
    box = histogram.box(summary(valences(0.5), "valence"), (0, 1))
    assert box == histogram.Box(low=160.0, high=160.0, q1=None, q3=None, median=160.0, mean=160.0)


def test_nothing_known_draws_no_line() -> None:
    assert histogram.box(summary([None], "valence"), (0, 1)) is None


# The circle of fifths


def test_the_circle_goes_by_fifths_with_relative_minors_inside() -> None:
    wedges = key_circle.key_circle([])
    assert [one.label for one in wedges[:4]] == ["C", "G", "D", "A"]
    assert [one.label for one in wedges[12:16]] == ["Am", "Em", "Bm", "F♯m"]
    assert len({one.name for one in wedges}) == 24
    assert {(one.count, one.shade) for one in wedges} == {(0, 0)}


def test_c_major_is_at_the_top_and_its_opposite_at_the_bottom() -> None:
    wedges = {one.label: one for one in key_circle.key_circle([])}
    assert (wedges["C"].x, wedges["C"].y) == (0.0, -127.5)
    assert (wedges["F♯"].x, wedges["F♯"].y) == (0.0, 127.5)
    assert (wedges["A"].x, wedges["A"].y) == (127.5, 0.0)
    assert (wedges["Am"].x, wedges["Am"].y) == (0.0, -84.0)


def test_keys_are_shaded_by_their_count() -> None:
    keys = [
        KeySignature(7, 0, "G minor", 8),
        KeySignature(0, 1, "C major", 4),
        KeySignature(2, 1, "D major", 1),
    ]
    wedges = {one.name: one for one in key_circle.key_circle(keys)}
    assert [(wedges[k].count, wedges[k].shade) for k in ("G minor", "C major", "D major", "A minor")] == [
        (8, 4),
        (4, 2),
        (1, 1),
        (0, 0),
    ]


def test_a_wedge_is_a_twelfth_of_its_ring() -> None:
    assert key_circle.ring_part(3, 100, 50) == (
        "M96.6 -25.9A100 100 0 0 1 96.6 25.9L48.3 12.9A50 50 0 0 0 48.3 -12.9Z"
    )


# Tempo


def test_tempo_bands_keep_their_places_whatever_is_known() -> None:
    sounds = tempos(118.0, 121.0)
    chart = tempo.tempo_chart(summary(sounds, "tempo").histogram, tempo_bands(sounds))
    assert [(tick.label, tick.x) for tick in chart.histogram.ticks] == [
        ("60", 0.0),
        ("76", 48.0),
        ("108", 144.0),
        ("120", 180.0),
        ("156", 288.0),
        ("180", 360.0),
    ]
    assert [(field.name, field.x, field.width) for field in chart.fields] == [
        ("slow", 0.0, 48.0),
        ("walking", 48.0, 96.0),
        ("moderate", 144.0, 36.0),
        ("fast", 180.0, 108.0),
        ("very fast", 288.0, 72.0),
    ]
    assert [(band.count, band.bar) for band in chart.bands] == [
        (0, 0.0),
        (0, 0.0),
        (1, 50.0),
        (1, 50.0),
        (0, 0.0),
    ]


def test_the_tempo_axis_grows_for_a_track_beyond_it() -> None:
    sounds = tempos(40.0, 240.0)
    chart = tempo.tempo_chart(summary(sounds, "tempo").histogram, tempo_bands(sounds))
    assert (chart.histogram.ticks[0].label, chart.histogram.ticks[-1].label) == ("40", "250")
    assert [bar.count for bar in chart.histogram.bars] == [1, 1]


def test_tempo_ticks_that_would_collide_are_left_out() -> None:
    sounds = tempos(2.0, 600.0)
    chart = tempo.tempo_chart(summary(sounds, "tempo").histogram, tempo_bands(sounds))
    assert [tick.label for tick in chart.histogram.ticks] == ["0", "76", "120", "610"]


def test_bands_say_where_they_begin_and_end() -> None:
    assert [tempo.bounds(band) for band in tempo_bands([])] == [
        "below 76 BPM",
        "76 to 108 BPM",
        "108 to 120 BPM",
        "120 to 156 BPM",
        "156 BPM and more",
    ]


# Decades


def test_decades_have_marks_on_a_rail() -> None:
    rows = decades.decade_rows([Decade(1980, 1, 0.25, 1.0), Decade(1990, 4, None, None)])
    assert rows == (
        decades.DecadeRow("1980s", 1, 25.0, 25.0, 100.0, "25%", "100%"),
        decades.DecadeRow("1990s", 4, 100.0, None, None, "–", "–"),
    )


# The radar


FULL: dict[str, float | None] = {"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0}
NAMES = {name: name.upper() for name in FULL}


def test_the_radar_has_a_polygon_for_each_range() -> None:
    found = radar.range_radar({LONG: FULL, SHORT: dict.fromkeys(FULL, 0.5)}, NAMES)
    assert found is not None
    assert [(one.value, one.polygon) for one in found.series] == [
        ("long_term", "0.0,-100.0 100.0,0.0 0.0,100.0 -100.0,0.0"),
        ("short_term", "0.0,-50.0 50.0,0.0 0.0,50.0 -50.0,0.0"),
    ]
    assert [len(one.marks) for one in found.series] == [4, 4]


def test_the_radars_labels_stand_outside_and_lean_away() -> None:
    found = radar.range_radar({LONG: FULL}, NAMES)
    assert found is not None
    assert [(one.label, one.label_x, one.label_y, one.anchor) for one in found.axes] == [
        ("A", 0.0, -112.0, "middle"),
        ("B", 112.0, 0.0, "start"),
        ("C", 0.0, 112.0, "middle"),
        ("D", -112.0, 0.0, "end"),
    ]


def test_a_measure_that_one_range_lacks_has_no_spoke_and_an_unknown_range_no_polygon() -> None:
    unknown: dict[str, float | None] = dict.fromkeys(FULL)
    means = {LONG: FULL, MEDIUM: unknown, SHORT: FULL | {"d": None}}
    found = radar.range_radar(means, NAMES)
    assert found is not None
    assert [one.label for one in found.axes] == ["A", "B", "C"]
    assert [one.value for one in found.series] == ["long_term", "short_term"]


def test_too_few_measures_make_no_radar() -> None:
    assert radar.range_radar({LONG: {"a": 1.0, "b": 1.0, "c": None}}, {"a": "A", "b": "B", "c": "C"}) is None
    assert radar.range_radar({LONG: dict.fromkeys(FULL)}, NAMES) is None
