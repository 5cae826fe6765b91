"""What the template of an album prints."""

from dataclasses import dataclass, replace
from itertools import groupby
from zoneinfo import ZoneInfo

from app.music import Album, Page, Track
from app.web.charts.artwork import Artwork, artwork
from app.web.charts.shared import StaleView, stale_view
from app.web.format import counted
from app.web.item.report import TRACKS_STEP, AlbumReport
from app.web.item.view import (
    HEAD_WIDTH,
    KINDS,
    Credit,
    Song,
    Stretch,
    album_name,
    counted_large,
    credits_of,
    length,
    link,
    released,
    song,
    stretch,
)
from app.web.last_known import Stale


@dataclass(frozen=True)
class Disc:
    """The tracks of one disc; `title` is "" where the album has but one."""

    title: str
    songs: tuple[Song, ...]


@dataclass(frozen=True)
class AlbumView:
    """An album, ready to draw. `facts`: date, tracks and length, as far as they are known.

    `trouble`: why there are no tracks; then there is no `stretch`.
    """

    id: str
    name: str
    sleeve: Artwork
    url: str | None
    kind: str
    credits: tuple[Credit, ...]
    facts: tuple[str, ...]
    discs: tuple[Disc, ...]
    stretch: Stretch | None
    trouble: StaleView | None


def album_view(report: AlbumReport, album_id: str, now: float, timezone: ZoneInfo) -> AlbumView:
    """Everything the page shows. `now` is in Unix seconds."""
    album, tracks = report.album, report.tracks
    here = None if isinstance(tracks, Stale) else tracks
    return AlbumView(
        id=album_id,
        name=album_name(album.name),
        sleeve=artwork(album.images, album.name, HEAD_WIDTH),
        url=link(album.url),
        kind=KINDS.get(album.kind or "", "Release"),
        credits=credits_of(album.artists),
        facts=_facts(album, here),
        discs=_discs(album, here) if here else (),
        stretch=stretch(here, TRACKS_STEP) if here else None,
        trouble=stale_view(tracks, now, timezone) if isinstance(tracks, Stale) else None,
    )


def _facts(album: Album, here: Page[Track] | None) -> tuple[str, ...]:
    total = album.total_tracks or (here.total if here else 0)
    return (
        released(album.release_date) or "release date unknown",
        *([counted_large(total, "track")] if total else []),
        *([_playing_time(here)] if here and here.items else []),
    )


def _playing_time(here: Page[Track]) -> str:
    """How long the tracks last that are here, and which those are where it is not the whole album."""
    known = [track.duration_ms for track in here.items if track.duration_ms is not None]
    if not known:
        return "length unknown"
    words = length(sum(known))
    if len(known) < len(here.items):
        return f"{words} for the {counted(len(known), 'track')} whose length is known"
    return words if here.end - here.offset == here.total else f"{words} for the tracks shown here"


def _discs(album: Album, here: Page[Track]) -> tuple[Disc, ...]:
    numbers = {track.disc or 1 for track in here.items}
    seen: set[str] = set()
    discs = []
    for number, tracks in groupby(enumerate(here.items, here.offset + 1), lambda one: one[1].disc or 1):
        songs = tuple(_song(album, track, place, seen) for place, track in tracks)
        discs.append(Disc(f"Disc {number}" if numbers != {1} else "", songs))
    return tuple(discs)


def _song(album: Album, track: Track, place: int, seen: set[str]) -> Song:
    """A row; whom it is by is only said where that differs from the album's."""
    one = song(track)
    anchor = f"track-{one.id}" if one.id and one.id not in seen else ""
    if one.id:
        seen.add(one.id)
    return replace(
        one,
        number=track.number or place,
        anchor=anchor,
        credits=() if track.artists == album.artists else one.credits,
        sleeve=None,
    )
