"""One artist, album or track: which number a name means, its plays, and its rank in each year."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from app.history.artist_index import plays_of_artist
from app.history.batch import Ints
from app.history.calendar import offsets
from app.history.figures import Moments, Ranking, joined, play_moments
from app.history.merge import folded
from app.history.ranks import ranks
from app.history.rollup import per_artist
from app.history.section import Names, Rows
from app.history.stored import History
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


def find_item(
    names: Names, kind: str, name: str, artists: Sequence[str | None], uri: str | None = None
) -> tuple[int, int] | None:
    """The numbers of an item's artist and of the item; `None` where there is no such.

    `artists`: whom it may be by, the likeliest first; `None` for those whose name is unknown. A track may be
    found by its `uri` ("spotify:track:…") first.
    """
    if kind == TRACK and uri and uri in names.track_uris:
        number = names.track_uris.index(uri)
        return int(names.track_artist[number]), number
    for artist in [name] if kind == ARTIST else artists:
        by = _first(names.artists, range(len(names.artists)), artist) if artist else -1
        if by is None or (kind == ARTIST and by < 0):
            continue
        if kind == ARTIST:
            return by, by
        written, whose = (
            (names.albums, names.album_artist) if kind == ALBUM else (names.tracks, names.track_artist)
        )
        if (found := _first(written, np.flatnonzero(whose == by).tolist(), name)) is not None:
            return by, found
    return None


@dataclass(frozen=True)
class ItemSums:
    """What the plays of an artist, album or track add up to. Arrays are by number of the track or album.

    `first`, `latest`: start, track and album of a play; `None` without one.
    """

    plays: int
    ms: int
    moments: Moments
    first: tuple[int, int, int] | None
    latest: tuple[int, int, int] | None
    track_plays: Ints
    track_ms: Ints
    album_plays: Ints
    album_ms: Ints


def item_sums(
    history: History,
    kind: str,
    artist: int,
    number: int,
    zone: ZoneInfo,
    between: tuple[int | None, int | None],
) -> ItemSums:
    """The sums over the plays that count, of an artist or of an album or track of theirs."""
    names = history.names
    tracks, albums = len(names.tracks), len(names.albums)
    sums = [np.zeros(length, np.int64) for length in (tracks, tracks, albums, albums)]
    span = offsets(zone, history.everything.begins, history.everything.ends + 1)
    moments = []
    first = latest = None
    for block in plays_of_artist(history, artist):
        rows = _counting(block if kind == ARTIST else block.where(block[kind] == number), history, between)
        if not len(rows):
            continue
        moments.append(play_moments([rows], 0, span))
        for pair, column in ((sums[:2], "track"), (sums[2:], "album")):
            known = rows[column] >= 0
            at, ms = rows[column][known], rows["ms"][known]
            pair[0] += np.bincount(at, minlength=len(pair[0]))
            pair[1] += np.bincount(at, weights=ms, minlength=len(pair[1])).astype(np.int64)
        first, latest = first or _play(rows, 0), _play(rows, -1)
    return ItemSums(int(sums[0].sum()), int(sums[1].sum()), joined(moments), first, latest, *sums)


def _counting(rows: Rows, history: History, between: tuple[int | None, int | None]) -> Rows:
    start, end = between
    if start is not None or end is not None:
        rows = rows.between(start or 0, 2**32 - 1 if end is None else end)
    return rows.where(rows.count(history.threshold_ms))


def _play(rows: Rows, at: int) -> tuple[int, int, int]:
    return int(rows["start"][at]), int(rows["track"][at]), int(rows["album"][at])


def rank_by_year(history: History, kind: str, number: int, zone: ZoneInfo, like: Ranking) -> list[YearRank]:
    """The years of the history, each with the rank that something had in it."""
    by_year = yearly(history, ALBUM if kind == ALBUM else TRACK, zone)
    found: list[YearRank] = []
    for year in by_year.years:
        plays, ms = by_year.of(year)
        if not plays.any():
            continue
        if kind == ARTIST:
            plays, ms = (per_artist(sums, history.names) for sums in (plays, ms))
        ranking = like.with_sums(plays, ms)
        rank = ranks(ranking, [number]).get(number)
        sums = (int(plays[number]), int(ms[number])) if rank else (0, 0)
        found.append(YearRank(year, rank, ranking.length, *sums))
    return found


def name_key(name: str | None) -> str:
    """A name as names from different sources are compared: case-folded, in Unicode's form NFKC."""
    return unicodedata.normalize("NFKC", name or "").casefold()


def _first(names: Sequence[str], numbers: Sequence[int], name: str) -> int | None:
    """The number of a name as the history compares names, or else as `name_key` does."""
    for key in (folded, name_key):
        wanted = key(name)
        if (found := next((at for at in numbers if key(names[at]) == wanted), None)) is not None:
            return found
    return None
