"""Mood: what the audio features of a list of tracks say together. Pure functions.

Figures are over known values only; coverage says how many of how many. Values keep Spotify's units.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from app.music import AudioFeatures

PITCH_CLASSES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
MODES = ("minor", "major")


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
class KeySignature:
    """A key and mode, such as "C♯ minor", and how many tracks are in it."""

    key: int
    mode: int
    name: str
    count: int


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


def most_common_key(tracks: Iterable[AudioFeatures]) -> KeySignature | None:
    """The (key, mode) pair of most tracks; a tie goes to the pair of the better-ranked track.

    Tracks whose key or mode is unknown do not count.
    """
    pairs = Counter((t.key, t.mode) for t in tracks if t.key is not None and t.mode is not None)
    if not pairs:
        return None
    # Counter keeps first-seen order, and max() takes the first of equals: the better-ranked track's pair.
    (key, mode), count = max(pairs.items(), key=lambda item: item[1])
    return KeySignature(key=key, mode=mode, name=key_name(key, mode), count=count)


def key_name(key: int, mode: int) -> str:
    """The key signature in words: `key_name(1, 0)` is "C♯ minor". Pitch classes are named by sharps."""
    return f"{PITCH_CLASSES[key]} {MODES[mode]}"
