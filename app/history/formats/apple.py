"""Apple Music's play activity: a CSV file with a row for each event of a player, in no order.

Rules and figures are from a real file of 6,059 rows. What belongs together is found over the whole file: the
same second told twice, and plays that were paused and went on.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from operator import itemgetter
from typing import Any, TypeVar

import numpy as np

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
_GAP = 180_000  # milliseconds: a longer pause begins another play
_PAUSED = "endplay"
# The same endings as Spotify calls them. A play may go on after those that are a pause.
_ENDINGS = {
    "NATURAL_END_OF_TRACK": "trackdone",
    "TRACK_SKIPPED_FORWARDS": "fwdbtn",
    "TRACK_SKIPPED_BACKWARDS": "backbtn",
    "MANUALLY_SELECTED_PLAYBACK_OF_A_DIFF_ITEM": "clickrow",
    "PLAYBACK_MANUALLY_PAUSED": _PAUSED,
    "SCRUB_BEGIN": _PAUSED,
    "SCRUB_END": _PAUSED,
    "FAILED_TO_LOAD": "trackerror",
}
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


_T = TypeVar("_T")


class _Memo(dict[str, _T]):
    """What is worked out for each text once: a million rows hold a few thousand."""

    def __init__(self, work: Callable[[str], _T]) -> None:
        super().__init__()
        self._work = work

    def __missing__(self, text: str) -> _T:
        found = self[text] = self._work(text)
        return found


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
    found.reverse()
    return contents(Source.APPLE, _taken(found), reading)


def _taken(backwards: list[Row | Rejected]) -> Iterator[Row | Rejected]:
    while backwards:
        yield backwards.pop()  # it makes room for what becomes of it


def _entry(places: dict[str, int], names: AppleNames) -> Callable[[Cells], Row | Rejected]:
    """Reads one row."""
    # A column that is missing is the last one, which every row gets empty.
    wanted = (*_REQUIRED, *_TITLES, *_OPTIONAL)
    pick: Callable[[Cells], tuple[str, ...]] = itemgetter(*(places.get(name.lower(), -1) for name in wanted))
    texts = _Memo(lambda cell: cell.strip() or None)
    lengths = _Memo(partial(milliseconds, unit=1))
    endings, flags = _Memo(_ending), _Memo(lambda cell: _SHUFFLE.get(cell, flag(cell)))
    artist = _artists(names)

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
        title = texts[song] or texts[content]
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
        on_album = texts[album]
        reason_end, skipped = endings[reason]
        return Row(
            start,
            texts[by] or artist(title, on_album, start, offset),
            title,
            on_album,
            ms=ms,
            duration=lengths[duration],
            skipped=skipped,
            shuffle=flags[shuffle],
            offline=flags[offline],
            reason_end=reason_end,
            platform=texts[device],
        )

    return entry


def _ending(reason: str) -> tuple[str | None, bool | None]:
    """An end reason as Spotify calls it, and whether the play was skipped."""
    reason = reason.strip()
    if reason in ("", "NOT_APPLICABLE"):
        return None, None
    return _ENDINGS.get(reason, reason), reason.startswith("TRACK_SKIPPED_")


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
    order = _one_a_second(found)
    rows: list[Row] = [found[at] for at in order]
    start = np.array([row.start for row in rows], np.int64)
    end = start + np.array([row.ms or 0 for row in rows], np.int64)
    paused = np.array([row.reason_end == _PAUSED for row in rows], bool)
    plays: dict[int, Row] = {}  # what a row that went on became part of
    for at in (np.flatnonzero(paused[:-1] & (start[1:] - end[:-1] < _GAP)) + 1).tolist():
        play, row = plays.get(at - 1, rows[at - 1]), rows[at]
        ms = (play.ms or 0) + (row.ms or 0)
        if _track(play) == _track(row) and ms <= LONGEST_PLAY:
            play.ms, play.reason_end, play.skipped = ms, row.reason_end, row.skipped
            play.duration = play.duration or row.duration
            plays[at] = play
            found[order[at]] = _GOES_ON


def _track(row: Row) -> tuple[str | None, ...]:
    return row.title, row.artist, row.album


def _one_a_second(found: list[Any]) -> list[int]:
    """Where the rows are, by their starts; but for those in whose second a longer one of the track begins."""
    places = [at for at, entry in enumerate(found) if isinstance(entry, Row)]
    start = np.array([found[at].start for at in places], np.int64)
    by_start = np.argsort(start, kind="stable")
    order = np.array(places, np.int64)[by_start]
    another = np.diff(start[by_start] // 1000) != 0
    edges = np.flatnonzero(np.concatenate([[True], another, [True]]))
    several = np.diff(edges) > 1
    for first, last in zip(edges[:-1][several].tolist(), edges[1:][several].tolist(), strict=True):
        kept = _longest(found, order[first:last].tolist())
        order[first:last] = kept + [-1] * (last - first - len(kept))
    left: list[int] = order[order >= 0].tolist()
    return left


def _longest(found: list[Any], places: Sequence[int]) -> list[int]:
    """Of rows in one second the longest of each track. Their order in the file does not matter."""
    longest: dict[tuple[str | None, ...], int] = {}
    for at in sorted(places, key=lambda at: (found[at].ms or 0, repr(found[at]))):
        track = _track(found[at])
        if track in longest:
            found[longest[track]] = _SAME_SECOND
        longest[track] = at
    return sorted(longest.values(), key=lambda at: (found[at].start, repr(found[at])))


FORMATS = (Format("Apple Music", begins_with(*((*_REQUIRED, title) for title in _TITLES)), _read),)
