"""Apple Music's play activity: a CSV file with a row for each event of a player, in no order.

Rules and figures are from a real file of 6,059 rows. What belongs together is found over the whole file: the
same second told twice, and plays that were paused and went on.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from app.history.batch import Source
from app.history.formats.apple_names import artist_of, begins_with
from app.history.formats.rows import (
    LONGEST_PLAY,
    AppleNames,
    Contents,
    Format,
    NotAFile,
    Reading,
    Rejected,
    Row,
    contents,
)
from app.history.formats.text import EMPTY, Cells, columns, csv_rows, entries, milliseconds, moment
from app.history.values import flag

_REQUIRED = ("Event Start Timestamp", "Play Duration Milliseconds")
_TITLES = ("Song Name", "Content Name")  # since 2019, and before
_OPTIONAL = (
    "Event End Timestamp",
    "Event Type",
    "Item Type",
    "Media Type",
    "Container Origin Type",
    "Artist Name",
    "Album Name",
    "UTC Offset In Seconds",
    "Media Duration In Milliseconds",
    "End Reason Type",
    "Shuffle Play",
    "Offline",
    "Device Type",
)
_NO_PLAYS = {"AGGREGATE_NON_CATALOG_PLAY_TIME", "AD", "NON_SONG_CLIP"}
_GOES_ON_AFTER = {"PLAYBACK_MANUALLY_PAUSED", "SCRUB_BEGIN", "SCRUB_END"}
_GAP = 180_000  # milliseconds: a longer pause begins another play
# The same endings as Spotify calls them.
_ENDINGS = {
    "NATURAL_END_OF_TRACK": "trackdone",
    "TRACK_SKIPPED_FORWARDS": "fwdbtn",
    "TRACK_SKIPPED_BACKWARDS": "backbtn",
    "MANUALLY_SELECTED_PLAYBACK_OF_A_DIFF_ITEM": "clickrow",
    "PLAYBACK_MANUALLY_PAUSED": "endplay",
    "SCRUB_BEGIN": "endplay",
    "SCRUB_END": "endplay",
    "FAILED_TO_LOAD": "trackerror",
}
_NOT_TOLD = "NOT_APPLICABLE"
_SHUFFLE = {"SHUFFLE_ON": True, "SHUFFLE_OFF": False}
_DAY = 86_400_000  # milliseconds
_OFTEN = 100_000  # rows
_NO_END = Rejected("not the end of a play", ignored=True)
_NO_SONG = Rejected("an advertisement, a clip or a sum", ignored=True)
_NO_AUDIO = Rejected("a video", ignored=True)
_RADIO = Rejected("radio", ignored=True)
_GOES_ON = Rejected("goes on with the row before", ignored=True)
_SAME_SECOND = Rejected("the same track in the same second as a longer row", ignored=True)
_NO_TITLE = Rejected("names no track")
_NO_TIME = Rejected("not a time")
_TOO_LONG = Rejected("longer than a day")
_NO_LENGTH = Rejected("Play Duration Milliseconds is not a number")


def _read(body: bytes, reading: Reading) -> Contents:
    rows = csv_rows(body)
    places = columns(next(rows, None), _REQUIRED, (*_OPTIONAL, *_TITLES))
    if places is None or not any(title.lower() in places for title in _TITLES):
        raise NotAFile("This file does not have the columns of Apple's play activity." if body else EMPTY)
    found: list[Row | Rejected] = []
    for entry in entries(rows, _entry(places, reading.apple)):
        found.append(entry)
        if len(found) % _OFTEN == 0:
            reading.check(len(found))
    _join(found)
    return contents(Source.APPLE, found, reading)


def _entry(places: dict[str, int], names: AppleNames) -> Callable[[Cells], Row | Rejected]:
    """Reads one row. `reason_end` is still as Apple writes it."""
    # A column that is missing is the last one, which every row gets empty.
    wanted = (*_REQUIRED, *_TITLES, *_OPTIONAL)
    pick: Callable[[Cells], tuple[str, ...]] = itemgetter(*(places.get(name.lower(), -1) for name in wanted))
    texts: dict[str, str | None] = {_NOT_TOLD: None}
    artist = _artists(names)

    def text(cell: str) -> str | None:
        """The same object for the same text: a million rows hold a few thousand."""
        return texts.setdefault(cell, cell.strip() or None)

    def entry(cells: Cells) -> Row | Rejected:
        cells.append("")
        began, played, song, content, ended, event, item, media, origin, *more = pick(cells)
        if event not in ("", "PLAY_END"):
            return _NO_END
        if item in _NO_PLAYS:
            return _NO_SONG
        if media not in ("", "AUDIO"):
            return _NO_AUDIO
        if origin == "STREAM_RADIO_STATION":
            return _RADIO
        title = text(song) or text(content)
        if title is None:
            return _NO_TITLE
        length = milliseconds(played, 1)
        if length is None and played.strip():
            return _NO_LENGTH
        start, ms = _times(began, ended, length)
        if start is None:
            return _NO_TIME
        if ms is not None and ms > LONGEST_PLAY:
            return _TOO_LONG
        by, album, offset, duration, reason, shuffle, offline, device = more
        on_album = text(album)
        return Row(
            start,
            text(by) or artist(title, on_album, start, offset),
            title,
            on_album,
            ms=ms,
            duration=milliseconds(duration, 1),
            shuffle=_SHUFFLE.get(shuffle, flag(shuffle)),
            offline=flag(offline),
            reason_end=text(reason),
            platform=text(device),
        )

    return entry


def _times(began: str, ended: str, length: int | None) -> tuple[int | None, int | None]:
    """Start and length of a row. After a jump within the track the length is below zero, and has no start."""
    start, ms = moment(began), None if length is None else max(length, 0)
    if start is not None and ms is not None:
        return start, ms
    end = moment(ended)
    if end is None:
        return start, ms
    return (end - (ms or 0), ms) if start is None else (start, max(end - start, 0))


def _artists(names: AppleNames) -> Callable[[str, str | None, int, str], str | None]:
    """Whose a title is, by its album, its start and the seconds that the listener's clock is ahead of UTC."""
    known: dict[tuple[str, str | None, int], str | None] = {}

    def artist(title: str, album: str | None, start: int, offset: str) -> str | None:
        if not names.by_title:
            return None
        day = (start + (milliseconds(offset) or 0)) // _DAY
        key = (title, album, day)
        if key not in known:
            known[key] = artist_of(names, title, album, _day(day))
        return known[key]

    return artist


def _day(number: int) -> str:
    """A day as "2026-11-20", by its number since 1970."""
    try:
        return datetime.fromtimestamp(number * 86_400, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def _join(found: list[Any]) -> None:
    """Makes plays of a file's rows, in place.

    Of one second and track the longest row stays. A row that goes on with the one before adds its length to
    that one, and ends it. What is no play of its own is ignored.
    """
    before: Row | None = None
    ended = 0
    for at in _one_a_second(found):
        row: Row = found[at]
        if before is not None and row.start - ended < _GAP and _goes_on(before, row):
            before.ms = (before.ms or 0) + (row.ms or 0)
            before.reason_end = row.reason_end
            before.duration = before.duration or row.duration
            found[at] = _GOES_ON
        else:
            before = row
        ended = row.start + (row.ms or 0)
    for entry in found:
        if isinstance(entry, Row) and entry.reason_end is not None:
            entry.skipped = entry.reason_end.startswith("TRACK_SKIPPED_")
            entry.reason_end = _ENDINGS.get(entry.reason_end, entry.reason_end)


def _goes_on(before: Row, row: Row) -> bool:
    return (
        before.reason_end in _GOES_ON_AFTER
        and _track(before) == _track(row)
        and (before.ms or 0) + (row.ms or 0) <= LONGEST_PLAY
    )


def _track(row: Row) -> tuple[str | None, ...]:
    return row.title, row.artist, row.album


def _one_a_second(found: list[Any]) -> Iterator[int]:
    """Where the rows are, by their starts; but for those in whose second a longer one of the track begins."""
    places = [at for at, entry in enumerate(found) if isinstance(entry, Row)]
    places.sort(key=lambda at: found[at].start)
    for _, group in groupby(places, lambda at: found[at].start // 1000):
        together = list(group)
        yield from together if len(together) == 1 else _longest(found, together)


def _longest(found: list[Any], places: Iterable[int]) -> Sequence[int]:
    """Of rows in one second the longest of each track. Their order in the file does not matter."""
    longest: dict[tuple[str | None, ...], int] = {}
    for at in sorted(places, key=lambda at: (found[at].ms or 0, repr(found[at]))):
        track = _track(found[at])
        if track in longest:
            found[longest[track]] = _SAME_SECOND
        longest[track] = at
    return sorted(longest.values(), key=lambda at: (found[at].start, repr(found[at])))


FORMATS = (Format("Apple Music", begins_with(*((*_REQUIRED, title) for title in _TITLES)), _read),)
