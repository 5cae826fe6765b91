"""Reading the saved tracks, apart from pages: all of them, once each, through every kind of trouble."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from threading import Event, Lock
from typing import Any, cast

import pytest
import time_machine

from app.history.items import TRACK
from app.library.sync import AT_ONCE, PATIENCE, SMALL
from app.music import TimeRange
from app.spotify.client import SAVE_BATCH
from app.spotify.errors import (
    AppRefused,
    BadAnswer,
    InsufficientScope,
    LoginEnded,
    NoAnswer,
    NotAsked,
    OwnerNeedsPremium,
    RateLimited,
    Refused,
    ServerError,
    SpotifyError,
    UserNotRegistered,
)
from app.store.accounts import delete_account
from app.store.engine import Store
from app.store.library import begin_reading, find_reading
from app.store.locks import LEASE_SECONDS
from app.web.library.report import (
    CANCELLED,
    DONE,
    FRESH_SECONDS,
    PAUSED,
    RUNNING,
    LibrarySync,
    Order,
    cancel,
    every_track,
    numbers,
    reading_of,
    refresh,
    save,
    table,
    top_tracks_not_saved,
)
from tests.fake_site import SAVED, TOP_TRACKS, FakeLogin, FakeSite
from tests.jobs import JobsInThreads
from tests.waiting import SECONDS, until

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PAGE = 50
TOP = (TOP_TRACKS, TimeRange.MEDIUM_TERM.value)


def item(number: int, **changed: Any) -> dict[str, Any]:
    """A saved track; the greater its number, the earlier it was saved."""
    when = NOON - timedelta(hours=number + 1)
    made = {
        "id": f"id{number}",
        "name": f"Track {number}",
        "artists": [{"id": f"a{number % 7}", "name": f"Artist {number % 7}"}],
        "album": {"name": f"Album {number % 90}", "release_date": f"{1970 + number % 50}-01-01"},
        "duration_ms": 1000,
        "explicit": number % 2 == 0,
    }
    return {"added_at": when.strftime("%Y-%m-%dT%H:%M:%SZ"), "track": made} | changed


def local(name: str) -> dict[str, Any]:
    return {"id": None, "name": name, "artists": [], "album": {"name": ""}, "is_local": True}


class Saves:
    """What a listener saved, page by page as Spotify serves it. `troubles`: what an offset meets, in turn.

    `held` keeps calls from offset `held_from` on waiting while it is clear; `at_page` is told of each offset.
    """

    def __init__(self, size: int) -> None:
        self.items: list[Any] = [item(number) for number in range(size)]
        self.most = PAGE
        self.says: Callable[[int], dict[str, Any]] = lambda _offset: {"total": len(self.items)}
        self.troubles: dict[int, list[Exception]] = {}
        self.held, self.held_from = Event(), 0
        self.held.set()
        self.at_page: Callable[[int], object] = lambda _offset: None
        self.begun: list[int] = []
        self.served: list[int] = []
        self.most_at_once = 0
        self._under_way = 0
        self._lock = Lock()

    def __call__(self, _listener: str, offset: int) -> object:
        with self._lock:
            self.begun.append(offset)
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            if offset >= self.held_from:
                assert self.held.wait(SECONDS)
            return self._page(offset)
        finally:
            with self._lock:
                self._under_way -= 1

    def _page(self, offset: int) -> object:
        with self._lock:
            waiting = self.troubles.get(offset)
            trouble = waiting.pop(0) if waiting else None
        if trouble is not None:
            raise trouble
        self.at_page(offset)
        with self._lock:
            self.served.append(offset)
        return {"items": self.items[offset : offset + self.most], **self.says(offset)}

    @property
    def ids(self) -> list[str]:
        return [item["track"]["id"] for item in self.items]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """It is noon, and stays so until a test moves the clock."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def saves(fake_site: FakeSite) -> Iterator[Saves]:
    """Mira's library, of three pages."""
    saves = Saves(130)
    fake_site.api.saved = saves
    yield saves
    saves.held.set()


def found(fake_site: FakeSite, listener: str = "mira") -> LibrarySync:
    reading = find_reading(fake_site.store, fake_site.account_of(listener))
    assert reading is not None
    return reading


def idle(fake_site: FakeSite) -> Callable[[], bool]:
    return fake_site.jobs.are_idle


def look(fake_site: FakeSite, listener: str = "mira", wait: bool = True) -> LibrarySync:
    """A visit, and what there is once nobody reads any more."""
    reading_of(fake_site.site, fake_site.visit(listener), wait)
    until(idle(fake_site))
    return found(fake_site, listener)


def ids(fake_site: FakeSite, reading: LibrarySync) -> list[str | None]:
    return [one.id for one in every_track(fake_site.site, reading)]


def test_a_small_library_is_there_at_the_first_visit(fake_site: FakeSite, saves: Saves) -> None:
    reading = reading_of(fake_site.site, fake_site.visit(), wait=True)

    assert (reading.state, reading.loaded, reading.total) == (DONE, 130, 130)
    assert ids(fake_site, reading) == saves.ids
    assert sorted(saves.served) == [0, 50, 100]


@pytest.mark.parametrize("size", [0, 1, 49, 50, 51, SMALL])
def test_no_page_too_many_and_none_too_few(fake_site: FakeSite, saves: Saves, size: int) -> None:
    saves.items = [item(number) for number in range(size)]
    reading = reading_of(fake_site.site, fake_site.visit(), wait=True)

    assert (reading.state, reading.loaded, reading.total) == (DONE, size, size)
    assert ids(fake_site, reading) == saves.ids
    assert sorted(saves.begun) == list(range(0, max(size, 1), PAGE))


def test_a_large_library_is_not_waited_for(fake_site: FakeSite, saves: Saves) -> None:
    saves.items = [item(number) for number in range(SMALL + 1)]
    saves.held_from = PAGE
    saves.held.clear()
    reading = reading_of(fake_site.site, fake_site.visit(), wait=True)

    assert (reading.state, reading.loaded, reading.total) == (RUNNING, PAGE, SMALL + 1)
    assert ids(fake_site, reading) == saves.ids[:PAGE]
    saves.held.set()
    until(idle(fake_site))
    assert found(fake_site).state == DONE


def test_who_does_not_wait_is_answered_at_once(fake_site: FakeSite, saves: Saves) -> None:
    saves.held.clear()
    reading = reading_of(fake_site.site, fake_site.visit(), wait=False)

    assert (reading.state, reading.loaded, reading.total) == (RUNNING, 0, 0)
    saves.held.set()
    until(idle(fake_site))
    assert found(fake_site).state == DONE


def test_two_thousand_tracks_with_a_rate_limit_in_between_come_out_once_each(
    fake_site: FakeSite, saves: Saves, clock: time_machine.Traveller
) -> None:
    saves.items = [item(number) for number in range(2345)]
    saves.items[335]["track"] = None
    saves.items[2110] = item(2110, track=saves.items[234]["track"])
    resume_at = NOON.timestamp() + 40
    saves.troubles[1000] = [RateLimited("x", resume_at)]

    saves.held_from = PAGE
    saves.held.clear()
    reading_of(fake_site.site, fake_site.visit(), wait=False)
    until(lambda: len(saves.begun) == 1 + AT_ONCE)
    saves.held.set()
    until(idle(fake_site))
    paused = found(fake_site)
    assert (paused.state, paused.trouble, paused.resume_at) == (PAUSED, "RateLimited", resume_at)
    assert (paused.loaded, paused.total) == (len(saves.served) * PAGE, 2345)
    assert 1000 <= paused.loaded < 2000
    assert len(ids(fake_site, paused)) == paused.loaded

    served = list(saves.served)
    assert look(fake_site) == look(fake_site, wait=False) == paused
    assert saves.served == served  # nobody asks before its time

    clock.shift(41)
    reading = look(fake_site, wait=False)
    assert (reading.state, reading.number, reading.loaded, reading.total) == (DONE, paused.number, 2345, 2345)
    tracks = list(every_track(fake_site.site, reading))
    wanted = [item["track"]["id"] if item["track"] else None for item in saves.items]
    del wanted[2110]
    assert [track.id for track in tracks] == wanted
    assert [nth for nth, track in enumerate(tracks) if track.removed] == [335]
    assert sorted(saves.served) == list(range(0, 2345, PAGE))
    assert saves.begun.count(1000) == 2
    assert saves.most_at_once == AT_ONCE


def test_newest_first_whatever_the_servers_order(fake_site: FakeSite, saves: Saves) -> None:
    newest_first = saves.ids
    saves.items.reverse()

    assert ids(fake_site, look(fake_site)) == newest_first


def test_of_one_moment_the_servers_order_holds(fake_site: FakeSite, saves: Saves) -> None:
    for item in saves.items:
        item["added_at"] = "2020-01-01T00:00:00Z"

    assert ids(fake_site, look(fake_site)) == saves.ids


def test_within_a_day_nobody_asks_again(
    fake_site: FakeSite, saves: Saves, clock: time_machine.Traveller
) -> None:
    look(fake_site)
    clock.shift(FRESH_SECONDS - 1)
    for wait in (True, False):
        assert look(fake_site, wait=wait).state == DONE
    assert len(saves.begun) == 3


@pytest.mark.parametrize("how", ["after a day", "at a refresh"])
def test_a_new_reading_shows_the_old_one_until_it_is_done(
    fake_site: FakeSite, saves: Saves, clock: time_machine.Traveller, how: str
) -> None:
    look(fake_site)
    before = saves.ids
    saves.items.insert(0, item(-1))
    saves.held.clear()
    if how == "after a day":
        clock.shift(FRESH_SECONDS + 1)
    else:
        refresh(fake_site.site, fake_site.visit())
    reading = reading_of(fake_site.site, fake_site.visit(), wait=False)

    assert (reading.state, reading.loaded, reading.read_at) == (RUNNING, 0, NOON.timestamp())
    assert ids(fake_site, reading) == before

    saves.held.set()
    until(idle(fake_site))
    assert ids(fake_site, found(fake_site)) == saves.ids
    assert sorted(saves.served) == [0, 0, 50, 50, 100, 100]


def test_a_refresh_of_a_reading_under_way_begins_no_other(fake_site: FakeSite, saves: Saves) -> None:
    saves.held.clear()
    reading_of(fake_site.site, fake_site.visit(), wait=False)
    for _ in range(3):
        refresh(fake_site.site, fake_site.visit())
    saves.held.set()
    until(idle(fake_site))

    assert (found(fake_site).number, found(fake_site).state) == (1, DONE)
    assert sorted(saves.begun) == [0, 50, 100]


def test_what_is_stopped_keeps_what_came_and_goes_on_only_when_told(
    fake_site: FakeSite, saves: Saves, clock: time_machine.Traveller
) -> None:
    saves.at_page = lambda offset: cancel(fake_site.site, fake_site.visit()) if offset == PAGE else None
    stopped = look(fake_site)
    assert (stopped.state, stopped.trouble, stopped.resume_at) == (PAUSED, CANCELLED, None)
    kept = ids(fake_site, stopped)
    assert kept[:PAGE] == saves.ids[:PAGE]

    clock.shift(2 * FRESH_SECONDS)
    asked = len(saves.begun)
    for wait in (True, False):
        assert look(fake_site, wait=wait) == stopped
    assert len(saves.begun) == asked

    saves.at_page = lambda _offset: None
    refresh(fake_site.site, fake_site.visit())
    until(idle(fake_site))
    assert ids(fake_site, found(fake_site)) == saves.ids
    assert saves.begun.count(0) == 1


def test_who_goes_on_right_after_stopping_is_heard(fake_site: FakeSite, saves: Saves) -> None:
    saves.held_from = PAGE
    saves.held.clear()
    reading_of(fake_site.site, fake_site.visit(), wait=False)
    until(lambda: len(saves.begun) == 3)
    cancel(fake_site.site, fake_site.visit())
    refresh(fake_site.site, fake_site.visit())  # the worker has not noticed yet, and still holds the lease
    saves.held.set()
    until(idle(fake_site))

    assert look(fake_site).state == DONE
    assert ids(fake_site, found(fake_site)) == saves.ids


@pytest.mark.parametrize("how", ["after a day", "at a refresh"])
def test_a_new_reading_that_is_stopped_leaves_the_old_one_in_peace(
    fake_site: FakeSite, saves: Saves, clock: time_machine.Traveller, how: str
) -> None:
    look(fake_site)
    before, asked = saves.ids, len(saves.begun)
    saves.items.insert(0, item(-1))
    saves.held.clear()
    clock.shift(FRESH_SECONDS + 1 if how == "after a day" else 60)
    refresh(fake_site.site, fake_site.visit())
    until(lambda: len(saves.begun) > asked)
    cancel(fake_site.site, fake_site.visit())
    saves.held.set()
    until(idle(fake_site))

    asked = len(saves.begun)
    for wait in (True, False):
        stopped = look(fake_site, wait=wait)
        assert (stopped.state, stopped.number, stopped.read_at) == (DONE, 1, NOON.timestamp())
    assert ids(fake_site, stopped) == before
    assert len(saves.begun) == asked  # it does not begin again by itself

    clock.shift(FRESH_SECONDS + 1)
    assert ids(fake_site, look(fake_site)) == saves.ids


def test_logging_out_stops_it_and_logging_in_takes_it_up(fake_site: FakeSite, saves: Saves) -> None:
    saves.at_page = lambda offset: (
        fake_site.sessions.end(fake_site.id_hashes["mira"]) if offset == PAGE else None
    )
    stopped = look_once_begun(fake_site)
    assert stopped.state == RUNNING
    assert stopped.loaded < 130

    saves.at_page = lambda _offset: None
    fake_site.log_in("mira")
    assert ids(fake_site, look(fake_site)) == saves.ids
    assert saves.begun.count(0) == 1


def look_once_begun(fake_site: FakeSite) -> LibrarySync:
    """As `look`, for a session that ends on the way."""
    reading_of(fake_site.site, fake_site.visit(), wait=False)
    until(idle(fake_site))
    return found(fake_site)


def test_a_deleted_account_stops_it_and_nothing_is_kept(
    fake_site: FakeSite, saves: Saves, caplog: pytest.LogCaptureFixture
) -> None:
    account_id = fake_site.account_of()
    saves.at_page = lambda offset: delete_account(fake_site.store, account_id) if offset == PAGE else None
    reading_of(fake_site.site, fake_site.visit(), wait=False)
    until(idle(fake_site))

    assert find_reading(fake_site.store, account_id) is None
    assert len(saves.begun) <= 3
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_an_account_that_is_deleted_between_two_readings_is_no_fault(
    fake_site: FakeSite, saves: Saves, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    account_id = fake_site.account_of()
    begin = begin_reading

    def begin_too_late(store: Store, number: int) -> int:
        delete_account(store, account_id)
        return begin(store, number)

    monkeypatch.setattr("app.library.sync.begin_reading", begin_too_late)
    saves.at_page = lambda offset: saves.items.insert(0, item(-1)) if offset == PAGE else None
    reading_of(fake_site.site, fake_site.visit(), wait=False)
    until(idle(fake_site))

    assert find_reading(fake_site.store, account_id) is None
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_process_that_dies_is_followed_by_another_which_goes_on_where_it_was(
    fake_site: FakeSite, saves: Saves, clock: time_machine.Traveller
) -> None:
    saves.items = [item(number) for number in range(1000)]
    saves.held_from = 300
    saves.held.clear()
    reading_of(fake_site.site, fake_site.visit(), wait=False)
    until(lambda: found(fake_site).loaded == 300 and len(saves.begun) == 10)

    other = FakeSite(fake_site.store)
    later = Saves(1000)
    other.api.saved = later
    assert look(other).state == RUNNING  # the lease of the dead one has not run out
    assert later.begun == []
    clock.shift(LEASE_SECONDS + 1)
    reading = look(other)

    assert (reading.state, reading.number, reading.loaded) == (DONE, 1, 1000)
    assert ids(other, reading) == later.ids
    assert sorted(later.begun) == list(range(300, 1000, PAGE))
    saves.held.set()  # it was only slow: it finds that the work is no longer its own
    until(idle(fake_site))
    assert len(saves.begun) <= 14
    assert found(fake_site) == reading
    other.finish()


def test_two_people_read_side_by_side_and_apart(fake_site: FakeSite) -> None:
    libraries = {"mira": Saves(130), "theo": Saves(80)}
    for number, item in enumerate(libraries["theo"].items):
        item["track"]["id"] = f"theo{number}" if number else "id0"
    fake_site.api.saved = lambda listener, offset: libraries[listener](listener, offset)
    for listener in libraries:
        reading_of(fake_site.site, fake_site.visit(listener), wait=False)
    until(idle(fake_site))

    for listener, saves in libraries.items():
        assert ids(fake_site, found(fake_site, listener)) == saves.ids
        assert numbers(fake_site.site, found(fake_site, listener)).totals.tracks == len(saves.items)


# --- libraries that change, and servers that do not say how much there is ---


def test_a_library_that_changes_while_it_is_read_is_read_once_more(fake_site: FakeSite, saves: Saves) -> None:
    def save_one(offset: int) -> None:
        if offset == PAGE and len(saves.items) == 130:
            saves.items.insert(0, item(-1))

    saves.at_page = save_one
    reading = look(fake_site)

    assert (reading.state, reading.number, reading.loaded, reading.total) == (DONE, 2, 131, 131)
    assert ids(fake_site, reading) == saves.ids
    assert saves.begun.count(0) == 2


def test_a_library_that_never_stands_still_is_read_twice_and_shown(fake_site: FakeSite, saves: Saves) -> None:
    saves.at_page = lambda _offset: saves.items.insert(0, item(-len(saves.items)))
    reading = look(fake_site)

    assert (reading.state, saves.begun.count(0)) == (DONE, 3)  # the third for what is newest
    assert len(ids(fake_site, reading)) >= 130


def test_a_change_during_a_pause_is_noticed(
    fake_site: FakeSite, saves: Saves, clock: time_machine.Traveller
) -> None:
    saves.troubles[100] = [RateLimited("x", NOON.timestamp() + 5)]
    assert look(fake_site).state == PAUSED
    saves.items.insert(0, item(-1))
    clock.shift(6)

    assert ids(fake_site, look(fake_site)) == saves.ids


def test_a_change_before_a_pause_is_remembered(
    fake_site: FakeSite, saves: Saves, clock: time_machine.Traveller
) -> None:
    saves.at_page = lambda offset: saves.items.insert(0, item(-1)) if offset == 0 else None
    saves.troubles[100] = [RateLimited("x", NOON.timestamp() + 5)]
    saves.says = lambda _offset: {"total": 130 if len(saves.served) == 1 else len(saves.items)}
    assert look(fake_site).state == PAUSED
    saves.at_page = lambda _offset: None
    saves.says = lambda _offset: {"total": len(saves.items)}
    clock.shift(6)

    assert ids(fake_site, look(fake_site)) == saves.ids
    assert saves.served.count(0) == 2


def test_a_library_that_shrinks_ends_where_it_ends(fake_site: FakeSite, saves: Saves) -> None:
    def remove(offset: int) -> None:
        if offset == 0:
            del saves.items[60:]

    saves.says = lambda _offset: {"total": 130 if saves.served == [0] else len(saves.items)}
    saves.at_page = remove
    reading = look(fake_site)

    assert (reading.state, reading.total) == (DONE, 60)
    assert ids(fake_site, reading) == saves.ids


@pytest.mark.parametrize("total", [None, "many", -1, 1.5, True, 10**12, 0, 3])
def test_without_a_total_worth_the_name_the_next_page_tells(
    fake_site: FakeSite, saves: Saves, total: object
) -> None:
    saves.says = lambda offset: {"total": total, "next": "…" if offset < 100 else None}
    reading = look(fake_site)

    assert (reading.state, reading.loaded, reading.total) == (DONE, 130, 130)
    assert ids(fake_site, reading) == saves.ids


def test_without_a_total_a_pause_is_gone_on_with_too(
    fake_site: FakeSite, saves: Saves, clock: time_machine.Traveller
) -> None:
    saves.says = lambda offset: {"next": "…" if offset < 100 else None}
    saves.troubles[100] = [ServerError("x")]
    assert look(fake_site).loaded == 100
    clock.shift(PATIENCE)

    assert ids(fake_site, look(fake_site)) == saves.ids


def test_a_total_far_too_great_is_not_believed(fake_site: FakeSite, saves: Saves) -> None:
    saves.says = lambda _offset: {"total": 10_000_000}
    reading = look(fake_site)

    assert (reading.state, ids(fake_site, reading)) == (DONE, saves.ids)
    assert len(saves.begun) < 20


@pytest.mark.parametrize("most", [49, 20, 7])
def test_pages_may_be_shorter_than_asked_for(fake_site: FakeSite, saves: Saves, most: int) -> None:
    saves.most = most
    reading = look(fake_site)

    assert (reading.state, reading.loaded, reading.total) == (DONE, 130, 130)
    assert ids(fake_site, reading) == saves.ids
    assert len(saves.served) == len(set(saves.served))


def test_an_empty_first_page_of_many_is_no_answer(fake_site: FakeSite, saves: Saves) -> None:
    saves.items, saves.says = [], lambda _offset: {"total": 130}

    assert (look(fake_site).state, found(fake_site).trouble) == (PAUSED, "NoAnswer")


def test_whatever_is_left_of_an_item_is_kept_and_marked(fake_site: FakeSite, saves: Saves) -> None:
    saves.items = [
        item(0),
        None,
        {},
        item(3, track=None),
        item(4, track={"id": "id4", "name": "", "album": {"name": ""}}),
        item(5, track=item(5)["track"] | {"is_playable": False}),
        item(6, track=local("Tape")),
        item(7, track=local("Tape")),
        item(8, track=[]),
        "stray",
        item(10, added_at=None),
        item(11, track={}),
    ]
    reading = look(fake_site)
    by_place = list(every_track(fake_site.site, reading))
    told = [(one.id, one.name, one.added_at is not None, one.local, one.removed) for one in by_place]

    assert reading.loaded == 12
    assert told == [
        ("id0", "Track 0", True, False, False),
        (None, None, True, False, True),
        ("id4", "", True, False, True),
        ("id5", "Track 5", True, False, True),
        (None, "Tape", True, True, False),
        (None, None, True, False, True),
        (None, None, True, False, True),
        (None, None, False, False, True),
        (None, None, False, False, True),
        (None, None, False, False, True),
        ("id10", "Track 10", False, False, False),
    ]
    totals = numbers(fake_site.site, reading).totals
    assert (totals.tracks, totals.local, totals.removed) == (11, 1, 8)


@pytest.mark.parametrize(
    "moment",
    [
        "yesterday",
        "",
        7,
        [],
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "1970-01-01T00:00:00Z",
        "1999-12-31T23:59:59Z",
        "2100-01-02T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-20T12:00:00.5.5Z",
    ],
)
def test_a_day_that_cannot_be_is_unknown(fake_site: FakeSite, saves: Saves, moment: object) -> None:
    saves.items = [item(0), item(1, added_at=moment)]
    reading = look(fake_site)

    assert reading.state == DONE
    assert [one.added_at for one in every_track(fake_site.site, reading)] == [NOON.timestamp() - 3600, None]
    assert [one.what for one in numbers(fake_site.site, reading).added_by_month] == ["2026-11"]


# --- troubles ---


@pytest.mark.parametrize(
    "trouble", [ServerError("x"), NoAnswer("x"), BadAnswer("x"), Refused("x"), LoginEnded("x")]
)
def test_a_trouble_pauses_keeps_what_came_and_is_over_at_the_next_visit(
    fake_site: FakeSite, saves: Saves, clock: time_machine.Traveller, trouble: SpotifyError
) -> None:
    saves.troubles[100] = [trouble]
    paused = look(fake_site)
    assert (paused.state, paused.trouble) == (PAUSED, type(trouble).__name__)
    assert (paused.resume_at, paused.loaded) == (NOON.timestamp() + PATIENCE, 100)

    clock.shift(1)
    assert look(fake_site).state == PAUSED  # whoever looks waits
    refresh(fake_site.site, fake_site.visit())  # whoever presses the button need not
    until(idle(fake_site))
    assert ids(fake_site, found(fake_site)) == saves.ids
    assert sorted(saves.served) == [0, 50, 100]


def test_a_page_that_watches_tries_again_in_a_while(
    fake_site: FakeSite, saves: Saves, clock: time_machine.Traveller
) -> None:
    saves.troubles[0] = [ServerError("x")]
    assert look(fake_site, wait=False).state == PAUSED
    clock.shift(PATIENCE)
    assert look(fake_site, wait=False).state == DONE


def test_while_nobody_asks_spotify_it_waits_until_spotify_is_asked_again(
    fake_site: FakeSite, saves: Saves, clock: time_machine.Traveller
) -> None:
    until_then = NOON.timestamp() + 7
    saves.troubles[50] = [NotAsked("spotify GET /me/tracks", until=until_then)]
    paused = look(fake_site)
    assert (paused.state, paused.trouble, paused.resume_at) == (PAUSED, "NotAsked", until_then)

    clock.shift(7)
    assert look(fake_site, wait=False).state == DONE


def test_of_several_troubles_at_once_the_rate_limit_is_told(fake_site: FakeSite, saves: Saves) -> None:
    saves.held_from = PAGE
    saves.held.clear()
    saves.troubles = {50: [ServerError("x")], 100: [RateLimited("x", 2e9)]}
    reading_of(fake_site.site, fake_site.visit(), wait=False)
    until(lambda: len(saves.begun) == 3)
    saves.held.set()
    until(idle(fake_site))

    assert (found(fake_site).trouble, found(fake_site).resume_at) == ("RateLimited", 2e9)


def test_a_login_that_came_since_goes_on_at_once(
    fake_site: FakeSite, saves: Saves, clock: time_machine.Traveller
) -> None:
    saves.troubles[0] = [InsufficientScope("x")]
    with pytest.raises(InsufficientScope):
        reading_of(fake_site.site, fake_site.visit(), wait=True)
    until(idle(fake_site))
    clock.shift(2)
    visit = fake_site.visit()
    cast(FakeLogin, visit.login).authorized_at = NOON.timestamp() + 1

    assert reading_of(fake_site.site, visit, wait=False).state != PAUSED
    until(idle(fake_site))
    assert found(fake_site).state == DONE


@pytest.mark.parametrize("trouble", [UserNotRegistered, OwnerNeedsPremium, AppRefused, InsufficientScope])
def test_what_only_a_person_can_mend_is_told_instead_of_an_empty_library(
    fake_site: FakeSite, saves: Saves, clock: time_machine.Traveller, trouble: type[SpotifyError]
) -> None:
    saves.troubles[0] = [trouble("x"), trouble("x")]
    for wait in (True, False, True):
        with pytest.raises(trouble):
            reading_of(fake_site.site, fake_site.visit(), wait=wait)
    assert len(saves.begun) == 2  # the one that does not wait asks no more

    clock.shift(PATIENCE)
    assert look(fake_site, wait=False).state == DONE


def test_it_is_not_told_where_there_are_tracks_to_show(fake_site: FakeSite, saves: Saves) -> None:
    saves.troubles[100] = [OwnerNeedsPremium("x")]
    paused = look(fake_site, wait=False)

    assert (paused.state, paused.trouble, paused.loaded) == (PAUSED, "OwnerNeedsPremium", 100)


def test_a_fault_of_ours_is_logged_and_pauses(
    fake_site: FakeSite, saves: Saves, caplog: pytest.LogCaptureFixture
) -> None:
    saves.troubles[50] = [ZeroDivisionError("ours")]
    paused = look(fake_site)

    assert (paused.state, paused.trouble) == (PAUSED, "Fault")
    assert [record.getMessage() for record in caplog.records if record.exc_info] == ["sync_library broke off"]


def test_nothing_is_read_once_the_process_ends(fake_site: FakeSite, saves: Saves) -> None:
    fake_site.jobs.close()
    reading = reading_of(fake_site.site, fake_site.visit(), wait=False)

    assert (reading.state, reading.loaded, saves.begun) == (RUNNING, 0, [])


# --- what is made of it ---


@pytest.mark.usefixtures("saves")
def test_what_the_library_adds_up_to(fake_site: FakeSite) -> None:
    reading = look(fake_site)
    summed = numbers(fake_site.site, reading, artists=2)

    assert (summed.totals.tracks, summed.totals.duration_ms, summed.totals.explicit) == (130, 130_000, 65)
    assert sum(one.count for one in summed.added_by_month) == 130
    assert [(decade.what, decade.count) for decade in summed.decades] == [
        (1970, 30),
        (1980, 30),
        (1990, 30),
        (2000, 20),
        (2010, 20),
    ]
    assert [(artist.what, artist.count) for artist in summed.artists] == [("Artist 0", 19), ("Artist 1", 19)]
    assert len(numbers(fake_site.site, reading).artists) == 7
    assert (summed.first and summed.first.id, summed.latest and summed.latest.id) == ("id129", "id0")


@pytest.mark.usefixtures("saves")
def test_the_table_has_pages(fake_site: FakeSite) -> None:
    reading = look(fake_site)
    tables = [table(fake_site.site, reading, Order(page=nth)) for nth in (1, 2, 3, 4)]

    assert [len(table.rows) for table in tables] == [50, 50, 30, 0]
    assert {(table.found, table.pages) for table in tables} == {(130, 3)}
    words = table(fake_site.site, reading, Order("title", False, "k 12"))
    assert [row.id for row in words.rows] == [
        "id102",
        "id112",
        "id12",
        *(f"id{nth}" for nth in range(120, 130)),
    ]


def rank(fake_site: FakeSite, *tracks: dict[str, Any]) -> None:
    fake_site.api.lists[TOP] = list(tracks)


@pytest.mark.usefixtures("saves")
def test_top_tracks_that_are_not_saved_by_id_and_whether_another_edition_is(fake_site: FakeSite) -> None:
    other_edition = item(3)["track"] | {"id": "another id", "name": "TRACK 3"}
    cover = item(4)["track"] | {"id": "a cover", "artists": [{"name": "Somebody else"}]}
    new = item(900)["track"]
    rank(fake_site, item(2)["track"], other_edition, cover, local("Tape"), new)
    reading = look(fake_site)
    left = top_tracks_not_saved(fake_site.site, fake_site.visit(), reading)

    assert left is not None
    assert [(play.track.id, play.as_other_release) for play in left] == [
        ("another id", True),
        ("a cover", False),
        ("id900", False),
    ]


def test_before_the_first_reading_is_done_nobody_says_what_is_missing(
    fake_site: FakeSite, saves: Saves
) -> None:
    saves.troubles[100] = [RateLimited("x", 2e9)]
    paused = look(fake_site)

    assert top_tracks_not_saved(fake_site.site, fake_site.visit(), paused) is None


@pytest.mark.usefixtures("saves")
def test_without_top_tracks_the_library_is_shown_all_the_same(fake_site: FakeSite) -> None:
    fake_site.api.errors[TOP_TRACKS] = ServerError("x")
    reading = look(fake_site)

    assert top_tracks_not_saved(fake_site.site, fake_site.visit(), reading) is None


def test_what_is_saved_is_saved_once_in_batches_and_counts_at_once(fake_site: FakeSite, saves: Saves) -> None:
    rank(fake_site, *(item(1000 + nth)["track"] for nth in range(45)))
    reading = look(fake_site)
    wanted = [f"id{1000 + nth}" for nth in range(45)]

    assert save(
        fake_site.site, fake_site.visit(), TRACK, [*wanted, wanted[0]], asked_by=fake_site.account_of()
    )

    uris = [[f"spotify:track:{one}" for one in wanted[at : at + SAVE_BATCH]] for at in (0, SAVE_BATCH)]
    assert fake_site.api.posted == [("/me/library", {"uris": ",".join(one)}) for one in uris]
    assert top_tracks_not_saved(fake_site.site, fake_site.visit(), reading) == ()
    assert numbers(fake_site.site, reading).totals.tracks == 175
    assert set(ids(fake_site, reading)[:45]) == set(wanted)
    assert len(saves.begun) == 3


@pytest.mark.usefixtures("saves")
def test_nothing_is_saved_for_somebody_else(fake_site: FakeSite) -> None:
    look(fake_site)

    assert not save(fake_site.site, fake_site.visit("theo"), TRACK, ["id1"], asked_by=fake_site.account_of())
    assert fake_site.api.posted == []


@pytest.mark.usefixtures("saves")
def test_what_spotify_refuses_to_save_does_not_count_as_saved(fake_site: FakeSite) -> None:
    rank(fake_site, item(900)["track"])
    reading = look(fake_site)
    fake_site.api.errors["/me/library"] = InsufficientScope("x")

    with pytest.raises(InsufficientScope):
        save(fake_site.site, fake_site.visit(), TRACK, ["id900"])
    left = top_tracks_not_saved(fake_site.site, fake_site.visit(), reading)
    assert left is not None
    assert [play.track.id for play in left] == ["id900"]


def test_two_processes_that_begin_at_once_read_once(fake_site: FakeSite, saves: Saves) -> None:
    others = [JobsInThreads(lambda: fake_site.site) for _ in range(3)]
    saves.held.clear()
    for jobs in (fake_site.jobs, *others):
        object.__setattr__(fake_site.site, "jobs", jobs)
        reading_of(fake_site.site, fake_site.visit(), wait=False)
    saves.held.set()
    until(lambda: found(fake_site).state == DONE)
    for jobs in others:  # any of them may have been the one that read
        jobs.close()

    assert sorted(saves.begun) == [0, 50, 100]
    assert fake_site.api.paths().count(SAVED) == 3
