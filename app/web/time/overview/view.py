"""The overview's sentences and figures."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.history.figures import DayCount, Streak
from app.web.charts.heatmap import calendar, week_clock
from app.web.charts.time_series import series
from app.web.charts.year_lines import year_lines
from app.web.format import (
    TextSpan,
    change,
    counted,
    date_span,
    hours,
    hours_or_plays,
    long_time,
    number,
    short_day,
    stripped,
)
from app.web.time.overview.report import FIRST, OverviewPage
from app.web.time.range_query import RangeQuery
from app.web.time.range_with_plays import Kind, Totals

__all__ = ["calendar", "series", "week_clock", "year_lines"]

CALENDAR_DAYS = 371
SIGNS = {"up": "▲", "down": "▼", "same": "="}

Days = tuple[date, date]
Change = tuple[str, str, str]  # a style (up, down or same), a sign, and words
# A label, a value, what it covers, its change, and the day that it is about.
Total = tuple[str, str, str, Change | None, date | None]


def lead(report: OverviewPage, query: RangeQuery) -> tuple[TextSpan, ...]:
    """How much was listened, and whom to most of all."""
    top = report.lists[Kind.ARTISTS]
    when = "In all, you have listened" if query.is_all else "You listened"
    totals = report.totals
    much = f"for {long_time(totals.ms)}" if totals.ms else counted(totals.plays, "time")
    opening = TextSpan(f"{when} {much}")
    name = stripped(top[0].item.name) if top else None
    if name is None:
        return (opening, TextSpan("."))
    return (opening, TextSpan(", most of all to "), TextSpan(name, True, "artist"), TextSpan("."))


def totals(report: OverviewPage, days: Days) -> list[Total]:
    """The totals, each with its change against the period before."""
    now, before = report.totals, report.before
    then = before.totals if before else None
    top = max(report.daily, key=lambda day: (day.ms, 0 if now.ms else day.plays, day.day))
    length = (days[1] - days[0]).days + 1

    def total(
        label: str, value: str, covers: str, amount: int, earlier: int | None, day: date | None = None
    ) -> Total:
        return label, value, covers, _change(amount, earlier), day

    def count(label: str, amount: int, earlier: int | None) -> Total:
        covers = f"{_mean(now.plays, amount)} plays each" if amount else "none known"
        return total(label, number(amount), covers, amount, earlier)

    a_day = f"{_mean(now.plays, now.days)} on a day with music"
    longest = f"{short_day(top.day)}, {counted(top.plays, 'play')}"
    return [
        total("Plays", number(now.plays), a_day, now.plays, then.plays if then else None),
        total("Listening time", hours(now.ms), long_time(now.ms), now.ms, then.ms if then else None)
        if now.ms
        else total("Listening time", "Unknown", "nobody noted it", 0, None),
        count("Tracks", now.tracks, then.tracks if then else None),
        count("Artists", now.artists, then.artists if then else None),
        count("Albums", now.albums, then.albums if then else None),
        total(
            "Days with music", number(now.days), f"of {number(length)}", now.days, then.days if then else None
        ),
        total(
            "Busiest day",
            hours_or_plays(top.ms, top.plays),
            longest,
            top.ms,
            before.longest_day_ms if before else None,
            top.day,
        ),
    ]


def _mean(amount: int, count: int) -> str:
    mean = amount / max(count, 1)
    return f"{mean:,.0f}" if mean >= 10 else f"{mean:.1f}"


def _change(now: int, then: int | None) -> Change | None:
    found = change(now, then)
    return (found[0], SIGNS[found[0]], found[1]) if found else None


def compared(report: OverviewPage, query: RangeQuery) -> str:
    """What the changes are against; "" where there is no period before."""
    before = query.before()
    if before is None or before.first is None or before.last is None:
        return ""
    span = date_span((before.first, before.last))
    if report.before is not None:
        return f"“Before” is {span}."
    return f"There are no plays in the period before, {span}, to compare with."


def gap_days(gaps: Sequence[tuple[int, int]], zone: ZoneInfo) -> set[date]:
    """The days of which plays may be missing, on the listener's clock."""
    found: set[date] = set()
    for begin, end in gaps:
        first, last = (datetime.fromtimestamp(moment, zone).date() for moment in (begin, end))
        found |= {first + timedelta(days=nth) for nth in range((last - first).days + 1)}
    return found


def gap(moments: tuple[int, int], zone: ZoneInfo) -> str:
    """A gap in words."""
    begin, end = (datetime.fromtimestamp(moment, zone) for moment in moments)
    return f"{short_day(begin.date())}, {begin:%H:%M} to {short_day(end.date())}, {end:%H:%M}"


def unnamed(plays: int) -> str:
    """How many plays have no names; "" where all do."""
    if not plays:
        return ""
    are = "is" if plays == 1 else "are"
    return (
        f"{counted(plays, 'play')} with unknown names {are} in the totals, hours and days, but in no "
        "ranking: your export does not say what was played."
    )


def calendar_days(days: Days) -> Days:
    """The days of the calendar: the range, or its last twelve months."""
    first, last = days
    if (last - first).days < CALENDAR_DAYS:
        return days
    day_after = last + timedelta(days=1)
    if (day_after.month, day_after.day) == (2, 29):
        return date(last.year - 1, 3, 1), last
    return day_after.replace(year=day_after.year - 1), last


def busiest_day(daily: Sequence[DayCount], days: Days) -> date | None:
    """The day with most plays; `None` without any."""
    shown = [count for count in daily if days[0] <= count.day <= days[1]]
    return max(shown, key=lambda count: (count.plays, count.day)).day if shown else None


def plays_by_year(daily: Sequence[DayCount]) -> dict[int, int]:
    """The plays of each year, from the first to the last one with any."""
    plays: dict[int, int] = {}
    for day in daily:
        plays[day.day.year] = plays.get(day.day.year, 0) + day.plays
    return {year: plays.get(year, 0) for year in range(min(plays), max(plays) + 1)}


def spells_sentence(report: OverviewPage, query: RangeQuery) -> str:
    """The longest run of days, and the one that is not over."""
    longest, current = report.longest_streak, report.current_streak
    run = f"Your longest streak is {counted(longest.days, 'day')} in a row with music"
    if current.days and current == longest:
        return f"{run}, and it is not over."
    if not _reaches_today(query):
        return f"{run}."
    if not current.days:
        return f"{run}; there is none just now."
    return f"{run}; the one you are on has {counted(current.days, 'day')}."


def _reaches_today(query: RangeQuery) -> bool:
    return query.last is None or query.last >= query.today


def spells(report: OverviewPage, query: RangeQuery) -> list[tuple[str, str, str]]:
    """Streaks and sessions: a label, a value, and what it covers."""
    longest, current = report.longest_streak, report.current_streak
    began = datetime.fromtimestamp(report.longest_session_at, query.zone)
    mean_ms = report.session_seconds * 1000 // max(report.sessions, 1)
    plays_each = report.totals.plays / max(report.sessions, 1)
    found = [("Longest streak", counted(longest.days, "day"), _streak_span(longest))]
    if _reaches_today(query):
        covers = _streak_span(current) if current.days else "nothing today or yesterday"
        found.append(("Current streak", counted(current.days, "day"), covers))
    return [
        *found,
        ("Sessions", number(report.sessions), "a gap of over 30 minutes ends one"),
        ("Average session", hours(mean_ms), f"{plays_each:.1f} plays"),
        (
            "Longest session",
            hours(report.longest_session * 1000),
            f"began {short_day(began.date())} at {began:%H:%M}",
        ),
    ]


def _streak_span(streak: Streak) -> str:
    if streak.first is None or streak.last is None:
        return ""
    if streak.first == streak.last:
        return short_day(streak.first)
    return f"{short_day(streak.first)} to {short_day(streak.last)}"


def length_of(report: OverviewPage, kind: Kind) -> int:
    """How many of a kind the whole list has."""
    now: Totals = report.totals
    return {Kind.ARTISTS: now.artists, Kind.TRACKS: now.tracks, Kind.ALBUMS: now.albums}[kind]


def list_covers(length: int) -> str:
    """How much of a list the page shows."""
    if not length:
        return "None is known"
    if length > FIRST:
        return f"First {FIRST} of {number(length)}, by plays"
    return f"All {number(length)}, by plays"
