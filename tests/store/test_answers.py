"""Spotify's answers, kept for each account: asked for once, fresh for an hour, never another's."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from threading import Barrier, Event
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select, update

from app import answers, cached_fetch
from app.answers import PROFILE, Answers, expire, fetch
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
from app.store.answers import FRESH_SECONDS
from app.store.sweep import ANSWERS_KEPT
from app.store.tables import account, answer
from tests.fake_site import ARTISTS, ME, PATIENCE, TOP_ARTISTS, TOP_TRACKS, TRACKS, WANTS, FakeSite

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
def test_the_first_visit_asks_for_everything_side_by_side(fake_site: FakeSite) -> None:
    meeting = Barrier(3)
    fake_site.api.before = lambda: meeting.wait(PATIENCE)

    got = fake_site.fetch()

    assert said(got) == {"mira 1"}
    assert (got.as_of, got.trouble) == (time.time(), None)
    assert fake_site.api.paths() == ALL
    assert fake_site.visit().account_id == fake_site.account_of("mira")


def test_answers_are_fresh_for_an_hour(fake_site: FakeSite, clock: time_machine.Traveller) -> None:
    noon = time.time()
    fake_site.fetch()
    fake_site.api.paths()
    fake_site.api.edition = 2

    clock.shift(FRESH_SECONDS - 1)
    kept = fake_site.fetch()
    assert (said(kept), kept.as_of, kept.trouble) == ({"mira 1"}, noon, None)
    assert fake_site.api.paths() == []

    clock.shift(1)
    anew = fake_site.fetch()
    assert (said(anew), anew.as_of) == ({"mira 2"}, noon + 3600)
    assert fake_site.api.paths() == ALL


def test_only_what_is_missing_is_asked_for(fake_site: FakeSite) -> None:
    fake_site.fetch()
    fake_site.api.paths()
    long = answers.top_tracks(TimeRange.LONG_TERM)

    got = fetch(fake_site.site, fake_site.visit(), [PROFILE, ARTISTS, long])

    assert set(got.values) == {PROFILE.key, ARTISTS.key, long.key}
    assert fake_site.api.paths() == [TOP_TRACKS]


def test_expired_answers_are_asked_for_again_and_not_forgotten(fake_site: FakeSite) -> None:
    fake_site.fetch("mira")
    fake_site.fetch("theo")
    fake_site.api.paths()
    fake_site.api.edition = 2

    expire(fake_site.store, fake_site.account_of("mira"))
    assert said(fake_site.fetch("theo")) == {"theo 1"}
    assert fake_site.api.paths() == []

    fake_site.api.errors = dict.fromkeys(ALL, NoAnswer("x"))
    assert said(fake_site.fetch("mira")) == {"mira 1"}
    fake_site.api.errors = {}
    assert said(fake_site.fetch("mira")) == {"mira 2"}


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
    fake_site: FakeSite, clock: time_machine.Traveller, error: SpotifyError
) -> None:
    noon = time.time()
    fake_site.fetch()
    clock.shift(5 * FRESH_SECONDS)
    fake_site.api.errors = dict.fromkeys(ALL, error)

    got = fake_site.fetch()

    assert (said(got), got.as_of) == ({"mira 1"}, noon)
    assert got.trouble is error


def test_what_still_comes_is_new_and_the_age_is_that_of_the_oldest(
    fake_site: FakeSite, clock: time_machine.Traveller
) -> None:
    noon = time.time()
    fake_site.fetch()
    clock.shift(FRESH_SECONDS)
    fake_site.api.edition = 2
    fake_site.api.errors = {TOP_TRACKS: ServerError("x: 503")}

    got = fake_site.fetch()

    assert got.values[PROFILE.key].display_name == "mira 2"
    assert got.values[ARTISTS.key][0].name == "mira 2"
    assert got.values[TRACKS.key][0].name == "mira 1"
    assert got.as_of == noon
    assert got.trouble is fake_site.api.errors[TOP_TRACKS]


def test_what_only_the_person_or_the_owner_can_mend_is_never_hidden(fake_site: FakeSite) -> None:
    fake_site.fetch()
    expire(fake_site.store, fake_site.account_of())
    errors = (LoginEnded, Unauthorized, AppRefused, UserNotRegistered, OwnerNeedsPremium, InsufficientScope)
    for error, path in product(errors, ALL):
        fake_site.api.errors = {**dict.fromkeys(ALL, NoAnswer("x")), path: error("x")}

        with pytest.raises(error):
            fake_site.fetch()


@pytest.mark.parametrize("error", [LoginEnded, UserNotRegistered])
def test_a_first_visit_tells_what_only_the_person_or_the_owner_can_mend(
    fake_site: FakeSite, error: type[SpotifyError]
) -> None:
    fake_site.api.errors = {ME: NoAnswer("x"), TOP_ARTISTS: error("x")}

    with pytest.raises(error):
        fake_site.fetch()


def test_with_nothing_kept_the_error_is_raised_and_a_rate_limit_before_the_rest(fake_site: FakeSite) -> None:
    fake_site.api.errors = {TOP_ARTISTS: NoAnswer("x"), TOP_TRACKS: RateLimited("x", until=9e9)}

    for _ in range(2):  # the second time the profile is kept
        with pytest.raises(RateLimited):
            fake_site.fetch()

    fake_site.api.errors = {}
    assert said(fake_site.fetch()) == {"mira 1"}


def test_a_first_visit_that_cannot_tell_who_it_is_binds_nobody(fake_site: FakeSite) -> None:
    fake_site.api.errors = {ME: ServerError("x: 503")}

    with pytest.raises(ServerError):
        fake_site.fetch()

    assert fake_site.visit().account_id is None
    with fake_site.store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(account)) == 0


def test_a_new_login_of_the_same_person_finds_their_last_known_answers(
    fake_site: FakeSite, clock: time_machine.Traveller
) -> None:
    fake_site.fetch()
    clock.shift(FRESH_SECONDS)
    fake_site.log_in("mira")
    fake_site.api.edition = 2
    fake_site.api.errors = {TOP_TRACKS: ServerError("x: 503")}

    got = fake_site.fetch()

    assert got.values[ARTISTS.key][0].name == "mira 2"
    assert got.values[TRACKS.key][0].name == "mira 1"
    assert got.trouble is fake_site.api.errors[TOP_TRACKS]


def test_two_listeners_at_once_never_get_each_others_answers(fake_site: FakeSite) -> None:
    listeners, start = ["mira", "theo"] * 4, Barrier(8)
    for listener in ("mira", "theo"):
        fake_site.visit(listener)

    def visits(listener: str) -> set[str]:
        start.wait()
        seen: set[str] = set()
        for _ in range(3):
            seen |= said(fake_site.fetch(listener))
            expire(fake_site.store, fake_site.account_of(listener))
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


def test_visits_at_once_ask_once(fake_site: FakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_site.fetch()
    fake_site.api.paths()
    fake_site.api.edition = 2
    expire(fake_site.store, fake_site.account_of())
    all_wait = waits_for_looks(monkeypatch, cached_fetch, "read_cached", looks=60)
    fake_site.api.before = lambda: all_wait.wait(PATIENCE)

    with ThreadPoolExecutor(5) as threads:
        visits = [threads.submit(fake_site.fetch) for _ in range(5)]

    assert [said(visit.result()) for visit in visits] == [{"mira 2"}] * 5
    assert fake_site.api.paths() == ALL


def test_first_visits_at_once_ask_once(fake_site: FakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    visits = [fake_site.visit() for _ in range(5)]
    all_wait = waits_for_looks(monkeypatch, fake_site.sessions, "read", looks=25)
    fake_site.api.before = lambda: all_wait.wait(PATIENCE)

    with ThreadPoolExecutor(5) as threads:
        got = [threads.submit(fetch, fake_site.site, visit, WANTS) for visit in visits]

    assert [said(future.result()) for future in got] == [{"mira 1"}] * 5
    assert fake_site.api.paths() == ALL


def test_who_waits_too_long_for_anothers_answer_gets_the_last_known_one(fake_site: FakeSite) -> None:
    fake_site.fetch()
    fake_site.api.paths()
    account_id = fake_site.account_of()
    expire(fake_site.store, account_id)
    assert leases._take(fake_site.store, f"answer:{account_id}:{ARTISTS.key}")

    got = fake_site.fetch(seconds=0.3)

    assert said(got) == {"mira 1"}
    assert isinstance(got.trouble, NoAnswer)
    assert fake_site.api.paths() == [ME, TOP_TRACKS]


def test_a_first_visit_that_waits_too_long_for_another_is_told_so(fake_site: FakeSite) -> None:
    visit = fake_site.visit(seconds=0.05)
    assert leases._take(fake_site.store, f"meet:{visit.session_id_hash}")

    with pytest.raises(NoAnswer):
        fetch(fake_site.site, visit, WANTS)
    assert fake_site.api.paths() == []


def test_a_late_answer_is_kept_for_the_next_visit(fake_site: FakeSite) -> None:
    fake_site.fetch()
    fake_site.api.paths()
    expire(fake_site.store, fake_site.account_of())
    fake_site.api.edition = 2
    proceed = Event()
    fake_site.api.before = lambda: proceed.wait(PATIENCE)

    late = fake_site.fetch(seconds=0.3)
    proceed.set()
    fake_site.finish()

    assert said(late) == {"mira 1"}
    assert isinstance(late.trouble, NoAnswer)
    assert fake_site.api.paths() == ALL
    anew = fake_site.fetch()
    assert (said(anew), anew.trouble) == ({"mira 2"}, None)
    assert fake_site.api.paths() == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b'{"id":7}', b'{"id":"\xff"}', b'{"name":"no id"}', b"\x00"]
)
def test_an_answer_that_cannot_be_read_is_asked_for_again(fake_site: FakeSite, body: bytes) -> None:
    fake_site.fetch()
    fake_site.api.paths()
    with fake_site.store.writing() as connection:
        connection.execute(update(answer).where(answer.c.key == PROFILE.key).values(body=body))

    assert said(fake_site.fetch()) == {"mira 1"}
    assert fake_site.api.paths() == [ME]


def test_an_answer_that_cannot_be_read_stands_in_for_nothing(fake_site: FakeSite) -> None:
    fake_site.fetch()
    with fake_site.store.writing() as connection:
        connection.execute(update(answer).values(body=b"broken"))
    fake_site.api.errors = dict.fromkeys(ALL, NoAnswer("x"))

    with pytest.raises(NoAnswer):
        fake_site.fetch()


def test_the_last_known_answers_stand_in_for_thirty_days_and_no_longer(
    fake_site: FakeSite, clock: time_machine.Traveller
) -> None:
    fake_site.fetch()
    fake_site.api.errors = dict.fromkeys(ALL, NoAnswer("x"))

    clock.shift(ANSWERS_KEPT - 1)
    assert said(fake_site.fetch()) == {"mira 1"}
    fake_site.sessions.change(fake_site.id_hashes["mira"], {})  # the login itself lives on
    clock.shift(2)
    with pytest.raises(NoAnswer):
        fake_site.fetch()
    assert ANSWERS_KEPT == 30 * 86_400


def test_answers_are_not_kept_for_ever(fake_site: FakeSite, clock: time_machine.Traveller) -> None:
    fake_site.fetch("mira")
    clock.shift(ANSWERS_KEPT + 1)

    fake_site.fetch("theo")

    with fake_site.store.reading() as connection:
        kept = connection.execute(select(answer.c.account_id).distinct()).scalars().all()
    assert kept == [fake_site.account_of("theo")]


def test_who_logged_out_meanwhile_is_not_met(fake_site: FakeSite) -> None:
    visit = fake_site.visit()
    fake_site.sessions.end(visit.session_id_hash)

    with pytest.raises(LoginEnded):
        fetch(fake_site.site, visit, WANTS)
    assert fake_site.api.paths() == []


def test_a_forgotten_account_leaves_no_answers(fake_site: FakeSite) -> None:
    fake_site.fetch("mira")
    fake_site.fetch("theo")

    delete_account(fake_site.site.store, fake_site.account_of("mira"))

    with fake_site.store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(answer)) == 3
    assert fake_site.sessions.read(fake_site.id_hashes["mira"]) is None
    assert said(fake_site.fetch("theo")) == {"theo 1"}


def test_an_account_that_is_forgotten_while_spotify_answers_stays_forgotten(fake_site: FakeSite) -> None:
    fake_site.fetch()
    account_id, visit = fake_site.account_of(), fake_site.visit()
    expire(fake_site.store, account_id)
    fake_site.api.before = lambda: delete_account(fake_site.site.store, account_id)

    with pytest.raises(LoginEnded):
        fetch(fake_site.site, visit, WANTS)

    with fake_site.store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(answer)) == 0
        assert connection.scalar(select(func.count()).select_from(account)) == 0


def test_an_account_that_is_forgotten_before_its_session_is_bound_to_it_ends_the_login(
    fake_site: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    bind = fake_site.sessions.bind

    def bind_too_late(id_hash: str, account_id: int) -> None:
        delete_account(fake_site.store, account_id)
        bind(id_hash, account_id)

    monkeypatch.setattr(fake_site.sessions, "bind", bind_too_late)

    with pytest.raises(LoginEnded, match="deleted meanwhile"):
        fake_site.fetch()

    with fake_site.store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(account)) == 0
