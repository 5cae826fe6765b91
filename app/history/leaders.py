"""Who was played most in each month or year of a range. Pure; periods are the listener's own."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from zoneinfo import ZoneInfo

import numpy as np

from app.history.figures import Ranked, Ranking
from app.history.patterns import Plays, periods
from app.history.rollup import per_artist
from app.history.section import Names


@dataclass(frozen=True)
class Leaders:
    """The first artists of a month ("2026-11") or year ("2026"), best first; none without plays."""

    period: str
    artists: tuple[Ranked, ...]


def leading_artists(
    blocks: Iterable[Plays], names: Names, zone: ZoneInfo, unit: str, most: int
) -> list[Leaders]:
    """The first `most` artists of every month or year (`unit`), from the first with plays to the last.

    `blocks`: plays that count, in order of their start.
    """
    found: dict[str, tuple[Ranked, ...]] = {}
    parts = (
        (period, block.track[rows], block.ms[rows])
        for block in blocks
        for of in [periods(block.start, zone, unit)]
        for period, rows in zip(of.names, of.slices(), strict=True)
    )
    # A period may go on in the next block.
    for period, together in groupby(parts, key=itemgetter(0)):
        _, tracks, times = zip(*together, strict=True)
        track, ms = np.concatenate(tracks), np.concatenate(times)
        plays = np.bincount(track, minlength=len(names.tracks))
        time = np.bincount(track, weights=ms, minlength=len(names.tracks)).astype(np.int64)
        ranking = Ranking(per_artist(plays, names), per_artist(time, names), names.artists)
        found[period] = tuple(ranking.top(most))
    if not found:
        return []
    every = [str(period) for period in np.arange(np.datetime64(min(found)), np.datetime64(max(found)) + 1)]
    return [Leaders(period, found.get(period, ())) for period in every]
