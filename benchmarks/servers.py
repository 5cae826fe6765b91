"""The servers under measurement: the sandbox in this process, the site and a bare page under gunicorn."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests

from app.sandbox import Client, Knobs, SandboxServer, create_sandbox, serve
from tests.conftest import form_fields

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Gunicorn:
    """A running site."""

    home: str
    pid: int

    def peak_megabytes(self) -> float:
        """The most memory that its processes, together, ever held at the same time or not."""
        return sum(_peak(pid) for pid in (self.pid, *_children(self.pid))) / 1024


def processes(pid: int) -> list[int]:
    """A process and all that it and its children have started."""
    try:
        return [pid, *(process for child in _children(pid) for process in processes(child))]
    except FileNotFoundError:
        return []


def resident(pid: int) -> int:
    """The resident memory of a process just now, in KiB; 0 once it is over."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(status.partition("VmRSS:")[2].split()[0]) if "VmRSS:" in status else 0


def computing(pid: int) -> float:
    """How many seconds a process and all that it has started have computed so far."""
    nanoseconds = 0
    for file in (
        file for process in processes(pid) for file in Path(f"/proc/{process}/task").glob("*/schedstat")
    ):
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has ended meanwhile
            nanoseconds += int(file.read_text().split()[0])
    return nanoseconds / 1e9


def _children(pid: int) -> list[int]:
    # A child belongs to the thread that started it.
    return [
        int(one) for file in Path(f"/proc/{pid}/task").glob("*/children") for one in file.read_text().split()
    ]


def _peak(pid: int) -> int:
    """The most resident memory of a process, in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


@contextmanager
def sandbox(home: str, knobs: Knobs) -> Iterator[SandboxServer]:
    """A Spotify of our own for the site at `home`."""
    client = Client(id="bench", secret="bench-secret", redirect_uris=(f"{home}/callback",))
    with serve(create_sandbox([client], knobs=knobs)) as server:
        yield server


def environment(folder: Path, port: int, spotify: SandboxServer) -> dict[str, str]:
    """The environment of a site on `port` that talks to `spotify`."""
    return {
        **os.environ,
        "PORT": str(port),
        "SECRET_KEY": "only for this benchmark",
        "DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite3'}",
        "SPOTIFY_CLIENT_ID": "bench",
        "SPOTIFY_CLIENT_SECRET": "bench-secret",
        "SPOTIFY_ACCOUNTS_URL": spotify.accounts_url,
        "SPOTIFY_API_URL": spotify.api_url,
        "RECCOBEATS_API_URL": spotify.reccobeats_url,
        "SPOTIFY_OEMBED_URL": spotify.oembed_url,
        "DEMO": "0",
        # Everybody here comes from one address.
        **dict.fromkeys(("LIMIT_UPLOADS", "LIMIT_SEARCHES", "LIMIT_LOGINS"), "1000000/minute"),
    }


@contextmanager
def gunicorn(
    application: str, port: int, environ: dict[str, str], workers: int = 1, threads: int = 4
) -> Iterator[Gunicorn]:
    """`application` under gunicorn: one worker with four threads, so that two are compared alike."""
    command = [sys.executable, "-m", "gunicorn", "--no-control-socket"]
    command += [f"--workers={workers}", f"--threads={threads}"]
    command += ["--worker-class=gthread", "--keep-alive=30", "--log-level=error"]
    home = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([*command, f"--bind=127.0.0.1:{port}", application], cwd=ROOT, env=environ)
    try:
        _wait_for(home, process)
        yield Gunicorn(home, process.pid)
    finally:
        process.terminate()
        process.wait(10)


def login(home: str, listener: str = "", demo: bool = False) -> requests.Session:
    """A browser that has logged in, as it comes back from the callback."""
    browser = requests.Session()
    page = browser.get(f"{home}/login?demo=1" if demo else f"{home}/login", timeout=30)
    form = form_fields(page.text) | {"answer": "agree"}
    if listener:
        form["listener"] = listener
    back = browser.post(urljoin(page.url, page.url), data=form, allow_redirects=False, timeout=30)
    done = browser.get(back.headers["Location"], allow_redirects=False, timeout=30)
    if done.headers.get("Location") != "/your-music":
        raise RuntimeError(f"the login did not succeed: {done.status_code}")
    return browser


def cookies(browser: requests.Session, home: str) -> dict[str, str]:
    """The Cookie header that the browser sends, for a plainer client."""
    prepared: Any = browser.prepare_request(requests.Request("GET", f"{home}/your-music"))
    return {"Cookie": prepared.headers["Cookie"]}


def _wait_for(home: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError("gunicorn did not start")
        try:
            requests.get(home, timeout=5)
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("gunicorn did not answer")
