"""Years of plays: repeatable, in daily rhythm, and never from the future."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from time import thread_time

import pytest

from app.sandbox import plays as module
from app.sandbox.catalogue import catalogue
from app.sandbox.listeners import LISTENERS, Listener
from app.sandbox.plays import plays
from app.sandbox.top import top_tracks

pytestmark = pytest.mark.usefixtures("four_years")
NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
ACTIVE = LISTENERS[:4]


@pytest.mark.parametrize("who", ACTIVE[::3], ids=lambda who: str(who.id))
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


def test_a_listeners_years_have_a_silence_a_break_up_a_summer_and_night_shifts() -> None:
    """Mira's four years, counted by the hour in her own city."""
    local = [
        datetime.fromtimestamp(play.ended_at, UTC) + timedelta(hours=1) for play in plays(ACTIVE[0], NOW)
    ]
    by_day = Counter(moment.date() for moment in local)
    average = len(local) / len(by_day)

    def a_day(first: date, last: date) -> float:
        return sum(by_day[day] for day in by_day if first <= day <= last) / ((last - first).days + 1)

    assert a_day(date(2023, 2, 10), date(2023, 2, 15)) < 0.2 * average
    assert a_day(date(2023, 2, 18), date(2023, 4, 30)) > 1.2 * average
    assert a_day(date(2024, 6, 14), date(2024, 8, 25)) > 1.2 * a_day(date(2025, 6, 14), date(2025, 8, 25))
    nights = [
        moment.hour in (*range(6), 23)
        for moment in local
        if date(2025, 1, 15) <= moment.date() < date(2025, 5, 1)
    ]
    assert sum(nights) > 0.5 * len(nights)


def test_two_thousand_tracks_and_favourites_that_were_met_on_the_way() -> None:
    found, tracks = plays(ACTIVE[0], NOW), catalogue().tracks
    counted, known_since = Counter[str](), dict[str, int]()
    for play in found:
        artist = tracks[play.track_id].artists[0].id
        counted[artist] += 1
        if counted[artist] == 20:  # before that, somebody else may have put it on
            known_since[artist] = play.ended_at
    half_a_year = found[0].ended_at + 182 * 86_400

    assert len({play.track_id for play in found}) > 2000
    assert sum(known_since[artist] > half_a_year for artist, _ in counted.most_common(30)) >= 3


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
        before = thread_time()
        plays(ACTIVE[0], NOW + timedelta(days=days))
        spent.append(thread_time() - before)
    module._plays_through.cache_clear()

    assert min(spent) < 1.0  # about 0.3 s of work
