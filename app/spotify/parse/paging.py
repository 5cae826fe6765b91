"""Stretches of longer lists: pages of saved tracks, of an artist's albums, of an album's tracks, of finds."""

from collections.abc import Callable
from typing import TypeVar

from app.music import Album, AlbumInFull, Page, SavedTrack, SearchResults, Track
from app.spotify.errors import BadAnswer
from app.spotify.parse.items import album, artist, track
from app.spotify.parse.values import Json, flag, moment, object_of, objects, whole, within

Item = TypeVar("Item")
LONGEST_LIST = 10_000_000
FULL_PAGE = 50
POSSIBLE = (946_684_800.0, 4_102_444_800.0)  # when something may have been saved: 2000 to 2100


def albums(answer: object, offset: int) -> Page[Album]:
    """A page of an artist's albums; null entries are left out."""
    return _page(answer, offset, album)


def album_tracks(answer: object, offset: int) -> Page[Track]:
    """A page of an album's tracks; null entries are left out."""
    return _page(answer, offset, track)


def album_in_full(answer: object) -> AlbumInFull:
    """`GET /albums/{id}`: with its first tracks, where the server sends them along."""
    found = object_of(answer)
    along = found.get("tracks")
    has_tracks = isinstance(along, dict) and isinstance(along.get("items"), list)
    return AlbumInFull(album(found), album_tracks(along, 0) if has_tracks else None)


def finds(answer: object, offset: int) -> SearchResults:
    """`GET /search`: what was not asked for is an empty page."""
    found = object_of(answer)
    given = [found[kind] for kind in ("artists", "albums", "tracks") if found.get(kind) is not None]
    if given and not any(map(_is_page, given)):
        raise BadAnswer("finds without items")
    return SearchResults(
        artists=_found(found, "artists", offset, artist),
        albums=_found(found, "albums", offset, album),
        tracks=_found(found, "tracks", offset, track),
    )


def saved_tracks(answer: object, offset: int) -> Page[SavedTrack]:
    """A page of `GET /me/tracks`: an entry for each item, whatever is left of it."""
    page = object_of(answer)
    items = page.get("items")
    if not isinstance(items, list):
        raise BadAnswer("a page without items")
    saved = tuple(_saved(item if isinstance(item, dict) else {}) for item in items)
    return Page(saved, offset, _total(page, offset, len(items)), offset + len(items))


def _saved(item: Json) -> SavedTrack:
    entry = item.get("track")
    added_at = within(moment(item.get("added_at")), *POSSIBLE)
    if not isinstance(entry, dict):
        return SavedTrack(added_at, None, removed=True)
    saved = track(entry)
    marked_local = flag(entry.get("is_local"))
    local = marked_local if marked_local is not None else (saved.id is None and bool(saved.name))
    # After a takedown the names are gone, or the track is marked as one that cannot be played.
    gone = not saved.name or saved.id is None or flag(entry.get("is_playable")) is False
    return SavedTrack(added_at, saved, removed=gone and not local)


def _found(found: Json, kind: str, offset: int, parse: Callable[[Json], Item]) -> Page[Item]:
    page = found.get(kind)
    # A kind that cannot be read is empty: the others may be well.
    return _page(page, offset, parse) if _is_page(page) else Page((), offset, 0, offset)


def _is_page(page: object) -> bool:
    return isinstance(page, dict) and isinstance(page.get("items"), list)


def _page(answer: object, offset: int, parse: Callable[[Json], Item]) -> Page[Item]:
    page = object_of(answer)
    items = page.get("items")
    if not isinstance(items, list):
        raise BadAnswer("a page without items")
    kept = tuple(parse(item) for item in objects(items))
    return Page(kept, offset, _total(page, offset, len(items)), offset + len(items))


def _total(page: Json, offset: int, here: int) -> int:
    """How long the whole list is: as the server says, and at least what is known of it."""
    reported = whole(page.get("total"), 0, LONGEST_LIST)
    # Without a total a full page promises another, even where the server does not name it.
    goes_on = bool(page.get("next")) or (reported is None and here >= FULL_PAGE)
    return max(reported or 0, offset + here + goes_on if here else 0)
