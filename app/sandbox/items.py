"""The nouns of the invented catalogue.

Durations are milliseconds. A local file has no id; its `key` is its URI. The same track on two albums is
two tracks with one `isrc`, as on Spotify.
"""

from dataclasses import dataclass

from app.sandbox.seeded_random import number, seeded_random, spotify_id

_LONG_FORMS = {"classical": 1.7, "jazz": 1.35, "metal": 1.3, "electronic": 1.25, "global": 1.1}


@dataclass(frozen=True)
class Artist:
    """An invented artist. `portrait`: "sized", "sizeless" (width and height unknown) or "none"."""

    id: str
    name: str | None
    family: str
    genres: tuple[str, ...]
    portrait: str = "sized"


@dataclass(frozen=True)
class Album:
    """An invented album. `released` is a year or a full ISO date."""

    id: str
    name: str
    artist: Artist
    released: str
    total_tracks: int
    kind: str = "album"


@dataclass(frozen=True)
class Track:
    """An invented track. `id` is `None` for a local file."""

    id: str | None
    key: str
    name: str
    artists: tuple[Artist, ...]
    album: Album
    number: int
    duration_ms: int
    isrc: str
    explicit: bool = False


def make_track(name: str, artists: tuple[Artist, ...], album: Album, position: int) -> Track:
    """A track whose id, length and ISRC follow from its name and album."""
    key = spotify_id("track", artists[0].name, album.name, position, name)
    chance = seeded_random("length", key)
    minutes = chance.triangular(2.2, 5.6, 3.5) * _LONG_FORMS.get(artists[0].family, 1.0)
    isrc = f"ZZLN{album.released[2:4]}{number(name, artists[0].name) % 100_000:05d}"
    explicit = artists[0].family == "metal" and chance.random() < 0.3
    return Track(key, key, name, artists, album, position, int(minutes * 60_000), isrc, explicit)


def release_date(title: str, year: int) -> str:
    """Old releases are known by year only, as on Spotify; this year's came out in its first weeks."""
    chance = seeded_random("released", title)
    if year < 1975:
        return str(year)
    month = 1 if year >= 2026 else chance.randint(1, 12)
    return f"{year}-{month:02d}-{chance.randint(1, 28):02d}"
