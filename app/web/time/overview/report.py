"""`/history`: a range at a glance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from app.history.figures import DayCount, MonthCount, Ranked, Share, Streak, YearSoFar, year_so_far
from app.web.time.range_query import Preset
from app.web.time.range_with_plays import Kind, Line, RangeWithPlays, Totals, lines

TOP = 50
FIRST = 10  # of each list on the page


@dataclass(frozen=True)
class Overview:
    """A range in numbers, by the names that programs know. `clock`: plays by weekday, Monday first, and hour.

    Without anything given it is the overview of nothing.
    """

    totals: Totals = field(default_factory=Totals)
    top_artists: Sequence[Ranked] = ()
    top_tracks: Sequence[Ranked] = ()
    top_albums: Sequence[Ranked] = ()
    clock: Sequence[Sequence[int]] = ((0,) * 24,) * 7
    daily: Sequence[DayCount] = ()
    streaks: Mapping[str, Streak] = field(
        default_factory=lambda: {"longest": Streak(0), "current": Streak(0)}
    )
    discovery: Sequence[MonthCount] = ()
    skips: Mapping[str, int] = field(default_factory=lambda: {"rows": 0, "skipped": 0})
    shuffle: Mapping[str, int] = field(default_factory=lambda: {"rows": 0, "shuffled": 0})
    offline: Mapping[str, int] = field(default_factory=lambda: {"rows": 0, "offline": 0})
    platforms: Sequence[Share] = ()
    countries: Sequence[Share] = ()


@dataclass(frozen=True)
class Before:
    """The period before."""

    totals: Totals
    longest_day_ms: int


@dataclass(frozen=True)
class OverviewPage:
    """What the page shows of a range. `lists`: the first of each kind; `before`: `None` without plays then.

    `unnamed_plays`: how many do not say what was played. `gaps`: from when to when live plays may be missing.
    Unix seconds.
    """

    totals: Totals
    before: Before | None
    lists: Mapping[Kind, Sequence[Line]]
    clock: Sequence[Sequence[int]]
    daily: Sequence[DayCount]
    longest_streak: Streak
    current_streak: Streak
    unnamed_plays: int
    sessions: int
    session_seconds: int
    longest_session: int
    longest_session_at: int
    gaps: Sequence[tuple[int, int]]
    years_so_far: tuple[YearSoFar, YearSoFar] | None


def overview(selection: RangeWithPlays) -> Overview:
    """A range in numbers."""
    rollup = selection.rollup
    return Overview(
        totals=selection.totals,
        top_artists=selection.artists.top(TOP),
        top_tracks=selection.tracks.top(TOP),
        top_albums=selection.albums.top(TOP),
        clock=selection.clock,
        daily=selection.daily,
        streaks={"longest": selection.longest_streak, "current": selection.current_streak},
        discovery=selection.discovery,
        skips={"rows": rollup.rows, "skipped": rollup.skipped},
        shuffle={"rows": rollup.shuffle_rows, "shuffled": rollup.shuffled},
        offline={"rows": rollup.offline_rows, "offline": rollup.offline},
        platforms=selection.platforms,
        countries=selection.countries,
    )


def overview_page(selection: RangeWithPlays) -> OverviewPage:
    """A range beside the period before, which only the page reads."""
    before, rollup = selection.before(), selection.rollup
    return OverviewPage(
        totals=selection.totals,
        before=Before(before.totals, max(day.ms for day in before.daily)) if before else None,
        lists=selection.with_pictures(
            {kind: lines(selection.ranking(kind).top(FIRST), kind, before) for kind in Kind}
        ),
        clock=selection.clock,
        daily=selection.daily,
        longest_streak=selection.longest_streak,
        current_streak=selection.current_streak,
        unnamed_plays=rollup.plays - int(selection.tracks.plays.sum()),
        sessions=rollup.sessions,
        session_seconds=rollup.session_seconds,
        longest_session=rollup.longest_session,
        longest_session_at=rollup.longest_session_at,
        gaps=selection.gaps(),
        years_so_far=_years_so_far(selection),
    )


def _years_so_far(selection: RangeWithPlays) -> tuple[YearSoFar, YearSoFar] | None:
    query = selection.query
    if query.preset not in (Preset.ALL, Preset.YEAR):
        return None
    whole = (
        selection
        if query.is_all
        else selection.another(replace(query, preset=Preset.ALL, first=None, last=None))
    )
    this, last = (year_so_far(whole.daily, day) for day in (query.today, date(query.today.year - 1, 12, 31)))
    return (this, last) if this.ms[-1] and last.ms[-1] else None
