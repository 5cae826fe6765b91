"""Tempo and its bands."""

from dataclasses import dataclass

from app.pages import mood_words as words
from app.pages.mood_chapters.head import Head, covers
from app.pages.mood_chapters.measures import bin_rows
from app.pages.mood_charts.tempo import TempoChart, tempo_chart
from app.reports.mood import MoodReport


@dataclass(frozen=True)
class TempoChapter:
    """Tempo and its bands."""

    head: Head
    chart: TempoChart | None
    bins: tuple[tuple[str, int], ...]


def tempo_chapter(report: MoodReport) -> TempoChapter:
    """Tempo in bands."""
    summary = report.features["tempo"]
    return TempoChapter(
        head=Head("tempo", "Tempo", words.tempo_words(summary, report.tempo), covers(report, "tempo")),
        chart=tempo_chart(summary.histogram, report.tempo) if summary.histogram else None,
        bins=bin_rows("tempo", summary.histogram),
    )
