"""The radar's geometry, and the places of values on a bar."""

import pytest

from app.web.charts.radar import radar
from app.web.charts.scale import on_bar


def test_the_radar_starts_at_the_upper_left_and_goes_clockwise() -> None:
    drawn = radar([(name, 1.0, 0.5) for name in ("NW", "NE", "SE", "SW")])
    assert drawn is not None
    assert [(s.name, s.value, s.x, s.y) for s in drawn.spokes] == [
        ("NW", 1.0, -70.7, -70.7),
        ("NE", 1.0, 70.7, -70.7),
        ("SE", 1.0, 70.7, 70.7),
        ("SW", 1.0, -70.7, 70.7),
    ]
    assert [(s.label_x, s.label_y) for s in drawn.spokes] == [
        (-84.8, -112.0),
        (84.8, -112.0),
        (84.8, 112.0),
        (-84.8, 112.0),
    ]
    assert drawn.mean == "-70.7,-70.7 70.7,-70.7 70.7,70.7 -70.7,70.7"
    assert drawn.median == "-35.4,-35.4 35.4,-35.4 35.4,35.4 -35.4,35.4"


def test_fewer_than_three_known_features_make_no_radar() -> None:
    assert radar([("A", 0.5, 0.5), ("B", 0.5, 0.5), ("C", None, None), ("D", 0.5, None)]) is None


@pytest.mark.parametrize(("share", "place"), [(-0.2, 0.0), (1.3, 100.0), (0.255, 25.5)])
def test_bars_stay_on_their_rail(share: float, place: float) -> None:
    assert on_bar(share) == place
