"""Listening sessions: plays that follow one another with no gap of more than half an hour."""

import numpy as np
from numpy.typing import NDArray

from app.history.batch import Ints

SITTING_GAP = 1800  # seconds of silence that end a session


class SessionCount:
    """Counts the sessions of plays that come in blocks, in order of their start.

    `seconds`: from the first start to the last end of each session, all together. `longest` began at
    `longest_at`; of several of that length it is the first.
    """

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0
        self.longest = 0
        self.longest_at = 0
        self._open: tuple[int, int] | None = None  # start and end of the one that may go on

    def add(self, start: Ints, ms: NDArray[np.int32]) -> None:
        """Takes in more plays; `start` in Unix seconds."""
        if not len(start):
            return
        # Starts are whole seconds, rounded down; ends are known to the second.
        end = start - -ms // 1000
        if self._open is not None:
            # The open session stands before the others as if it were one long play.
            start, end = np.append(self._open[0], start), np.append(self._open[1], end)
        # A long play may outlast those that began after it.
        np.maximum.accumulate(end, out=end)
        begins = np.flatnonzero(np.append(True, start[1:] - end[:-1] > SITTING_GAP))
        self._close(start[begins[:-1]], end[begins[1:] - 1])
        self._open = int(start[begins[-1]]), int(end[-1])

    def finish(self) -> None:
        """Ends the last session."""
        if self._open is not None:
            self._close(*(np.array([moment]) for moment in self._open))
            self._open = None

    def _close(self, start: Ints, end: Ints) -> None:
        if not len(start):
            return
        length = end - start
        place = int(length.argmax())
        self.count += len(length)
        self.seconds += int(length.sum())
        if self.count == len(length) or length[place] > self.longest:
            self.longest, self.longest_at = int(length[place]), int(start[place])
