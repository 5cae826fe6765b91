"""The site in processes of its own: a clean copy of the project, started as its owner would start it."""

import atexit
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from compileall import compile_dir
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from app.config import ROOT

PATIENCE = 30.0  # seconds; only a test that fails waits as long
_PARTS = ("app", "templates", "static", "migrations", "run.py", "gunicorn.conf.py")
_KEPT = ("PATH", "HOME", "LANG", "SYSTEMROOT", "TMPDIR")


def clean_copy(folder: Path) -> Path:
    """The project as a clone has it: no `.env`, no `instance/`, nothing anybody has set. It is compiled."""
    shutil.copytree(_compiled_copy(), folder, dirs_exist_ok=True)
    return folder


@cache
def _compiled_copy() -> Path:
    """Copied by every test that starts a site, which would compile all of it anew at each start."""
    temporary = TemporaryDirectory()
    atexit.register(temporary.cleanup)
    folder = Path(temporary.name)
    for part in _PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / part)
    compile_dir(folder / "app", quiet=1)
    return folder


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


class Running:
    """A process whose output is read as it comes."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.output = ""
        self._grown = threading.Condition()
        self._over = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, pattern: str, times: int = 1) -> list[str]:
        """The first `times` matches of `pattern` in the output, as soon as they are there."""
        with self._grown:
            self._grown.wait_for(
                lambda: self._over or len(re.findall(pattern, self.output)) >= times, PATIENCE
            )
            found = re.findall(pattern, self.output)
        assert len(found) >= times, f"no {pattern!r} in:\n{self.output}"
        return found

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Sends a signal and waits for the end; the exit status."""
        self.process.send_signal(how)
        return self.end()

    def end(self) -> int:
        """Waits for the end; the exit status."""
        status = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return status

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._grown:
                self.output += line
                self._grown.notify_all()
        with self._grown:
            self._over = True
            self._grown.notify_all()


@contextmanager
def running(folder: Path, *command: str, **environ: str) -> Iterator[Running]:
    """Runs `python <command>` in `folder` with nothing in its environment but `environ`."""
    clean = {name: os.environ[name] for name in _KEPT if name in os.environ}
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # Tests that a script runs in the background hand their deafness to Ctrl+C down to what they start.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(  # noqa: S603 - our own commands
        [sys.executable, *command],
        cwd=folder,
        env=clean | {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"} | environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    started = Running(process)
    try:
        yield started
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            started.end()
        if process.stdout:
            process.stdout.close()
