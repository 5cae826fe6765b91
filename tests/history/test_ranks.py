"""Slices of a ranking and ranks in it, against a plain sort."""

from datetime import datetime
from itertools import product
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.history.artist_index import plays_of_artist
from app.history.figures import Ranking
from app.history.ranks import among, matching, ranks, stretch
from app.history.stored import History, stored_history
from app.history.yearly import yearly
from app.store.accounts import add_local_account
from app.store.engine import Store
from tests.exports import Entry, history_of, played

# Few different values, so that many are equal.
SUMS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.sampled_from("abc")), max_size=30)


def plainly(of: list[tuple[int, int, str]], by_time: bool) -> list[int]:
    def key(at: int) -> tuple[int, int, str, int]:
        plays, ms, name = of[at]
        first, second = (ms, plays) if by_time else (plays, ms)
        return -first, -second, name, at

    return sorted((at for at, one in enumerate(of) if one[0]), key=key)


def ranking(of: list[tuple[int, int, str]]) -> Ranking:
    # What was not played was not heard either.
    plays, ms = [one[0] for one in of], [one[1] if one[0] else 0 for one in of]
    names = [one[2] for one in of]
    return Ranking(np.array(plays, np.int64), np.array(ms, np.int64), names)


@given(SUMS, st.booleans(), st.integers(1, 35), st.integers(0, 12))
def test_a_stretch_is_that_of_a_plain_sort(
    of: list[tuple[int, int, str]], by_time: bool, first: int, most: int
) -> None:
    assert stretch(ranking(of), first, most, by_time) == plainly(of, by_time)[first - 1 : first - 1 + most]
    assert stretch(ranking(of), first, None, by_time) == plainly(of, by_time)[first - 1 :]


@given(SUMS, st.booleans())
def test_a_rank_is_that_of_a_plain_sort(of: list[tuple[int, int, str]], by_time: bool) -> None:
    order = plainly(of, by_time)

    found = ranks(ranking(of), range(len(of)), by_time)

    assert found == {at: rank for rank, at in enumerate(order, 1)}


def test_some_of_a_ranking_keep_their_numbers() -> None:
    of = ranking([(3, 1, "a"), (2, 1, "b"), (1, 1, "c")])

    assert stretch(among(of, np.array([True, False, True])), 1, None) == [0, 2]


@pytest.mark.parametrize(
    ("words", "which"),
    [
        ("", [True, True, True]),
        ("STRASSE", [True, False, False]),
        ("a straße", [True, False, False]),
        ("bo", [False, True, False]),
        ("hum", [False, False, True]),
        ("hum ada", [False, False, False]),
    ],
)
def test_words_are_looked_for_in_the_name_and_the_artists(words: str, which: list[bool]) -> None:
    names, artists, by = ["Straße", "Sky", "Hum"], ["Ada", "Bo"], np.array([0, 1, -1])

    assert matching(words, names, by, artists).tolist() == which


def plays(store: Store, rows: list[Entry], threshold_ms: int = 30_000) -> History:
    account_id = add_local_account(store)
    history_of(store, account_id, rows)
    found = stored_history(store, account_id)
    assert found is not None
    history = found.history("music", threshold_ms)
    assert history is not None
    return history


NEW_YEARS = [
    played(f"{day} {hour:02}:10", f"Song {(hour + nth) % 5}", ("Ada", "Bo", None)[hour % 3], album="A", ms=ms)
    for nth, day in enumerate(("2018-12-31", "2019-01-01", "2019-06-01", "2019-12-31", "2020-01-01"))
    for hour in range(24)
    for ms in (10_000, 50_000)[: 1 + hour % 2]
]


def plays_by_year(history: History) -> int:
    found = yearly(history, "track", ZoneInfo("UTC"))
    return sum(int(found.of(year)[0].sum()) for year in found.years)


ZONES = ("UTC", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Kiritimati", "Etc/GMT+12")


@pytest.mark.parametrize("threshold_ms", [0, 30_000])
def test_a_years_sums_are_those_of_the_local_year(store: Store, threshold_ms: int) -> None:
    history = plays(store, NEW_YEARS, threshold_ms)
    [rows] = history.blocks()
    counting = rows.where(rows["ms"] >= threshold_ms)

    for zone, kind in product(ZONES, ("track", "album")):
        here = ZoneInfo(zone)
        found = yearly(history, kind, here)
        raw: dict[tuple[int, int], list[int]] = {}
        for start, ms, number in zip(counting["start"], counting["ms"], counting[kind], strict=True):
            year = datetime.fromtimestamp(int(start), here).year
            sums = raw.setdefault((year, int(number)), [0, 0])
            sums[0], sums[1] = sums[0] + 1, sums[1] + int(ms)
        counted = {
            (year, number): [int(sums[number]) for sums in found.of(year)]
            for year in found.years
            for number in np.flatnonzero(found.of(year)[0]).tolist()
        }
        assert counted == raw, zone


def test_each_threshold_has_its_own_sums(store: Store) -> None:
    history = plays(store, NEW_YEARS, 30_000)
    there = [plays_by_year(history)]
    # The same slot, asked for in turns.
    for threshold_ms in (46_000, 30_000, 10_000, 30_000):
        history.threshold_ms = threshold_ms
        there.append(plays_by_year(history))

    long, all_of = sum(row["ms_played"] == 50_000 for row in NEW_YEARS), len(NEW_YEARS)
    assert there == [long, long, long, all_of, long]


def test_an_artists_plays_are_theirs_in_order(store: Store) -> None:
    history = plays(store, NEW_YEARS)
    [rows], by = history.blocks(), history.names.track_artist

    for artist in range(-1, len(history.names.artists)):
        mine = rows.where(by[rows["track"]] == artist)
        for _ in range(2):  # made, then kept
            [found] = plays_of_artist(history, artist)
            assert len(found) == len(mine) > 0
            assert all((found[name] == mine[name]).all() for name in ("start", "ms", "track", "album"))


def test_a_new_edition_forgets_what_was_kept(store: Store) -> None:
    account_id = add_local_account(store)
    rows = [played("2021-03-01 20:00", "Blue", "Ada")]
    for more in ([], [played("2021-03-02 20:00", "Blue", "Ada")]):
        rows += more
        history_of(store, account_id, rows)
        found = stored_history(store, account_id)
        assert found is not None
        history = found.history("music", 30_000)
        assert history is not None
        assert sum(map(len, plays_of_artist(history, 0))) == len(rows)
        assert plays_by_year(history) == len(rows)
