"""One artist, album or track: which number a name means, its plays, and its rank in each year."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from app.history.batch import Ints
from app.history.calendar import Offsets, offsets
from app.history.figures import Moments, Ranking, play_moments
from app.history.history import History
from app.history.merge import folded
from app.history.places import ranks
from app.history.rollup import per_artist
from app.history.section import Names, Rows
from app.history.shelves import plays_of_artist
from app.history.yearly import yearly

ARTIST, ALBUM, TRACK = "artist", "album", "track"


@dataclass(frozen=True)
class YearRank:
    """A year's rank, among how many, with plays and time; without a rank where it was not played."""

    year: int
    rank: int | None
    length: int
    plays: int
    ms: int


def artist_called(names: Names, name: str | None) -> int | None:
    """An artist's number, by the name in upper or lower case: -1 where none is given; `None`: no such."""
    return _first(names.artists, range(len(names.artists)), name) if name else -1


def album_called(names: Names, artist: int, name: str) -> int | None:
    """The number of an artist's album."""
    return _first(names.albums, np.flatnonzero(names.album_artist == artist).tolist(), name)


def track_called(names: Names, artist: int, name: str) -> int | None:
    """The number of an artist's track."""
    return _first(names.tracks, np.flatnonzero(names.track_artist == artist).tolist(), name)


def plays_of(history: History, kind: str, artist: int, number: int) -> Rows:
    """All plays of an artist, or of an album or track of theirs, those that do not count too."""
    rows = plays_of_artist(history, artist)
    return rows if kind == ARTIST else rows.where(rows[kind] == number)


def counting(rows: Rows, threshold_ms: int, start: int | None, end: int | None) -> Rows:
    """The plays that count among those that start from `start` up to, but not at, `end`."""
    if start is not None or end is not None:
        rows = rows.between(start or 0, 2**32 - 1 if end is None else end)
    return rows.where(rows["ms"] >= threshold_ms)


def moments_of(rows: Rows, zone: ZoneInfo) -> Moments:
    """The moments of plays on the listener's clock."""
    return play_moments(rows, 0, _span(rows, zone))


def ranking_in(rows: Rows, kind: str, like: Ranking) -> Ranking:
    """The tracks or albums among these plays; `like` is a ranking of all of them."""
    number, ms = rows[kind], rows["ms"]
    known = number >= 0
    plays: Ints = np.bincount(number[known], minlength=len(like.names))
    time: Ints = np.bincount(number[known], weights=ms[known], minlength=len(like.names)).astype(np.int64)
    return like.with_sums(plays, time)


def rank_by_year(history: History, kind: str, number: int, zone: ZoneInfo, like: Ranking) -> list[YearRank]:
    """The years of the history, each with the rank that something had in it."""
    of = yearly(history, ALBUM if kind == ALBUM else TRACK, zone)
    found: list[YearRank] = []
    for place, (plays, ms) in enumerate(zip(of.plays, of.ms, strict=True)):
        if not plays.any():
            continue
        if kind == ARTIST:
            plays, ms = (per_artist(sums, history.names) for sums in (plays, ms))
        ranking = like.with_sums(plays, ms)
        rank = ranks(ranking, [number]).get(number)
        sums = (int(plays[number]), int(ms[number])) if rank else (0, 0)
        found.append(YearRank(of.first + place, rank, ranking.length, *sums))
    return found


def _span(rows: Rows, zone: ZoneInfo) -> Offsets:
    first, last = (int(rows["start"][at]) for at in (0, -1)) if len(rows) else (0, 0)
    return offsets(zone, first, last + 1)


def _first(names: Sequence[str], numbers: Iterable[int], name: str) -> int | None:
    wanted = folded(name)
    return next((at for at in numbers if folded(names[at]) == wanted), None)
