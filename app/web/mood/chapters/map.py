"""The mood map: its points, its quadrants, and how its centre moved."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from app.stats.mood_map import SPLIT
from app.web.charts.drift import CloseUp, close_up
from app.web.charts.markers import LEGEND_MARK, marker
from app.web.charts.mood_map import Route, dots, route
from app.web.charts.scale import on_axis
from app.web.charts.shared import TrackRow
from app.web.format import counted, covered, percent
from app.web.mood import sentences as words
from app.web.mood.chapters.head import Head, Rows, covers
from app.web.mood.report import MoodReport


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
                bar=on_axis(count, 0, total or 1, 100),
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


def beside_the_split(share: float) -> str:
    """A share as a percentage that never rounds across the line between two quadrants: 0.499 is "49.9%"."""
    rounds_over = share < SPLIT and round(share * 100) >= SPLIT * 100
    return f"{math.floor(share * 1000) / 10:.1f}%" if rounds_over else percent(share)


def _points(report: MoodReport, rows: Rows) -> tuple[MapPoint, ...]:
    found = []
    for point, dot in zip(report.points, dots(report.points), strict=True):
        row = rows[point.place]
        valence, energy = beside_the_split(point.valence), beside_the_split(point.energy)
        by = f" by {', '.join(row.artists)}" if row.artists else ""
        label = f"{row.name}{by}: valence {valence}, energy {energy}"
        found.append(MapPoint(row, dot.x, dot.y, dot.here, label, valence, energy, point.quadrant))
    return tuple(found)
