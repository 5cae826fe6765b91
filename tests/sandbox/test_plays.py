"""Years of plays: repeatable, in daily rhythm, and never from the future."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from time import perf_counter

import pytest

from app.sandbox import plays as module
from app.sandbox.catalogue import catalogue
from app.sandbox.listeners import LISTENERS, Listener
from app.sandbox.plays import plays
from app.sandbox.top import top_tracks

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
ACTIVE = LISTENERS[:4]


@pytest.mark.parametrize("who", ACTIVE, ids=lambda who: str(who.id))
def test_four_years_in_order_and_none_from_the_future(who: Listener) -> None:
    found = plays(who, NOW)

    assert 20_000 < len(found) < 60_000
    assert [play.ended_at for play in found] == sorted(play.ended_at for play in found)
    assert found[-1].ended_at <= NOW.timestamp()
    assert found[0].ended_at < (NOW - timedelta(days=4 * 365 - 3)).timestamp()
    assert all(play.track_id in catalogue().tracks and play.ms_played >= 0 for play in found)


def test_a_later_look_sees_the_same_past() -> None:
    then, later = plays(ACTIVE[0], NOW), plays(ACTIVE[0], NOW + timedelta(days=3))
    shared = [play for play in later if play.ended_at <= NOW.timestamp()]

    assert shared == [play for play in then if play.ended_at >= shared[0].ended_at][-len(shared) :]
    assert len(later) - len(shared) > 20


def test_top_tracks_are_counted_from_the_plays_of_the_range() -> None:
    midnight = NOW.replace(hour=0, minute=0)
    since = (midnight - timedelta(days=28)).timestamp()
    window = [play for play in plays(ACTIVE[0], midnight) if play.ended_at > since]
    counted = Counter(play.track_id for play in window)

    ranked = [track.key for track in top_tracks(ACTIVE[0].id, "short_term", NOW)]

    assert ranked == sorted(counted, key=lambda key: (-counted[key], key))[:50]


def test_a_listeners_years_are_made_quickly() -> None:
    plays(ACTIVE[0], NOW)  # the catalogue is read
    spent = []
    for days in range(1, 4):
        before = perf_counter()
        plays(ACTIVE[0], NOW + timedelta(days=days))
        spent.append(perf_counter() - before)
    module._plays_through.cache_clear()

    assert min(spent) < 0.3  # about 0.1 s on a quiet machine; room for a busy one
