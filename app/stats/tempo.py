"""Tempo: beats a minute in named bands, after the marks of a score. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.music import AudioFeatures

# Each band's lower bound in BPM; the last has no upper one.
BANDS = (
    (0, "slow", "Largo and Adagio"),
    (76, "walking", "Andante"),
    (108, "moderate", "Moderato"),
    (120, "fast", "Allegro"),
    (156, "very fast", "Vivace and Presto"),
)


@dataclass(frozen=True)
class Band:
    """A band of tempo: from `start` BPM up to `end` (not included; `None`: no end)."""

    start: int
    end: int | None
    name: str
    mark: str
    count: int


def tempo_bands(tracks: Sequence[AudioFeatures | None]) -> tuple[Band, ...]:
    """How many tracks are in each band; all bands are named."""
    tempos = [track.tempo for track in tracks if track is not None and track.tempo is not None]
    ends = [start for start, _, _ in BANDS[1:]] + [None]
    return tuple(
        Band(
            start,
            end,
            name,
            mark,
            sum(start <= tempo and (end is None or tempo < end) for tempo in tempos),
        )
        for (start, name, mark), end in zip(BANDS, ends, strict=True)
    )
