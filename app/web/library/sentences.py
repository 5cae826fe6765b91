"""The library's sentences: progress, what the tracks add up to, when they were added."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from app.web.format import clock_time, long_time, month
from app.web.format import number as number
from app.web.library.report import CANCELLED, PAUSED, Count, Numbers, Reading

NOTES = {
    "saved": "Saved. Spotify has it in your library now.",
    "saved-in-demo": "Saved for this visit. Every visitor of the demo shares its library, so the numbers and "
    "the list of all tracks stay as they are.",
    "other": "Nothing was saved. You agreed as somebody else than the one who pressed the button.",
    "refused": "Nothing was saved. You did not give the permission, and everything else goes on as before.",
}


def day(epoch: float, timezone: ZoneInfo) -> str:
    """A date in the listener's time zone: "12 Mar 2021"."""
    moment = datetime.fromtimestamp(epoch, timezone)
    return f"{moment.day} {moment:%b %Y}"


def progress_sentence(reading: Reading, now: float, timezone: ZoneInfo) -> str:
    """How far the reading is, and what holds it up."""
    so_far = f"{number(reading.loaded)} of {number(reading.total)}" if reading.total else "The first tracks"
    if reading.state != PAUSED:
        return f"{so_far} read." if reading.total else "Asking Spotify for your saved tracks."
    if reading.trouble == CANCELLED:
        return f"{so_far}; you stopped it there."
    until = clock_time(reading.resume_at, now, timezone) if reading.resume_at else ""
    if reading.trouble == "RateLimited":
        return f"{so_far}; Spotify lets us go on at {until}."
    if reading.trouble in ("LoginEnded", "Unauthorized"):
        return f"{so_far}; the login ended, and it goes on now that you are back."
    if reading.trouble in ("NoAnswer", "NotAsked", "ServerError", "BadAnswer"):
        return f"{so_far}; Spotify did not answer. The next try is at {until}."
    if reading.trouble == "Fault":
        return f"{so_far}; something went wrong here. The next try is at {until}."
    return f"{so_far}; Spotify refused to go on. The next try is at {until}."


def listening(numbers: Numbers, timezone: ZoneInfo, partial: bool) -> str:
    """What the library adds up to, in a sentence or two."""
    totals, first = numbers.totals, numbers.first
    if not totals.tracks:
        return ""
    tracks = "1 track" if totals.tracks == 1 else f"{number(totals.tracks)} tracks"
    since = f", gathered since {_month_of(first.added_at, timezone)}" if first and first.added_at else ""
    opening = "So far that is" if partial else "You have saved"
    return f"{opening} {tracks}{since}: {long_time(totals.duration_ms)} of music from end to end."


def months_sentence(counts: Sequence[Count]) -> str:
    """When most was added."""
    best = max(counts, key=lambda one: one.count)
    tracks = "1 track" if best.count == 1 else f"{number(best.count)} tracks"
    return f"You saved most in {month(str(best.what))}: {tracks}."


def _month_of(epoch: float, timezone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(epoch, timezone):%B %Y}"
