"""Decades and their mood: for each a bar of its tracks and two marks on a rail, all on 0-100."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.stats.decades import Decade
from app.web.charts.scale import on_axis
from app.web.format import percent

RAIL = 100.0


@dataclass(frozen=True)
class DecadeRow:
    """One decade. `bar` is its count against the largest decade's; `valence` and `energy` are places."""

    name: str
    count: int
    bar: float
    valence: float | None
    energy: float | None
    valence_words: str
    energy_words: str


def decade_rows(decades: Sequence[Decade]) -> tuple[DecadeRow, ...]:
    """A row a decade, oldest first."""
    largest = max((one.count for one in decades), default=0)
    return tuple(
        DecadeRow(
            name=f"{one.decade}s",
            count=one.count,
            bar=on_axis(one.count, 0, largest, RAIL),
            valence=None if one.valence is None else on_axis(one.valence, 0, 1, RAIL),
            energy=None if one.energy is None else on_axis(one.energy, 0, 1, RAIL),
            valence_words=percent(one.valence),
            energy_words=percent(one.energy),
        )
        for one in decades
    )
