"""The three ranges in one radar: a polygon and marks for each, over the measures known in all of them.

The centre is (0, 0) and the rim has radius 100, as in the overview's radar.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.music import TimeRange
from app.web.charts.markers import marker
from app.web.charts.radar import point_at, polygon
from app.web.charts.scale import on_bar
from app.web.charts.shared import RADIUS, RINGS

MARK = 3.2
LABEL_RADIUS = 112.0
UPRIGHT = 15.0  # nearer to the middle line than this, a label is centred


@dataclass(frozen=True)
class Axis:
    """A measure's spoke, and where its label stands."""

    label: str
    x: float
    y: float
    label_x: float
    label_y: float
    anchor: str


@dataclass(frozen=True)
class Series:
    """One range: its polygon and a mark on each spoke. `value` is the range's own name, for its class."""

    value: str
    label: str
    polygon: str
    marks: tuple[str, ...]


@dataclass(frozen=True)
class RangeRadar:
    """The radar. The first series is drawn lowest."""

    rings: tuple[int, ...]
    axes: tuple[Axis, ...]
    series: tuple[Series, ...]


def range_radar(
    means: Mapping[TimeRange, Mapping[str, float | None]], names: Mapping[str, str]
) -> RangeRadar | None:
    """The radar of the measures in `names` (measure: label), clockwise from the top.

    `means` are given longest range first, which is drawn lowest. A range of which nothing is known is left
    out, and so is a measure that one of the others lacks; `None` where fewer than three measures remain.
    """
    drawn = {one: of for one, of in means.items() if any(of[name] is not None for name in names)}
    known = [name for name in names if all(of[name] is not None for of in drawn.values())]
    if not drawn or len(known) < 3:
        return None
    turns = [place / len(known) for place in range(len(known))]
    return RangeRadar(
        rings=RINGS,
        axes=tuple(axis(names[name], turn) for name, turn in zip(known, turns, strict=True)),
        series=tuple(series(one, [of[name] or 0.0 for name in known], turns) for one, of in drawn.items()),
    )


def axis(label: str, turn: float) -> Axis:
    """The spoke at `turn`, its label outside the rim."""
    x, y = point_at(turn, LABEL_RADIUS)
    anchor = "middle" if abs(x) < UPRIGHT else "start" if x > 0 else "end"
    return Axis(label, *point_at(turn, RADIUS), x, y, anchor)


def series(time_range: TimeRange, shares: Sequence[float], turns: Sequence[float]) -> Series:
    """One range's polygon and marks."""
    corners = [
        point_at(turn, on_bar(share) / 100 * RADIUS) for share, turn in zip(shares, turns, strict=True)
    ]
    return Series(
        time_range.value,
        time_range.label,
        polygon(shares, turns),
        tuple(marker(time_range, x, y, MARK) for x, y in corners),
    )
