"""The mood map: every track a point, valence across and energy up, in four quadrants. Pure functions.

The quadrants split at 0.5, which belongs to the upper side. After J. A. Russell, "A Circumplex Model of
Affect", Journal of Personality and Social Psychology 39, 1980.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from app.music import AudioFeatures

SPLIT = 0.5
STEADY = 0.03  # a smaller difference between two centres is nothing to speak of
QUADRANTS = ("happy", "angry", "sad", "calm")


@dataclass(frozen=True)
class Point:
    """A track on the map; both coordinates 0-1. `place` counts the tracks of the list from 0."""

    place: int
    valence: float
    energy: float

    @property
    def quadrant(self) -> str:
        """One of `QUADRANTS`."""
        if self.valence >= SPLIT:
            return "happy" if self.energy >= SPLIT else "calm"
        return "angry" if self.energy >= SPLIT else "sad"


@dataclass(frozen=True)
class Centre:
    """The mean place of some points, and how many there are."""

    valence: float
    energy: float
    count: int


def points(tracks: Sequence[AudioFeatures | None]) -> tuple[Point, ...]:
    """The tracks of which both valence and energy are known."""
    return tuple(
        Point(place, track.valence, track.energy)
        for place, track in enumerate(tracks)
        if track is not None and track.valence is not None and track.energy is not None
    )


def quadrants(shown: Sequence[Point]) -> dict[str, int]:
    """How many points are in each quadrant; all four are named."""
    counts = dict.fromkeys(QUADRANTS, 0)
    for point in shown:
        counts[point.quadrant] += 1
    return counts


def centre(shown: Sequence[Point]) -> Centre | None:
    """The mean place; `None` without points."""
    if not shown:
        return None
    return Centre(fmean(point.valence for point in shown), fmean(point.energy for point in shown), len(shown))


def drift(before: Centre, after: Centre) -> tuple[str, ...]:
    """How the music changed from one centre to another, in comparatives; empty where it stayed."""
    words = []
    if abs(after.valence - before.valence) >= STEADY:
        words.append("happier" if after.valence > before.valence else "sadder")
    if abs(after.energy - before.energy) >= STEADY:
        words.append("more energetic" if after.energy > before.energy else "calmer")
    return tuple(words)
