"""The mood map as a scatter chart: every track a dot, the centres of the ranges, and those close up.

The map is a square of `SIDE`, valence to the right, energy up; its corners are 0 and 1 of each. The close-up
is a square of `CLOSE_UP_SIDE` with both axes at the same scale.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from app.music import TimeRange
from app.stats.mood_map import Centre, Point
from app.web.charts.markers import arrow, marker
from app.web.charts.scale import on_axis

SIDE, CLOSE_UP_SIDE = 400.0, 220.0
MARK = 6.5
CLEAR, CLOSE_UP_CLEAR = 8.0, 9.0  # an arrow ends this far from a mark's middle
LABEL_GAP = 18.0
LEAST_SPAN = 0.08
ROOM = 1.7  # the close-up shows this much more than the centres need
STEPS = (0.02, 0.05, 0.1, 0.25)


class Dot(NamedTuple):
    """A track's place. `place` counts the tracks from 0; `here` is how many share the spot."""

    place: int
    x: float
    y: float
    here: int


class Mark(NamedTuple):
    """The centre of one range, as an SVG path round (x, y)."""

    time_range: TimeRange
    x: float
    y: float
    path: str


class Route(NamedTuple):
    """The centres from the longest range to the shortest, and the arrows between them as SVG paths."""

    marks: tuple[Mark, ...]
    arrows: tuple[str, ...]


class Line(NamedTuple):
    """A line of the close-up's grid, at a round value."""

    at: float
    value: float


@dataclass(frozen=True)
class CloseUp:
    """The close-up. `label_y`: each mark's label's height; `frame`: its square (x, y, side) on the map."""

    route: Route
    label_y: tuple[float, ...]
    valence: tuple[Line, ...]
    energy: tuple[Line, ...]
    frame: tuple[float, float, float]


def dots(shown: Sequence[Point]) -> tuple[Dot, ...]:
    """Every point's place on the map."""
    spots = [spot(point.valence, point.energy) for point in shown]
    sharing = Counter(spots)
    return tuple(Dot(point.place, *at, sharing[at]) for point, at in zip(shown, spots, strict=True))


def spot(valence: float, energy: float) -> tuple[float, float]:
    """A place on the map: `spot(1, 0)` is the lower right corner."""
    return on_axis(valence, 0, 1, SIDE), on_axis(1 - energy, 0, 1, SIDE)


def route(centres: Mapping[TimeRange, Centre]) -> Route:
    """The marks of `centres`, given longest range first. An arrow without room for its head is a line."""
    marks = [_mark(time_range, *spot(at.valence, at.energy)) for time_range, at in centres.items()]
    arrows = [arrow((a.x, a.y), (b.x, b.y), CLEAR) or f"M{a.x} {a.y}L{b.x} {b.y}" for a, b in pairwise(marks)]
    return Route(tuple(marks), tuple(arrows))


def close_up(centres: Mapping[TimeRange, Centre]) -> CloseUp | None:
    """The close-up of `centres`, given longest range first; `None` where there are fewer than two."""
    if len(centres) < 2:
        return None
    across = [centre.valence for centre in centres.values()]
    up = [centre.energy for centre in centres.values()]
    span = min(max(LEAST_SPAN, ROOM * (max(across) - min(across)), ROOM * (max(up) - min(up))), 1.0)
    left, low = start_of(across, span), start_of(up, span)

    def x_of(valence: float) -> float:
        return on_axis(valence, left, left + span, CLOSE_UP_SIDE)

    def y_of(energy: float) -> float:
        return round(CLOSE_UP_SIDE - on_axis(energy, low, low + span, CLOSE_UP_SIDE), 1)

    marks = [_mark(time_range, x_of(at.valence), y_of(at.energy)) for time_range, at in centres.items()]
    arrows = [arrow((a.x, a.y), (b.x, b.y), CLOSE_UP_CLEAR) for a, b in pairwise(marks)]
    return CloseUp(
        route=Route(tuple(marks), tuple(path for path in arrows if path)),
        label_y=tuple(spread([mark.y for mark in marks], LABEL_GAP, CLOSE_UP_SIDE)),
        valence=tuple(Line(x_of(value), value) for value in grid(left, span)),
        energy=tuple(Line(y_of(value), value) for value in grid(low, span)),
        frame=(*spot(left, low + span), round(span * SIDE, 1)),
    )


def _mark(time_range: TimeRange, x: float, y: float) -> Mark:
    return Mark(time_range, x, y, marker(time_range, x, y, MARK))


def start_of(values: Sequence[float], span: float) -> float:
    """Where a window of `span` begins that has `values` in its middle and stays within 0-1."""
    return min(max((min(values) + max(values) - span) / 2, 0.0), 1.0 - span)


def grid(start: float, span: float) -> list[float]:
    """The round values inside a window, about five at most."""
    step = next((step for step in STEPS if span / step <= 5), STEPS[-1])
    values = (round(n * step, 9) for n in range(round(1 / step) + 1))
    return [value for value in values if start + step / 10 < value < start + span - step / 10]


def spread(heights: Sequence[float], gap: float, limit: float) -> list[float]:
    """The heights moved apart to at least `gap`, in the same order, none below `limit`."""
    order = sorted(range(len(heights)), key=lambda n: heights[n])
    placed = [0.0] * len(heights)
    least = 0.0
    for n in order:
        placed[n] = max(heights[n], least)
        least = placed[n] + gap
    most = limit
    for n in reversed(order):
        placed[n] = round(min(placed[n], most), 1)
        most = placed[n] - gap
    return placed
