"""`/history/artist`, `/history/album`, `/history/track`: everything about one of them in a range.

An artist's number may be -1: those whose name is unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.history import figures
from app.history import items as one
from app.history.figures import DayCount, Ranked, Ranking
from app.history.items import ALBUM, ARTIST, TRACK, ItemSums, YearRank, item_sums
from app.history.ranks import ranks, stretch
from app.lazy import cached_property
from app.web.time.summary import Summary

__all__ = ["ALBUM", "ARTIST", "TRACK", "ItemStats", "YearRank", "item_stats"]


@dataclass(frozen=True)
class Moment:
    """A play: its start, Unix seconds, and its track's and album's names, where known."""

    start: int
    track: str
    album: str | None


class ItemStats:
    """An artist, album or track in a range. Worked out when it is first asked for, and once."""

    def __init__(self, summary: Summary, kind: str, artist: int, number: int) -> None:
        self.summary = summary
        self.kind = kind
        self.number = number
        names = summary.names
        self.artist = names.artists[artist] if artist >= 0 else None
        called = {ARTIST: names.artists, ALBUM: names.albums, TRACK: names.tracks}[kind]
        self.name = called[number]
        self._artist = artist

    @cached_property
    def sums(self) -> ItemSums:
        """What its plays that count add up to."""
        history, asked = self.summary.history, self.summary.asked
        return item_sums(history, self.kind, self._artist, self.number, asked.zone, asked.moments())

    @property
    def plays(self) -> int:
        """How many."""
        return self.sums.plays

    @property
    def ms(self) -> int:
        """For how long, milliseconds."""
        return self.sums.ms

    @property
    def rank(self) -> int | None:
        """Its rank in the range, by plays."""
        return ranks(self._all, [self.number]).get(self.number)

    @property
    def length(self) -> int:
        """How many of its kind the range has."""
        return self._all.length

    @cached_property
    def daily(self) -> Sequence[DayCount]:
        """The days on which it was played."""
        return figures.daily(self.sums.moments)

    @property
    def by_hour(self) -> Sequence[int]:
        """Plays in each hour of the day."""
        return [sum(day) for day in zip(*figures.clock(self.sums.moments), strict=True)]

    @property
    def first(self) -> Moment | None:
        """Its first play in the range."""
        return self._moment(self.sums.first)

    @property
    def latest(self) -> Moment | None:
        """Its latest play in the range."""
        return self._moment(self.sums.latest)

    @cached_property
    def by_year(self) -> Sequence[YearRank]:
        """Its rank in each year of the history, whatever the range."""
        summary = self.summary
        return one.rank_by_year(summary.history, self.kind, self.number, summary.asked.zone, self._all)

    @cached_property
    def tracks(self) -> Sequence[Ranked]:
        """The tracks among its plays, most plays first."""
        sums = self.sums
        return _ranked(replace(self.summary.tracks, plays=sums.track_plays, ms=sums.track_ms))

    @cached_property
    def albums(self) -> Sequence[Ranked]:
        """The albums among its plays, most plays first."""
        sums = self.sums
        return _ranked(replace(self.summary.albums, plays=sums.album_plays, ms=sums.album_ms))

    @property
    def address(self) -> str | None:
        """Where a track is at Spotify ("spotify:track:…")."""
        return self.summary.names.track_uris[self.number] if self.kind == TRACK else None

    @property
    def _all(self) -> Ranking:
        summary = self.summary
        return {ARTIST: lambda: summary.artists, ALBUM: lambda: summary.albums}.get(
            self.kind, lambda: summary.tracks
        )()

    def _moment(self, play: tuple[int, int, int] | None) -> Moment | None:
        if play is None:
            return None
        start, track, album = play
        names = self.summary.names
        return Moment(start, names.tracks[track], names.albums[album] if album >= 0 else None)


def item_stats(summary: Summary, kind: str, artist: str | None, name: str) -> ItemStats | None:
    """What is called so, in upper or lower case; `None` where there is no such."""
    names = summary.names
    by = one.artist_called(names, name if kind == ARTIST else artist)
    if by is None:
        return None
    if kind == ARTIST:
        return ItemStats(summary, kind, by, by) if by >= 0 else None
    number = (one.album_called if kind == ALBUM else one.track_called)(names, by, name)
    return None if number is None else ItemStats(summary, kind, by, number)


def _ranked(of: Ranking) -> list[Ranked]:
    return [of.ranked(at, rank) for rank, at in enumerate(stretch(of, 1, None), 1)]
