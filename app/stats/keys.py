"""Keys: which key signatures a list of tracks is in. Pure functions.

Keys are pitch classes, 0 = C to 11 = B, named by sharps; modes are 1 major and 0 minor.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from app.music import AudioFeatures

PITCH_CLASSES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
MODES = ("minor", "major")
MINOR, MAJOR = 0, 1
FIFTH = 7  # semitones
CIRCLE_OF_FIFTHS = tuple(step * FIFTH % 12 for step in range(12))  # the major keys, clockwise from C
RELATIVE_MINOR = 9  # semitones above its major: the minor key that shares a place on the circle


@dataclass(frozen=True)
class KeySignature:
    """A key and mode, such as "C♯ minor", and how many tracks are in it."""

    key: int
    mode: int
    name: str
    count: int


def keys_of(tracks: Iterable[AudioFeatures | None]) -> tuple[KeySignature, ...]:
    """The (key, mode) pairs of `tracks`, most common first; a tie goes to the better-ranked track's pair.

    Tracks whose key or mode is unknown do not count.
    """
    pairs = Counter(
        (track.key, track.mode)
        for track in tracks
        if track is not None and track.key is not None and track.mode is not None
    )
    # Counter keeps first-seen order and the sort is stable: of equals, the better-ranked track's pair.
    return tuple(
        KeySignature(key, mode, key_name(key, mode), count)
        for (key, mode), count in sorted(pairs.items(), key=lambda item: -item[1])
    )


def most_common_key(tracks: Iterable[AudioFeatures | None]) -> KeySignature | None:
    """The key signature of most tracks; `None` where no key is known."""
    return next(iter(keys_of(tracks)), None)


def modes_of(tracks: Iterable[AudioFeatures | None]) -> dict[str, int]:
    """How many tracks are in major and in minor."""
    counts = Counter(track.mode for track in tracks if track is not None)
    return {"major": counts[MAJOR], "minor": counts[MINOR]}


def key_name(key: int, mode: int) -> str:
    """The key signature in words: `key_name(1, 0)` is "C♯ minor"."""
    return f"{PITCH_CLASSES[key]} {MODES[mode]}"
