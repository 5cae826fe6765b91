"""Years of listening: an import beside a bare loader, its memory, its neighbours, and the pages after it.

Everything goes over HTTP to gunicorn. Memory is what all processes of the site together have resident, read
fifty times a second: pages that two of them share count twice. Each part can be called alone:
`python -m benchmarks.history import neighbours pages accounts growth adding`.
"""

import os
import re
import sqlite3
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import msgspec
import requests
from flask import Flask

from app.sandbox import Knobs
from app.web.time.all_routes import blueprint
from benchmarks.adding import adding
from benchmarks.export import export
from benchmarks.load import times
from benchmarks.servers import (
    computing,
    environment,
    free_port,
    gunicorn,
    login,
    processes,
    resident,
    sandbox,
)
from benchmarks.table import Figure, show
from tests.conftest import form_fields

ROWS, FILES = 1_000_000, 60
FEWER, FEWER_FILES = 100_000, 6
SMALL = 2_000  # rows of somebody else's history
ACCOUNTS = 10
RUNS = 3
POLL, LOOK = 0.1, 0.02  # seconds
PATIENCE = 300.0
ZONES = ("UTC", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe")
PRESETS = ("4w", "6m", "year", "last_year", "all")
CUSTOM = ({"from": "2019-03-10", "to": "2021-10-31"}, {"from": "2015-01-01"}, {"to": "2024-02-29"})
TIMES_EACH = 5
QUIET_TURNS = 50
PROMISED_IMPORT, PROMISED_MEGABYTES = 2.5, 300
PROMISED_PAGE, PROMISED_CUSTOM = 0.100, 0.200  # seconds
PROMISED_GROWTH, PROMISED_PAGE_GROWTH = 11, 2
SOMETHING = ("2025", "2025-03-08", "artist", "track", "album", "artists", "tracks", "albums")
OF_PLAYS = (*(f"/top/{kind}?source=plays" for kind in ("artists", "tracks", "albums")), "/mood?source=plays")
NOT_PAGES = ("history.export", "history.report_csv", "history.import_json")


@dataclass
class Home:
    """A site under gunicorn, with the addresses of its pages."""

    address: str
    pid: int
    database: Path
    people: list[requests.Session] = field(default_factory=list)

    def newcomer(self) -> requests.Session:
        """A browser that nobody is logged in with."""
        self.people.append(requests.Session())
        return self.people[-1]

    def upload(self, person: requests.Session, file: Path) -> float:
        """Imports a file as its owner would, and waits: seconds from the click until it is done."""
        page = person.get(f"{self.address}/history/import", timeout=60)
        began = time.monotonic()
        with file.open("rb") as body:
            person.post(
                f"{self.address}/history/import",
                data={"csrf_token": form_fields(page.text)["csrf_token"]},
                files={"files": (file.name, body, "application/zip")},
                timeout=PATIENCE,
            ).raise_for_status()
        while time.monotonic() < began + PATIENCE:
            state = person.get(f"{self.address}/history/import.json", timeout=60).json()["state"]
            if state == "done":
                return time.monotonic() - began
            if state not in ("queued", "running"):
                break
            time.sleep(POLL)
        raise RuntimeError(f"the import ended as {state}")


class Memory:
    """What all processes of a site hold at once, at the most, while it is looked at."""

    def __init__(self, pid: int) -> None:
        self.megabytes = 0.0
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(LOOK):
            now = sum(resident(pid) for pid in processes(self._pid)) / 1024
            self.megabytes = max(self.megabytes, now)


@contextmanager
def home(folder: Path) -> Iterator[Home]:
    """A site with nothing in it, and a Spotify of our own for those who log in."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with (
        sandbox(address, Knobs()) as spotify,
        gunicorn("app:create_app()", port, environment(folder, port, spotify)) as site,
    ):
        yield Home(address, site.pid, folder / "bench.sqlite3")


class Play(msgspec.Struct, array_like=False, gc=False):
    """What the bare loader keeps of a row."""

    ts: str
    ms_played: int
    platform: str | None = None
    conn_country: str | None = None
    master_metadata_track_name: str | None = None
    master_metadata_album_artist_name: str | None = None
    master_metadata_album_album_name: str | None = None
    spotify_track_uri: str | None = None
    reason_start: str | None = None
    reason_end: str | None = None
    shuffle: bool | None = None
    skipped: bool | None = None
    offline: bool | None = None


def bare_loader(file: Path, database: Path) -> float:
    """Unzips, decodes and inserts, and nothing else: seconds."""
    began = time.monotonic()
    names = Play.__struct_fields__
    decoder = msgspec.json.Decoder(list[Play])
    with sqlite3.connect(database) as connection, zipfile.ZipFile(file) as archive:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"CREATE TABLE play ({', '.join(names)})")
        insert = f"INSERT INTO play VALUES ({', '.join('?' * len(names))})"  # noqa: S608 - our own names
        for name in archive.namelist():
            plays = decoder.decode(archive.read(name))
            connection.executemany(insert, map(msgspec.structs.astuple, plays))
    connection.close()
    took = time.monotonic() - began
    database.unlink()
    return took


def importing(folder: Path) -> list[Figure]:
    """The import against the bare loader, in turns, and the memory meanwhile."""
    file = _export(folder, ROWS, FILES)
    ours, bare, peaks = [], [], []
    for run in range(RUNS):
        bare.append(bare_loader(file, folder / "bare.sqlite3"))
        with home(folder / f"import{run}") as site, Memory(site.pid) as memory:
            ours.append(site.upload(site.newcomer(), file))
        peaks.append(memory.megabytes)
    ratio, peak = median(a / b for a, b in zip(ours, bare, strict=True)), max(peaks)
    return [
        Figure(
            f"import of {ROWS:,} rows / a bare loader",
            f"{ratio:.2f} x ({median(ours):.1f} s / {median(bare):.1f} s)",
            f"<= {PROMISED_IMPORT} x",
            ratio <= PROMISED_IMPORT,
        ),
        Figure(
            "import: the site's processes together, at their peak",
            f"{peak:.0f} MB",
            f"< {PROMISED_MEGABYTES} MB",
            peak < PROMISED_MEGABYTES,
        ),
    ]


def neighbours(folder: Path) -> list[Figure]:
    """What somebody else waits for a page while a large import is under way."""
    large, small = _export(folder, ROWS, FILES), _export(folder, SMALL, 2)
    with home(folder / "neighbours") as site:
        listener, other = login(site.address), site.newcomer()
        site.upload(other, small)
        paths = {"/history": other, "/history.json": other, "/your-music": listener}
        alone = _browse(site, paths, lambda turn: turn == QUIET_TURNS)
        at_work = threading.Thread(target=site.upload, args=(site.newcomer(), large))
        at_work.start()
        meanwhile = _browse(site, paths, lambda _: not at_work.is_alive())
    return [
        Figure(
            f"while somebody imports {ROWS:,} rows, somebody else's {path}, p95",
            f"{_p95(found) * 1000:.0f} ms, median {median(found) * 1000:.0f}"
            f" (before it: {_p95(alone[path]) * 1000:.0f} ms, median {median(alone[path]) * 1000:.0f})",
            f"< {PROMISED_PAGE * 1000:.0f} ms",
            _p95(found) < PROMISED_PAGE,
        )
        for path, found in meanwhile.items()
    ]


def _browse(
    site: Home, paths: Mapping[str, requests.Session], over: Callable[[int], bool]
) -> dict[str, list[float]]:
    """Opens these pages in turn, as their visitors, until it is over: the seconds of each."""
    took: dict[str, list[float]] = {path: [] for path in paths}
    turn = 0
    while not over(turn):
        turn += 1
        for path, person in paths.items():
            began = time.monotonic()
            person.get(site.address + path, timeout=60).raise_for_status()
            took[path].append(time.monotonic() - began)
        time.sleep(POLL / 2)
    return took


def pages(folder: Path) -> list[Figure]:
    """Every page at a million plays: each preset and ranges of one's own, in four time zones."""
    with home(folder / "pages") as site:
        person = site.newcomer()
        site.upload(person, _export(folder, ROWS, FILES))
        return [_page(site, person, path) for path in addresses(person, site)]


def accounts(folder: Path) -> list[Figure]:
    """Ten accounts of a million plays each against one: the same pages, side by side."""
    with home(folder / "accounts") as site:
        person = site.newcomer()
        site.upload(person, _export(folder, ROWS, FILES))
        alone = _all_time(site, person)
        _multiply(site.database)
        crowded = _all_time(site, person)
    ratio = crowded / alone
    return [
        Figure(
            f"all-time pages with {ACCOUNTS} accounts of {ROWS:,} plays (copied in SQL) / with one",
            f"{ratio:.2f} x ({crowded * 1000:.0f} ms / {alone * 1000:.0f} ms)",
            "<= 1.25 x",
            ratio <= 1.25,
        )
    ]


def growth(folder: Path) -> list[Figure]:
    """Ten times the rows: how much longer the import and the all-time pages take."""
    imports, opened = [], []
    for rows, files in ((FEWER, FEWER_FILES), (ROWS, FILES)):
        file = _export(folder, rows, files)
        took = []
        for run in range(RUNS):
            with home(folder / f"growth{rows}-{run}") as site:
                person = site.newcomer()
                took.append(site.upload(person, file))
                if run == RUNS - 1:
                    opened.append(_all_time(site, person))
        imports.append(median(took))
    longer, slower = imports[1] / imports[0], opened[1] / opened[0]
    return [
        Figure(
            f"{FEWER:,} -> {ROWS:,} rows: the import",
            f"{longer:.1f} x ({imports[0]:.1f} s -> {imports[1]:.1f} s)",
            f"<= {PROMISED_GROWTH} x",
            longer <= PROMISED_GROWTH,
        ),
        Figure(
            f"{FEWER:,} -> {ROWS:,} rows: all-time pages",
            f"{slower:.1f} x ({opened[0] * 1000:.0f} ms -> {opened[1] * 1000:.0f} ms)",
            f"<= {PROMISED_PAGE_GROWTH} x",
            slower <= PROMISED_PAGE_GROWTH,
        ),
    ]


def addresses(person: requests.Session, site: Home) -> list[str]:
    """Every page of plays that says anything, with arguments that this history has an answer to."""
    report = person.get(f"{site.address}/history.json", timeout=60).json()
    song, record = report["top_tracks"][0], report["top_albums"][0]
    query = {
        "artist": {"name": report["top_artists"][0]["name"]},
        "track": {"name": song["name"], "artist": song["artist"]},
        "album": {"name": record["name"], "artist": record["artist"]},
    }
    found = []
    for path in [*_paths(), *OF_PLAYS, *(f"/{kind}" for kind in query)]:
        wanted = query.get(path.rpartition("/")[2].partition(".")[0])
        address = f"{path}?{urlencode(wanted)}" if wanted else path
        answer = person.get(site.address + address, timeout=60, allow_redirects=False)
        if answer.status_code == 200 and answer.content:
            found.append(address)
        elif answer.status_code not in (200, 302, 404):  # older addresses lead on
            raise RuntimeError(f"{address} answered {answer.status_code}")
    return found


def _paths() -> list[str]:
    """The addresses of the blueprint's pages, with something in the place of each argument.

    Tables to be saved (CSV) are no pages: they hold every row there is.
    """
    app = Flask("addresses")
    app.register_blueprint(blueprint)
    matching = app.url_map.bind("127.0.0.1")
    found = set()
    for rule in app.url_map.iter_rules():
        pages = rule.endpoint.startswith("history.") and rule.endpoint not in NOT_PAGES
        if not pages or "GET" not in (rule.methods or ()):
            continue
        for word in SOMETHING if rule.arguments else ("",):
            path = re.sub(r"<[^>]+>", word, rule.rule)
            if matching.test(path) and matching.match(path)[0] == rule.endpoint and path[-4:] != ".csv":
                found.add(path)
    return sorted(found)


def _page(site: Home, person: requests.Session, path: str) -> Figure:
    """The p95 of each preset, and of ranges of one's own; beside the slowest, how long the site computes."""

    def asked(ranges: Sequence[dict[str, str]]) -> tuple[float, float]:
        wanted = [
            path + ("&" if "?" in path else "?") + urlencode(one | {"tz": zone})
            for one in ranges
            for zone in ZONES
        ]
        before = computing(site.pid)
        took = times(site.address, wanted, _cookie(person), TIMES_EACH)
        asked_in_all = len(wanted) * (TIMES_EACH + 1)
        return _p95(took) * 1000, (computing(site.pid) - before) / asked_in_all * 1000

    presets = [asked([{"range": preset}]) for preset in PRESETS]
    own, own_computing = asked(CUSTOM)
    slowest, computed = max(presets)
    return Figure(
        path.partition("?")[0] + ", p95: " + " ".join(PRESETS) + " | from, to",
        " ".join(f"{took:.0f}" for took, _ in presets)
        + f" | {own:.0f} ms (computing: {computed:.0f} | {own_computing:.0f} ms)",
        f"< {PROMISED_PAGE * 1000:.0f} | {PROMISED_CUSTOM * 1000:.0f} ms",
        slowest < PROMISED_PAGE * 1000 and own < PROMISED_CUSTOM * 1000,
    )


def _all_time(site: Home, person: requests.Session) -> float:
    """The mean over all pages of the median seconds that each takes for the whole history."""
    found = [
        median(times(site.address, [path], _cookie(person), 4 * TIMES_EACH))
        for path in addresses(person, site)
    ]
    return sum(found) / len(found)


def _multiply(database: Path) -> None:
    """Gives nine more accounts a copy of the one history that there is."""
    with sqlite3.connect(database, timeout=60) as connection:
        connection.row_factory = sqlite3.Row
        account = connection.execute("SELECT * FROM account ORDER BY id DESC").fetchone()
        for _ in range(ACCOUNTS - 1):
            number = _copy(connection, "account", account, {"spotify_user_id": os.urandom(8).hex()})
            imported = connection.execute(
                "SELECT * FROM history_import WHERE account_id = ?", (account["id"],)
            ).fetchone()
            of = _copy(connection, "history_import", imported, {"account_id": number})
            for table in ("history_file", "history_part"):
                rows = connection.execute(
                    f"SELECT * FROM {table} WHERE account_id = ?",  # noqa: S608 - our own names
                    (account["id"],),
                )
                for row in rows.fetchall():
                    _copy(connection, table, row, {"account_id": number, "import_id": of})
    connection.close()


def _copy(connection: sqlite3.Connection, table: str, row: sqlite3.Row, changed: dict[str, object]) -> int:
    values = {name: row[name] for name in row.keys() if name != "id"}  # noqa: SIM118 - a Row is no dict
    values |= {name: value for name, value in changed.items() if name in values}
    marks = ", ".join("?" * len(values))
    made = connection.execute(
        f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})",  # noqa: S608 - our own names
        tuple(values.values()),
    )
    return made.lastrowid or 0


def _export(folder: Path, rows: int, files: int) -> Path:
    """An export of so many rows, made once."""
    path = folder / f"export-{rows}.zip"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        export(path, rows, files)
    return path


def _cookie(person: requests.Session) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.cookies)}


def _p95(took: Sequence[float]) -> float:
    return sorted(took)[max(0, -(-95 * len(took) // 100) - 1)]


PARTS = {
    "import": importing,
    "neighbours": neighbours,
    "pages": pages,
    "accounts": accounts,
    "growth": growth,
    "adding": adding,
}


def history(folder: Path, parts: Sequence[str] = tuple(PARTS)) -> list[Figure]:
    """All parts, or those that are named."""
    return [figure for part in parts for figure in PARTS[part](folder)]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        show(history(Path(scratch), sys.argv[1:] or tuple(PARTS)))
