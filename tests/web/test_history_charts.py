"""The history's charts: columns over time, the calendar, the hours of the week."""

from datetime import date, timedelta

import pytest

from app.history.figures import DayCount
from app.web.charts.heatmap import calendar, clock_sentence, week_clock
from app.web.charts.time_series import by_hour, nice_ceiling, series, unit_for
from app.web.time.ranked import share_of_plays


def days(first: str, length: int) -> tuple[date, date]:
    begin = date.fromisoformat(first)
    return begin, begin + timedelta(days=length - 1)


@pytest.mark.parametrize(
    ("length", "unit"), [(1, "day"), (28, "day"), (62, "day"), (63, "week"), (366, "week"), (801, "month")]
)
def test_the_length_of_a_range_picks_the_unit(length: int, unit: str) -> None:
    assert unit_for(days("2021-01-01", length)) == unit


@pytest.mark.parametrize(
    ("most", "ceiling"),
    [(1, 1), (2, 2), (7, 8), (9, 10), (11, 12), (13, 15), (99, 100), (1_393, 1_500), (61, 80)],
)
def test_the_ceiling_is_round(most: int, ceiling: int) -> None:
    assert nice_ceiling(most) == ceiling


def test_silent_days_have_a_column_too() -> None:
    of = series([DayCount(date(2021, 3, 2), 4, 600_000)], days("2021-03-01", 4))

    assert [(column.label, column.plays) for column in of.columns] == [
        ("Mon 1 Mar 2021", 0),
        ("Tue 2 Mar 2021", 4),
        ("Wed 3 Mar 2021", 0),
        ("Thu 4 Mar 2021", 0),
    ]
    assert [column.height for column in of.columns] == [0, 77.0, 0, 0]
    assert (of.columns[1].ms, of.ceiling) == (600_000, 4)
    assert of.sentence == (
        "Tuesday, 2 March had the most plays: 4. The average day has 1.0, and 3 days had none."
    )


def test_months_are_added_up_and_years_marked() -> None:
    daily = [DayCount(date(year, month, 3), month, 60_000) for year in (2019, 2020, 2021) for month in (1, 7)]

    of = series(daily, (date(2018, 12, 30), date(2021, 7, 3)))

    assert (of.unit, len(of.columns), of.columns[0].label) == ("month", 32, "December 2018")
    assert [(tick.label, tick.at) for tick in of.ticks] == [
        ("2019", 3.125),
        ("2020", 40.625),
        ("2021", 78.125),
    ]
    assert of.sentence.startswith("July 2019 had the most plays: 7.")


def test_a_week_begins_on_monday() -> None:
    of = series([DayCount(date(2021, 3, 7), 2, 0), DayCount(date(2021, 3, 8), 3, 0)], days("2021-01-01", 100))

    counted = {column.label: column.plays for column in of.columns if column.plays}
    assert counted == {"Week of 1 Mar 2021": 2, "Week of 8 Mar 2021": 3}


def test_the_hours_of_a_day() -> None:
    of = by_hour([3 if hour == 23 else 1 if hour == 8 else 0 for hour in range(24)])

    assert of.sentence == "Most often between 23:00 and 0:00: 75% of these plays."
    assert len(of.columns) == 24


def test_a_calendar_has_every_day_of_the_range_and_no_other() -> None:
    span = (date(2021, 1, 1), date(2021, 12, 31))
    counts = [DayCount(date(2021, 1, 1) + timedelta(days=at), at % 8 + 1, 0) for at in range(0, 365, 2)]

    of = calendar(counts, span)

    assert sum(len(half.cells) for half in of.halves) == 365
    assert [len(half.months) for half in of.halves] == [6, 6]
    assert len(of.weeks) == 53
    # 1 January 2021 was a Friday.
    assert of.weeks[0] == (date(2020, 12, 28), date(2021, 1, 3), (None, None, None, None, 1, 0, 3))
    assert of.shades == ("none", "1–2", "3–4", "5–6", "7 or more")
    assert {cell.level for half in of.halves for cell in half.cells} == {0, 1, 2, 3, 4}


def test_one_day_out_of_all_measure_leaves_the_others_their_shades() -> None:
    counts = [DayCount(date(2021, 3, 1) + timedelta(days=at), 10, 0) for at in range(27)]
    counts.append(DayCount(date(2021, 3, 28), 1_000, 0))

    of = calendar(counts, days("2021-03-01", 28))

    assert of.shades[1:] == ("1–3", "4–6", "7–9", "10 or more")


def test_the_week_is_told_in_words() -> None:
    clock = [[0] * 24 for _ in range(7)]
    clock[3][22] = 9
    clock[5] = [1] * 24

    of = week_clock(clock)

    assert of.sentence == (
        "You listen most on Thursdays around 22:00, with 9 plays in that hour. "
        "Saturday is the busiest day as a whole; the quietest hour begins at 0:00."
    )
    assert [(cell.level, cell.words) for cell in of.cells if cell.plays == 9] == [
        (4, "Thursday, from 22:00: 9 plays")
    ]
    assert of.by_hour[22] == (0, 0, 0, 9, 0, 1, 0)


def test_hours_without_a_play_are_counted() -> None:
    clock = [[1] * 22 + [0, 5] for _ in range(7)]

    assert clock_sentence(clock).endswith(
        "Monday is the busiest day as a whole as well; 1 hour of the day has no play at all."
    )


def test_an_empty_week_says_nothing() -> None:
    assert clock_sentence([[0] * 24 for _ in range(7)]) == ""


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(1, 2, "50.0%"), (2, 2, "100%"), (1, 400, "0.25%"), (1, 10**6, "<0.01%"), (0, 5, "0%"), (1, 0, "0%")],
)
def test_a_share_in_words(part: int, whole: int, words: str) -> None:
    assert share_of_plays(part, whole) == words
