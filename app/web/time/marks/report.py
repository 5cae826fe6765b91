"""What a mark of a chart stands for: its plays, and what was played most in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.history.figures import Ranked
from app.history.items import ARTIST, find_item
from app.history.ranks import among
from app.web.charts.artwork import Picture
from app.web.time.range_with_plays import Kind, RangeWithPlays, named

TOP = 3


@dataclass(frozen=True)
class Mark:
    """A mark's plays and time, and the first three artists; of one artist, the first three tracks.

    `pictures`: what Spotify shows of those three.
    """

    plays: int
    ms: int
    kind: Kind
    top: Sequence[Ranked]
    pictures: Sequence[Picture | None] = ()


def mark(selection: RangeWithPlays, artist_name: str | None = None) -> Mark | None:
    """The mark of a range. `artist_name`: of that artist's plays alone; `None` where there is no such."""
    if not artist_name:
        rollup = selection.rollup
        return _mark(selection, rollup.plays, rollup.ms, Kind.ARTISTS, selection.artists.top(TOP))
    found = find_item(selection.names, ARTIST, artist_name, ())
    if found is None:
        return None
    artist, _ = found
    tracks = among(selection.tracks, selection.names.track_artist == artist)
    return _mark(selection, int(tracks.plays.sum()), int(tracks.ms.sum()), Kind.TRACKS, tracks.top(TOP))


def _mark(selection: RangeWithPlays, plays: int, ms: int, kind: Kind, top: Sequence[Ranked]) -> Mark:
    return Mark(plays, ms, kind, top, selection.pictures(*(named(item, kind) for item in top)))
