"""A large library read for the first time: how long beside the calls themselves, and with how much memory."""

import time
from pathlib import Path

from app.sandbox import Knobs
from benchmarks.servers import environment, free_port, gunicorn, login, sandbox
from benchmarks.table import Figure

TRACKS, PAGE, AT_ONCE, LATENCY = 10_000, 50, 4, 0.100
PROMISED = 1.3  # of the time that the calls take by themselves
PROMISED_MEGABYTES = 150
POLL = 0.1


def library(folder: Path) -> list[Figure]:
    """Reads 10,000 saved tracks through calls of 100 ms each, then draws them as JSON, CSV and a page."""
    folder.mkdir(parents=True)
    port, knobs = free_port(), Knobs(library_size=TRACKS)
    home = f"http://127.0.0.1:{port}"
    with (
        sandbox(home, knobs) as spotify,
        gunicorn("app:create_app()", port, environment(folder, port, spotify)) as site,
    ):
        browser = login(home)
        browser.get(f"{home}/your-music", timeout=30).raise_for_status()
        before, knobs.latency = site.peak_megabytes(), LATENCY
        began = time.monotonic()
        while browser.get(f"{home}/library/progress.json", timeout=30).json()["state"] != "done":
            time.sleep(POLL)
        took = time.monotonic() - began
        asked = [call for call in spotify.calls if call.path == "/v1/me/tracks"]
        began = time.monotonic()
        tracks = len(browser.get(f"{home}/library.json", timeout=60).json()["tracks"])
        json_took = time.monotonic() - began
        browser.get(f"{home}/library.csv", timeout=60).raise_for_status()
        browser.get(f"{home}/library", timeout=60).raise_for_status()
        peak = site.peak_megabytes()
    alone = TRACKS / PAGE / AT_ONCE * LATENCY
    return [
        Figure(
            f"library of {TRACKS:,}, 100 ms a call: time / the calls alone",
            f"{took / alone:.2f} x ({took:.1f} s, {len(asked)} calls, {tracks:,} tracks)",
            f"<= {PROMISED} x",
            took <= PROMISED * alone and tracks == TRACKS and len(asked) == TRACKS // PAGE,
        ),
        Figure(
            "library: the site's processes at their peak, JSON, CSV and page included",
            f"{peak:.0f} MB ({before:.0f} MB before; JSON {json_took * 1000:.0f} ms)",
            f"<= {PROMISED_MEGABYTES} MB",
            peak <= PROMISED_MEGABYTES,
        ),
    ]
