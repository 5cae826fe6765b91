"""What the history's first page prints: totals with their change, and its charts with their sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.history.figures import DayCount, Streak
from app.web.charts.heatmap import Calendar, WeekClock, calendar, week_clock
from app.web.charts.scale import on_bar
from app.web.charts.shared import Fact
from app.web.charts.time_series import Series, series
from app.web.format import (
    TextSpan,
    change,
    counted,
    date_span,
    hours,
    long_time,
    number,
    short_day,
    stripped,
)
from app.web.time.compared import Kind, earlier, lines, ranking_of
from app.web.time.links import Links
from app.web.time.rows import Row, rows
from app.web.time.summary import Summary, Totals

FIRST = 10
CALENDAR_DAYS = 371
SIGNS = {"up": "▲", "down": "▼", "same": "="}
LISTS = ((Kind.ARTISTS, "history.artists"), (Kind.TRACKS, "history.tracks"), (Kind.ALBUMS, "history.albums"))


@dataclass(frozen=True)
class Change:
    """How a total has changed. `style` is up, down or same."""

    style: str
    sign: str
    words: str


@dataclass(frozen=True)
class Total:
    """A total with what it means, and its change against the period before."""

    label: str
    value: str
    covers: str
    change: Change | None


@dataclass(frozen=True)
class YearLink:
    """A year with its plays, its share of the fullest year's on 0-100, and its own page."""

    label: str
    href: str
    plays: str
    bar: float


@dataclass(frozen=True)
class First:
    """The beginning of a list, and where the rest of it is."""

    id: str
    title: str
    covers: str
    rows: tuple[Row, ...]
    href: str
    more: str


@dataclass(frozen=True)
class OverviewView:
    """The page. `compared` says what the changes are against, `unknown` how many plays have no names."""

    lead: tuple[TextSpan, ...]
    totals: tuple[Total, ...]
    compared: str
    unknown: str
    series: Series
    calendar: Calendar
    calendar_covers: str
    years: tuple[YearLink, ...]
    clock: WeekClock
    spells_sentence: str
    spells: tuple[Fact, ...]
    lists: tuple[First, ...]


def overview_view(of: Summary, links: Links) -> OverviewView | None:
    """Everything that the template shows; `None` where the range has no plays."""
    days = of.days
    if days is None or not of.rollup.plays:
        return None
    before = earlier(of)
    shown = _calendar_days(days)
    return OverviewView(
        lead=_lead(of),
        totals=_totals(of, before, days),
        compared=_compared(of, before),
        unknown=_unknown(of),
        series=series(of.daily, days),
        calendar=calendar(of.daily, shown),
        calendar_covers=date_span(shown) if shown != days else "Every day of the range",
        years=_years(of.daily, links) if shown != days else (),
        clock=week_clock(of.clock),
        spells_sentence=_spells_sentence(of),
        spells=_spells(of),
        lists=tuple(_first(of, before, kind, endpoint, links) for kind, endpoint in LISTS),
    )


def _lead(of: Summary) -> tuple[TextSpan, ...]:
    totals, top = of.totals, of.artists.top(1)
    when = "In all, you have listened" if of.asked.is_all else "You listened"
    opening = TextSpan(f"{when} for {long_time(totals.ms)}")
    if not top or not stripped(top[0].name):
        return (opening, TextSpan("."))
    return (
        opening,
        TextSpan(", most of all to "),
        TextSpan(stripped(top[0].name) or "", is_name=True),
        TextSpan("."),
    )


def _totals(of: Summary, before: Summary | None, days: tuple[date, date]) -> tuple[Total, ...]:
    now, then = of.totals, before.totals if before else None
    length = (days[1] - days[0]).days + 1
    top = max(of.daily, key=lambda one: (one.ms, one.day))
    top_then = max(one.ms for one in before.daily) if before else None
    found = [
        Total("Plays", number(now.plays), _a_day(now), _change(now.plays, then.plays if then else None)),
        Total("Listening time", hours(now.ms), long_time(now.ms), _change(now.ms, then.ms if then else None)),
    ]
    for label, count, before_it in (
        ("Tracks", now.tracks, then.tracks if then else None),
        ("Artists", now.artists, then.artists if then else None),
        ("Albums", now.albums, then.albums if then else None),
    ):
        found.append(Total(label, number(count), _each(now, count), _change(count, before_it)))
    days_then = then.days if then else None
    found.append(
        Total("Days with music", number(now.days), f"of {number(length)}", _change(now.days, days_then))
    )
    longest = f"{short_day(top.day)}, {counted(top.plays, 'play')}"
    found.append(Total("Longest day", hours(top.ms), longest, _change(top.ms, top_then)))
    return tuple(found)


def _each(now: Totals, count: int) -> str:
    return f"{_mean(now.plays, count)} plays each" if count else "none known"


def _mean(amount: int, count: int) -> str:
    mean = amount / max(count, 1)
    return f"{mean:,.0f}" if mean >= 10 else f"{mean:.1f}"


def _a_day(now: Totals) -> str:
    return f"{_mean(now.plays, now.days)} on a day with music"


def _change(now: int, then: int | None) -> Change | None:
    found = change(now, then)
    return Change(found[0], SIGNS[found[0]], found[1]) if found else None


def _compared(of: Summary, before: Summary | None) -> str:
    if before is not None and before.asked.first and before.asked.last:
        return f"“Before” is {date_span((before.asked.first, before.asked.last))}."
    then = of.asked.before()
    if then is not None and then.first and then.last:
        span = date_span((then.first, then.last))
        return f"There are no plays in the period before, {span}, to compare with."
    return ""


def _unknown(of: Summary) -> str:
    plays = of.rollup.plays - int(of.tracks.plays.sum())
    if not plays:
        return ""
    are = "is" if plays == 1 else "are"
    return (
        f"{counted(plays, 'play')} with unknown names {are} in the totals, hours and days, but in no "
        "ranking: your export does not say what was played."
    )


def _calendar_days(days: tuple[date, date]) -> tuple[date, date]:
    """The range, or its last twelve months."""
    first, last = days
    if (last - first).days < CALENDAR_DAYS:
        return days
    day_after = last + timedelta(days=1)
    if (day_after.month, day_after.day) == (2, 29):
        return date(last.year - 1, 3, 1), last
    return day_after.replace(year=day_after.year - 1), last


def _years(daily: Sequence[DayCount], links: Links) -> tuple[YearLink, ...]:
    plays: dict[int, int] = {}
    for one in daily:
        plays[one.day.year] = plays.get(one.day.year, 0) + one.plays
    most = max(plays.values())
    return tuple(
        YearLink(
            str(year),
            links.days("history.page", f"{year}-01-01", f"{year}-12-31"),
            number(plays.get(year, 0)),
            on_bar(plays.get(year, 0) / most),
        )
        for year in range(min(plays), max(plays) + 1)
    )


def _spells_sentence(of: Summary) -> str:
    longest, current = of.longest_streak, of.current_streak
    run = f"Your longest streak is {counted(longest.days, 'day')} in a row with music"
    if current.days and current == longest:
        return f"{run}, and it is not over."
    return f"{run}; {_now(current)}." if _reaches_today(of) else f"{run}."


def _now(current: Streak) -> str:
    return (
        f"the one you are on has {counted(current.days, 'day')}" if current.days else "there is none just now"
    )


def _reaches_today(of: Summary) -> bool:
    return of.asked.last is None or of.asked.last >= of.asked.today


def _spells(of: Summary) -> tuple[Fact, ...]:
    rollup, zone = of.rollup, of.asked.zone
    mean = rollup.session_seconds * 1000 // max(rollup.sessions, 1)
    began = datetime.fromtimestamp(rollup.longest_session_at, zone)
    found = [Fact("Longest streak", counted(of.longest_streak.days, "day"), _streak_span(of.longest_streak))]
    if _reaches_today(of):
        covers = _streak_span(of.current_streak) if of.current_streak.days else "nothing today or yesterday"
        found.append(Fact("Current streak", counted(of.current_streak.days, "day"), covers))
    return (
        *found,
        Fact("Sessions", number(rollup.sessions), "a gap of over 30 minutes ends one"),
        Fact("Average session", hours(mean), f"{rollup.plays / max(rollup.sessions, 1):.1f} plays"),
        Fact(
            "Longest session",
            hours(rollup.longest_session * 1000),
            f"began {short_day(began.date())} at {began:%H:%M}",
        ),
    )


def _streak_span(streak: Streak) -> str:
    if streak.first is None or streak.last is None:
        return ""
    if streak.first == streak.last:
        return short_day(streak.first)
    return f"{short_day(streak.first)} to {short_day(streak.last)}"


def _first(of: Summary, before: Summary | None, kind: Kind, endpoint: str, links: Links) -> First:
    ranking = ranking_of(of, kind)
    found = lines(ranking.top(FIRST), kind, before)
    length = ranking.length
    return First(
        id=kind.value,
        title=f"Top {kind.value}",
        covers=_covers(length),
        rows=rows(found, kind, links, of.rollup.plays),
        href=links.to(endpoint),
        more=f"All {number(length)} {kind.value}",
    )


def _covers(length: int) -> str:
    if not length:
        return "None is known"
    return (
        f"First {FIRST} of {number(length)}, by plays"
        if length > FIRST
        else f"All {number(length)}, by plays"
    )
