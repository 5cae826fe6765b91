"""The middle of the mood map close up: where the centre of each range lies, and the arrows between them.

The field is a square of `SIDE` with both axes at the same scale; labels stand to its right, at `LABEL_X`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.music import TimeRange
from app.stats.mood_map import Centre
from app.web.charts.markers import arrow, marker
from app.web.charts.mood_map import SIDE as MAP_SIDE
from app.web.charts.mood_map import spot
from app.web.charts.scale import on_axis
from app.web.format import percent

SIDE = 220.0
MARK = 6.5
CLEAR = 9.0  # an arrow ends this far from a mark's middle
LABEL_X = SIDE + 22
LABEL_GAP = 18.0
LEAST_SPAN = 0.08
ROOM = 1.7  # the field is this much wider than the centres need
STEPS = (0.02, 0.05, 0.1, 0.25)


@dataclass(frozen=True)
class Named:
    """A centre: its mark, and its label's height."""

    value: str
    label: str
    path: str
    x: float
    y: float
    label_y: float


@dataclass(frozen=True)
class Line:
    """A line of the grid and its label."""

    at: float
    label: str


@dataclass(frozen=True)
class CloseUp:
    """The close-up, and `frame`, the square (x, y, side) that it enlarges on the map."""

    centres: tuple[Named, ...]
    arrows: tuple[str, ...]
    valence: tuple[Line, ...]
    energy: tuple[Line, ...]
    frame: tuple[float, float, float]


def close_up(centres: Mapping[TimeRange, Centre]) -> CloseUp | None:
    """The close-up of `centres`, given longest range first; `None` where there are fewer than two."""
    if len(centres) < 2:
        return None
    across = [one.valence for one in centres.values()]
    up = [one.energy for one in centres.values()]
    span = min(max(LEAST_SPAN, ROOM * (max(across) - min(across)), ROOM * (max(up) - min(up))), 1.0)
    left, low = start_of(across, span), start_of(up, span)
    places = [
        (one, on_axis(at.valence, left, left + span, SIDE), SIDE - on_axis(at.energy, low, low + span, SIDE))
        for one, at in centres.items()
    ]
    heights = spread([y for _, _, y in places], LABEL_GAP, SIDE)
    drawn = (arrow(a[1:], b[1:], CLEAR) for a, b in pairwise(places))
    return CloseUp(
        centres=tuple(
            Named(one.value, one.label, marker(one, x, y, MARK), round(x, 1), round(y, 1), height)
            for (one, x, y), height in zip(places, heights, strict=True)
        ),
        arrows=tuple(one for one in drawn if one),
        valence=tuple(Line(on_axis(v, left, left + span, SIDE), percent(v)) for v in grid(left, span)),
        energy=tuple(
            Line(round(SIDE - on_axis(v, low, low + span, SIDE), 1), percent(v)) for v in grid(low, span)
        ),
        frame=(*spot(left, low + span), round(span * MAP_SIDE, 1)),
    )


def start_of(values: Sequence[float], span: float) -> float:
    """Where a window of `span` begins that has `values` in its middle and stays within 0-1."""
    return min(max((min(values) + max(values) - span) / 2, 0.0), 1.0 - span)


def grid(start: float, span: float) -> list[float]:
    """The round values inside a window, about five at most."""
    step = next((one for one in STEPS if span / one <= 5), STEPS[-1])
    found = (round(n * step, 9) for n in range(round(1 / step) + 1))
    return [value for value in found if start + step / 10 < value < start + span - step / 10]


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
