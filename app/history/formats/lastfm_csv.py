"""Last.fm's scrobbles, and Libre.fm's, as tools write them into CSV. Stamps are starts, in UTC."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice

from app.history.batch import Source
from app.history.formats.lastfm_dates import by_minute, moment_of
from app.history.formats.rows import Contents, Format, Head, NotAFile, Reading, Rejected, Row, contents
from app.history.formats.text import (
    DELIMITERS,
    Cells,
    columns,
    csv_rows,
    entries,
    may_have_header,
    milliseconds,
)

_NO_TIME = Rejected("not a time")
_NO_ARTIST = Rejected("names no artist")
_COMMENTS = ("#", "+ACM-")  # the second is a # in UTF-7
_HEAD_ROWS = 20  # are looked at where no header names the columns
_Times = Mapping[str, Callable[[str], int | None]]
_Entry = Callable[[Cells], Row | Rejected]

# The columns that tell the start, the best first. "date#" stands for lastfmstats.com's "Date#<user>".
_GHAN: _Times = {"uts": milliseconds, "utc_time": by_minute}
_STATS: _Times = {"date#": partial(milliseconds, unit=1)}
_LIBREFM: _Times = {"time": milliseconds}


def _has_header(times: _Times, head: Head) -> bool:
    return may_have_header(head.text) and _table(head.text, times) is not None


def _read_table(source: Source, times: _Times, body: bytes, reading: Reading) -> Contents:
    table = _table(body, times)
    if table is None:
        raise NotAFile("This file lacks the columns of its artists, tracks or times.")
    at, rows = table
    return contents(source, entries(rows, _entry(at, times)), reading)


def _table(body: bytes | str, times: _Times) -> tuple[dict[str, int], Iterator[Cells | None]] | None:
    """Where the columns are, and the rows after the header; `None` where it lacks one that is needed."""
    for delimiter in DELIMITERS:
        rows = csv_rows(body, delimiter)
        header = next((cells for cells in rows if cells and not cells[0].startswith(_COMMENTS)), [])
        at = columns(map(_without_user, header), ["artist", "track"], ["album", *times])
        if at is not None and times.keys() & at:
            return at, rows
    return None


def _without_user(name: str) -> str:
    title, mark, _user = name.partition("#")
    return title + mark


def _entry(at: Mapping[str, int], times: _Times) -> _Entry:
    artist, track, album = at["artist"], at["track"], at.get("album")
    stamps = [(at[name], start_of) for name, start_of in times.items() if name in at]

    def entry(cells: Cells) -> Row | Rejected:
        for place, start_of in stamps:
            start = start_of(cells[place])
            if start is not None:
                break
        else:
            return _NO_TIME
        if not cells[artist].strip():
            return _NO_ARTIST
        name = None if album is None else cells[album]
        return Row(start, cells[artist], cells[track], name, by_minute=start_of is by_minute)

    return entry


def _has_rows(entry: _Entry, head: Head) -> bool:
    """Whether one of the first rows can be read, where no header tells."""
    first = islice(csv_rows(head.text), _HEAD_ROWS)
    return any(isinstance(found, Row) for found in entries(first, entry))


def _read_rows(entry: _Entry, body: bytes, reading: Reading) -> Contents:
    return contents(Source.LASTFM, entries(csv_rows(body), entry), reading)


def _lastfm_to_csv(cells: Sequence[str]) -> Row | Rejected:
    """Of benjaminbenben's lastfm-to-csv: artist, album, title, date by the minute."""
    artist, album, title, date = cells if len(cells) == 4 else [*cells[:3], cells[3] + cells[4]]
    start = by_minute(date)
    if start is None:
        return _NO_TIME
    return Row(start, artist, title, album, by_minute=True) if artist.strip() else _NO_ARTIST


def _lastfm_backup(cells: Sequence[str]) -> Row | Rejected:
    """Of emkor's lastfm-backup: date, time, artist, title."""
    start = moment_of(cells[0], cells[1])
    if start is None:
        return _NO_TIME
    return Row(start, cells[2], cells[3]) if cells[2].strip() else _NO_ARTIST


FORMATS = (
    Format(
        "Last.fm, from ghan.nl (CSV)", partial(_has_header, _GHAN), partial(_read_table, Source.LASTFM, _GHAN)
    ),
    Format(
        "Last.fm, from lastfmstats.com (CSV)",
        partial(_has_header, _STATS),
        partial(_read_table, Source.LASTFM, _STATS),
    ),
    Format("Libre.fm", partial(_has_header, _LIBREFM), partial(_read_table, Source.CSV, _LIBREFM)),
    Format(
        "Last.fm, from lastfm-to-csv", partial(_has_rows, _lastfm_to_csv), partial(_read_rows, _lastfm_to_csv)
    ),
    Format(
        "Last.fm, from lastfm-backup", partial(_has_rows, _lastfm_backup), partial(_read_rows, _lastfm_backup)
    ),
)
