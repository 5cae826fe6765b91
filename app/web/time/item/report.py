"""The own plays of an artist, album or track in a range.

An artist's number may be -1: those whose name is unknown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

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
from app.music import Image
from app.web.charts.artwork import Picture, picture
from app.web.time.range_with_plays import Kind, RangeWithPlays, named

__all__ = ["ALBUM", "ARTIST", "KINDS", "LISTS", "TRACK", "Moment", "YearRank", "item_report"]

KINDS = {ARTIST: Kind.ARTISTS, ALBUM: Kind.ALBUMS, TRACK: Kind.TRACKS}
LISTS = {ARTIST: (Kind.TRACKS, Kind.ALBUMS), ALBUM: (Kind.TRACKS,), TRACK: (Kind.ALBUMS,)}

PICTURED = 100  # of its tracks, and of its albums
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
    everything in the range. `images`: what Spotify shows of it; `pictures`: of the first of its tracks and
    albums, in their order, by the name of the list.
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
    images: Sequence[Image] = ()
    pictures: Mapping[str, Sequence[Picture | None]] = field(default_factory=dict)


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
    report = ItemReport(
        kind=kind,
        name={ARTIST: names.artists, ALBUM: names.albums, TRACK: names.tracks}[kind][number],
        artist=names.artists[by] if by >= 0 else None,
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
        tracks=tracks if Kind.TRACKS in lists else (),
        albums=_ranked(replace(selection.albums, plays=sums.album_plays, ms=sums.album_ms))
        if Kind.ALBUMS in lists
        else (),
        uri=names.track_uris[number] if kind == TRACK else None,
        track_uris=[uri for track in tracks[:_ASKED_ABOUT] if (uri := names.track_uris[track.number])],
    )
    return _with_pictures(selection, report)


def _with_pictures(selection: RangeWithPlays, report: ItemReport) -> ItemReport:
    lists = {Kind.TRACKS: report.tracks[:PICTURED], Kind.ALBUMS: report.albums[:PICTURED]}
    parts = [named(item, kind) for kind, items in lists.items() for item in items]
    own, *found = selection.covers(Named(report.kind, report.name, report.artist), *parts)
    pictures = iter(picture(images, 96) for images in found)
    by_list = {kind.value: [next(pictures) for _ in items] for kind, items in lists.items()}
    return replace(report, images=own, pictures=by_list)


def _moment(names: Names, play: tuple[int, int, int] | None) -> Moment | None:
    if play is None:
        return None
    start, track, album = play
    return Moment(start, names.tracks[track], names.albums[album] if album >= 0 else None)


def _ranked(ranking: Ranking) -> Sequence[Ranked]:
    return [ranking.ranked(at, rank) for rank, at in enumerate(stretch(ranking, 1, None), 1)]
