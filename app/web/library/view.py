"""What the library's template prints: progress, figures, months, decades, artists, one page of the table.

Bars are drawn 0-100 wide or high. Dates are the listener's; months are UTC's, as the JSON counts them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from app.music import Image
from app.web.charts.artwork import Artwork, artwork
from app.web.charts.scale import on_bar
from app.web.charts.shared import Fact, TrackRow, track_row
from app.web.format import UNKNOWN, age, counted, duration, iso, percent, showable, stripped
from app.web.library.report import (
    CANCELLED,
    DONE,
    PAUSED,
    ROWS,
    Count,
    NotSaved,
    Numbers,
    Order,
    Reading,
    Saved,
    Table,
)
from app.web.library.sentences import (
    NOTES,
    day,
    listening,
    months_sentence,
    number,
    progress_sentence,
)
from app.web.representation import is_spotify_id

UNSAVED_SHOWN = 10
MONTHS_WIDTH, MONTHS_HEIGHT = 600, 90


@dataclass(frozen=True)
class Sort:
    """A column of the table. `newest_first`: which way it is sorted at the first click."""

    label: str
    newest_first: bool = False


SORTS = {
    "title": Sort("Title"),
    "artist": Sort("Artist"),
    "album": Sort("Album"),
    "added": Sort("Added", newest_first=True),
    "duration": Sort("Length"),
}


@dataclass(frozen=True)
class Progress:
    """A reading that is not done. `state` is running or paused; `share` is 0-100, `None` while unknown.

    `resume_in`: seconds until a paused one goes on, `None` where it does not by itself.
    """

    state: str
    sentence: str
    loaded: int
    total: int
    share: float | None
    cancelled: bool
    resume_in: int | None


@dataclass(frozen=True)
class Bar:
    """A row or column with its number: a month, a decade, an artist."""

    label: str
    count: int
    bar: float


@dataclass(frozen=True)
class MonthBar:
    """A month of the chart, in the chart's own units."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class YearTick:
    """Where a year begins: in the chart's units, and as a percentage of its width."""

    x: float
    share: float
    label: str


@dataclass(frozen=True)
class Months:
    """Tracks added per month: the chart, and its table by year."""

    bars: tuple[MonthBar, ...]
    ticks: tuple[YearTick, ...]
    most: int
    years: tuple[Bar, ...]
    sentence: str


@dataclass(frozen=True)
class Column:
    """A heading of the table. `sorted`: "ascending", "descending" or nothing; `order` is the next click's."""

    key: str
    label: str
    sorted: str
    order: str


@dataclass(frozen=True)
class Row:
    """A track of the table. `id` is `None` where there is no page for it."""

    id: str | None
    name: str
    artists: tuple[tuple[str | None, str], ...]
    album: str | None
    sleeve: Artwork
    url: str | None
    added: str
    added_iso: str | None
    duration: str
    explicit: bool
    local: bool
    removed: bool


@dataclass(frozen=True)
class TableView:
    """One page of the table."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    sort: str
    order: str
    words: str
    found: str
    page: int
    pages: int


@dataclass(frozen=True)
class Unsaved:
    """Top tracks that are not in the library: the first ones, and the ids of all.

    `editions`: of which rows another edition is saved.
    """

    rows: tuple[TrackRow, ...]
    editions: tuple[bool, ...]
    ids: tuple[str, ...]
    sentence: str


@dataclass(frozen=True)
class LibraryView:
    """The library, ready to print."""

    progress: Progress | None
    empty: bool
    facts: tuple[Fact, ...]
    lead: str
    months: Months | None
    decades: tuple[Bar, ...]
    decades_cover: str
    artists: tuple[Bar, ...]
    unsaved: Unsaved | None
    table: TableView
    note: str
    age: str
    as_of_iso: str
    partial: bool


def library_view(
    reading: Reading,
    numbers: Numbers,
    table: Table,
    order: Order,
    unsaved: Sequence[NotSaved] | None,
    now: float,
    timezone: ZoneInfo,
    said: str,
) -> LibraryView:
    """Everything that the library's template shows. `now` is in Unix seconds."""
    totals = numbers.totals
    as_of = reading.read_at or reading.begun_at
    return LibraryView(
        progress=progress_view(reading, now, timezone),
        empty=not totals.tracks and reading.state == DONE,
        facts=_facts(numbers, timezone),
        lead=listening(numbers, timezone, partial=reading.shown is None),
        months=_months(numbers.added_by_month),
        decades=_decades(numbers.decades),
        decades_cover=f"Release year known for {number(totals.dated)} of {_tracks(totals.tracks)}",
        artists=_bars(numbers.artists),
        unsaved=_unsaved(unsaved),
        table=_table(table, order, timezone),
        note=NOTES.get(said, ""),
        age=age(as_of, now),
        as_of_iso=iso(as_of),
        partial=reading.shown is None,
    )


def progress_view(reading: Reading, now: float, timezone: ZoneInfo) -> Progress | None:
    """How far a reading is; `None` when it is done."""
    if reading.state == DONE:
        return None
    paused = reading.state == PAUSED
    return Progress(
        state=reading.state,
        sentence=progress_sentence(reading, now, timezone),
        loaded=reading.loaded,
        total=reading.total,
        share=on_bar(reading.loaded / reading.total) if reading.total else None,
        cancelled=reading.trouble == CANCELLED,
        resume_in=max(1, math.ceil(reading.resume_at - now)) if paused and reading.resume_at else None,
    )


def _facts(numbers: Numbers, timezone: ZoneInfo) -> tuple[Fact, ...]:
    totals = numbers.totals
    if not totals.tracks:
        return ()
    marked = [counted(n, name) for n, name in ((totals.local, "local file"),) if n]
    marked += [f"{number(totals.removed)} no longer at Spotify"] if totals.removed else []
    found = [
        Fact("Saved", number(totals.tracks), ", ".join(marked) or "tracks"),
        Fact("Explicit", percent(totals.explicit / totals.tracks), _tracks(totals.explicit)),
    ]
    for label, one in (("First saved", numbers.first), ("Latest", numbers.latest)):
        if one and one.added_at:
            found.append(Fact(label, day(one.added_at, timezone), _title(one)))
    return tuple(found)


def _months(counts: Sequence[Count]) -> Months | None:
    """Every month from the first to the last, also those in between without a track."""
    if not counts:
        return None
    by_month = {_ordinal(str(one.what)): one.count for one in counts}
    first, last = min(by_month), max(by_month)
    most, width = max(by_month.values()), MONTHS_WIDTH / (last - first + 1)
    bars = tuple(
        MonthBar(
            x=round((month - first) * width, 2),
            y=round(MONTHS_HEIGHT * (1 - count / most), 2),
            width=round(min(width * 0.8, 24), 2),
            height=round(MONTHS_HEIGHT * count / most, 2),
        )
        for month, count in sorted(by_month.items())
    )
    years = range(first // 12, last // 12 + 1)
    # The year that the first month lies in has begun before it, unless that month is January.
    begun = [year for year in years if year * 12 >= first] or [years[0]]
    places = [(max(0, year * 12 - first) * width, str(year)) for year in begun[:: -(-len(begun) // 5)]]
    ticks = tuple(YearTick(round(x, 2), round(x / MONTHS_WIDTH * 100, 2), label) for x, label in places)
    by_year = {year: sum(by_month.get(year * 12 + nth, 0) for nth in range(12)) for year in years}
    best = max(by_year.values())
    table = tuple(Bar(str(year), count, on_bar(count / best)) for year, count in by_year.items())
    return Months(bars, ticks, most, table, months_sentence(counts))


def _ordinal(month: str) -> int:
    year, _, number_ = month.partition("-")
    return int(year) * 12 + int(number_) - 1


def _decades(counts: Sequence[Count]) -> tuple[Bar, ...]:
    """Every decade from the first to the last, also those in between that have no track."""
    by_decade = {int(one.what): one.count for one in counts}
    if not by_decade:
        return ()
    every = range(min(by_decade), max(by_decade) + 1, 10)
    most = max(by_decade.values())
    return tuple(Bar(f"{one}s", n := by_decade.get(one, 0), on_bar(n / most)) for one in every)


def _bars(counts: Sequence[Count]) -> tuple[Bar, ...]:
    most = counts[0].count if counts else 1
    return tuple(
        Bar(stripped(str(one.what)) or "Unknown artist", one.count, on_bar(one.count / most))
        for one in counts
    )


def _unsaved(tracks: Sequence[NotSaved] | None) -> Unsaved | None:
    if tracks is None:
        return None
    first = tracks[:UNSAVED_SHOWN]
    shown = tuple(track_row(nth, one.track) for nth, one in enumerate(first, 1))
    sentence = (
        f"{_tracks(len(tracks))} of your top tracks of the last 6 months "
        f"{'is' if len(tracks) == 1 else 'are'} not in your library."
        if tracks
        else "Every one of your top tracks of the last 6 months is in your library."
    )
    ids = tuple(one.track.id for one in tracks if one.track.id)
    return Unsaved(shown, tuple(one.edition for one in first), ids, sentence)


def _table(table: Table, order: Order, timezone: ZoneInfo) -> TableView:
    columns = tuple(
        Column(
            key,
            sort.label,
            ("descending" if order.descending else "ascending") if key == order.sort else "",
            _next_order(key, sort, order),
        )
        for key, sort in SORTS.items()
    )
    first = (order.page - 1) * ROWS + 1
    last = first + len(table.rows) - 1
    span = f"{number(first)} to {number(last)} of {_tracks(table.found)}" if table.rows else ""
    return TableView(
        columns=columns,
        rows=tuple(_row(one, timezone) for one in table.rows),
        sort=order.sort,
        order="desc" if order.descending else "asc",
        words=order.words,
        found=span,
        page=order.page,
        pages=table.pages,
    )


def _next_order(key: str, sort: Sort, order: Order) -> str:
    descending = not order.descending if key == order.sort else sort.newest_first
    return "desc" if descending else "asc"


def _row(one: Saved, timezone: ZoneInfo) -> Row:
    name, album = stripped(one.name), stripped(one.album)
    return Row(
        id=one.id if is_spotify_id(one.id) else None,
        name=name or ("No longer at Spotify" if one.removed else "Unknown title"),
        artists=tuple(
            (artist.id if is_spotify_id(artist.id) else None, stripped(artist.name) or "Unknown artist")
            for artist in one.artists
        ),
        album=album,
        sleeve=artwork((Image(one.image),) if one.image else (), album or name, wanted=96),
        url=one.url if showable(one.url) else None,
        added=day(one.added_at, timezone) if one.added_at else UNKNOWN,
        added_iso=iso(one.added_at) if one.added_at else None,
        duration=duration(one.duration_ms),
        explicit=one.explicit,
        local=one.local,
        removed=one.removed,
    )


def _title(one: Saved) -> str:
    name = stripped(one.name) or "a track without a name"
    artist = stripped(one.artists[0].name) if one.artists else None
    return f"{name}, {artist}" if artist else name


def _tracks(count: int) -> str:
    return f"{number(count)} {'track' if count == 1 else 'tracks'}"
