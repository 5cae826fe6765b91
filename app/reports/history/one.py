"""`/history/artist`, `/history/album`, `/history/track`: everything about one of them in a range.

An artist's number may be -1: those whose name is unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from app.history import figures, one
from app.history.figures import DayCount, Moments, Ranked, Ranking
from app.history.one import ALBUM, ARTIST, TRACK, YearRank
from app.history.places import ranks, stretch
from app.history.section import Rows
from app.reports.history.summary import Summary

__all__ = ["ALBUM", "ARTIST", "TRACK", "One", "YearRank", "one_of"]


@dataclass(frozen=True)
class Moment:
    """A play: its start, Unix seconds, and its track's and album's names, where known."""

    start: int
    track: str
    album: str | None


class One:
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
    def rows(self) -> Rows:
        """Its plays that count, oldest first."""
        history, asked = self.summary.history, self.summary.asked
        everything = one.plays_of(history, self.kind, self._artist, self.number)
        return one.counting(everything, asked.threshold_ms, *asked.moments())

    @property
    def plays(self) -> int:
        """How many."""
        return len(self.rows)

    @cached_property
    def ms(self) -> int:
        """For how long, milliseconds."""
        return int(self.rows["ms"].sum(dtype="int64"))

    @property
    def rank(self) -> int | None:
        """Its rank in the range, by plays."""
        return ranks(self._all, [self.number]).get(self.number)

    @property
    def length(self) -> int:
        """How many of its kind the range has."""
        return self._all.length

    @cached_property
    def moments(self) -> Moments:
        """When its plays were, on the listener's clock."""
        return one.moments_of(self.rows, self.summary.asked.zone)

    @cached_property
    def daily(self) -> Sequence[DayCount]:
        """The days on which it was played."""
        return figures.daily(self.moments)

    @property
    def by_hour(self) -> Sequence[int]:
        """Plays in each hour of the day."""
        return [sum(day) for day in zip(*figures.clock(self.moments), strict=True)]

    @property
    def first(self) -> Moment | None:
        """Its first play in the range."""
        return self._moment(0)

    @property
    def latest(self) -> Moment | None:
        """Its latest play in the range."""
        return self._moment(-1)

    @cached_property
    def by_year(self) -> Sequence[YearRank]:
        """Its rank in each year of the history, whatever the range."""
        summary = self.summary
        return one.rank_by_year(summary.history, self.kind, self.number, summary.asked.zone, self._all)

    @cached_property
    def tracks(self) -> Sequence[Ranked]:
        """The tracks among its plays, most plays first."""
        return _ranked(one.ranking_in(self.rows, TRACK, self.summary.tracks))

    @cached_property
    def albums(self) -> Sequence[Ranked]:
        """The albums among its plays, most plays first."""
        return _ranked(one.ranking_in(self.rows, ALBUM, self.summary.albums))

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

    def _moment(self, at: int) -> Moment | None:
        if not self.plays:
            return None
        names, album = self.summary.names, int(self.rows["album"][at])
        track = names.tracks[int(self.rows["track"][at])]
        return Moment(int(self.rows["start"][at]), track, names.albums[album] if album >= 0 else None)


def one_of(summary: Summary, kind: str, artist: str | None, name: str) -> One | None:
    """What is called so, in upper or lower case; `None` where there is no such."""
    names = summary.names
    by = one.artist_called(names, name if kind == ARTIST else artist)
    if by is None:
        return None
    if kind == ARTIST:
        return One(summary, kind, by, by) if by >= 0 else None
    number = (one.album_called if kind == ALBUM else one.track_called)(names, by, name)
    return None if number is None else One(summary, kind, by, number)


def _ranked(of: Ranking) -> list[Ranked]:
    return [of.ranked(at, rank) for rank, at in enumerate(stretch(of, 1, None), 1)]
