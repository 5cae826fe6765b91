"""Tempo and its bands."""

from dataclasses import dataclass

from app.web.charts.tempo import TempoChart, tempo_chart
from app.web.mood import sentences as words
from app.web.mood.chapters.head import Head, covers
from app.web.mood.chapters.measures import bin_rows
from app.web.mood.report import MoodReport


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
