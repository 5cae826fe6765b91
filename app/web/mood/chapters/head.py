"""How a chapter opens, and what a chart covers: shared by all chapters."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.web.charts.shared import TrackRow
from app.web.format import TextSpan, covered
from app.web.mood.report import MoodReport

Rows = Sequence[TrackRow]


@dataclass(frozen=True)
class Head:
    """How a chapter opens. `covers`: how many tracks it speaks of, and who knows them."""

    id: str
    title: str
    sentence: tuple[TextSpan, ...]
    covers: str


def covers(report: MoodReport, *names: str) -> str:
    """How many tracks have all of the named features, and from whom."""
    sources = Counter(
        one.sound.source
        for one in report.tracks
        if one.sound is not None and all(getattr(one.sound, name) is not None for name in names)
    )
    return covered(sources, len(report.tracks))


def covers_any(report: MoodReport, *names: str) -> str:
    """How many tracks have at least one of the named features, and from whom."""
    sources = Counter(
        one.sound.source
        for one in report.tracks
        if one.sound is not None and any(getattr(one.sound, name) is not None for name in names)
    )
    return covered(sources, len(report.tracks))
