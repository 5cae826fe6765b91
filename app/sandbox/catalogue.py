"""The invented catalogue: artists, albums and tracks, read from `world.txt` once per process.

Ids are derived from names, so they never change. Durations are milliseconds. A local file has no id; its
`key` is its URI. The same track on two albums is two tracks with one `isrc`, as on Spotify.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from app.sandbox.dice import dice, number, spotify_id

WORLD = Path(__file__).with_name("world.txt")

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


@dataclass(frozen=True)
class Catalogue:
    """Everything there is to play, by id; tracks by `key`."""

    artists: dict[str, Artist]
    albums: dict[str, Album]
    tracks: dict[str, Track]


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The whole invented catalogue, awkward corners included."""
    from app.sandbox.awkward import awkward_tracks  # it builds on this module's nouns

    tracks = [*_with_guests(list(_tracks(WORLD.read_text("utf-8").splitlines()))), *awkward_tracks()]
    return Catalogue(
        artists={artist.id: artist for track in tracks for artist in track.artists if track.id},
        albums={track.album.id: track.album for track in tracks if track.id},
        tracks={track.key: track for track in tracks},
    )


def _tracks(lines: Iterable[str]) -> Iterator[Track]:
    family, artist = "", None
    for line in lines:
        if line.startswith("=="):
            family = line.strip("= ")
        elif line.startswith("  ") and artist:
            yield from _album_tracks(artist, line.strip())
        elif line and not line.startswith("#"):
            name, genres = line.split(" | ")
            kept = tuple(genre.strip() for genre in genres.split(","))
            artist = Artist(spotify_id("artist", name), name, family, kept)


def _album_tracks(artist: Artist, line: str) -> Iterator[Track]:
    year, rest = line.split(" ", 1)
    title, names = rest.split(": ", 1)
    listed = [name.strip() for name in names.split("; ")]
    album_id = spotify_id("album", artist.name, title)
    album = Album(album_id, title, artist, _release_date(title, int(year)), len(listed))
    for position, name in enumerate(listed, start=1):
        yield make_track(name, (artist,), album, position)


def make_track(name: str, artists: tuple[Artist, ...], album: Album, position: int) -> Track:
    """A track whose id, length and ISRC follow from its name and album."""
    key = spotify_id("track", artists[0].name, album.name, position, name)
    chance = dice("length", key)
    minutes = chance.triangular(2.2, 5.6, 3.5) * _LONG_FORMS.get(artists[0].family, 1.0)
    isrc = f"ZZLN{album.released[2:4]}{number(name, artists[0].name) % 100_000:05d}"
    explicit = artists[0].family == "metal" and chance.random() < 0.3
    return Track(key, key, name, artists, album, position, int(minutes * 60_000), isrc, explicit)


def _release_date(title: str, year: int) -> str:
    """Old releases are known by year only, as on Spotify; this year's came out in its first weeks."""
    chance = dice("released", title)
    if year < 1975:
        return str(year)
    month = 1 if year >= 2026 else chance.randint(1, 12)
    return f"{year}-{month:02d}-{chance.randint(1, 28):02d}"


def _with_guests(tracks: list[Track]) -> Iterator[Track]:
    """Give one track in twelve a guest from the same family, so that tracks with two artists exist."""
    families: dict[str, list[Artist]] = {}
    for artist in dict.fromkeys(track.artists[0] for track in tracks):
        families.setdefault(artist.family, []).append(artist)
    for track in tracks:
        chance, host = dice("guest", track.key), track.artists[0]
        guest = chance.choice(families[host.family])
        if guest == host or host.family == "classical" or chance.random() > 1 / 12:
            yield track
        else:
            yield replace(track, artists=(host, guest))
