"""A day's plays in order, with the days with plays before and after. Moments are Unix seconds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from app.history.calendar import date_at, midnight
from app.history.cover_plan import Named
from app.history.items import TRACK
from app.history.rollup import SLOT
from app.web.charts.artwork import Picture
from app.web.time.range_with_plays import RangeWithPlays, Totals

COLUMNS = ("start", "ms", "track", "album")


@dataclass(frozen=True)
class DayPlay:
    """A play: when it started and how long it was. What is unknown is `None`."""

    at: int
    ms: int | None
    track: str | None
    artist: str | None
    album: str | None
    picture: Picture | None = None


@dataclass(frozen=True)
class Day:
    """A day. `short_plays`: how many plays do not count, and are not listed.

    `before`, `after`: the nearest days with plays; `None` where there is none.
    """

    day: date
    plays: Sequence[DayPlay]
    totals: Totals
    short_plays: int
    before: date | None
    after: date | None
    gaps: Sequence[tuple[int, int]]


def day_report(selection: RangeWithPlays, day: date) -> Day:
    """The plays of a day. `selection`: the range of that day alone."""
    names, threshold_ms = selection.names, selection.history.threshold_ms
    plays: list[DayPlay] = []
    short = 0
    for block in selection.blocks(COLUMNS):
        counts = block.count(threshold_ms)
        short += len(block) - int(counts.sum())
        rows = block.where(counts)
        columns = (*(rows[name].tolist() for name in COLUMNS), rows.without_time().tolist())
        for start, ms, track, album, without_time in zip(*columns, strict=True):
            plays.append(
                DayPlay(
                    start,
                    None if without_time else ms,
                    names.tracks[track] or None,
                    selection.artist_of(track),
                    names.albums[album] if album >= 0 else None,
                )
            )
    pictures = _pictures(selection, {(play.track, play.artist) for play in plays if play.track})
    plays = [replace(play, picture=pictures.get((play.track, play.artist))) for play in plays]
    return Day(day, plays, selection.totals, short, *_neighbours(selection, day), selection.gaps())


def _pictures(
    selection: RangeWithPlays, tracks: set[tuple[str | None, str | None]]
) -> dict[tuple[str | None, str | None], Picture | None]:
    in_order = sorted(tracks, key=str)
    found = selection.pictures(*(Named(TRACK, track or "", artist) for track, artist in in_order))
    return dict(zip(in_order, found, strict=True))


def _neighbours(selection: RangeWithPlays, day: date) -> tuple[date | None, date | None]:
    slots, zone = selection.history.everything.slots * SLOT, selection.query.zone
    begin, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    # A slot may begin a little before a day whose midnight lies within it.
    earlier = int(np.searchsorted(slots, begin - SLOT + 1)) - 1
    later = int(np.searchsorted(slots, end))
    return (
        date_at(int(slots[earlier]), zone) if earlier >= 0 else None,
        date_at(int(slots[later]), zone) if later < len(slots) else None,
    )
