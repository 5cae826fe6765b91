"""A histogram: bars on a field of `width` by `height`, and under it the values' range in one line.

A bar's height is in proportion to its count, and the highest leaves `HEADROOM` for the number above it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.stats.sound import Bin, Summary
from app.web.charts.scale import on_axis

WIDTH, HEIGHT = 320.0, 96.0
HEADROOM = 15.0
GAP = 1.0  # on either side of a bar
LEAST_STEPS = 6  # a field is at least this many bins wide
MOST_TICKS = 5
LABELLED = 10.0  # narrower bars have no room for their number


@dataclass(frozen=True)
class Bar:
    """A bar that is not empty; its number stands over `middle`, at `y`, where there is room."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    count: int
    labelled: bool


@dataclass(frozen=True)
class Tick:
    """A labelled place on the axis. `anchor` keeps the label within the field."""

    x: float
    label: str
    anchor: str


@dataclass(frozen=True)
class Box:
    """From the least to the greatest value, the quartiles, the median and the mean, as places on the axis.

    `q1` and `q3` are `None` where there is one value only.
    """

    low: float
    high: float
    q1: float | None
    q3: float | None
    median: float
    mean: float

    @property
    def half(self) -> float:
        """The width of the middle half."""
        return round((self.q3 or 0.0) - (self.q1 or 0.0), 1)


@dataclass(frozen=True)
class Histogram:
    """The bars and their axis."""

    width: float
    height: float
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]


def domain(bins: Sequence[Bin]) -> tuple[float, float]:
    """From where to where the axis goes: all bins, and more on both sides where they are few."""
    width = bins[0].end - bins[0].start
    lacking = max(LEAST_STEPS - len(bins), 0)
    before = lacking // 2
    return bins[0].start - before * width, bins[-1].end + (lacking - before) * width


def histogram(
    bins: Sequence[Bin],
    say: Callable[[float], str],
    of: tuple[float, float],
    marks: Sequence[float] = (),
    width: float = WIDTH,
    height: float = HEIGHT,
) -> Histogram:
    """The histogram on an axis `of` (start, end). `say` words a tick; `marks` are ticks to use instead."""
    start, end = of
    peak = max(one.count for one in bins)
    bars = []
    for one in bins:
        if not one.count:
            continue
        left, right = (on_axis(edge, start, end, width) for edge in (one.start, one.end))
        tall = round(one.count / peak * (height - HEADROOM), 1)
        bars.append(
            Bar(
                x=round(left + GAP, 1),
                y=round(height - tall, 1),
                width=round(max(right - left - 2 * GAP, 1.0), 1),
                height=tall,
                middle=round((left + right) / 2, 1),
                count=one.count,
                labelled=right - left >= LABELLED,
            )
        )
    step = bins[0].end - bins[0].start
    return Histogram(
        width, height, tuple(bars), ticks(start, end, marks or edges(start, end, step), say, width)
    )


def ticks(
    start: float, end: float, marks: Sequence[float], say: Callable[[float], str], width: float
) -> tuple[Tick, ...]:
    """The labelled places; the first and the last keep their labels inside."""
    anchors = {start: "start", end: "end"}
    return tuple(Tick(on_axis(at, start, end, width), say(at), anchors.get(at, "middle")) for at in marks)


def edges(start: float, end: float, step: float) -> list[float]:
    """A few of the bins' edges, evenly apart: at most `MOST_TICKS`."""
    count = round((end - start) / step)
    every = next(n for n in range(1, count + 1) if count // n < MOST_TICKS)
    return [round(start + n * step, 9) for n in range(0, count + 1, every)]


def box(summary: Summary, of: tuple[float, float], width: float = WIDTH) -> Box | None:
    """The line under the bars; `None` where nothing is known."""
    if summary.min is None or summary.max is None or summary.median is None or summary.mean is None:
        return None
    start, end = of

    def place(value: float) -> float:
        return on_axis(value, start, end, width)

    return Box(
        low=place(summary.min.value),
        high=place(summary.max.value),
        q1=None if summary.q1 is None else place(summary.q1),
        q3=None if summary.q3 is None else place(summary.q3),
        median=place(summary.median),
        mean=place(summary.mean),
    )
