"""The tempo's histogram with its named bands, on an axis of BPM.

The axis always holds `SHOWN`, so that the bands keep their places, and more where a track lies beyond.
Labels stand in two rows by turns: neighbours never meet.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.stats.sound import Bin
from app.stats.tempo import Band
from app.web.charts.histogram import Histogram, histogram
from app.web.charts.scale import on_axis

SHOWN = (60.0, 180.0)
WIDTH, HEIGHT = 360.0, 130.0
TICK_ROOM = 22.0
LETTER = 6.2  # the width of a letter of a label, at most


@dataclass(frozen=True)
class BandField:
    """A band's part of the field; its label stands at `label_x` in row 0 or 1."""

    name: str
    x: float
    width: float
    label_x: float
    row: int


@dataclass(frozen=True)
class BandBar:
    """A band in the list beside the chart. `bar` is its share, on 0-100."""

    name: str
    mark: str
    bounds: str
    count: int
    bar: float


@dataclass(frozen=True)
class TempoChart:
    """The chart, and the list beside it."""

    histogram: Histogram
    fields: tuple[BandField, ...]
    bands: tuple[BandBar, ...]


def tempo_chart(bins: Sequence[Bin], bands: Sequence[Band]) -> TempoChart:
    """The chart of at least one bin; ticks are where a band begins."""
    of = min(SHOWN[0], bins[0].start), max(SHOWN[1], bins[-1].end)
    total = sum(band.count for band in bands)
    return TempoChart(
        histogram=histogram(bins, "{:.0f}".format, of, marks(bands, of), WIDTH, HEIGHT),
        fields=tuple(field(band, row % 2, of) for row, band in enumerate(bands)),
        bands=tuple(
            BandBar(band.name, band.mark, bounds(band), band.count, round(band.count / total * 100, 1))
            for band in bands
        ),
    )


def marks(bands: Sequence[Band], of: tuple[float, float]) -> list[float]:
    """The axis' ends, and where bands begin between them, as far as there is room for labels."""
    start, end = of
    chosen = [start]
    for band in bands:
        apart = on_axis(band.start, start, end, WIDTH) - on_axis(chosen[-1], start, end, WIDTH)
        if apart >= TICK_ROOM and WIDTH - on_axis(band.start, start, end, WIDTH) >= TICK_ROOM:
            chosen.append(band.start)
    return [*chosen, end]


def field(band: Band, row: int, of: tuple[float, float]) -> BandField:
    """A band's part of the field, with its label as near to the middle as the field's edges allow."""
    left = on_axis(band.start, *of, WIDTH)
    right = on_axis(of[1] if band.end is None else band.end, *of, WIDTH)
    half = len(band.name) * LETTER / 2
    middle = min(max((left + right) / 2, half), WIDTH - half)
    return BandField(band.name, left, round(right - left, 1), round(middle, 1), row)


def bounds(band: Band) -> str:
    """From where to where a band goes, in words."""
    if band.end is None:
        return f"{band.start} BPM and more"
    return f"below {band.end} BPM" if band.start == 0 else f"{band.start} to {band.end} BPM"
