"""`streaming.csv` of Tidal's privacy export, with perhaps some lines before its header.

`entry_date` is a start, mostly to the minute, on the clock of the row's `time_zone` or of UTC. It is written
as in ISO 8601, or with the day or the month first, as all rows of the file: a day above twelve tells which.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from app.history.batch import Source
from app.history.formats.rows import Contents, Format, NotAFile, Reading, Rejected, Row, contents
from app.history.formats.tables import has_table, picker, table
from app.history.formats.text import Cells, entries, milliseconds, moment, text_or_none

_REQUIRED = ("artist_name", "track_title", "entry_date")
_OPTIONAL = ("time_zone", "stream_duration_ms")
_MOST_BEFORE = 20  # lines before the header
_DATE = re.compile(
    r"\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d\d)[ T]+(\d{1,2}):(\d\d)(?::(\d\d))?\s*", re.ASCII
)
# What none of is in a file of ISO dates, unless a name looks like it; UTF-16 is not looked through.
_SHORT_DATE = re.compile(rb"(?<!\d)\d{1,2}[/.-]\d{1,2}[/.-]\d\d")
_TO_THE_MINUTE = re.compile(r"\s*\d{4}-\d\d-\d\d[ T]\d\d:\d\d(Z|[+-][\d:]+)?\s*", re.ASCII)
_LAST_MONTH = 12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NO_ORDER = (
    "The dates of this file, such as 03/04/2024, may begin with the day or with the month, and no day above "
    "12 tells which. Say which of them comes first and import it again; nothing of it was kept."
)


def read(body: bytes, reading: Reading) -> Contents:
    """The plays of streaming.csv. Raises NotAFile, also where nothing tells days from months."""
    places, rows = _table(body)
    day_first = False
    if b"\0" in body or _SHORT_DATE.search(body):
        date = places["entry_date"]
        dates = (cells[date] for cells in rows if cells is not None and len(cells) > date)
        day_first = _day_first(dates, reading.day_first)
        places, rows = _table(body)
    pick = picker([places.get(name) for name in (*_REQUIRED, *_OPTIONAL)])

    def entry(cells: Cells) -> Row | Rejected:
        artist, title, date, zone_name, ms_played = pick(cells)
        zone = _zone(zone_name)
        if zone is None:
            return Rejected("of a time zone that is not known")
        start, by_minute = _moment(date, zone, day_first)
        if start is None:
            return Rejected("not a time")
        by = text_or_none(artist)
        if by is None:
            return Rejected("names no artist")
        return Row(start, by, text_or_none(title), ms=milliseconds(ms_played, 1), by_minute=by_minute)

    return contents(Source.TIDAL, entries(rows, entry), reading)


def _table(body: bytes) -> tuple[dict[str, int], Iterable[Cells | None]]:
    return table(body, _REQUIRED, _OPTIONAL, _MOST_BEFORE)


def _day_first(dates: Iterable[str], told: bool | None) -> bool:
    """Whether dates begin with the day; `told` counts where they do not show it. Raises NotAFile."""
    matters = False
    for date in dates:
        if (found := _DATE.fullmatch(date)) is None:
            continue
        first, second = int(found[1]), int(found[2])
        if (first > _LAST_MONTH) != (second > _LAST_MONTH):
            return first > _LAST_MONTH
        matters = matters or first != second
    if matters and told is None:
        raise NotAFile(NO_ORDER)
    return bool(told)


def _moment(text: str, zone: tzinfo, day_first: bool) -> tuple[int | None, bool]:
    """Unix milliseconds of a date, and whether they are known to the minute only."""
    is_iso = text[4:5] == "-" and text[:4].isdecimal()  # as in nearly all files
    found = None if is_iso else _DATE.fullmatch(text)
    if found is None:
        return moment(text, zone), _TO_THE_MINUTE.fullmatch(text) is not None
    first, second, year, hour, minute, second_of_minute = (int(part or 0) for part in found.groups())
    day, month = (first, second) if day_first else (second, first)
    try:
        when = datetime(
            year if year > 99 else 2000 + year, month, day, hour, minute, second_of_minute, tzinfo=zone
        )
    except ValueError:
        return None, False
    return (when - _EPOCH) // timedelta(milliseconds=1), found[6] is None


@lru_cache(64)
def _zone(name: str) -> tzinfo | None:
    name = name.strip()
    if name.lower() in ("", "null"):
        return UTC
    return ZoneInfo(name) if name in _zone_names() else None


_zone_names = cache(available_timezones)


FORMATS = (Format("Tidal", lambda head: has_table(head.text, _REQUIRED, _MOST_BEFORE), read),)
