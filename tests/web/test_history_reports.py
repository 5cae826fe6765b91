"""What plays show beyond sums, against the same counted slowly, play by play, on clocks that jump about."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.history.patterns import (
    MONTH,
    NEW_FOR,
    YEAR,
    Obsession,
    Plays,
    WeekCounts,
    forgotten,
    new_music,
    obsessions,
    periods,
)
from app.history.rollup import NEVER

ZONES = (
    "UTC",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "America/St_Johns",
)
FIRST = int(datetime(2010, 1, 1, tzinfo=UTC).timestamp())
# Apia left out a day in December 2011; many zones changed their offset in March and October.
moments = st.lists(
    st.one_of(
        st.integers(FIRST, FIRST + 3 * 366 * 86_400),
        st.integers(FIRST + 715 * 86_400, FIRST + 733 * 86_400),
        st.integers(FIRST + 80 * 86_400, FIRST + 100 * 86_400),
    ),
    min_size=1,
    max_size=60,
).map(sorted)


def local(moment: int, zone: str) -> datetime:
    return datetime.fromtimestamp(moment, ZoneInfo(zone))


def plays_of(starts: list[int], tracks: list[int]) -> Plays:
    return Plays(
        np.array(starts, np.int64), np.full(len(starts), 60_000, np.int32), np.array(tracks, np.int32)
    )


def obsessions_of(blocks: list[Plays], zone: ZoneInfo, share: float, least: int) -> list[Obsession]:
    weeks = WeekCounts(4, zone, share, least)
    for plays in blocks:
        weeks.add(plays)
    return obsessions(weeks, (None, None))


@given(starts=moments, zone=st.sampled_from(ZONES), unit=st.sampled_from([MONTH, YEAR]))
def test_periods_are_the_listeners(starts: list[int], zone: str, unit: str) -> None:
    of = periods(np.array(starts, np.int64), ZoneInfo(zone), unit)
    counted = dict(zip(of.names, np.diff(of.edges).tolist(), strict=True))
    form = "%Y-%m" if unit == MONTH else "%Y"
    assert {name: n for name, n in counted.items() if n} == Counter(
        f"{local(start, zone):{form}}" for start in starts
    )
    assert of.names == sorted(of.names)


@given(
    starts=moments,
    zone=st.sampled_from(ZONES),
    least=st.integers(1, 4),
    share=st.sampled_from([0.1, 0.34, 0.5]),
    data=st.data(),
)
def test_obsessions_are_those_of_the_listeners_weeks(
    starts: list[int], zone: str, least: int, share: float, data: st.DataObject
) -> None:
    tracks = data.draw(st.lists(st.integers(0, 3), min_size=len(starts), max_size=len(starts)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(starts)), max_size=3)))
    found = obsessions_of(
        [plays_of(starts[low:high], tracks[low:high]) for low, high in pairwise([0, *cuts, len(starts)])],
        ZoneInfo(zone),
        share,
        least,
    )

    def monday(moment: int) -> date:
        day = local(moment, zone).date()
        return day - timedelta(days=day.weekday())

    weeks = Counter(monday(start) for start in starts)
    pairs = Counter((track, monday(start)) for start, track in zip(starts, tracks, strict=True))
    expected = {
        (track, week, count)
        for (track, week), count in pairs.items()
        if count >= least and count > share * weeks[week]
    }
    assert sum(entry.weeks for entry in found) == len(expected)
    assert sum(entry.plays for entry in found) == sum(count for _, _, count in expected)
    for entry in found:
        held = [(entry.track, entry.first + timedelta(weeks=n)) for n in range(entry.weeks)]
        assert sum(pairs[pair] for pair in held) == entry.plays
        assert max(pairs[pair] / weeks[pair[1]] for pair in held) == pytest.approx(entry.share)


def test_music_is_new_up_to_the_ninetieth_day() -> None:
    first = np.array([FIRST, FIRST + 200 * 86_400, NEVER], np.int64)
    starts = [FIRST, FIRST + NEW_FOR - 1, FIRST + NEW_FOR, FIRST + 200 * 86_400]
    told, fresh = new_music(plays_of(starts, [0, 0, 0, 1]), first, FIRST + NEW_FOR)
    assert told.tolist() == [0, 0, 60_000, 60_000]
    assert fresh.tolist() == [0, 0, 0, 60_000]


def test_the_most_played_is_forgotten_first() -> None:
    plays = np.array([5, 20, 30, 25, 30], np.int64)
    last = np.array([1, 2, 100, 3, 1], np.int64)
    assert forgotten(plays, last, 50, 20).tolist() == [4, 3, 1]


def test_nothing_played_has_no_patterns() -> None:
    nothing = plays_of([], [])
    assert periods(nothing.start, ZoneInfo("UTC"), MONTH).names == []
    assert obsessions_of([nothing], ZoneInfo("UTC"), 0.1, 1) == []


def test_exactly_the_share_of_a_week_is_no_obsession() -> None:
    week = plays_of([FIRST, FIRST + 60], [0, 1])
    assert obsessions_of([week], ZoneInfo("UTC"), 0.5, 1) == []
