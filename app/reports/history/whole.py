"""A range with its plays at hand, for what sums alone do not tell."""

from datetime import date
from functools import cached_property

from app.history.columns import columns
from app.history.history import MUSIC, History, Ledgers, ledgers
from app.history.patterns import Plays, counting
from app.history.rollup import Rollup, roll_up
from app.history.section import Rows
from app.reports.history.asked import Asked
from app.reports.history.summary import EVER, Summary
from app.store.engine import Store

__all__ = ["AUDIOBOOKS", "KINDS", "MUSIC", "PODCASTS", "Whole", "kinds_of", "whole"]

PODCASTS, AUDIOBOOKS = "podcasts", "audiobooks"
KINDS = (MUSIC, PODCASTS, AUDIOBOOKS)
PLAYS = ("start", "ms", "track")
WHOLE = ("start", "ms", "platform", "skip")


class Whole(Summary):
    """A summary whose plays are drawn from the database once."""

    def __init__(self, ledgers: Ledgers, history: History, asked: Asked) -> None:
        super().__init__(history, asked)
        self._ledgers = ledgers

    @cached_property
    def rows(self) -> Rows:
        """The range's rows; of the whole history, only the columns that WHOLE names."""
        if self.asked.is_all:
            return columns(self._ledgers, self.history.kind, WHOLE)
        return self.history.rows(*self.asked.moments())

    @cached_property
    def rollup(self) -> Rollup:
        """The sums over the range."""
        if self.asked.is_all:
            return self.history.everything
        return roll_up(self.rows, self.names, self.history.threshold_ms)

    @cached_property
    def plays(self) -> Plays:
        """The range's plays that count."""
        if self.asked.is_all or "every_play" in self.__dict__:
            return self.every_play.between(*self.between())
        return counting(self.rows, self.history.threshold_ms)

    @cached_property
    def every_play(self) -> Plays:
        """All plays that count, whatever the range."""
        return counting(columns(self._ledgers, self.history.kind, PLAYS), self.history.threshold_ms)

    def another(self, asked: Asked) -> "Whole":
        """The same history, asked about another range."""
        return Whole(self._ledgers, self.history, asked)

    def between(self) -> tuple[int, int]:
        """The moments of the range, as far as they reach."""
        start, end = self.asked.moments()
        return start or 0, EVER if end is None else end

    @cached_property
    def days(self) -> tuple[date, date] | None:
        """The first and the last day of the range; where both are asked for, nothing need be counted."""
        if self.asked.first and self.asked.last:
            return self.asked.first, self.asked.last
        return super().days

    def artist_of(self, track: int) -> str | None:
        """Whose a track is; `None` where that is unknown."""
        artist = int(self.names.track_artist[track])
        return self.names.artists[artist] if artist >= 0 else None


def whole(store: Store, account_id: int, asked: Asked, kind: str = MUSIC) -> Whole | None:
    """A range of an account's plays of one kind; `None` where it has none at all."""
    found = ledgers(store, account_id)
    history = found.history(kind, asked.threshold_ms) if found else None
    return Whole(found, history, asked) if found and history else None


def kinds_of(store: Store, account_id: int) -> tuple[str, ...]:
    """What kinds of plays the account has."""
    found = ledgers(store, account_id)
    return tuple(kind for kind in KINDS if found and kind in found.ledger.years)
