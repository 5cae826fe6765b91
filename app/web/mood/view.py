"""What the mood page's template prints: the head, and a chapter for each chart."""

from dataclasses import dataclass

from app.music import TimeRange
from app.stats.words import mood_sentence
from app.web.charts.shared import Fact, Range, track_row
from app.web.format import PERIODS, age, counted, coverage, iso, percent
from app.web.mood import sentences as words
from app.web.mood.chapters.decades import DecadesChapter, decades_chapter
from app.web.mood.chapters.fives import FivesChapter, fives_chapter
from app.web.mood.chapters.head import Head, Rows
from app.web.mood.chapters.keys import KeysChapter, keys_chapter
from app.web.mood.chapters.map import MapChapter, map_chapter
from app.web.mood.chapters.measures import MeasuresChapter, measures_chapter
from app.web.mood.chapters.ranges import ComparedChapter, compared_chapter
from app.web.mood.chapters.tempo import TempoChapter, tempo_chapter
from app.web.mood.chapters.unknown import UnknownChapter, unknown_chapter
from app.web.mood.measures import said
from app.web.mood.report import MoodReport


@dataclass(frozen=True)
class Known:
    """Every chapter that needs audio features."""

    map: MapChapter
    measures: MeasuresChapter
    fives: FivesChapter
    keys: KeysChapter
    tempo: TempoChapter
    decades: DecadesChapter
    ranges: ComparedChapter


@dataclass(frozen=True)
class MoodView:
    """The mood page, ready to draw. `known` is `None` where nothing is known of any track."""

    ranges: tuple[Range, ...]
    period: str
    total: int
    lead: str
    coverage: str
    facts: tuple[Fact, ...]
    known: Known | None
    unknown: UnknownChapter
    age: str
    as_of_iso: str

    @property
    def contents(self) -> tuple[Head, ...]:
        """The chapters of the page, in order."""
        if self.known is None:
            return (self.unknown.head,)
        of = self.known
        found = (of.map, of.measures, of.fives, of.keys, of.tempo, of.decades, of.ranges, self.unknown)
        return tuple(one.head for one in found)


def mood_view(report: MoodReport, now: float) -> MoodView:
    """Everything the mood page's template shows, in words and coordinates. `now` is in Unix seconds."""
    rows = tuple(track_row(one.rank, one.track) for one in report.tracks)
    mood = words.mood(report)
    return MoodView(
        ranges=tuple(Range(r.value, r.label, r is report.time_range) for r in TimeRange),
        period=PERIODS[report.time_range],
        total=len(rows),
        lead=mood_sentence(mood),
        coverage=coverage(mood),
        facts=facts(report),
        known=known(report, rows) if report.coverage.known else None,
        unknown=unknown_chapter(report, rows),
        age=age(report.as_of, now),
        as_of_iso=iso(report.as_of),
    )


def known(report: MoodReport, rows: Rows) -> Known:
    """The chapters that need audio features."""
    return Known(
        map=map_chapter(report, rows),
        measures=measures_chapter(report, rows),
        fives=fives_chapter(report, rows),
        keys=keys_chapter(report),
        tempo=tempo_chapter(report),
        decades=decades_chapter(report),
        ranges=compared_chapter(report),
    )


def facts(report: MoodReport) -> tuple[Fact, ...]:
    """The figures to set large: how happy, how intense, how fast, in which key, as far as they are known."""
    valence, energy, tempo = (report.features[name] for name in ("valence", "energy", "tempo"))
    found = []
    if valence.mean is not None:
        found.append(
            Fact(
                "Valence",
                percent(valence.mean),
                f"how happy it sounds; mean of {counted(valence.count, 'track')}",
            )
        )
    if energy.mean is not None:
        found.append(
            Fact(
                "Energy",
                percent(energy.mean),
                f"how intense it feels; mean of {counted(energy.count, 'track')}",
            )
        )
    if report.keys:
        key, total = report.keys[0], sum(one.count for one in report.keys)
        found.append(Fact("Most common key", key.name, f"{key.count} of {counted(total, 'track')}"))
    if tempo.median is not None:
        found.append(Fact("Tempo", said("tempo", tempo.median), f"median of {counted(tempo.count, 'track')}"))
    return tuple(found)
