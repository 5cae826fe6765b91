"""The mood page's chapters: for each chart its sentence, what it covers, its coordinates and its table."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.music import TimeRange
from app.pages import mood_words as words
from app.pages.charts import TrackRow
from app.pages.mood_charts import histogram as bars
from app.pages.mood_charts.decades import DecadeRow, decade_rows
from app.pages.mood_charts.drift import CloseUp, close_up
from app.pages.mood_charts.key_circle import Wedge, key_circle
from app.pages.mood_charts.marker import marker
from app.pages.mood_charts.mood_map import Route, dots, route
from app.pages.mood_charts.radar import RangeRadar, range_radar
from app.pages.mood_charts.scale import along
from app.pages.mood_charts.tempo import TempoChart, tempo_chart
from app.pages.wording import Piece, counted, covered, percent
from app.reports.mood import FIVES, MoodReport
from app.stats.keys import KeySignature
from app.stats.sound import MEASURES, SHARES, Bin, Extreme, Summary

LEGEND_MARK = 5.0
FIRST_KEYS = 6

Rows = Sequence[TrackRow]


@dataclass(frozen=True)
class Head:
    """How a chapter opens. `covers`: how many tracks it speaks of, and who knows them."""

    id: str
    title: str
    sentence: tuple[Piece, ...]
    covers: str


@dataclass(frozen=True)
class MapPoint:
    """A track on the mood map. `label` says everything; `here` is how many tracks share its spot."""

    row: TrackRow
    x: float
    y: float
    here: int
    label: str
    valence: str
    energy: str
    quadrant: str


@dataclass(frozen=True)
class QuadrantRow:
    """A quadrant's count and share; `bar` is the share on 0-100."""

    name: str
    meaning: str
    count: str
    share: str
    bar: float


@dataclass(frozen=True)
class CentreRow:
    """The centre of one range in the table, with its mark for the legend."""

    value: str
    label: str
    mark: str
    valence: str
    energy: str
    covers: str


@dataclass(frozen=True)
class MapChapter:
    """The mood map. Points are in rank order."""

    head: Head
    points: tuple[MapPoint, ...]
    quadrants: Mapping[str, QuadrantRow]
    route: Route
    close_up: CloseUp | None
    centres: tuple[CentreRow, ...]
    drift: str


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


@dataclass(frozen=True)
class ModeBar:
    """Major and minor as parts of one bar, on 0-100."""

    major: float
    major_words: str
    minor_words: str


@dataclass(frozen=True)
class KeysChapter:
    """The circle of fifths. `hub` is the value in its middle and what that covers; `modes` may be `None`.

    `first` are the most common keys with a bar each, on 0-100; `keys` are all that any track is in.
    """

    head: Head
    wedges: tuple[Wedge, ...]
    hub: tuple[str, str]
    modes: ModeBar | None
    modes_cover: str
    first: tuple[tuple[KeySignature, float], ...]
    keys: tuple[KeySignature, ...]


@dataclass(frozen=True)
class TempoChapter:
    """Tempo and its bands."""

    head: Head
    chart: TempoChart | None
    bins: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class DecadesChapter:
    """Decades and their mood."""

    head: Head
    rows: tuple[DecadeRow, ...]


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


@dataclass(frozen=True)
class UnknownChapter:
    """The tracks of which nothing is known."""

    head: Head
    rows: tuple[TrackRow, ...]


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


def map_chapter(report: MoodReport, rows: Rows) -> MapChapter:
    """The mood map, its quadrants, and how its centre moved."""
    centres = {one.time_range: one.centre for one in reversed(report.ranges) if one.centre}
    drift = words.drift_words(report.ranges, report.drift)
    total = len(report.points)
    return MapChapter(
        head=Head(
            "map",
            "The mood map",
            words.map_words(report.quadrants, drift),
            covers(report, "valence", "energy"),
        ),
        points=_points(report, rows),
        quadrants={
            name: QuadrantRow(
                name=name,
                meaning=words.QUADRANTS[name],
                count=counted(count, "track"),
                share=percent(count / total if total else 0),
                bar=along(count, 0, total or 1, 100),
            )
            for name, count in report.quadrants.items()
        },
        route=route(centres),
        close_up=close_up(centres),
        centres=tuple(
            CentreRow(
                one.time_range.value,
                one.time_range.label,
                marker(one.time_range, 0, 0, LEGEND_MARK),
                *words.centre_words(one.centre),
                covers=covered(one.sources, one.coverage.total),
            )
            for one in reversed(report.ranges)
        ),
        drift=drift,
    )


def _points(report: MoodReport, rows: Rows) -> tuple[MapPoint, ...]:
    found = []
    for point, dot in zip(report.points, dots(report.points), strict=True):
        row = rows[point.place]
        valence, energy = percent(point.valence), percent(point.energy)
        by = f" by {', '.join(row.artists)}" if row.artists else ""
        label = f"{row.name}{by}: valence {valence}, energy {energy}"
        found.append(MapPoint(row, dot.x, dot.y, dot.here, label, valence, energy, point.quadrant))
    return tuple(found)


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
        return ExtremeView(words.said(name, one.value), rows[one.track_id]) if one else None

    of = (0.0, 1.0) if name in SHARES else bars.domain(summary.histogram) if summary.histogram else None
    drawn = of is not None and summary.count > 0
    meant = words.MEASURES[name]
    return MeasureView(
        name=name,
        title=meant.title,
        unit=meant.unit,
        gloss=meant.gloss,
        sentence=words.measure_sentence(name, summary),
        covers=coverage,
        histogram=bars.histogram(
            summary.histogram, lambda at: words.edge(name, at), of, (0.0, 0.5, 1.0) if name in SHARES else ()
        )
        if drawn and of
        else None,
        box=bars.box(summary, of) if of else None,
        mean=words.said(name, summary.mean),
        median=words.said(name, summary.median),
        quartiles=words.quartile_words(name, summary),
        stdev=words.spread_words(name, summary.stdev),
        min=extreme(summary.min),
        max=extreme(summary.max),
        bins=_bins(name, summary.histogram),
    )


def _bins(name: str, bins: Sequence[Bin]) -> tuple[tuple[str, int], ...]:
    return tuple((f"{words.edge(name, one.start)} to {words.edge(name, one.end)}", one.count) for one in bins)


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


def keys_chapter(report: MoodReport) -> KeysChapter:
    """The circle of fifths, and major against minor."""
    keys, modes = report.keys, report.modes
    total, known_modes = sum(one.count for one in keys), sum(modes.values())
    alone = bool(keys) and (len(keys) == 1 or keys[1].count < keys[0].count)
    return KeysChapter(
        head=Head("keys", "Keys", words.keys_words(keys, modes), covers(report, "key", "mode")),
        wedges=key_circle(keys),
        hub=(keys[0].name, f"{keys[0].count} of {total}")
        if alone
        else (counted(len(keys), "key"), f"in {counted(total, 'track')}"),
        modes=ModeBar(
            along(modes["major"], 0, known_modes, 100),
            f"{percent(modes['major'] / known_modes)} major, {counted(modes['major'], 'track')}",
            f"{percent(modes['minor'] / known_modes)} minor, {counted(modes['minor'], 'track')}",
        )
        if known_modes
        else None,
        modes_cover=covers(report, "mode"),
        first=tuple((one, along(one.count, 0, keys[0].count, 100)) for one in keys[:FIRST_KEYS]),
        keys=keys,
    )


def tempo_chapter(report: MoodReport) -> TempoChapter:
    """Tempo in bands."""
    summary = report.features["tempo"]
    return TempoChapter(
        head=Head("tempo", "Tempo", words.tempo_words(summary, report.tempo), covers(report, "tempo")),
        chart=tempo_chart(summary.histogram, report.tempo) if summary.histogram else None,
        bins=_bins("tempo", summary.histogram),
    )


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


def compared_chapter(report: MoodReport) -> ComparedChapter:
    """The three ranges side by side."""
    shares = {name: words.MEASURES[name].title for name in SHARES}
    means: dict[TimeRange, dict[str, float | None]] = {
        one.time_range: {name: one.figures[name].mean for name in SHARES} for one in reversed(report.ranges)
    }
    return ComparedChapter(
        head=Head(
            "ranges", "The three ranges", words.ranges_words(report.ranges), words.ranges_cover(report.ranges)
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
                words.MEASURES[name].title,
                words.MEASURES[name].unit,
                tuple(
                    (words.bare(name, one.figures[name].mean), words.bare(name, one.figures[name].median))
                    for one in report.ranges
                ),
            )
            for name in MEASURES
        ),
    )


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
