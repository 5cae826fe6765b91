"""Decades: when a list of tracks came out, and how each decade of it sounds. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from app.music import AudioFeatures, Track


@dataclass(frozen=True)
class Decade:
    """The tracks of one decade (1980 stands for 1980-1989); means are over those where the value is known."""

    decade: int
    count: int
    valence: float | None = None
    energy: float | None = None


def decades_of(tracks: Sequence[Track], features: Sequence[AudioFeatures | None] = ()) -> tuple[Decade, ...]:
    """The decades in which `tracks` came out, oldest first; tracks without a release date are left out.

    `features` are those of the same tracks in the same order, or nothing.
    """
    known = features or [None] * len(tracks)
    groups: dict[int, list[AudioFeatures | None]] = {}
    for track, sound in zip(tracks, known, strict=True):
        if (year := release_year(track)) is not None:
            groups.setdefault(year // 10 * 10, []).append(sound)
    return tuple(
        Decade(
            decade,
            len(group),
            _mean([features.valence for features in group if features is not None]),
            _mean([features.energy for features in group if features is not None]),
        )
        for decade, group in sorted(groups.items())
    )


def release_year(track: Track) -> int | None:
    """The year in a track's release date ("1981", "1981-12" or "1981-12-15")."""
    released = track.album.release_date if track.album else None
    year = (released or "")[:4]
    return int(year) if year.isascii() and year.isdigit() and 1860 <= int(year) <= 2200 else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
