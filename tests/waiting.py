"""Waiting for what goes on behind a request: a moment at a time, and never for long."""

import time
from collections.abc import Callable
from threading import Event
from typing import Any

SECONDS = 20.0  # only a failing test waits as long


def until(over: Callable[[], object], seconds: float = SECONDS, pause: float = 0.005) -> Any:
    """Waits until something is so; what it gave."""
    given_up, event = time.monotonic() + seconds, Event()
    while not (found := over()):
        assert time.monotonic() < given_up, "waited too long"
        event.wait(pause)
    return found
