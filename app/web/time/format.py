"""The history's words: dates, spans, amounts and their change."""

from datetime import date

from app.web.format import MINUTE
from app.web.format import long_time as long_time
from app.web.format import month as month
from app.web.format import number as number

UP, DOWN, SAME = "up", "down", "same"


def many(count: int, noun: str) -> str:
    """A count and its noun: "1 play", "3,200 plays"."""
    return f"{number(count)} {noun}" if count == 1 else f"{number(count)} {noun}s"


def day(of: date) -> str:
    """A date: "12 March 2021"."""
    return f"{of.day} {of:%B %Y}"


def short_day(of: date) -> str:
    """A date where there is little room: "12 Mar 2021"."""
    return f"{of.day} {of:%b %Y}"


def span_words(days: tuple[date, date]) -> str:
    """From a day to another: "1 January 2020 to 3 March 2021"."""
    first, last = days
    return day(first) if first == last else f"{day(first)} to {day(last)}"


def hours(milliseconds: int) -> str:
    """Listening time in hours: "1,204 h", "3.5 h", "40 min"."""
    minutes = milliseconds / 1000 / MINUTE
    if minutes < 60:
        return f"{minutes:.0f} min"
    amount = minutes / 60
    return f"{amount:.1f} h" if amount < 10 else f"{round(amount):,} h"


def change(now: int, before: int | None) -> tuple[str, str] | None:
    """How an amount has changed: its direction and a few words; `None` where there is nothing before."""
    if before is None:
        return None
    if not before:
        return (UP, "none in the period before") if now else (SAME, "none in the period before either")
    share = (now - before) / before
    if abs(share) < 0.005:
        return SAME, "as in the period before"
    words = f"{abs(share):.0%}" if abs(share) < 10 else f"{now / before:.0f} times"
    return (UP, f"{words} more than before") if share > 0 else (DOWN, f"{words} less than before")
