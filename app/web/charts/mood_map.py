"""The mood map: a square of `SIDE`, valence to the right, energy up; the corners are 0 and 1 of each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.music import TimeRange
from app.stats.mood_map import Centre, Point
from app.web.charts.markers import arrow, marker
from app.web.charts.scale import on_axis

SIDE = 400.0
MARK = 6.5
CLEAR = 8.0  # an arrow ends this far from a mark's middle


@dataclass(frozen=True)
class Dot:
    """A track's place. `place` counts the tracks from 0; `here` is how many share the spot."""

    place: int
    x: float
    y: float
    here: int


@dataclass(frozen=True)
class Mark:
    """The centre of one range, as an SVG path. `value` is the range's own name, for its class."""

    value: str
    x: float
    y: float
    path: str


@dataclass(frozen=True)
class Route:
    """The centres from the longest range to the shortest, and the arrows between them."""

    marks: tuple[Mark, ...]
    arrows: tuple[str, ...]


def dots(shown: Sequence[Point]) -> tuple[Dot, ...]:
    """Every point's place on the map."""
    spots = [spot(point.valence, point.energy) for point in shown]
    crowd = Counter(spots)
    return tuple(Dot(point.place, *at, crowd[at]) for point, at in zip(shown, spots, strict=True))


def spot(valence: float, energy: float) -> tuple[float, float]:
    """A place on the map: `spot(1, 0)` is the lower right corner."""
    return on_axis(valence, 0, 1, SIDE), on_axis(1 - energy, 0, 1, SIDE)


def route(centres: Mapping[TimeRange, Centre]) -> Route:
    """The marks of `centres`, given longest range first. An arrow without room for its head is a line."""
    found = [(one, *spot(at.valence, at.energy)) for one, at in centres.items()]
    marks = tuple(Mark(one.value, x, y, marker(one, x, y, MARK)) for one, x, y in found)
    arrows = tuple(
        arrow((a.x, a.y), (b.x, b.y), CLEAR) or f"M{a.x} {a.y}L{b.x} {b.y}" for a, b in pairwise(marks)
    )
    return Route(marks, arrows)
