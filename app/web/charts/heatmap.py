"""Heat maps: the days of a calendar, and the hours of a week. Four shades above nothing, told in a legend."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.history.figures import DayCount
from app.web.format import counted, number, short_day

SHADES = 4
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CELL, GAP = 20, 3  # of the calendar, in its own units
LEFT, HEAD = 34, 22
WIDE = 450
_WEEKS_TOGETHER = 30
_LABEL_WIDTH, _HOURS_FLOOR = 7.5, 91.0  # percentages of the week's chart


@dataclass(frozen=True)
class Shade:
    """A step of the legend: "0" is nothing."""

    level: int
    label: str


@dataclass(frozen=True)
class Cell:
    """A square of a heat map. `words` say what it stands for."""

    x: float
    y: float
    level: int
    words: str


@dataclass(frozen=True)
class Label:
    """A name beside the squares."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Half:
    """Some weeks of a calendar, side by side, with the size of their drawing."""

    width: int
    height: int
    cells: tuple[Cell, ...]
    months: tuple[Label, ...]

    @property
    def wide(self) -> bool:
        """Whether it shrinks on a phone, so that its letters must be larger."""
        return self.width > WIDE


@dataclass(frozen=True)
class Week:
    """A row of the table: its Monday, then plays by weekday; "" outside the range."""

    label: str
    days: tuple[str, ...]
    plays: str


@dataclass(frozen=True)
class Calendar:
    """A calendar of at most about a year."""

    halves: tuple[Half, ...]
    weekdays: tuple[Label, ...]
    weeks: tuple[Week, ...]
    shades: tuple[Shade, ...]
    sentence: str


@dataclass(frozen=True)
class Hour:
    """An hour of a weekday: its place in the chart, in percent, with its number of plays."""

    x: float
    y: float
    middle: float
    centre: float
    level: int
    words: str
    count: str


@dataclass(frozen=True)
class WeekClock:
    """The hours of a week. `rows`: the table, an hour with its plays by weekday each."""

    hours: tuple[Hour, ...]
    weekdays: tuple[Label, ...]
    ticks: tuple[Label, ...]
    width: float
    height: float
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    shades: tuple[Shade, ...]
    sentence: str


def calendar(daily: Sequence[DayCount], days: tuple[date, date]) -> Calendar:
    """The calendar from one day to another."""
    first, last = days
    counts = {one.day: one.plays for one in daily if first <= one.day <= last}
    step = _step(list(counts.values()))
    monday = first - timedelta(days=first.weekday())
    weeks = [monday + timedelta(weeks=nth) for nth in range((last - monday).days // 7 + 1)]
    cut = len(weeks) if len(weeks) <= _WEEKS_TOGETHER else -(-len(weeks) // 2)
    halves = [part for part in (weeks[:cut], weeks[cut:]) if part]
    size = CELL + GAP
    return Calendar(
        halves=tuple(_half(part, counts, days, step) for part in halves),
        weekdays=tuple(Label(0, HEAD + nth * size + CELL * 0.75, WEEKDAYS[nth][:3]) for nth in (0, 2, 4, 6)),
        weeks=tuple(_week(one, counts, days) for one in weeks),
        shades=_legend(step),
        sentence=_days_sentence(counts, days),
    )


def week_clock(clock: Sequence[Sequence[int]]) -> WeekClock:
    """The hours of the week, Monday first."""
    step = _step([count for day in clock for count in day if count])
    width, height = (100 - _LABEL_WIDTH) / 24, _HOURS_FLOOR / 7
    hours = tuple(
        Hour(
            x=round(_LABEL_WIDTH + hour * width, 3),
            y=round(day * height, 3),
            middle=round(_LABEL_WIDTH + (hour + 0.48) * width, 3),
            centre=round((day + 0.48) * height, 3),
            level=_level(count, step),
            words=f"{WEEKDAYS[day]}, {hour}:00 to {hour}:59: {counted(count, 'play')}",
            count=number(count) if count else "",
        )
        for day, counts in enumerate(clock)
        for hour, count in enumerate(counts)
    )
    return WeekClock(
        hours=hours,
        weekdays=tuple(
            Label(0, round((nth + 0.48) * height, 3), name[:3]) for nth, name in enumerate(WEEKDAYS)
        ),
        ticks=tuple(
            Label(round(_LABEL_WIDTH + hour * width, 3), 100, f"{hour:02}") for hour in range(0, 24, 3)
        ),
        width=round(width * 0.96, 3),
        height=round(height * 0.96, 3),
        rows=tuple(
            (f"{hour:02}:00", tuple(number(clock[day][hour]) for day in range(7))) for hour in range(24)
        ),
        shades=_legend(step),
        sentence=clock_sentence(clock),
    )


def clock_sentence(clock: Sequence[Sequence[int]]) -> str:
    """When most is played, in words."""
    if not any(map(any, clock)):
        return ""
    top, day, hour = max(
        (count, -day, -hour) for day, row in enumerate(clock) for hour, count in enumerate(row)
    )
    by_day = [sum(row) for row in clock]
    by_hour = [sum(row[at] for row in clock) for at in range(24)]
    best = WEEKDAYS[by_day.index(max(by_day))]
    quiet = by_hour.index(min(by_hour))
    said = (
        f"You listen most on {WEEKDAYS[-day]}s around {-hour}:00, with {counted(top, 'play')} in that hour."
    )
    too = " as well" if best == WEEKDAYS[-day] else ""
    silent = by_hour.count(0)
    rest = f"the quietest hour begins at {quiet}:00"
    if silent:
        rest = f"{counted(silent, 'hour')} of the day {'has' if silent == 1 else 'have'} no play at all"
    return f"{said} {best} is the busiest day as a whole{too}; {rest}."


def _half(weeks: Sequence[date], counts: dict[date, int], days: tuple[date, date], step: int) -> Half:
    size = CELL + GAP
    cells, months = [], []
    for nth, monday in enumerate(weeks):
        x = LEFT + nth * size
        if shown := _month_over(monday, nth, len(weeks)):
            months.append(Label(x, HEAD - 8, f"{shown:%b %Y}" if shown.month == 1 else f"{shown:%b}"))
        for at in range(7):
            day = monday + timedelta(days=at)
            if days[0] <= day <= days[1]:
                count = counts.get(day, 0)
                words = f"{WEEKDAYS[at]}, {short_day(day)}: {counted(count, 'play')}"
                cells.append(Cell(x, HEAD + at * size, _level(count, step), words))
    return Half(LEFT + len(weeks) * size, HEAD + 7 * size, tuple(cells), tuple(months))


def _month_over(monday: date, nth: int, weeks: int) -> date | None:
    """The month to name over a week: one that begins in it, and at the left the one it is in."""
    sunday = monday + timedelta(days=6)
    if nth == 0:
        # Unless the next week's name would run into it.
        return sunday if (sunday + timedelta(days=7)).month == sunday.month else None
    return sunday if sunday.day <= 7 and nth < weeks - 1 else None


def _week(monday: date, counts: dict[date, int], days: tuple[date, date]) -> Week:
    of = [monday + timedelta(days=nth) for nth in range(7)]
    shown = tuple(number(counts.get(day, 0)) if days[0] <= day <= days[1] else "" for day in of)
    return Week(short_day(monday), shown, number(sum(counts.get(day, 0) for day in of)))


def _step(counts: Sequence[int]) -> int:
    """How many plays a shade is worth: of twenty counts, one may lie above the range of all shades."""
    if not counts:
        return 1
    usual = sorted(counts)[int((len(counts) - 1) * 0.95)]
    return max(1, -(-usual // SHADES))


def _level(count: int, step: int) -> int:
    return min(SHADES, -(-count // step))


def _legend(step: int) -> tuple[Shade, ...]:
    spans = [(level, (level - 1) * step + 1, level * step) for level in range(1, SHADES)]
    steps = [
        Shade(level, number(low) if low == high else f"{number(low)}–{number(high)}")
        for level, low, high in spans
    ]
    return (Shade(0, "none"), *steps, Shade(SHADES, f"{number((SHADES - 1) * step + 1)} or more"))


def _days_sentence(counts: dict[date, int], days: tuple[date, date]) -> str:
    length = (days[1] - days[0]).days + 1
    if not counts:
        return f"No music on any of these {counted(length, 'day')}."
    best = max(counts, key=lambda day: (counts[day], day))
    some = "every one" if len(counts) == length else number(len(counts))
    top = f"ost on {WEEKDAYS[best.weekday()]}, {short_day(best)}, with {counted(counts[best], 'play')}."
    return f"Music on {some} of these {counted(length, 'day')}; m{top}" if length > 1 else f"M{top}"
