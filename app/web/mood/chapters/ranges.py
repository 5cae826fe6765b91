"""The three ranges side by side."""

from dataclasses import dataclass

from app.music import TimeRange
from app.stats.sound import MEASURES, SHARES
from app.web.charts.markers import LEGEND_MARK, marker
from app.web.charts.range_radar import RangeRadar, range_radar
from app.web.mood import measures as values
from app.web.mood import sentences as words
from app.web.mood.chapters.head import Head
from app.web.mood.report import MoodReport


@dataclass(frozen=True)
class RangeColumn:
    """A range in the comparison's table."""

    value: str
    label: str
    mark: str
    current: bool
    covers: str


@dataclass(frozen=True)
class ComparedRow:
    """A measure in the comparison's table: mean and median for each range."""

    title: str
    unit: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ComparedChapter:
    """The three ranges side by side."""

    head: Head
    radar: RangeRadar | None
    columns: tuple[RangeColumn, ...]
    rows: tuple[ComparedRow, ...]


def compared_chapter(report: MoodReport) -> ComparedChapter:
    """The three ranges side by side."""
    shares = {name: values.MEASURES[name].title for name in SHARES}
    means: dict[TimeRange, dict[str, float | None]] = {
        one.time_range: {name: one.figures[name].mean for name in SHARES} for one in reversed(report.ranges)
    }
    return ComparedChapter(
        head=Head(
            "ranges",
            "The three ranges",
            words.ranges_words(report.ranges),
            words.ranges_cover(report.ranges, report.compared),
        ),
        radar=range_radar(means, shares),
        columns=tuple(
            RangeColumn(
                value=one.time_range.value,
                label=one.time_range.label,
                mark=marker(one.time_range, 0, 0, LEGEND_MARK),
                current=one.time_range is report.time_range,
                covers=f"{one.coverage.known} of {one.coverage.total}",
            )
            for one in report.ranges
        ),
        rows=tuple(
            ComparedRow(
                values.MEASURES[name].title,
                values.MEASURES[name].unit,
                tuple(
                    (values.bare(name, one.figures[name].mean), values.bare(name, one.figures[name].median))
                    for one in report.ranges
                ),
            )
            for name in MEASURES
        ),
    )
