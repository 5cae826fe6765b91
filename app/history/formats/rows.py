"""What every reader of a file yields, and how it becomes columns.

A reader goes through a file entry by entry: each is a `Row`, or `Rejected` with the reason. `contents` checks
and counts them. Moments are Unix milliseconds, lengths milliseconds; `None` means that the file does not say.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
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
    reason.
    """

    batch: Batch
    read: int
    unreadable: int = 0
    ignored: int = 0
    unreadable_few: Sequence[RejectedRow] = ()
    ignored_few: Sequence[RejectedRow] = ()
    unreadable_why: Mapping[str, int] = field(default_factory=dict)
    ignored_why: Mapping[str, int] = field(default_factory=dict)


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


def contents(source: Source, entries: Iterable[Row | Rejected], reading: Reading) -> Contents:
    """The entries of a file, checked and counted. Those of `source` that name none of their own."""
    unreadable, ignored = RejectedRows(), RejectedRows()
    rows: list[Row] = []
    places: list[int] = []
    read = 0
    for place, entry in enumerate(entries, 1):
        read = place
        if isinstance(entry, Row):
            rows.append(entry)
            places.append(place)
        else:
            (ignored if entry.ignored else unreadable).add((place,), entry.why)
    reading.check(read)
    sources = np.array([source if row.source is None else row.source for row in rows], np.int8)
    good = _readable(rows, np.array(places, np.int64), sources, reading.now, unreadable)
    kept = [row for row, fine in zip(rows, good.tolist(), strict=True) if fine]
    return Contents(
        batch=_batch(kept, sources[good]),
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
    """Which rows can be plays; the others are noted."""
    start = _whole_numbers([row.start for row in rows])
    ms = _whole_numbers([0 if row.ms is None else row.ms for row in rows])
    named = np.array([bool(clean(row.title) or row.uri) for row in rows], bool)
    since_2006 = np.isin(sources, _SINCE_2006)
    wrong = (
        (~named, "names no track"),
        (since_2006 & (start < EARLIEST * 1000), "before 2006"),
        (start < FIRST_SCROBBLE * 1000, "before October 2002"),
        (start > (now + AHEAD) * 1000, "in the future"),
        (ms < 0, "a length below zero"),
        (ms > LONGEST_PLAY, "longer than a day"),
    )
    good = np.ones(len(rows), bool)
    for mask, why in wrong:
        unreadable.add(places[mask & good].tolist(), why)
        good &= ~mask
    return good


def _whole_numbers(numbers: list[int]) -> Ints:
    try:
        return np.array(numbers, np.int64)
    except OverflowError:
        # Whatever is absurd stays absurd, on its side of zero.
        most = 2**62
        return np.array([min(max(number, -most), most) for number in numbers], np.int64)


def _batch(rows: Sequence[Row], sources: NDArray[Any]) -> Batch:
    items: dict[Item, int] = {}
    known: dict[tuple[Any, ...], int] = {}
    item = np.zeros(len(rows), np.int32)
    for at, row in enumerate(rows):
        key = (row.kind, row.artist, row.title, row.album, row.uri, row.album_artist, row.isrc)
        number = known.get(key)
        if number is None:
            number = known[key] = items.setdefault(_item(row), len(items))
        item[at] = number
    start = np.array([row.start for row in rows], np.int64)
    ms = np.array([row.ms or 0 for row in rows], np.int32)
    words: dict[str, int] = {}
    columns: dict[str, NDArray[Any]] = {
        "end": (start + ms) // 1000,
        "offline_at": np.full(len(rows), NO_TIME, np.int64),
        "ms": ms,
        "item": item,
        "source": sources,
        "shuffle": _flags([row.shuffle for row in rows]),
        "skipped": _flags([row.skipped for row in rows]),
        "offline": _flags([row.offline for row in rows]),
        "incognito": np.full(len(rows), UNKNOWN, np.int8),
        "reason_start": np.full(len(rows), UNKNOWN, np.int16),
        "reason_end": pointers([row.reason_end for row in rows], words),
        "platform": pointers([row.platform for row in rows], words),
        "country": pointers([row.country for row in rows], words),
        "start": start,
        "measured": np.array([_measured(row) for row in rows], np.int8),
        "duration": np.array([_duration(row.duration) for row in rows], np.int32),
        "by_minute": np.array([row.by_minute for row in rows], np.int8),
    }
    told = ("shuffle", "skipped", "offline", "reason_end", "platform", "country")
    richness = sum((columns[name] >= 0).astype(np.int8) for name in told)
    more = np.array(
        [sum(value is not None for value in (one.album, one.uri, one.isrc)) for one in items], np.int8
    )
    columns["richness"] = richness + more[item] if len(rows) else np.zeros(0, np.int8)
    usual = [name for name in OPTIONAL if is_usual(columns, name)]
    dtypes = COLUMNS | OPTIONAL
    return Batch(
        {name: columns[name].astype(dtypes[name], copy=False) for name in dtypes if name not in usual},
        list(items),
        list(words),
    )


def _item(row: Row) -> Item:
    artist, title, album = clean(row.artist), clean(row.title), clean(row.album)
    album_by = clean(row.album_artist)
    return Item(row.kind, artist, title, album, row.uri, None if album_by == artist else album_by, row.isrc)


def _measured(row: Row) -> int:
    if row.ms is None:
        # What was skipped and nothing else is no play: it counts from no threshold on but 0.
        return YES if row.skipped else UNKNOWN
    return NO if row.estimated else YES


def _duration(duration: int | None) -> int:
    return duration if duration is not None and 0 < duration <= LONGEST_PLAY else UNKNOWN


def _flags(values: Sequence[bool | None]) -> NDArray[np.int8]:
    flags = {None: UNKNOWN, False: NO, True: YES}
    return np.array([flags[value] for value in values], np.int8)


def pointers(texts: Sequence[str | None], words: dict[str, int]) -> NDArray[np.int16]:
    """Where in `words` each text is, which gains those that it lacks."""
    known: dict[str | None, int] = {}
    for text in set(texts):
        word = clean(text)
        if word is None or (word not in words and len(words) >= MOST_WORDS):
            known[text] = UNKNOWN
        else:
            known[text] = words.setdefault(word, len(words))
    return np.array([known[text] for text in texts], np.int16)
