"""Decades and their mood."""

from dataclasses import dataclass

from app.web.charts.mood_decades import DecadeRow, decade_rows
from app.web.format import covered
from app.web.mood import sentences as words
from app.web.mood.chapters.head import Head, covers
from app.web.mood.report import MoodReport


@dataclass(frozen=True)
class DecadesChapter:
    """Decades and their mood."""

    head: Head
    rows: tuple[DecadeRow, ...]


def decades_chapter(report: MoodReport) -> DecadesChapter:
    """Decades and their mood; the release dates are Spotify's."""
    dated = sum(one.count for one in report.decades)
    return DecadesChapter(
        head=Head(
            "decades",
            "Decades",
            words.decades_words(report.decades),
            f"Release dates: {covered({'spotify': dated}, len(report.tracks))}. "
            f"Mood: {covers(report, 'valence', 'energy')}",
        ),
        rows=decade_rows(report.decades),
    )
