"""Ends the worker soon after the site that started it, however that one ended.

Not by PR_SET_PDEATHSIG: that signal comes when the *thread* which started the worker ends.
"""

import os
import signal
import time
from threading import Thread

PARENT = "HISTORY_PARENT_PID"  # names the process that started this one
_LOOK_AGAIN = 1.0  # seconds


def end_with_parent() -> None:
    """From now on this process ends when the one that the environment names is not its parent any more."""
    if parent := os.environ.get(PARENT):
        Thread(target=_watch, args=(int(parent),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_AGAIN)
    os.kill(os.getpid(), signal.SIGTERM)
