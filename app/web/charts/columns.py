"""A chart of months or years as columns: 600 wide and 90 high, with y growing downwards."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from app.web.format import month, number

WIDTH, HEIGHT = 600, 90
MOST_TICKS = 6


class Column(NamedTuple):
    """A column, in the chart's units: of the days `first` to `last`. `label` names it and its value."""

    x: float
    y: float
    width: float
    height: float
    label: str
    first: date
    last: date


class Tick(NamedTuple):
    """Where a year or month begins: in the chart's units, and as a percentage of its width."""

    x: float
    share: float
    label: str


@dataclass(frozen=True)
class Columns:
    """A chart of months or years. `most`: the value of the highest column, in words."""

    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    most: str


def columns(values: Sequence[tuple[str, float]], unit: str) -> Columns | None:
    """A column for each month ("2026-11") or year ("2026") from the first to the last, missing ones empty.

    `unit`: what is counted, as the words of the highest column.
    """
    if not values:
        return None
    by_month = len(values[0][0]) > 4
    place = {_ordinal(name): value for name, value in values}
    first, last = min(place), max(place)
    most = max(place.values())
    full = most or 1
    width = WIDTH / (last - first + 1)
    shown = tuple(
        Column(
            x=round((at - first) * width, 2),
            y=round(HEIGHT * (1 - value / full), 2),
            width=round(min(width * 0.8, 36), 2),
            height=round(HEIGHT * value / full, 2),
            label=f"{month(_name(at)) if by_month else at}: {_figure(value, unit)}",
            first=_first_day(at, by_month),
            last=_first_day(at + 1, by_month) - timedelta(days=1),
        )
        for at, value in sorted(place.items())
        if value
    )
    return Columns(shown, _ticks(first, last, width, by_month), _figure(most, unit))


def _ticks(first: int, last: int, width: float, by_month: bool) -> tuple[Tick, ...]:
    span = last - first + 1
    if not by_month:
        step = math.ceil(span / MOST_TICKS)
        places = [(at, str(at)) for at in range(first, last + 1, step)]
    elif span > 18:
        years = [at for at in range(first, last + 1) if at % 12 == 0]
        step = math.ceil(len(years) / MOST_TICKS)
        places = [(at, str(at // 12)) for at in years[::step]]
    else:
        step = math.ceil(span / MOST_TICKS)
        one_year = first // 12 == last // 12
        places = [
            (at, month(_name(at))[:3] + ("" if one_year else f" {at // 12}"))
            for at in range(first, last + 1, step)
        ]
    return tuple(
        Tick(round((at - first) * width, 2), round((at - first) * width / WIDTH * 100, 2), label)
        for at, label in places
    )


def _ordinal(name: str) -> int:
    if len(name) == 4:
        return int(name)
    year, _, month_of_year = name.partition("-")
    return int(year) * 12 + int(month_of_year) - 1


def _first_day(ordinal: int, by_month: bool) -> date:
    return date(ordinal // 12, ordinal % 12 + 1, 1) if by_month else date(ordinal, 1, 1)


def _name(ordinal: int) -> str:
    return f"{ordinal // 12}-{ordinal % 12 + 1:02}"


def _figure(value: float, unit: str) -> str:
    figure = number(int(value)) if value == int(value) else f"{value:.1f}"
    return f"{figure}{unit}" if unit.startswith("%") else f"{figure} {unit}"
