"""The own plays of an artist, album or track in a range.

An artist's number may be -1: those whose name is unknown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.history import figures
from app.history.cover_plan import Named
from app.history.figures import DayCount, Ranked, Ranking
from app.history.items import (
    ALBUM,
    ARTIST,
    TRACK,
    YearRank,
    find_item,
    item_sums,
    rank_by_year,
)
from app.history.ranks import ranks, stretch
from app.history.section import Names
from app.web.charts.artwork import Picture
from app.web.time.range_with_plays import Kind, RangeWithPlays, named

__all__ = ["ALBUM", "ARTIST", "KINDS", "LISTS", "TRACK", "Moment", "YearRank", "item_report"]

KINDS = {ARTIST: Kind.ARTISTS, ALBUM: Kind.ALBUMS, TRACK: Kind.TRACKS}
LISTS = {ARTIST: (Kind.TRACKS, Kind.ALBUMS), ALBUM: (Kind.TRACKS,), TRACK: (Kind.ALBUMS,)}

PICTURED = 100  # of a list
COVER = 640  # pixels
_ASKED_ABOUT = 10  # tracks by which an artist or album is looked for at Spotify


@dataclass(frozen=True)
class Moment:
    """A play: its start, Unix seconds, and its track's and album's names, where known."""

    at: int
    track: str
    album: str | None


@dataclass(frozen=True)
class ItemReport:
    """An artist, album or track in a range. `rank`: by plays, among `length`; `None` without plays.

    `by_hour`: plays in each hour of the day. `by_year`: its rank in each year of the history, whatever the
    range. `tracks`, `albums`: those among its plays, most plays first, of LISTS. `uri`: where a track is at
    Spotify ("spotify:track:…"). `track_uris`: where its most played tracks are, a few. `range_plays`: of
    everything in the range. `pictures`: of the first ones of `tracks` and `albums`, in their order.
    """

    kind: str
    name: str
    artist: str | None
    plays: int
    ms: int
    rank: int | None
    length: int
    range_plays: int
    daily: Sequence[DayCount]
    by_hour: Sequence[int]
    first: Moment | None
    latest: Moment | None
    by_year: Sequence[YearRank]
    tracks: Sequence[Ranked]
    albums: Sequence[Ranked]
    uri: str | None
    track_uris: Sequence[str]
    cover: Picture | None
    pictures: Mapping[Kind, Sequence[Picture | None]]


def item_report(
    selection: RangeWithPlays, kind: str, name: str, artists: Sequence[str | None], uri: str | None = None
) -> ItemReport | None:
    """What is called so, in upper or lower case; `None` where there is no such.

    `artists`: whom it may be by, the likeliest first. `uri`: where a track is at Spotify, if that is known.
    """
    names, history, zone = selection.names, selection.history, selection.query.zone
    found = find_item(names, kind, name, artists, uri)
    if found is None:
        return None
    by, number = found
    sums = item_sums(history, kind, by, number, zone, selection.query.moments())
    everything, lists = selection.ranking(KINDS[kind]), LISTS[kind]
    tracks = _ranked(replace(selection.tracks, plays=sums.track_plays, ms=sums.track_ms))
    albums = _ranked(replace(selection.albums, plays=sums.album_plays, ms=sums.album_ms))
    shown = {item: ranked for item, ranked in ((Kind.TRACKS, tracks), (Kind.ALBUMS, albums)) if item in lists}
    written = {ARTIST: names.artists, ALBUM: names.albums, TRACK: names.tracks}[kind][number]
    artist = names.artists[by] if by >= 0 else None
    parts = [named(item, part) for part in shown for item in shown[part][:PICTURED]]
    [cover] = selection.pictures(Named(kind, written, artist), wanted=COVER)
    pictures = iter(selection.pictures(*parts))
    return ItemReport(
        kind=kind,
        name=written,
        artist=artist,
        plays=sums.plays,
        ms=sums.ms,
        rank=ranks(everything, [number]).get(number),
        length=everything.length,
        range_plays=selection.rollup.plays,
        daily=figures.daily(sums.moments),
        by_hour=[sum(day) for day in zip(*figures.clock(sums.moments), strict=True)],
        first=_moment(names, sums.first),
        latest=_moment(names, sums.latest),
        by_year=rank_by_year(history, kind, number, zone, everything),
        tracks=shown.get(Kind.TRACKS, ()),
        albums=shown.get(Kind.ALBUMS, ()),
        uri=names.track_uris[number] if kind == TRACK else None,
        cover=cover,
        pictures={part: [next(pictures) for _ in shown[part][:PICTURED]] for part in shown},
        track_uris=[uri for track in tracks[:_ASKED_ABOUT] if (uri := names.track_uris[track.number])],
    )


def _moment(names: Names, play: tuple[int, int, int] | None) -> Moment | None:
    if play is None:
        return None
    start, track, album = play
    return Moment(start, names.tracks[track], names.albums[album] if album >= 0 else None)


def _ranked(ranking: Ranking) -> Sequence[Ranked]:
    return [ranking.ranked(at, rank) for rank, at in enumerate(stretch(ranking, 1, None), 1)]
