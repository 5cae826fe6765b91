"""The sentences of a list of the history."""

from app.web.charts.heatmap import WEEKDAYS
from app.web.format import TextSpan, counted, date_span, hours, number, stripped
from app.web.time.lists.report import ROWS, TopList
from app.web.time.range_query import RangeQuery
from app.web.time.range_with_plays import Kind
from app.web.time.ranked import NOUNS

__all__ = ["NOUNS"]


def hours_words(query: RangeQuery) -> str:
    """Which hours of the week are asked about: "Fridays, 14:00 to 14:59"; "" for all."""
    day = f"{WEEKDAYS[query.weekday]}s" if query.weekday is not None else ""
    time = f"{query.hour}:00 to {query.hour}:59" if query.hour is not None else ""
    return ", ".join(filter(None, (day, time)))


def lead(report: TopList) -> tuple[TextSpan, ...]:
    """How much the first ones take of everything; nothing where nothing is ranked."""
    if not report.length:
        return ()
    by_time, top, noun = report.order.by_time, report.top, NOUNS[report.kind]
    name = stripped(top[0].name)
    amount = hours(top[0].ms) if by_time else counted(top[0].plays, "play")
    opening = (
        TextSpan(name, True, noun, top[0].artist) if name else TextSpan(f"An unnamed {noun}"),
        TextSpan(f" comes first, with {amount}."),
    )
    if report.length <= len(top):
        return opening
    of_all = report.ms if by_time else report.plays
    share = sum(item.ms if by_time else item.plays for item in top) / max(of_all, 1)
    what = "listening time" if by_time else "plays"
    rest = f" The first ten of {number(report.length)} {noun}s take {share:.0%} of your {what}."
    return (*opening, TextSpan(rest))


def unnamed(report: TopList) -> str:
    """How many plays the list leaves out; "" where none."""
    if not report.unnamed_plays:
        return ""
    noun = "title" if report.kind is Kind.TRACKS else NOUNS[report.kind]
    plays = counted(report.unnamed_plays, "play")
    return f"Left out here, but not of totals, hours and days: {plays} whose {noun} is unknown."


def covers(report: TopList) -> str:
    """Which ranks the page shows, of how many."""
    if not report.lines:
        return ""
    first = (report.order.page - 1) * ROWS + 1
    last = first + len(report.lines) - 1
    span = f"{number(first)} to {number(last)} of " if report.pages > 1 else ""
    return f"{span}{counted(report.found, NOUNS[report.kind])}"


def compared(report: TopList, query: RangeQuery) -> str:
    """What the arrows compare with; "" where there is no period before."""
    before = query.before()
    if before is None or before.first is None or before.last is None:
        return ""
    span = date_span((before.first, before.last))
    if not report.compared:
        return f"Nothing was played in the period before, {span}, so there are no arrows."
    return f"Arrows compare with the period before, {span}."
