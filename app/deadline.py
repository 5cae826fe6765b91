"""How long a piece of work may still take. Seconds on the monotonic clock."""

import time


class Deadline:
    """A moment by which everything that shares this object must be done."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that remain; never below zero."""
        return max(0.0, self._at - time.monotonic())

    @property
    def passed(self) -> bool:
        return self.left() == 0.0
