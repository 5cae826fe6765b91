"""Mood in full: every audio feature of the top tracks, the mood map, keys, tempo, decades, all ranges."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app import answers
from app.music import AudioFeatures, TimeRange, Track
from app.site import Site
from app.stats.decades import Decade, decades_of
from app.stats.keys import KeySignature, keys_of, modes_of
from app.stats.mood import Coverage, Figure, Mood, figure, mood_of
from app.stats.mood_map import Centre, Point, centre, drift, points, quadrants
from app.stats.ranking import LONGEST
from app.stats.sound import MEASURES, Summary, summaries, values_of
from app.stats.tempo import Band, tempo_bands
from app.visit import Visit
from app.web.audio_features import Sound, features_of, in_order
from app.web.last_known import Stale, stale_because_of

# The comparison may cost two lists and one batch of each provider more than one range alone: that is how
# many tracks fit into one of Spotify's batches, or three of ReccoBeats'.
MOST_ASKED = 100
FIVE = 5

# Each "five": the measure, and whether the largest values or the smallest are meant.
FIVES = {
    "happiest": ("valence", True),
    "saddest": ("valence", False),
    "calmest": ("energy", False),
    "most energetic": ("energy", True),
    "most danceable": ("danceability", True),
}


@dataclass(frozen=True)
class Ranked:
    """A top track at its rank with its audio features; `sound` is `None` where nothing is known."""

    rank: int
    track: Track
    sound: AudioFeatures | None


@dataclass(frozen=True)
class RangeMood:
    """One range, for the comparison: each measure's middle, and the centre of its mood map.

    `sources` counts the known tracks by provider.
    """

    time_range: TimeRange
    coverage: Coverage
    sources: Mapping[str, int]
    figures: Mapping[str, Figure]
    centre: Centre | None


@dataclass(frozen=True)
class MoodReport:
    """The mood of one range's top tracks in full, and of all three ranges side by side.

    `tracks` are all of the range's, best first; a point's `place` counts them from 0. `fives` hold, for each
    name in `FIVES`, the most extreme tracks first. `ranges`, the shortest first, are compared by their first
    `compared` tracks, by all where that is `None`. `drift` says how the music changed from the longest range
    to the shortest; empty where it stayed, or too little is known.
    """

    time_range: TimeRange
    tracks: tuple[Ranked, ...]
    mood: Mood
    features: Mapping[str, Summary]
    points: tuple[Point, ...]
    quadrants: Mapping[str, int]
    keys: tuple[KeySignature, ...]
    modes: Mapping[str, int]
    tempo: tuple[Band, ...]
    decades: tuple[Decade, ...]
    fives: Mapping[str, tuple[Ranked, ...]]
    ranges: tuple[RangeMood, ...]
    compared: int | None
    drift: tuple[str, ...]
    as_of: float
    stale: Stale | None

    @property
    def unknown(self) -> tuple[Ranked, ...]:
        """The tracks of which nothing is known."""
        return tuple(ranked for ranked in self.tracks if ranked.sound is None)

    @property
    def centres(self) -> dict[TimeRange, Centre]:
        """The centres that are known, longest range first."""
        return {one.time_range: one.centre for one in reversed(self.ranges) if one.centre}


def mood_report(site: Site, visit: Visit, time_range: TimeRange) -> MoodReport:
    """The mood report: two round trips when nothing is kept, none when all is. Raises SpotifyError."""
    wanted = {one: answers.top_tracks(one) for one in TimeRange}
    got = answers.fetch(site, visit, [*wanted.values()])
    lists: dict[TimeRange, tuple[Track, ...]] = {one: got.values[want.key] for one, want in wanted.items()}
    places = compared_places(list(lists.values()))
    others = [track for one, tracks in lists.items() if one is not time_range for track in tracks[:places]]
    known = features_of(site, visit, [*lists[time_range], *others])
    return report_of(time_range, lists, known, got.as_of, stale_because_of(got.trouble))


def report_of(
    time_range: TimeRange,
    lists: Mapping[TimeRange, Sequence[Track]],
    known: dict[str, AudioFeatures],
    as_of: float,
    stale: Stale | None,
) -> MoodReport:
    """The report of one range from the top tracks of all three and the audio features by track id."""
    tracks = lists[time_range]
    sounds = in_order(tracks, known)
    shown = points(sounds)
    ranked = tuple(Ranked(rank, *pair) for rank, pair in enumerate(zip(tracks, sounds, strict=True), 1))
    places = compared_places(list(lists.values()))
    ranges = tuple(range_mood(one, in_order(top[:places], known)) for one, top in lists.items())
    shortest, longest = ranges[0].centre, ranges[-1].centre
    return MoodReport(
        time_range=time_range,
        tracks=ranked,
        mood=mood_of(sounds),
        features=summaries(sounds),
        points=shown,
        quadrants=quadrants(shown),
        keys=keys_of(sounds),
        modes=modes_of(sounds),
        tempo=tempo_bands(sounds),
        decades=decades_of(tracks, sounds),
        fives={name: five(ranked, *how) for name, how in FIVES.items()},
        ranges=ranges,
        compared=places if any(len(top) > places for top in lists.values()) else None,
        drift=drift(longest, shortest) if shortest and longest else (),
        as_of=as_of,
        stale=stale,
    )


def compared_places(lists: Sequence[Sequence[Track]]) -> int:
    """By how many of their first tracks ranges are compared: the most that may be asked about at once.

    Like with like, and the same whichever range is chosen: so many of every list that they, and the whole of
    any one list, are at most `MOST_ASKED` tracks.
    """
    ids = [[track.id for track in tracks] for tracks in lists]

    def fits(places: int) -> bool:
        first = {track_id for listed in ids for track_id in listed[:places]}
        return all(len(first.union(listed)) <= MOST_ASKED for listed in ids)

    return next((places for places in range(LONGEST, 0, -1) if fits(places)), 0)


def range_mood(time_range: TimeRange, sounds: Sequence[Sound]) -> RangeMood:
    """One range for the comparison."""
    return RangeMood(
        time_range=time_range,
        coverage=Coverage(known=sum(one is not None for one in sounds), total=len(sounds)),
        sources=Counter(one.source for one in sounds if one is not None),
        figures={one: figure(value for value, _ in values_of(sounds, one)) for one in MEASURES},
        centre=centre(points(sounds)),
    )


def five(ranked: Sequence[Ranked], measure: str, largest: bool) -> tuple[Ranked, ...]:
    """The five tracks with the largest (or smallest) known values, the most extreme first."""
    known = [
        (value, one)
        for one in ranked
        if one.sound is not None and (value := getattr(one.sound, measure)) is not None
    ]
    return tuple(one for _, one in sorted(known, key=lambda pair: -pair[0] if largest else pair[0])[:FIVE])
