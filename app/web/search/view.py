"""What the search page's template prints."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.music import Page, SearchResults
from app.web.format import TextSpan
from app.web.item.view import (
    Song,
    Stretch,
    Tile,
    album_tile,
    artist_tile,
    counted_large,
    song,
    stretch,
)
from app.web.search.report import LAST_OFFSET, STEP, Kind, Search

TITLES = {Kind.ARTIST: "Artists", Kind.ALBUM: "Albums", Kind.TRACK: "Tracks"}


@dataclass(frozen=True)
class Section:
    """The finds of one kind: tiles of artists and albums, rows of tracks."""

    kind: str
    title: str
    stretch: Stretch
    tiles: tuple[Tile, ...]
    songs: tuple[Song, ...]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.tiles or self.songs)


@dataclass(frozen=True)
class SearchView:
    """The search page, ready to draw. `alone`: the kind that is shown alone, "" for all three.

    `said`: what was found, as a sentence, for the eye and the ear alike. `turn`: where one kind is shown
    alone, the stretch of it.
    """

    words: str
    alone: str
    said: tuple[TextSpan, ...]
    sections: tuple[Section, ...]
    turn: Stretch | None

    @property
    def nothing(self) -> bool:
        """Whether words were given and nothing is there to show."""
        return bool(self.words) and not self.sections


def search_view(wanted: Search, finds: SearchResults) -> SearchView:
    """Everything the template shows."""
    pages = pages_of(finds)
    every = tuple(_section(kind, pages[kind]) for kind in wanted.kinds)
    return SearchView(
        words=wanted.words,
        alone=wanted.kind.value if wanted.kind else "",
        said=_said(wanted, pages, every) if wanted.words else (),
        sections=tuple(one for one in every if not one.empty),
        turn=every[0].stretch if wanted.kind and wanted.words else None,
    )


def pages_of(finds: SearchResults) -> Mapping[Kind, Page[Any]]:
    """The finds by kind."""
    return {Kind.ARTIST: finds.artists, Kind.ALBUM: finds.albums, Kind.TRACK: finds.tracks}


def _section(kind: Kind, page: Page[Any]) -> Section:
    return Section(
        kind=kind.value,
        title=TITLES[kind],
        stretch=stretch(page, STEP, LAST_OFFSET),
        tiles=tuple(map(artist_tile if kind is Kind.ARTIST else album_tile, page.items))
        if kind is not Kind.TRACK
        else (),
        songs=tuple(map(song, page.items)) if kind is Kind.TRACK else (),
    )


def _said(
    wanted: Search, pages: Mapping[Kind, Page[Any]], sections: tuple[Section, ...]
) -> tuple[TextSpan, ...]:
    named = TextSpan(wanted.words, is_name=True)
    if wanted.kind:
        title, words = TITLES[wanted.kind], sections[0].stretch.words
        return (TextSpan(f"{title} for “"), named, TextSpan(f"”: {words or 'none'}."))
    counts = [counted_large(pages[kind].total, kind.value) for kind in wanted.kinds if pages[kind].total]
    if not counts:
        return (TextSpan("Spotify finds nothing for “"), named, TextSpan("”."))
    listed = " and ".join(filter(None, (", ".join(counts[:-1]), counts[-1])))
    return (TextSpan(f"Spotify finds {listed} for “"), named, TextSpan("”."))
