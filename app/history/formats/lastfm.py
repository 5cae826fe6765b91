"""Last.fm has no export; these are the JSON files of those who make one, and the list of all its formats.

ghan.nl writes pages as Last.fm's Web API gives them, lastfmstats.com one list. Stamps are starts.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from app.history.batch import Source
from app.history.formats import lastfm_csv
from app.history.formats.lastfm_dates import by_minute
from app.history.formats.rows import Contents, Format, Head, Reading, Rejected, Row, contents
from app.history.formats.text import NO_OBJECT, has_keys, json_list, milliseconds, text_or_none


def _are_pages(head: Head) -> bool:
    return head.text.startswith(("[", "{")) and has_keys(head.text, "track", "#text", "artist", "name")


def _read_pages(body: bytes, reading: Reading) -> Contents:
    return contents(Source.LASTFM, _entries(body), reading)


def _entries(body: bytes) -> Iterator[Row | Rejected]:
    for page in json_list(body):
        tracks = page.get("track") if isinstance(page, dict) else None
        if tracks is None:
            yield Rejected("not a page of tracks")
        else:
            yield from map(_row, tracks if isinstance(tracks, list) else [tracks])


def _row(track: Any) -> Row | Rejected:
    if not isinstance(track, dict):
        return Rejected(NO_OBJECT)
    date, artist = track.get("date"), track.get("artist")
    if date is None and isinstance(attributes := track.get("@attr"), dict) and "nowplaying" in attributes:
        return Rejected("playing now", ignored=True)
    if isinstance(artist, dict) and "#text" not in artist and "album" not in track:
        return Rejected("a loved track, not a play", ignored=True)
    if not isinstance(date, dict):
        return Rejected("date is missing")
    start = milliseconds(date.get("uts"))
    minute = by_minute(date.get("#text")) if start is None else None
    if start is None and minute is None:
        return Rejected("not a time")
    by = _text(artist)
    if by is None:
        return Rejected("names no artist")
    return Row(
        start if start is not None else minute or 0,
        by,
        text_or_none(track.get("name")),
        _text(track.get("album")),
        by_minute=start is None,
    )


def _text(named: object) -> str | None:
    """A name as the Web API has it: alone, or in an object."""
    if isinstance(named, dict):
        return text_or_none(named.get("#text")) or text_or_none(named.get("name"))
    return text_or_none(named)


def _is_stats(head: Head) -> bool:
    found = head.text.startswith("{") and has_keys(head.text, "scrobbles", "username")
    return found and not has_keys(head.text, "maloja")


class _Scrobble(msgspec.Struct, gc=False):
    track: Any = None
    artist: Any = None
    album: Any = None
    date: Any = None


_SCROBBLE = msgspec.json.Decoder(_Scrobble)


def _read_stats(body: bytes, reading: Reading) -> Contents:
    return contents(Source.LASTFM, map(_stats_row, json_list(body, "scrobbles", _SCROBBLE)), reading)


def _stats_row(scrobble: Any) -> Row | Rejected:
    if not isinstance(scrobble, _Scrobble):
        return Rejected(NO_OBJECT)
    start = milliseconds(scrobble.date, 1)
    if start is None:
        return Rejected("date is missing" if scrobble.date is None else "not a time")
    artist = text_or_none(scrobble.artist)
    if artist is None:
        return Rejected("names no artist")
    return Row(start, artist, text_or_none(scrobble.track), text_or_none(scrobble.album))


FORMATS = (
    Format("Last.fm, from ghan.nl (JSON)", _are_pages, _read_pages),
    Format("Last.fm, from lastfmstats.com (JSON)", _is_stats, _read_stats),
    *lastfm_csv.FORMATS,
)
