"""Slots: how many pieces of work of one kind an account may have under way at once, over all processes.

A slot is an operating system's lock on a file. It ends with the process that holds it, so that none is ever
left behind. Processes share slots when they share the folder.
"""

import fcntl
import os
import time
from pathlib import Path

_FILES = 256  # accounts whose numbers differ by a multiple of this share their slots
_LOOK_AGAIN = 0.05  # seconds


class Slot:
    """A slot that is taken, until it is released or forgotten."""

    def __init__(self, file: int) -> None:
        self._file: int | None = file

    def fileno(self) -> int:
        """The open file. A child process that inherits it holds the slot too, for as long as it lives."""
        if self._file is None:
            raise ValueError("the slot is released")
        return self._file

    def release(self) -> None:
        """Gives the slot back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __del__(self) -> None:
        self.release()


class Slots:
    """The slots of one site."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, name: str, number: int, most: int, wait: float = 0.0) -> Slot | None:
        """A slot of that name and account number, of `most`; `None` where none is free for `wait` seconds."""
        until = time.monotonic() + wait
        while True:
            for place in range(most):
                if (slot := self._try(f"{name}-{number % _FILES}-{place}.lock")) is not None:
                    return slot
            if time.monotonic() >= until:
                return None
            time.sleep(_LOOK_AGAIN)

    def _try(self, name: str) -> Slot | None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self._folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
        return Slot(file)
