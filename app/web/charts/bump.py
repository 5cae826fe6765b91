"""A bump chart: who was at which rank in each period, a line each, through the ranks that are shown.

Places are percentages of the chart, so that its letters keep their size; the first rank is on top.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from app.history.leaders import Leaders

LEFT, RIGHT = 6.0, 3.0  # room for half a mark at either side
TONES = 8


class Place(NamedTuple):
    """Somebody's rank in the period at `at`, counted from 0."""

    at: int
    x: float
    y: float
    rank: int
    plays: int
    ms: int


class Segment(NamedTuple):
    """From a place to the next, in periods that follow one another."""

    at: int
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class Line:
    """An artist's way. `tone`: which of the `TONES` looks."""

    name: str
    tone: int
    places: tuple[Place, ...]
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Bump:
    """The chart. `periods`: their names, each with its x; `ranks`: those that are shown, each with its y.

    `tones`: the look of each line by its artist's number.
    """

    periods: tuple[tuple[str, float], ...]
    ranks: tuple[tuple[int, float], ...]
    lines: tuple[Line, ...]
    tones: Mapping[int, int]


def bump(leaders: Sequence[Leaders], ranks: int) -> Bump:
    """The chart of the first so many of each period."""
    step = (100 - LEFT - RIGHT) / max(len(leaders) - 1, 1)
    xs = [round(LEFT + at * step, 3) if len(leaders) > 1 else 50.0 for at in range(len(leaders))]
    ys = [round((rank - 0.5) / ranks * 100, 3) for rank in range(1, ranks + 1)]
    places: dict[int, list[Place]] = {}
    names: dict[int, str] = {}
    for at, period in enumerate(leaders):
        for artist in period.artists[:ranks]:
            names[artist.number] = artist.name
            place = Place(at, xs[at], ys[artist.rank - 1], artist.rank, artist.plays, artist.ms)
            places.setdefault(artist.number, []).append(place)
    # Those with the longest lines first: they are the ones to tell apart.
    by_length = sorted(places, key=lambda number: -len(places[number]))
    tones = {number: nth % TONES for nth, number in enumerate(by_length)}
    lines = tuple(
        Line(names[number], tones[number], tuple(found), _segments(found)) for number, found in places.items()
    )
    periods = tuple((period.period, x) for period, x in zip(leaders, xs, strict=True))
    return Bump(periods, tuple(enumerate(ys, 1)), lines, tones)


def _segments(places: Sequence[Place]) -> tuple[Segment, ...]:
    pairs = pairwise(places)
    return tuple(
        Segment(after.at, before.x, before.y, after.x, after.y)
        for before, after in pairs
        if after.at == before.at + 1
    )
