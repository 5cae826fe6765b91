"""The ranges that have a name, one's own, and the period before each."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from app.web.format import change
from app.web.time.range_query import Preset, RangeQuery, preset_query

TODAY = date(2026, 11, 20)
UTC = ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("preset", "first", "last", "first_before", "last_before"),
    [
        (Preset.FOUR_WEEKS, "2026-10-24", "2026-11-20", "2026-09-26", "2026-10-23"),
        (Preset.SIX_MONTHS, "2026-05-21", "2026-11-20", "2025-11-18", "2026-05-20"),
        (Preset.YEAR, "2026-01-01", "2026-11-20", "2025-01-01", "2025-11-20"),
        (Preset.LAST_YEAR, "2025-01-01", "2025-12-31", "2024-01-01", "2024-12-31"),
    ],
)
def test_a_named_range_and_the_period_before_it(
    preset: Preset, first: str, last: str, first_before: str, last_before: str
) -> None:
    question = preset_query(UTC, TODAY, 30_000, preset)
    before = question.before()

    assert (question.first, question.last) == (date.fromisoformat(first), date.fromisoformat(last))
    assert before is not None
    assert (before.first, before.last) == (date.fromisoformat(first_before), date.fromisoformat(last_before))
    assert before.threshold_ms == 30_000


def test_there_is_nothing_before_all_time() -> None:
    question = preset_query(UTC, TODAY, 30_000, Preset.ALL)

    assert question.is_all
    assert question.before() is None
    assert question.moments() == (None, None)


def test_the_period_before_ones_own_range_has_as_many_days() -> None:
    before = RangeQuery(UTC, TODAY, 30_000, None, date(2021, 3, 1), date(2021, 3, 31)).before()

    assert before is not None
    assert (before.first, before.last) == (date(2021, 1, 29), date(2021, 2, 28))


def test_the_period_before_a_whole_year_is_the_year_before() -> None:
    before = RangeQuery(UTC, TODAY, 30_000, None, date(2021, 1, 1), date(2021, 12, 31)).before()

    assert before is not None
    assert (before.first, before.last) == (date(2020, 1, 1), date(2020, 12, 31))


def test_a_range_with_an_open_end_has_nothing_before_it() -> None:
    assert RangeQuery(UTC, TODAY, 30_000, None, date(2021, 1, 1), None).before() is None


def test_a_leap_day_is_compared_with_the_last_of_february() -> None:
    before = preset_query(UTC, date(2024, 2, 29), 30_000, Preset.YEAR).before()

    assert before is not None
    assert (before.first, before.last) == (date(2023, 1, 1), date(2023, 2, 28))


def test_a_range_begins_and_ends_at_the_listeners_midnight() -> None:
    kathmandu = ZoneInfo("Asia/Kathmandu")  # 5:45 ahead of UTC
    day = RangeQuery(kathmandu, TODAY, 30_000, None, date(2021, 3, 1), date(2021, 3, 1))

    start, end = day.moments()

    assert start == 1_614_536_100  # 2021-02-28 18:15 UTC
    assert end == start + 86_400


@pytest.mark.parametrize(
    ("now", "before", "direction", "words"),
    [
        (120, 100, "up", "20% more than before"),
        (80, 100, "down", "20% less than before"),
        (0, 100, "down", "100% less than before"),
        (100, 100, "same", "as in the period before"),
        (1001, 1000, "same", "as in the period before"),
        (2500, 100, "up", "25 times more than before"),
        (5, 0, "up", "none in the period before"),
        (0, 0, "same", "none in the period before either"),
    ],
)
def test_a_change_has_a_direction_and_words(now: int, before: int, direction: str, words: str) -> None:
    assert change(now, before) == (direction, words)


def test_nothing_to_compare_with_is_no_change() -> None:
    assert change(5, None) is None
