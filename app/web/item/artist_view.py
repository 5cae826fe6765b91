"""What the template of an artist prints."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.music import Album, Page
from app.web.charts.artwork import Artwork, artwork
from app.web.charts.shared import StaleView, stale_view
from app.web.format import stripped
from app.web.item.ranks_view import RanksView, ranks_view
from app.web.item.report import ALBUMS_STEP, ArtistReport
from app.web.item.view import (
    HEAD_WIDTH,
    Stretch,
    Tile,
    album_tile,
    artist_name,
    link,
    stretch,
)
from app.web.last_known import Stale

TITLES = {"album": "Albums", "single": "Singles and EPs", "compilation": "Compilations"}


@dataclass(frozen=True)
class Group:
    """One group of an artist's releases. `trouble`: why it is missing; then there is no `stretch`."""

    name: str
    title: str
    stretch: Stretch | None
    tiles: tuple[Tile, ...]
    trouble: StaleView | None = None


@dataclass(frozen=True)
class ArtistView:
    """An artist, ready to draw. `alone`: the title of the one group that is shown, "" for all."""

    id: str
    name: str
    sleeve: Artwork
    url: str | None
    genres: tuple[str, ...]
    alone: str
    groups: tuple[Group, ...]
    ranks: RanksView | None


def artist_view(
    report: ArtistReport, artist_id: str, alone: str | None, now: float, timezone: ZoneInfo
) -> ArtistView:
    """Everything the page shows. `alone` names the group, if it is one only; `now` is in Unix seconds."""
    artist = report.artist
    return ArtistView(
        id=artist_id,
        name=artist_name(artist.name),
        sleeve=artwork(artist.images, artist.name, HEAD_WIDTH),
        url=link(artist.url),
        genres=tuple(filter(None, map(stripped, artist.genres))),
        alone=TITLES[alone] if alone else "",
        groups=tuple(_group(name, of, now, timezone) for name, of in report.groups.items()),
        ranks=ranks_view(report.ranks, "artists", now),
    )


def _group(name: str, of: Page[Album] | Stale, now: float, timezone: ZoneInfo) -> Group:
    if isinstance(of, Stale):
        return Group(name, TITLES[name], None, (), stale_view(of, now, timezone))
    tiles = tuple(album_tile(album, on_artist=True) for album in of.items)
    return Group(name, TITLES[name], stretch(of, ALBUMS_STEP), tiles)
