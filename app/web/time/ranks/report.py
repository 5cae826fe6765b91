"""`/history/ranks`: who led each month or year of a range."""

from dataclasses import dataclass

from app.history.leaders import Leaders, leading_artists
from app.history.patterns import MONTH, YEAR
from app.web.time.range_with_plays import RangeWithPlays

RANKS = 8
MOST_PERIODS = 24
UNITS = {MONTH: "month", YEAR: "year"}


@dataclass(frozen=True)
class RankReport:
    """The leaders of each "month" or "year" (`by`), oldest first.

    `left_out`: how many earlier periods there are beside the latest MOST_PERIODS.
    """

    by: str
    periods: tuple[Leaders, ...]
    left_out: int


def rank_report(selection: RangeWithPlays, by: str | None = None) -> RankReport:
    """The leaders of a range; without `by`, those of years where it is longer than MOST_PERIODS months."""
    first, last = selection.days or (None, None)
    months = (last.year - first.year) * 12 + last.month - first.month + 1 if first and last else 1
    unit = {"month": MONTH, "year": YEAR}.get(by or "", YEAR if months > MOST_PERIODS else MONTH)
    found = leading_artists(selection.plays(), selection.names, selection.query.zone, unit, RANKS)
    return RankReport(UNITS[unit], tuple(found[-MOST_PERIODS:]), max(0, len(found) - MOST_PERIODS))
