"""Roll-ups: counted once for all, kept narrow, and made anew for another threshold."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.history.rollup import Rollup
from app.history.sessions import SessionCount
from app.history.stored import stored_history
from tests.examples import examples
from tests.history import entries, reference
from tests.history.fixture import TODAY, Histories, histories, said

BEGIN = datetime(2021, 3, 27, 20, tzinfo=UTC)


@pytest.fixture(scope="module", name="histories")
def own_histories() -> Iterator[Histories]:
    with histories() as made:
        yield made


def play(
    end: datetime, ms: int = 60_000, title: str = "Rain", artist: str = "Mira", **more: Any
) -> dict[str, Any]:
    return {
        "ts": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "ms_played": ms,
        "master_metadata_track_name": title,
        "master_metadata_album_artist_name": artist,
        **more,
    }


@settings(max_examples=examples(50))
@given(st.lists(entries.tracks, min_size=1, max_size=20), st.integers(0, 240))
def test_a_rollup_comes_back_as_it_was_packed(histories: Histories, rows: list[Any], threshold: int) -> None:
    account = histories.history_of([rows])
    found = stored_history(histories.store, account)
    history = found.history("music", threshold * 1000) if found else None
    assert history is not None

    made = history.everything

    again = Rollup.unpacked(made.packed())
    for field in fields(Rollup):
        ours, theirs = getattr(made, field.name), getattr(again, field.name)
        assert np.array_equal(ours, theirs), field.name
        if isinstance(theirs, np.ndarray):
            assert theirs.dtype == np.int64, "sums over it must not overflow"


def test_a_year_round_the_clock_falls_on_the_right_days_and_hours(histories: Histories) -> None:
    # Every 53 minutes, so that each hour of each weekday is met and no change of the clock is missed.
    rows = [play(BEGIN + timedelta(minutes=53 * turn), title=f"Song {turn % 600}") for turn in range(9_900)]
    now = datetime.now(UTC)
    plays = reference.kept(one for row in rows if isinstance(one := reference.read(row, now), reference.Play))
    account = histories.history_of([rows])

    for zone in entries.ZONES:
        of = histories.summary(account, zone)
        assert of is not None
        assert said(of) == reference.report(plays, ZoneInfo(zone), 30, TODAY), zone


def test_a_play_belongs_to_the_day_and_hour_of_its_start(histories: Histories) -> None:
    account = histories.history_of([[play(datetime(2021, 5, 3, 0, 0, 30, tzinfo=UTC), ms=60_000)]])

    of = histories.summary(account, "UTC")

    assert of is not None
    assert [str(day.day) for day in of.daily] == ["2021-05-02"]
    assert of.clock[6][23] == 1  # Sunday, from eleven


@pytest.mark.parametrize(("threshold", "plays"), [(0, 4), (29, 3), (30, 3), (31, 1), (240, 1)])
def test_a_play_counts_from_the_threshold_on(histories: Histories, threshold: int, plays: int) -> None:
    lengths = [0, 30_000, 30_999, 240_000]
    account = histories.history_of([[play(BEGIN + timedelta(hours=n), ms) for n, ms in enumerate(lengths)]])

    of = histories.summary(account, "UTC", threshold)

    assert of is not None
    assert of.totals.plays == plays
    assert of.rollup.rows == 4  # skips are over all rows


@pytest.mark.parametrize(
    ("skipped", "reason", "counts"),
    [
        (True, "trackdone", 1),
        (False, "fwdbtn", 0),
        (None, "fwdbtn", 1),
        (None, "backbtn", 0),
        (None, None, 0),
    ],
)
def test_what_a_skip_is(histories: Histories, skipped: bool | None, reason: str | None, counts: int) -> None:
    account = histories.history_of([[play(BEGIN, ms=5_000, skipped=skipped, reason_end=reason)]])

    of = histories.summary(account, "UTC")

    assert of is not None
    assert (of.rollup.rows, of.rollup.skipped) == (1, counts)


@pytest.mark.parametrize(("gap", "sessions"), [(1_800, 1), (1_801, 2)])
def test_a_gap_of_more_than_half_an_hour_ends_a_session(
    histories: Histories, gap: int, sessions: int
) -> None:
    second = BEGIN + timedelta(seconds=gap + 60)
    account = histories.history_of([[play(BEGIN), play(second, title="Snow")]])

    of = histories.summary(account, "UTC")

    assert of is not None
    assert of.rollup.sessions == sessions


def test_music_is_new_where_it_was_first_heard_in_full_length(histories: Histories) -> None:
    account = histories.history_of(
        [
            [
                play(datetime(2020, 1, 31, 23, 59, tzinfo=UTC), ms=5_000),
                play(datetime(2020, 2, 29, 18, 20, tzinfo=UTC)),
                play(datetime(2020, 4, 1, tzinfo=UTC), title="Snow"),
            ]
        ]
    )

    of = histories.summary(account, "Asia/Kathmandu")
    late = histories.summary(account, "Asia/Kathmandu", days=(date(2020, 3, 2), None))

    assert of is not None
    assert late is not None
    assert [(month.month, month.artists, month.tracks) for month in of.discovery] == [
        ("2020-03", 1, 1),
        ("2020-04", 0, 1),
    ]
    assert [(month.month, month.artists, month.tracks) for month in late.discovery] == [("2020-04", 0, 1)]


def test_what_is_first_heard_after_the_last_day_is_not_new_in_the_range(histories: Histories) -> None:
    april = datetime(2020, 4, 1, tzinfo=UTC)
    account = histories.history_of(
        [[play(april - timedelta(days=2)), play(april + timedelta(minutes=1), title="Snow")]]
    )

    march = histories.summary(account, "UTC", days=(None, date(2020, 3, 31)))

    assert march is not None
    assert [(month.month, month.tracks) for month in march.discovery] == [("2020-03", 1)]


def test_a_long_play_outlasts_those_that_began_after_it() -> None:
    sessions = SessionCount()

    sessions.add(np.array([0, 10, 4_000]), np.array([3_600_000, 10_000, 1_000], np.int32))
    sessions.finish()

    assert (sessions.count, sessions.seconds) == (1, 4_001)
