"""Heat maps: the days of a calendar, and the hours of a week. A legend names the shades above nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from app.history.figures import DayCount
from app.web.format import counted, number, short_day

SHADES = 4
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CELL, GAP = 20, 3  # of the calendar, in its own units
LEFT, HEAD = 34, 22
WIDE = 450
_WEEKS_TOGETHER = 30
_LABEL_WIDTH, _HOURS_FLOOR = 7.5, 91.0  # percentages of the week's chart


class Cell(NamedTuple):
    """A square. `level` is its shade, 0 for nothing; `words` say what it stands for.

    Of a calendar it has its `day`, of a week its `weekday` (0 for Monday) and `hour`.
    """

    x: float
    y: float
    level: int
    plays: int
    words: str
    has_gap: bool = False
    day: date | None = None
    weekday: int = 0
    hour: int = 0


class Label(NamedTuple):
    """A name beside the squares."""

    x: float
    y: float
    text: str


class Half(NamedTuple):
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
class Calendar:
    """A calendar of at most about a year. `shades` are the legend, by level.

    `weeks`: the table, a Monday, its Sunday, and the plays of the seven days, `None` outside the range.
    """

    halves: tuple[Half, ...]
    weekdays: tuple[Label, ...]
    weeks: tuple[tuple[date, date, tuple[int | None, ...]], ...]
    shades: tuple[str, ...]
    sentence: str


@dataclass(frozen=True)
class WeekClock:
    """The hours of a week, in percent of the chart; `width` and `height` are a square's.

    `by_hour`: the table, the plays of an hour by weekday.
    """

    cells: tuple[Cell, ...]
    weekdays: tuple[Label, ...]
    ticks: tuple[Label, ...]
    width: float
    height: float
    by_hour: tuple[tuple[int, ...], ...]
    shades: tuple[str, ...]
    sentence: str


def calendar(daily: Sequence[DayCount], days: tuple[date, date], gaps: Collection[date] = ()) -> Calendar:
    """The calendar from one day to another. `gaps`: days of which plays may be missing."""
    first, last = days
    plays = dict.fromkeys((first + timedelta(days=nth) for nth in range((last - first).days + 1)), 0)
    plays |= {count.day: count.plays for count in daily if first <= count.day <= last}
    step = _step([count for count in plays.values() if count])
    monday = first - timedelta(days=first.weekday())
    weeks = [monday + timedelta(weeks=nth) for nth in range((last - monday).days // 7 + 1)]
    cut = len(weeks) if len(weeks) <= _WEEKS_TOGETHER else -(-len(weeks) // 2)
    halves = [part for part in (weeks[:cut], weeks[cut:]) if part]
    size = CELL + GAP
    return Calendar(
        halves=tuple(_half(part, plays, step, gaps) for part in halves),
        weekdays=tuple(Label(0, HEAD + nth * size + CELL * 0.75, WEEKDAYS[nth][:3]) for nth in (0, 2, 4, 6)),
        weeks=tuple(
            (
                week,
                week + timedelta(days=6),
                tuple(plays.get(week + timedelta(days=nth)) for nth in range(7)),
            )
            for week in weeks
        ),
        shades=_legend(step),
        sentence=_days_sentence(plays),
    )


def week_clock(clock: Sequence[Sequence[int]]) -> WeekClock:
    """The hours of the week, Monday first."""
    step = _step([count for day in clock for count in day if count])
    width, height = (100 - _LABEL_WIDTH) / 24, _HOURS_FLOOR / 7
    return WeekClock(
        cells=tuple(
            Cell(
                x=round(_LABEL_WIDTH + hour * width, 2),
                y=round(day * height, 2),
                level=_level(count, step),
                plays=count,
                words=f"{WEEKDAYS[day]}, from {hour}:00: {counted(count, 'play')}",
                weekday=day,
                hour=hour,
            )
            for day, counts in enumerate(clock)
            for hour, count in enumerate(counts)
        ),
        weekdays=tuple(
            Label(0, round((nth + 0.48) * height, 3), name[:3]) for nth, name in enumerate(WEEKDAYS)
        ),
        ticks=tuple(
            Label(round(_LABEL_WIDTH + hour * width, 3), 100, f"{hour:02}") for hour in range(0, 24, 3)
        ),
        width=round(width * 0.96, 3),
        height=round(height * 0.96, 3),
        by_hour=tuple(zip(*clock, strict=True)),
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
    first = (
        f"You listen most on {WEEKDAYS[-day]}s around {-hour}:00, with {counted(top, 'play')} in that hour."
    )
    too = " as well" if best == WEEKDAYS[-day] else ""
    silent = by_hour.count(0)
    rest = f"the quietest hour begins at {quiet}:00"
    if silent:
        rest = f"{counted(silent, 'hour')} of the day {'has' if silent == 1 else 'have'} no play at all"
    return f"{first} {best} is the busiest day as a whole{too}; {rest}."


def _half(weeks: Sequence[date], plays: dict[date, int], step: int, gaps: Collection[date]) -> Half:
    size = CELL + GAP
    cells, months = [], []
    for nth, monday in enumerate(weeks):
        x = LEFT + nth * size
        if shown := _month_over(monday, nth, len(weeks)):
            months.append(Label(x, HEAD - 8, f"{shown:%b %Y}" if shown.month == 1 else f"{shown:%b}"))
        for at in range(7):
            day = monday + timedelta(days=at)
            if (count := plays.get(day)) is not None:
                words = f"{WEEKDAYS[at]}, {short_day(day)}: {counted(count, 'play')}"
                words += "; some may be missing" if day in gaps else ""
                cells.append(Cell(x, HEAD + at * size, _level(count, step), count, words, day in gaps, day))
    return Half(LEFT + len(weeks) * size, HEAD + 7 * size, tuple(cells), tuple(months))


def _month_over(monday: date, nth: int, weeks: int) -> date | None:
    """The month to name over a week: one that begins in it, and at the left the one it is in."""
    sunday = monday + timedelta(days=6)
    if nth == 0:
        # Unless the next week's name would run into it.
        return sunday if (sunday + timedelta(days=7)).month == sunday.month else None
    return sunday if sunday.day <= 7 and nth < weeks - 1 else None


def _step(counts: Sequence[int]) -> int:
    """How many plays a shade is worth: of twenty counts, one may lie above the range of all shades."""
    if not counts:
        return 1
    usual = sorted(counts)[int((len(counts) - 1) * 0.95)]
    return max(1, -(-usual // SHADES))


def _level(count: int, step: int) -> int:
    return min(SHADES, -(-count // step))


def _legend(step: int) -> tuple[str, ...]:
    spans = [((level - 1) * step + 1, level * step) for level in range(1, SHADES)]
    steps = [number(low) if low == high else f"{number(low)}–{number(high)}" for low, high in spans]
    return ("none", *steps, f"{number((SHADES - 1) * step + 1)} or more")


def _days_sentence(plays: dict[date, int]) -> str:
    length, with_music = len(plays), sum(count > 0 for count in plays.values())
    if not with_music:
        return f"No music on any of these {counted(length, 'day')}."
    best = max(plays, key=lambda day: (plays[day], day))
    some = "every one" if with_music == length else number(with_music)
    top = f"ost on {WEEKDAYS[best.weekday()]}, {short_day(best)}, with {counted(plays[best], 'play')}."
    return f"Music on {some} of these {counted(length, 'day')}; m{top}" if length > 1 else f"M{top}"
