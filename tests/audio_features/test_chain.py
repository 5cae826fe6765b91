"""The chain: the cache first, then each provider in turn; a bad provider costs coverage, never the page."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Lock

import pytest
import time_machine
from responses import RequestsMock

from app.audio_features.chain import DOWN_SECONDS, look_up
from app.audio_features.providers import Closed, ReccoBeats
from app.bulkhead import Bulkhead
from app.concurrency import Pool
from app.deadline import Deadline
from app.music import AudioFeatures
from app.spotify.errors import LoginEnded, NoAnswer, ServerError
from app.spotify.http import Connections, Http
from app.store.cooldowns import Cooldown
from app.store.engine import Store

PATIENCE = 10.0
WEEK = 7 * 86_400
RECCOBEATS = "https://api.reccobeats.test/v1"


class FakeProvider:
    """Knows the tracks in `knows`, and notes every batch that it is asked for."""

    def __init__(self, store: Store, name: str, batch: int = 100, knows: str = "") -> None:
        self.name = name
        self.batch = batch
        self.down = Cooldown(store, f"{name}:down")
        self.knows = set(knows)
        self.asked: list[tuple[str, ...]] = []
        self.before: Callable[[], object] = lambda: None
        self._lock = Lock()

    def ask(self, track_ids: Sequence[str], deadline: Deadline) -> dict[str, AudioFeatures]:
        assert deadline.left() > 0
        with self._lock:
            self.asked.append(tuple(track_ids))
        self.before()
        return {track_id: heard(track_id, self.name) for track_id in track_ids if track_id in self.knows}

    def fails(self, error: Exception | None) -> None:
        """Fails with `error` from now on; with `None`, works again."""

        def fail() -> None:
            if error is not None:
                raise error

        self.before = fail


def heard(track_id: str, source: str) -> AudioFeatures:
    """What a provider says of a track it knows."""
    return AudioFeatures(track_id, source, energy=0.5)


@pytest.fixture
def pool(store: Store) -> Iterator[Pool]:  # noqa: ARG001 - its late calls end before the database closes
    pool = Pool()
    yield pool
    finish(pool)


@pytest.fixture
def spotify(store: Store) -> FakeProvider:
    return FakeProvider(store, "spotify")


@pytest.fixture
def reccobeats(store: Store) -> FakeProvider:
    return FakeProvider(store, "reccobeats", batch=40)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False) as traveller:
        yield traveller


Ask = Callable[..., dict[str, str]]


@pytest.fixture
def ask(store: Store, pool: Pool, spotify: FakeProvider, reccobeats: FakeProvider) -> Ask:
    """Looks up tracks with both providers; the source of each that was found."""

    def ask(track_ids: Sequence[str], seconds: float = PATIENCE) -> dict[str, str]:
        found = look_up(store, pool, [spotify, reccobeats], track_ids, Deadline(seconds))
        assert all(found[entry].track_id == entry for entry in found)
        return {one: features.source for one, features in found.items()}

    return ask


def finish(pool: Pool) -> None:
    """Waits for the calls that go on after their deadline."""
    pool._executor.shutdown(wait=True)


def test_each_provider_is_asked_for_what_is_still_missing(
    ask: Ask, spotify: FakeProvider, reccobeats: FakeProvider
) -> None:
    spotify.knows, reccobeats.knows = set("ab"), set("bc")

    assert ask("abcd") == {"a": "spotify", "b": "spotify", "c": "reccobeats"}
    assert spotify.asked == [("a", "b", "c", "d")]
    assert reccobeats.asked == [("c", "d")]


def test_what_the_first_one_knows_whole_the_second_is_not_asked(
    ask: Ask, spotify: FakeProvider, reccobeats: FakeProvider
) -> None:
    spotify.knows = set("ab")

    assert ask("ab") == {"a": "spotify", "b": "spotify"}
    assert reccobeats.asked == []


def test_batches_are_as_large_as_the_provider_takes(
    ask: Ask, spotify: FakeProvider, reccobeats: FakeProvider
) -> None:
    tracks = [f"track {number}" for number in range(230)]
    spotify.knows, reccobeats.knows = set(tracks[:120]), set(tracks)

    assert len(ask(tracks)) == 230
    assert sorted(len(batch) for batch in spotify.asked) == [30, 100, 100]
    assert sorted(len(batch) for batch in reccobeats.asked) == [30, 40, 40]
    assert sorted(track_id for batch in spotify.asked for track_id in batch) == sorted(tracks)
    assert sorted(track_id for batch in reccobeats.asked for track_id in batch) == sorted(tracks[120:])


def test_the_batches_of_a_provider_are_asked_side_by_side(ask: Ask, spotify: FakeProvider) -> None:
    meeting = Barrier(3)
    spotify.before = lambda: meeting.wait(PATIENCE)
    tracks = [f"track {number}" for number in range(300)]
    spotify.knows = set(tracks)

    assert len(ask(tracks)) == 300


def test_a_track_that_comes_twice_is_asked_about_once(ask: Ask, spotify: FakeProvider) -> None:
    spotify.knows = set("a")

    assert ask("aba") == {"a": "spotify"}
    assert spotify.asked == [("a", "b")]


def test_what_was_found_is_never_asked_about_again(
    ask: Ask, spotify: FakeProvider, reccobeats: FakeProvider, clock: time_machine.Traveller
) -> None:
    spotify.knows, reccobeats.knows = set("a"), set("b")
    first = ask("ab")

    clock.shift(1000 * 86_400)

    assert ask("ab") == first == {"a": "spotify", "b": "reccobeats"}
    assert len(spotify.asked) == len(reccobeats.asked) == 1


def test_what_nobody_knows_is_asked_about_again_after_a_week(
    ask: Ask, spotify: FakeProvider, reccobeats: FakeProvider, clock: time_machine.Traveller
) -> None:
    assert ask("a") == {}
    clock.shift(WEEK - 1)
    assert ask("a") == {}
    assert spotify.asked == reccobeats.asked == [("a",)]

    clock.shift(1)
    reccobeats.knows = set("a")
    assert ask("a") == {"a": "reccobeats"}


def test_a_closed_provider_counts_as_knowing_nothing(
    ask: Ask, spotify: FakeProvider, reccobeats: FakeProvider
) -> None:
    spotify.fails(Closed())
    reccobeats.knows = set("a")

    assert ask("ab") == {"a": "reccobeats"}
    assert ask("ab") == {"a": "reccobeats"}
    assert reccobeats.asked == [("a", "b")]  # "b" is unknown for a week


def test_when_all_are_closed_nothing_becomes_unknown(
    ask: Ask, spotify: FakeProvider, reccobeats: FakeProvider
) -> None:
    spotify.fails(Closed())
    reccobeats.fails(Closed())
    assert ask("a") == {}

    spotify.fails(None)
    spotify.knows = set("a")
    assert ask("a") == {"a": "spotify"}


@pytest.mark.parametrize("error", [ServerError("x: 503"), NoAnswer("x"), LoginEnded("x"), TimeoutError()])
@pytest.mark.parametrize("failing", ["spotify", "reccobeats"])
def test_a_provider_that_fails_costs_coverage_and_makes_nothing_unknown(
    ask: Ask,
    spotify: FakeProvider,
    reccobeats: FakeProvider,
    clock: time_machine.Traveller,
    error: Exception,
    failing: str,
) -> None:
    bad, good = (spotify, reccobeats) if failing == "spotify" else (reccobeats, spotify)
    good.knows = set("a")
    bad.fails(error)

    assert ask("ab") == {"a": good.name}

    clock.shift(DOWN_SECONDS)  # a timeout makes it rest
    bad.fails(None)
    bad.knows = set("b")
    assert ask("ab") == {"a": good.name, "b": bad.name}


def test_one_failed_batch_does_not_spoil_the_others(ask: Ask, reccobeats: FakeProvider) -> None:
    tracks = [f"track {number:03}" for number in range(80)]
    reccobeats.knows = set(tracks)
    answer = reccobeats.ask

    def second_fails(track_ids: Sequence[str], deadline: Deadline) -> dict[str, AudioFeatures]:
        if tracks[79] in track_ids:
            raise ServerError("reccobeats: 503")
        return answer(track_ids, deadline)

    reccobeats.ask = second_fails  # type: ignore[method-assign]

    assert sorted(ask(tracks)) == tracks[:40]


def test_a_mistake_of_our_own_is_not_hidden(ask: Ask, spotify: FakeProvider) -> None:
    spotify.fails(ZeroDivisionError("a bug"))

    with pytest.raises(ZeroDivisionError):
        ask("a")


def test_a_late_answer_is_kept_for_the_next_visit(
    store: Store, pool: Pool, ask: Ask, spotify: FakeProvider, reccobeats: FakeProvider
) -> None:
    proceed = Event()
    spotify.knows, spotify.before = set("a"), lambda: proceed.wait(PATIENCE)

    assert ask("a", seconds=0.5) == {}

    proceed.set()
    finish(pool)
    assert look_up(store, pool, [reccobeats], "a", Deadline(PATIENCE)) == {"a": heard("a", "spotify")}
    assert reccobeats.asked == []


def test_without_a_place_to_wait_what_is_kept_has_to_do_and_no_provider_looks_slow(
    store: Store, pool: Pool, spotify: FakeProvider
) -> None:
    spotify.knows = set("ab")
    bulkhead = Bulkhead(threads=8)
    assert set(look_up(store, pool, [spotify], "a", Deadline(PATIENCE), bulkhead.place)) == {"a"}
    with bulkhead.place(Deadline(0)):
        pass  # somebody's time ran out: the providers count as slow
    with bulkhead.place(Deadline(PATIENCE)), bulkhead.place(Deadline(PATIENCE)):
        assert set(look_up(store, pool, [spotify], "ab", Deadline(PATIENCE), bulkhead.place)) == {"a"}

    assert spotify.asked == [("a",)]
    assert set(look_up(store, pool, [spotify], "ab", Deadline(PATIENCE), bulkhead.place)) == {"a", "b"}


def test_a_provider_that_was_too_slow_is_left_alone_for_a_while(
    ask: Ask, spotify: FakeProvider, reccobeats: FakeProvider, clock: time_machine.Traveller
) -> None:
    proceed = Event()
    spotify.before = lambda: proceed.wait(PATIENCE)
    assert ask("a", seconds=0.5) == {}
    proceed.set()
    spotify.fails(None)
    spotify.knows, reccobeats.knows = set("bc"), set("b")

    clock.shift(DOWN_SECONDS - 1)
    assert ask("bc") == {"b": "reccobeats"}
    assert spotify.asked == [("a",)]

    clock.shift(1)
    assert ask("bc") == {"b": "reccobeats", "c": "spotify"}
    assert spotify.asked == [("a",), ("c",)]


def test_a_slow_provider_does_not_make_the_next_one_look_slow(
    ask: Ask, spotify: FakeProvider, reccobeats: FakeProvider
) -> None:
    proceed = Event()
    spotify.before = lambda: proceed.wait(PATIENCE)

    ask("a", seconds=0.5)
    proceed.set()

    assert reccobeats.asked == []
    assert reccobeats.down.until() is None
    assert spotify.down.until() is not None


def test_no_provider_and_no_track_are_no_trouble(
    store: Store, pool: Pool, ask: Ask, spotify: FakeProvider
) -> None:
    assert look_up(store, pool, [], "a", Deadline(PATIENCE)) == {}
    assert ask([]) == {}
    assert spotify.asked == []


def test_visits_at_once_ask_once(store: Store, spotify: FakeProvider) -> None:
    others_wait, start = Event(), Barrier(5)
    spotify.knows, spotify.before = set("a"), lambda: others_wait.wait(PATIENCE)

    def visit(number: int) -> dict[str, AudioFeatures]:
        pool = Pool()
        start.wait()
        if number == 0:
            others_wait.set()
        found = look_up(store, pool, [spotify], "ab", Deadline(PATIENCE))
        pool.close()
        return found

    with ThreadPoolExecutor(5) as threads:
        visits = [threads.submit(visit, number) for number in range(5)]

    assert [visit.result() for visit in visits] == [{"a": heard("a", "spotify")}] * 5
    assert spotify.asked == [("a", "b")]


def test_who_waits_too_long_for_another_visits_answer_takes_what_is_kept(
    store: Store, pool: Pool, spotify: FakeProvider
) -> None:
    spotify.knows = set("a")
    look_up(store, pool, [spotify], "a", Deadline(PATIENCE))
    at_work, proceed = Event(), Event()

    def work() -> None:
        at_work.set()
        proceed.wait(PATIENCE)

    spotify.before = work
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(look_up, store, pool, [spotify], "ab", Deadline(PATIENCE))
        assert at_work.wait(PATIENCE)
        assert look_up(store, pool, [spotify], "ab", Deadline(0.05)) == {"a": heard("a", "spotify")}
        proceed.set()
        assert first.result() == {"a": heard("a", "spotify")}
    assert spotify.asked == [("a",), ("b",)]


def test_a_429_of_reccobeats_is_respected(store: Store, pool: Pool, clock: time_machine.Traveller) -> None:
    http = Http("reccobeats", RECCOBEATS, Connections(), Cooldown(store, "spotify:reccobeats"))
    provider = ReccoBeats(http, Cooldown(store, "spotify:reccobeats:down"))
    with RequestsMock() as server:
        server.get(f"{RECCOBEATS}/audio-features", status=429, headers={"Retry-After": "60"})
        assert look_up(store, pool, [provider], "a", Deadline(PATIENCE)) == {}
        clock.shift(59)
        assert look_up(store, pool, [provider], "a", Deadline(PATIENCE)) == {}
        assert len(server.calls) == 1

        clock.shift(1)
        row = {"href": "https://open.spotify.com/track/a", "energy": 0.5}
        server.replace("GET", f"{RECCOBEATS}/audio-features", json={"content": [row]})
        assert look_up(store, pool, [provider], "a", Deadline(PATIENCE)) == {"a": heard("a", "reccobeats")}
        assert len(server.calls) == 2
