"""Rankings and streaks."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.history.figures import DayCount, Ranking, current_streak, longest_streak

MONDAY = date(2024, 2, 26)  # of a leap year's last week of February


def days(*numbers: int) -> list[DayCount]:
    return [DayCount(MONDAY + timedelta(days=number), 1, 60_000) for number in numbers]


def streak(length: int, first: int) -> tuple[int, date, date]:
    return length, MONDAY + timedelta(days=first), MONDAY + timedelta(days=first + length - 1)


def test_the_longest_run_of_days_goes_over_the_end_of_a_month() -> None:
    found = longest_streak(days(0, 1, 3, 4, 5, 6, 9))

    assert (found.days, found.first, found.last) == streak(4, 3)


@pytest.mark.parametrize(("today", "length"), [(6, 2), (7, 2), (8, 0), (5, 0)])
def test_a_streak_is_going_on_until_a_day_is_over_without_music(today: int, length: int) -> None:
    found = current_streak(days(0, 1, 2, 5, 6), MONDAY + timedelta(days=today))

    assert found.days == length


def test_without_days_there_is_no_streak() -> None:
    assert longest_streak([]).days == 0
    assert current_streak([], MONDAY).first is None


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 2), st.sampled_from(["a", "B", "b", "é"])), max_size=30
    ),
    st.integers(1, 35),
    st.integers(1, 10),
    st.booleans(),
)
def test_a_ranking_is_by_plays_then_time_then_name(
    things: list[tuple[int, int, str]], first: int, most: int, by_time: bool
) -> None:
    plays, ms = (np.array([thing[place] for thing in things], np.int64) for place in (0, 1))
    ranking = Ranking(plays, ms * plays, [thing[2] for thing in things])
    rows = [(count, time * count, name) for count, time, name in things if count]
    rows.sort(key=lambda row: ((-row[1], -row[0]) if by_time else (-row[0], -row[1]), row[2]))

    found = ranking.top(most, first, by_time)

    assert ranking.length == len(rows)
    assert [(entry.plays, entry.ms, entry.name) for entry in found] == rows[first - 1 : first - 1 + most]
    assert [entry.rank for entry in found] == list(range(first, first + len(found)))
