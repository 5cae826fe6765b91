"""`gunicorn 'app:create_app()'` with several workers: one site, whichever worker answers, whichever dies."""

import os
import re
import signal
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from urllib.parse import urljoin

import pytest
import requests

from tests.conftest import HOME, form_fields
from tests.processes import Running, clean_copy, running
from tests.test_run import newer_database
from tests.web.conftest import environ_for
from tests.web.other_spotify import EMPTY, TRACKS, Answer, OtherSpotify, ReceivedRequest

pytestmark = pytest.mark.slow  # each starts gunicorn anew
SERVE = (
    *("-m", "gunicorn", "app:create_app()", "--bind", "127.0.0.1:0", "--no-control-socket"),
    *("--workers", "2", "--threads", "4", "--worker-class", "gthread"),
)
LISTENING = r"Listening at: (http://127\.0\.0\.1:\d+)"
BOOTED = r"Booting worker with pid: (\d+)"


@dataclass
class Production:
    """The running site. Every request is a connection of its own, so that any worker may take it."""

    url: str
    server: Running
    folder: Path

    @property
    def workers(self) -> list[int]:
        return [int(pid) for pid in re.findall(BOOTED, self.server.output)][-2:]

    def person(self) -> requests.Session:
        """A browser that nobody has used yet."""
        session = requests.Session()
        session.trust_env = False
        session.headers["Connection"] = "close"
        return session

    def agree(self, person: requests.Session, path: str, **form: str) -> str:
        """Answers the authorize page that `path` leads to; where it sends back to, on the running site."""
        sent = person.get(self.url + path, allow_redirects=False, timeout=10)
        assert sent.status_code == 302, sent.text
        address = urljoin(self.url, sent.headers["Location"])
        with requests.Session() as spotify:
            browser = person if address.startswith(self.url) else spotify
            form = form_fields(browser.get(address, timeout=10).text) | form | {"answer": "agree"}
            back = browser.post(address, data=form, allow_redirects=False, timeout=10)
        return back.headers["Location"].replace(HOME, self.url)

    def enter(self, path: str, **form: str) -> requests.Session:
        """Someone who has logged in."""
        person = self.person()
        back = self.agree(person, path, **form)
        landed = person.get(back, allow_redirects=False, timeout=15)
        assert (landed.status_code, landed.headers["Location"]) == (302, "/your-music"), landed.text
        return person

    def _can_write(self) -> bool:
        for file in (self.folder / "instance").glob("*.sqlite3"):
            with closing(sqlite3.connect(file, timeout=0.2)) as database:
                try:
                    database.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError:
                    return False
        return True

    @contextmanager
    def without(self, worker: int) -> Iterator[None]:
        """While that worker is stopped, the other one answers everything."""
        _stop(worker)
        while not self._can_write():  # it was stopped in the middle of a transaction
            os.kill(worker, signal.SIGCONT)
            Event().wait(0.2)
            _stop(worker)
        try:
            yield
        finally:
            os.kill(worker, signal.SIGCONT)


def _stop(worker: int) -> None:
    """Stops a process; returns when all its threads stand still."""
    os.kill(worker, signal.SIGSTOP)
    threads = Path(f"/proc/{worker}/task")
    while any(thread.read_text().rpartition(")")[2].split()[0] != "T" for thread in threads.glob("*/stat")):
        pass


@contextmanager
def serving(folder: Path, environ: dict[str, str]) -> Iterator[Production]:
    """The site under gunicorn, on a fresh database, in a clean clone."""
    clean_copy(folder)
    redirect = {"SPOTIFY_REDIRECT_URI": f"{HOME}/callback"}
    with running(folder, *SERVE, **environ | redirect) as server:
        url = server.wait_for(LISTENING)[0]
        server.wait_for(BOOTED, 2)
        yield Production(url, server, folder)
        assert server.stop(signal.SIGTERM) == 0
    assert "Traceback" not in server.output
    assert environ["SPOTIFY_CLIENT_SECRET"] not in server.output


@pytest.fixture
def other() -> Iterator[OtherSpotify]:
    """A Spotify that is not ours."""
    with OtherSpotify() as server:
        yield server


@pytest.fixture
def production(environ: dict[str, str], tmp_path: Path) -> Iterator[Production]:
    """The site, pointed at our own Spotify."""
    with serving(tmp_path, environ) as site:
        yield site


def test_many_log_in_and_look_around_side_by_side(environ: dict[str, str], tmp_path: Path) -> None:
    # On a busy machine the bulkhead would turn some of them away, which is a test of its own.
    with serving(tmp_path, environ | {"WEB_THREADS": "32"}) as production:
        _look_around_side_by_side(production)


def _look_around_side_by_side(production: Production) -> None:
    names = {"mira.after.dark": "Mira Halloran", "theo_sideb": "Théodore Valmont", "brunothunder": "Bruno"}
    faults: list[str] = []

    def visit(way: str, listener: str, name: str) -> None:
        person = production.enter(way, listener=listener)
        for time_range in ("short_term", "medium_term", "long_term"):
            page = person.get(f"{production.url}/your-music?time_range={time_range}&wait=1", timeout=15)
            if page.status_code != 200 or name not in page.text:
                faults.append(f"{way} {listener} {time_range}: {page.status_code}")

    threads = [
        threading.Thread(target=visit, args=(way, listener, name))
        for listener, name in names.items()
        for way in ("/login", "/login?demo=1")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


@pytest.mark.parametrize("way", ["/login", "/login?demo=1"])
def test_what_one_worker_begins_the_other_one_finishes(production: Production, way: str) -> None:
    one, two = production.workers
    person = production.person()
    with production.without(two):
        back = production.agree(person, way)
    with production.without(one):
        landed = person.get(back, allow_redirects=False, timeout=15)
        assert (landed.status_code, landed.headers["Location"]) == (302, "/your-music")
        page = person.get(f"{production.url}/your-music?wait=1", timeout=15)
        assert "Mira Halloran" in page.text
    with production.without(two):
        report = person.get(f"{production.url}/your-music.json", timeout=15).json()
    assert report["profile"]["id"] == "mira.after.dark"
    with production.without(one):
        again = production.person().get(back, allow_redirects=False, timeout=15)
    assert again.status_code == 400


def test_a_worker_that_is_killed_in_the_middle_of_a_visit_logs_nobody_out(
    other: OtherSpotify, tmp_path: Path
) -> None:
    asked = threading.Event()
    cut_short: list[str] = []

    def never(_asked: ReceivedRequest) -> Answer:
        asked.set()
        return EMPTY.but(delay=60)

    def visit() -> None:
        try:
            person.get(f"{site.url}/your-music?time_range=long_term", timeout=15)
        except requests.ConnectionError as error:
            cut_short.append(type(error).__name__)

    with serving(tmp_path, environ_for(other)) as site:
        person = site.person()
        sent = person.get(f"{site.url}/login", allow_redirects=False, timeout=10).headers["Location"]
        state = sent.partition("&state=")[2].partition("&")[0]
        person.get(f"{site.url}/callback?code=ana&state={state}", allow_redirects=False, timeout=10)
        assert person.get(f"{site.url}/your-music?wait=1", timeout=15).status_code == 200
        other.script(TRACKS, never)
        one, two = site.workers
        with site.without(two):
            thread = threading.Thread(target=visit)
            thread.start()
            assert asked.wait(10)
            os.kill(one, signal.SIGKILL)
            thread.join()
        assert cut_short == ["ConnectionError"]
        site.server.wait_for(BOOTED, 3)
        for _ in range(6):
            page = person.get(f"{site.url}/your-music?wait=1", timeout=15)
            assert (page.status_code, "ana track 0" in page.text) == (200, True)
            assert person.get(f"{site.url}/healthz", timeout=15).status_code == 200


def test_the_key_and_the_database_are_made_once_by_workers_that_start_together(tmp_path: Path) -> None:
    folder = clean_copy(tmp_path)
    with running(folder, *SERVE, "--workers", "4") as server:
        url = server.wait_for(LISTENING)[0]
        server.wait_for(BOOTED, 4)
        with requests.Session() as person:
            person.headers["Connection"] = "close"
            for _ in range(12):
                assert person.get(f"{url}/healthz", timeout=15).status_code == 200
        assert server.stop(signal.SIGTERM) == 0
    assert "Traceback" not in server.output
    assert len((folder / "instance" / "secret_key").read_text(encoding="utf-8")) >= 40


def test_a_wrong_configuration_stops_the_start(tmp_path: Path) -> None:
    with running(clean_copy(tmp_path), *SERVE, SPOTIFY_CLIENT_ID="an-id", PORT="many") as server:
        assert server.end() != 0
    assert "Liner Notes cannot start" in server.output
    assert "SPOTIFY_CLIENT_SECRET" in server.output
    assert "PORT" in server.output


def test_an_env_file_in_another_encoding_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    folder = clean_copy(tmp_path)
    (folder / ".env").write_bytes("# caf\xe9".encode("latin-1"))
    with running(folder, *SERVE) as server:
        assert server.end() == 3
    assert f"{folder / '.env'} is not written in UTF-8: save it as UTF-8.\n" in server.output
    assert server.output.count("Liner Notes cannot start") == 1
    assert "Traceback" not in server.output


def test_a_database_of_a_newer_program_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    folder = clean_copy(tmp_path)
    newer_database(tmp_path / "newer.sqlite3")
    with running(folder, *SERVE, DATABASE_URL=f"sqlite:///{tmp_path / 'newer.sqlite3'}") as server:
        assert server.end() == 3
    assert "This database was made by a newer Liner Notes. Update the program, or use" in server.output
    assert "Traceback" not in server.output


def test_the_log_has_one_format_and_no_answer_names_the_server(tmp_path: Path) -> None:
    folder = clean_copy(tmp_path)
    (folder / "noisy.py").write_text(
        "import logging\nfrom app import create_app\ndef site():\n"
        "    app = create_app()\n    logging.getLogger('app').info('a\\x1b\\nb')\n    return app\n"
    )
    serve = [part.replace("app:create_app()", "noisy:site()") for part in SERVE]
    with running(folder, *serve) as server:
        url = server.wait_for(LISTENING)[0]
        server.wait_for(BOOTED, 2)
        answer = requests.get(f"{url}/healthz?q=secret", timeout=15)
        assert server.stop(signal.SIGTERM) == 0
    line = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (INFO|ERROR|WARNING) [\w.]+: .+")
    assert [said for said in server.output.splitlines() if not line.fullmatch(said)] == []
    assert r" INFO app: a\x1b\nb" in server.output
    assert " INFO gunicorn.error: Listening at" in server.output
    assert "secret" not in server.output
    assert "Server" not in answer.headers


def test_half_sent_requests_hold_nobody_up_and_end(tmp_path: Path) -> None:
    folder = clean_copy(tmp_path)
    settings = (folder / "gunicorn.conf.py").read_text()
    (folder / "gunicorn.conf.py").write_text(
        re.sub(r"(?m)^(keepalive|BODY_SECONDS) = \d+", r"\1 = 1", settings)
    )
    header = b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n"
    with running(folder, *SERVE) as server:
        url = server.wait_for(LISTENING)[0]
        server.wait_for(BOOTED, 2)
        port = int(url.rpartition(":")[2])
        halves = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(48)]
        halves[0].sendall(header + b"\r\nhalf")
        for half in halves[1:]:
            half.sendall(header)
        assert requests.get(f"{url}/healthz", timeout=30).status_code == 200
        for half in halves:
            with half, suppress(ConnectionResetError):
                while half.recv(65536):
                    pass
        # In pieces, and two at once.
        with socket.create_connection(("127.0.0.1", port), timeout=30) as slow:
            for piece in (b"GET /healthz HTTP/1.1\r\nHo", b"st: 127.0.0.1\r\n", b"\r\n"):
                slow.sendall(piece)
                Event().wait(0.1)
            assert slow.recv(12) == b"HTTP/1.1 200"
        with socket.create_connection(("127.0.0.1", port), timeout=30) as quick:
            quick.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 2)
            received = b""
            while received.count(b"HTTP/1.1 200") < 2:
                received += quick.recv(65536)
        assert server.stop(signal.SIGTERM) == 0
    assert "Traceback" not in server.output


def test_a_refused_upload_tells_the_client_that_its_connection_ends(tmp_path: Path) -> None:
    """What is left of the body would be in the way of the next request."""
    folder = clean_copy(tmp_path)
    with running(folder, *SERVE) as server, requests.Session() as person:
        url = server.wait_for(LISTENING)[0]
        page = person.get(f"{url}/history/import", timeout=15)
        upload = b"x" * 200_000
        refused = [
            person.post(f"{url}/history/import", body, headers={"X-CSRFToken": "wrong"}, timeout=15)
            for body in (upload, iter([upload]))
        ]
        assert server.stop(signal.SIGTERM) == 0
    assert page.headers["Connection"] == "keep-alive"
    assert [(one.status_code, one.headers["Connection"]) for one in refused] == [(400, "close")] * 2
