"""How a range's music sounded over time, as far as it is known; and looking up what is not, when asked to.

Valence and energy are 0-1, weighed by plays. Only the most played tracks are ever looked at.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app import mood_look_up
from app.audio_features import cache
from app.history.cover_plan import Named
from app.history.items import TRACK
from app.history.patterns import MONTH, YEAR, PeriodSums, periods
from app.mood_look_up import providers_for
from app.music import Album, ArtistName, Track
from app.site import Site
from app.store.look_ups import DONE, RUNNING, STOPPED, LookUp, look_up_of
from app.visit import Visit
from app.web.mood.report import FIVES, Ranked, five
from app.web.time.range_with_plays import RangeWithPlays

__all__ = [
    "BROKEN_OFF",
    "DONE",
    "NO_APP",
    "NO_RECCOBEATS",
    "RUNNING",
    "STOPPED",
    "HistoryMood",
    "LookUp",
    "MoodPeriod",
    "begin_look_up",
    "mood",
]

MOST = 500
YEARS_FROM = 36  # months from which on years are shown
_TRACK = re.compile(r"spotify:track:([0-9A-Za-z]{22})")
BROKEN_OFF = "broken off"  # the state of a look-up whose process died
# Why nobody can be asked about audio features.
NO_APP, NO_RECCOBEATS = "no app", "no ReccoBeats"


@dataclass(frozen=True)
class MoodPeriod:
    """A month ("2026-11") or year: all plays, those of known tracks, and the means of the known."""

    name: str
    plays: int
    known_plays: int
    valence: float | None
    energy: float | None


@dataclass(frozen=True)
class MoodCoverage:
    """`tracks`: how many of the most played were looked for, `known` of them; who knew how many."""

    tracks: int
    known: int
    plays: int
    known_plays: int
    sources: dict[str, int]


@dataclass(frozen=True)
class HistoryMood:
    """The mood of a range. `by`: whether its periods are months or years.

    `fives` hold, for each name in `FIVES`, the most extreme of the known tracks first. `askable`: how many
    tracks have an address at Spotify and were not asked about of late. `obstacle`: why nobody can be asked;
    `None` where somebody can.
    """

    coverage: MoodCoverage
    valence: float | None
    energy: float | None
    by: str
    periods: tuple[MoodPeriod, ...]
    fives: Mapping[str, tuple[Ranked, ...]]
    askable: int
    obstacle: str | None
    look_up: LookUp | None


@dataclass(frozen=True)
class _Known:
    """Audio features by the number of a track; NaN where unknown."""

    valence: NDArray[np.float64]
    energy: NDArray[np.float64]


def mood(site: Site, account_id: int, selection: RangeWithPlays, visit: Visit | None) -> HistoryMood:
    """How a range sounded. `visit`: of somebody who is logged in. Asks nobody."""
    wanted = _most_played(selection)
    cached = cache.read(site.store, list(wanted))
    sources = Counter(sound.source for sound in cached.found.values())
    rollup = selection.rollup
    months = periods(np.array([rollup.begins, rollup.ends]), selection.query.zone, MONTH)
    by = YEAR if len(months.names) > YEARS_FROM else MONTH
    rows = _over_time(selection, by, _features(selection, wanted, cached))
    overall = _period("all", [sum(column) for column in zip(*(sums for _, sums in rows), strict=True)])
    return HistoryMood(
        coverage=MoodCoverage(
            tracks=len(selection.tracks.order(MOST)),
            known=len(cached.found),
            plays=rollup.plays,
            known_plays=overall.known_plays,
            sources=dict(sources.most_common()),
        ),
        valence=overall.valence,
        energy=overall.energy,
        by="year" if by == YEAR else "month",
        periods=tuple(_period(name, sums) for name, sums in rows),
        fives=_fives(selection, wanted, cached),
        askable=len(cached.missing),
        obstacle=_obstacle(site, visit),
        look_up=_latest_look_up(site, account_id),
    )


def begin_look_up(site: Site, account_id: int, selection: RangeWithPlays, visit: Visit | None) -> None:
    """Begins to look up the range's most played tracks, where there is somebody to ask."""
    if providers_for(site, visit):
        missing = cache.read(site.store, list(_most_played(selection))).missing
        mood_look_up.begin_look_up(site, account_id, missing, visit)


def _latest_look_up(site: Site, account_id: int) -> LookUp | None:
    found = look_up_of(site.store, account_id)
    died = found is not None and found.state == RUNNING and not found.under_way
    return replace(found, state=BROKEN_OFF) if found and died else found


def _obstacle(site: Site, visit: Visit | None) -> str | None:
    """Why nobody can be asked; `None` where somebody can."""
    if providers_for(site, visit):
        return None
    return NO_APP if "reccobeats" in site.config.audio_features else NO_RECCOBEATS


def _most_played(selection: RangeWithPlays) -> dict[str, list[int]]:
    """The most played tracks that have an address at Spotify: its id, and which tracks it stands for."""
    wanted: dict[str, list[int]] = {}
    for track in selection.tracks.order(MOST):
        found = _TRACK.fullmatch(selection.names.track_uris[track] or "")
        if found:
            wanted.setdefault(found[1], []).append(track)
    return wanted


def _fives(
    selection: RangeWithPlays, wanted: dict[str, list[int]], cached: cache.KnownFeatures
) -> dict[str, tuple[Ranked, ...]]:
    """The known tracks at the ends of some measures, with their covers; of equals the more played first."""
    names = selection.names
    known = [
        Ranked(rank, _track(track_id, names.tracks[tracks[0]], selection.artist_of(tracks[0])), sound)
        for rank, (track_id, tracks) in enumerate(wanted.items(), 1)
        if (sound := cached.found.get(track_id)) is not None
    ]
    fives = {name: five(known, *how) for name, how in FIVES.items()}
    shown = {ranked.rank: ranked for ranks in fives.values() for ranked in ranks}
    covers = selection.covers(
        *(
            Named(TRACK, one.track.name or "", one.track.artists[0].name if one.track.artists else None)
            for one in shown.values()
        )
    )
    pictured = {
        rank: replace(one, track=replace(one.track, album=Album(None, None, images=images)))
        for (rank, one), images in zip(shown.items(), covers, strict=True)
    }
    return {name: tuple(pictured[one.rank] for one in ranks) for name, ranks in fives.items()}


def _track(track_id: str, name: str, artist: str | None) -> Track:
    return Track(track_id, name, (ArtistName(None, artist),) if artist else ())


def _features(selection: RangeWithPlays, wanted: dict[str, list[int]], cached: cache.KnownFeatures) -> _Known:
    tracks = len(selection.names.tracks)
    known = _Known(np.full(tracks, np.nan), np.full(tracks, np.nan))
    for track_id, sound in cached.found.items():
        if sound.valence is not None and sound.energy is not None:
            for track in wanted[track_id]:
                known.valence[track], known.energy[track] = sound.valence, sound.energy
    return known


def _over_time(selection: RangeWithPlays, by: str, features: _Known) -> list[tuple[str, list[float]]]:
    """The periods that have plays, each with its plays, those known, and the sums of valence and energy."""
    sums = PeriodSums(selection.query.zone, by)
    for plays in selection.plays():
        valence, energy = (values.take(plays.track) for values in (features.valence, features.energy))
        known = ~np.isnan(valence)
        sums.add(plays.start, known, np.where(known, valence, 0.0), np.where(known, energy, 0.0))
    return sums.rows()


def _period(name: str, sums: Sequence[float]) -> MoodPeriod:
    plays, known, valence, energy = sums or (0, 0, 0.0, 0.0)
    means = (valence / known, energy / known) if known else (None, None)
    return MoodPeriod(name, int(plays), int(known), *means)
