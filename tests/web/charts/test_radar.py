"""The radar's geometry, and the places of values on a bar."""

import pytest

from app.web.charts.radar import radar
from app.web.charts.scale import on_bar

FULL: dict[str, float | None] = {"A": 1.0, "B": 1.0, "C": 1.0, "D": 1.0}
HALF: dict[str, float | None] = dict.fromkeys(FULL, 0.5)
UNKNOWN: dict[str, float | None] = dict.fromkeys(FULL)


def test_the_radar_goes_clockwise_from_the_top_with_a_polygon_for_each_series() -> None:
    drawn = radar({"year": FULL, "weeks": HALF})
    assert drawn is not None
    assert [(spoke.name, spoke.x, spoke.y, spoke.shares) for spoke in drawn.spokes] == [
        ("A", 0.0, -100.0, (1.0, 0.5)),
        ("B", 100.0, 0.0, (1.0, 0.5)),
        ("C", 0.0, 100.0, (1.0, 0.5)),
        ("D", -100.0, 0.0, (1.0, 0.5)),
    ]
    assert drawn.polygons == {
        "year": ((0.0, -100.0), (100.0, 0.0), (0.0, 100.0), (-100.0, 0.0)),
        "weeks": ((0.0, -50.0), (50.0, 0.0), (0.0, 50.0), (-50.0, 0.0)),
    }


def test_labels_outside_the_rim_lean_away() -> None:
    drawn = radar({"year": FULL})
    assert drawn is not None
    assert [spoke.anchor for spoke in drawn.spokes] == ["middle", "start", "middle", "end"]


def test_the_first_spoke_may_stand_half_a_step_before_the_top() -> None:
    drawn = radar({"mean": FULL}, first=-0.5)
    assert drawn is not None
    assert [(spoke.x, spoke.y) for spoke in drawn.spokes] == [
        (-70.7, -70.7),
        (70.7, -70.7),
        (70.7, 70.7),
        (-70.7, 70.7),
    ]


def test_a_name_that_one_series_lacks_has_no_spoke_and_an_unknown_series_no_polygon() -> None:
    drawn = radar({"year": FULL, "months": UNKNOWN, "weeks": FULL | {"D": None}})
    assert drawn is not None
    assert [spoke.name for spoke in drawn.spokes] == ["A", "B", "C"]
    assert list(drawn.polygons) == ["year", "weeks"]


def test_fewer_than_three_known_names_make_no_radar() -> None:
    assert radar({"mean": FULL | {"C": None, "D": None}, "median": FULL}) is None
    assert radar({"mean": UNKNOWN}) is None


@pytest.mark.parametrize(("share", "place"), [(-0.2, 0.0), (1.3, 100.0), (0.255, 25.5)])
def test_bars_stay_on_their_rail(share: float, place: float) -> None:
    assert on_bar(share) == place
