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

from app.history.batch import Source
from app.history.calendar import midnight
from app.web.auth import wants_json
from app.web.item.links import item_href
from app.web.time.current_account import settings

MOST_THRESHOLD = 240  # seconds
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NO_DAY = date.min  # in place of what is no day


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
    what the address says of days, time zone and threshold; links keep it. `wrong`: what the address has of
    days that is none, as a sentence for who typed it. `hour` (0-23), `weekday` (0: Monday): plays of that
    hour or weekday alone, where they are given. `service`: plays that one service told of ("lastfm").
    """

    zone: ZoneInfo
    today: date
    threshold_ms: int
    preset: Preset | None = Preset.ALL
    first: date | None = None
    last: date | None = None
    address: tuple[tuple[str, str], ...] = ()
    wrong: str = ""
    hour: int | None = None
    weekday: int | None = None
    service: str | None = None

    @property
    def is_all(self) -> bool:
        """Whether the whole history is asked about."""
        return self.first is None and self.last is None

    @property
    def by_clock(self) -> bool:
        """Whether some hours of the week are asked about, not all."""
        return self.hour is not None or self.weekday is not None

    def of_all(self) -> "RangeQuery":
        """The question about the whole history."""
        return replace(self, preset=Preset.ALL, first=None, last=None)

    def from_service(self, service: str | None) -> "RangeQuery":
        """The question about the plays that one service told of, or any."""
        address = [(name, value) for name, value in self.address if name != "from_source"]
        if service:
            address.append(("from_source", service))
        return replace(self, service=service, address=tuple(address))

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

    def link_to_span(self, endpoint: str, first: date, last: date, **address: Any) -> str:
        """The address of a page about these days; of the day's own page where it is one."""
        if first == last:
            return url_for("history.day", day=first.isoformat(), **self._clock())
        return self.link_to_days(endpoint, first.isoformat(), last.isoformat(), **address)

    def link_to_preset(self, endpoint: str, preset: Preset, **address: Any) -> str:
        """The address of a page about a range that has a name."""
        return url_for(endpoint, **address, range=preset.value, **self._clock())

    def link_to_all_time(self, endpoint: str, **address: Any) -> str:
        """The address of a page about the whole history."""
        return url_for(endpoint, **address, **self._clock())

    def link_to_item(self, kind: str, name: str, artist: str | None = None) -> str | None:
        """The address of an artist's, album's or track's page; `None` where it has no name to go by."""
        return item_href(kind, name, artist, **self._range(), **self._clock())

    def fields(self, **address: str | int | None) -> dict[str, str]:
        """What a form carries along, so that the range stays."""
        given = {name: str(value) for name, value in address.items() if value not in (None, "")}
        return given | self._range() | self._clock()

    def clock_fields(self, **address: str | None) -> dict[str, str]:
        """What a form that asks for another range carries along."""
        return {name: value for name, value in address.items() if value is not None} | self._clock()

    def _range(self) -> dict[str, Any]:
        if self.preset is None:
            return {name: value for name, value in self.address if name in ("from", "to") and value}
        return {} if self.preset is Preset.ALL else {"range": self.preset.value}

    def _clock(self) -> dict[str, Any]:
        return {name: value for name, value in self.address if name in ("tz", "threshold", "from_source")}


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
    """The question in the address; what it leaves open, the settings say.

    400 where it makes no sense. With days that are none, a page is about the whole history, and says what is
    `wrong`; days in the wrong order it takes the other way round.
    """
    own = settings(account_id)
    zone = _zone(request.args.get("tz") or own.timezone)
    today = datetime.now(zone).date()
    threshold_ms = _threshold(request.args.get("threshold"), own.threshold_s) * 1000
    days = {name: _date(request.args.get(name)) for name in ("from", "to")}
    service = _service(request.args.get("from_source"))
    names = ("from", "to", "tz", "threshold", "from_source")
    address = tuple((name, request.args[name]) for name in names if name in request.args)
    unreadable = [request.args[name] for name, day in days.items() if day is _NO_DAY]
    if unreadable:
        if wants_json():
            abort(400)
        wrong = f"“{unreadable[0][:40]}” is no day between 1971 and 2099: a day is written as 2024-06-30."
        return RangeQuery(zone, today, threshold_ms, None, None, None, address, wrong, service=service)
    first, last = days["from"], days["to"]
    if first is None and last is None:
        preset = _preset(request.args.get("range", Preset.ALL.value))
        return replace(preset_query(zone, today, threshold_ms, preset, address), service=service)
    if first and last and first > last:
        if wants_json():
            abort(400)
        first, last = last, first
        swapped = {"from": first.isoformat(), "to": last.isoformat()}
        address = tuple((name, swapped.get(name, value)) for name, value in address)
    return RangeQuery(zone, today, threshold_ms, None, first, last, address, service=service)


def parse_hours(query: RangeQuery) -> RangeQuery:
    """The question with the hour and weekday in the address; 400 where there is no such."""
    return replace(query, hour=_below("hour", 24), weekday=_below("weekday", 7))


def hours_of(query: RangeQuery) -> dict[str, str]:
    """The hour and weekday as an address has them; nothing where all are asked about."""
    given = {"hour": query.hour, "weekday": query.weekday}
    return {name: str(value) for name, value in given.items() if value is not None}


def _below(name: str, end: int) -> int | None:
    text = request.args.get(name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 3 and int(text) < end):
        abort(400)
    return int(text)


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


def _service(name: str | None) -> str | None:
    if name and name not in {source.service for source in Source}:
        abort(400)
    return name or None


def _threshold(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= MOST_THRESHOLD):
        abort(400)
    return int(text)


def parse_day(text: str) -> date | None:
    """A day from an address ("2026-11-20"); `None` where there is no such, or none that can have plays."""
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
    return day if day and 1970 < day.year < 2100 else None


def _date(text: str | None) -> date | None:
    return (parse_day(text) or _NO_DAY) if text else None


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
