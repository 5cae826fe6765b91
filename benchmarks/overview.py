"""The overview: cold against round trips, warm against a bare page, connections against calls in flight."""

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import requests

from app.sandbox import Call, Knobs, SandboxServer
from benchmarks.load import requests_per_second
from benchmarks.rounds import LATENCY, in_sequence, visits_to
from benchmarks.servers import cookies, environment, free_port, gunicorn, login, sandbox
from benchmarks.table import Figure

OWN_SECONDS = 0.060
COLD_RUNS = 9
PAIRS = 5
LOAD_SECONDS = 3.0
PROMISED_TRIPS = 2
TUTORIAL_TRACKS = 18


def cold_overview(folder: Path) -> list[Figure]:
    """A first visit's page with 150 ms on every call, and the way the tutorials fetch the same."""
    with visits_to("/your-music", folder) as visits:
        took, calls = visits.cold(COLD_RUNS)
        tutorial, tutorial_trips = _tutorial_way(visits.spotify, visits.knobs)
    trips = max(in_sequence(call) for call in calls)
    own = took - trips * LATENCY
    connections, most_at_once = _connections(calls)
    return [
        Figure(
            "cold overview: round trips in sequence",
            str(trips),
            f"<= {PROMISED_TRIPS}",
            trips <= PROMISED_TRIPS,
        ),
        Figure(
            "cold overview: our own time beside them",
            f"{own * 1000:.0f} ms (page {took * 1000:.0f} ms)",
            f"<= {OWN_SECONDS * 1000:.0f} ms",
            own <= OWN_SECONDS,
        ),
        Figure(
            "the tutorial way / cold overview",
            f"{tutorial / took:.1f} x ({tutorial_trips} trips in sequence, {tutorial * 1000:.0f} ms)",
            "printed",
        ),
        Figure(
            "connections opened / calls in flight at once",
            f"{connections} / {most_at_once} = {connections / most_at_once:.2f}",
            "<= 1",
            connections <= most_at_once,
        ),
    ]


def warm_overview(folder: Path) -> list[Figure]:
    """The same page when everything is kept, against a bare Flask page with the same template."""
    folder.mkdir(parents=True)
    port, bare_port = free_port(), free_port()
    home = f"http://127.0.0.1:{port}"
    with sandbox(home, Knobs()) as spotify:
        environ = environment(folder, port, spotify)
        with (
            gunicorn("app:create_app()", port, environ),
            gunicorn("benchmarks.bare_page:create_bare()", bare_port, environ) as bare,
        ):
            browser = login(home)
            browser.get(f"{home}/your-music", timeout=30).raise_for_status()
            before = len(spotify.calls)
            headers = cookies(browser, home)
            ours, theirs = [], []
            for _ in range(PAIRS):
                ours.append(requests_per_second(home, "/your-music", headers, LOAD_SECONDS))
                theirs.append(requests_per_second(bare.home, "/your-music", headers, LOAD_SECONDS))
            calls = len(spotify.calls) - before
    ratio = median(a / b for a, b in zip(ours, theirs, strict=True))
    return [
        Figure("warm overview: upstream calls", str(calls), "0", calls == 0),
        Figure(
            "warm overview / bare page, requests a second",
            f"{ratio:.2f} ({median(ours):.0f} / {median(theirs):.0f})",
            ">= 0.33",
            ratio >= 1 / 3,
        ),
    ]


def _connections(runs: Sequence[Sequence[Call]]) -> tuple[int, int]:
    """How many connections carried the calls of all runs, and how many calls were in flight at once."""
    every = [call for run in runs for call in run]
    at_once = max(sum(other.started <= call.started < other.ended for other in every) for call in every)
    return len({call.connection for call in every}), at_once


def _tutorial_way(spotify: SandboxServer, knobs: Knobs) -> tuple[float, int]:
    """Profile, artists, tracks, then each track's audio features, one call after another."""
    knobs.audio_features_open = True
    token = next(
        call.headers["Authorization"]
        for call in spotify.calls
        if "Bearer" in call.headers.get("Authorization", "")
    )
    headers = {"Authorization": token}

    def ask(path: str) -> dict[str, list[dict[str, str]]]:
        answer = requests.get(f"{spotify.api_url}{path}", headers=headers, timeout=30)
        answer.raise_for_status()
        found: dict[str, list[dict[str, str]]] = answer.json()
        return found

    before, began = len(spotify.calls), time.monotonic()
    ask("/me")
    ask("/me/top/artists?limit=20")
    for track in ask(f"/me/top/tracks?limit={TUTORIAL_TRACKS}")["items"]:
        ask(f"/audio-features?ids={track['id']}")
    return time.monotonic() - began, in_sequence(spotify.calls[before:])
