"""Which rows are the same play told twice, by example."""

import json
from typing import Any

import pytest

from app.history.duplicates import kept_rows
from app.history.formats.spotify import read_json
from app.history.merge import gather

NOW = 1_790_000_000.0


def extended(ts: str, ms: int = 200_000, **more: Any) -> dict[str, Any]:
    named = {"master_metadata_track_name": "Rain", "master_metadata_album_artist_name": "Mira"}
    return {"ts": f"2020-05-01T{ts}Z", "ms_played": ms, **named, **more}


def account(end: str, ms: int = 200_000, **more: Any) -> dict[str, Any]:
    return {
        "endTime": f"2020-05-01 {end}",
        "msPlayed": ms,
        "artistName": "Mira",
        "trackName": "Rain",
        **more,
    }


def kept(*rows: dict[str, Any]) -> list[bool]:
    """For each row whether it stays, each from a file of its own."""
    batches = [read_json(json.dumps([row]).encode(), NOW).batch for row in rows]
    stays, _ = kept_rows(gather(len(batches), batches.__getitem__))
    return [bool(row) for row in stays]


def both_ways(*rows: dict[str, Any]) -> list[bool]:
    """The same, and that it does not matter which came first."""
    found = kept(*rows)
    assert kept(*reversed(rows)) == found[::-1]
    return found


def test_the_same_row_counts_once() -> None:
    assert sorted(kept(extended("10:00:00"), extended("10:00:00"))) == [False, True]


@pytest.mark.parametrize(("later", "stays"), [("10:00:29", False), ("10:00:30", True)])
def test_plays_less_than_thirty_seconds_apart_are_one(later: str, stays: bool) -> None:
    assert both_ways(extended("10:00:00"), extended(later)) == [True, stays]


def test_an_end_is_held_against_rows_that_stay_and_no_others() -> None:
    chain = [extended(ts) for ts in ("10:00:00", "10:00:20", "10:00:40", "10:01:00")]

    assert both_ways(*chain) == [True, False, True, False]


@pytest.mark.parametrize(
    "other",
    [
        {"ms": 200_001},
        {"master_metadata_track_name": "Rain (Live)"},
        {"master_metadata_album_artist_name": "Theo"},
    ],
)
def test_another_length_or_name_is_another_play(other: dict[str, Any]) -> None:
    assert both_ways(extended("10:00:00"), extended("10:00:00", **other)) == [True, True]


def test_names_are_the_same_in_any_case_and_on_any_album() -> None:
    loud = extended(
        "10:00:01",
        master_metadata_track_name="RAIN",
        master_metadata_album_artist_name="MIRA",
        master_metadata_album_album_name="Weather",
    )

    assert both_ways(extended("10:00:00"), loud) == [False, True]


def test_the_row_that_tells_more_stays_whichever_came_first() -> None:
    poor = extended("10:00:00", skipped=None, shuffle=None)
    rich = extended("10:00:20", skipped=False, shuffle=True, platform="ios")

    assert both_ways(poor, rich) == [False, True]


def test_a_row_with_an_address_tells_more_than_one_without() -> None:
    assert both_ways(extended("10:00:00"), extended("10:00:10", spotify_track_uri="spotify:track:one")) == [
        False,
        True,
    ]


@pytest.mark.parametrize(("minute", "stays"), [("10:00", False), ("10:01", True), ("09:59", True)])
def test_account_data_is_the_same_play_within_the_same_minute(minute: str, stays: bool) -> None:
    assert both_ways(account(minute), extended("10:00:59")) == [stays, True]


def test_account_data_in_the_minute_of_a_row_that_is_no_play_of_its_own_stays() -> None:
    # The middle one is the first one told again, and so no row that the last could be the same as.
    rows = [extended("09:59:40", platform="ios"), extended("10:00:00"), account("10:00")]

    assert both_ways(*rows) == [True, False, True]


def test_older_account_data_tells_of_an_episode_as_of_a_track() -> None:
    episode = {
        "ts": "2020-05-01T10:00:30Z",
        "ms_played": 200_000,
        "episode_show_name": "Mira",
        "episode_name": "Rain",
    }

    assert both_ways(account("10:00"), episode) == [False, True]


def test_nothing_is_nothing() -> None:
    assert kept() == []
