"""The catalogue the other way round: the tracks of an album, the albums of an artist."""

from functools import lru_cache

from app.sandbox.catalogue import catalogue
from app.sandbox.items import Album, Track

GROUPS = ("album", "single", "compilation", "appears_on")


@lru_cache(maxsize=1)
def _tracks() -> dict[str, tuple[Track, ...]]:
    found: dict[str, list[Track]] = {}
    for track in catalogue().tracks.values():
        if track.id:
            found.setdefault(track.album.id, []).append(track)
    return {album_id: tuple(sorted(on, key=lambda track: track.number)) for album_id, on in found.items()}


@lru_cache(maxsize=1)
def _releases() -> dict[str, tuple[tuple[str, Album], ...]]:
    found: dict[str, dict[str, tuple[str, Album]]] = {}
    for album_id, tracks in _tracks().items():
        album = catalogue().albums[album_id]
        for artist in (album.artist, *(guest for track in tracks for guest in track.artists)):
            group = album.kind if artist == album.artist else "appears_on"
            found.setdefault(artist.id, {}).setdefault(album_id, (group, album))
    return {
        artist_id: tuple(sorted(rows.values(), key=lambda row: (row[1].released, row[1].id), reverse=True))
        for artist_id, rows in found.items()
    }


def songs_on(album_id: str) -> tuple[Track, ...]:
    """The tracks of an album of the catalogue, in order."""
    return _tracks().get(album_id, ())


def albums_of(artist_id: str) -> tuple[tuple[str, Album], ...]:
    """An artist's albums in the catalogue, newest first, each behind its group (one of `GROUPS`)."""
    return _releases().get(artist_id, ())
