"""Round trips: how many upstream calls had to wait for one another, on a visit for which nothing is kept."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import requests

from app.sandbox import Call, Knobs, SandboxServer
from benchmarks.servers import environment, free_port, gunicorn, login, sandbox

LATENCY = 0.150  # seconds, on every upstream call


@dataclass
class Visits:
    """Somebody logged in at a site whose every upstream call takes `LATENCY`."""

    spotify: SandboxServer
    knobs: Knobs
    browser: requests.Session
    address: str
    database: Path

    def cold(self, runs: int) -> tuple[float, list[list[Call]]]:
        """Visits the page with nothing kept: the median of the seconds, and each visit's upstream calls."""
        took, calls = [], []
        for _ in range(runs):
            forget_answers(self.database)
            before, began = len(self.spotify.calls), time.monotonic()
            self.browser.get(self.address, timeout=30).raise_for_status()
            took.append(time.monotonic() - began)
            calls.append(self.spotify.calls[before:])
        return median(took), calls

    def warm(self) -> int:
        """Visits the page with everything kept: how many upstream calls that made."""
        before = len(self.spotify.calls)
        self.browser.get(self.address, timeout=30).raise_for_status()
        return len(self.spotify.calls) - before


@contextmanager
def visits_to(path: str, folder: Path) -> Iterator[Visits]:
    """A site that has learned already that Spotify's audio features are closed to it."""
    folder.mkdir(parents=True)
    port, knobs = free_port(), Knobs()
    home = f"http://127.0.0.1:{port}"
    with (
        sandbox(home, knobs) as spotify,
        gunicorn("app:create_app()", port, environment(folder, port, spotify)),
    ):
        visits = Visits(spotify, knobs, login(home), home + path, folder / "bench.sqlite3")
        visits.warm()
        knobs.latency = LATENCY
        yield visits


def in_sequence(calls: Sequence[Call]) -> int:
    """The longest chain of calls in which each began after the one before had ended."""
    trips, ended = 0, 0.0
    for call in sorted(calls, key=lambda call: call.ended):
        if call.started >= ended:
            trips, ended = trips + 1, call.ended
    return trips


def forget_answers(database: Path) -> None:
    """Makes the next visit a first one: nothing kept, and nobody knows whose session it is."""
    with sqlite3.connect(database, timeout=10) as connection:
        connection.execute("DELETE FROM answer")
        connection.execute("DELETE FROM audio_features")
        connection.execute("UPDATE session SET account_id = NULL")
    connection.close()
