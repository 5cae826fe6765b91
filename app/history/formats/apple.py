"""Apple Music's play activity: a CSV file with a row for each event of a player, in no order.

What belongs together is found over the whole file: the same second told twice, and plays that were paused and
went on. The rules are drawn from a real file of 6,059 rows.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

import msgspec
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
from app.history.formats.text import (
    EMPTY,
    TOO_LONG,
    TOO_SHORT,
    Cells,
    columns,
    csv_rows,
    milliseconds,
    moment,
    text_or_none,
)
from app.history.values import flag

_TIMES = ("Event Start Timestamp", "Play Duration Milliseconds", "Event End Timestamp")
_TITLES = ("Song Name", "Content Name")  # since 2019, and before
_NAMES = (*_TITLES, "Artist Name", "Album Name")
_TELLING = (
    "Event Type",
    "Item Type",
    "Media Type",
    "Container Origin Type",
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
_MOST_KNOWN = 200_000  # combinations of cells; a long history has fewer
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


class _Told(msgspec.Struct, frozen=True, gc=False):
    """What a row tells but its times and names: the same for many rows."""

    offset: int  # milliseconds that the listener's clock is ahead of UTC
    duration: int | None
    skipped: bool | None
    shuffle: bool | None
    offline: bool | None
    reason_end: str | None
    platform: str | None


class _Event(msgspec.Struct, gc=False):
    """A row that may be a play. A million of them should be small."""

    start: int
    ms: int | None
    title: str
    artist: str | None
    album: str | None
    told: _Told

    @property
    def track(self) -> tuple[str | None, ...]:
        return self.title, self.artist, self.album


class _Known(dict[tuple[str, ...], _Told | Rejected]):
    """What the cells of a row tell, worked out once for equal ones."""

    def __missing__(self, cells: tuple[str, ...]) -> _Told | Rejected:
        if len(self) >= _MOST_KNOWN:
            self.clear()
        found = self[cells] = _told(*cells)
        return found


def _read(body: bytes, reading: Reading) -> Contents:
    rows = csv_rows(body)
    places = columns(next(rows, None), _TIMES[:2], (*_TIMES, *_NAMES, *_TELLING))
    if places is None or not any(title.lower() in places for title in _TITLES):
        raise NotAFile("This file does not have the columns of Apple's play activity." if body else EMPTY)
    found: list[_Event | Rejected] = []
    for event in _events(rows, places):
        found.append(event)
        if len(found) % _OFTEN == 0:
            reading.check(len(found))
    _join(found)
    return contents(Source.APPLE, _rows(found, reading.apple), reading)


def _events(rows: Iterable[Cells | None], places: dict[str, int]) -> Iterator[_Event | Rejected]:
    times, names, telling = (_picker(places, wanted) for wanted in (_TIMES, _NAMES, _TELLING))
    known = _Known()
    texts: dict[str, str] = {}  # the same object for the same name
    same = texts.setdefault
    for cells in rows:
        if cells is None:
            yield Rejected(TOO_LONG)
            continue
        cells.append("")
        try:
            began, played, ended = times(cells)
            song, content, artist, album = names(cells)
            told = known[telling(cells)]
        except IndexError:
            yield Rejected(TOO_SHORT)
            continue
        if isinstance(told, Rejected):
            yield told
            continue
        title = song.strip() or content.strip()
        if not title:
            yield _NO_TITLE
            continue
        length = milliseconds(played, 1)
        start, ms = _times(began, ended, length)
        if length is None and played.strip():
            yield _NO_LENGTH
        elif start is None:
            yield _NO_TIME
        elif ms is not None and ms > LONGEST_PLAY:
            yield _TOO_LONG
        else:
            artist, album = artist.strip(), album.strip()
            yield _Event(
                start, ms, same(title, title), same(artist, artist) or None, same(album, album) or None, told
            )


def _picker(places: dict[str, int], wanted: Sequence[str]) -> Callable[[Cells], tuple[str, ...]]:
    """Takes columns from a row. One that is missing is the last, which every row gets empty."""
    return itemgetter(*(places.get(name.lower(), -1) for name in wanted))


def _told(
    event: str, item: str, media: str, origin: str, offset: str, duration: str, reason: str, *more: str
) -> _Told | Rejected:
    """What cells tell, in the order of `_TELLING`."""
    if event not in ("", "PLAY_END"):
        return _NO_END
    if item in _NO_PLAYS:
        return _NO_SONG
    if media not in ("", "AUDIO"):
        return _NO_AUDIO
    if origin == "STREAM_RADIO_STATION":
        return _RADIO
    shuffle, offline, device = more
    reason = "" if reason == "NOT_APPLICABLE" else reason
    return _Told(
        milliseconds(offset) or 0,
        milliseconds(duration, 1),
        reason.startswith("TRACK_SKIPPED_") if reason else None,
        _SHUFFLE.get(shuffle, flag(shuffle)),
        flag(offline),
        _ENDINGS.get(reason, text_or_none(reason)),
        text_or_none(device),
    )


def _times(began: str, ended: str, length: int | None) -> tuple[int | None, int | None]:
    """Start and length of a row. After a jump within the track the length is below zero, and has no start."""
    start, ms = moment(began), None if length is None else max(length, 0)
    if start is not None and ms is not None:
        return start, ms
    end = moment(ended)
    if end is None:
        return start, ms
    return (end - (ms or 0), ms) if start is None else (start, max(end - start, 0))


def _day(number: int) -> str:
    """A day as "2026-11-20", by its number since 1970."""
    try:
        return datetime.fromtimestamp(number * 86_400, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def _join(found: list[Any]) -> None:
    """Makes plays of a file's events, in place.

    Of one second and track the longest stays. One that goes on with the one before adds its length to that,
    and ends it. What is no play of its own is ignored.
    """
    order = _one_a_second(found)
    events: list[_Event] = [found[at] for at in order]
    start = np.array([event.start for event in events], np.int64)
    end = start + np.array([event.ms or 0 for event in events], np.int64)
    paused = np.array([event.told.reason_end == _PAUSED for event in events], bool)
    plays: dict[int, _Event] = {}  # what an event that went on became part of
    for at in (np.flatnonzero(paused[:-1] & (start[1:] - end[:-1] < _GAP)) + 1).tolist():
        play, event = plays.get(at - 1, events[at - 1]), events[at]
        ms = (play.ms or 0) + (event.ms or 0)
        if event.track == play.track and ms <= LONGEST_PLAY:
            play.ms = ms
            play.told = msgspec.structs.replace(
                play.told,
                reason_end=event.told.reason_end,
                skipped=event.told.skipped,
                duration=play.told.duration or event.told.duration,
            )
            plays[at] = play
            found[order[at]] = _GOES_ON


def _one_a_second(found: list[Any]) -> list[int]:
    """Where the events are, by their starts; but for those with a longer one of their track and second."""
    places = [at for at, event in enumerate(found) if isinstance(event, _Event)]
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
    """Of events in one second the longest of each track. Their order in the file does not matter."""
    longest: dict[tuple[str | None, ...], int] = {}
    for at in sorted(places, key=lambda at: (-(found[at].ms or 0), repr(found[at]))):
        if longest.setdefault(found[at].track, at) != at:
            found[at] = _SAME_SECOND
    return sorted(longest.values(), key=lambda at: (found[at].start, repr(found[at])))


def _rows(found: list[Any], names: AppleNames) -> Iterator[Row | Rejected]:
    """What became of each event, with the artist that the files beside it tell."""
    known: dict[tuple[str, str | None, int], str | None] = {}
    found.reverse()
    while found:
        event = found.pop()  # it makes room for the row
        if not isinstance(event, _Event):
            yield event
            continue
        told, artist = event.told, event.artist
        if artist is None and names.by_title:
            key = (event.title, event.album, (event.start + told.offset) // _DAY)
            if key not in known:
                known[key] = artist_of(names, event.title, event.album, _day(key[2]))
            artist = known[key]
        yield Row(
            event.start,
            artist,
            event.title,
            event.album,
            ms=event.ms,
            duration=told.duration,
            skipped=told.skipped,
            shuffle=told.shuffle,
            offline=told.offline,
            reason_end=told.reason_end,
            platform=told.platform,
        )


FORMATS = (Format("Apple Music", begins_with(*((*_TIMES[:2], title) for title in _TITLES)), _read),)
