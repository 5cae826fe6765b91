"""The history's words: dates, spans, amounts and their change."""

from datetime import date

from app.pages.wording import DAY, HOUR, MINUTE, counted

UP, DOWN, SAME = "up", "down", "same"


def number(count: int) -> str:
    """A count with its thousands set apart: "3,200"."""
    return f"{count:,}"


def many(count: int, noun: str) -> str:
    """A count and its noun: "1 play", "3,200 plays"."""
    return f"{number(count)} {noun}" if count == 1 else f"{number(count)} {noun}s"


def day(of: date) -> str:
    """A date: "12 March 2021"."""
    return f"{of.day} {of:%B %Y}"


def short_day(of: date) -> str:
    """A date where there is little room: "12 Mar 2021"."""
    return f"{of.day} {of:%b %Y}"


def month(name: str) -> str:
    """A month: `month("2021-03")` is "March 2021"."""
    year, _, of = name.partition("-")
    return f"{date(int(year), int(of), 1):%B %Y}"


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


def long_time(milliseconds: int) -> str:
    """Listening time in words: "9 days and 4 hours", "3 hours and 20 minutes"."""
    seconds = milliseconds // 1000
    days, rest = divmod(seconds // HOUR, DAY // HOUR)
    minutes = seconds % HOUR // MINUTE
    parts = ((days, "day"), (rest, "hour")) if days else ((rest, "hour"), (minutes, "minute"))
    return " and ".join(counted(count, noun) for count, noun in parts if count) or "under a minute"


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
