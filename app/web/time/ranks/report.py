"""`/history/ranks`: who led each month or year of a range."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from app.history.items import ARTIST
from app.history.leaders import Leaders, leading_artists
from app.history.patterns import MONTH, YEAR
from app.web.charts.artwork import Picture
from app.web.time.range_with_plays import RangeWithPlays

RANKS = 8
MOST_PERIODS = 24
UNITS = {"month": MONTH, "year": YEAR}


@dataclass(frozen=True)
class RankReport:
    """The leaders of each "month" or "year" (`by`), oldest first.

    `left_out`: how many earlier periods there are beside the latest MOST_PERIODS. `pictures`: of the artists,
    by kind, name and nobody.
    """

    by: str
    periods: tuple[Leaders, ...]
    left_out: int
    pictures: Mapping[tuple[str, str, str | None], Picture | None] = field(default_factory=dict)


def rank_report(selection: RangeWithPlays, by: str | None = None) -> RankReport:
    """The leaders of a range; without `by`, those of years where it is longer than MOST_PERIODS months."""
    if selection.days is None:
        return RankReport(by or "month", (), 0)
    first, last = selection.days
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    by = by or ("year" if months > MOST_PERIODS else "month")
    periods = months if by == "month" else last.year - first.year + 1
    left_out = max(0, periods - MOST_PERIODS)
    if left_out:
        asked = replace(selection.query, preset=None, first=_later(first, by, left_out))
        selection = selection.another(asked)
    found = leading_artists(selection.plays(), selection.names, selection.query.zone, UNITS[by], RANKS)
    pictures = selection.pictures_by_name(
        (ARTIST, artist.name, None) for period in found for artist in period.artists
    )
    return RankReport(by, tuple(found), left_out, pictures)


def _later(day: date, by: str, periods: int) -> date:
    """The first day of the month or year that comes so many after a day's."""
    if by == "year":
        return date(day.year + periods, 1, 1)
    month = day.year * 12 + day.month - 1 + periods
    return date(month // 12, month % 12 + 1, 1)
