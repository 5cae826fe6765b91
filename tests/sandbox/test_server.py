"""The sandbox over HTTP: keep-alive, recorded calls, latency, faults, a quick close."""

import time
from collections.abc import Iterator
from threading import Event, Thread

import pytest
import requests

from app.sandbox import Client, Fault, Knobs, SandboxServer, create_sandbox, serve

APP = Client("liner-notes", "s3cret", ("http://127.0.0.1:5000/callback",))
TOKEN_FORM = {"grant_type": "client_credentials"}
BASIC = (APP.id, APP.secret)


@pytest.fixture
def knobs() -> Knobs:
    return Knobs()


@pytest.fixture
def server(knobs: Knobs) -> Iterator[SandboxServer]:
    with serve(create_sandbox([APP], knobs=knobs)) as running:
        yield running


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as one:
        yield one


def _token(server: SandboxServer, session: requests.Session) -> requests.Response:
    return session.post(f"{server.accounts_url}/api/token", data=TOKEN_FORM, auth=BASIC, timeout=5)


def test_calls_of_one_session_share_a_connection(server: SandboxServer, session: requests.Session) -> None:
    for _ in range(3):
        assert _token(server, session).status_code == 200
    session.get(f"{server.api_url}/me", timeout=5)
    with requests.Session() as other:
        other.get(f"{server.api_url}/me", timeout=5)

    connections = [call.connection for call in server.calls]
    assert len(set(connections[:4])) == 1
    assert connections[4] != connections[0]


def test_an_unread_body_does_not_spoil_the_next_request(
    server: SandboxServer, session: requests.Session
) -> None:
    session.post(f"{server.api_url}/no/such/thing", data=b"x" * 100_000, timeout=5)

    assert _token(server, session).status_code == 200
    assert len({call.connection for call in server.calls}) == 1


def test_the_longest_prefix_wins_and_others_are_untouched(
    server: SandboxServer, knobs: Knobs, session: requests.Session
) -> None:
    knobs.faults = {"/v1": Fault(503), "/v1/me/top": Fault(502, b"\xff\x00")}

    assert session.get(f"{server.api_url}/me/top/tracks", timeout=5).content == b"\xff\x00"
    assert session.get(f"{server.api_url}/me", timeout=5).status_code == 503
    assert _token(server, session).status_code == 200


def test_a_dropped_connection_gets_no_answer_once(
    server: SandboxServer, knobs: Knobs, session: requests.Session
) -> None:
    knobs.faults["/accounts/api/token"] = Fault(drop=True, times=1)

    with pytest.raises(requests.ConnectionError):
        _token(server, session)

    assert _token(server, session).status_code == 200
    assert [call.status for call in server.calls] == [0, 200]


def test_closing_does_not_wait_for_hanging_faults_or_open_connections() -> None:
    knobs = Knobs(faults={"/v1/me": Fault(hang=60, drop=True)})
    server = serve(create_sandbox([APP], knobs=knobs))
    asked = Event()

    def hang() -> None:
        asked.set()
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{server.api_url}/me", timeout=30)

    with requests.Session() as kept:
        _token(server, kept)
        caller = Thread(target=hang)
        caller.start()
        asked.wait(5)
        before = time.monotonic()
        server.close()
        server.close()
        assert time.monotonic() - before < 20
        caller.join(5)
        assert not caller.is_alive()
        with pytest.raises(requests.ConnectionError):
            _token(server, kept)


def test_a_client_that_hangs_up_harms_nobody(
    server: SandboxServer, knobs: Knobs, session: requests.Session, capfd: pytest.CaptureFixture[str]
) -> None:
    knobs.faults["/v1/me"] = Fault(hang=0.2, passing=True, times=1)
    with pytest.raises(requests.Timeout):
        requests.get(f"{server.api_url}/me", timeout=0.05)

    assert _token(server, session).status_code == 200
    assert capfd.readouterr().err == ""
