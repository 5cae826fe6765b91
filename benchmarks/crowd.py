"""One stranger with ten million plays asks for sixteen ranges at once: memory, and what others wait.

Memory is the proportional share (PSS) of each web process, looked at twenty times a second.
"""

import http.client
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from app.sandbox import Knobs
from app.sessions import LOCAL_ACCOUNT, Sessions
from app.store.engine import Store
from app.store.migrate import migrate
from benchmarks.batches import long_history
from benchmarks.servers import environment, free_port, gunicorn, processes, sandbox
from benchmarks.table import Figure, show

ROWS = 10_000_000
AT_ONCE = 16
RANGES = [f"/history.json?from=2016-{1 + at % 12:02}-01&to=2026-0{1 + at // 2}-01" for at in range(AT_ONCE)]
PROMISED_MEGABYTES, PROMISED_OTHERS = 400, 0.3  # seconds


def crowd(folder: Path, rows: int = ROWS) -> list[Figure]:
    """The figures, on a site with two workers of eight threads."""
    port = free_port()
    with sandbox(f"http://127.0.0.1:{port}", Knobs()) as spotify:
        environ = environment(folder, port, spotify)
        store = Store(environ["DATABASE_URL"])
        migrate(store)
        account_id = long_history(store, rows)
        cookie = Sessions(store, environ["SECRET_KEY"]).begin({LOCAL_ACCOUNT: account_id})
        store.close()
        with gunicorn("app:create_app()", port, environ, workers=2, threads=8) as site:
            return _figures(site.home, site.pid, cookie, rows)


def _figures(home: str, pid: int, cookie: str, rows: int) -> list[Figure]:
    over = threading.Event()
    peaks: dict[int, float] = {}
    others: list[float] = []
    watching = [
        threading.Thread(target=_watch, args=(pid, peaks, over)),
        threading.Thread(target=_visit, args=(home, others, over)),
    ]
    for thread in watching:
        thread.start()
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = Counter(pool.map(lambda path: _ask(home, path, cookie), RANGES))
    took = time.monotonic() - began
    over.set()
    for thread in watching:
        thread.join()
    peak, p95 = max(peaks.values()), sorted(others)[int(0.95 * (len(others) - 1))]
    counted = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
    return [
        Figure(
            f"{AT_ONCE} ranges of {rows:,} plays at once ({counted} in {took:.1f} s): the larger web process",
            f"{peak:.0f} MB",
            f"< {PROMISED_MEGABYTES} MB",
            peak < PROMISED_MEGABYTES,
        ),
        Figure(
            "meanwhile somebody else's landing page, p95",
            f"{p95 * 1000:.0f} ms",
            f"< {PROMISED_OTHERS * 1000:.0f} ms",
            p95 < PROMISED_OTHERS,
        ),
    ]


def _ask(home: str, path: str, cookie: str = "") -> int:
    connection = http.client.HTTPConnection(urlsplit(home).netloc, timeout=300)
    connection.request("GET", path, headers={"Cookie": f"liner_notes={cookie}"} if cookie else {})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def _watch(pid: int, peaks: dict[int, float], over: threading.Event) -> None:
    while not over.wait(0.05):
        for process in processes(pid)[1:]:
            try:
                shares = Path(f"/proc/{process}/smaps_rollup").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            share = int(shares.partition("\nPss:")[2].split()[0]) / 1024
            peaks[process] = max(peaks.get(process, 0.0), share)


def _visit(home: str, others: list[float], over: threading.Event) -> None:
    while not over.wait(0.1):
        began = time.monotonic()
        _ask(home, "/")
        others.append(time.monotonic() - began)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        show(crowd(Path(scratch), *(int(argument) for argument in sys.argv[1:])))
