"""The nine measures: a histogram, figures and a table each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from app.stats.sound import MEASURES, SHARES, Bin, Extreme, Summary
from app.web.charts import histogram as bars
from app.web.charts.shared import TrackRow
from app.web.mood import measures as values
from app.web.mood import sentences as words
from app.web.mood.chapters.head import Head, Rows, covers
from app.web.mood.report import MoodReport


@dataclass(frozen=True)
class ExtremeView:
    """The least or greatest value and its track."""

    value: str
    row: TrackRow


@dataclass(frozen=True)
class MeasureView:
    """One measure: its histogram, figures and table. `histogram` is `None` where nothing is known."""

    name: str
    title: str
    unit: str
    gloss: str
    sentence: str
    covers: str
    histogram: bars.Histogram | None
    box: bars.Box | None
    mean: str
    median: str
    quartiles: str
    stdev: str
    min: ExtremeView | None
    max: ExtremeView | None
    bins: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class MeasuresChapter:
    """All nine measures."""

    head: Head
    measures: tuple[MeasureView, ...]


def measures_chapter(report: MoodReport, rows: Rows) -> MeasuresChapter:
    """All nine measures, in the report's order."""
    by_id = {one.track.id: row for one, row in zip(reversed(report.tracks), reversed(rows), strict=True)}
    return MeasuresChapter(
        head=Head("measures", "Measure by measure", words.spread_sentence(report.features), covers(report)),
        measures=tuple(
            measure_view(name, report.features[name], by_id, covers(report, name)) for name in MEASURES
        ),
    )


def measure_view(
    name: str, summary: Summary, rows: Mapping[str | None, TrackRow], coverage: str
) -> MeasureView:
    """One measure; `rows` are the tracks by id."""

    def extreme(one: Extreme | None) -> ExtremeView | None:
        return ExtremeView(values.said(name, one.value), rows[one.track_id]) if one else None

    # A measure of which nothing is known has no bins, or ten empty ones.
    bins = summary.histogram if summary.count else ()
    of = (0.0, 1.0) if name in SHARES else bars.domain(bins) if bins else None
    marks = (0.0, 0.5, 1.0) if name in SHARES else ()
    meant = values.MEASURES[name]
    return MeasureView(
        name=name,
        title=meant.title,
        unit=meant.unit,
        gloss=meant.gloss,
        sentence=values.measure_sentence(name, summary),
        covers=coverage,
        histogram=bars.histogram(bins, partial(values.edge, name), of, marks) if bins and of else None,
        box=bars.box(summary, of) if of else None,
        mean=values.said(name, summary.mean),
        median=values.said(name, summary.median),
        quartiles=values.quartile_words(name, summary),
        stdev=values.spread_words(name, summary.stdev),
        min=extreme(summary.min),
        max=extreme(summary.max),
        bins=bin_rows(name, bins),
    )


def bin_rows(name: str, bins: Sequence[Bin]) -> tuple[tuple[str, int], ...]:
    """The table beside a histogram: each bin in words, and its count."""
    return tuple(
        (f"{values.edge(name, one.start)} to {values.edge(name, one.end)}", one.count) for one in bins
    )
