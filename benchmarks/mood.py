"""The mood page: three ranges compared, in the round trips that one range takes."""

import time
from pathlib import Path
from statistics import median

from app.sandbox import Knobs
from benchmarks.rounds import LATENCY, forget_answers, in_sequence
from benchmarks.servers import environment, free_port, gunicorn, login, sandbox
from benchmarks.table import Figure

COLD_RUNS = 5
PROMISED_TRIPS = 2
ONE_RANGE = 4  # profile, one list, and two of ReccoBeats' batches for its fifty tracks
PROMISED_EXTRA = 3


def mood(folder: Path) -> list[Figure]:
    """The page with nothing kept, then again with everything kept."""
    folder.mkdir(parents=True)
    port, knobs = free_port(), Knobs()
    home = f"http://127.0.0.1:{port}"
    with (
        sandbox(home, knobs) as spotify,
        gunicorn("app:create_app()", port, environment(folder, port, spotify)),
    ):
        browser = login(home)
        browser.get(f"{home}/mood", timeout=30)  # learns that Spotify's audio features are closed
        knobs.latency = LATENCY
        took, calls = [], []
        for _ in range(COLD_RUNS):
            forget_answers(folder / "bench.sqlite3")
            before, began = len(spotify.calls), time.monotonic()
            browser.get(f"{home}/mood", timeout=30).raise_for_status()
            took.append(time.monotonic() - began)
            calls.append(spotify.calls[before:])
        before = len(spotify.calls)
        browser.get(f"{home}/mood", timeout=30).raise_for_status()
        warm = len(spotify.calls) - before
    trips, extra = max(in_sequence(one) for one in calls), max(map(len, calls)) - ONE_RANGE
    return [
        Figure(
            "cold mood page: round trips in sequence",
            f"{trips} (page {median(took) * 1000:.0f} ms)",
            f"<= {PROMISED_TRIPS}",
            trips <= PROMISED_TRIPS,
        ),
        Figure(
            "cold mood page: calls beyond those of one range",
            str(extra),
            f"<= {PROMISED_EXTRA}",
            extra <= PROMISED_EXTRA,
        ),
        Figure("warm mood page: upstream calls", str(warm), "0", warm == 0),
    ]
