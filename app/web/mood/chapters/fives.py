"""The far ends: the fives with the most extreme values."""

from dataclasses import dataclass

from app.web.charts.shared import TrackRow
from app.web.format import percent
from app.web.mood import sentences as words
from app.web.mood.chapters.head import Head, Rows, covers_any
from app.web.mood.report import FIVES, MoodReport


@dataclass(frozen=True)
class Five:
    """Up to five tracks with the most extreme value of `measure`."""

    name: str
    measure: str
    rows: tuple[tuple[TrackRow, str], ...]


@dataclass(frozen=True)
class FivesChapter:
    """The fives that have a track."""

    head: Head
    fives: tuple[Five, ...]


def fives_chapter(report: MoodReport, rows: Rows) -> FivesChapter:
    """The fives that have a track, each with its values."""
    found = {
        name: tuple((rows[one.rank - 1], percent(getattr(one.sound, FIVES[name][0]))) for one in chosen)
        for name, chosen in report.fives.items()
    }
    return FivesChapter(
        head=Head(
            "fives",
            "The far ends",
            words.fives_words(found),
            covers_any(report, *(measure for measure, _ in FIVES.values())),
        ),
        fives=tuple(Five(name, FIVES[name][0], chosen) for name, chosen in found.items() if chosen),
    )
