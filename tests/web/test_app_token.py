"""The app's own token: one for all processes, fetched before the old one expires, and kept out of sight."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace
from typing import cast

import pytest
import time_machine
from sqlalchemy import select

from app.deadline import Deadline
from app.login import AppLogin
from app.sandbox import Call, Fault, Knobs, SandboxServer
from app.services import Service
from app.spotify.client import CatalogueClient
from app.spotify.errors import NoAnswer
from app.spotify.http import Connections, Http
from app.spotify.oauth import OAuth
from app.store.engine import Store
from app.store.tables import stored_token
from app.tokens import TokenStore
from tests.conftest import CLIENT, on_both_databases

pytestmark = on_both_databases


PATIENCE = 10.0
HOUR = 3600.0
SECRET = "a secret key for tests only"


class Worker:
    """What one process has of its own: its store, its token store, its connections."""

    def __init__(self, database_url: str, server: SandboxServer, secret_key: str = SECRET) -> None:
        self.store = Store(database_url)
        self.connections = Connections()
        accounts = Http("accounts", server.accounts_url, self.connections)
        oauth = OAuth(f"{server.accounts_url}/authorize", accounts, CLIENT.id, CLIENT.secret)
        self.api = Http("spotify", server.api_url, self.connections)
        self.service = cast(Service, SimpleNamespace(name="spotify", oauth=oauth))
        self.token_store = TokenStore(self.store, secret_key)

    def login(self) -> AppLogin:
        """The login as one request sees it."""
        return AppLogin(self.store, self.token_store, self.service)

    def token(self) -> str:
        return self.login().access_token(Deadline(PATIENCE))

    def close(self) -> None:
        self.connections.close()
        self.store.close()


@pytest.fixture
def workers(store: Store, database_url: str, spotify: SandboxServer) -> Iterator[list[Worker]]:
    """Three processes' worth of parts on one database."""
    assert store  # it has brought the database up to date
    three = [Worker(database_url, spotify) for _ in range(3)]
    yield three
    for worker in three:
        worker.close()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False) as traveller:
        yield traveller


def grants(spotify: SandboxServer) -> list[Call]:
    return [call for call in spotify.calls if call.path.endswith("/api/token")]


def test_of_many_requests_in_several_processes_one_fetches_the_token(
    workers: list[Worker], spotify: SandboxServer
) -> None:
    start = Barrier(12)

    def ask(worker: Worker) -> str:
        start.wait(PATIENCE)
        return worker.token()

    with ThreadPoolExecutor(12) as threads:
        answers = [threads.submit(ask, worker) for worker in workers * 4]

    assert len({answer.result() for answer in answers}) == 1
    (call,) = grants(spotify)
    assert call.form == {"grant_type": "client_credentials"}


def test_the_token_is_good_until_a_minute_before_it_expires(
    workers: list[Worker], spotify: SandboxServer, clock: time_machine.Traveller
) -> None:
    first, second, _ = workers
    token = first.token()

    clock.shift(HOUR - 60.1)
    assert second.token() == token
    clock.shift(0.2)
    renewed = second.token()

    assert renewed != token
    assert first.token() == renewed
    assert len(grants(spotify)) == 2


def test_a_token_that_lives_half_a_minute_is_good_for_half_of_that(
    workers: list[Worker], knobs: Knobs, clock: time_machine.Traveller
) -> None:
    knobs.access_token_seconds = 30
    first, second, _ = workers
    token = first.token()

    clock.shift(14)
    assert second.token() == token
    clock.shift(2)
    assert second.token() != token


def test_however_many_find_it_rejected_it_is_fetched_once(
    workers: list[Worker], spotify: SandboxServer
) -> None:
    rejected = workers[0].token()
    start = Barrier(9)

    def ask(worker: Worker) -> str:
        start.wait(PATIENCE)
        return worker.login().renewed(rejected, Deadline(PATIENCE))

    with ThreadPoolExecutor(9) as threads:
        answers = [threads.submit(ask, worker) for worker in workers * 3]

    (renewed,) = {answer.result() for answer in answers}
    assert renewed != rejected
    assert len(grants(spotify)) == 2


def test_a_call_that_is_not_let_in_is_repeated_with_a_new_token(
    workers: list[Worker], spotify: SandboxServer, knobs: Knobs
) -> None:
    knobs.faults["/v1/search"] = Fault(status=401, times=1)
    worker = workers[0]

    CatalogueClient(worker.api, worker.login(), Deadline(PATIENCE)).search("love", ["track"])

    searches = [call for call in spotify.calls if call.path == "/v1/search"]
    assert len({call.headers["Authorization"] for call in searches}) == len(searches) == 2
    assert len(grants(spotify)) == 2


def test_a_failure_is_not_kept(workers: list[Worker], knobs: Knobs) -> None:
    knobs.faults["/accounts/api/token"] = Fault(drop=True, times=1)

    with pytest.raises(NoAnswer):
        workers[0].token()

    assert workers[1].token()


def test_the_token_lies_sealed_and_another_key_cannot_open_it(
    workers: list[Worker], database_url: str, spotify: SandboxServer
) -> None:
    token = workers[0].token()
    with workers[0].store.reading() as connection:
        (row,) = connection.execute(select(stored_token)).all()
    assert token.encode() not in row.encrypted
    assert token not in row.name

    stranger = Worker(database_url, spotify, "another secret key for tests")
    assert stranger.token() != token
    stranger.close()


def test_it_has_nothing_to_renew_it_with(workers: list[Worker]) -> None:
    before = time.time()
    workers[0].token()

    with workers[0].store.reading() as connection:
        (name,) = connection.scalars(select(stored_token.c.name)).all()
    kept = workers[0].token_store.read(name)
    assert kept is not None
    assert kept["refresh_token"] is None
    assert kept["expires_at"] >= before + HOUR
