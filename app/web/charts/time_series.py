"""Plays over time as columns: a day, a week or a month each, by the length of the range.

Places and sizes are percentages of the chart, so that its letters keep their size on any screen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from app.history.figures import DayCount
from app.web.format import counted, month, number, short_day

DAYS, WEEKS, MONTHS = "day", "week", "month"
_MOST_DAYS, _MOST_WEEKS = 62, 800  # days of a range
_TOP, _FLOOR = 9.0, 86.0  # where the highest column ends, and where they stand
_MOST_TICKS = 6


class Column(NamedTuple):
    """A column. `ms`: its listening time, `None` where only plays are told.

    `first`, `last`: its days as far as they are in the range, `None` for an hour.
    """

    x: float
    y: float
    width: float
    height: float
    label: str
    plays: int
    ms: int | None
    first: date | None = None
    last: date | None = None


class Tick(NamedTuple):
    """A label under the chart."""

    at: float
    label: str


@dataclass(frozen=True)
class Series:
    """A chart of plays. `unit` is what a column stands for: "hour", "day", "week" or "month".

    `ceiling`: how many plays a column has that reaches up to the line at `top`; columns stand at `floor`.
    """

    unit: str
    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    ceiling: int
    sentence: str
    top: float = _TOP
    floor: float = _FLOOR


class Bucket(NamedTuple):
    """A stretch of days, from `first` on, with its plays and time."""

    first: date
    plays: int
    ms: int


def series(daily: Sequence[DayCount], days: tuple[date, date], unit: str | None = None) -> Series:
    """The chart of a range from its first to its last day."""
    unit = unit or unit_for(days)
    found = buckets(daily, days, unit)
    ceiling = nice_ceiling(max(bucket.plays for bucket in found))
    plain = _columns([(_label(bucket.first, unit), bucket.plays, bucket.ms) for bucket in found], ceiling)
    columns = tuple(
        column._replace(
            first=max(bucket.first, days[0]),
            last=min(next_bucket(bucket.first, unit) - timedelta(days=1), days[1]),
        )
        for bucket, column in zip(found, plain, strict=True)
    )
    step = 100 / len(found)
    ticks = tuple(Tick(round(nth * step, 3), label) for nth, label in _ticks(found, unit))
    return Series(unit, columns, ticks, ceiling, _sentence(found, unit))


def by_hour(counts: Sequence[int]) -> Series:
    """The chart of the hours of a day."""
    ceiling = nice_ceiling(max(counts))
    columns = _columns([(f"{hour:02}:00", plays, None) for hour, plays in enumerate(counts)], ceiling)
    ticks = tuple(Tick(round(hour / 24 * 100, 3), f"{hour:02}") for hour in range(0, 24, 3))
    best = max(range(24), key=lambda hour: counts[hour])
    share = counts[best] / max(sum(counts), 1)
    sentence = f"Most often between {best}:00 and {(best + 1) % 24}:00: {share:.0%} of these plays."
    return Series("hour", columns, ticks, ceiling, sentence)


def _columns(values: Sequence[tuple[str, int, int | None]], ceiling: int) -> tuple[Column, ...]:
    """The columns, each of its label, plays and time."""
    step = 100 / len(values)
    columns = []
    for nth, (label, plays, ms) in enumerate(values):
        height = (_FLOOR - _TOP) * plays / ceiling
        columns.append(
            Column(
                x=round(nth * step + step * 0.1, 3),
                y=round(_FLOOR - height, 2),
                width=round(step * 0.8, 3),
                height=round(height, 2),
                label=label,
                plays=plays,
                ms=ms,
            )
        )
    return tuple(columns)


def unit_for(days: tuple[date, date]) -> str:
    """What a column stands for in a range so long."""
    length = (days[1] - days[0]).days + 1
    return DAYS if length <= _MOST_DAYS else WEEKS if length <= _MOST_WEEKS else MONTHS


def buckets(daily: Sequence[DayCount], days: tuple[date, date], unit: str) -> list[Bucket]:
    """Every day, week (from Monday on) or month that the range touches, also those without plays."""
    plays: dict[date, int] = {}
    ms: dict[date, int] = {}
    for one in daily:
        first = _begins(one.day, unit)
        plays[first] = plays.get(first, 0) + one.plays
        ms[first] = ms.get(first, 0) + one.ms
    found, at, last = [], _begins(days[0], unit), days[1]
    while at <= last:
        found.append(Bucket(at, plays.get(at, 0), ms.get(at, 0)))
        at = next_bucket(at, unit)
    return found


def nice_ceiling(most: int) -> int:
    """A round number that is at least as large."""
    size = 1
    while True:
        for step in (10, 12, 15, 20, 30, 40, 50, 60, 80):
            if step * size >= most * 10:
                return step * size // 10
        size *= 10


def _begins(day: date, unit: str) -> date:
    if unit == DAYS:
        return day
    return day - timedelta(days=day.weekday()) if unit == WEEKS else day.replace(day=1)


def next_bucket(day: date, unit: str) -> date:
    """The first day of the next day, week or month."""
    if unit == MONTHS:
        return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return day + timedelta(days=7 if unit == WEEKS else 1)


def period_days(period: str) -> tuple[date, date]:
    """The first and last day of a month ("2026-11") or year ("2026")."""
    if "-" not in period:
        return date(int(period), 1, 1), date(int(period), 12, 31)
    first = date.fromisoformat(f"{period}-01")
    return first, next_bucket(first, MONTHS) - timedelta(days=1)


def _label(first: date, unit: str) -> str:
    if unit == MONTHS:
        return month(f"{first:%Y-%m}")
    return f"Week of {short_day(first)}" if unit == WEEKS else f"{first:%a} {short_day(first)}"


def _ticks(found: Sequence[Bucket], unit: str) -> list[tuple[int, str]]:
    """Where years, months or Mondays begin; only so many."""
    if unit == MONTHS:
        marks = [(nth, str(one.first.year)) for nth, one in enumerate(found) if one.first.month == 1]
    elif unit == WEEKS:
        starts = [(nth, one.first + timedelta(days=6)) for nth, one in enumerate(found)]
        long = len(found) > 55
        marks = [
            (nth, f"{end:%b %Y}" if long else f"{end:%Y}" if end.month == 1 else f"{end:%b}")
            for nth, end in starts
            if end.day <= 7
        ]
    else:
        marks = [(nth, f"{one.first.day} {one.first:%b}") for nth, one in enumerate(found)]
    if not marks:
        return [(0, _label(found[0].first, unit))]
    # The last one would stick out at the right.
    few = marks[:: -(-len(marks) // _MOST_TICKS)]
    return [mark for mark in few if mark[0] <= len(found) * 0.9] or few[:1]


def _sentence(found: Sequence[Bucket], unit: str) -> str:
    best = max(found, key=lambda one: one.plays)
    name = _label(best.first, unit).replace("Week of", "the week of")
    if unit == DAYS:
        name = f"{best.first:%A}, {best.first.day} {best.first:%B}"
    top = f"{name[0].upper()}{name[1:]} had the most plays: {number(best.plays)}."
    silent = sum(not one.plays for one in found)
    mean = sum(one.plays for one in found) / len(found)
    usual = f"{mean:,.0f}" if mean >= 10 else f"{mean:.1f}"
    rest = f" The average {unit} has {usual}"
    if len(found) == 1:
        return top
    return top + rest + (f", and {counted(silent, unit)} had none." if silent else ".")
