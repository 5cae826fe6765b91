"""What the name of an artist, album or track stands for: whether anybody knows it, and its id at Spotify."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from app import answers, catalogue
from app.history.items import name_key
from app.music import Artist, ArtistName, TimeRange, Track
from app.site import Site
from app.spotify.errors import SpotifyError
from app.store.saved_tracks import Credit
from app.visit import Browsing
from app.web.item.report import TRACK_URI
from app.web.library import report as library
from app.web.representation import is_spotify_id
from app.web.time.item.report import ALBUM, ARTIST, TRACK, ItemReport

_QUESTIONS = {ARTIST: 1, ALBUM: 3}  # that Spotify is asked at most
_MOST_WORDS = 8  # of a name that the library is searched for
_Credits = tuple[ArtistName, ...] | tuple[Credit, ...]
# Something that a name may stand for: its name, its id at Spotify, whom it is by.
_Candidate = tuple[str | None, str | None, _Credits]


@dataclass(frozen=True)
class Known:
    """Something that is known by name. `id`: Spotify's, `None` where that is not known."""

    id: str | None


def known_by_name(
    site: Site,
    account_id: int | None,
    browsing: Browsing | None,
    kind: str,
    name: str,
    artist: str | None,
    plays: ItemReport | None,
) -> Known | None:
    """What a name stands for; `None` where it is in none of what is known of the person.

    That is their own plays, what Spotify last said of their favourites, their library; and for an id, what
    Spotify says of a track that they played, where `browsing` asks it.
    """
    if plays is not None:
        name, artist = plays.name, plays.artist
        if plays.uri and (track_id := _track_id(plays.uri)):
            return Known(track_id)
    known = Known(None) if plays is not None else None
    for candidates in _sources(site, account_id, browsing, kind, f"{name} {artist or ''}", plays):
        for candidate, item_id, by in candidates:
            if _is_called(candidate, by, kind, name, artist):
                known = Known(item_id if is_spotify_id(item_id) else None)
                if known.id:
                    return known
    return known


def _sources(
    site: Site,
    account_id: int | None,
    browsing: Browsing | None,
    kind: str,
    words: str,
    plays: ItemReport | None,
) -> Iterator[Iterator[_Candidate]]:
    """Where to look, one after the other: what costs least comes first."""
    if account_id is not None:
        queries = [query(one) for query in (answers.top_artists, answers.top_tracks) for one in TimeRange]
        for kept in answers.last_known(site.store, account_id, queries).values():
            yield _candidates(kind, kept.value)
        yield _saved_candidates(site, account_id, kind, words)
    if plays is not None and browsing is not None and kind != TRACK:
        # A track may have been played from another release than the album's, so that one is not enough.
        for uri in plays.track_uris[: _QUESTIONS[kind]]:
            if track_id := _track_id(uri):
                with suppress(SpotifyError):
                    yield _candidates(kind, [catalogue.fetch(site, browsing, catalogue.track(track_id))])


def _candidates(kind: str, items: "list[Track] | tuple[Artist | Track, ...]") -> Iterator[_Candidate]:
    for item in items:
        if isinstance(item, Artist):
            if kind == ARTIST:
                yield item.name, item.id, ()
            continue
        album = item.album
        by = (*(album.artists if album else ()), *item.artists)
        if kind == ARTIST:
            yield from ((artist.name, artist.id, ()) for artist in by)
        elif kind == TRACK:
            yield item.name, item.id, by
        elif album is not None:
            yield album.name, album.id, album.artists or item.artists


def _saved_candidates(site: Site, account_id: int, kind: str, words: str) -> Iterator[_Candidate]:
    for saved in library.named(site, account_id, " ".join(words.split()[:_MOST_WORDS])):
        if kind == ARTIST:
            yield from ((artist.name, artist.id, ()) for artist in saved.artists)
        else:
            album = kind == ALBUM
            yield saved.album if album else saved.name, None if album else saved.id, saved.artists


def _is_called(found: str | None, by: _Credits, kind: str, name: str, artist: str | None) -> bool:
    if name_key(found) != name_key(name):
        return False
    return kind == ARTIST or not artist or name_key(artist) in {name_key(credit.name) for credit in by}


def _track_id(uri: str) -> str | None:
    track_id = uri.removeprefix(TRACK_URI)
    return track_id if is_spotify_id(track_id) else None
