"""Finding things of the catalogue by name, for the stories' "given"."""

from app.sandbox.catalogue import catalogue
from app.sandbox.items import Album, Artist


def album_named(name: str) -> Album:
    """The album with that name."""
    return next(album for album in catalogue().albums.values() if album.name == name)


def artist_named(name: str) -> Artist:
    """The artist with that name."""
    return next(artist for artist in catalogue().artists.values() if artist.name == name)
