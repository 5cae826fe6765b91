"""Live plays: what a round costs by itself, how long one of many accounts takes on one worker, and how long
pages take meanwhile.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import Any

import requests
from sqlalchemy import update

from app.config import read_config
from app.site import Site, build_site
from app.spotify.oauth import Token
from app.store.accounts import find_or_add_account
from app.store.history import stale_mark
from app.store.sync import switch_on
from app.store.tables import account
from benchmarks.batches import long_history
from benchmarks.export import END, export
from benchmarks.hanging import Waits
from benchmarks.history import Home
from benchmarks.servers import ROOT, free_port, gunicorn, resident
from benchmarks.table import Figure, show

ROWS, PLAYS, ROUNDS = 1_000_000, 20, 200
ACCOUNTS, LATENCY = 10_000, 0.1  # seconds
# Seconds of a play, and until somebody listens again: the rounds together stay in the past.
LENGTH, PAUSE = 240, 2400
PROMISED, PROMISED_PAGES, FLAT = 0.150, 0.100, 5.0  # seconds, seconds, MB
PAGES = ("/history.json", "/healthz")
QUIET, BETWEEN = 10.0, 0.1  # seconds


class _Spotify:
    """A Web API that answers recently played, so many seconds later, with plays that go on."""

    def __init__(self, latency: float, plays: int) -> None:
        spotify = self
        self.moment = END

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                time.sleep(latency)
                body = json.dumps({"items": spotify.items(plays), "cursors": None}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def items(self, plays: int) -> list[dict[str, Any]]:
        """The next plays, each of another track of a thousand."""
        found = []
        self.moment += PAUSE
        for _ in range(plays):
            self.moment += LENGTH
            number = self.moment // LENGTH % 1000
            moment = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(self.moment))
            track = {
                "id": f"{number:022}",
                "name": f"Live {number}",
                "artists": [{"name": f"Artist {number % 100}"}],
                "album": {"name": f"Album {number % 300}"},
                "duration_ms": 200_000,
            }
            found.append({"played_at": moment, "track": track})
        return found[::-1]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def sync(folder: Path, accounts: int = ACCOUNTS) -> list[Figure]:
    """All of it."""
    return [*rounds(folder / "rounds"), *everybody(folder / "everybody", accounts)]


def rounds(folder: Path) -> list[Figure]:
    """A round that adds plays to a long history, over and over."""
    spotify = _Spotify(0.0, PLAYS)
    site = _site(folder, spotify)
    account_id = long_history(site.store, ROWS)
    with site.store.writing() as connection:
        connection.execute(update(account).where(account.c.id == account_id).values(service="spotify"))
    _switch_on(site, account_id)
    syncer, took, memory = site.syncer(), [], []
    for _ in range(ROUNDS):
        began = time.process_time()
        result = syncer.round(account_id)
        took.append(time.process_time() - began)
        memory.append(resident(os.getpid()) / 1024)
        if result is None or result.added != PLAYS or stale_mark(site.store, account_id) is not None:
            raise RuntimeError(f"a round brought {result}")
    spotify.close()
    site.close()
    grown = median(memory[-20:]) - median(memory[20:40])
    return [
        Figure(
            f"a round that adds {PLAYS} plays to {ROWS:,}: computing",
            f"{median(took) * 1000:.0f} ms (the slowest {max(took) * 1000:.0f} ms)",
            f"< {PROMISED * 1000:.0f} ms",
            median(took) < PROMISED,
        ),
        Figure(f"memory over {ROUNDS} rounds", f"{grown:+.1f} MB", f"± {FLAT:.0f} MB", abs(grown) <= FLAT),
    ]


def everybody(folder: Path, accounts: int) -> list[Figure]:
    """A round of many accounts, on one worker, and the pages of a site on the same database."""
    spotify = _Spotify(LATENCY, 0)
    site = _site(folder, spotify)
    for number in range(accounts):
        _switch_on(site, find_or_add_account(site.store, "spotify", f"listener{number}", None))
    port = free_port()
    environ = {**os.environ, **_environ(spotify), "INSTANCE": str(folder), "PORT": str(port)}
    with gunicorn("app:create_app()", port, environ) as home:
        reader = _with_history(home.home, folder)
        with _reading(reader, home.home) as before:
            time.sleep(QUIET)
        with _reading(reader, home.home) as meanwhile:
            began = time.monotonic()
            # A process of its own, as a worker is.
            command = [sys.executable, "run.py", "sync"]
            subprocess.run(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, check=True)
            took = time.monotonic() - began
    calls = site.services.calls_today("spotify")
    spotify.close()
    site.close()
    return [
        Figure(
            f"a round of {accounts:,} accounts, {LATENCY * 1000:.0f} ms a call, one worker",
            f"{took:.0f} s, {calls / accounts:.2f} calls each: {24 * calls:,} a day",
            "1 call each, within the hour",
            took < 3600 * accounts / ACCOUNTS and calls == accounts,
        ),
        *(_pages(page, before, meanwhile) for page in PAGES),
    ]


@contextmanager
def _reading(reader: requests.Session, home: str) -> Iterator[Waits]:
    """Somebody who loads pages, ten times a second, as long as the block lasts."""
    waits, over = Waits(), Event()

    def read() -> None:
        while not over.wait(BETWEEN):
            for page in PAGES:
                waits.get(page, reader, home + page).raise_for_status()

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read)
        try:
            yield waits
        finally:
            over.set()
            reading.result()


def _with_history(home: str, folder: Path) -> requests.Session:
    file, reader = folder / "export.zip", requests.Session()
    export(file, rows=2000, files=1)
    Home(home, 0, folder).upload(reader, file)
    return reader


def _pages(page: str, before: Waits, meanwhile: Waits) -> Figure:
    quiet, busy = (waits.figures(page)[1] for waits in (before, meanwhile))
    return Figure(
        f"meanwhile, `{page}`, p95",
        f"{busy * 1000:.0f} ms (before it {quiet * 1000:.0f})",
        f"< {PROMISED_PAGES * 1000:.0f} ms",
        busy < PROMISED_PAGES,
    )


def _site(folder: Path, spotify: _Spotify) -> Site:
    return build_site(read_config(_environ(spotify), instance=folder))


def _environ(spotify: _Spotify) -> dict[str, str]:
    return {
        "SECRET_KEY": "a key of the benchmarks alone",
        "SPOTIFY_CLIENT_ID": "benchmark-client",
        "SPOTIFY_CLIENT_SECRET": "benchmark-secret-0123456789",
        "SPOTIFY_API_URL": spotify.url,
        "SPOTIFY_DAILY_CALLS": "999999999",
        "DEMO": "0",
    }


def _switch_on(site: Site, account_id: int) -> None:
    """Not due soon, so that nobody asks unless told to."""
    now = time.time()
    token = Token("access", "refresh", now + 86_400, now, "user-read-recently-played")
    switch_on(site.store, account_id, site.sync_tokens.encrypt(token.as_values()), now, now + 86_400)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        show(sync(Path(name)))
