"""While Spotify hangs: how long others wait, and how soon it is noticed that Spotify answers again.

Two workers with eight threads each. Twenty people who are logged in load their overview again and again, each
half a second after the last answer; beside them somebody loads, ten times a second, what needs no Spotify.
`python -m benchmarks.hanging` measures this part alone.
"""

import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import requests

from app.sandbox import Knobs
from benchmarks.export import export
from benchmarks.history import Home
from benchmarks.rounds import LATENCY, forget_answers
from benchmarks.servers import environment, free_port, gunicorn, login, sandbox
from benchmarks.table import Figure, show

PEOPLE = 20
HANGING = 10.0  # seconds that every call takes
MEASURED = 40.0  # seconds, with one cooldown in them
THINKING, BETWEEN = 0.5, 0.1
PROMISED_OTHERS, PROMISED_HEALTHZ = 0.300, 0.100
OTHERS = {"landing": "/", "static": "/static/css/theme.css", "healthz": "/healthz", "history": "/history"}


@dataclass
class Waits:
    """How many seconds each answer took, by what was asked for, and the statuses that came."""

    took: dict[str, list[float]] = field(default_factory=dict)
    statuses: dict[str, set[int]] = field(default_factory=dict)

    def get(self, name: str, browser: requests.Session, address: str) -> requests.Response:
        """Asks, and notes how long that took."""
        began = time.monotonic()
        answer = browser.get(address, timeout=60, allow_redirects=False)
        self.took.setdefault(name, []).append(time.monotonic() - began)
        self.statuses.setdefault(name, set()).add(answer.status_code)
        return answer

    def figures(self, name: str) -> tuple[float, float, float]:
        """The median, the 95th percentile and the longest."""
        took = sorted(self.took[name])
        return took[len(took) // 2], took[int(len(took) * 0.95)], took[-1]


def hanging(folder: Path) -> list[Figure]:
    """Others' waits while every call to Spotify takes ten seconds; the time to recover; many first visits."""
    folder.mkdir(parents=True)
    port, knobs = free_port(), Knobs()
    home = f"http://127.0.0.1:{port}"
    with sandbox(home, knobs) as spotify:
        environ = environment(folder, port, spotify)
        with gunicorn("app:create_app()", port, environ, workers=2, threads=8):
            people = [login(home) for _ in range(PEOPLE)]
            for person in people:
                person.get(f"{home}/your-music", timeout=30).raise_for_status()
            knobs.latency = LATENCY
            first = _first_visits(home, people, folder)
            private = _with_history(home, folder)
            _make_due(folder)
            knobs.latency = HANGING
            waits = _measure(home, people, private)
            knobs.latency = LATENCY
            recovery = _recovery(home, people[0])
    return [
        *_figures(waits),
        _first_figure(first),
        Figure("answers again: noticed after", f"{recovery:.1f} s", "printed"),
    ]


def _first_visits(home: str, people: list[requests.Session], folder: Path) -> Waits:
    """All first visits at the same moment, with a healthy Spotify."""
    forget_answers(folder / "bench.sqlite3")
    waits, start = Waits(), threading.Barrier(len(people))

    def visit(person: requests.Session) -> None:
        start.wait()
        waits.get("first visits", person, f"{home}/your-music")

    with ThreadPoolExecutor(len(people)) as threads:
        list(threads.map(visit, people))
    return waits


def _with_history(home: str, folder: Path) -> requests.Session:
    """Somebody who is not logged in, with a small history of their own."""
    file = folder / "export.zip"
    export(file, rows=2000, files=1)
    person = requests.Session()
    Home(home, 0, folder).upload(person, file)
    return person


def _make_due(folder: Path) -> None:
    with sqlite3.connect(folder / "bench.sqlite3", timeout=10) as connection:
        connection.execute("UPDATE answer SET fresh_until = 0")
    connection.close()


def _measure(home: str, people: list[requests.Session], private: requests.Session) -> Waits:
    waits, until = Waits(), time.monotonic() + MEASURED

    def again(name: str, browser: requests.Session, path: str, pause: float) -> None:
        while time.monotonic() < until:
            waits.get(name, browser, home + path)
            time.sleep(pause)

    threads = [
        threading.Thread(target=again, args=("overview", person, "/your-music", THINKING))
        for person in people
    ]
    for name, path in OTHERS.items():
        browser = private if name == "history" else requests.Session()
        threads.append(threading.Thread(target=again, args=(name, browser, path, BETWEEN)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waits


def _recovery(home: str, person: requests.Session) -> float:
    began = time.monotonic()
    while "stale" in person.get(f"{home}/your-music.json", timeout=60).json():
        time.sleep(0.2)
    return time.monotonic() - began


def _figures(waits: Waits) -> Iterator[Figure]:
    for name in (*OTHERS, "overview"):
        middle, most, longest = waits.figures(name)
        promised = PROMISED_HEALTHZ if name == "healthz" else PROMISED_OTHERS
        yield Figure(
            f"Spotify hangs: {name}, p95",
            f"{most * 1000:.0f} ms (p50 {middle * 1000:.0f}, longest {longest * 1000:.0f}, "
            f"{len(waits.took[name])} answers, {sorted(waits.statuses[name])})",
            f"<= {promised * 1000:.0f} ms",
            most <= promised,
        )


def _first_figure(waits: Waits) -> Figure:
    middle, _, longest = waits.figures("first visits")
    statuses = waits.statuses["first visits"]
    return Figure(
        f"{PEOPLE} first visits at once, a healthy Spotify",
        f"p50 {middle * 1000:.0f} ms, longest {longest * 1000:.0f} ms, {sorted(statuses)}",
        "all 200",
        statuses == {200},
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        show(hanging(Path(place) / "hanging"))
