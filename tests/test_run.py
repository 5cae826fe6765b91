"""`python run.py`: starts with nothing set, says where it is, stops when told, and explains what is wrong."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from sqlalchemy import text

from app.config import ROOT
from app.store.accounts import add_local_account
from app.store.engine import Store
from app.store.imports import add_import
from app.store.migrate import migrate
from tests.processes import clean_copy, free_port, running
from tests.waiting import until

PATIENCE = 60.0  # seconds; only a failing test waits as long
READY = r"Stop with Ctrl\+C"
SLOW = pytest.mark.slow  # of several starts that say something alike, one is enough to begin with
COMMANDS = pytest.mark.parametrize(
    "command", [("run.py",), pytest.param(("run.py", "play", "a song"), marks=SLOW)], ids=["serve", "play"]
)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean clone that the tests of this module share."""
    return clean_copy(tmp_path_factory.mktemp("clone"))


def test_a_clean_clone_starts_says_where_it_is_stops_and_starts_again(tmp_path: Path) -> None:
    clone, port = clean_copy(tmp_path), free_port()
    with running(clone, "run.py", PORT=str(port)) as site:
        site.wait_for(READY)
        assert f"Liner Notes is at http://127.0.0.1:{port}\n" in site.output
        assert "Log in with Spotify   closed: no SPOTIFY_CLIENT_ID" in site.output
        assert "Look around (demo)    open" in site.output
        home = f"http://127.0.0.1:{port}"
        assert requests.get(f"{home}/healthz", timeout=5).json() == {"status": "ok", "database": "ok"}
        assert "Look around" in requests.get(home, timeout=5).text
        requests.get(f"{home}/callback?code=a-code&state=a-state", timeout=5)
        assert site.stop(signal.SIGINT) == 0
    assert "Goodbye." in site.output
    assert "Traceback" not in site.output
    assert "a-code" not in site.output
    assert "a-state" not in site.output
    with running(clone, "run.py", PORT=str(free_port()), DEMO="0") as site:
        site.wait_for(READY)
        assert "Look around (demo)    closed: DEMO=0" in site.output
        assert site.stop() == 0
    key = clone / "instance" / "secret_key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_text()) >= 40
    assert (clone / "instance" / "liner-notes.sqlite3").exists()


def test_env_file_is_read(tmp_path: Path) -> None:
    clone, port = clean_copy(tmp_path), free_port()
    (clone / ".env").write_text(
        f"PORT={port}\nSPOTIFY_CLIENT_ID=an-id\nSPOTIFY_CLIENT_SECRET=a-very-secret-secret\n",
        "utf-8-sig",  # other encodings: test_start.py
    )
    with running(clone, "run.py") as site:
        site.wait_for(r"Stop with Ctrl\+C")
        assert f"http://127.0.0.1:{port}\n" in site.output
        assert "Log in with Spotify   open" in site.output
        sent = requests.get(f"http://127.0.0.1:{port}/login", allow_redirects=False, timeout=5)
        address = sent.headers["Location"]
        assert address.startswith("https://accounts.spotify.com/authorize?client_id=an-id&")
        assert f"redirect_uri=http%3A%2F%2F127.0.0.1%3A{port}%2Fcallback" in address
        assert site.stop() == 0
    assert "a-very-secret-secret" not in site.output


def test_a_wrong_configuration_is_one_message_that_names_every_fault(clone: Path) -> None:
    with running(
        clone,
        "run.py",
        PORT="many",
        DEMO="perhaps",
        SPOTIFY_CLIENT_ID="an-id",
        SPOTIFY_REDIRECT_URI="http://localhost:5000/callback",
        DATABASE_URL="mysql://user:pass-word@host/name",
        AUDIO_FEATURES="spotify,oracle",
        TRUSTED_PROXIES="-1",
        SECRET_KEY="short",
        SPOTIFY_API_URL="ftp://example",
    ) as site:
        assert site.end() == 1
    assert site.output.count("Liner Notes cannot start") == 1
    assert "Traceback" not in site.output
    for name in (
        "PORT",
        "DEMO",
        "SPOTIFY_CLIENT_SECRET",
        "SPOTIFY_REDIRECT_URI",
        "DATABASE_URL",
        "AUDIO_FEATURES",
        "TRUSTED_PROXIES",
        "SECRET_KEY",
        "SPOTIFY_API_URL",
    ):
        assert name in site.output
    assert "http://127.0.0.1:5000/callback" in site.output
    assert "pass-word" not in site.output


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("http://localhost:8888/callback", "http://127.0.0.1:8888/callback"),
        pytest.param("http://music.example/callback", "https://music.example/callback", marks=SLOW),
    ],
)
def test_a_redirect_uri_that_spotify_refuses_is_refused_with_the_right_one(
    clone: Path, wrong: str, right: str
) -> None:
    with running(clone, "run.py", SPOTIFY_REDIRECT_URI=wrong) as site:
        assert site.end() == 1
    assert right in site.output
    assert "Traceback" not in site.output


def test_a_port_that_is_taken_is_a_message_with_a_remedy(clone: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running(clone, "run.py", PORT=str(port)) as site:
            assert site.end() == 1
    assert "Address already in use" in site.output
    assert f"cannot listen on 127.0.0.1:{port}.\nSet PORT" in site.output
    assert "Liner Notes is at" not in site.output
    assert "Traceback" not in site.output


def test_an_address_that_is_not_ours_is_a_message(clone: Path) -> None:
    with running(clone, "run.py", PORT=str(free_port()), HOST="192.0.2.1") as site:
        assert site.end() == 1
    assert "cannot listen on 192.0.2.1" in site.output
    assert "Traceback" not in site.output


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://user:pass-word@127.0.0.1:9/name",
        pytest.param("sqlite:////dev/null/nowhere/site.sqlite3", marks=SLOW),
    ],
    ids=["PostgreSQL", "SQLite"],
)
def test_a_database_that_cannot_be_opened_is_a_message(clone: Path, url: str) -> None:
    with running(clone, "run.py", PORT=str(free_port()), DATABASE_URL=url) as site:
        assert site.end() == 1
    assert "DATABASE_URL" in site.output
    assert "Traceback" not in site.output
    assert "pass-word" not in site.output


@COMMANDS
def test_an_env_file_in_another_encoding_is_one_sentence(tmp_path: Path, command: tuple[str, ...]) -> None:
    clone = clean_copy(tmp_path)
    (clone / ".env").write_bytes("# caf\xe9".encode("latin-1"))
    with running(clone, *command) as site:
        assert site.end() == 1
    sentence = f"{clone / '.env'} is not written in UTF-8: save it as UTF-8."
    assert site.output == f"Liner Notes cannot start: {sentence}\n"


def test_a_folder_that_cannot_be_written_is_named_with_the_variable_that_moves_it(clone: Path) -> None:
    with running(clone, "run.py", SECRET_KEY="a secret key for tests", INSTANCE="/dev/null/here") as site:
        assert site.end() == 1
    assert "The folder /dev/null/here cannot be written (Not a directory)" in site.output
    assert "set INSTANCE to a folder that is." in site.output
    assert "DATABASE_URL" not in site.output


def test_a_start_without_hard_links(tmp_path: Path) -> None:
    clone = clean_copy(tmp_path)
    refusing = clone / "refusing"
    refusing.mkdir()
    (refusing / "sitecustomize.py").write_text(
        "import os\ndef link(*a, **k): raise PermissionError(1, 'Operation not permitted')\nos.link = link\n"
    )
    with running(clone, "run.py", PORT=str(free_port()), PYTHONPATH=str(refusing)) as site:
        site.wait_for(READY)
        assert site.stop() == 0
    assert len((clone / "instance" / "secret_key").read_text()) == 64


def test_a_socks_proxy_without_its_package_is_told(clone: Path) -> None:
    app = {"SPOTIFY_CLIENT_ID": "an-id", "SPOTIFY_CLIENT_SECRET": "a-secret"}
    without = {"PYTHONPATH": str(clone / "without")}
    (clone / "without").mkdir()
    (clone / "without" / "sitecustomize.py").write_text("import sys\nsys.modules['socks'] = None\n")
    with running(clone, "run.py", ALL_PROXY="socks5://127.0.0.1:1080", **app, **without) as site:
        assert site.end() == 1
    assert "ALL_PROXY names a SOCKS proxy" in site.output
    assert "Traceback" not in site.output


@COMMANDS
def test_a_database_of_a_newer_program_is_one_sentence(tmp_path: Path, command: tuple[str, ...]) -> None:
    clone = clean_copy(tmp_path)
    newer_database(clone / "newer.sqlite3")
    url = f"sqlite:///{clone / 'newer.sqlite3'}"
    with running(clone, *command, DATABASE_URL=url, PORT=str(free_port())) as site:
        assert site.end() == 1
    assert site.output == (
        "This database was made by a newer Liner Notes. Update the program, or use another database.\n"
    )


def newer_database(file: Path) -> None:
    """A database at a version that comes after every one known here."""
    store = Store(f"sqlite:///{file}")
    migrate(store)
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from_the_future'"))
    store.close()


def test_the_log_has_one_format(clone: Path) -> None:
    port = free_port()
    with running(clone, "run.py", PORT=str(port)) as site:
        site.wait_for(READY)
        requests.get(f"http://127.0.0.1:{port}/no\x1b[31mwhere", timeout=5)
        requests.get(f"http://127.0.0.1:{port}/a%1b%0ab?q=secret", timeout=5)
        answer = requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
        assert site.stop() == 0
    lines = re.findall(
        r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ INFO app\.server: 127\.0\.0\.1 (GET .*)$", site.output, re.M
    )
    assert lines[-1] == "GET /healthz 200"
    assert len(lines) == 3
    assert "\x1b" not in site.output
    assert "secret" not in site.output
    assert "Server" not in answer.headers


def with_an_import_that_hangs(clone: Path) -> Callable[[], bool]:
    """A database with an import whose upload is a pipe, so that who reads it waits; whether one does."""
    uploads = clone / "instance" / "uploads"
    uploads.mkdir(parents=True, mode=0o700)
    store = Store(f"sqlite:///{clone / 'instance' / 'liner-notes.sqlite3'}")
    migrate(store)
    add_import(store, add_local_account(store), [("pipe", "export.zip")])
    store.close()
    os.mkfifo(uploads / "pipe")
    return lambda: any(reads(process, uploads) for process in Path("/proc").glob("[0-9]*"))


def reads(process: Path, uploads: Path) -> bool:
    """Whether a process is the one that reads these uploads."""
    try:
        return f"HISTORY_UPLOADS={uploads}".encode() in (process / "environ").read_bytes()
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_everything_in_good_time(tmp_path: Path, how: signal.Signals) -> None:
    clone, port = clean_copy(tmp_path), free_port()
    is_read = with_an_import_that_hangs(clone)
    with running(clone, "run.py", PORT=str(port)) as site:
        site.wait_for(READY)
        until(is_read, PATIENCE)
        with socket.create_connection(("127.0.0.1", port)) as half:
            half.sendall(b"GET / HTTP/1.1\r\nX-Half")
            told = time.monotonic()
            site.process.send_signal(how)
            site.process.send_signal(how)
            assert site.end() == 0
            assert time.monotonic() - told < 10
    assert not is_read()
    assert "Goodbye." in site.output
    assert "Traceback" not in site.output


STOPPED_EARLY = """
import os, signal, sys
class Interrupt:
    def find_spec(self, name, *_):
        if name == "app.command_line":
            os.kill(os.getpid(), signal.SIGTERM)
sys.meta_path.insert(0, Interrupt())
"""


@pytest.mark.slow
def test_a_signal_is_heard_before_everything_is_imported(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(STOPPED_EARLY)
    with running(clone, "run.py", PORT=str(free_port()), PYTHONPATH=str(tmp_path)) as site:
        assert site.end() == 0
    assert site.output == ""


@pytest.mark.slow
def test_a_worker_ends_soon_after_a_site_that_was_killed(tmp_path: Path) -> None:
    clone = clean_copy(tmp_path)
    is_read = with_an_import_that_hangs(clone)
    with running(clone, "run.py", PORT=str(free_port())) as site:
        site.wait_for(READY)
        until(is_read, PATIENCE)
        site.process.kill()
        until(lambda: not is_read())


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(file.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(file.parent.name))
    return found


def test_a_worker_that_was_killed_is_replaced(tmp_path: Path) -> None:
    clone = clean_copy(tmp_path)
    is_read = with_an_import_that_hangs(clone)
    with running(clone, "run.py", PORT=str(free_port())) as site:
        site.wait_for(READY)
        until(is_read, PATIENCE)
        [worker] = children(site.process.pid)
        os.kill(worker, signal.SIGKILL)
        until(lambda: children(site.process.pid) not in ([], [worker]) and is_read(), PATIENCE)
        assert site.stop() == 0
    assert not is_read()
    assert "the worker ended (-9): another one is started" in site.output


@pytest.mark.parametrize("how", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=SLOW)])
def test_a_worker_alone_reads_imports_and_ends_when_told(tmp_path: Path, how: signal.Signals) -> None:
    clone = clean_copy(tmp_path)
    is_read = with_an_import_that_hangs(clone)
    with running(clone, "run.py", "worker") as worker:
        worker.wait_for(READY)
        until(is_read, PATIENCE)
        assert worker.stop(how) == 0
    assert not is_read()
    assert worker.output.endswith("Goodbye.\n")
    assert "Traceback" not in worker.output


OLD = "import sys; sys.version_info = (3, 10, 13, 'final', 0)"
TOO_OLD = r"Liner Notes needs Python 3\.11 or newer; .* is 3\.10\."


def test_an_old_python_is_told_in_a_sentence(clone: Path) -> None:
    with running(clone, "-c", f"{OLD}; exec(open('run.py').read())") as site:
        assert site.end() == 1
    assert re.fullmatch(TOO_OLD, site.output.strip())


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("target", ["run", "test"])
def test_make_with_an_old_python_says_so_before_anything_is_installed(tmp_path: Path, target: str) -> None:
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, tmp_path)
    old = tmp_path / "python3.10"
    old.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{OLD}; exec(sys.argv[1])" "$2"\n')
    old.chmod(0o755)

    made = subprocess.run(  # noqa: S603 - our own Makefile
        ["make", target, f"PYTHON={old}"],  # noqa: S607
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert made.returncode != 0
    assert re.match(TOO_OLD, made.stderr)
    assert not (tmp_path / ".venv").exists()


def test_missing_packages_are_a_sentence(clone: Path) -> None:
    with running(clone, "-S", "run.py") as site:
        assert site.end() == 1
    assert re.fullmatch(
        r"The package \w+ is missing: start with `make run`, or see the README\.\n", site.output
    )


def test_windows_is_told_in_a_sentence(clone: Path) -> None:
    with running(clone, "-c", "import sys; sys.modules['fcntl'] = None; exec(open('run.py').read())") as site:
        assert site.end() == 1
    assert site.output == "Liner Notes needs Linux or macOS. On Windows it runs in WSL.\n"
