"""Processes that end with the one that started them, however that one ended.

A child reads from a pipe that its parent alone could write to: at the parent's end, also by `kill -9`, the
system closes it. (PR_SET_PDEATHSIG comes when the *thread* that started the child ends.)
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread

_HAS_PARENT = "LINER_NOTES_HAS_PARENT"  # in the environment of a child
_NICENESS = 10
ROOT = Path(__file__).resolve().parent.parent


def start_child(arguments: Sequence[str], environ: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Starts `python <arguments>`, which is to call `end_with_parent`."""
    return subprocess.Popen(  # noqa: S603 - our own commands
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**environ, _HAS_PARENT: "1"},
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl+C is for the parent, which ends it
    )


def wait_for_child(child: "subprocess.Popen[bytes]") -> int:
    """Waits until a child has ended; its exit status."""
    status = child.wait()
    if child.stdin is not None:
        child.stdin.close()
    return status


def end_child(child: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Asks a child to end, and makes it after so many seconds; whether it did by itself."""
    child.terminate()
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        return False
    return True


def work_in_the_background() -> None:
    """From now on this process leaves the processor to those that answer requests."""
    os.nice(_NICENESS)
    # A session of its own is a group of its own for Linux's scheduler, which weighs groups, not processes.
    if os.getsid(0) == os.getpid():
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(_NICENESS))


def has_parent() -> bool:
    """Whether this process was started by `start_child`."""
    return _HAS_PARENT in os.environ


def end_with_parent() -> None:
    """From now on this process gets SIGTERM when the one that started it ends."""
    if has_parent():
        Thread(target=_wait_for_the_end, name="parent", daemon=True).start()


def _wait_for_the_end() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
