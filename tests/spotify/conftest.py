"""One server to ask: its address is answered by `responses`, or by a raw socket that misbehaves."""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

import pytest

from app.spotify.http import Connections, Http

API = "https://api.spotify.test/v1"
PATIENCE = 10.0


class Waits(list[float]):
    """Stands in for `time.sleep`: notes how long it was asked to wait."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@dataclass
class FakeGate:
    """A gate that remembers what it was told; `parts` are closed alone."""

    closed_until: float | None = None
    begun: list[float] = field(default_factory=list)
    parts: dict[str, float] = field(default_factory=dict)

    def until(self, part: str = "") -> float | None:
        return self.closed_until or self.parts.get(part)

    def begin(self, until: float, why: str, part: str = "") -> None:
        assert "Bearer" not in why
        self.begun.append(until)
        if part:
            self.parts[part] = until
        else:
            self.closed_until = until


@dataclass
class RawServer:
    """A server made of bytes. `requests` holds what each connection sent first."""

    url: str
    closing: Event
    requests: list[bytes] = field(default_factory=list)


Answer = Callable[[socket.socket, Event], None]


@contextmanager
def raw_server(answer: Answer) -> Iterator[RawServer]:
    """Answers every connection with `answer(connection, closing)`, in threads of its own."""
    closing, threads = Event(), list[Thread]()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = RawServer(f"http://127.0.0.1:{listener.getsockname()[1]}", closing)

        def talk(connection: socket.socket) -> None:
            with connection:
                connection.settimeout(PATIENCE)
                try:
                    server.requests.append(connection.recv(65536))
                    answer(connection, closing)
                except OSError:
                    return  # the client has had enough

        def listen() -> None:
            while True:
                connection, _ = listener.accept()
                if closing.is_set():
                    connection.close()
                    return
                threads.append(Thread(target=talk, args=(connection,)))
                threads[-1].start()

        listening = Thread(target=listen)
        listening.start()
        try:
            yield server
        finally:
            closing.set()
            socket.create_connection(listener.getsockname()).close()
            for thread in [listening, *threads]:
                thread.join(PATIENCE)


def says(head: str, body: bytes = b"") -> Answer:
    """Sends these headers and this body, then hangs up."""

    def answer(connection: socket.socket, _closing: Event) -> None:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)

    return answer


@pytest.fixture
def connections() -> Iterator[Connections]:
    connections = Connections()
    yield connections
    connections.close()


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def gate() -> FakeGate:
    return FakeGate()


@pytest.fixture
def http(connections: Connections, gate: FakeGate, waits: Waits) -> Http:
    """Spotify's Web API, far away."""
    return Http("spotify", API, connections, gate, waits)


@pytest.fixture
def raw(
    connections: Connections, waits: Waits
) -> Callable[[Answer], AbstractContextManager[tuple[Http, RawServer]]]:
    """An Http that talks to a raw server."""

    @contextmanager
    def talking_to(answer: Answer) -> Iterator[tuple[Http, RawServer]]:
        with raw_server(answer) as server:
            yield Http("spotify", server.url, connections, None, waits), server

    return talking_to
