"""How a list of tracks sounds, feature by feature: the middle, the spread, the extremes, a histogram.

Pure functions. Values keep Spotify's units: 0-1, dB for loudness, BPM for tempo.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median, quantiles, stdev

from app.music import AudioFeatures

# Each measure and the width of its histogram's bins. The ones on 0-1 have the same ten bins everywhere.
SHARES = (
    "valence",
    "energy",
    "danceability",
    "acousticness",
    "instrumentalness",
    "liveness",
    "speechiness",
)
BIN_WIDTHS = dict.fromkeys(SHARES, 0.1) | {"tempo": 10.0, "loudness": 2.0}
MEASURES = tuple(BIN_WIDTHS)


@dataclass(frozen=True)
class Extreme:
    """A smallest or largest value, and the track that has it; of equals the better-ranked one."""

    value: float
    track_id: str


@dataclass(frozen=True)
class Bin:
    """A histogram's bin: `start` <= value < `end`; the last one of 0-1 takes 1 as well."""

    start: float
    end: float
    count: int


@dataclass(frozen=True)
class Summary:
    """One feature over the tracks where it is known. What needs more values than there are is `None`.

    Quartiles are interpolated linearly, both ends included (Python's `statistics.quantiles`, "inclusive");
    the standard deviation is the sample's. Both need two values.
    """

    count: int
    mean: float | None
    median: float | None
    q1: float | None
    q3: float | None
    stdev: float | None
    min: Extreme | None
    max: Extreme | None
    histogram: tuple[Bin, ...]


def summaries(tracks: Sequence[AudioFeatures | None]) -> dict[str, Summary]:
    """The summary of each measure over `tracks`, best-ranked first."""
    return {measure: summary(tracks, measure) for measure in MEASURES}


def summary(tracks: Sequence[AudioFeatures | None], measure: str) -> Summary:
    """The summary of one measure."""
    known = values_of(tracks, measure)
    values = [value for value, _ in known]
    several = len(values) > 1
    q1, _, q3 = quantiles(values, n=4, method="inclusive") if several else (None, None, None)
    return Summary(
        count=len(values),
        mean=fmean(values) if values else None,
        median=median(values) if values else None,
        q1=q1,
        q3=q3,
        stdev=stdev(values) if several else None,
        min=Extreme(*min(known, key=lambda pair: pair[0])) if known else None,
        max=Extreme(*max(known, key=lambda pair: pair[0])) if known else None,
        histogram=histogram(values, BIN_WIDTHS[measure], whole_scale=measure in SHARES),
    )


def values_of(tracks: Sequence[AudioFeatures | None], measure: str) -> list[tuple[float, str]]:
    """The known values of one measure with their tracks' ids, in rank order."""
    known = ((getattr(features, measure), features.track_id) for features in tracks if features is not None)
    return [(value, track_id) for value, track_id in known if value is not None]


def histogram(values: Sequence[float], width: float, whole_scale: bool) -> tuple[Bin, ...]:
    """Counts in bins of `width`: from 0 to 1 on the `whole_scale`, else from the least value to the greatest.

    Every value is in exactly one bin.
    """
    if whole_scale:
        edges = _edges(0, round(1 / width), width)
    elif values:
        # `//` is exact where a division rounds: a hair below 0 dB is not above it.
        edges = _edges(int(min(values) // width), int(max(values) // width) + 1, width)
    else:
        return ()
    counts = [0] * (len(edges) - 1)
    for value in values:
        # By the edges as they are printed: 0.1 * 3 is a little more than 0.3, and 0.3 belongs above it.
        counts[min(bisect_right(edges, value), len(counts)) - 1] += 1
    return tuple(Bin(*edges_and_count) for edges_and_count in zip(edges, edges[1:], counts, strict=False))


def _edges(first: int, last: int, width: float) -> list[float]:
    return [round(place * width, 9) for place in range(first, last + 1)]
