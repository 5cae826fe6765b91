"""How somebody listens: what they skip, how plays end, on what and where."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.history.batch import Ints, Source
from app.history.figures import Share
from app.history.items import ARTIST, TRACK
from app.history.patterns import YEAR, PeriodSums, families_by_period, periods, sources_by_period
from app.history.platforms import FAMILIES
from app.history.rollup import per_artist
from app.web.charts.artwork import Picture
from app.web.time.range_with_plays import RangeWithPlays

LEAST_ROWS = {"artist": 20, "track": 5}  # from which a skip rate means something
SHOWN = 10


@dataclass(frozen=True)
class SkippedArtist:
    """An artist, how often it was started, and how often of these skipped."""

    name: str
    rows: int
    skipped: int


@dataclass(frozen=True)
class SkippedTrack(SkippedArtist):
    """A track, and the same of it; its artist where known."""

    artist: str | None


@dataclass(frozen=True)
class Skips:
    """Over every row that tells of skips. `least_rows`: from how many on an artist or track is listed.

    `always`: how many tracks were skipped each time.
    """

    rows: int
    skipped: int
    least_rows: dict[str, int]
    artists_most: tuple[SkippedArtist, ...]
    artists_least: tuple[SkippedArtist, ...]
    tracks: tuple[SkippedTrack, ...]
    always: int


@dataclass(frozen=True)
class Shuffle:
    """The rows of which it is known, and those on shuffle."""

    rows: int
    shuffled: int


@dataclass(frozen=True)
class Offline:
    """The rows of which it is known, and those played offline."""

    rows: int
    offline: int


@dataclass(frozen=True)
class Ending:
    """How many rows ended in one way, in Spotify's word for it."""

    reason: str
    rows: int


@dataclass(frozen=True)
class Year:
    """A year: its rows that tell of skips, those skipped; its plays by device family and by service."""

    year: int
    rows: int
    skipped: int
    platforms: dict[str, int]
    sources: dict[str, int]


@dataclass(frozen=True)
class Behaviour:
    """A range. `plays`: those that count, which devices, countries and sources are over.

    `artists_known`: how many were started often enough for a skip rate. `pictures`: of the artists and tracks
    that are named, by kind, name and artist.
    """

    plays: int
    artists_known: int
    skips: Skips
    shuffle: Shuffle
    offline: Offline
    endings: tuple[Ending, ...]
    platforms: Sequence[Share]
    years: tuple[Year, ...]
    countries: Sequence[Share]
    sources: Sequence[Share]
    pictures: Mapping[tuple[str, str, str | None], Picture | None]


def behaviour(selection: RangeWithPlays) -> Behaviour:
    """How somebody listened in a range."""
    rollup = selection.rollup
    skips, artists_known = _skips(selection)
    return Behaviour(
        plays=rollup.plays,
        artists_known=artists_known,
        skips=skips,
        shuffle=Shuffle(rollup.shuffle_rows, rollup.shuffled),
        offline=Offline(rollup.offline_rows, rollup.offline),
        endings=_endings(selection),
        platforms=selection.platforms,
        years=_years(selection),
        countries=selection.countries,
        sources=selection.services,
        pictures=selection.pictures_by_name(
            [
                *((ARTIST, row.name, None) for row in (*skips.artists_most, *skips.artists_least)),
                *((TRACK, row.name, row.artist) for row in skips.tracks),
            ]
        ),
    )


def _skips(selection: RangeWithPlays) -> tuple[Skips, int]:
    """The skips, and how many artists have a skip rate."""
    rollup, names = selection.rollup, selection.names
    artist_rows, artist_skipped = (
        per_artist(counts, names) for counts in (rollup.track_rows, rollup.track_skipped)
    )
    artists = _by_rate(artist_rows, artist_skipped, LEAST_ROWS["artist"])
    track_rows = np.where(names.has_title, rollup.track_rows, 0)
    tracks = _by_rate(track_rows, rollup.track_skipped, LEAST_ROWS["track"])

    def artist(number: int) -> SkippedArtist:
        return SkippedArtist(names.artists[number], int(artist_rows[number]), int(artist_skipped[number]))

    def track(number: int) -> SkippedTrack:
        counts = int(rollup.track_rows[number]), int(rollup.track_skipped[number])
        return SkippedTrack(names.tracks[number], *counts, selection.artist_of(number))

    skips = Skips(
        rows=rollup.rows,
        skipped=rollup.skipped,
        least_rows=LEAST_ROWS,
        artists_most=tuple(artist(number) for number in artists[:SHOWN].tolist() if artist_skipped[number]),
        artists_least=tuple(artist(number) for number in artists[::-1][:SHOWN].tolist()),
        tracks=tuple(track(number) for number in tracks[:SHOWN].tolist() if rollup.track_skipped[number]),
        always=int(np.count_nonzero(rollup.track_skipped[tracks] == rollup.track_rows[tracks])),
    )
    return skips, len(artists)


def _by_rate(rows: Ints, skipped: Ints, least: int) -> Ints:
    """Numbers of what was started often enough, by skip rate, then by rows: the highest first."""
    found = np.flatnonzero(rows >= least)
    rate = skipped[found] / rows[found]
    # Among those of the same rate, the most started is surest; backwards, that is first among the least too.
    order: Ints = found[np.lexsort((-rows[found] * np.where(rate > 0, 1, -1), -rate))]
    return order


def _endings(selection: RangeWithPlays) -> tuple[Ending, ...]:
    counts = selection.rollup.reasons
    found = [
        Ending(selection.names.reasons[reason], int(counts[reason]))
        for reason in np.flatnonzero(counts).tolist()
    ]
    return tuple(sorted(found, key=lambda ending: (-ending.rows, ending.reason)))


def _years(selection: RangeWithPlays) -> tuple[Year, ...]:
    zone, threshold_ms = selection.query.zone, selection.history.threshold_ms
    years = PeriodSums(zone, YEAR)
    columns = ("start", "ms", "platform", "skip", *(["source"] if selection.several_services else []))
    for block in selection.blocks(columns):
        found = periods(block["start"], zone, YEAR)
        told = (found.sums(told) for told in (block["skip"] >= 0, block["skip"] > 0))
        families = families_by_period(block, found, threshold_ms)
        sums = [*told, found.sums(block.count(threshold_ms)), *families]
        if selection.several_services:
            sums += [*sources_by_period(block, found, threshold_ms)]
        years.add_sums(found, sums)
    return tuple(
        Year(
            int(year),
            rows,
            skipped,
            {name: count for name, count in zip(FAMILIES, counts, strict=False) if count},
            _by_service(selection, plays, counts[len(FAMILIES) :]),
        )
        for year, (_, rows, skipped, plays, *counts) in years.rows()
    )


def _by_service(selection: RangeWithPlays, plays: int, by_source: Sequence[int]) -> dict[str, int]:
    """A year's plays by service; all of them are of one where there is but one."""
    if not selection.several_services:
        return {selection.only_service: plays} if plays else {}
    found = Counter[str]()
    for source, count in zip(Source, by_source, strict=True):
        found[source.service] += count
    return dict(+found)
