"""Valence and energy over time as two lines, on a scale from just below the least to just above the greatest.

Places are percentages of the chart, so that its letters keep their size. Values are shares of 1.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

STEP = 0.05  # the scale begins and ends at a multiple of it
_LEFT, _TOP, _FLOOR = 8.0, 3.0, 97.0

Means = tuple[float | None, float | None]  # of a period: valence and energy, `None` where unknown


class Point(NamedTuple):
    """A period at `x`, reaching from `begin` on over `width`; `valence` and `energy` are their heights."""

    x: float
    begin: float
    width: float
    valence: float | None
    energy: float | None


class Stroke(NamedTuple):
    """From a known mean to the next."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class MoodLines:
    """The chart. `levels`: its scale, each value with its height; `points` are the periods'."""

    low: float
    high: float
    levels: tuple[tuple[float, float], ...]
    points: tuple[Point, ...]
    valence: tuple[Stroke, ...]
    energy: tuple[Stroke, ...]


def mood_lines(periods: Sequence[Means]) -> MoodLines:
    """The chart of periods, of which at least one is known."""
    known = [mean for means in periods for mean in means if mean is not None]
    low = math.floor(min(known) / STEP) * STEP
    high = max(math.ceil(max(known) / STEP) * STEP, low + 2 * STEP)

    def height(mean: float | None) -> float | None:
        return None if mean is None else round(_FLOOR - (_FLOOR - _TOP) * (mean - low) / (high - low), 2)

    width = (100 - _LEFT) / len(periods)
    points = tuple(
        Point(
            x=round(_LEFT + (at + 0.5) * width, 3),
            begin=round(_LEFT + at * width, 3),
            width=round(width, 3),
            valence=height(valence),
            energy=height(energy),
        )
        for at, (valence, energy) in enumerate(periods)
    )
    levels = tuple((level, height(level) or 0.0) for level in (low, (low + high) / 2, high))
    return MoodLines(low, high, levels, points, _strokes(points, 3), _strokes(points, 4))


def _strokes(points: Sequence[Point], field: int) -> tuple[Stroke, ...]:
    known = [(point.x, point[field]) for point in points if point[field] is not None]
    return tuple(
        Stroke(x1, y1, x2, y2) for (x1, y1), (x2, y2) in pairwise(known) if y1 is not None and y2 is not None
    )
