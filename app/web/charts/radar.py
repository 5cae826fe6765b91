"""A radar: a polygon over named shares. Its centre is (0, 0), its outer ring has radius 100."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.web.charts.scale import on_bar

RADIUS = 100.0
LABEL_X, LABEL_Y = 1.2, 112.0


@dataclass(frozen=True)
class Spoke:
    """An axis: its outer end, and the middle of its label, above or below the circle."""

    name: str
    value: float
    x: float
    y: float
    label_x: float
    label_y: float


@dataclass(frozen=True)
class Radar:
    """`mean` and `median` are the points of an SVG polygon, in the order of `spokes`."""

    spokes: tuple[Spoke, ...]
    mean: str
    median: str


def radar(figures: Sequence[tuple[str, float | None, float | None]]) -> Radar | None:
    """The radar of shares (name, mean, median), clockwise from the upper left.

    Unknown ones have no spoke; `None` where fewer than three are known.
    """
    known = [
        (name, mean, median) for name, mean, median in figures if mean is not None and median is not None
    ]
    if len(known) < 3:
        return None
    turns = [(index - 0.5) / len(known) for index in range(len(known))]
    return Radar(
        spokes=tuple(_spoke(name, mean, turn) for (name, mean, _), turn in zip(known, turns, strict=True)),
        mean=polygon([mean for _, mean, _ in known], turns),
        median=polygon([median for _, _, median in known], turns),
    )


def _spoke(name: str, mean: float, turn: float) -> Spoke:
    x, y = point_at(turn, RADIUS)
    return Spoke(name, mean, x, y, round(x * LABEL_X, 1), math.copysign(LABEL_Y, y))


def polygon(shares: Sequence[float], turns: Sequence[float]) -> str:
    """The points of an SVG polygon, one for each share."""
    corners = [
        point_at(turn, on_bar(share) / 100 * RADIUS) for share, turn in zip(shares, turns, strict=True)
    ]
    return " ".join(f"{x},{y}" for x, y in corners)


def point_at(turn: float, radius: float) -> tuple[float, float]:
    """A point, rounded to a tenth. `turn` is the share of the circle from the top, clockwise."""
    angle = turn * math.tau
    # Adding zero turns -0.0 into 0.0.
    return round(math.sin(angle) * radius, 1) + 0.0, round(-math.cos(angle) * radius, 1) + 0.0
