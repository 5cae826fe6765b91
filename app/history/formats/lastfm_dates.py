"""Dates as exports of Last.fm write them where they give no number: on the clock of UTC, in English."""

import re
from datetime import UTC, datetime
from functools import lru_cache

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY = re.compile(r"(?P<day>\d{1,2}) (?P<month>[a-z]{3}) (?P<year>\d{4}),?", re.ASCII | re.IGNORECASE)
_ISO_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)", re.ASCII)
_LONGEST = 30  # letters; what is kept in mind has a size
_CLOCK = re.compile(r"(\d\d):(\d\d)(?::(\d\d))?", re.ASCII)


def by_minute(text: object) -> int | None:
    """Unix milliseconds of "13 Jun 2025, 00:55", with or without its comma; `None` for anything else."""
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    day, _, clock = text.strip().rpartition(" ")
    begun, since = _day(day), _clock(clock)
    return None if begun is None or since is None or len(clock) != len("00:55") else begun + since


def moment_of(day: str, clock: str) -> int | None:
    """Unix milliseconds of a day ("13 Jun 2025" or "2025-06-13") and a time of it ("00:55" or "00:55:07")."""
    if len(day) > _LONGEST or len(clock) > _LONGEST:
        return None
    begun, since = _day(day), _clock(clock)
    return None if begun is None or since is None else begun + since


@lru_cache(2**14)
def _day(text: str) -> int | None:
    found = _DAY.fullmatch(text) or _ISO_DAY.fullmatch(text)
    if found is None:
        return None
    month = found["month"].lower()
    try:
        number = _MONTHS.index(month) + 1 if month.isalpha() else int(month)
        return int(datetime(int(found["year"]), number, int(found["day"]), tzinfo=UTC).timestamp()) * 1000
    except ValueError:
        return None


@lru_cache(2**12)
def _clock(text: str) -> int | None:
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hours, minutes, seconds = (int(digits or 0) for digits in found.groups())
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    return (hours * 3600 + minutes * 60 + seconds) * 1000
