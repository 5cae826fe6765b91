"""What templates draw: pictures, rows, bars and the radar, with every number already computed.

Shares are 0-1; bars are drawn 0-100 wide; the radar's centre is (0, 0), its outer ring has radius 100,
and y grows downwards as in SVG.
"""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.music import Artist, Image, TimeRange, Track
from app.stats.mood import Figure, Mood
from app.stats.words import mood_sentence
from app.web.format import (
    Piece,
    age,
    clock_time,
    counted,
    coverage,
    duration,
    initials,
    iso,
    lead,
    percent,
    showable,
)
from app.web.last_known import Stale
from app.web.now.report import Overview
from app.web.representation import is_spotify_id

SHOWN = 20
LONG_NAME = 24
LONG_VALUE = 16
TONES = 5
RADIUS = 100.0
LABEL_X, LABEL_Y = 1.2, 112.0
RINGS = (100, 75, 50, 25)


@dataclass(frozen=True)
class Picture:
    """An image that a page may show. `srcset` is "" where the widths are not known."""

    src: str
    srcset: str


@dataclass(frozen=True)
class Sleeve:
    """A picture, or what stands in for it: the initials of its name on one of `TONES` colours."""

    picture: Picture | None
    initials: str
    tone: int


@dataclass(frozen=True)
class Range:
    """A choice of the range control. `value` is Spotify's own name for it."""

    value: str
    label: str
    current: bool


@dataclass(frozen=True)
class ArtistTile:
    """A ranked artist. `url` is `None` where there is no page to link."""

    rank: int
    name: str
    sleeve: Sleeve
    url: str | None


@dataclass(frozen=True)
class TrackRow:
    """A ranked track. `local`: a file of the listener's own, which Spotify has no page or picture for.

    `play_id`: its id, where Spotify can play it.
    """

    rank: int
    name: str
    artists: tuple[str, ...]
    album: str | None
    duration: str
    sleeve: Sleeve
    url: str | None
    local: bool
    play_id: str | None


@dataclass(frozen=True)
class Fact:
    """A value to set large, with what it is and what it covers."""

    label: str
    value: str
    covers: str

    @property
    def is_long(self) -> bool:
        """Whether the value needs a smaller size."""
        return len(self.value) > LONG_VALUE


@dataclass(frozen=True)
class FeatureRow:
    """An audio feature in the mood's table. `bar` and `tick` are the mean and the median on 0-100."""

    name: str
    meaning: str
    mean: str
    median: str
    bar: float | None
    tick: float | None


@dataclass(frozen=True)
class Spoke:
    """An axis of the radar: its outer end, and the middle of its label, above or below the circle."""

    label: str
    value: str
    x: float
    y: float
    label_x: float
    label_y: float


@dataclass(frozen=True)
class Radar:
    """The mood's radar. `mean` and `median` are the points of an SVG polygon, in the order of `spokes`."""

    rings: tuple[int, ...]
    spokes: tuple[Spoke, ...]
    mean: str
    median: str
    description: str


@dataclass(frozen=True)
class MoodView:
    """The mood in words, rows and a radar; `radar` is `None` where fewer than three features are known."""

    sentence: str
    known: bool
    rows: tuple[FeatureRow, ...]
    radar: Radar | None
    coverage: str


@dataclass(frozen=True)
class StaleView:
    """Why the report is an old one. `resume` is on the reader's clock, `resume_iso` for machines."""

    reason: str
    resume: str | None
    resume_iso: str | None


@dataclass(frozen=True)
class OverviewView:
    """The overview, ready to draw. `name` is `None` where the listener's profile has none, and
    `long_name` says that it needs a smaller size.
    """

    name: str | None
    long_name: bool
    portrait: Sleeve
    ranges: tuple[Range, ...]
    period: str
    lead: tuple[Piece, ...]
    facts: tuple[Fact, ...]
    artists: tuple[ArtistTile, ...]
    artists_cover: str
    tracks: tuple[TrackRow, ...]
    tracks_cover: str
    mood: MoodView
    age: str
    as_of_iso: str
    stale: StaleView | None

    @property
    def longer_ranges(self) -> tuple[Range, ...]:
        """The ranges that reach further back than this one, nearest first."""
        current = next(place for place, choice in enumerate(self.ranges) if choice.current)
        return self.ranges[current + 1 :]


def overview_view(report: Overview, now: float, timezone: ZoneInfo) -> OverviewView:
    """Everything the overview's template shows, in words and coordinates. `now` is in Unix seconds."""
    name = stripped(report.profile.display_name)
    return OverviewView(
        name=name,
        long_name=len(name or "") > LONG_NAME,
        portrait=sleeve(report.profile.images, name, wanted=160),
        ranges=tuple(Range(r.value, r.label, r is report.time_range) for r in TimeRange),
        period=report.time_range.label,
        lead=lead(report),
        facts=facts(report),
        artists=tuple(artist_tile(rank, a) for rank, a in enumerate(report.top_artists[:SHOWN], start=1)),
        artists_cover=cover(len(report.top_artists), "artist"),
        tracks=tuple(track_row(rank, t) for rank, t in enumerate(report.top_tracks[:SHOWN], start=1)),
        tracks_cover=cover(len(report.top_tracks), "track"),
        mood=mood_view(report.mood),
        age=age(report.as_of, now),
        as_of_iso=iso(report.as_of),
        stale=stale_view(report.stale, now, timezone) if report.stale else None,
    )


def stripped(text: str | None) -> str | None:
    """A name without blanks around it; `None` where nothing is left."""
    return (text or "").strip() or None


def cover(total: int, noun: str) -> str:
    """How many of the ranked items a list shows: "First 20 of 50 tracks", "7 tracks"."""
    return f"First {SHOWN} of {counted(total, noun)}" if total > SHOWN else counted(total, noun)


def facts(report: Overview) -> tuple[Fact, ...]:
    """The figures to set large: genre, key, happiness and energy, as far as they are known."""
    genre, mood = report.top_genre, report.mood
    ranked = len(report.top_artists)
    artists = f"your top {ranked} artists" if ranked > 1 else "1 artist"
    tracks = counted(mood.coverage.known, "track")
    found = [Fact("Most common genre", genre.name, f"{genre.count} of {artists}")] if genre else []
    if mood.key:
        found.append(Fact("Most common key", mood.key.name, f"{mood.key.count} of {tracks}"))
    if mood.valence.mean is not None:
        found.append(Fact("Valence", percent(mood.valence.mean), f"how happy it sounds; mean of {tracks}"))
    if mood.energy.mean is not None:
        found.append(Fact("Energy", percent(mood.energy.mean), f"how intense it feels; mean of {tracks}"))
    return tuple(found)


def artist_tile(rank: int, artist: Artist) -> ArtistTile:
    """One artist of the grid."""
    name = stripped(artist.name)
    return ArtistTile(
        rank=rank,
        name=name or "Unknown artist",
        sleeve=sleeve(artist.images, name, wanted=320),
        url=artist.url if showable(artist.url) else None,
    )


def track_row(rank: int, track: Track) -> TrackRow:
    """One track of the list."""
    name, album = stripped(track.name), track.album
    album_name = stripped(album.name) if album else None
    return TrackRow(
        rank=rank,
        name=name or "Unknown title",
        artists=tuple(stripped(artist.name) or "Unknown artist" for artist in track.artists),
        album=album_name,
        duration=duration(track.duration_ms),
        sleeve=sleeve(album.images if album else (), album_name or name, wanted=96),
        url=track.url if showable(track.url) else None,
        local=track.id is None,
        play_id=track.id if is_spotify_id(track.id) else None,
    )


def sleeve(images: Sequence[Image], name: str | None, wanted: int) -> Sleeve:
    """The picture of something called `name`, or its placeholder. `wanted` is a width in pixels."""
    if shown := picture(images, wanted):
        return Sleeve(picture=shown, initials="", tone=0)
    return Sleeve(picture=None, initials=initials(name), tone=zlib.crc32((name or "").encode()) % TONES)


def picture(images: Sequence[Image], wanted: int) -> Picture | None:
    """The images that may be shown, as `src` (the smallest that is wide enough) and `srcset`."""
    shown = [image for image in images if showable(image.url)]
    if not shown:
        return None
    sized = sorted([(image.width, image.url) for image in shown if image.width])
    if len(sized) < len(shown):
        return Picture(src=shown[0].url, srcset="")
    src = next((url for width, url in sized if width >= wanted), sized[-1][1])
    return Picture(src=src, srcset=", ".join(f"{url} {width}w" for width, url in sized))


def mood_view(mood: Mood) -> MoodView:
    """The mood as its sentence, its table and its radar."""
    figures = (
        ("Valence", "how happy it sounds: low is sad or angry, high is cheerful", mood.valence),
        ("Energy", "how intense it feels: low is quiet and slow, high is loud and fast", mood.energy),
        ("Danceability", "how easy it is to dance to: tempo, beat and regularity", mood.danceability),
        (
            "Instrumentalness",
            "how likely it has no vocals: above 50% it probably has none",
            mood.instrumentalness,
        ),
    )
    return MoodView(
        sentence=mood_sentence(mood),
        known=mood.coverage.known > 0,
        rows=tuple(feature_row(name, meaning, figure) for name, meaning, figure in figures),
        radar=radar([(name, figure) for name, _, figure in figures]),
        coverage=coverage(mood),
    )


def feature_row(name: str, meaning: str, figure: Figure) -> FeatureRow:
    """One audio feature of the mood's table."""
    return FeatureRow(
        name=name,
        meaning=meaning,
        mean=percent(figure.mean),
        median=percent(figure.median),
        bar=None if figure.mean is None else along(figure.mean),
        tick=None if figure.median is None else along(figure.median),
    )


def along(share: float) -> float:
    """A share as a place on a bar, 0-100."""
    return round(min(max(share, 0.0), 1.0) * 100, 1)


def radar(figures: Sequence[tuple[str, Figure]]) -> Radar | None:
    """The radar of named figures, clockwise from the upper left; unknown ones have no spoke."""
    known = [
        (name, figure.mean, figure.median)
        for name, figure in figures
        if figure.mean is not None and figure.median is not None
    ]
    if len(known) < 3:
        return None
    turns = [(index - 0.5) / len(known) for index in range(len(known))]
    return Radar(
        rings=RINGS,
        spokes=tuple(spoke(name, mean, turn) for (name, mean, _), turn in zip(known, turns, strict=True)),
        mean=polygon([mean for _, mean, _ in known], turns),
        median=polygon([median for _, _, median in known], turns),
        description="Mean: " + ", ".join(f"{name.lower()} {percent(mean)}" for name, mean, _ in known) + ".",
    )


def spoke(name: str, mean: float, turn: float) -> Spoke:
    """The axis of one feature. `turn` is the share of the circle from the top, clockwise."""
    x, y = at(turn, RADIUS)
    return Spoke(name, percent(mean), x, y, round(x * LABEL_X, 1), math.copysign(LABEL_Y, y))


def polygon(shares: Sequence[float], turns: Sequence[float]) -> str:
    """The points of an SVG polygon, one for each share."""
    corners = [at(turn, along(share) / 100 * RADIUS) for share, turn in zip(shares, turns, strict=True)]
    return " ".join(f"{x},{y}" for x, y in corners)


def at(turn: float, radius: float) -> tuple[float, float]:
    """A point on the radar, rounded to a tenth."""
    angle = turn * math.tau
    # Adding zero turns -0.0 into 0.0.
    return round(math.sin(angle) * radius, 1) + 0.0, round(-math.cos(angle) * radius, 1) + 0.0


def stale_view(stale: Stale, now: float, timezone: ZoneInfo) -> StaleView:
    """Why the report is old, and from when on Spotify may be asked again."""
    if stale.resume_at is None or stale.resume_at <= now:
        return StaleView(reason=stale.reason, resume=None, resume_iso=None)
    return StaleView(
        reason=stale.reason,
        resume=clock_time(stale.resume_at, now, timezone),
        resume_iso=iso(stale.resume_at),
    )
