"""The sentence and the chart of the pages about podcasts and audiobooks."""

from app.web.charts.columns import Columns, columns
from app.web.format import counted, long_time
from app.web.time.podcasts.report import Podcasts
from app.web.time.range_with_plays import AUDIOBOOKS, PODCASTS

# What a kind consists of: shows or books, and their parts.
NAMES = {PODCASTS: ("show", "episode"), AUDIOBOOKS: ("book", "chapter")}


def lead(report: Podcasts, kind: str) -> str:
    """What the page says first."""
    totals, (show, episode) = report.totals, NAMES[kind]
    if not totals.plays:
        return f"No {episode} was played in this range."
    heard = f"You heard {long_time(totals.ms)} of {kind}"
    return f"{heard}: {counted(totals.tracks, episode)} of {counted(totals.artists, show)}."


def hours_by_month(report: Podcasts) -> Columns | None:
    """Hours each month."""
    return columns([(row.month, round(row.ms_played / 3_600_000, 1)) for row in report.months], "hours")
