"""Mood: what the audio features of a list of tracks say together. Pure functions.

Figures are over known values only; coverage says how many of how many. Values keep Spotify's units.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from app.music import AudioFeatures
from app.stats.keys import KeySignature, most_common_key


@dataclass(frozen=True)
class Coverage:
    """How many of the items are known."""

    known: int
    total: int


@dataclass(frozen=True)
class Figure:
    """The middle of one feature over the tracks where it is known; both `None` when none is."""

    mean: float | None
    median: float | None


@dataclass(frozen=True)
class Mood:
    """The mood of a list of tracks. `sources` counts the known tracks by provider."""

    coverage: Coverage
    sources: dict[str, int]
    valence: Figure
    energy: Figure
    danceability: Figure
    instrumentalness: Figure
    key: KeySignature | None


def mood_of(tracks: Sequence[AudioFeatures | None]) -> Mood:
    """The mood of `tracks`, best-ranked first; `None` stands for a track of which nothing is known."""
    known = [features for features in tracks if features is not None]
    return Mood(
        coverage=Coverage(known=len(known), total=len(tracks)),
        sources=dict(Counter(features.source for features in known)),
        valence=figure(features.valence for features in known),
        energy=figure(features.energy for features in known),
        danceability=figure(features.danceability for features in known),
        instrumentalness=figure(features.instrumentalness for features in known),
        key=most_common_key(known),
    )


def figure(values: Iterable[float | None]) -> Figure:
    """Mean and median of the known values."""
    known = [value for value in values if value is not None]
    if not known:
        return Figure(mean=None, median=None)
    return Figure(mean=fmean(known), median=median(known))
