"""Dataclasses as JSON."""

from dataclasses import dataclass
from datetime import date

from app.web.representation import to_json


@dataclass(frozen=True)
class Day:
    """A day, as a report has it."""

    day: date
    plays: int
    ms: int
    number: int


def test_fields_are_renamed_or_left_out() -> None:
    day = Day(date(2024, 6, 5), plays=3, ms=540_000, number=7)
    assert to_json(day, day="date", ms="ms_played", number=None) == {
        "date": "2024-06-05",
        "plays": 3,
        "ms_played": 540_000,
    }
