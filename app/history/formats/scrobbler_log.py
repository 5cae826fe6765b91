"""`.scrobbler.log`, which Rockbox and other players without a connection write: tabs between eight columns.

A row is stamped at its start: in Unix seconds, or, under `#TZ/UNKNOWN`, with what the player's clock showed,
as if that were UTC. Rated "L" it was listened to, "S" skipped.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from operator import itemgetter

from app.history.batch import Source
from app.history.formats.rows import Contents, Format, NotAFile, Reading, Rejected, Row, contents
from app.history.formats.text import TOO_SHORT, Cells, columns, milliseconds, text_or_none, text_stream

_NAMES = ("artist", "album", "title", "length", "rating", "timestamp")
# Where no comment names the columns.
_USUAL = {"artist": 0, "album": 1, "title": 2, "length": 4, "rating": 5, "timestamp": 6}
_RATINGS = ("L", "S")
_UNTAGGED = "<Untagged>"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
NO_ZONE = (
    "This log has the times of the player's clock and does not say in which time zone that was. Choose the "
    "zone and import it again; nothing of it was kept."
)


def read(body: bytes, reading: Reading) -> Contents:
    """The rows of a log. Raises NotAFile where the zone is not known."""
    return contents(Source.SCROBBLER_LOG, _entries(body, reading), reading)


def _entries(body: bytes, reading: Reading) -> Iterator[Row | Rejected]:
    places, pick = _USUAL, _picker(_USUAL)
    zone: tzinfo | None = reading.zone
    for line in text_stream(body):
        cells = line.rstrip("\r\n").split("\t")
        if line.startswith("#") and not _is_row(cells, places):
            if line.startswith("#TZ/"):
                zone = UTC if cells[0].strip() == "#TZ/UTC" else reading.zone
            places = columns([name.lstrip("#") for name in cells], _NAMES) or places
            pick = _picker(places)
        elif line.strip():
            if zone is None:
                raise NotAFile(NO_ZONE)
            try:
                found = _entry(pick(cells), zone)
            except IndexError:
                found = Rejected(TOO_SHORT)
            yield found


def _is_row(cells: Cells, places: dict[str, int]) -> bool:
    """Whether what begins with "#" is a row, of an artist who is called so, and no comment."""
    at = places["rating"]
    return len(cells) > at and cells[at] in _RATINGS


def _picker(places: Mapping[str, int]) -> Callable[[Cells], tuple[str, ...]]:
    return itemgetter(*(places[name] for name in _NAMES))


def _entry(cells: tuple[str, ...], zone: tzinfo) -> Row | Rejected:
    artist, album, title, length, rating, timestamp = cells
    if rating not in _RATINGS:
        return Rejected("rated neither L nor S")
    start = milliseconds(timestamp)
    if start is None:
        return Rejected("not a time")
    by = _name(artist)
    if by is None:
        return Rejected("names no artist")
    return Row(
        _in_utc(start, zone),
        by,
        _name(title),
        _name(album),
        duration=milliseconds(length),
        skipped=rating == "S",
    )


def _name(text: str) -> str | None:
    return None if text == _UNTAGGED else text_or_none(text)


def _in_utc(clock: int, zone: tzinfo) -> int:
    """Unix milliseconds of what a clock in `zone` shows, given as if it were UTC. What is absurd stays so."""
    if zone is UTC:
        return clock
    try:
        shown = _EPOCH + clock * _MILLISECOND
        return (shown.replace(tzinfo=zone) - _EPOCH) // _MILLISECOND
    except OverflowError:
        return clock


FORMATS = (Format(".scrobbler.log", lambda head: head.text.startswith("#AUDIOSCROBBLER/"), read),)
