"""A range with its plays at hand, for what sums alone do not tell."""

from collections.abc import Callable, Collection, Iterator
from datetime import date

from app.history.patterns import Plays, counting
from app.history.section import Rows
from app.history.stored import MUSIC, History, StoredHistory, no_matter, stored_history
from app.lazy import cached_property
from app.store.engine import Store
from app.web.time.range_query import RangeQuery
from app.web.time.summary import EVER, Summary

__all__ = ["AUDIOBOOKS", "KINDS", "MUSIC", "PODCASTS", "RangeWithPlays", "kinds_of", "whole"]

PODCASTS, AUDIOBOOKS = "podcasts", "audiobooks"
KINDS = (MUSIC, PODCASTS, AUDIOBOOKS)
PLAYS = ("start", "ms", "track")


class RangeWithPlays(Summary):
    """A summary with its plays at hand, in blocks: never all of them at once."""

    def __init__(self, stored_history: StoredHistory, history: History, asked: RangeQuery) -> None:
        super().__init__(history, asked)
        self._ledgers = stored_history

    def blocks(self, names: Collection[str]) -> Iterator[Rows]:
        """The range's rows, with these columns alone."""
        return self.history.blocks(*self.asked.moments(), names=names)

    def plays(self) -> Iterator[Plays]:
        """The range's plays that count."""
        return (counting(rows, self.history.threshold_ms) for rows in self.blocks(PLAYS))

    def every_play(self) -> Iterator[Plays]:
        """All plays that count, whatever the range."""
        return (counting(rows, self.history.threshold_ms) for rows in self.history.blocks(names=PLAYS))

    def another(self, asked: RangeQuery) -> "RangeWithPlays":
        """The same history, asked about another range."""
        return RangeWithPlays(self._ledgers, self.history, asked)

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


def whole(
    store: Store,
    account_id: int,
    asked: RangeQuery,
    kind: str = MUSIC,
    long_read: Callable[[], None] = no_matter,
) -> RangeWithPlays | None:
    """As `summary`, with its plays at hand."""
    found = stored_history(store, account_id, long_read)
    history = found.history(kind, asked.threshold_ms) if found else None
    return RangeWithPlays(found, history, asked) if found and history else None


def kinds_of(store: Store, account_id: int) -> tuple[str, ...]:
    """What kinds of plays the account has."""
    found = stored_history(store, account_id)
    return tuple(kind for kind in KINDS if found and kind in found.manifest.years)
