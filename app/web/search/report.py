"""Search: artists, albums and tracks by words."""

from dataclasses import dataclass
from enum import Enum

from app.catalogue import fetch, search_for
from app.music import Page, SearchResults
from app.site import Site
from app.spotify.client import FINDS_LAST_OFFSET, FINDS_PAGE
from app.visit import Browsing

LAST_OFFSET, STEP = FINDS_LAST_OFFSET, FINDS_PAGE
LONGEST_WORDS = 200


class Kind(Enum):
    """What is searched for. Spotify's own names."""

    ARTIST = "artist"
    ALBUM = "album"
    TRACK = "track"


@dataclass(frozen=True)
class Search:
    """What is wanted: `kind` alone, or all three where it is `None`, ten of each from `offset` on."""

    words: str
    kind: Kind | None = None
    offset: int = 0

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What is asked for."""
        return (self.kind,) if self.kind else tuple(Kind)


def search(site: Site, browsing: Browsing, wanted: Search) -> SearchResults:
    """What Spotify finds, in one call at most; none for no words. Raises SpotifyError."""
    if not wanted.words:
        return SearchResults(*(Page((), wanted.offset, 0, wanted.offset) for _ in Kind))
    kinds = [kind.value for kind in wanted.kinds]
    found: SearchResults = fetch(site, browsing, search_for(wanted.words, kinds, wanted.offset))
    return found
