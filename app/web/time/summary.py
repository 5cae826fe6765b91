"""What a range adds up to: the whole of `/history.json`, and what the pages under `/history` draw on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from app.history import figures
from app.history.blobs import Stale
from app.history.calendar import date_at
from app.history.figures import DayCount, Moments, MonthCount, Ranking, Share, Streak
from app.history.rollup import Rollup
from app.history.section import Names
from app.history.stored import MUSIC, History, no_matter, stored_history
from app.lazy import cached_property
from app.store.engine import Store
from app.web.time.range_query import RangeQuery

__all__ = ["EVER", "Stale", "Summary", "Totals", "summary"]

EVER = 2**62


@dataclass(frozen=True)
class Totals:
    """Over plays that count. `ms`: listening time."""

    plays: int
    ms: int
    tracks: int
    artists: int
    albums: int
    days: int


class Summary:
    """A range of one kind of plays. Everything is worked out when it is first asked for, and once."""

    def __init__(self, history: History, asked: RangeQuery) -> None:
        self.history = history
        self.asked = asked

    @cached_property
    def names(self) -> Names:
        """What the numbers stand for."""
        return self.history.names

    @cached_property
    def rollup(self) -> Rollup:
        """The sums over the range."""
        start, end = self.asked.moments()
        if start is None and end is None:
            return self.history.everything
        return self.history.rollup(start or 0, EVER if end is None else end)

    @cached_property
    def moments(self) -> Moments:
        """When the plays were."""
        blocks = self.history.blocks(*self.asked.moments(), names=("start", "ms"))
        return figures.moments(self.rollup, blocks, self.history.threshold_ms, self.asked.zone)

    @cached_property
    def daily(self) -> list[DayCount]:
        """The days with plays."""
        return figures.daily(self.moments)

    @cached_property
    def clock(self) -> list[list[int]]:
        """Plays by weekday and hour."""
        return figures.clock(self.moments)

    @cached_property
    def tracks(self) -> Ranking:
        """The tracks, to be ranked."""
        return figures.tracks(self.rollup, self.names)

    @cached_property
    def artists(self) -> Ranking:
        """The artists, to be ranked."""
        return figures.artists(self.rollup, self.names)

    @cached_property
    def albums(self) -> Ranking:
        """The albums, to be ranked."""
        return figures.albums(self.rollup, self.names)

    @cached_property
    def totals(self) -> Totals:
        """What it adds up to."""
        return Totals(
            plays=self.rollup.plays,
            ms=self.rollup.ms,
            tracks=self.tracks.length,
            artists=self.artists.length,
            albums=self.albums.length,
            days=len(self.daily),
        )

    @cached_property
    def longest_streak(self) -> Streak:
        """The longest run of days with plays."""
        return figures.longest_streak(self.daily)

    @cached_property
    def current_streak(self) -> Streak:
        """The run of days that is not over."""
        last = self.asked.last
        return figures.current_streak(self.daily, min(last, self.asked.today) if last else self.asked.today)

    @cached_property
    def discovery(self) -> Sequence[MonthCount]:
        """New artists and tracks by month."""
        start, end = self.asked.moments()
        return figures.discovery(
            self.history.everything, self.names, self.asked.zone, start or 0, EVER if end is None else end
        )

    @cached_property
    def platforms(self) -> Sequence[Share]:
        """Device families."""
        return figures.platforms(self.rollup)

    @cached_property
    def countries(self) -> Sequence[Share]:
        """Countries."""
        return figures.countries(self.rollup, self.names)

    @cached_property
    def days(self) -> tuple[date, date] | None:
        """The first and the last day of the range; of all, those of the first and the last play."""
        first, last = self.asked.first, self.asked.last
        rollup, zone = self.rollup, self.asked.zone
        if not rollup.plays and (first is None or last is None):
            return (first or last, last or first) if first or last else None  # type: ignore[return-value]
        return (
            first or date_at(rollup.begins, zone),
            last or date_at(rollup.ends, zone),
        )

    def before(self) -> "Summary | None":
        """The range before, to compare with."""
        earlier = self.asked.before()
        return Summary(self.history, earlier) if earlier else None


def summary(
    store: Store,
    account_id: int,
    asked: RangeQuery,
    kind: str = MUSIC,
    long_read: Callable[[], None] = no_matter,
) -> Summary | None:
    """A range of an account's plays of one kind; `None` where it has none at all.

    `long_read` is called before many plays are read: it may wait, or raise.
    """
    found = stored_history(store, account_id, long_read)
    history = found.history(kind, asked.threshold_ms) if found else None
    return Summary(history, asked) if history else None
