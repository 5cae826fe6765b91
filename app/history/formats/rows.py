"""What every reader of a file yields, and how it becomes columns.

A reader goes through a file entry by entry: each is a `Row`, or `Rejected` with the reason. `contents` checks
and counts them. Moments are Unix milliseconds, lengths milliseconds; `None` means that the file does not say.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import compress, islice
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.history.batch import (
    COLUMNS,
    NO,
    NO_TIME,
    OPTIONAL,
    UNKNOWN,
    YES,
    Batch,
    Ints,
    Item,
    PlayKind,
    Source,
    is_usual,
)
from app.history.names import clean
from app.history.values import EARLIEST
from app.store.corrections import Correction

LONGEST_PLAY = 86_400_000  # milliseconds: a day
AHEAD = 86_400  # seconds that a clock may be wrong
FIRST_SCROBBLE = int(datetime(2002, 10, 1, tzinfo=UTC).timestamp())  # nobody could send any before
_SINCE_2006 = (Source.EXTENDED, Source.ACCOUNT, Source.LIVE, Source.APPLE, Source.DEEZER)
FIRST_FEW = 5
MOST_WORDS = 30_000  # different ones of a file; beyond them they are unknown


class NotAFile(Exception):
    """The file as a whole cannot be read; the message is a sentence for the reader."""


@dataclass(frozen=True)
class RejectedRow:
    """An entry that is not kept: its place in the file, counted from 1, and why."""

    place: int
    why: str


@dataclass(frozen=True)
class Contents:
    """What one file held. `read` = rows of the batch + `unreadable` + `ignored`.

    `unreadable_few`, `ignored_few`: the first of each. `unreadable_why`, `ignored_why`: how many for each
    reason. `corrections`: rules that the file brings.
    """

    batch: Batch
    read: int
    unreadable: int = 0
    ignored: int = 0
    unreadable_few: Sequence[RejectedRow] = ()
    ignored_few: Sequence[RejectedRow] = ()
    unreadable_why: Mapping[str, int] = field(default_factory=dict)
    ignored_why: Mapping[str, int] = field(default_factory=dict)
    corrections: Sequence[Correction] = ()


class RejectedRows:
    """Entries that are not kept: how many for each reason, and the first few of each."""

    def __init__(self) -> None:
        self.why: Counter[str] = Counter()
        self._few: dict[str, list[int]] = {}

    def add(self, places: Iterable[int], why: str) -> None:
        """Notes entries by their places, in ascending order."""
        few = self._few.setdefault(why, [])
        for place in places:
            self.why[why] += 1
            if len(few) < FIRST_FEW:
                few.append(place)

    def few(self) -> list[RejectedRow]:
        """The first of them all."""
        every = [RejectedRow(place, why) for why, places in self._few.items() for place in places]
        return sorted(every, key=lambda rejected: rejected.place)[:FIRST_FEW]


class Row(msgspec.Struct, gc=False):
    """A play as a file tells it.

    `start`: Unix milliseconds. `by_minute`: it is known to the minute only, and stands for its beginning.
    `ms`: how long it played; with `estimated`, as a guess. `duration`: how long the track is. `album_artist`:
    whose the album is, where that is told beside `artist`. `source`: where a file tells of several.
    `settled`: it is of a table of plays that this site has written.
    """

    start: int
    artist: str | None
    title: str | None
    album: str | None = None
    album_artist: str | None = None
    uri: str | None = None
    isrc: str | None = None
    ms: int | None = None
    estimated: bool = False
    duration: int | None = None
    by_minute: bool = False
    skipped: bool | None = None
    shuffle: bool | None = None
    offline: bool | None = None
    reason_end: str | None = None
    platform: str | None = None
    country: str | None = None
    kind: PlayKind = PlayKind.MUSIC
    source: Source | None = None
    settled: bool = False


class Rejected(msgspec.Struct, gc=False):
    """An entry that is no play. `why`: a few words. `ignored`: nothing is wrong with it."""

    why: str
    ignored: bool = False


@dataclass
class AppleNames:
    """Whose titles are, from the files that come beside Apple's play activity.

    `by_day`: artists of a title (folded) on a day ("2026-11-20"); `by_album`: of a title on an album (both
    folded); `by_title`: of a title. Filled by the files that are read first.
    """

    by_day: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    by_album: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    by_title: dict[str, set[str]] = field(default_factory=dict)


def _unlimited(_entries: int) -> None:
    pass


@dataclass(frozen=True)
class Reading:
    """What a reader is told beside the file.

    `now`: Unix seconds. `check` is told how many entries there are before they are looked at one by one, and
    may raise. `zone`: the listener's, for stamps that are on a clock without one. `day_first`: whether dates
    begin with the day, where they do not show it. `None` where nobody said.
    """

    now: float
    check: Callable[[int], None] = _unlimited
    zone: ZoneInfo | None = None
    day_first: bool | None = None
    apple: AppleNames = field(default_factory=AppleNames)


@dataclass(frozen=True)
class Head:
    """The beginning of a file: its first few thousand bytes as text. `is_workbook`: it is an Excel file."""

    text: str
    is_workbook: bool = False


@dataclass(frozen=True)
class Format:
    """A kind of file. `name`: what people call it ("Last.fm, from lastfmstats.com").

    `recognise`: whether a file is one, by its beginning. `read` raises NotAFile. `first`: it is read before
    all other files of an import, since it tells what those lack.
    """

    name: str
    recognise: Callable[[Head], bool]
    read: Callable[[bytes, Reading], Contents]
    first: bool = False


def contents(
    source: Source, entries: Iterable[Row | Rejected], reading: Reading, nameless: bool = False
) -> Contents:
    """The entries of a file, checked and counted. Those of `source` that name none of their own.

    `nameless`: those that name no track are plays too, as in what this site exports.
    """
    unreadable, ignored = RejectedRows(), RejectedRows()
    table = _Table(nameless)
    entries = iter(entries)
    read = 0
    # Rows become columns a few at a time: a million of them would fill a memory.
    while few := list(islice(entries, _AT_ONCE)):
        places = np.arange(read + 1, read + len(few) + 1)
        read += len(few)
        reading.check(read)
        rows = [entry for entry in few if isinstance(entry, Row)]
        if len(rows) < len(few):
            for place, entry in zip(places.tolist(), few, strict=True):
                if isinstance(entry, Rejected):
                    (ignored if entry.ignored else unreadable).add((place,), entry.why)
            places = places[[isinstance(entry, Row) for entry in few]]
        sources = _numbers(_told("source", rows), source)
        good = _readable(rows, places, sources, reading.now, unreadable)
        if not good.all():
            rows, places, sources = list(compress(rows, good.tolist())), places[good], sources[good]
        if rows:
            unreadable.add(places[~table.add(rows, sources)].tolist(), "names no track")
    return Contents(
        batch=table.batch(),
        read=read,
        unreadable=unreadable.why.total(),
        ignored=ignored.why.total(),
        unreadable_few=unreadable.few(),
        ignored_few=ignored.few(),
        unreadable_why=unreadable.why,
        ignored_why=ignored.why,
    )


def _readable(
    rows: Sequence[Row], places: Ints, sources: NDArray[Any], now: float, unreadable: RejectedRows
) -> NDArray[np.bool_]:
    """Which rows can be plays, by their times; the others are noted."""
    start, ms = _whole_numbers(_told("start", rows)), _numbers(_told("ms", rows), 0)
    since_2006 = np.isin(sources, _SINCE_2006)
    wrong = (
        (since_2006 & (start < EARLIEST * 1000), "before 2006"),
        (start < FIRST_SCROBBLE * 1000, "before October 2002"),
        (start > (now + AHEAD) * 1000, "in the future"),
        (ms < 0, "a length below zero"),
        (ms > LONGEST_PLAY, "longer than a day"),
    )
    good = np.ones(len(rows), bool)
    for mask, why in wrong:
        if mask.any():
            unreadable.add(places[mask & good].tolist(), why)
            good &= ~mask
    return good


class _Table:
    """Rows as columns, and the items and words that they point to. `nameless`: of any name, or none."""

    def __init__(self, nameless: bool) -> None:
        self._nameless = nameless
        self._columns = {name: bytearray() for name in _DTYPES if name not in _UNTOLD}
        self._items: dict[Item, int] = {}
        self._known: dict[tuple[Any, ...], int] = {}
        self._words: dict[str, int] = {}

    def add(self, rows: Sequence[Row], sources: NDArray[Any]) -> NDArray[np.bool_]:
        """Adds rows, at least one; which of them name a track. The others are left out."""
        item = self._numbers(rows)
        start, lengths = np.array(_told("start", rows), np.int64), _told("ms", rows)
        ms, skipped = _numbers(lengths, 0), _flags(_told("skipped", rows))
        # What was skipped and nothing else is no play: it counts from no threshold on but 0.
        measured = np.where(skipped == YES, YES, UNKNOWN)
        if not _none_is_told(lengths):
            known = [length is not None for length in lengths]
            measured = np.where(known, np.where(_told("estimated", rows), NO, YES), measured)
        columns = {
            "end": (start + ms) // 1000,
            "ms": ms,
            "item": item,
            "source": sources,
            "shuffle": _flags(_told("shuffle", rows)),
            "skipped": skipped,
            "offline": _flags(_told("offline", rows)),
            "reason_end": pointers(_told("reason_end", rows), self._words),
            "platform": pointers(_told("platform", rows), self._words),
            "country": pointers(_told("country", rows), self._words),
            "start": start,
            "measured": measured,
            "duration": _durations(_told("duration", rows)),
            "by_minute": np.array(_told("by_minute", rows), np.int8),
            "settled": np.array(_told("settled", rows), np.int8),
        }
        named: NDArray[np.bool_] = item >= 0
        for name, column in columns.items():
            self._columns[name] += column[named].astype(_DTYPES[name], copy=False).tobytes()
        return named

    def _numbers(self, rows: Sequence[Row]) -> NDArray[np.int32]:
        """The items of the rows, by number; -1 where they name no track."""
        names = list(map(_NAMES, rows))
        numbers = list(map(self._known.get, names))
        for at, number in enumerate(numbers):
            if number is None:
                numbers[at] = self._known[names[at]] = self._new(*names[at])
        return np.array(numbers, np.int32)

    def _new(self, kind: PlayKind, *texts: str | None) -> int:
        artist, title, album, album_by, uri, isrc = map(clean, texts)
        if title is None and uri is None and not self._nameless:
            return -1
        item = Item(kind, artist, title, album, uri, None if album_by == artist else album_by, isrc)
        return self._items.setdefault(item, len(self._items))

    def batch(self) -> Batch:
        """All rows that were added."""
        items = list(self._items)
        columns: dict[str, NDArray[Any]] = {
            name: np.frombuffer(column, _DTYPES[name]) for name, column in self._columns.items()
        }
        many = len(columns["end"])
        columns |= {name: np.full(many, value, _DTYPES[name]) for name, value in _UNTOLD.items()}
        more = [(one.album is not None) + (one.uri is not None) + (one.isrc is not None) for one in items]
        columns["richness"] += np.array(more, np.int8)[columns["item"]] if many else 0
        for name in _TELLING:
            columns["richness"] += columns[name] >= 0
        usual = [name for name in OPTIONAL if is_usual(columns, name)]
        return Batch({name: columns[name] for name in _DTYPES if name not in usual}, items, list(self._words))


_AT_ONCE = 4096
_DTYPES = COLUMNS | OPTIONAL
_NAMES = attrgetter("kind", "artist", "title", "album", "album_artist", "uri", "isrc")
_TELLING = ("shuffle", "skipped", "offline", "reason_end", "platform", "country")
_UNTOLD = {"offline_at": NO_TIME, "richness": 0, "incognito": UNKNOWN, "reason_start": UNKNOWN}


def _told(name: str, rows: Sequence[Row]) -> list[Any]:
    return list(map(attrgetter(name), rows))


def _whole_numbers(numbers: Sequence[int]) -> Ints:
    try:
        return np.array(numbers, np.int64)
    except OverflowError:
        # Whatever is absurd stays absurd, on its side of zero.
        most = 2**62
        return np.array([min(max(number, -most), most) for number in numbers], np.int64)


def _numbers(numbers: Sequence[int | None], missing: int) -> Ints:
    if _none_is_told(numbers):
        return np.full(len(numbers), missing, np.int64)
    return _whole_numbers([missing if number is None else number for number in numbers])


def _durations(durations: Sequence[int | None]) -> Ints:
    found = _numbers(durations, UNKNOWN)
    return np.where((found > 0) & (found <= LONGEST_PLAY), found, UNKNOWN)


def _flags(values: Sequence[bool | None]) -> NDArray[np.int8]:
    if _none_is_told(values):
        return np.full(len(values), UNKNOWN, np.int8)
    flags = {None: UNKNOWN, False: NO, True: YES}
    return np.array([flags[value] for value in values], np.int8)


def _none_is_told(values: Sequence[object]) -> bool:
    return values.count(None) == len(values)


def pointers(texts: Sequence[str | None], words: dict[str, int]) -> NDArray[np.int16]:
    """Where in `words` each text is, which gains those that it lacks."""
    if _none_is_told(texts):
        return np.full(len(texts), UNKNOWN, np.int16)
    known: dict[str | None, int] = {}
    for text in set(texts):
        word = clean(text)
        if word is None or (word not in words and len(words) >= MOST_WORDS):
            known[text] = UNKNOWN
        else:
            known[text] = words.setdefault(word, len(words))
    return np.array([known[text] for text in texts], np.int16)
