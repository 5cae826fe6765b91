"""Listening sessions: plays that follow one another with no gap of more than half an hour."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.history.batch import Ints

SITTING_GAP = 1800  # seconds of silence that end a session


LONGEST_PLAY = 86_400  # seconds
Plays = tuple[Ints, NDArray[Any]]  # starts in Unix seconds, in order, and lengths in milliseconds


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

    def add(self, start: Ints, ms: NDArray[Any]) -> None:
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


def count_again(
    before: Plays, after: Plays, changed: tuple[int, int], within: tuple[int, int]
) -> tuple[SessionCount, SessionCount] | None:
    """The sessions around new plays, before and after they came; `None` where one reaches too far.

    `before`, `after`: all plays that start within a time, from its first moment up to its last. The new ones
    start from the first to the last moment of `changed`.
    """
    starts, ends = after[0], np.maximum.accumulate(after[0] - -after[1] // 1000)
    begins = starts[np.append(True, starts[1:] - ends[:-1] > SITTING_GAP)]
    # Plays of an earlier time go on for a day at most.
    sure = begins[begins > within[0] + LONGEST_PLAY + SITTING_GAP]
    first, following = sure[sure <= changed[0]], begins[begins > changed[1]]
    if not len(first) or (not len(following) and int(ends[-1]) + SITTING_GAP >= within[1]):
        return None
    edges = int(first[-1]), int(following[0]) if len(following) else within[1]
    counts = []
    for start, ms in (before, after):
        low, high = np.searchsorted(start, edges)
        count = SessionCount()
        count.add(start[low:high], ms[low:high])
        count.finish()
        counts.append(count)
    return counts[0], counts[1]
