"""What Pano Scrobbler exports, a line of JSON or a row of CSV for each scrobble and each press of the heart.

`timeMs` is the start in Unix milliseconds, `durationMs` how long the track is; older rows end before `event`.
"""

from typing import Any

from app.history.batch import Source
from app.history.formats.rows import Contents, Format, Head, Reading, Rejected, Row, contents
from app.history.formats.tables import has_table, picker, table
from app.history.formats.text import (
    NO_OBJECT,
    Cells,
    entries,
    has_keys,
    json_lines,
    milliseconds,
    text_or_none,
)

_REQUIRED = ("timeMs", "artist", "track")
_OPTIONAL = ("album", "albumArtist", "durationMs", "event")
_KEYS = (*_REQUIRED, *_OPTIONAL)


def read_lines(body: bytes, reading: Reading) -> Contents:
    """The scrobbles of a JSONL file."""
    return contents(Source.PANO, map(_of_line, json_lines(body)), reading)


def read_csv(body: bytes, reading: Reading) -> Contents:
    """The scrobbles of a CSV file. Raises NotAFile."""
    places, rows = table(body, _REQUIRED, _OPTIONAL)
    pick = picker([places.get(key.lower()) for key in _KEYS])

    def entry(cells: Cells) -> Row | Rejected:
        return _entry(*pick(cells))

    return contents(Source.PANO, entries(rows, entry), reading)


def _of_line(line: object) -> Row | Rejected:
    if not isinstance(line, dict):
        return Rejected("not JSON, or cut short" if line is None else NO_OBJECT)
    return _entry(*map(line.get, _KEYS))


def _entry(
    time: Any, artist: Any, track: Any, album: Any, album_artist: Any, duration: Any, event: Any
) -> Row | Rejected:
    if event not in ("scrobble", "", None):
        return Rejected("not a scrobble", ignored=True)
    start = milliseconds(time, 1)
    if start is None:
        return Rejected("not a time")
    by = text_or_none(artist)
    if by is None:
        return Rejected("names no artist")
    return Row(
        start,
        by,
        text_or_none(track),
        text_or_none(album),
        text_or_none(album_artist),
        duration=milliseconds(duration, 1),
    )


def _is_lines(head: Head) -> bool:
    return head.text.startswith("{") and has_keys(head.text, *_REQUIRED)


FORMATS = (
    Format("Pano Scrobbler", _is_lines, read_lines),
    Format("Pano Scrobbler, as CSV", lambda head: has_table(head.text, _REQUIRED), read_csv),
)
