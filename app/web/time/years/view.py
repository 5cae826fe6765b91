"""What the list of years and the year in review print.

The dial is a clock of 24 hours round (0, 0), midnight on top, the outer ring at radius 100.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.web.charts.columns import Columns, bar, columns
from app.web.format import TextSpan, artist_name, change, counted, day, hours, long_time, month, number, title
from app.web.time.years.report import Ranked, Review, YearRow

INNER, OUTER = 38.0, 100.0
HOURS = 24
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class YearLine:
    """A year of the list."""

    year: int
    hours: str
    plays: str
    rest: str
    top_artist: str
    bar: float


@dataclass(frozen=True)
class YearsView:
    """All years."""

    lead: str
    rows: tuple[YearLine, ...]


@dataclass(frozen=True)
class Total:
    """A total with how it changed: `style` is up, down or same, "" where there is nothing before."""

    label: str
    value: str
    style: str
    change: str


@dataclass(frozen=True)
class Place:
    """One of a top five."""

    rank: int
    name: str
    by: str | None
    value: str
    bar: float


@dataclass(frozen=True)
class Five:
    """A top five."""

    id: str
    title: str
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Petal:
    """An hour of the dial: its outline as an SVG path."""

    path: str
    said: str
    best: bool


@dataclass(frozen=True)
class Mark:
    """A word on the dial."""

    x: float
    y: float
    label: str


@dataclass(frozen=True)
class Dial:
    """Plays by hour of the day."""

    petals: tuple[Petal, ...]
    marks: tuple[Mark, ...]
    sentence: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Moment:
    """Something to remember of the year."""

    label: str
    value: str
    said: str


@dataclass(frozen=True)
class YearView:
    """A year, ready to print. `earlier`, `later`: the neighbouring years that have plays."""

    year: int
    empty: bool
    note: str
    lead: tuple[TextSpan, ...]
    totals: tuple[Total, ...]
    compared: str
    fives: tuple[Five, ...]
    moments: tuple[Moment, ...]
    months: Columns | None
    months_sentence: str
    dial: Dial | None
    earlier: int | None
    later: int | None
    others: tuple[int, ...]


def years_view(rows: Sequence[YearRow]) -> YearsView:
    """The list of years."""
    most = max((one.ms for one in rows), default=0)
    lines = tuple(
        YearLine(
            one.year,
            hours(one.ms),
            counted(one.plays, "play"),
            f"{counted(one.tracks, 'track')}, {counted(one.artists, 'artist')}, {counted(one.days, 'day')}",
            artist_name(one.top_artist),
            bar(one.ms, most),
        )
        for one in rows
    )
    return YearsView(_years_lead(rows), lines)


def _years_lead(rows: Sequence[YearRow]) -> str:
    if not rows:
        return "No play counts yet."
    total = long_time(sum(one.ms for one in rows))
    if len(rows) == 1:
        return f"One year, and {total} of music in it."
    best = max(rows, key=lambda one: one.ms)
    opening = f"{number(len(rows))} years, and {total} of music"
    return f"{opening}. The fullest was {best.year}, with {hours(best.ms)}."


def year_view(of: Review, known: Sequence[int]) -> YearView:
    """A year in review."""
    so_far = of.last
    return YearView(
        year=of.year,
        empty=not of.totals.plays,
        note=f"So far, up to {day(so_far)}." if of.unfinished and so_far else "",
        lead=_lead(of),
        totals=_totals(of),
        compared=_compared(of),
        fives=(
            _five("artists", "Artists", of.artists),
            _five("tracks", "Tracks", of.tracks),
            _five("albums", "Albums", of.albums),
        ),
        moments=_moments(of),
        months=columns([(one.month, round(one.ms / 3_600_000, 1)) for one in of.months], "hours"),
        months_sentence=_months_sentence(of),
        dial=_dial(of) if of.totals.plays else None,
        earlier=max((one for one in known if one < of.year), default=None),
        later=min((one for one in known if one > of.year), default=None),
        others=tuple(sorted(known)),
    )


def _lead(of: Review) -> tuple[TextSpan, ...]:
    if not of.totals.plays:
        return (TextSpan(f"Nothing was played in {of.year}."),)
    pieces = [TextSpan(f"{long_time(of.totals.ms).capitalize()} of music")]
    if of.artists:
        pieces += [TextSpan(", and more of it by "), TextSpan(artist_name(of.artists[0].name), is_name=True)]
        pieces += [TextSpan(" than by anyone else")]
    if of.tracks:
        pieces += [TextSpan(". The track of the year was "), TextSpan(title(of.tracks[0].name), is_name=True)]
    return (*pieces, TextSpan("."))


def _totals(of: Review) -> tuple[Total, ...]:
    if not of.totals.plays:
        return ()
    now, before = of.totals, of.before
    amounts = (
        ("Listening time", hours(now.ms), now.ms, before.ms if before else None),
        ("Plays", number(now.plays), now.plays, before.plays if before else None),
        ("Tracks", number(now.tracks), now.tracks, before.tracks if before else None),
        ("Artists", number(now.artists), now.artists, before.artists if before else None),
        ("Albums", number(now.albums), now.albums, before.albums if before else None),
        ("Days with music", number(now.days), now.days, before.days if before else None),
    )
    found = []
    for label, value, amount, earlier in amounts:
        changed = change(amount, earlier)
        style, words = changed or ("", "")
        last_year = str(of.year - 1)
        words = words.replace("the period before", last_year).replace("than before", f"than in {last_year}")
        found.append(Total(label, value, style, words))
    return tuple(found)


def _compared(of: Review) -> str:
    if not of.totals.plays:
        return ""
    if of.before is None:
        return f"There is nothing of {of.year - 1} to compare with."
    last = of.last
    same = f" up to {last.day} {last:%B}" if of.unfinished and last else ""
    return f"Compared with {of.year - 1}{same}."


def _five(name: str, heading: str, ranked: Sequence[Ranked]) -> Five:
    most = ranked[0].plays if ranked else 0
    shown = artist_name if name == "artists" else title
    return Five(
        name,
        heading,
        tuple(
            Place(
                one.rank,
                shown(one.name),
                None if name == "artists" else artist_name(one.artist),
                counted(one.plays, "play"),
                bar(one.plays, most),
            )
            for one in ranked
        ),
    )


def _moments(of: Review) -> tuple[Moment, ...]:
    if not of.totals.plays:
        return ()
    found = []
    if of.busiest:
        found.append(
            Moment(
                "Busiest day",
                f"{of.busiest.day:%A}, {of.busiest.day.day} {of.busiest.day:%B}",
                f"{long_time(of.busiest.ms)}, {counted(of.busiest.plays, 'play')}",
            )
        )
    streak = of.longest_streak
    if streak.first and streak.last:
        found.append(Moment("Longest streak", counted(streak.days, "day"), _span(streak.first, streak.last)))
    found.append(
        Moment(
            "New to you",
            counted(of.new_artists, "artist"),
            f"and {counted(of.new_tracks, 'track')} that you had never played before",
        )
    )
    return tuple(found)


def _span(first: date, last: date) -> str:
    if first == last:
        return f"{first.day} {first:%B}"
    return f"in a row, {first.day} {first:%B} to {last.day} {last:%B}"


def _months_sentence(of: Review) -> str:
    played = [one for one in of.months if one.plays]
    if not played:
        return ""
    best = max(played, key=lambda one: one.ms)
    return f"{month(best.month).split()[0]} was the fullest month, with {hours(best.ms)}."


def _dial(of: Review) -> Dial:
    most = max(of.hours)
    petals = tuple(_petal(hour, count, most) for hour, count in enumerate(of.hours))
    best_hour = of.hours.index(most)
    best_day = WEEKDAYS[of.weekdays.index(max(of.weekdays))]
    marks = tuple(Mark(*_at(hour / HOURS, OUTER + 12), f"{hour:02}") for hour in range(0, HOURS, 6))
    sentence = (
        f"Most plays began between {best_hour:02}:00 and {(best_hour + 1) % 24:02}:00, and on {best_day}s."
    )
    rows = tuple((f"{hour:02}:00", number(count)) for hour, count in enumerate(of.hours))
    return Dial(petals, marks, sentence, rows)


def _petal(hour: int, count: int, most: int) -> Petal:
    reach = INNER + (OUTER - INNER) * count / most
    begin, end = (hour + 0.06) / HOURS, (hour + 0.94) / HOURS
    (ax, ay), (bx, by) = _at(begin, INNER), _at(begin, reach)
    (cx, cy), (dx, dy) = _at(end, reach), _at(end, INNER)
    radius = round(reach, 1)
    path = (
        f"M{ax} {ay}L{bx} {by}A{radius} {radius} 0 0 1 {cx} {cy}L{dx} {dy}A{INNER} {INNER} 0 0 0 {ax} {ay}Z"
    )
    return Petal(path, f"{hour:02}:00: {counted(count, 'play')}", count == most)


def _at(turn: float, radius: float) -> tuple[float, float]:
    """A point on the dial, clockwise from the top."""
    angle = turn * math.tau
    # Adding zero turns -0.0 into 0.0.
    return round(math.sin(angle) * radius, 1) + 0.0, round(-math.cos(angle) * radius, 1) + 0.0
