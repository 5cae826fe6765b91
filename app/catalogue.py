"""Spotify's catalogue, with its answers kept for an hour: the same for everybody who asks the same Spotify.

Of several requests that miss at once, one asks and the others wait for it. Errors are never kept.
"""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from app.browsing import Browsing
from app.music import Album, AlbumInFull, Artist, Page, SearchResults, Track
from app.site import Site
from app.spotify.client import CatalogueClient
from app.spotify.errors import (
    AppRefused,
    Forbidden,
    InsufficientScope,
    LoginEnded,
    NoAnswer,
    SpotifyError,
    Unauthorized,
    UserNotRegistered,
)
from app.store.catalogue_answers import keep_answer, kept_answers
from app.store.locks import single_flight

FRESH_SECONDS = 3600.0


@dataclass(frozen=True)
class Question:
    """One call to the catalogue: what tells it from others, the answer's type, and the call itself."""

    parts: tuple[str | int, ...]
    type: Any
    ask: Callable[[CatalogueClient], Any]

    def key(self, service: str) -> str:
        """Where its answer is kept: a hash, so that the table does not tell what was searched for."""
        return hashlib.sha256(msgspec.json.encode([service, *self.parts])).hexdigest()


def search_for(words: str, kinds: Sequence[str], offset: int) -> Question:
    """Ten of each of `kinds` from `offset` on."""
    return Question(
        ("search", words, *kinds, offset), SearchResults, lambda client: client.search(words, kinds, offset)
    )


def artist(artist_id: str) -> Question:
    """An artist."""
    return Question(("artist", artist_id), Artist, lambda client: client.artist(artist_id))


def artist_albums(artist_id: str, group: str, offset: int) -> Question:
    """Ten of an artist's releases of one group."""
    return Question(
        ("artist albums", artist_id, group, offset),
        Page[Album],
        lambda client: client.artist_albums(artist_id, group, offset),
    )


def album(album_id: str) -> Question:
    """An album, mostly with its first tracks."""
    return Question(("album", album_id), AlbumInFull, lambda client: client.album(album_id))


def album_tracks(album_id: str, offset: int) -> Question:
    """Fifty of an album's tracks."""
    return Question(
        ("album tracks", album_id, offset),
        Page[Track],
        lambda client: client.album_tracks(album_id, offset),
    )


def track(track_id: str) -> Question:
    """A track."""
    return Question(("track", track_id), Track, lambda client: client.track(track_id))


def answer(site: Site, browsing: Browsing, question: Question) -> Any:
    """The answer, kept or fresh. Raises SpotifyError."""
    outcome = outcomes(site, browsing, {"": question})[""]
    if isinstance(outcome, SpotifyError):
        raise outcome
    return outcome


def outcomes(site: Site, browsing: Browsing, questions: Mapping[str, Question]) -> dict[str, Any]:
    """What came of each question, by name: its answer or a SpotifyError. Asked side by side."""
    keys = {name: question.key(browsing.service.name) for name, question in questions.items()}
    bodies = kept_answers(site.store, keys.values(), time.time() - FRESH_SECONDS)
    found = {name: _decoded(bodies.get(keys[name]), question) for name, question in questions.items()}
    calls = {
        name: partial(_once, site, browsing, keys[name], question)
        for name, question in questions.items()
        if found[name] is None
    }
    if calls:
        browsing.before_asking()
        outcomes = browsing.service.bulkhead.gather(site.pool, calls, browsing.deadline)
        found |= {name: _judged(browsing, name, outcome) for name, outcome in outcomes.items()}
    return found


def _once(site: Site, browsing: Browsing, key: str, question: Question) -> Any:
    def kept() -> Any:
        body = kept_answers(site.store, [key], time.time() - FRESH_SECONDS).get(key)
        return _decoded(body, question)

    def ask() -> Any:
        body = msgspec.json.encode(question.ask(browsing.catalogue))
        keep_answer(site.store, key, body)
        return _decoded(body, question)

    return single_flight(site.store, f"catalogue:{key}", kept, ask, browsing.deadline)


def _decoded(body: bytes | None, question: Question) -> Any:
    if body is None:
        return None
    try:
        return msgspec.json.decode(body, type=question.type)
    except ValueError:  # msgspec's own errors, and text that is not UTF-8
        return None  # kept by another version of the site, in another shape


def _judged(browsing: Browsing, name: str, outcome: Any) -> Any:
    """The outcome of a call; whoever is not logged in has no login that could end, nor a list to be on."""
    if isinstance(outcome, TimeoutError):
        return NoAnswer(f"spotify catalogue {name}".strip(), "not in time")
    if isinstance(outcome, Exception) and not isinstance(outcome, SpotifyError):
        raise outcome
    if browsing.by_the_app and isinstance(outcome, LoginEnded | Unauthorized):
        return AppRefused("spotify catalogue", outcome.message)
    if browsing.by_the_app and isinstance(outcome, InsufficientScope | UserNotRegistered):
        return Forbidden("spotify catalogue", outcome.message)
    return outcome
