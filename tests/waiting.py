"""Waiting for what goes on behind a request: a moment at a time, and never for long."""

import time
from collections.abc import Callable
from threading import Event

SECONDS = 20.0  # only a failing test waits as long


def until(over: Callable[[], object]) -> None:
    """Waits until something is so."""
    given_up, pause = time.monotonic() + SECONDS, Event()
    while not over():
        assert time.monotonic() < given_up, "waited too long"
        pause.wait(0.005)
