"""What the pages of the catalogue share: tiles, rows of tracks, credits, stretches of longer lists, names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.music import Album, Artist, ArtistName, Page, Track
from app.web.charts.artwork import Artwork, artwork
from app.web.format import counted, duration, showable, stripped

TILE_WIDTH, ROW_WIDTH, HEAD_WIDTH = 320, 96, 640  # of pictures, in pixels
TAKEN_DOWN = "Untitled (no longer at Spotify)"
KINDS = {"album": "Album", "single": "Single or EP", "compilation": "Compilation"}
_ID = re.compile(r"[0-9A-Za-z]{22}")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


@dataclass(frozen=True)
class Credit:
    """Whom something is by. `id` is `None` where there is no page of ours to link."""

    name: str
    id: str | None


@dataclass(frozen=True)
class Tile:
    """An artist or album of a grid. `note`: what is known of it in a word or two; `url`: at Spotify."""

    id: str | None
    name: str
    sleeve: Artwork
    url: str | None
    credits: tuple[Credit, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Song:
    """A track of a list. `anchor`: its id on the page, "" where it has none. `url`: at Spotify."""

    id: str | None
    name: str
    credits: tuple[Credit, ...]
    duration: str
    explicit: bool
    url: str | None
    anchor: str = ""
    number: int | None = None
    album: Credit | None = None
    sleeve: Artwork | None = None


@dataclass(frozen=True)
class Stretch:
    """Which part of a longer list is shown, in words, and the offsets of its neighbours.

    `whole`: nothing of the list is left out. `end`: the list goes on, but Spotify does not show more of it.
    """

    words: str
    whole: bool
    previous: int | None
    next: int | None
    end: bool = False


def known_id(text: str | None) -> str | None:
    """The id where it is one that Spotify may have given: 22 letters and digits. Else `None`."""
    return text if text is not None and _ID.fullmatch(text) else None


def stretch(page: Page[Any], step: int, last_offset: int | None = None) -> Stretch:
    """Where a page lies in its list. No page begins after `last_offset`.

    In words: "1–10 of 134", or "7" where that is all; "" where the list is empty.
    """
    total, first = f"{page.total:,}", page.offset + 1
    goes_on = page.more and (last_offset is None or page.end <= last_offset)
    if page.end <= page.offset:
        words = f"none of {total} from here on" if page.total else ""
    elif page.end - page.offset == page.total:
        words = total
    elif page.end == first:
        words = f"{first:,} of {total}"
    else:
        words = f"{first:,}–{page.end:,} of {total}"
    return Stretch(
        words=words,
        whole=page.end - page.offset == page.total,
        previous=max(0, page.offset - step) if page.offset else None,
        next=page.end if goes_on else None,
        end=page.more and not goes_on,
    )


def album_name(name: str | None) -> str:
    """An album's name, or what to say without one."""
    return stripped(name) or (TAKEN_DOWN if name == "" else "Album without a name")


def track_name(name: str | None) -> str:
    """A track's name, or what to say without one."""
    return stripped(name) or (TAKEN_DOWN if name == "" else "Unknown title")


def artist_name(name: str | None) -> str:
    """An artist's name, or what to say without one."""
    return stripped(name) or "Unknown artist"


def credits_of(artists: Sequence[ArtistName]) -> tuple[Credit, ...]:
    """Whom something is by."""
    return tuple(Credit(artist_name(one.name), known_id(one.id)) for one in artists)


def link(url: str | None) -> str | None:
    """An address at Spotify, where a page may link it."""
    return url if showable(url) else None


def artist_tile(artist: Artist) -> Tile:
    """An artist of a grid."""
    name = artist_name(artist.name)
    return Tile(known_id(artist.id), name, artwork(artist.images, artist.name, TILE_WIDTH), link(artist.url))


def album_tile(album: Album, on_artist: bool = False) -> Tile:
    """An album of a grid, with its year; with its kind and its artists where those are not plain."""
    year, kind = year_of(album.release_date), KINDS.get(album.kind or "", "")
    return Tile(
        known_id(album.id),
        album_name(album.name),
        artwork(album.images, album.name, TILE_WIDTH),
        link(album.url),
        () if on_artist else credits_of(album.artists),
        (year or "date unknown") if on_artist else " · ".join(filter(None, (year, kind))),
    )


def song(track: Track) -> Song:
    """A track of a list of finds, with its cover and its album."""
    on = track.album
    return Song(
        id=known_id(track.id),
        name=track_name(track.name),
        credits=credits_of(track.artists),
        duration=duration(track.duration_ms),
        explicit=bool(track.explicit),
        url=link(track.url),
        album=Credit(album_name(on.name), known_id(on.id)) if on else None,
        sleeve=artwork(on.images if on else (), (on.name if on else None) or track.name, ROW_WIDTH),
    )


def released(text: str | None) -> str | None:
    """A release date in words, as precisely as it is known: "14 March 1973", "March 1973", "1973"."""
    found = _DATE.fullmatch(text or "")
    if found is None or found[1] == "0000":
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        when = date(year or 1, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        return str(year)
    if month is None:
        return str(year)
    return f"{when:%B} {year}" if day is None else f"{when.day} {when:%B} {year}"


def year_of(text: str | None) -> str:
    """The year of a release date; "" where it is not known."""
    return (text or "")[:4] if released(text) else ""


def length(milliseconds: int) -> str:
    """A playing time: "41 min 52 s", "1 h 12 min"."""
    seconds = milliseconds // 1000
    if seconds < 60:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def counted_large(count: int, noun: str) -> str:
    """A number, which may be large, and its noun: "1,204 tracks"."""
    return counted(count, noun).replace(str(count), f"{count:,}", 1)
