"""Live plays: which an export tells again, and how long they were; against every way of pairing them."""

from functools import cache

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.history.live import SAME_MOMENT, Told, estimated_lengths, replaced_by

MINUTE = 60_000


def told(*plays: tuple[int, int, str | None], ms: int = 0) -> Told:
    """Plays as (end, number of artist and title, uri), each so many milliseconds long."""
    plays = tuple(sorted(plays, key=lambda play: play[0]))
    end = np.array([play[0] for play in plays], np.int64)
    name = np.array([play[1] for play in plays], np.int64)
    return Told(name, [play[2] for play in plays], end, end - ms, np.arange(len(plays)))


def replaced(live: Told, exported: Told) -> NDArray[np.bool_]:
    return replaced_by(live, exported) >= 0


def test_a_row_that_ends_or_starts_within_a_minute_replaces_a_live_play() -> None:
    live = told((1_000_000, 1, None))
    for end in (
        1_000_000 - MINUTE,
        1_000_000 + MINUTE,
        1_000_000 + 180_000 - MINUTE,
        1_000_000 + 180_000 + MINUTE,
    ):
        assert replaced(live, told((end, 1, None), ms=180_000)).tolist() == [True]
    for end in (1_000_000 - MINUTE - 1, 1_000_000 + MINUTE + 1, 1_000_000 + 180_000 + MINUTE + 1):
        assert replaced(live, told((end, 1, None), ms=180_000)).tolist() == [False]


def test_the_address_tells_a_track_where_its_names_differ() -> None:
    live = told((1_000_000, 1, "spotify:track:a"), (2_000_000, 2, None))
    assert replaced(live, told((1_000_000, 9, "spotify:track:a"))).tolist() == [True, False]
    assert replaced(live, told((1_000_000, 9, "spotify:track:b"))).tolist() == [False, False]
    assert replaced(live, told((2_000_000, 2, "spotify:track:b"))).tolist() == [False, True]
    assert replaced(told((5, -1, None)), told((5, -1, None))).tolist() == [
        False
    ]  # nothing is known of either


def test_repeats_in_a_row_are_all_replaced_though_the_nearest_row_is_another_s() -> None:
    live = told((0, 1, None), (50_000, 1, None))
    # The only row near the first is nearer to the second, which has another.
    assert replaced(live, told((40_000, 1, None), (100_000, 1, None))).tolist() == [True, True]


def test_a_row_stands_for_one_live_play_the_nearest() -> None:
    live = told((0, 1, None), (50_000, 1, None))
    assert replaced(live, told((40_000, 1, None))).tolist() == [False, True]


PLAY = st.tuples(st.integers(0, 12).map(lambda step: step * 20_000), st.integers(0, 1), st.none())


@given(st.lists(PLAY, max_size=8), st.lists(PLAY, max_size=8), st.sampled_from([0, 30_000, 200_000]))
def test_it_is_the_best_of_all_ways_to_pair_them(
    live: list[tuple[int, int, None]], rows: list[tuple[int, int, None]], ms: int
) -> None:
    plays, exported = told(*live), told(*rows, ms=ms)

    @cache
    def best(play: int, used: int) -> tuple[int, int]:
        """Of all ways to pair the plays from this one on: how many, and their distances below zero."""
        if play == len(live):
            return 0, 0
        ways = [best(play + 1, used)]
        for row in range(len(rows)):
            apart = distance(plays, exported, play, row)
            if apart is not None and not used >> row & 1:
                number, sum_ = best(play + 1, used | 1 << row)
                ways.append((number + 1, sum_ - apart))
        return max(ways)

    found = replaced_by(plays, exported).tolist()
    pairs = [(play, row) for play, row in enumerate(found) if row >= 0]
    apart = [distance(plays, exported, play, row) or 0 for play, row in pairs]
    assert all(distance(plays, exported, play, row) is not None for play, row in pairs)
    assert len({row for _, row in pairs}) == len(pairs)
    assert (len(pairs), -sum(apart)) == best(0, 0)


def distance(live: Told, rows: Told, play: int, row: int) -> int | None:
    """How far a play and a row are apart; `None` where they cannot be the same."""
    moment = int(live.end[play])
    apart = min(abs(moment - int(rows.end[row])), abs(moment - int(rows.start[row])))
    return apart if live.name[play] == rows.name[row] and apart <= SAME_MOMENT else None


def test_a_track_of_half_a_minute_may_go_on_for_days() -> None:
    live = told(*((number * 31_000 + number % 7 * 900, 1, None) for number in range(3000)))
    rows = told(*((number * 31_000, 1, None) for number in range(3000) if number % 3), ms=31_000)
    # Of three plays one is too many, all the way.
    assert int(replaced(live, rows).sum()) == 2000


def test_a_live_play_is_as_long_as_its_track_but_begins_after_the_play_before() -> None:
    played_at = np.array([100_000, 250_000, 400_000, 400_000], np.int64)
    duration = np.array([180_000, 180_000, 120_000, 500_000], np.int64)
    ends = np.sort(np.append(played_at, 130_000))
    # The first of all is whole; two that end at once both begin after the one before them.
    assert estimated_lengths(played_at, duration, ends).tolist() == [180_000, 120_000, 120_000, 150_000]
    assert estimated_lengths(played_at[:0], duration[:0], ends).tolist() == []
