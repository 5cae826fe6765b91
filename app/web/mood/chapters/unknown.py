"""The tracks of which nothing is known."""

from dataclasses import dataclass

from app.web.charts.shared import TrackRow
from app.web.format import covered
from app.web.mood import sentences as words
from app.web.mood.chapters.head import Head, Rows
from app.web.mood.report import MoodReport


@dataclass(frozen=True)
class UnknownChapter:
    """The tracks of which nothing is known."""

    head: Head
    rows: tuple[TrackRow, ...]


def unknown_chapter(report: MoodReport, rows: Rows) -> UnknownChapter:
    """The tracks of which nothing is known, best first."""
    return UnknownChapter(
        head=Head(
            "unknown",
            "Not known",
            words.unknown_words(report.coverage),
            covered(report.sources, len(report.tracks)),
        ),
        rows=tuple(rows[one.rank - 1] for one in report.unknown),
    )
