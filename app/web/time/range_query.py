"""Which plays are asked about, on whose clock, and the links that keep it.

Ranges include their first and their last day.
"""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, g, request, url_for

from app.history.calendar import midnight
from app.web.time.current_account import settings

MOST_THRESHOLD = 240  # seconds
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


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

    `threshold_ms`: from when on a play counts. `preset`: what the range is called, if anything. `address`:
    what the address says of days, time zone and threshold; links keep it.
    """

    zone: ZoneInfo
    today: date
    threshold_ms: int
    preset: Preset | None = Preset.ALL
    first: date | None = None
    last: date | None = None
    address: tuple[tuple[str, str], ...] = ()

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

    def link(self, endpoint: str, **address: Any) -> str:
        """The address of a page about the same range."""
        return url_for(endpoint, **address, **self._range(), **self._clock())

    def link_to_days(self, endpoint: str, first: str, last: str, **address: Any) -> str:
        """The address of a page about a range of its own."""
        days: dict[str, Any] = {"from": first, "to": last}
        return url_for(endpoint, **address, **days, **self._clock())

    def link_to_preset(self, endpoint: str, preset: Preset, **address: Any) -> str:
        """The address of a page about a range that has a name."""
        return url_for(endpoint, **address, range=preset.value, **self._clock())

    def link_to_all_time(self, endpoint: str, **address: Any) -> str:
        """The address of a page about the whole history."""
        return url_for(endpoint, **address, **self._clock())

    def link_to_item(self, kind: str, name: str, artist: str | None = None) -> str | None:
        """The address of an artist's, album's or track's page; `None` where it has no name to go by."""
        by = {"artist": artist} if artist and kind != "artist" else {}
        return self.link(f"history.{kind}", name=name, **by) if name else None

    def fields(self, **address: str | None) -> dict[str, str]:
        """What a form carries along, so that the range stays."""
        given = {name: value for name, value in address.items() if value}
        return given | self._range() | self._clock()

    def clock_fields(self, **address: str | None) -> dict[str, str]:
        """What a form that asks for another range carries along."""
        return {name: value for name, value in address.items() if value is not None} | self._clock()

    def _range(self) -> dict[str, Any]:
        if self.preset is None:
            return {name: value for name, value in self.address if name in ("from", "to") and value}
        return {} if self.preset is Preset.ALL else {"range": self.preset.value}

    def _clock(self) -> dict[str, Any]:
        return {name: value for name, value in self.address if name in ("tz", "threshold")}


def preset_query(
    zone: ZoneInfo,
    today: date,
    threshold_ms: int,
    preset: Preset = Preset.ALL,
    address: tuple[tuple[str, str], ...] = (),
) -> RangeQuery:
    """The question about a range that has a name."""
    first, last = _days(preset, today)
    return RangeQuery(zone, today, threshold_ms, preset, first, last, address)


def parse_range(account_id: int) -> RangeQuery:
    """The question in the address; 400 where it makes no sense. What it leaves open, the settings say."""
    own = settings(account_id)
    zone = _zone(request.args.get("tz") or own.timezone)
    today = datetime.now(zone).date()
    threshold_ms = _threshold(request.args.get("threshold"), own.threshold_s) * 1000
    first, last = (_date(request.args.get(name)) for name in ("from", "to"))
    names = ("from", "to", "tz", "threshold")
    address = tuple((name, request.args[name]) for name in names if name in request.args)
    if first is None and last is None:
        preset = _preset(request.args.get("range", Preset.ALL.value))
        return preset_query(zone, today, threshold_ms, preset, address)
    if first and last and first > last:
        abort(400)
    return RangeQuery(zone, today, threshold_ms, None, first, last, address)


def _preset(name: str) -> Preset:
    try:
        return Preset(name)
    except ValueError:
        abort(400)


def _zone(name: str | None) -> ZoneInfo:
    if not name:
        zone: ZoneInfo = g.timezone
        return zone
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        abort(400)


def _threshold(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= MOST_THRESHOLD):
        abort(400)
    return int(text)


def _date(text: str | None) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or not 1970 < day.year < 2100:
        abort(400)
    return day


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
