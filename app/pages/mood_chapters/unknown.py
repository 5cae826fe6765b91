"""The tracks of which nothing is known."""

from dataclasses import dataclass

from app.pages import mood_words as words
from app.pages.charts import TrackRow
from app.pages.mood_chapters.head import Head, Rows
from app.pages.wording import covered
from app.reports.mood import MoodReport


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
