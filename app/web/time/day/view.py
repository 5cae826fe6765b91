"""The sentences and the order of a day's page."""

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from app.web.charts.time_series import MONTHS, Series, next_bucket
from app.web.charts.time_series import by_hour as hours_chart
from app.web.format import TextSpan, day, month, music, weekday
from app.web.time.day.report import Day, DayPlay


def title(when: date) -> str:
    """The day's name: "Friday, 20 November 2026"."""
    return f"{weekday(when)}, {day(when)}"


def neighbour(when: date, here: date) -> str:
    """A day beside the one of the page: "17 Oct", with its year where that is another."""
    return f"{when.day} {when:%b}" + (f" {when.year}" if when.year != here.year else "")


def month_of(when: date) -> tuple[date, date]:
    """The first and last day of its month."""
    return when.replace(day=1), next_bucket(when, MONTHS) - timedelta(days=1)


def month_name(when: date) -> str:
    """Its month: "November 2026"."""
    return month(f"{when:%Y-%m}")


def lead(report: Day, zone: ZoneInfo) -> tuple[TextSpan, ...]:
    """How much was played, from when to when, and whom most."""
    if not report.plays:
        return (TextSpan("No music on this day."),)
    first = _local(report.plays[0].at, zone)
    last = _local(report.plays[-1].at + (report.plays[-1].ms or 0) // 1000, zone)
    opening = TextSpan(
        f"{music(report.totals.ms, report.totals.plays).capitalize()}, from {first:%H:%M} to {last:%H:%M}"
    )
    artists = Counter(play.artist for play in report.plays if play.artist)
    if not artists:
        return (opening, TextSpan("."))
    return (
        opening,
        TextSpan(", most of all by "),
        TextSpan(artists.most_common(1)[0][0], True, "artist"),
        TextSpan("."),
    )


def by_hour(report: Day, zone: ZoneInfo) -> Series:
    """How many plays began in each hour."""
    counts = Counter(_local(play.at, zone).hour for play in report.plays)
    return hours_chart([counts[hour] for hour in range(24)])


def hours(report: Day, zone: ZoneInfo) -> list[tuple[str, list[tuple[str, DayPlay]]]]:
    """The plays by the hour in which they began, each with its time: "14:05"."""
    timed = [(_local(play.at, zone), play) for play in report.plays]
    return [
        (f"{hour:02}:00", [(f"{at:%H:%M}", play) for at, play in plays])
        for hour, plays in groupby(timed, key=lambda pair: pair[0].hour)
    ]


def _local(moment: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(moment, zone)
