"""Spotify's catalogue. Its answers are kept for an hour, for everybody who asks the same Spotify."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from app.cached_fetch import Query, fetch_cached
from app.music import Album, AlbumInFull, Artist, Page, SearchResults, Track
from app.site import Site
from app.spotify.errors import (
    AppRefused,
    Forbidden,
    InsufficientScope,
    LoginEnded,
    SpotifyError,
    Unauthorized,
    UserNotRegistered,
)
from app.store.answers import CatalogueAnswers
from app.visit import Browsing


def search_for(words: str, kinds: Sequence[str], offset: int) -> Query:
    """Ten of each of `kinds` from `offset` on."""
    key = _key("search", words, *kinds, offset)
    return Query(key, SearchResults, lambda client: client.search(words, kinds, offset))


def artist(artist_id: str) -> Query:
    """An artist."""
    return Query(_key("artist", artist_id), Artist, lambda client: client.artist(artist_id))


def artist_albums(artist_id: str, group: str, offset: int) -> Query:
    """Ten of an artist's releases of one group."""
    key = _key("artist albums", artist_id, group, offset)
    return Query(key, Page[Album], lambda client: client.artist_albums(artist_id, group, offset))


def album(album_id: str) -> Query:
    """An album, mostly with its first tracks."""
    return Query(_key("album", album_id), AlbumInFull, lambda client: client.album(album_id))


def album_tracks(album_id: str, offset: int) -> Query:
    """Fifty of an album's tracks."""
    key = _key("album tracks", album_id, offset)
    return Query(key, Page[Track], lambda client: client.album_tracks(album_id, offset))


def track(track_id: str) -> Query:
    """A track."""
    return Query(_key("track", track_id), Track, lambda client: client.track(track_id))


def fetch(site: Site, browsing: Browsing, query: Query) -> Any:
    """The answer, kept or fresh. Raises SpotifyError."""
    outcome = fetch_all(site, browsing, {"catalogue": query})["catalogue"]
    if isinstance(outcome, SpotifyError):
        raise outcome
    return outcome


def fetch_all(site: Site, browsing: Browsing, queries: Mapping[str, Query]) -> dict[str, Any]:
    """What came of each query, by name: its answer or a SpotifyError. Fetched side by side."""
    hashed = {
        name: replace(query, key=hashed_key(browsing.service.name, query)) for name, query in queries.items()
    }
    cache = CatalogueAnswers(site.store)

    def held_back(_due: Mapping[str, Query]) -> dict[str, SpotifyError]:
        browsing.before_asking()
        return {}

    answers, errors = fetch_cached(site, browsing, browsing.catalogue, cache, hashed, held_back)
    return {name: answer.value for name, answer in answers.items()} | {
        name: _for_anybody(error) if browsing.by_the_app else error for name, error in errors.items()
    }


def hashed_key(service: str, query: Query) -> str:
    """Where an answer is kept: a hash, so that the table does not tell what was searched for."""
    return hashlib.sha256(f"{service}:{query.key}".encode()).hexdigest()


def _key(*parts: str | int) -> str:
    return msgspec.json.encode(parts).decode()


def _for_anybody(error: SpotifyError) -> SpotifyError:
    """An error of the app's own token: it is no login that could end, nor is anybody's name on a list."""
    if isinstance(error, LoginEnded | Unauthorized):
        return AppRefused("spotify catalogue", error.message)
    if isinstance(error, InsufficientScope | UserNotRegistered):
        return Forbidden("spotify catalogue", error.message)
    return error
