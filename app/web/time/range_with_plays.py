"""A range of a history, for reports to be made of: its sums, its rankings, its plays in blocks.

It reads the history when it is asked, so it never leaves `read_report`: a report holds plain values.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from app.covers import covers_of
from app.history import figures
from app.history.batch import Source
from app.history.blobs import VersionGone
from app.history.calendar import date_at, in_hours
from app.history.cover_plan import Named
from app.history.figures import DayCount, Moments, MonthCount, Ranked, Ranking, Share, Streak
from app.history.patterns import Plays, counting
from app.history.ranks import ranks
from app.history.rollup import Rollup, roll_up_blocks
from app.history.section import ROW_COLUMNS, Names, Rows
from app.history.stored import MUSIC, History, no_matter, stored_history
from app.lazy import cached_property
from app.music import Image
from app.stats.ranking import Movement, movement
from app.store.engine import Store
from app.web.charts.artwork import Picture, picture
from app.web.time.range_query import RangeQuery

__all__ = [
    "AUDIOBOOKS",
    "KINDS",
    "MUSIC",
    "PODCASTS",
    "Kind",
    "Line",
    "Month",
    "RangeWithPlays",
    "Totals",
    "VersionGone",
    "kinds_of",
    "lines",
    "named",
    "range_with_plays",
]

PODCASTS, AUDIOBOOKS = "podcasts", "audiobooks"
KINDS = (MUSIC, PODCASTS, AUDIOBOOKS)
PLAYS = ("start", "ms", "track")
EVER = 2**62


class Kind(Enum):
    """What is ranked."""

    ARTISTS = "artists"
    TRACKS = "tracks"
    ALBUMS = "albums"


@dataclass(frozen=True)
class Totals:
    """Over plays that count. `ms`: listening time; `ms_estimated`: the part of it that is estimated;
    `plays_without_time`: how many plays add nothing to it, since nobody knows how long they were.
    """

    plays: int = 0
    ms: int = 0
    ms_estimated: int = 0
    plays_without_time: int = 0
    tracks: int = 0
    artists: int = 0
    albums: int = 0
    days: int = 0


@dataclass(frozen=True)
class Month:
    """A month's ("2026-11") plays and time."""

    month: str
    plays: int
    ms_played: int


@dataclass(frozen=True)
class Line:
    """Something at its rank. `moved`: since the period before; `None` where that has nothing to tell.

    `picture`: what Spotify shows of it, where that is known and the page has room for it.
    """

    item: Ranked
    moved: Movement | None
    picture: Picture | None = None


class RangeWithPlays:
    """A range of one kind of plays, of one version of the history. What is read is read once."""

    def __init__(self, history: History, query: RangeQuery) -> None:
        self.history = history
        self.query = query

    @cached_property
    def names(self) -> Names:
        """What the numbers stand for."""
        return self.history.names

    @cached_property
    def rollup(self) -> Rollup:
        """The sums over the range."""
        if self.query.by_clock:
            return roll_up_blocks(self.blocks(ROW_COLUMNS), self.names, self.history.threshold_ms)
        if self.query.is_all:
            return self.history.everything
        return self.history.rollup(*self.between())

    @cached_property
    def moments(self) -> Moments:
        """When the plays were."""
        blocks = self.blocks(("start", "ms"))
        return figures.moments(self.rollup, blocks, self.history.threshold_ms, self.query.zone)

    @cached_property
    def daily(self) -> list[DayCount]:
        """The days with plays."""
        return figures.daily(self.moments)

    @property
    def clock(self) -> list[list[int]]:
        """Plays by weekday and hour."""
        return figures.clock(self.moments)

    @cached_property
    def tracks(self) -> Ranking:
        """The tracks, to be ranked."""
        return figures.tracks(self.rollup, self.names)

    @cached_property
    def artists(self) -> Ranking:
        """The artists, to be ranked."""
        return figures.artists(self.rollup, self.names)

    @cached_property
    def albums(self) -> Ranking:
        """The albums, to be ranked."""
        return figures.albums(self.rollup, self.names)

    def ranking(self, kind: Kind) -> Ranking:
        """The artists, tracks or albums, to be ranked."""
        return self.artists if kind is Kind.ARTISTS else self.tracks if kind is Kind.TRACKS else self.albums

    @property
    def totals(self) -> Totals:
        """What it adds up to."""
        return Totals(
            plays=self.rollup.plays,
            ms=self.rollup.ms,
            ms_estimated=self.rollup.estimated_ms,
            plays_without_time=self.rollup.unknown_plays,
            tracks=self.tracks.length,
            artists=self.artists.length,
            albums=self.albums.length,
            days=len(self.daily),
        )

    @property
    def longest_streak(self) -> Streak:
        """The longest run of days with plays."""
        return figures.longest_streak(self.daily)

    @property
    def current_streak(self) -> Streak:
        """The run of days that is not over."""
        last = self.query.last
        return figures.current_streak(self.daily, min(last, self.query.today) if last else self.query.today)

    @cached_property
    def discovery(self) -> Sequence[MonthCount]:
        """New artists and tracks by month."""
        return figures.discovery(self.history.everything, self.names, self.query.zone, *self.between())

    @property
    def platforms(self) -> Sequence[Share]:
        """Device families."""
        return figures.platforms(self.rollup)

    @property
    def several_services(self) -> bool:
        """Whether plays of more than one service are asked about."""
        return self.query.service is None and len(self.history.services) > 1

    @property
    def only_service(self) -> str:
        """The service that told of all plays, where it is one."""
        return self.query.service or next(iter(self.history.services), Source.EXTENDED.service)

    @cached_property
    def services(self) -> Sequence[Share]:
        """What told of the plays: Spotify, Last.fm, …, most plays first."""
        if not self.several_services:  # as in nearly every history: nothing need be read
            rollup = self.rollup
            return [Share(self.only_service, rollup.plays, rollup.ms)] if rollup.plays else []
        return figures.services(self.blocks(("start", "ms", "source")), self.history.threshold_ms)

    @property
    def countries(self) -> Sequence[Share]:
        """Countries."""
        return figures.countries(self.rollup, self.names)

    @cached_property
    def days(self) -> tuple[date, date] | None:
        """The first and the last day of the range; of all, those of the first and the last play."""
        first, last = self.query.first, self.query.last
        if first and last:
            return first, last  # nothing need be counted
        if not self.rollup.plays:
            only = first or last
            return (only, only) if only else None
        zone = self.query.zone
        return first or date_at(self.rollup.begins, zone), last or date_at(self.rollup.ends, zone)

    def blocks(self, names: Collection[str]) -> Iterator[Rows]:
        """The range's rows, with these columns alone, in blocks: never all of them at once."""
        blocks = self.history.blocks(*self.query.moments(), names=names)
        if not self.query.by_clock:
            return blocks
        zone, hour, weekday = self.query.zone, self.query.hour, self.query.weekday
        return (rows.where(in_hours(rows["start"], zone, hour, weekday)) for rows in blocks)

    def plays(self) -> Iterator[Plays]:
        """The range's plays that count."""
        return (counting(rows, self.history.threshold_ms) for rows in self.blocks(PLAYS))

    def every_play(self) -> Iterator[Plays]:
        """All plays that count, whatever the range."""
        return (counting(rows, self.history.threshold_ms) for rows in self.history.blocks(names=PLAYS))

    def plays_since(self, moment: int) -> Iterator[Plays]:
        """The plays that count and start from a moment on (Unix seconds), whatever the range."""
        blocks = self.history.blocks(moment, None, names=PLAYS)
        return (counting(rows, self.history.threshold_ms) for rows in blocks)

    def between(self) -> tuple[int, int]:
        """The moments of the range, as far as they reach."""
        start, end = self.query.moments()
        return start or 0, EVER if end is None else end

    def gaps(self) -> list[tuple[int, int]]:
        """From when to when live plays may be missing, as far as that is in the range (Unix seconds)."""
        start, end = self.between()
        gaps = [(begin // 1000, stop // 1000) for begin, stop in self.history.gaps()]
        return [(begin, stop) for begin, stop in gaps if begin < end and stop >= start]

    def another(self, query: RangeQuery) -> "RangeWithPlays":
        """The same history, asked about another range."""
        return RangeWithPlays(self.history, query)

    def before(self) -> "RangeWithPlays | None":
        """The period before; `None` where there is none, or nothing was played in it."""
        query = self.query.before()
        before = self.another(query) if query else None
        return before if before and before.rollup.plays else None

    def pictures(self, *named: Named, wanted: int = 96) -> list[Picture | None]:
        """What Spotify shows of names of this history, at a width in pixels; all of a page at once."""
        return [picture(images, wanted) for images in self.covers(*named)]

    def pictures_by_name(
        self, named: Iterable[tuple[str, str, str | None]]
    ) -> dict[tuple[str, str, str | None], Picture | None]:
        """The same by kind ("artist", "track"), name and artist."""
        wanted = list(dict.fromkeys(named))
        return dict(zip(wanted, self.pictures(*(Named(*one) for one in wanted)), strict=True))

    def covers(self, *named: Named) -> list[tuple[Image, ...]]:
        """The same as images; none where nothing is known."""
        return covers_of(self.history.store, self.history.account_id, named)

    def with_pictures(self, lists: Mapping[Kind, Sequence[Line]]) -> dict[Kind, Sequence[Line]]:
        """The same lists with their pictures."""
        found = iter(self.pictures(*(named(line.item, kind) for kind in lists for line in lists[kind])))
        return {kind: [replace(line, picture=next(found)) for line in lists[kind]] for kind in lists}

    def artist_of(self, track: int) -> str | None:
        """Whose a track is; `None` where that is unknown."""
        artist = int(self.names.track_artist[track])
        return self.names.artists[artist] if artist >= 0 else None


def named(item: Ranked, kind: Kind) -> Named:
    """Something that is ranked, as its cover is found."""
    return Named(kind.value[:-1], item.name, item.artist)


def lines(
    ranked: Iterable[Ranked], kind: Kind, before: RangeWithPlays | None, by_time: bool = False
) -> tuple[Line, ...]:
    """What is ranked, each with its movement since the period before."""
    ranked = tuple(ranked)
    if before is None:
        return tuple(Line(item, None) for item in ranked)
    earlier = ranks(before.ranking(kind), (item.number for item in ranked), by_time)
    return tuple(Line(item, movement(item.rank, earlier.get(item.number))) for item in ranked)


def range_with_plays(
    store: Store,
    account_id: int,
    query: RangeQuery,
    kind: str = MUSIC,
    long_read: Callable[[], None] = no_matter,
) -> RangeWithPlays | None:
    """A range of an account's plays of one kind; `None` where it has none at all.

    `long_read` is called before many plays are read: it may wait, or raise.
    """
    found = stored_history(store, account_id, long_read)
    history = found.history(kind, query.threshold_ms, query.service) if found else None
    return RangeWithPlays(history, query) if history else None


def kinds_of(store: Store, account_id: int) -> tuple[str, ...]:
    """What kinds of plays the account has."""
    found = stored_history(store, account_id)
    return tuple(kind for kind in KINDS if found and kind in found.manifest.years)
