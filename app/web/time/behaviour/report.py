"""How somebody listens: what they skip, how plays end, on what and where."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.history.batch import Ints
from app.history.figures import Share
from app.history.patterns import YEAR, PeriodSums, families_by_period, periods
from app.history.platforms import FAMILIES
from app.history.rollup import per_artist
from app.web.time.range_with_plays import RangeWithPlays

__all__ = ["LEAST_OF_ARTIST", "LEAST_OF_TRACK", "Behaviour", "Ending", "Share", "Skipped", "behaviour"]

LEAST_OF_ARTIST, LEAST_OF_TRACK = 20, 5  # starts from which a skip rate means something
SHOWN = 10


@dataclass(frozen=True)
class Skipped:
    """An artist or track, how often it was started, and how often of these skipped."""

    name: str
    artist: str | None
    rows: int
    skipped: int


@dataclass(frozen=True)
class YearOfDevices:
    """A year: all its plays by device family (only families with any), its rows and those skipped."""

    year: str
    families: dict[str, int]
    rows: int
    skipped: int


@dataclass(frozen=True)
class Ending:
    """How many plays ended in one way, in Spotify's word for it."""

    reason: str
    rows: int


@dataclass(frozen=True)
class Behaviour:
    """A range. All but devices and countries is over every row. `known` counts rows where it is known.

    `always`: how many tracks were skipped each time, of those started at least `LEAST_OF_TRACK` times.
    """

    rows: int
    skipped: int
    artists_most: tuple[Skipped, ...]
    artists_least: tuple[Skipped, ...]
    artists_known: int
    tracks: tuple[Skipped, ...]
    always: int
    shuffle_known: int
    shuffled: int
    offline_known: int
    offline: int
    endings: tuple[Ending, ...]
    endings_known: int
    plays: int
    platforms: Sequence[Share]
    years: tuple[YearOfDevices, ...]
    countries: Sequence[Share]


def behaviour(of: RangeWithPlays) -> Behaviour:
    """How somebody listened in a range."""
    rollup, names = of.rollup, of.names
    artist_rows, artist_skipped = (
        per_artist(one, names) for one in (rollup.track_rows, rollup.track_skipped)
    )
    by_rate = _by_rate(artist_rows, artist_skipped, LEAST_OF_ARTIST)
    track_rows = np.where(names.has_title, rollup.track_rows, 0)
    tracks = _by_rate(track_rows, rollup.track_skipped, LEAST_OF_TRACK)
    always = int(np.count_nonzero(rollup.track_skipped[tracks] == rollup.track_rows[tracks]))
    endings = _endings(of)

    def artist(at: int) -> Skipped:
        return Skipped(names.artists[at], None, int(artist_rows[at]), int(artist_skipped[at]))

    def track(at: int) -> Skipped:
        counts = int(rollup.track_rows[at]), int(rollup.track_skipped[at])
        return Skipped(names.tracks[at], of.artist_of(at), *counts)

    return Behaviour(
        rows=rollup.rows,
        skipped=rollup.skipped,
        artists_most=tuple(artist(at) for at in by_rate[:SHOWN].tolist() if artist_skipped[at]),
        artists_least=tuple(artist(at) for at in by_rate[::-1][:SHOWN].tolist()),
        artists_known=len(by_rate),
        tracks=tuple(track(at) for at in tracks[:SHOWN].tolist() if rollup.track_skipped[at]),
        always=always,
        shuffle_known=rollup.shuffle_rows,
        shuffled=rollup.shuffled,
        offline_known=rollup.offline_rows,
        offline=rollup.offline,
        endings=endings,
        endings_known=sum(one.rows for one in endings),
        plays=rollup.plays,
        platforms=of.platforms,
        years=_years(of),
        countries=of.countries,
    )


def _by_rate(rows: Ints, skipped: Ints, least: int) -> Ints:
    """Numbers of what was started often enough, by skip rate, then by rows: the highest first."""
    found = np.flatnonzero(rows >= least)
    rate = skipped[found] / rows[found]
    # Among those of the same rate, the most started is surest; backwards, that is first among the least too.
    order: Ints = found[np.lexsort((-rows[found] * np.where(rate > 0, 1, -1), -rate))]
    return order


def _endings(of: RangeWithPlays) -> tuple[Ending, ...]:
    counts = of.rollup.reasons
    found = [Ending(of.names.reasons[at], int(counts[at])) for at in np.flatnonzero(counts).tolist()]
    return tuple(sorted(found, key=lambda one: (-one.rows, one.reason)))


def _years(of: RangeWithPlays) -> tuple[YearOfDevices, ...]:
    years = PeriodSums(of.asked.zone, YEAR)
    for rows in of.blocks(("start", "ms", "platform", "skip")):
        found = periods(rows["start"], of.asked.zone, YEAR)
        families = families_by_period(rows, found, of.history.threshold_ms)
        years.add_sums(found, [found.sums(rows["skip"]), *families])
    return tuple(
        YearOfDevices(
            year,
            {name: count for name, count in zip(FAMILIES, counts, strict=True) if count},
            all_of,
            skipped,
        )
        for year, (all_of, skipped, *counts) in years.rows()
    )
