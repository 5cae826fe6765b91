"""The sentences and charts of the list of years and of the year in review.

The dial is a clock of 24 hours round (0, 0), midnight on top, the outer ring at radius 100.
"""

import math
from collections.abc import Sequence

from app.web.charts.columns import Columns, columns
from app.web.format import (
    TextSpan,
    artist_name,
    change,
    day_of_year,
    hours_or_plays,
    month,
    music,
    number,
    title,
)
from app.web.time.years.report import Review, Year

INNER, OUTER = 38.0, 100.0
HOURS = 24
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def years_lead(years: Sequence[Year]) -> str:
    """What the list of years says first."""
    if not years:
        return "No play counts yet."
    total = music(sum(year.ms_played for year in years), sum(year.plays for year in years))
    if len(years) == 1:
        return f"One year, and {total} in it."
    best = max(years, key=lambda year: (year.ms_played, year.plays))
    opening = f"{number(len(years))} years, and {total}"
    return f"{opening}. The fullest was {best.year}, with {hours_or_plays(best.ms_played, best.plays)}."


def lead(report: Review) -> tuple[TextSpan, ...]:
    """What the review says first."""
    if not report.totals.plays:
        return (TextSpan(f"Nothing was played in {report.year}."),)
    spans = [TextSpan(music(report.totals.ms, report.totals.plays).capitalize())]
    if report.top_artists:
        best = artist_name(report.top_artists[0].name)
        spans += [TextSpan(", and more of it by "), TextSpan(best, True, "artist")]
        spans += [TextSpan(" than by anyone else")]
    if report.top_tracks:
        track = report.top_tracks[0]
        named = TextSpan(title(track.name), True, "track", track.artist)
        spans += [TextSpan(". The track of the year was "), named]
    return (*spans, TextSpan("."))


def change_of(report: Review, total: str) -> tuple[str, str] | None:
    """How a field of the totals has changed: up, down or same, and in words; `None` without a year before."""
    earlier = getattr(report.before, total) if report.before else None
    changed = change(getattr(report.totals, total), earlier)
    if changed is None:
        return None
    direction, words = changed
    year = str(report.year - 1)
    return direction, words.replace("the period before", year).replace("than before", f"than in {year}")


def compared_with(report: Review) -> str:
    """What the totals are compared with."""
    if report.before is None:
        return f"There is nothing of {report.year - 1} to compare with."
    same_days = f" up to {day_of_year(report.so_far)}" if report.so_far else ""
    return f"Compared with {report.year - 1}{same_days}."


def neighbours(report: Review) -> tuple[int | None, int | None]:
    """The years with plays before and after; `None` where there is none."""
    earlier = max((year for year in report.years_with_plays if year < report.year), default=None)
    return earlier, min((year for year in report.years_with_plays if year > report.year), default=None)


def hours_by_month(report: Review) -> Columns | None:
    """Hours of music each month; plays, where nobody knows how long they were."""
    if not report.totals.ms:
        return columns([(row.month, row.plays) for row in report.months], "plays")
    return columns([(row.month, round(row.ms_played / 3_600_000, 1)) for row in report.months], "hours")


def months_sentence(report: Review) -> str:
    """The fullest month of a year with plays."""
    best = max(report.months, key=lambda row: (row.plays > 0, row.ms_played, row.plays))
    much = hours_or_plays(best.ms_played, best.plays)
    return f"{month(best.month).split()[0]} was the fullest month, with {much}."


def dial_sentence(report: Review) -> str:
    """The hour and weekday on which most plays of a year with plays began."""
    hour = report.hours.index(max(report.hours))
    weekday = WEEKDAYS[report.weekdays.index(max(report.weekdays))]
    return f"Most plays began between {hour:02}:00 and {(hour + 1) % HOURS:02}:00, and on {weekday}s."


def petal(report: Review, hour: int) -> str:
    """The outline of an hour of the dial as an SVG path, as far out as it has plays of the fullest hour's."""
    reach = INNER + (OUTER - INNER) * report.hours[hour] / max(report.hours)
    begin, end = (hour + 0.06) / HOURS, (hour + 0.94) / HOURS
    (ax, ay), (bx, by) = _at(begin, INNER), _at(begin, reach)
    (cx, cy), (dx, dy) = _at(end, reach), _at(end, INNER)
    radius = round(reach, 1)
    return (
        f"M{ax} {ay}L{bx} {by}A{radius} {radius} 0 0 1 {cx} {cy}L{dx} {dy}A{INNER} {INNER} 0 0 0 {ax} {ay}Z"
    )


def hour_label(hour: int) -> tuple[float, float]:
    """Where the name of an hour stands beside the dial."""
    return _at(hour / HOURS, OUTER + 12)


def _at(turn: float, radius: float) -> tuple[float, float]:
    """A point on the dial, clockwise from the top."""
    angle = turn * math.tau
    # Adding zero turns -0.0 into 0.0.
    return round(math.sin(angle) * radius, 1) + 0.0, round(-math.cos(angle) * radius, 1) + 0.0
