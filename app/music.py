"""The domain: what Liner Notes talks about, as frozen dataclasses.

Conventions: durations are milliseconds; audio features keep Spotify's units (0-1 for the seven
measures, dB for loudness, BPM for tempo, pitch class 0-11 for key); `None` means "unknown", never zero.
Names come from outside and are untrusted text. With slots, since a page makes some hundreds of them.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeVar

Item = TypeVar("Item")


class TimeRange(Enum):
    """The three windows that Spotify ranks top items over. Its own names; not a date range."""

    SHORT_TERM = "short_term"
    MEDIUM_TERM = "medium_term"
    LONG_TERM = "long_term"

    @property
    def label(self) -> str:
        """The window in plain words, as Spotify describes it today."""
        return {"short_term": "4 weeks", "medium_term": "6 months", "long_term": "1 year"}[self.value]

    @property
    def longer(self) -> tuple["TimeRange", ...]:
        """The ranges that reach further back, nearest first."""
        ranges = tuple(TimeRange)
        return ranges[ranges.index(self) + 1 :]


@dataclass(frozen=True, slots=True)
class Image:
    """A picture at one size. `width` is in pixels, `None` where Spotify does not say."""

    url: str
    width: int | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """The listener. `account_id` is the stable id (since May 2026); older servers send only `id`."""

    id: str
    account_id: str | None = None
    display_name: str | None = None
    images: tuple[Image, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True)
class ArtistName:
    """An artist as a track credits it: no picture, no genres."""

    id: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Artist:
    """An artist in full. `genres` is empty where Spotify gives none, as it does to new apps."""

    id: str | None
    name: str | None
    genres: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Album:
    """An album. `name` may be "" after a takedown; `release_date` is a year, a month or a day in ISO form.

    `kind`: "album", "single" or "compilation".
    """

    id: str | None
    name: str | None
    artists: tuple[ArtistName, ...] = ()
    images: tuple[Image, ...] = ()
    url: str | None = None
    release_date: str | None = None
    kind: str | None = None
    total_tracks: int | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """A track. `id` is `None` for a local file, which has no address and mostly no album.

    `disc` and `number`: its place on the album, from 1.
    """

    id: str | None
    name: str | None
    artists: tuple[ArtistName, ...] = ()
    album: Album | None = None
    url: str | None = None
    duration_ms: int | None = None
    explicit: bool | None = None
    disc: int | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist at Spotify."""

    id: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """A stretch of a longer list: from `offset` up to `end`, of `total`.

    It may hold fewer items than that, where some came as null.
    """

    items: tuple[Item, ...]
    offset: int
    total: int
    end: int

    @property
    def more(self) -> bool:
        """Whether the list goes on behind it."""
        return self.offset < self.end < self.total


@dataclass(frozen=True, slots=True)
class AlbumInFull:
    """An album with its first tracks; `None` where the server did not send them along."""

    album: Album
    tracks: Page[Track] | None


@dataclass(frozen=True, slots=True)
class SearchResults:
    """What a search found, a page of each kind, best first."""

    artists: Page[Artist]
    albums: Page[Album]
    tracks: Page[Track]


@dataclass(frozen=True, slots=True)
class SavedTrack:
    """A track in the listener's library. `added_at`: Unix seconds.

    `removed`: Spotify no longer has it; `track` is `None` where nothing is left of it.
    """

    added_at: float | None
    track: Track | None
    removed: bool = False


@dataclass(frozen=True, slots=True)
class RecentPlay:
    """A play that Spotify remembers. `played_at`: Unix milliseconds, mostly when it ended."""

    track: Track
    played_at: int


@dataclass(frozen=True, slots=True)
class Device:
    """Something that plays. `id` is `None` where it cannot be chosen from outside.

    `kind` as Spotify says it ("Computer", "Smartphone", "Speaker"). `restricted`: it takes no commands.
    """

    id: str | None
    name: str | None
    kind: str | None = None
    active: bool = False
    restricted: bool = False
    volume_percent: int | None = None
    supports_volume: bool | None = None


@dataclass(frozen=True, slots=True)
class Playback:
    """What is playing, or paused, where. `item` is `None` between items, and for what is private.

    An episode looks like a track without an id, by its show. `kind`: "track", "episode", "ad" or "unknown".
    `disallowed`: actions that make no sense now, in Spotify's words ("pausing", "skipping_prev").
    """

    playing: bool
    item: Track | None = None
    kind: str | None = None
    progress_ms: int | None = None
    device: Device | None = None
    disallowed: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class AudioFeatures:
    """What is known of how one track sounds, and who said so (`source`: a provider's name).

    danceability, energy, valence, acousticness, instrumentalness, liveness, speechiness: 0-1.
    loudness: dB. tempo: BPM. key: pitch class 0-11. mode: 1 major, 0 minor. time_signature: beats a bar.
    """

    track_id: str
    source: str
    danceability: float | None = None
    energy: float | None = None
    valence: float | None = None
    acousticness: float | None = None
    instrumentalness: float | None = None
    liveness: float | None = None
    speechiness: float | None = None
    loudness: float | None = None
    tempo: float | None = None
    key: int | None = None
    mode: int | None = None
    time_signature: int | None = None
