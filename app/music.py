"""The nouns: what Liner Notes talks about, as frozen dataclasses.

Conventions: durations are milliseconds; audio features keep Spotify's units (0-1 for the seven
measures, dB for loudness, BPM for tempo, pitch class 0-11 for key); `None` means "unknown", never zero.
Names come from outside and are untrusted text. With slots, since a page makes some hundreds of them.
"""

from dataclasses import dataclass
from enum import Enum


class TimeRange(Enum):
    """The three windows that Spotify ranks top items over. Its own names; not a date range."""

    SHORT_TERM = "short_term"
    MEDIUM_TERM = "medium_term"
    LONG_TERM = "long_term"

    @property
    def label(self) -> str:
        """The window in plain words, as Spotify describes it today."""
        return {"short_term": "4 weeks", "medium_term": "6 months", "long_term": "1 year"}[self.value]


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
    """An album. `name` may be "" after a takedown; `release_date` is a year, a month or a day in ISO form."""

    id: str | None
    name: str | None
    artists: tuple[ArtistName, ...] = ()
    images: tuple[Image, ...] = ()
    url: str | None = None
    release_date: str | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """A track. `id` is `None` for a local file, which has no address and mostly no album."""

    id: str | None
    name: str | None
    artists: tuple[ArtistName, ...] = ()
    album: Album | None = None
    url: str | None = None
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist at Spotify."""

    id: str
    url: str | None = None


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
