"""Covers for the names of a history: those that were fetched, else what Spotify's top lists brought along.

Only looks at what is kept; `app.cover_fetch` asks.
"""

from collections.abc import Iterator, Sequence

import msgspec

from app.answers import top_artists, top_tracks
from app.cached_fetch import read_cached
from app.history.cover_plan import Named
from app.history.items import ALBUM, ARTIST, TRACK
from app.music import Artist, Image, TimeRange, Track
from app.store.answers import AccountAnswers
from app.store.covers import covers
from app.store.engine import Store

_TOP_LISTS = [make(time_range) for time_range in TimeRange for make in (top_artists, top_tracks)]
_IMAGES = msgspec.json.Decoder(tuple[Image, ...])


def covers_of(store: Store, account_id: int, named: Sequence[Named]) -> list[tuple[Image, ...]]:
    """The images of each of these names; none where nothing is known."""
    keys = [one.key for one in named]
    found = {key: _IMAGES.decode(images) for key, images in covers(store, account_id, keys).items()}
    if any(not found.get(key) for key in keys):
        found |= {key: images for key, images in _from_top_lists(store, account_id) if not found.get(key)}
    return [found.get(key, ()) for key in keys]


def _from_top_lists(store: Store, account_id: int) -> Iterator[tuple[str, tuple[Image, ...]]]:
    """What the account's kept top lists show, by key."""
    for answer in read_cached(AccountAnswers(store, account_id), _TOP_LISTS).values():
        for item in answer.value:
            if item.name and isinstance(item, Artist):
                yield Named(ARTIST, item.name).key, item.images
            elif item.name and isinstance(item, Track) and item.album and item.artists:
                yield Named(TRACK, item.name, item.artists[0].name).key, item.album.images
                if item.album.name:
                    by = (item.album.artists or item.artists)[0].name
                    yield Named(ALBUM, item.album.name, by).key, item.album.images
