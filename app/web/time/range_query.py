"""Which plays are asked about, and on whose clock. Ranges include their first and their last day."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from app.history.calendar import midnight


class Preset(Enum):
    """The ranges that have a name."""

    FOUR_WEEKS = "4w"
    SIX_MONTHS = "6m"
    YEAR = "year"
    LAST_YEAR = "last_year"
    ALL = "all"


@dataclass(frozen=True)
class RangeQuery:
    """A question. `first` and `last` are `None` for as far as the history goes. `today` is the listener's.

    `threshold_ms`: from when on a play counts. `preset`: what the range is called, if anything.
    """

    zone: ZoneInfo
    today: date
    threshold_ms: int
    preset: Preset | None = Preset.ALL
    first: date | None = None
    last: date | None = None

    @property
    def is_all(self) -> bool:
        """Whether the whole history is asked about."""
        return self.first is None and self.last is None

    def moments(self) -> tuple[int | None, int | None]:
        """From when, and up to when, plays belong to the range: Unix seconds."""
        start = midnight(self.first, self.zone) if self.first else None
        end = midnight(self.last + timedelta(days=1), self.zone) if self.last else None
        return start, end

    def before(self) -> "RangeQuery | None":
        """The range to compare with: the year before a year, else as many days; `None` before all."""
        if self.first is None or self.last is None:
            return None
        if self.preset is Preset.LAST_YEAR or _is_a_year(self.first, self.last):
            year = self.first.year - 1
            return replace(self, preset=None, first=date(year, 1, 1), last=date(year, 12, 31))
        if self.preset is Preset.YEAR:
            # So far this year, against the same days of the last one.
            year = self.first.year - 1
            return replace(self, preset=None, first=date(year, 1, 1), last=_same_day(self.last, year))
        days = (self.last - self.first).days + 1
        return replace(
            self,
            preset=None,
            first=self.first - timedelta(days=days),
            last=self.first - timedelta(days=1),
        )


def asked(
    zone: ZoneInfo,
    today: date,
    threshold_ms: int,
    preset: Preset = Preset.ALL,
) -> RangeQuery:
    """The question about a range that has a name."""
    first, last = _days(preset, today)
    return RangeQuery(zone, today, threshold_ms, preset, first, last)


def _days(preset: Preset, today: date) -> tuple[date | None, date | None]:
    if preset is Preset.FOUR_WEEKS:
        return today - timedelta(days=27), today
    if preset is Preset.SIX_MONTHS:
        month = today.month - 6
        year = today.year if month > 0 else today.year - 1
        there = date(year, month if month > 0 else month + 12, 1)
        return _clamped(there, today.day) + timedelta(days=1), today
    if preset is Preset.YEAR:
        return date(today.year, 1, 1), today
    if preset is Preset.LAST_YEAR:
        return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)
    return None, None


def _clamped(month: date, day: int) -> date:
    """That day of a month, or the month's last."""
    following = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    return min(month + timedelta(days=day - 1), following - timedelta(days=1))


def _same_day(day: date, year: int) -> date:
    return _clamped(date(year, day.month, 1), day.day)


def _is_a_year(first: date, last: date) -> bool:
    return (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year
