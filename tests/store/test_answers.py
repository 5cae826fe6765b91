"""Spotify's answers, kept for each account: asked for once, fresh for an hour, never another's."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select, update

from app import answers
from app.answers import FRESH_SECONDS, PROFILE, Answers, expire, fetch
from app.music import TimeRange
from app.spotify.errors import (
    AppRefused,
    BadAnswer,
    InsufficientScope,
    LoginEnded,
    NoAnswer,
    NotFound,
    OwnerNeedsPremium,
    RateLimited,
    ServerError,
    SpotifyError,
    Unauthorized,
    UserNotRegistered,
)
from app.store import locks as leases
from app.store.accounts import delete_account
from app.store.sweep import ANSWERS_KEPT
from app.store.tables import account, answer
from tests.house import ARTISTS, ME, PATIENCE, TOP_ARTISTS, TOP_TRACKS, TRACKS, WANTS, House

ALL = [ME, TOP_ARTISTS, TOP_TRACKS]


def said(got: Answers) -> set[str]:
    """Who said what in which edition, over all three answers."""
    assert set(got.values) == {PROFILE.key, ARTISTS.key, TRACKS.key}
    items = [*got.values[ARTISTS.key], *got.values[TRACKS.key]]
    return {got.values[PROFILE.key].display_name, *(item.name for item in items)}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.mark.usefixtures("clock")
def test_the_first_visit_asks_for_everything_side_by_side(house: House) -> None:
    meeting = Barrier(3)
    house.api.before = lambda: meeting.wait(PATIENCE)

    got = house.fetch()

    assert said(got) == {"mira 1"}
    assert (got.as_of, got.trouble) == (time.time(), None)
    assert house.api.paths() == ALL
    assert house.visit().account_id == house.account_of("mira")


def test_answers_are_fresh_for_an_hour(house: House, clock: time_machine.Traveller) -> None:
    noon = time.time()
    house.fetch()
    house.api.paths()
    house.api.edition = 2

    clock.shift(FRESH_SECONDS - 1)
    kept = house.fetch()
    assert (said(kept), kept.as_of, kept.trouble) == ({"mira 1"}, noon, None)
    assert house.api.paths() == []

    clock.shift(1)
    anew = house.fetch()
    assert (said(anew), anew.as_of) == ({"mira 2"}, noon + 3600)
    assert house.api.paths() == ALL


def test_only_what_is_missing_is_asked_for(house: House) -> None:
    house.fetch()
    house.api.paths()
    long = answers.top_tracks(TimeRange.LONG_TERM)

    got = fetch(house.site, house.visit(), [PROFILE, ARTISTS, long])

    assert set(got.values) == {PROFILE.key, ARTISTS.key, long.key}
    assert house.api.paths() == [TOP_TRACKS]


def test_expired_answers_are_asked_for_again_and_not_forgotten(house: House) -> None:
    house.fetch("mira")
    house.fetch("theo")
    house.api.paths()
    house.api.edition = 2

    expire(house.store, house.account_of("mira"))
    assert said(house.fetch("theo")) == {"theo 1"}
    assert house.api.paths() == []

    house.api.errors = dict.fromkeys(ALL, NoAnswer("x"))
    assert said(house.fetch("mira")) == {"mira 1"}
    house.api.errors = {}
    assert said(house.fetch("mira")) == {"mira 2"}


@pytest.mark.parametrize(
    "error",
    [
        NoAnswer("x"),
        BadAnswer("x"),
        ServerError("x: 503"),
        RateLimited("x", until=9e9),
        NotFound("x"),
    ],
)
def test_the_last_known_answers_stand_in_where_spotify_fails(
    house: House, clock: time_machine.Traveller, error: SpotifyError
) -> None:
    noon = time.time()
    house.fetch()
    clock.shift(5 * FRESH_SECONDS)
    house.api.errors = dict.fromkeys(ALL, error)

    got = house.fetch()

    assert (said(got), got.as_of) == ({"mira 1"}, noon)
    assert got.trouble is error


def test_what_still_comes_is_new_and_the_age_is_that_of_the_oldest(
    house: House, clock: time_machine.Traveller
) -> None:
    noon = time.time()
    house.fetch()
    clock.shift(FRESH_SECONDS)
    house.api.edition = 2
    house.api.errors = {TOP_TRACKS: ServerError("x: 503")}

    got = house.fetch()

    assert got.values[PROFILE.key].display_name == "mira 2"
    assert got.values[ARTISTS.key][0].name == "mira 2"
    assert got.values[TRACKS.key][0].name == "mira 1"
    assert got.as_of == noon
    assert got.trouble is house.api.errors[TOP_TRACKS]


@pytest.mark.parametrize(
    "error",
    [LoginEnded, Unauthorized, AppRefused, UserNotRegistered, OwnerNeedsPremium, InsufficientScope],
)
@pytest.mark.parametrize("path", ALL)
def test_what_only_the_person_or_the_owner_can_mend_is_never_hidden(
    house: House, error: type[SpotifyError], path: str
) -> None:
    house.fetch()
    expire(house.store, house.account_of())
    others = dict.fromkeys(ALL, NoAnswer("x"))
    house.api.errors = {**others, path: error("x")}

    with pytest.raises(error):
        house.fetch()


@pytest.mark.parametrize("error", [LoginEnded, UserNotRegistered])
def test_a_first_visit_tells_what_only_the_person_or_the_owner_can_mend(
    house: House, error: type[SpotifyError]
) -> None:
    house.api.errors = {ME: NoAnswer("x"), TOP_ARTISTS: error("x")}

    with pytest.raises(error):
        house.fetch()


def test_with_nothing_kept_the_error_is_raised_and_a_rate_limit_before_the_rest(house: House) -> None:
    house.api.errors = {TOP_ARTISTS: NoAnswer("x"), TOP_TRACKS: RateLimited("x", until=9e9)}

    for _ in range(2):  # the second time the profile is kept
        with pytest.raises(RateLimited):
            house.fetch()

    house.api.errors = {}
    assert said(house.fetch()) == {"mira 1"}


def test_a_first_visit_that_cannot_tell_who_it_is_binds_nobody(house: House) -> None:
    house.api.errors = {ME: ServerError("x: 503")}

    with pytest.raises(ServerError):
        house.fetch()

    assert house.visit().account_id is None
    with house.store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(account)) == 0


def test_a_new_login_of_the_same_person_finds_their_last_known_answers(
    house: House, clock: time_machine.Traveller
) -> None:
    house.fetch()
    clock.shift(FRESH_SECONDS)
    house.log_in("mira")
    house.api.edition = 2
    house.api.errors = {TOP_TRACKS: ServerError("x: 503")}

    got = house.fetch()

    assert got.values[ARTISTS.key][0].name == "mira 2"
    assert got.values[TRACKS.key][0].name == "mira 1"
    assert got.trouble is house.api.errors[TOP_TRACKS]


def test_two_listeners_at_once_never_get_each_others_answers(house: House) -> None:
    listeners, start = ["mira", "theo"] * 4, Barrier(8)
    for listener in ("mira", "theo"):
        house.visit(listener)

    def visits(listener: str) -> set[str]:
        start.wait()
        seen: set[str] = set()
        for _ in range(3):
            seen |= said(house.fetch(listener))
            expire(house.store, house.account_of(listener))
        return seen

    with ThreadPoolExecutor(8) as threads:
        results = [(listener, threads.submit(visits, listener)) for listener in listeners]

    for listener, result in results:
        assert result.result() == {f"{listener} 1"}


def waits_for_looks(monkeypatch: pytest.MonkeyPatch, target: Any, name: str, looks: int) -> Event:
    """Set once `target.name` was called so often: then everybody is waiting who will."""
    look, reached, count = getattr(target, name), Event(), [0]

    def counted(*asked: Any) -> Any:
        count[0] += 1
        if count[0] >= looks:
            reached.set()
        return look(*asked)

    monkeypatch.setattr(target, name, counted)
    return reached


def test_visits_at_once_ask_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.fetch()
    house.api.paths()
    house.api.edition = 2
    expire(house.store, house.account_of())
    all_wait = waits_for_looks(monkeypatch, answers, "last_known", looks=60)
    house.api.before = lambda: all_wait.wait(PATIENCE)

    with ThreadPoolExecutor(5) as threads:
        visits = [threads.submit(house.fetch) for _ in range(5)]

    assert [said(visit.result()) for visit in visits] == [{"mira 2"}] * 5
    assert house.api.paths() == ALL


def test_first_visits_at_once_ask_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    visits = [house.visit() for _ in range(5)]
    all_wait = waits_for_looks(monkeypatch, house.sessions, "read", looks=25)
    house.api.before = lambda: all_wait.wait(PATIENCE)

    with ThreadPoolExecutor(5) as threads:
        got = [threads.submit(fetch, house.site, visit, WANTS) for visit in visits]

    assert [said(one.result()) for one in got] == [{"mira 1"}] * 5
    assert house.api.paths() == ALL


def test_who_waits_too_long_for_anothers_answer_gets_the_last_known_one(house: House) -> None:
    house.fetch()
    house.api.paths()
    account_id = house.account_of()
    expire(house.store, account_id)
    assert leases._take(house.store, f"answer:{account_id}:{ARTISTS.key}")

    got = house.fetch(seconds=0.3)

    assert said(got) == {"mira 1"}
    assert isinstance(got.trouble, NoAnswer)
    assert house.api.paths() == [ME, TOP_TRACKS]


def test_a_first_visit_that_waits_too_long_for_another_is_told_so(house: House) -> None:
    visit = house.visit(seconds=0.05)
    assert leases._take(house.store, f"meet:{visit.session_id_hash}")

    with pytest.raises(NoAnswer):
        fetch(house.site, visit, WANTS)
    assert house.api.paths() == []


def test_a_late_answer_is_kept_for_the_next_visit(house: House) -> None:
    house.fetch()
    house.api.paths()
    expire(house.store, house.account_of())
    house.api.edition = 2
    proceed = Event()
    house.api.before = lambda: proceed.wait(PATIENCE)

    late = house.fetch(seconds=0.3)
    proceed.set()
    house.finish()

    assert said(late) == {"mira 1"}
    assert isinstance(late.trouble, NoAnswer)
    assert house.api.paths() == ALL
    anew = house.fetch()
    assert (said(anew), anew.trouble) == ({"mira 2"}, None)
    assert house.api.paths() == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b'{"id":7}', b'{"id":"\xff"}', b'{"name":"no id"}', b"\x00"]
)
def test_an_answer_that_cannot_be_read_is_asked_for_again(house: House, body: bytes) -> None:
    house.fetch()
    house.api.paths()
    with house.store.writing() as connection:
        connection.execute(update(answer).where(answer.c.key == PROFILE.key).values(body=body))

    assert said(house.fetch()) == {"mira 1"}
    assert house.api.paths() == [ME]


def test_an_answer_that_cannot_be_read_stands_in_for_nothing(house: House) -> None:
    house.fetch()
    with house.store.writing() as connection:
        connection.execute(update(answer).values(body=b"broken"))
    house.api.errors = dict.fromkeys(ALL, NoAnswer("x"))

    with pytest.raises(NoAnswer):
        house.fetch()


def test_the_last_known_answers_stand_in_for_thirty_days_and_no_longer(
    house: House, clock: time_machine.Traveller
) -> None:
    house.fetch()
    house.api.errors = dict.fromkeys(ALL, NoAnswer("x"))

    clock.shift(ANSWERS_KEPT - 1)
    assert said(house.fetch()) == {"mira 1"}
    house.sessions.change(house.id_hashes["mira"], {})  # the login itself lives on
    clock.shift(2)
    with pytest.raises(NoAnswer):
        house.fetch()
    assert ANSWERS_KEPT == 30 * 86_400


def test_answers_are_not_kept_for_ever(house: House, clock: time_machine.Traveller) -> None:
    house.fetch("mira")
    clock.shift(ANSWERS_KEPT + 1)

    house.fetch("theo")

    with house.store.reading() as connection:
        kept = connection.execute(select(answer.c.account_id).distinct()).scalars().all()
    assert kept == [house.account_of("theo")]


def test_who_logged_out_meanwhile_is_not_met(house: House) -> None:
    visit = house.visit()
    house.sessions.end(visit.session_id_hash)

    with pytest.raises(LoginEnded):
        fetch(house.site, visit, WANTS)
    assert house.api.paths() == []


def test_a_forgotten_account_leaves_no_answers(house: House) -> None:
    house.fetch("mira")
    house.fetch("theo")

    delete_account(house.site.store, house.account_of("mira"))

    with house.store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(answer)) == 3
    assert house.sessions.read(house.id_hashes["mira"]) is None
    assert said(house.fetch("theo")) == {"theo 1"}


def test_an_account_that_is_forgotten_while_spotify_answers_stays_forgotten(house: House) -> None:
    house.fetch()
    account_id, visit = house.account_of(), house.visit()
    expire(house.store, account_id)
    house.api.before = lambda: delete_account(house.site.store, account_id)

    with pytest.raises(LoginEnded):
        fetch(house.site, visit, WANTS)

    with house.store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(answer)) == 0
        assert connection.scalar(select(func.count()).select_from(account)) == 0


def test_an_account_that_is_forgotten_before_its_session_is_bound_to_it_ends_the_login(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    bind = house.sessions.bind

    def bind_too_late(id_hash: str, account_id: int) -> None:
        delete_account(house.store, account_id)
        bind(id_hash, account_id)

    monkeypatch.setattr(house.sessions, "bind", bind_too_late)

    with pytest.raises(LoginEnded, match="deleted meanwhile"):
        house.fetch()

    with house.store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(account)) == 0
