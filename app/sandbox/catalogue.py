"""The invented catalogue: artists, albums and tracks, read once per process.

`world.txt`, `more_artists.txt` and the edge cases are what listeners play; `extra.txt` is what else there is.
Ids are derived from names, so they never change.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from app.sandbox.edge_cases import edge_case_tracks
from app.sandbox.extras import extra_tracks
from app.sandbox.items import Album, Artist, Track, make_track, release_date
from app.sandbox.seeded_random import seeded_random, spotify_id
from app.sandbox.titles import titles

WORLD = Path(__file__).with_name("world.txt")
MORE_ARTISTS = Path(__file__).with_name("more_artists.txt")


@dataclass(frozen=True)
class Catalogue:
    """Everything there is, by id; tracks by `key`, `played` first. `played`: what listeners choose from."""

    artists: dict[str, Artist]
    albums: dict[str, Album]
    tracks: dict[str, Track]
    played: tuple[Track, ...]


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The whole invented catalogue, edge cases included."""
    world = list(_with_guests(list(_tracks(WORLD.read_text("utf-8").splitlines()))))
    more = _with_guests(list(_more_tracks(MORE_ARTISTS.read_text("utf-8").splitlines())))
    played = (*world, *edge_case_tracks(), *more)
    tracks = (*played, *extra_tracks(world))
    return Catalogue(
        artists={one.id: one for track in tracks if track.id for one in (*track.artists, track.album.artist)},
        albums={track.album.id: track.album for track in tracks if track.id},
        tracks={track.key: track for track in tracks},
        played=played,
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
    album = Album(album_id, title, artist, release_date(title, int(year)), len(listed))
    for position, name in enumerate(listed, start=1):
        yield make_track(name, (artist,), album, position)


def _more_tracks(lines: Iterable[str]) -> Iterator[Track]:
    family = ""
    for line in lines:
        if line.startswith("=="):
            family = line.strip("= ")
        elif line and not line.startswith("#"):
            name, genres, *language = line.split(" | ")
            kept = tuple(genre.strip() for genre in genres.split(","))
            yield from _made_up_albums(Artist(spotify_id("artist", name), name, family, kept), *language)


def _made_up_albums(artist: Artist, language: str = "en") -> Iterator[Track]:
    """Three or four albums, a year or a few apart; the last is a few years old at most."""
    chance = seeded_random("albums", artist.id)
    lengths = [chance.randint(5, 10) for _ in range(chance.randint(3, 4))]
    names = iter(titles(chance, sum(lengths) + len(lengths), artist.family, language))
    year = 2026 - chance.randint(0, 3)
    for length in lengths:
        title = next(names)
        album = Album(
            spotify_id("album", artist.name, title), title, artist, release_date(title, year), length
        )
        for position in range(1, length + 1):
            yield make_track(next(names), (artist,), album, position)
        year -= chance.randint(1, 4)


def _with_guests(tracks: list[Track]) -> Iterator[Track]:
    """Give one track in twelve a guest from the same family, so that tracks with two artists exist."""
    families: dict[str, list[Artist]] = {}
    for artist in dict.fromkeys(track.artists[0] for track in tracks):
        families.setdefault(artist.family, []).append(artist)
    for track in tracks:
        chance, host = seeded_random("guest", track.key), track.artists[0]
        guest = chance.choice(families[host.family])
        if guest == host or host.family == "classical" or chance.random() > 1 / 12:
            yield track
        else:
            yield replace(track, artists=(host, guest))
