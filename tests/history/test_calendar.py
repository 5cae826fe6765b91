"""Local days and hours in every time zone, and the moments at which days begin."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.history.calendar import DAY, day_number, day_of, in_hours, local, midnight, offsets
from tests.examples import examples
from tests.history.entries import TURNS, ZONES

FIRST, LAST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2006, 2027))
_around = st.sampled_from(TURNS).flatmap(
    lambda turn: st.integers(-4 * 3_600, 4 * 3_600).map(lambda apart: int(turn.timestamp()) + apart)
)
moments = st.lists(st.one_of(st.integers(FIRST, LAST), _around), min_size=1, max_size=40)


def _plainly(moment: int, zone: ZoneInfo) -> int:
    """The local time as if it were UTC."""
    local_time = datetime.fromtimestamp(moment, zone).replace(tzinfo=UTC)
    return int(local_time.timestamp())


@settings(max_examples=examples(150))
@given(moments, st.sampled_from(ZONES))
def test_local_times_are_those_of_the_time_zone(at: list[int], name: str) -> None:
    at.sort()

    found = local(np.array(at, np.int64), offsets(ZoneInfo(name), at[0], at[-1] + 1))

    assert found.tolist() == [_plainly(moment, ZoneInfo(name)) for moment in at]


@settings(max_examples=examples(100))
@given(
    moments,
    st.sampled_from(ZONES),
    st.one_of(st.none(), st.integers(0, 23)),
    st.one_of(st.none(), st.integers(0, 6)),
)
def test_hours_of_the_week_are_those_of_the_clock(
    at: list[int], name: str, hour: int | None, weekday: int | None
) -> None:
    at.sort()

    found = in_hours(np.array(at, np.int64), ZoneInfo(name), hour, weekday)

    clock = [datetime.fromtimestamp(moment, ZoneInfo(name)) for moment in at]
    assert found.tolist() == [
        place
        for place, moment in enumerate(clock)
        if hour in (None, moment.hour) and weekday in (None, moment.weekday())
    ]


def test_no_change_of_a_clock_is_missed() -> None:
    for name in sorted(available_timezones())[::4]:
        zone = ZoneInfo(name)
        found = offsets(zone, FIRST, LAST)
        at = np.arange(FIRST, LAST, 5 * DAY + 3_600, dtype=np.int64)
        ours = local(at, found)
        for place in range(0, len(at), 50):
            assert ours[place] == _plainly(int(at[place]), zone), name
        for change in found.since[1:].tolist():
            seen = {datetime.fromtimestamp(change - back, zone).utcoffset() for back in (0, 1)}
            assert len(seen) == 2, f"{name} did not change at {change}"


@settings(max_examples=examples(150))
@given(_around, st.integers(-3, 3), st.sampled_from(ZONES))
def test_a_day_begins_with_its_first_moment(near: int, apart: int, name: str) -> None:
    zone = ZoneInfo(name)
    day = datetime.fromtimestamp(near, zone).date() + timedelta(days=apart)

    begins = midnight(day, zone)

    assert datetime.fromtimestamp(begins, zone).date() >= day
    assert datetime.fromtimestamp(begins - 1, zone).date() < day


@pytest.mark.parametrize(
    ("name", "day", "begins"),
    [
        ("Asia/Kolkata", date(2020, 3, 1), "2020-02-29T18:30:00+00:00"),
        ("Asia/Kathmandu", date(2020, 3, 1), "2020-02-29T18:15:00+00:00"),
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00:00+00:00"),  # at one o'clock
        ("America/Sao_Paulo", date(2019, 2, 17), "2019-02-17T03:00:00+00:00"),
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00:00+00:00"),  # left out
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-30T10:00:00+00:00"),
        ("Australia/Lord_Howe", date(2022, 4, 3), "2022-04-02T13:00:00+00:00"),
        ("Africa/Casablanca", date(2019, 5, 5), "2019-05-04T23:00:00+00:00"),
    ],
)
def test_days_that_begin_oddly(name: str, day: date, begins: str) -> None:
    assert datetime.fromtimestamp(midnight(day, ZoneInfo(name)), UTC).isoformat() == begins


def test_a_clock_that_changes_within_a_slot_is_not_on_slots() -> None:
    first, last = (int(datetime(2010, month, 1, tzinfo=UTC).timestamp()) for month in (11, 12))

    assert not offsets(ZoneInfo("America/St_Johns"), first, last).on_slots  # at one minute past midnight
    assert offsets(ZoneInfo("America/Toronto"), first, last).on_slots


@given(st.dates(date(1971, 1, 1), date(2099, 12, 31)))
def test_days_have_numbers(day: date) -> None:
    assert day_of(day_number(day)) == day
