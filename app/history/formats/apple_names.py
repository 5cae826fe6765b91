"""Apple's files that tell whose a title is, since its play activity does not. They are read before it.

Daily Tracks (CSV) has "Artist - Title" for a day, Track Play History (CSV) without one, Library Tracks (JSON)
artist, title and album. Which artist a play has follows in `artist_of`.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from operator import itemgetter
from typing import Any, TypeVar

from app.history.batch import Source
from app.history.formats.rows import (
    AppleNames,
    Contents,
    Format,
    Head,
    NotAFile,
    Reading,
    Rejected,
    contents,
)
from app.history.formats.text import (
    EMPTY,
    NO_OBJECT,
    TOO_LONG,
    Cells,
    columns,
    csv_rows,
    has_keys,
    json_list,
    may_have_header,
    text_or_none,
)
from app.history.merge import folded
from app.history.names import clean

_TELLS_ARTISTS = Rejected("tells artists only", ignored=True)
_NO_ARTIST = Rejected("names no artist and title")
_NO_DAY = Rejected("Date Played is not a day")
_DAILY = ("Date Played", "Track Description")
_HISTORY = ("Track Name", "Last Played Date", "Is User Initiated")
_OLD_HISTORY = ("Track Description", "Last Played Date", "Is User Initiated")
_LIBRARY = ("Title", "Artist")
_LIBRARY_TOO = ("Track Identifier", "Apple Music Track Identifier")  # one of them
_DAY = timedelta(days=1)
_Key = TypeVar("_Key")


def header_of(rows: Iterator[Cells | None], *headers: Iterable[str]) -> dict[str, int] | None:
    """Where the columns of the first of `headers` are that the first row has; `None`: it has none of them."""
    first = next(rows, None)
    return next((places for header in headers if (places := columns(first, header)) is not None), None)


def begins_with(*headers: Iterable[str]) -> Callable[[Head], bool]:
    """Recognises a CSV file whose first row has all columns of one of `headers`."""
    return lambda head: may_have_header(head.text) and header_of(csv_rows(head.text), *headers) is not None


def artist_of(names: AppleNames, title: str, album: str | None, day: str) -> str | None:
    """Whose a title is that was played on a day of the listener's, as "2026-11-20"; `None`: nobody can say.

    Who was heard with that title on the day; else on the days beside it, since a day is counted on another
    clock at times; else who has it on that album; else anywhere. Each only where it is one artist.
    """
    key = folded(title)
    found = _only(names.by_day.get((key, day)))
    if found is None and names.by_day:
        found = _only(_either_side(names, key, day))
    if found is None and album is not None:
        found = _only(names.by_album.get((key, folded(album))))
    return found or _only(names.by_title.get(key))


def _either_side(names: AppleNames, key: str, day: str) -> set[str]:
    try:
        middle = date.fromisoformat(day)
        days = (middle - _DAY, middle + _DAY)
    except (ValueError, OverflowError):
        return set()
    return set().union(*(names.by_day.get((key, one.isoformat()), ()) for one in days))


def _only(artists: set[str] | None) -> str | None:
    """The one artist of these, however it is written."""
    if not artists or (len(artists) > 1 and len(set(map(folded, artists))) > 1):
        return None
    return min(artists)


class _Learner:
    """Fills names. An artist alone is one set wherever it stands, so that a million keys stay small."""

    def __init__(self, names: AppleNames) -> None:
        self._names = names
        self._alone: dict[str, set[str]] = {}

    def learn(self, artist: str, title: str, album: str | None = None) -> None:
        """`title` and `album` are folded."""
        self._add(self._names.by_title, title, artist)
        if album is not None:
            self._add(self._names.by_album, (title, album), artist)

    def learn_day(self, artist: str, title: str, day: str) -> None:
        self._add(self._names.by_day, (title, day), artist)

    def _add(self, known: dict[_Key, set[str]], key: _Key, artist: str) -> None:
        artists = known.get(key)
        if artists is None:
            known[key] = self._alone.setdefault(artist, {artist})
        elif artist not in artists:
            known[key] = artists | {artist}


def _read_descriptions(body: bytes, reading: Reading) -> Contents:
    rows = csv_rows(body)
    places = header_of(rows, _DAILY, _HISTORY, _OLD_HISTORY)
    if places is None:
        raise NotAFile("This file does not have the columns of Apple's track history." if body else EMPTY)
    name = places.get("track name", places.get("track description", 0))
    day = places.get("date played")
    pick: Callable[[Cells], tuple[str, ...]] = itemgetter(name, name if day is None else day)
    return contents(Source.APPLE, _descriptions(rows, pick, day is not None, reading.apple), reading)


def _descriptions(
    rows: Iterable[Cells | None],
    pick: Callable[[Cells], tuple[str, ...]],
    has_days: bool,
    names: AppleNames,
) -> Iterator[Rejected]:
    learner = _Learner(names)
    days: dict[str, str | None] = {}
    tracks: dict[str, tuple[str, str] | None] = {}
    for cells in rows:
        if cells is None:
            yield Rejected(TOO_LONG)
            continue
        try:
            description, played = pick(cells)
        except IndexError:
            yield _NO_ARTIST
            continue
        if description not in tracks:
            tracks[description] = track = _track(description)
            if track is not None:
                learner.learn(*track)
        track = tracks[description]
        if track is None:
            yield _NO_ARTIST
            continue
        if has_days:
            if played not in days:
                days[played] = _day(played)
            day = days[played]
            if day is None:
                yield _NO_DAY
                continue
            learner.learn_day(*track, day)
        yield _TELLS_ARTISTS


def _track(description: str) -> tuple[str, str] | None:
    """Artist and title (folded). Titles hold " - Remastered 2011", so that the first separates."""
    artist, _, title = description.partition(" - ")
    by = clean(artist)
    return None if by is None or clean(title) is None else (by, folded(title))


def _day(digits: str) -> str | None:
    """The day of "20261120", as "2026-11-20"."""
    try:
        return date.fromisoformat(digits.strip()).isoformat()
    except ValueError:
        return None


def _read_library(body: bytes, reading: Reading) -> Contents:
    return contents(Source.APPLE, _library(json_list(body), reading.apple), reading)


def _library(tracks: Iterable[Any], names: AppleNames) -> Iterator[Rejected]:
    learner = _Learner(names)
    for track in tracks:
        if not isinstance(track, dict):
            yield Rejected(NO_OBJECT)
            continue
        artist, title = clean(text_or_none(track.get("Artist"))), text_or_none(track.get("Title"))
        if artist is None or title is None:
            yield _NO_ARTIST
            continue
        album = text_or_none(track.get("Album"))
        learner.learn(artist, folded(title), None if album is None else folded(album))
        yield _TELLS_ARTISTS


def _is_library(head: Head) -> bool:
    found = head.text.startswith(("[", "{")) and has_keys(head.text, *_LIBRARY)
    return found and any(has_keys(head.text, name) for name in _LIBRARY_TOO)


FORMATS = (
    Format(
        "Apple Music, artists by day", begins_with(_DAILY, _HISTORY, _OLD_HISTORY), _read_descriptions, True
    ),
    Format("Apple Music, library", _is_library, _read_library, True),
)
