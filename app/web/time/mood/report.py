"""How a range's music sounded over time, as far as it is known; and looking up what is not, when asked to.

Valence and energy are 0-1, weighed by plays. Only the most played tracks are ever looked at.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app import mood_look_up
from app.audio_features import cache
from app.history.patterns import MONTH, YEAR, PeriodSums, periods
from app.mood_look_up import DONE, RUNNING, LookUp, look_up_of, providers_for
from app.site import Site
from app.visit import Visit
from app.web.time.range_with_plays import RangeWithPlays

log = logging.getLogger(__name__)

__all__ = ["DONE", "RUNNING", "LookUp"]

MOST = 500
YEARS_FROM = 36  # months from which on years are shown
_TRACK = re.compile(r"spotify:track:([0-9A-Za-z]{22})")


@dataclass(frozen=True)
class MoodPeriod:
    """A month or year: plays of known tracks, all plays, and the means of the known."""

    name: str
    known: int
    plays: int
    valence: float | None
    energy: float | None


@dataclass(frozen=True)
class HistoryMood:
    """The mood of a range. `tracks`: how many of the most played were looked for, `known` of them.

    `askable`: how many have an address at Spotify and were not asked about of late.
    """

    tracks: int
    known: int
    plays: int
    known_plays: int
    valence: float | None
    energy: float | None
    by: str
    periods: tuple[MoodPeriod, ...]
    sources: tuple[tuple[str, int], ...]
    askable: int
    nobody: str
    look_up: LookUp | None


@dataclass(frozen=True)
class _Known:
    """Audio features by the number of a track; NaN where unknown."""

    valence: NDArray[np.float64]
    energy: NDArray[np.float64]


def mood(site: Site, account_id: int, of: RangeWithPlays, visit: Visit | None) -> HistoryMood:
    """How a range sounded. `visit`: of somebody who is logged in. Asks nobody."""
    wanted = _most_played(of)
    cached = cache.read(site.store, list(wanted))
    features, sources = _features(of, wanted, cached)
    rollup = of.rollup
    months = periods(np.array([rollup.begins, rollup.ends]), of.asked.zone, MONTH)
    by = YEAR if len(months.names) > YEARS_FROM else MONTH
    rows = _over_time(of, by, features)
    overall = _period("all", [sum(column) for column in zip(*(sums for _, sums in rows), strict=True)])
    return HistoryMood(
        tracks=len(of.tracks.order(MOST)),
        known=len(cached.found),
        plays=rollup.plays,
        known_plays=overall.known,
        valence=overall.valence,
        energy=overall.energy,
        by="year" if by == YEAR else "month",
        periods=tuple(_period(name, sums) for name, sums in rows),
        sources=tuple(sorted(sources.items(), key=lambda one: -one[1])),
        askable=len(cached.missing),
        nobody=_nobody(site, visit),
        look_up=look_up_of(site.store, account_id),
    )


def begin_look_up(site: Site, account_id: int, of: RangeWithPlays, visit: Visit | None) -> None:
    """Begins to look up the range's most played tracks, where there is somebody to ask."""
    if providers_for(site, visit):
        missing = cache.read(site.store, list(_most_played(of))).missing
        mood_look_up.begin_look_up(site, account_id, missing, visit)


def _nobody(site: Site, visit: Visit | None) -> str:
    """Why nobody can be asked; "" where somebody can."""
    if providers_for(site, visit):
        return ""
    if "reccobeats" in site.config.audio_features:
        return (
            "This site has no Spotify app and no demo set up, and so nobody to ask about audio features. "
            "Its owner can set SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET."
        )
    return (
        "Without a login only ReccoBeats can be asked, and AUDIO_FEATURES leaves it out. "
        "Log in with Spotify, or ask the owner of this site to add reccobeats."
    )


def _most_played(of: RangeWithPlays) -> dict[str, list[int]]:
    """The most played tracks that have an address at Spotify: its id, and which tracks it stands for."""
    wanted: dict[str, list[int]] = {}
    for at in of.tracks.order(MOST):
        found = _TRACK.fullmatch(of.names.track_uris[at] or "")
        if found:
            wanted.setdefault(found[1], []).append(at)
    return wanted


def _features(
    of: RangeWithPlays, wanted: dict[str, list[int]], cached: cache.Cached
) -> tuple[_Known, dict[str, int]]:
    tracks = len(of.names.tracks)
    known = _Known(np.full(tracks, np.nan), np.full(tracks, np.nan))
    sources: dict[str, int] = {}
    for track_id, sound in cached.found.items():
        sources[sound.source] = sources.get(sound.source, 0) + 1
        if sound.valence is None or sound.energy is None:
            continue
        for at in wanted[track_id]:
            known.valence[at], known.energy[at] = sound.valence, sound.energy
    return known, sources


def _over_time(of: RangeWithPlays, by: str, features: _Known) -> list[tuple[str, list[float]]]:
    """The periods that have plays, each with its plays, those known, and the sums of valence and energy."""
    sums = PeriodSums(of.asked.zone, by)
    for plays in of.plays():
        valence, energy = (one.take(plays.track) for one in (features.valence, features.energy))
        known = ~np.isnan(valence)
        sums.add(plays.start, known, np.where(known, valence, 0.0), np.where(known, energy, 0.0))
    return sums.rows()


def _period(name: str, sums: Sequence[float]) -> MoodPeriod:
    plays, known, valence, energy = sums or (0, 0, 0.0, 0.0)
    means = (valence / known, energy / known) if known else (None, None)
    return MoodPeriod(name, int(known), int(plays), *means)
