"""What an id names: in the catalogue, or in a large library of a set size.

An id that cannot be one is 400, one that names nothing 404, as Spotify answers.
"""

import re
from typing import TypeVar

from app.sandbox.catalogue import catalogue
from app.sandbox.context import current_sandbox
from app.sandbox.discography import albums_of, songs_on
from app.sandbox.errors import Refusal
from app.sandbox.items import Album, Artist, Track
from app.sandbox.large_library import LargeLibrary, album_indexes, places_of

T = TypeVar("T")
_ID = re.compile(r"[0-9A-Za-z]{22}\Z")


def large_library() -> LargeLibrary | None:
    """The tracks of a library of a set size; `None` when the knob leaves the listeners their own."""
    knobs = current_sandbox().knobs
    return None if knobs.library_size is None else LargeLibrary(knobs.library_size, knobs.library_edge_cases)


def find_track(track_id: str) -> Track | None:
    """The track with that id (not a local file's URI)."""
    track, many = catalogue().tracks.get(track_id), large_library()
    if track is None and many is not None and track_id in places_of(many):
        track = many.track(places_of(many)[track_id][0])
    return track if track is not None and track.id is not None else None


def find_album(album_id: str) -> Album | None:
    """The album with that id."""
    album, many = catalogue().albums.get(album_id), large_library()
    if album is None and many is not None and album_id in album_indexes(many):
        return many.album(album_indexes(many)[album_id])
    return album


def find_artist(artist_id: str) -> Artist | None:
    """The artist with that id."""
    artist, many = catalogue().artists.get(artist_id), large_library()
    if artist is None and many is not None:
        made = (many.album(index).artist for index in range(many.albums))
        return next((artist for artist in made if artist.id == artist_id), None)
    return artist


def tracks_on(album: Album) -> list[Track]:
    """The tracks of an album, in order."""
    many = large_library()
    if album.id in catalogue().albums or many is None:
        return list(songs_on(album.id))
    return many.tracks_on(album_indexes(many)[album.id])


def releases_of(artist: Artist) -> list[tuple[str, Album]]:
    """The artist's albums, newest first, each behind its group: `appears_on`, or what kind of album it is."""
    many = large_library()
    if artist.id in catalogue().artists or many is None:
        return list(albums_of(artist.id))
    made = [album for index in range(many.albums) if (album := many.album(index)).artist == artist]
    return [
        ("album", album) for album in sorted(made, key=lambda album: (album.released, album.id), reverse=True)
    ]


def named_track(track_id: str) -> Track:
    """The track with that id, or the refusal."""
    return _found(track_id, find_track(track_id))


def named_album(album_id: str) -> Album:
    """The album with that id, or the refusal."""
    return _found(album_id, find_album(album_id))


def named_artist(artist_id: str) -> Artist:
    """The artist with that id, or the refusal."""
    return _found(artist_id, find_artist(artist_id))


def _found(asked: str, found: T | None) -> T:
    if not _ID.match(asked):
        raise Refusal(400, "Invalid base62 id")
    if found is None:
        raise Refusal(404, "Resource not found")
    return found
