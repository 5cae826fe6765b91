"""Reads one JSON file of an export: every entry is a row that is readable, or unreadable, or ignored.

Three kinds are known: extended streaming history (`ts`, `ms_played`, …) and account data (`endTime`,
`msPlayed`, …), as in Spotify's "Understanding my data"; and plays that arrived live (`played_at`, …), as this
site exports them. A whole file of one kind is decoded at once; only where an entry is not as it should be are
they looked at one by one.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.history.batch import COLUMNS, NO, OPTIONAL, UNKNOWN, YES, Batch, Item, PlayKind, Source
from app.history.formats.rows import (
    AHEAD,
    LONGEST_PLAY,
    Contents,
    Format,
    NotAFile,
    Reading,
    RejectedRows,
    pointers,
)
from app.history.names import account_names, clean
from app.history.sniffing import holds_plays
from app.history.values import EARLIEST, flag, is_missing, offline_times, whole_number

# What Spotify sends has about 16,000 entries of 25 fields; far more is made to fill a memory.
MOST_ENTRIES = 2_000_000
MOST_VALUES = 60_000_000
LARGE = 32 * 2**20  # bytes; below it nothing can be that much


class Extended(msgspec.Struct, gc=False):
    """A row of extended streaming history, without its private fields."""

    ts: str
    ms_played: int
    platform: str | None = None
    conn_country: str | None = None
    master_metadata_track_name: str | None = None
    master_metadata_album_artist_name: str | None = None
    master_metadata_album_album_name: str | None = None
    spotify_track_uri: str | None = None
    episode_name: str | None = None
    episode_show_name: str | None = None
    spotify_episode_uri: str | None = None
    audiobook_title: str | None = None
    audiobook_uri: str | None = None
    audiobook_chapter_uri: str | None = None
    audiobook_chapter_title: str | None = None
    reason_start: str | None = None
    reason_end: str | None = None
    shuffle: bool | None = None
    skipped: bool | None = None
    offline: bool | None = None
    offline_timestamp: Any = None  # a number in all exports that are known, but no row fails for it
    incognito_mode: bool | None = None


class Account(msgspec.Struct, gc=False):
    """A row of account data."""

    endTime: str  # noqa: N815 - Spotify's names
    msPlayed: int  # noqa: N815
    artistName: str | None = None  # noqa: N815
    trackName: str | None = None  # noqa: N815
    podcastName: str | None = None  # noqa: N815
    episodeName: str | None = None  # noqa: N815
    audiobookName: str | None = None  # noqa: N815
    chapterName: str | None = None  # noqa: N815


class Live(msgspec.Struct, gc=False):
    """A play that arrived live. Its length is not told; `duration_ms` is the track's."""

    played_at: str
    spotify_track_uri: str | None = None
    track_name: str | None = None
    artist_name: str | None = None
    album_name: str | None = None
    duration_ms: int | None = None


ExportRow = Extended | Account | Live


@dataclass
class _Sorting:
    """Rows found so far, with their places, and the odd ones."""

    rows: list[ExportRow] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    unreadable: RejectedRows = field(default_factory=RejectedRows)
    ignored: RejectedRows = field(default_factory=RejectedRows)


_EXTENDED = msgspec.json.Decoder(list[Extended])
_ACCOUNT = msgspec.json.Decoder(list[Account])
_LIVE = msgspec.json.Decoder(list[Live])
_FLAGS = ("shuffle", "skipped", "offline", "incognito_mode")
_TEXTS = set(Extended.__struct_fields__) - {"ts", "ms_played", "offline_timestamp", *_FLAGS}
_ACCOUNT_NAMES = Account.__struct_fields__[2:]
_LIVE_NAMES = Live.__struct_fields__[1:-1]
_NOT_KNOWN = "neither a play of extended history nor of account data"
NO_LENGTHS = "account data of 2018, which does not say how long anything was played"
_NAMES_NOTHING = "names no track, episode or chapter"


def read_json(body: bytes, now: float, check: Callable[[int], None] = lambda _entries: None) -> Contents:
    """The rows of a file. `now`: Unix seconds. Raises NotAFile.

    `check` is told how many entries there are before they are looked at one by one, and may raise.
    """
    body = body.removeprefix(b"\xef\xbb\xbf")
    if len(body) > LARGE and (body.count(b"{") > MOST_ENTRIES or body.count(b",") > MOST_VALUES):
        raise NotAFile("This file has far more entries than any that Spotify sends.")
    sorting = _Sorting()
    for decoder in (_EXTENDED, _ACCOUNT, _LIVE):
        try:
            sorting.rows = list(decoder.decode(body))
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            continue
        check(len(sorting.rows))
        sorting.places = list(range(1, len(sorting.rows) + 1))
        break
    else:
        entries = _entries(body)
        check(len(entries))
        _one_by_one(entries, sorting)
    return _contents(sorting, now)


def _read(body: bytes, reading: Reading) -> Contents:
    return read_json(body, reading.now, reading.check)


FORMATS = (Format("Spotify", lambda head: holds_plays(head.text), _read),)


def _entries(body: bytes) -> list[Any]:
    """The entries of a file that is not all of one kind. Raises NotAFile."""
    if not body.strip():
        raise NotAFile("This file is empty.")
    try:
        # Python's own reader takes what the fast one refuses: lone surrogates, NaN, other encodings.
        entries = json.loads(_text_of(body), parse_int=_whole_number)
    except (ValueError, RecursionError) as error:
        raise NotAFile("This is not JSON, or it was cut short.") from error
    if not isinstance(entries, list):
        raise NotAFile("This JSON is not a list of plays.")
    return entries


def _whole_number(digits: str) -> int:
    return int(digits[:40])  # Python refuses endless ones, and no row needs them


def _text_of(body: bytes) -> str:
    encoding = json.detect_encoding(body)
    try:
        return body.decode(encoding, "surrogatepass")
    except UnicodeDecodeError:
        return body.decode(encoding, "replace")  # a letter is lost, not the file


def _one_by_one(entries: Sequence[Any], sorting: _Sorting) -> None:
    for place, entry in enumerate(entries, 1):
        row = _row(entry)
        if isinstance(row, str):
            ignored = row in (_NOT_KNOWN, NO_LENGTHS)
            (sorting.ignored if ignored else sorting.unreadable).add((place,), row)
        else:
            sorting.rows.append(row)
            sorting.places.append(place)


def _row(entry: Any) -> ExportRow | str:
    """The row that an entry is, or why it is none."""
    if not isinstance(entry, dict):
        return "not an object"
    if {"played_at", "spotify_track_uri"} <= entry.keys():
        return _live_row(entry)
    for time, length in (("ts", "ms_played"), ("endTime", "msPlayed")):
        if time in entry or length in entry:
            break
    else:
        return NO_LENGTHS if {"time", "trackName"} <= entry.keys() else _NOT_KNOWN
    when, ms = entry.get(time), whole_number(entry.get(length))
    if not isinstance(when, str):
        return f"{time} is missing" if is_missing(when) else f"{time} is not text"
    if ms is None:
        return f"{length} is missing" if is_missing(entry.get(length)) else f"{length} is not a whole number"
    if time == "endTime":
        return Account(when, ms, *(_text(entry.get(name)) for name in _ACCOUNT_NAMES))
    given: dict[str, Any] = {name: _text(entry[name]) for name in _TEXTS & entry.keys()}
    given |= {name: flag(entry.get(name)) for name in _FLAGS}
    return Extended(when, ms, offline_timestamp=entry.get("offline_timestamp"), **given)


def _live_row(entry: dict[str, Any]) -> Live | str:
    when = entry["played_at"]
    if not isinstance(when, str):
        return "played_at is missing" if is_missing(when) else "played_at is not text"
    names = {name: _text(entry.get(name)) for name in _LIVE_NAMES}
    return Live(when, duration_ms=whole_number(entry.get("duration_ms")), **names)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _contents(sorting: _Sorting, now: float) -> Contents:
    rows = sorting.rows
    places = np.array(sorting.places, np.int64)
    end = _ends(rows)
    ms = _lengths([row.ms_played if type(row) is Extended else _length(row) for row in rows])
    wrong = [
        (end == _UNREADABLE, "not a time"),
        (end < EARLIEST, "before 2006"),
        (end > now + AHEAD, "in the future"),
        (ms < 0, "a length below zero"),
        (ms > LONGEST_PLAY, "longer than a day"),
    ]
    good = ~np.logical_or.reduce([mask for mask, _ in wrong]) if rows else np.ones(0, bool)
    if not good.all():
        seen = np.zeros(len(rows), bool)
        for mask, why in wrong:
            fresh = mask & ~seen
            sorting.unreadable.add(places[fresh].tolist(), why)
            seen |= mask
        rows, places, end, ms = (
            [r for r, g in zip(rows, good, strict=True) if g],
            places[good],
            end[good],
            ms[good],
        )
    table: dict[tuple[Any, ...], int] = {}
    keys = [_key(row) for row in rows]
    item = np.array([table.setdefault(key, len(table)) for key in keys], np.int32)
    named = np.array([key[0] is not None for key in table], bool)
    columns: dict[str, NDArray[Any]] = {"end": end, "ms": ms.astype(np.int32), "item": item}
    words: dict[str, int] = {}
    columns |= _details(rows, end, words)
    if (columns["source"] == Source.LIVE).any():
        columns |= _live_columns(rows)
    more = np.array([(key[3] is not None) + (key[4] is not None) for key in table], np.int8)
    columns["richness"] = columns["richness"] + more[item]
    if len(table) and not named.all():
        nameless = ~named[item]
        sorting.ignored.add(places[nameless].tolist(), _NAMES_NOTHING)
        columns = {name: column[~nameless] for name, column in columns.items()}
    items = [Item(key[0] if key[0] is not None else -1, *map(clean, key[1:])) for key in table]
    return Contents(
        batch=Batch(
            {
                name: columns[name].astype(dtype, copy=False)
                for name, dtype in (COLUMNS | OPTIONAL).items()
                if name in columns
            },
            items,
            list(words),
        ),
        read=len(columns["end"]) + sorting.unreadable.why.total() + sorting.ignored.why.total(),
        unreadable=sorting.unreadable.why.total(),
        ignored=sorting.ignored.why.total(),
        unreadable_few=sorting.unreadable.few(),
        ignored_few=sorting.ignored.few(),
        unreadable_why=sorting.unreadable.why,
        ignored_why=sorting.ignored.why,
    )


_UNREADABLE = np.iinfo(np.int64).min
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _lengths(lengths: list[int]) -> NDArray[np.int64]:
    try:
        return np.array(lengths, np.int64)
    except OverflowError:
        # Whatever is absurd stays absurd, on its side of zero.
        return np.array([min(max(length, -1), LONGEST_PLAY + 1) for length in lengths], np.int64)


def _time(row: Any) -> str:
    time: str = row.endTime if type(row) is Account else row.played_at
    return time


def _length(row: Any) -> int:
    """As the source tells it; of a live play it follows later, from all plays."""
    return row.msPlayed if type(row) is Account else 0


def _ends(rows: Sequence[ExportRow]) -> NDArray[np.int64]:
    """When each play ended; `_UNREADABLE` where that cannot be read."""
    texts = [row.ts if type(row) is Extended else _time(row) for row in rows]
    if rows and all(type(row) is Extended for row in rows):
        joined = "".join(texts)
        if len(joined) == 20 * len(texts) and joined.isascii():
            try:
                return _as_spotify_writes_it(joined)
            except ValueError:
                pass
    return np.array([_moment(text) for text in texts], np.int64)


def _as_spotify_writes_it(joined: str) -> NDArray[np.int64]:
    """Times like "2020-01-01T03:09:12Z", all at once. Raises ValueError where one is not."""
    letters = np.frombuffer(joined.encode("ascii"), np.uint8).reshape(-1, 20)
    shape = letters[:, [4, 7, 10, 13, 16, 19]] == np.frombuffer(b"--T::Z", np.uint8)
    digits = letters[:, [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18]]
    if not shape.all() or (digits < 48).any() or (digits > 57).any():
        raise ValueError
    text = np.ascontiguousarray(letters[:, :19]).view("S19").ravel()
    return text.astype("datetime64[s]").astype(np.int64)


def _moment(text: str) -> int:
    milliseconds = _milliseconds(text)
    return milliseconds // 1000 if milliseconds != _UNREADABLE else _UNREADABLE


def _milliseconds(text: str) -> int:
    try:
        when = datetime.fromisoformat(text)
        since = (when if when.tzinfo else when.replace(tzinfo=UTC)) - _EPOCH
    except (ValueError, OverflowError):
        return _UNREADABLE
    return since // timedelta(milliseconds=1)


_Key = tuple[PlayKind | None, str | None, str | None, str | None, str | None]
_NOTHING: _Key = (None, None, None, None, None)


def _key(row: ExportRow) -> _Key:
    """What was played: its kind, by whom, its title, album and address; a kind of `None` names nothing.

    A name that is there but empty tells the kind only where no other name does.
    """
    find: Any = _KEY[type(row)]
    return find(row, bool) or find(row, _is_given) or _NOTHING


def _is_given(name: str | None) -> bool:
    return name is not None


def _account_key(row: Account, told: Callable[[str | None], bool]) -> _Key | None:
    if told(row.trackName) or told(row.artistName):
        return (PlayKind.MUSIC, *account_names(row.artistName, row.trackName), None, None)
    if told(row.episodeName) or told(row.podcastName):
        return (PlayKind.PODCAST, row.podcastName, row.episodeName, None, None)
    if told(row.chapterName) or told(row.audiobookName):
        return (PlayKind.AUDIOBOOK, row.audiobookName, row.chapterName, None, None)
    return None


def _extended_key(row: Extended, told: Callable[[str | None], bool]) -> _Key | None:
    if told(row.master_metadata_track_name) or told(row.spotify_track_uri):
        return (
            PlayKind.MUSIC,
            row.master_metadata_album_artist_name,
            row.master_metadata_track_name,
            row.master_metadata_album_album_name,
            row.spotify_track_uri,
        )
    if told(row.episode_name) or told(row.spotify_episode_uri):
        return (PlayKind.PODCAST, row.episode_show_name, row.episode_name, None, row.spotify_episode_uri)
    if told(row.audiobook_title) or told(row.audiobook_chapter_title) or told(row.audiobook_uri):
        uri = row.audiobook_chapter_uri or row.audiobook_uri
        return (PlayKind.AUDIOBOOK, row.audiobook_title, row.audiobook_chapter_title, None, uri)
    return None


def _live_key(row: Live, told: Callable[[str | None], bool]) -> _Key | None:
    if told(row.track_name) or told(row.spotify_track_uri):
        return (PlayKind.MUSIC, row.artist_name, row.track_name, row.album_name, row.spotify_track_uri)
    return None


_KEY = {Extended: _extended_key, Account: _account_key, Live: _live_key}


def _live_columns(rows: Sequence[ExportRow]) -> dict[str, NDArray[Any]]:
    """The columns that only plays have that arrived live; in other rows they have the usual value."""
    played = [row if type(row) is Live else None for row in rows]
    durations = [UNKNOWN if row is None or row.duration_ms is None else row.duration_ms for row in played]
    return {
        "start": np.array([0 if row is None else _milliseconds(row.played_at) for row in played], np.int64),
        "measured": np.array([YES if row is None else NO for row in played], np.int8),
        "duration": np.array([ms if 0 <= ms <= LONGEST_PLAY else UNKNOWN for ms in durations], np.int32),
    }


def _details(
    rows: Sequence[ExportRow], end: NDArray[np.int64], words: dict[str, int]
) -> dict[str, NDArray[Any]]:
    """The columns of what only extended history tells, and how much each row tells."""
    tri = {None: UNKNOWN, False: NO, True: YES}
    blank = Extended("", 0)
    full = [row if type(row) is Extended else blank for row in rows]
    source = np.array([_SOURCE[type(row)] for row in rows], np.int8)
    extended = source == Source.EXTENDED
    columns: dict[str, NDArray[Any]] = {
        "source": source,
        "shuffle": np.array([tri[row.shuffle] for row in full], np.int8),
        "skipped": np.array([tri[row.skipped] for row in full], np.int8),
        "offline": np.array([tri[row.offline] for row in full], np.int8),
        "incognito": np.array([tri[row.incognito_mode] for row in full], np.int8),
        "reason_start": pointers([row.reason_start for row in full], words),
        "reason_end": pointers([row.reason_end for row in full], words),
        "platform": pointers([row.platform for row in full], words),
        "country": pointers([row.conn_country for row in full], words),
    }
    told = sum((column >= 0).astype(np.int8) for name, column in columns.items() if name != "source")
    columns["richness"] = told + 16 * extended.astype(np.int8) if rows else np.zeros(0, np.int8)
    columns["offline_at"] = offline_times([row.offline_timestamp for row in full], end)
    return columns


_SOURCE = {Extended: int(Source.EXTENDED), Account: int(Source.ACCOUNT), Live: int(Source.LIVE)}
