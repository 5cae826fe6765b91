"""Search: artists, albums and tracks by words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from app import catalogue
from app.history.figures import Ranked
from app.history.ranks import ranks, stretch
from app.music import Page, SearchResults
from app.site import Site
from app.spotify.client import FINDS_LAST_OFFSET, FINDS_PAGE
from app.visit import Browsing
from app.web.time import range_with_plays as plays
from app.web.time.lists.report import with_words

LAST_OFFSET, STEP = FINDS_LAST_OFFSET, FINDS_PAGE
LONGEST_WORDS = 200


class SearchKind(Enum):
    """What is searched for. Spotify's own names."""

    ARTIST = "artist"
    ALBUM = "album"
    TRACK = "track"


@dataclass(frozen=True)
class Search:
    """What is wanted: `kind` alone, or all three where it is `None`, ten of each from `offset` on."""

    words: str
    kind: SearchKind | None = None
    offset: int = 0


@dataclass(frozen=True)
class SearchReport:
    """What was found for `words`: a page of each kind, empty for kinds that were not asked for.

    `kind`: the one kind that was asked for, `None` for all three.
    """

    words: str
    kind: SearchKind | None
    pages: Mapping[SearchKind, Page[Any]]


OWN_SHOWN = 5  # of each kind


@dataclass(frozen=True)
class OwnFinds:
    """What of the own history answers to the words: the first few by plays, and how many in all."""

    kind: plays.Kind
    first: Sequence[Ranked]
    found: int


def search_plays(of: plays.RangeWithPlays, words: str) -> list[OwnFinds]:
    """What of a history has the words in its name, or its artist’s; without the kinds that have nothing."""
    finds = []
    for kind in (plays.Kind.ARTISTS, plays.Kind.ALBUMS, plays.Kind.TRACKS):
        ranking = of.ranking(kind)
        among = with_words(of, kind, words)
        numbers = stretch(among, 1, OWN_SHOWN)
        place = ranks(ranking, numbers)
        if numbers:
            finds.append(OwnFinds(kind, [ranking.ranked(at, place[at]) for at in numbers], among.length))
    return finds


def search(site: Site, browsing: Browsing, query: Search) -> SearchReport:
    """What Spotify finds, in one call at most; nothing for no words. Raises SpotifyError."""
    empty: Page[Any] = Page((), query.offset, 0, query.offset)
    found = SearchResults(empty, empty, empty)
    if query.words:
        kinds = [kind.value for kind in SearchKind if query.kind in (None, kind)]
        found = catalogue.fetch(site, browsing, catalogue.search_for(query.words, kinds, query.offset))
    return SearchReport(
        words=query.words,
        kind=query.kind,
        pages={
            SearchKind.ARTIST: found.artists,
            SearchKind.ALBUM: found.albums,
            SearchKind.TRACK: found.tracks,
        },
    )
