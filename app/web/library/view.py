"""What the library's page says and draws beside its template: progress, totals, months, decades.

Bars are 0-100 wide. Dates are the listener's; months are UTC's, as the JSON counts them.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.music import Image
from app.web.charts.scale import on_bar
from app.web.format import clock, counted, local_date, long_time, month, number, percent, short_day, stripped
from app.web.library.report import (
    CANCELLED,
    DONE,
    PAUSED,
    ROWS,
    Count,
    LibraryReport,
    LibrarySync,
    NotSaved,
    Numbers,
    Order,
    Saved,
)

NOT_SAVED_SHOWN = 10
MONTHS_WIDTH, MONTHS_HEIGHT = 600, 90
COLUMNS = {"title": "Title", "artist": "Artist", "album": "Album", "added": "Added", "duration": "Length"}
NEWEST_FIRST = "added"  # the column that is sorted downwards at the first click
NOTES = {
    "saved": "Saved. Spotify has it in your library now.",
    "saved-in-demo": "Saved for this visit. Every visitor of the demo shares its library, so the numbers and "
    "the list of all tracks stay as they are.",
    "other": "Nothing was saved. You agreed as somebody else than the one who pressed the button.",
    "refused": "Nothing was saved. You did not give the permission, and everything else goes on as before.",
}


@dataclass(frozen=True)
class Bar:
    """A row or column with its number: a year, a decade, an artist."""

    label: str
    count: int
    bar: float


class MonthBar(NamedTuple):
    """A month ("2026-11") with its tracks, in the chart's units."""

    month: str
    tracks: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class MonthChart:
    """Tracks added per month, and by year.

    `ticks`: where years begin, in the chart's units and as a percentage of its width, with the year.
    """

    bars: tuple[MonthBar, ...]
    ticks: tuple[tuple[float, float, str], ...]
    most: int
    years: tuple[Bar, ...]


def progress_sentence(reading: LibrarySync) -> str:
    """How far the reading is, and what holds it up; "" where it is done."""
    if reading.state == DONE:
        return ""
    so_far = f"{number(reading.loaded)} of {number(reading.total)}" if reading.total else "The first tracks"
    if reading.state != PAUSED:
        return f"{so_far} read." if reading.total else "Asking Spotify for your saved tracks."
    if reading.trouble == CANCELLED:
        return f"{so_far}; you stopped it there."
    until = clock(reading.resume_at) if reading.resume_at else ""
    if reading.trouble == "RateLimited":
        return f"{so_far}; Spotify lets us go on at {until}."
    if reading.trouble in ("LoginEnded", "Unauthorized"):
        return f"{so_far}; the login ended, and it goes on now that you are back."
    if reading.trouble in ("NoAnswer", "NotAsked", "ServerError", "BadAnswer"):
        return f"{so_far}; Spotify did not answer. The next try is at {until}."
    if reading.trouble == "Fault":
        return f"{so_far}; something went wrong here. The next try is at {until}."
    return f"{so_far}; Spotify refused to go on. The next try is at {until}."


def resume_in(reading: LibrarySync) -> int | None:
    """Seconds until a paused reading goes on; `None` where it does not by itself."""
    if reading.state != PAUSED or not reading.resume_at:
        return None
    return max(1, math.ceil(reading.resume_at - time.time()))


def lead(report: LibraryReport) -> str:
    """What the library adds up to, in a sentence or two."""
    totals, first = report.numbers.totals, report.numbers.first
    since = f", gathered since {local_date(first.added_at):%B %Y}" if first and first.added_at else ""
    opening = "So far that is" if report.reading.shown is None else "You have saved"
    tracks = counted(totals.tracks, "track")
    return f"{opening} {tracks}{since}: {long_time(totals.duration_ms)} of music from end to end."


def facts(numbers: Numbers) -> list[tuple[str, str, str]]:
    """The figures at a glance: label, value, what it covers."""
    totals = numbers.totals
    exceptions = [counted(totals.local, "local file")] if totals.local else []
    exceptions += [f"{number(totals.removed)} no longer at Spotify"] if totals.removed else []
    found = [
        ("Saved", number(totals.tracks), ", ".join(exceptions) or "tracks"),
        ("Explicit", percent(totals.explicit / totals.tracks), counted(totals.explicit, "track")),
    ]
    for label, saved in (("First saved", numbers.first), ("Latest", numbers.latest)):
        if saved and saved.added_at:
            found.append((label, short_day(local_date(saved.added_at)), _title(saved)))
    return found


def months_sentence(counts: Sequence[Count]) -> str:
    """When most was added."""
    best = max(counts, key=lambda count: count.count)
    return f"You saved most in {month(str(best.what))}: {counted(best.count, 'track')}."


def month_chart(counts: Sequence[Count]) -> MonthChart:
    """Every month from the first to the last, also those in between without a track."""
    by_month = {_ordinal(str(count.what)): count.count for count in counts}
    first, last = min(by_month), max(by_month)
    most, width = max(by_month.values()), MONTHS_WIDTH / (last - first + 1)
    bars = tuple(
        MonthBar(
            f"{month // 12:04}-{month % 12 + 1:02}",
            count,
            round((month - first) * width, 2),
            round(MONTHS_HEIGHT * (1 - count / most), 2),
            round(min(width * 0.8, 24), 2),
            round(MONTHS_HEIGHT * count / most, 2),
        )
        for month, count in sorted(by_month.items())
    )
    years = range(first // 12, last // 12 + 1)
    # The year that the first month lies in has begun before it, unless that month is January.
    begun = [year for year in years if year * 12 >= first] or [years[0]]
    starts = [(max(0, year * 12 - first) * width, str(year)) for year in begun[:: -(-len(begun) // 5)]]
    by_year = {year: sum(by_month.get(year * 12 + nth, 0) for nth in range(12)) for year in years}
    return MonthChart(
        bars=bars,
        ticks=tuple((round(x, 2), round(x / MONTHS_WIDTH * 100, 2), label) for x, label in starts),
        most=most,
        years=_bars({str(year): count for year, count in by_year.items()}),
    )


def decade_bars(counts: Sequence[Count]) -> tuple[Bar, ...]:
    """Every decade from the first to the last, also those in between that have no track."""
    by_decade = {int(count.what): count.count for count in counts}
    if not by_decade:
        return ()
    decades = range(min(by_decade), max(by_decade) + 1, 10)
    return _bars({f"{decade}s": by_decade.get(decade, 0) for decade in decades})


def artist_bars(counts: Sequence[Count]) -> list[Bar]:
    """The artists, most saved first."""
    most = counts[0].count if counts else 1
    return [
        Bar(stripped(str(count.what)) or "Unknown artist", count.count, on_bar(count.count / most))
        for count in counts
    ]


def not_saved_sentence(tracks: Sequence[NotSaved]) -> str:
    """How many top tracks are not in the library."""
    if not tracks:
        return "Every one of your top tracks of the last 6 months is in your library."
    are = "is" if len(tracks) == 1 else "are"
    return (
        f"{counted(len(tracks), 'track')} of your top tracks of the last 6 months {are} not in your library."
    )


def cover(saved: Saved) -> tuple[Image, ...]:
    """The picture of a saved track."""
    return (Image(saved.image),) if saved.image else ()


def rows_shown(report: LibraryReport) -> str:
    """Which rows of the table the page has: "1 to 50 of 560 tracks"."""
    rows, first = report.table.rows, (report.order.page - 1) * ROWS + 1
    if not rows:
        return ""
    return f"{number(first)} to {number(first + len(rows) - 1)} of {counted(report.table.found, 'track')}"


def next_order(column: str, order: Order) -> str:
    """Which way a click on the heading of a column sorts the table."""
    descending = not order.descending if column == order.sort else column == NEWEST_FIRST
    return "desc" if descending else "asc"


def _ordinal(month: str) -> int:
    year, _, month_of_year = month.partition("-")
    return int(year) * 12 + int(month_of_year) - 1


def _bars(counts: dict[str, int]) -> tuple[Bar, ...]:
    most = max(counts.values())
    return tuple(Bar(label, count, on_bar(count / most)) for label, count in counts.items())


def _title(saved: Saved) -> str:
    name = stripped(saved.name) or "a track without a name"
    artist = stripped(saved.artists[0].name) if saved.artists else None
    return f"{name}, {artist}" if artist else name
