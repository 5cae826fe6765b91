"""What a mark of a chart stands for: its plays, and what was played most in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.history.figures import Ranking
from app.history.items import ARTIST, find_item
from app.history.ranks import among
from app.web.time.range_with_plays import Kind, Line, RangeWithPlays, lines

TOP = 3


@dataclass(frozen=True)
class Mark:
    """A mark's plays, time and first three artists, with pictures; of one artist, the first three tracks."""

    plays: int
    ms: int
    kind: Kind
    top: Sequence[Line]


def mark(selection: RangeWithPlays, artist_name: str | None = None) -> Mark | None:
    """The mark of a range. `artist_name`: of that artist's plays alone; `None` where there is no such."""
    if not artist_name:
        rollup = selection.rollup
        return _mark(selection, Kind.ARTISTS, selection.artists, rollup.plays, rollup.ms)
    found = find_item(selection.names, ARTIST, artist_name, ())
    if found is None:
        return None
    artist, _ = found
    tracks = among(selection.tracks, selection.names.track_artist == artist)
    return _mark(selection, Kind.TRACKS, tracks, int(tracks.plays.sum()), int(tracks.ms.sum()))


def _mark(selection: RangeWithPlays, kind: Kind, ranking: Ranking, plays: int, ms: int) -> Mark:
    top = lines(ranking.top(TOP), kind, None)
    return Mark(plays, ms, kind, selection.with_pictures({kind: top})[kind])
