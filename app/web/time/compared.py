"""A range beside the period before it: what there was then, and how what is ranked has moved since."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from app.history.figures import Ranked, Ranking
from app.history.ranks import ranks
from app.stats.ranking import Movement, movement
from app.web.time.summary import Summary


class Kind(Enum):
    """What is ranked."""

    ARTISTS = "artists"
    TRACKS = "tracks"
    ALBUMS = "albums"


@dataclass(frozen=True)
class Line:
    """Something at its rank. `moved`: since the period before; `None` where that has nothing to tell."""

    of: Ranked
    moved: Movement | None


def ranking_of(summary: Summary, kind: Kind) -> Ranking:
    """A ranking of a range."""
    return {Kind.ARTISTS: lambda: summary.artists, Kind.TRACKS: lambda: summary.tracks}.get(
        kind, lambda: summary.albums
    )()


def earlier(summary: Summary) -> Summary | None:
    """The period before; `None` where there is none, or nothing was played in it."""
    before = summary.before()
    return before if before and before.rollup.plays else None


def lines(
    ranked: Sequence[Ranked], kind: Kind, before: Summary | None, by_time: bool = False
) -> tuple[Line, ...]:
    """What is ranked, each with its movement."""
    if before is None:
        return tuple(Line(one, None) for one in ranked)
    then = ranks(ranking_of(before, kind), (one.number for one in ranked), by_time)
    return tuple(Line(one, movement(one.rank, then.get(one.number))) for one in ranked)
