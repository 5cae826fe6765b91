"""A histogram: bars on a field of `width` by `height`, and under it the values' range in one line.

A bar's height is in proportion to its tracks, and the highest leaves `HEADROOM` for the number above it. The
tempo's histogram has named bands behind the bars; its axis always holds `TEMPO_AXIS`, so that they keep their
places.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from app.stats.sound import Bin, Summary
from app.stats.tempo import Band
from app.web.charts.scale import on_axis

WIDTH, HEIGHT = 320.0, 96.0
HEADROOM = 15.0
GAP = 1.0  # on either side of a bar
LEAST_STEPS = 6  # a field is at least this many bins wide
MOST_TICKS = 5
LABELLED = 10.0  # narrower bars have no room for their number
TEMPO_AXIS = (60.0, 180.0)
TEMPO_WIDTH, TEMPO_HEIGHT = 360.0, 130.0
TICK_ROOM = 22.0
LETTER = 6.2  # the width of a letter of a band's label, at most

Axis = tuple[float, float]  # from where to where it goes, in the values' unit


class Bar(NamedTuple):
    """A bar that is not empty, of values from `start` to below `end`.

    Its number stands over `middle`, at `y`, where there is room.
    """

    x: float
    y: float
    width: float
    height: float
    middle: float
    tracks: int
    labelled: bool
    start: float
    end: float


class Tick(NamedTuple):
    """A value on the axis to be labelled. `anchor` keeps the label within the field."""

    x: float
    value: float
    anchor: str


class Box(NamedTuple):
    """From the least to the greatest value, the quartiles, the median and the mean, as places on the axis.

    `q1` and `q3` are `None` where there is one value only.
    """

    low: float
    high: float
    q1: float | None
    q3: float | None
    median: float
    mean: float


class BandArea(NamedTuple):
    """A named part of the axis, with the middle of its label."""

    name: str
    x: float
    width: float
    label_x: float


@dataclass(frozen=True)
class Histogram:
    """The bars and their axis."""

    width: float
    height: float
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    box: Box
    bands: tuple[BandArea, ...] = ()


def histogram(
    summary: Summary,
    axis: Axis | None = None,
    marks: Sequence[float] = (),
    width: float = WIDTH,
    height: float = HEIGHT,
) -> Histogram | None:
    """The histogram of a summary, `None` where nothing is known.

    `axis` fits the bins where it isn't given. `marks`: the ticks, instead of some of the bins' edges.
    """
    bins = summary.histogram
    if summary.min is None or summary.max is None or summary.median is None or summary.mean is None:
        return None
    start, end = axis = axis or fitting_axis(bins)

    def place(value: float) -> float:
        return on_axis(value, start, end, width)

    peak = max(one.count for one in bins)
    anchors = {start: "start", end: "end"}
    return Histogram(
        width=width,
        height=height,
        bars=tuple(_bar(one, place(one.start), place(one.end), peak, height) for one in bins if one.count),
        ticks=tuple(
            Tick(place(value), value, anchors.get(value, "middle")) for value in marks or edges(bins, axis)
        ),
        box=Box(
            low=place(summary.min.value),
            high=place(summary.max.value),
            q1=None if summary.q1 is None else place(summary.q1),
            q3=None if summary.q3 is None else place(summary.q3),
            median=place(summary.median),
            mean=place(summary.mean),
        ),
    )


def tempo_histogram(summary: Summary, bands: Sequence[Band]) -> Histogram | None:
    """The tempo's histogram over its bands; ticks are where a band begins."""
    if not summary.histogram:
        return None
    axis = (
        min(TEMPO_AXIS[0], summary.histogram[0].start),
        max(TEMPO_AXIS[1], summary.histogram[-1].end),
    )
    drawn = histogram(summary, axis, band_starts(bands, axis), TEMPO_WIDTH, TEMPO_HEIGHT)
    return drawn and replace(drawn, bands=tuple(_band_area(band, axis) for band in bands))


def _bar(bin_: Bin, left: float, right: float, peak: int, height: float) -> Bar:
    tall = round(bin_.count / peak * (height - HEADROOM), 1)
    return Bar(
        x=round(left + GAP, 1),
        y=round(height - tall, 1),
        width=round(max(right - left - 2 * GAP, 1.0), 1),
        height=tall,
        middle=round((left + right) / 2, 1),
        tracks=bin_.count,
        labelled=right - left >= LABELLED,
        start=bin_.start,
        end=bin_.end,
    )


def fitting_axis(bins: Sequence[Bin]) -> Axis:
    """An axis that holds all bins, and more on both sides where they are few."""
    width = bins[0].end - bins[0].start
    lacking = max(LEAST_STEPS - len(bins), 0)
    before = lacking // 2
    return bins[0].start - before * width, bins[-1].end + (lacking - before) * width


def edges(bins: Sequence[Bin], axis: Axis) -> list[float]:
    """A few of the bins' edges, evenly apart: at most `MOST_TICKS`."""
    start, end = axis
    step = bins[0].end - bins[0].start
    count = round((end - start) / step)
    every = next(n for n in range(1, count + 1) if count // n < MOST_TICKS)
    return [round(start + n * step, 9) for n in range(0, count + 1, every)]


def band_starts(bands: Sequence[Band], axis: Axis) -> list[float]:
    """The axis' ends, and where bands begin between them, as far as there is room for labels."""
    start, end = axis
    chosen = [start]
    for band in bands:
        x = on_axis(band.start, start, end, TEMPO_WIDTH)
        if x - on_axis(chosen[-1], start, end, TEMPO_WIDTH) >= TICK_ROOM and TEMPO_WIDTH - x >= TICK_ROOM:
            chosen.append(band.start)
    return [*chosen, end]


def _band_area(band: Band, axis: Axis) -> BandArea:
    """A band's part of the axis, with its label as near to the middle as the field's edges allow."""
    left = on_axis(band.start, *axis, TEMPO_WIDTH)
    right = on_axis(axis[1] if band.end is None else band.end, *axis, TEMPO_WIDTH)
    half = len(band.name) * LETTER / 2
    middle = min(max((left + right) / 2, half), TEMPO_WIDTH - half)
    return BandArea(band.name, left, round(right - left, 1), round(middle, 1))
