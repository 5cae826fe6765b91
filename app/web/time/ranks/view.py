"""The sentences and the chart of the ranks."""

from collections import Counter
from itertools import pairwise

from app.web.charts.bump import Bump, bump
from app.web.charts.time_series import period_days
from app.web.format import TextSpan, artist_name, counted, month
from app.web.time.range_query import RangeQuery
from app.web.time.ranks.report import MOST_PERIODS, RANKS, RankReport

__all__ = ["RANKS", "bump", "period_days"]

MOST_TICKS = 6


def period_name(period: str) -> str:
    """A month or year."""
    return month(period) if "-" in period else period


def artist_link(query: RangeQuery, name: str, period: str) -> str | None:
    """The address of an artist's page about a period."""
    first, last = period_days(period)
    return query.link_to_span("browse.named", first, last, kind="artist", name=name) if name else None


def ticks(chart: Bump) -> list[tuple[str, float]]:
    """The labels below the chart, each at a percentage of its width."""
    step = -(-len(chart.periods) // MOST_TICKS) or 1
    return [(_short_name(period), x) for period, x in chart.periods[::step]]


def lead(report: RankReport) -> tuple[TextSpan, ...]:
    """Who was first most often, and how often the first place changed."""
    firsts = [period.artists[0] for period in report.periods if period.artists]
    if not firsts:
        return (TextSpan("No artist of this range is known."),)
    (number, times), *_ = Counter(first.number for first in firsts).most_common(1)
    name = TextSpan(artist_name(next(one.name for one in firsts if one.number == number)), True, "artist")
    if len(firsts) == 1:
        return (name, TextSpan(" came first."))
    changes = sum(one.number != other.number for one, other in pairwise(firsts))
    changed = f"; the first place changed {counted(changes, 'time')}" if changes else ""
    return (name, TextSpan(f" came first in {times} of {counted(len(firsts), report.by)}{changed}."))


def left_out(report: RankReport) -> str:
    """How much of the range is not shown; "" where all is."""
    if not report.left_out:
        return ""
    return f"The latest {MOST_PERIODS} {report.by}s; choose a range to see the {report.left_out} before them."


def _short_name(period: str) -> str:
    return f"{month(period)[:3]} {period[2:4]}" if "-" in period else period
