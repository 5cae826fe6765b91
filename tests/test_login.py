"""A person's login against the sandbox: begun, finished, and renewed exactly once however many ask."""

import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from threading import Barrier
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine

from app.bulkhead import Bulkhead
from app.concurrency import Pool
from app.deadline import Deadline
from app.login import BegunLogin, SessionLogin, begin, finish, key_of
from app.sandbox import Call, Fault, Knobs, SandboxServer
from app.services import Service
from app.sessions import Sessions
from app.spotify.errors import LoginEnded, NoAnswer
from app.spotify.http import Connections, Http
from app.spotify.oauth import OAuth
from app.store import locks as leases
from app.store.engine import Store
from tests.conftest import CLIENT, form_fields

CALLBACK = "http://127.0.0.1:5000/callback"
PATIENCE = 10.0
HOUR = 3600.0


@dataclass
class FakeSite:
    """A site's login parts, around one sandbox and one session."""

    server: SandboxServer
    service: Service
    store: Store
    sessions: Sessions
    pool: Pool
    id_hash: str = ""

    def begin(self) -> tuple[BegunLogin, str]:
        return begin(self.service, CALLBACK, "/your-music")

    def agree(self, address: str) -> dict[str, str]:
        """What Spotify sends back when the person agrees."""
        form = form_fields(requests.get(address, timeout=5).text) | {"answer": "agree"}
        back = requests.post(address, data=form, allow_redirects=False, timeout=5)
        query = parse_qs(urlsplit(back.headers["Location"]).query)
        return {name: values[0] for name, values in query.items()}

    def log_in(self) -> None:
        """The whole dance; the session holds the token afterwards."""
        begun, address = self.begin()
        values = finish(self.pool, self.service, begun, self.agree(address)["code"])
        opened = self.sessions.open(self.sessions.begin({"token": values, "csrf": "x"}))
        assert opened is not None
        self.id_hash = opened.id_hash
        self.server.calls.clear()

    def values(self) -> dict[str, Any]:
        """What the session holds now."""
        opened = self.sessions.read(self.id_hash)
        assert opened is not None
        return opened.values

    def request(self) -> SessionLogin:
        """The login as one request of that browser sees it."""
        oauth = self.service.oauth
        return SessionLogin(self.sessions, self.store, oauth, self.id_hash, self.values()["token"])

    def token_calls(self) -> list[Call]:
        return [call for call in self.server.calls if call.path.endswith("/api/token")]


@pytest.fixture
def fake_site(store: Store, spotify: SandboxServer) -> Iterator[FakeSite]:
    connections, pool = Connections(), Pool()
    accounts = Http("accounts", spotify.accounts_url, connections)
    oauth = OAuth(f"{spotify.accounts_url}/authorize", accounts, CLIENT.id, CLIENT.secret)
    service = cast(
        Service, SimpleNamespace(name="spotify", oauth=oauth, store=store, bulkhead=Bulkhead(threads=8))
    )
    yield FakeSite(spotify, service, store, Sessions(store, "a secret key for tests only"), pool)
    pool.close()
    connections.close()


@pytest.fixture
def clock(fake_site: FakeSite) -> Iterator[time_machine.Traveller]:
    """Logged in at noon, and the clock stands still."""
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False) as traveller:
        fake_site.log_in()
        yield traveller


def test_a_login_begun_and_finished_is_a_token(fake_site: FakeSite) -> None:
    begun, address = fake_site.begin()
    answer = fake_site.agree(address)

    token = finish(fake_site.pool, fake_site.service, begun, answer["code"])

    assert begun.matches(answer["state"])
    assert set(token) == {"access_token", "refresh_token", "expires_at", "authorized_at", "scope"}
    assert token["scope"] == "user-top-read user-library-read"
    assert token["expires_at"] - token["authorized_at"] == HOUR
    (call,) = fake_site.token_calls()
    assert call.form["code_verifier"] == begun.verifier


def test_a_begun_login_remembers_what_it_needs_later(fake_site: FakeSite) -> None:
    begun, address = fake_site.begin()
    sent = parse_qs(urlsplit(address).query)
    digest = sha256(begun.verifier.encode()).digest()

    assert (begun.service, begun.redirect_uri, begun.next) == ("spotify", CALLBACK, "/your-music")
    assert sent["state"] == [begun.state]
    assert sent["code_challenge"] == [urlsafe_b64encode(digest).decode().rstrip("=")]
    assert BegunLogin(**begun.as_values()) == begun
    assert begun.state not in repr(begun)
    assert begun.verifier not in repr(begun)


def test_two_logins_share_neither_state_nor_verifier(fake_site: FakeSite) -> None:
    one, other = fake_site.begin()[0], fake_site.begin()[0]

    assert len({one.state, other.state, one.verifier, other.verifier}) == 4
    assert len(one.state) >= 43


@pytest.mark.parametrize("wrong", ["", "x", "STATE", "state ", "stat", "ü", "\udcff"])
def test_only_its_own_state_matches(wrong: str) -> None:
    begun = BegunLogin("state", "verifier", "spotify", CALLBACK, None, time.time())

    assert begun.matches("state")
    assert not begun.matches(wrong)
    assert key_of(wrong) != key_of("state")


def test_a_begun_login_is_stale_after_ten_minutes() -> None:
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False) as traveller:
        begun = BegunLogin("state", "verifier", "spotify", CALLBACK, None, time.time())
        traveller.shift(600)
        assert not begun.stale
        traveller.shift(0.1)
        assert begun.stale


def test_an_exchange_that_takes_too_long_is_given_up(
    fake_site: FakeSite, knobs: Knobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, address = fake_site.begin()
    code = fake_site.agree(address)["code"]
    monkeypatch.setattr(import_module("app.login"), "EXCHANGE_SECONDS", 0.1)
    knobs.faults["/accounts/api/token"] = Fault(hang=PATIENCE)

    with pytest.raises(NoAnswer):
        finish(fake_site.pool, fake_site.service, begun, code)


def test_a_code_that_is_no_good_ends_the_login(fake_site: FakeSite) -> None:
    begun, _ = fake_site.begin()

    with pytest.raises(LoginEnded):
        finish(fake_site.pool, fake_site.service, begun, "no such code")


def test_a_good_token_is_used_as_it_is(fake_site: FakeSite, clock: time_machine.Traveller) -> None:
    clock.shift(HOUR - 60)

    assert fake_site.request().access_token(Deadline(PATIENCE)) == fake_site.values()["token"]["access_token"]
    assert fake_site.token_calls() == []


def test_a_token_is_renewed_a_minute_before_it_expires(
    fake_site: FakeSite, clock: time_machine.Traveller
) -> None:
    before = fake_site.values()["token"]
    clock.shift(HOUR - 59.9)

    access_token = fake_site.request().access_token(Deadline(PATIENCE))

    after = fake_site.values()
    assert access_token == after["token"]["access_token"] != before["access_token"]
    assert after["token"]["expires_at"] == time.time() + HOUR
    assert after["token"]["authorized_at"] == before["authorized_at"]
    assert after["token"]["refresh_token"] == before["refresh_token"]
    assert after["csrf"] == "x"
    assert [call.form["grant_type"] for call in fake_site.token_calls()] == ["refresh_token"]
    assert fake_site.request().access_token(Deadline(PATIENCE)) == access_token
    assert len(fake_site.token_calls()) == 1


@pytest.mark.parametrize("rotate", [False, True])
def test_however_many_threads_and_requests_need_it_a_token_is_renewed_once(
    fake_site: FakeSite, clock: time_machine.Traveller, knobs: Knobs, rotate: bool
) -> None:
    knobs.rotate_refresh_tokens = rotate
    for round_ in range(1, 4):
        clock.shift(HOUR)
        one, other = fake_site.request(), fake_site.request()
        start = Barrier(8)

        def ask(mine: SessionLogin, start: Barrier = start) -> str:
            start.wait()
            return mine.access_token(Deadline(PATIENCE))

        with ThreadPoolExecutor(8) as threads:
            answers = [threads.submit(ask, mine) for mine in [one, other] * 4]
        assert {answer.result() for answer in answers} == {fake_site.values()["token"]["access_token"]}
        assert len(fake_site.token_calls()) == round_


@pytest.mark.parametrize("rotate", [False, True])
def test_however_many_find_it_rejected_a_token_is_renewed_once(
    fake_site: FakeSite, knobs: Knobs, rotate: bool
) -> None:
    fake_site.log_in()
    knobs.rotate_refresh_tokens = rotate
    rejected = fake_site.values()["token"]["access_token"]
    one, other, start = fake_site.request(), fake_site.request(), Barrier(8)

    def ask(mine: SessionLogin) -> str:
        start.wait()
        return mine.renewed(rejected, Deadline(PATIENCE))

    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(ask, mine) for mine in [one, other] * 4]

    (renewed,) = {answer.result() for answer in answers}
    assert renewed == fake_site.values()["token"]["access_token"] != rejected
    assert len(fake_site.token_calls()) == 1


def test_a_request_that_is_behind_uses_what_its_neighbour_renewed(
    fake_site: FakeSite, clock: time_machine.Traveller
) -> None:
    clock.shift(HOUR)
    neighbour, behind = fake_site.request(), fake_site.request()
    renewed = neighbour.access_token(Deadline(PATIENCE))

    assert behind.access_token(Deadline(PATIENCE)) == renewed
    assert behind.renewed("something older", Deadline(PATIENCE)) == renewed
    assert len(fake_site.token_calls()) == 1


def test_a_token_whose_life_is_shorter_than_a_minute_is_renewed_once_a_request(
    fake_site: FakeSite, clock: time_machine.Traveller, knobs: Knobs
) -> None:
    knobs.access_token_seconds = 30
    clock.shift(HOUR)
    mine = fake_site.request()

    assert {mine.access_token(Deadline(PATIENCE)) for _ in range(3)} == {
        fake_site.values()["token"]["access_token"]
    }
    assert len(fake_site.token_calls()) == 1


def test_who_logged_out_meanwhile_is_not_renewed(fake_site: FakeSite, clock: time_machine.Traveller) -> None:
    clock.shift(HOUR)
    mine = fake_site.request()
    rejected = fake_site.values()["token"]["access_token"]
    fake_site.sessions.end(fake_site.id_hash)

    with pytest.raises(LoginEnded):
        mine.access_token(Deadline(PATIENCE))
    with pytest.raises(LoginEnded):
        mine.renewed(rejected, Deadline(PATIENCE))
    assert fake_site.token_calls() == []
    assert fake_site.sessions.read(fake_site.id_hash) is None


def test_who_logs_out_during_a_renewal_stays_logged_out(
    fake_site: FakeSite, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.shift(HOUR)
    mine, refresh = fake_site.request(), fake_site.service.oauth.refresh

    def slow_refresh(*asked: Any) -> Any:
        fake_site.sessions.end(fake_site.id_hash)
        return refresh(*asked)

    monkeypatch.setattr(fake_site.service.oauth, "refresh", slow_refresh)
    with pytest.raises(LoginEnded):
        mine.access_token(Deadline(PATIENCE))

    assert fake_site.sessions.read(fake_site.id_hash) is None


@pytest.mark.parametrize("rotate", [False, True])
def test_six_months_after_consent_the_login_has_ended(
    fake_site: FakeSite, clock: time_machine.Traveller, knobs: Knobs, rotate: bool
) -> None:
    knobs.rotate_refresh_tokens = rotate
    clock.shift(29 * 86_400)
    fake_site.request().access_token(Deadline(PATIENCE))
    for _ in range(6):  # visits keep the session itself alive
        fake_site.sessions.change(fake_site.id_hash, {})
        clock.shift(29 * 86_400)

    with pytest.raises(LoginEnded) as caught:
        fake_site.request().access_token(Deadline(PATIENCE))
    assert caught.value.message == "invalid_grant"


def test_a_failed_renewal_keeps_the_old_token_for_the_next_try(
    fake_site: FakeSite, clock: time_machine.Traveller, knobs: Knobs
) -> None:
    before = fake_site.values()
    clock.shift(HOUR)
    knobs.faults["/accounts/api/token"] = Fault(drop=True, times=1)

    with pytest.raises(NoAnswer):
        fake_site.request().access_token(Deadline(PATIENCE))

    assert fake_site.values() == before
    assert fake_site.request().access_token(Deadline(PATIENCE)) == fake_site.values()["token"]["access_token"]


def test_a_renewal_that_another_request_never_finishes_is_not_waited_for_forever(
    fake_site: FakeSite, clock: time_machine.Traveller
) -> None:
    clock.shift(HOUR)
    assert leases._take(fake_site.store, f"refresh:{fake_site.id_hash}")

    with pytest.raises(NoAnswer, match="still renewing"):
        fake_site.request().access_token(Deadline(0.05))
    assert fake_site.token_calls() == []
