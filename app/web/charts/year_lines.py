"""This year against last as two rising lines: 366 wide, a unit a day, and 100 high; y grows downwards."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from app.history.figures import YearSoFar
from app.web.format import day_of_year, hours

WIDTH, HEIGHT = 366, 100
_TOP = 4.0
_MONTHS = (1, 4, 7, 10)


class Week(NamedTuple):
    """A week of this year, up to its `last` day; `label` says what both years had come to by then."""

    x: int
    width: int
    last: date
    label: str
    this_year: str
    last_year: str


@dataclass(frozen=True)
class YearLines:
    """The lines as points of a polyline, a point a week, this year's and last year's; and weeks to point at.

    `ticks`: names of months, each at a percentage of the width.
    """

    year: int
    this_year: str
    last_year: str
    weeks: tuple[Week, ...]
    ticks: tuple[tuple[float, str], ...]
    sentence: str


def year_lines(this: YearSoFar, last: YearSoFar) -> YearLines:
    """The chart. Both have listening time in them."""
    top = max(this.ms[-1], last.ms[-1])
    begin = date(this.year, 1, 1)
    weeks = []
    x = 0
    for at in _week_ends(this):
        day = begin + timedelta(days=at)
        now, then = hours(this.ms[at]), hours(_same_day(last, day))
        label = f"Up to {day_of_year(day)}: {now} in {this.year}, {then} in {last.year}"
        weeks.append(Week(x, at + 1 - x, day, label, now, then))
        x = at + 1
    return YearLines(
        year=this.year,
        this_year=_points(this, top),
        last_year=_points(last, top),
        weeks=tuple(weeks),
        ticks=tuple(
            (round((date(this.year, month, 1) - begin).days / WIDTH * 100, 2), f"{date(2000, month, 1):%b}")
            for month in _MONTHS
        ),
        sentence=_sentence(this, last, begin + timedelta(days=len(this.ms) - 1)),
    )


def _same_day(year: YearSoFar, day: date) -> int:
    """What a year had come to by the same day; 29 February counts as the day before where there is none."""
    try:
        there = day.replace(year=year.year)
    except ValueError:
        there = date(year.year, 2, 28)
    return year.ms[(there - date(year.year, 1, 1)).days]


def _points(year: YearSoFar, top: int) -> str:
    heights = [(at + 1, HEIGHT - (HEIGHT - _TOP) * year.ms[at] / top) for at in _week_ends(year)]
    return " ".join(f"{x},{round(y, 1)}" for x, y in [(0, HEIGHT), *heights])


def _week_ends(year: YearSoFar) -> list[int]:
    """The last day of each week, counted from 0; weeks begin with the year, and the last may be short."""
    return [*range(6, len(year.ms) - 1, 7), len(year.ms) - 1]


def _sentence(this: YearSoFar, last: YearSoFar, today: date) -> str:
    now, then = this.ms[-1], _same_day(last, today)
    opening = f"By {day_of_year(today)} you had listened for {hours(now)} in {this.year}"
    apart = hours(abs(now - then))
    if apart == hours(0):
        return f"{opening}, as much as by the same day of {last.year}."
    return f"{opening}, {apart} {'more' if now > then else 'less'} than by the same day of {last.year}."
