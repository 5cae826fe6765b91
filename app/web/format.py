"""Values as words: dates, durations, counts, percentages, names. Nothing here computes a statistic.

Dates, numbers and countries follow the CLDR, through Babel. Times are Unix seconds, and the clock shows the
reader's time zone, with " (UTC)" appended where theirs is not known.
"""

import re
import time
from collections.abc import Mapping, Sized
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from flask import g

from app.music import TimeRange, Track
from app.stats.mood import Mood

LOCALE = Locale("en")
UNKNOWN = "–"
MINUTE, HOUR, DAY = 60, 3600, 86400
UP, DOWN, SAME = "up", "down", "same"
# One expression, since a page asks it of every size of every picture.
_SHOWABLE = re.compile(r"(?:https?://(?:\[[0-9a-fA-F:.]+\]|[^/?#\[\s\x00-\x1f\\])|/(?!/))[^\s\x00-\x1f\\]*")
_RELEASED = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
TAKEN_DOWN = "Untitled (no longer at Spotify)"
PROVIDERS = {"spotify": "Spotify", "reccobeats": "ReccoBeats"}
SERVICES = {
    "spotify": "Spotify",
    "lastfm": "Last.fm",
    "listenbrainz": "ListenBrainz",
    "maloja": "Maloja",
    "koito": "Koito",
    "apple": "Apple Music",
    "deezer": "Deezer",
    "youtube": "YouTube Music",
    "pano": "Pano Scrobbler",
    "scrobbler-log": "A player’s log",
    "csv": "A table (CSV)",
    "tidal": "Tidal",
}
PERIODS = {
    TimeRange.SHORT_TERM: "about the last 4 weeks",
    TimeRange.MEDIUM_TERM: "about the last 6 months",
    TimeRange.LONG_TERM: "about the last year",
}


@dataclass(frozen=True)
class TextSpan:
    """A part of a sentence; `is_name` where it is a name from outside, in whatever script.

    `kind`: "artist", "album" or "track", where it has a page; `artist`: whom it is by; `id`: Spotify's.
    """

    text: str
    is_name: bool = False
    kind: str | None = None
    artist: str | None = None
    id: str | None = None


def track_span(track: Track) -> TextSpan:
    """The name of a track of Spotify's, for a sentence."""
    by = track.artists[0].name if track.artists else None
    return TextSpan(title(track.name), True, "track", by, track.id)


def percent(share: float | None) -> str:
    """A share of 1 as a whole percentage: `percent(0.634)` is "63%"."""
    if share is None:
        return UNKNOWN
    if 0 < share <= 0.005:
        return "<1%"
    return f"{share * 100:.0f}%"


def duration(milliseconds: int | None) -> str:
    """A track's length: `duration(187_000)` is "3:07", from an hour on "1:02:03"."""
    if milliseconds is None:
        return UNKNOWN
    minutes, seconds = divmod(milliseconds // 1000, MINUTE)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def age(then: float, now: float) -> str:
    """How long ago `then` was: "just now", "12 minutes ago", "3 hours ago", "2 days ago"."""
    seconds = now - then
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= unit:
            return f"{counted(int(seconds // unit), name)} ago"
    return "just now"


def clock_time(epoch: float, now: float, timezone: ZoneInfo) -> str:
    """A moment on the reader's clock: "14:05", "14:05 tomorrow", "14:05 on 3 December"."""
    moment = datetime.fromtimestamp(epoch, timezone)
    today = datetime.fromtimestamp(now, timezone).date()
    if moment.date() == today:
        day = ""
    elif moment.date() == today + timedelta(days=1):
        day = " tomorrow"
    else:
        day = " on " + _date(moment.date(), "d MMMM" if moment.year == today.year else "d MMMM y")
    return f"{moment:%H:%M}{day}" + (" (UTC)" if timezone.key == "UTC" else "")


def clock(epoch: float) -> str:
    """`clock_time` for the request at hand: now, in the time zone that the request came with."""
    return clock_time(epoch, time.time(), g.get("timezone", ZoneInfo("UTC")))


def moment(epoch: float) -> str:
    """A moment in full on the reader's clock: "12 March 2021, 14:05"."""
    zone: ZoneInfo = g.get("timezone", ZoneInfo("UTC"))
    then = datetime.fromtimestamp(epoch, zone)
    return f"{day(then.date())}, {then:%H:%M}" + (" (UTC)" if zone.key == "UTC" else "")


def local_date(epoch: float) -> date:
    """The day of a moment, in the time zone that the request came with."""
    return datetime.fromtimestamp(epoch, g.get("timezone", UTC)).date()


def iso(epoch: float) -> str:
    """A moment for machines, as `<time datetime>` wants it: "2026-11-20T08:57:49Z"."""
    return datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def counted(count: int, noun: str) -> str:
    """A number and its noun: "1 track", "3,200 tracks"."""
    return f"{number(count)} {noun}" if count == 1 else f"{number(count)} {noun}s"


@lru_cache(maxsize=4096)
def number(count: float) -> str:
    """A number with its thousands set apart: "3,200"."""
    return format_decimal(count, locale=LOCALE)


def month(name: str) -> str:
    """A month: `month("2021-03")` is "March 2021"."""
    return _date(date.fromisoformat(f"{name}-01"), "MMMM y")


def day(when: date) -> str:
    """A date: "12 March 2021"."""
    return _date(when, "d MMMM y")


def short_day(when: date) -> str:
    """A date where there is little room: "12 Mar 2021"."""
    return _date(when, "d MMM y")


def day_of_year(when: date) -> str:
    """A date without its year: "12 March"."""
    return _date(when, "d MMMM")


def weekday(when: date) -> str:
    """A weekday: "Thursday"."""
    return _date(when, "EEEE")


def date_span(days: tuple[date, date]) -> str:
    """From a day to another: "1 January 2020 to 3 March 2021"."""
    first, last = days
    return day(first) if first == last else f"{day(first)} to {day(last)}"


@lru_cache(maxsize=4096)
def _date(when: date, pattern: str) -> str:
    return str(format_date(when, pattern, locale=LOCALE))


def country(code: str) -> str:
    """A country by its ISO 3166-1 code: "Germany"; the code itself where there is no such."""
    return str(LOCALE.territories.get(code, code))


def hours(milliseconds: int) -> str:
    """Listening time in hours: "1,204 h", "3.5 h", "40 min"."""
    minutes = milliseconds / 1000 / MINUTE
    if minutes < 60:
        return f"{minutes:.0f} min"
    amount = minutes / 60
    return f"{amount:.1f} h" if amount < 10 else f"{number(round(amount))} h"


def hours_or_plays(milliseconds: int, plays: int) -> str:
    """Listening time in hours; where nobody knows how long plays were, how many there are: "12 plays"."""
    return hours(milliseconds) if milliseconds else counted(plays, "play")


def music(milliseconds: int, plays: int) -> str:
    """The same in a sentence: "3 hours of music", "12 plays"."""
    return f"{long_time(milliseconds)} of music" if milliseconds else counted(plays, "play")


def share(part: float, whole: float) -> str:
    """A part as a percentage, with a decimal where it is small: "12%", "3.4%", "0%"."""
    if not whole:
        return UNKNOWN
    percentage = part / whole * 100
    if percentage and percentage < 0.1:
        return "<0.1%"
    if 0 < percentage < 9.95 or 99 < percentage < 100:
        return f"{percentage:.1f}%"
    return f"{percentage:.0f}%"


def change(now: int, before: int | None) -> tuple[str, str] | None:
    """How an amount has changed: its direction and a few words; `None` where there is nothing before."""
    if before is None:
        return None
    if not before:
        return (UP, "none in the period before") if now else (SAME, "none in the period before either")
    ratio = (now - before) / before
    if abs(ratio) < 0.005:
        return SAME, "as in the period before"
    words = f"{abs(ratio):.0%}" if abs(ratio) < 10 else f"{now / before:.0f} times"
    return (UP, f"{words} more than before") if ratio > 0 else (DOWN, f"{words} less than before")


def long_time(milliseconds: int) -> str:
    """Listening time in words: "9 days and 4 hours", "3 hours and 20 minutes"."""
    seconds = milliseconds // 1000
    days, rest = divmod(seconds // HOUR, DAY // HOUR)
    minutes = seconds % HOUR // MINUTE
    parts = ((days, "day"), (rest, "hour")) if days else ((rest, "hour"), (minutes, "minute"))
    return " and ".join(counted(count, noun) for count, noun in parts if count) or "under a minute"


def showable(url: str | None) -> bool:
    """Whether a page may show or link an address from outside: http, https, or a path on this site."""
    return bool(url and _SHOWABLE.fullmatch(url))


def period(time_range: TimeRange) -> str:
    """A time range in a sentence: "about the last 4 weeks"."""
    return PERIODS[time_range]


def coverage(mood: Mood) -> str:
    """How many tracks the mood is known for, and from whom: no number without its source."""
    known, total = mood.coverage.known, mood.coverage.total
    if not known:
        return f"The mood is not known for any of the {counted(total, 'track')}."
    return f"Mood known for {covered(mood.sources, total)}."


def covered(sources: Mapping[str, int], total: int) -> str:
    """How many tracks of `total` are known, and from whom: "46 of 50 tracks, from ReccoBeats"."""
    counts = sorted(sources.items(), key=lambda item: -item[1])
    named = [(provider(source), count) for source, count in counts]
    known = f"{sum(sources.values())} of {counted(total, 'track')}"
    if len(named) == 1:
        return f"{known}, from {named[0][0]}"
    return known + (": " if named else "") + ", ".join(f"{count} from {source}" for source, count in named)


def provider(source: str) -> str:
    """The name of a provider of audio features."""
    return PROVIDERS.get(source.lower(), source)


def service_name(service: str) -> str:
    """A service that told of plays, by what it is called in addresses."""
    return SERVICES.get(service, service)


def stripped(text: str | None) -> str | None:
    """A name without blanks around it; `None` where nothing is left."""
    return (text or "").strip() or None


def artist_name(name: str | None) -> str:
    """An artist's name as it is shown."""
    return stripped(name) or "Unknown artist"


def title(name: str | None) -> str:
    """The title of a track, album or episode as it is shown."""
    return stripped(name) or "Unknown title"


def album_name(name: str | None) -> str:
    """An album's name as it is shown; Spotify empties the name of what was taken down."""
    return stripped(name) or (TAKEN_DOWN if name == "" else "Album without a name")


def track_name(name: str | None) -> str:
    """As `title`; Spotify empties the name of what was taken down."""
    return TAKEN_DOWN if name == "" else title(name)


def release_date(text: str | None) -> str | None:
    """A release date, as precisely as it is known: "14 March 1973", "March 1973", "1973"; else `None`."""
    found = _RELEASED.fullmatch(text or "")
    if found is None or found[1] == "0000":
        return None
    year, month, day_of_month = found.groups()
    try:
        when = date(int(year), int(month or 1), int(day_of_month or 1))
    except ValueError:
        return str(int(year))
    return _date(when, "d MMMM y" if day_of_month else "MMMM y" if month else "y")


def release_year(text: str | None) -> str:
    """The year of a release date; "" where it is not known."""
    return (text or "")[:4] if release_date(text) else ""


def playing_time(milliseconds: int) -> str:
    """How long music lasts: "41 min 52 s", "1 h 12 min"."""
    minutes, seconds = divmod(milliseconds // 1000, MINUTE)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min")) if hours else ((minutes, "min"), (seconds, "s"))
    return " ".join(f"{amount} {unit}" for amount, unit in parts if amount) or "0 s"


def first_of(items: Sized, shown: int, noun: str) -> str:
    """How many of the ranked items a list shows: "First 20 of 50 tracks", "7 tracks"."""
    total = counted(len(items), noun)
    return f"First {shown} of {total}" if len(items) > shown else total


def if_ahead(epoch: float | None) -> float | None:
    """A moment that is still to come; else `None`."""
    return epoch if epoch is not None and epoch > time.time() else None


def time_ago(epoch: float) -> str:
    """`age` for the request at hand."""
    return age(epoch, time.time())


def lately(epoch: float) -> str:
    """A moment not long ago, in a request: "09:57", "yesterday, 09:57", "20 Nov, 09:57"."""
    when, now = (datetime.fromtimestamp(moment, g.timezone) for moment in (epoch, time.time()))
    days = (now.date() - when.date()).days
    if days in (0, 1):
        return f"{when:%H:%M}" if days == 0 else f"yesterday, {when:%H:%M}"
    date = short_day(when.date())
    return f"{date.rpartition(' ')[0] if days < 300 else date}, {when:%H:%M}"


def local_moment(epoch: float) -> str:
    """A moment in the listener's zone: "20 November 2026, 09:57". In a request."""
    when = datetime.fromtimestamp(epoch, g.timezone)
    return f"{day(when.date())}, {when:%H:%M}"
