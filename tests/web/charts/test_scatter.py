"""The mood map: where points and centres lie, the arrows between them, and the close-up."""

import pytest

from app.music import TimeRange
from app.stats.mood_map import Centre, Point
from app.web.charts.markers import arrow, marker
from app.web.charts.scale import on_axis
from app.web.charts.scatter import CLOSE_UP_SIDE, ROOM, Dot, close_up, dots, route, spot, spread

SHORT, MEDIUM, LONG = TimeRange


@pytest.mark.parametrize(("value", "place"), [(60, 0.0), (120, 50.0), (180, 100.0), (59, 0.0), (999, 100.0)])
def test_a_value_never_lies_off_its_axis(value: float, place: float) -> None:
    assert on_axis(value, 60, 180, 100) == place


def test_the_ranges_have_marks_of_different_shapes() -> None:
    square, triangle = (marker(time_range, 0, 0, 5).count("L") + 1 for time_range in (MEDIUM, LONG))
    assert (square, triangle) == (4, 3)
    assert "a5 5" in marker(SHORT, 10, 20, 5)


def test_an_arrow_stops_short_of_both_marks() -> None:
    path = arrow((0, 0), (100, 0), clear=10)
    assert path is not None
    assert path.startswith("M10.0 0.0L")
    assert "M90.0 0.0L" in path


def test_marks_that_touch_have_no_arrow_between_them() -> None:
    assert arrow((0, 0), (20, 0), clear=10) is None
    assert arrow((5, 5), (5, 5), clear=0) is None


@pytest.mark.parametrize(
    ("valence", "energy", "place"),
    [
        (1, 0, (400.0, 400.0)),  # lower right: calm
        (0, 1, (0.0, 0.0)),  # upper left: angry
        (1, 1, (400.0, 0.0)),
        (0, 0, (0.0, 400.0)),
        (0.5, 0.5, (200.0, 200.0)),
    ],
)
def test_valence_goes_right_and_energy_up(valence: float, energy: float, place: tuple[float, float]) -> None:
    assert spot(valence, energy) == place


def test_tracks_at_the_same_spot_know_of_each_other() -> None:
    assert dots([Point(0, 0.5, 0.5), Point(3, 0.5, 0.5), Point(7, 0.25, 1.0)]) == (
        Dot(0, 200.0, 200.0, here=2),
        Dot(3, 200.0, 200.0, here=2),
        Dot(7, 100.0, 0.0, here=1),
    )


def test_the_route_of_the_centre_goes_from_the_first_to_the_last() -> None:
    drawn = route({LONG: Centre(0, 0, 9), MEDIUM: Centre(0.5, 0.5, 9), SHORT: Centre(1, 1, 9)})
    assert [mark.time_range for mark in drawn.marks] == [LONG, MEDIUM, SHORT]
    assert [path.partition("L")[0] for path in drawn.arrows] == ["M5.7 394.3", "M205.7 194.3"]


def test_centres_that_lie_close_are_joined_by_a_line() -> None:
    drawn = route({LONG: Centre(0.5, 0.5, 9), SHORT: Centre(0.55, 0.5, 9)})
    assert drawn.arrows == ("M200.0 200.0L220.0 200.0",)


def test_one_centre_has_no_route() -> None:
    assert route({MEDIUM: Centre(0.5, 0.5, 9)}).arrows == ()


def test_the_close_up_has_the_centres_in_its_middle_at_one_scale() -> None:
    drawn = close_up({LONG: Centre(0.4, 0.5, 9), SHORT: Centre(0.6, 0.5, 9)})
    assert drawn is not None
    far, near = drawn.route.marks
    assert (far.y, near.y) == (CLOSE_UP_SIDE / 2, CLOSE_UP_SIDE / 2)
    assert far.x + near.x == pytest.approx(CLOSE_UP_SIDE)
    assert near.x - far.x == pytest.approx(CLOSE_UP_SIDE / ROOM, abs=0.2)
    assert drawn.frame == (132.0, 132.0, 136.0)
    assert len(drawn.route.arrows) == 1


def test_the_close_up_has_lines_at_round_values_inside_its_field() -> None:
    drawn = close_up({LONG: Centre(0.4, 0.5, 9), SHORT: Centre(0.6, 0.5, 9)})
    assert drawn is not None
    assert [line.value for line in drawn.valence] == [0.4, 0.5, 0.6]
    assert [line.value for line in drawn.energy] == [0.4, 0.5, 0.6]
    assert drawn.energy[0].at > drawn.energy[-1].at


def test_centres_in_a_corner_stay_inside_the_map() -> None:
    drawn = close_up({LONG: Centre(1, 0, 9), SHORT: Centre(1, 0, 9)})
    assert drawn is not None
    x, y, side = drawn.frame
    assert (x + side, y + side) == (400.0, 400.0)
    assert [(mark.x, mark.y) for mark in drawn.route.marks] == [(CLOSE_UP_SIDE, CLOSE_UP_SIDE)] * 2
    assert drawn.route.arrows == ()


def test_labels_of_centres_that_lie_close_are_moved_apart() -> None:
    assert spread([100.0, 100.0, 101.0], gap=18, limit=220) == [100.0, 118.0, 136.0]
    assert spread([220.0, 219.0, 10.0], gap=18, limit=220) == [220.0, 202.0, 10.0]


def test_one_centre_alone_has_no_close_up() -> None:
    assert close_up({SHORT: Centre(0.5, 0.5, 1)}) is None
