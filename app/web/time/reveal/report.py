"""How much there is of a history, and how it began."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.history.calendar import date_at
from app.history.figures import DayCount
from app.web.time.range_with_plays import RangeWithPlays


@dataclass(frozen=True)
class FirstSong:
    """The first play that says what was played."""

    day: date
    track: str
    artist: str | None


@dataclass(frozen=True)
class Reveal:
    """A whole history in short. `ms`: listening time; `daily`: its days with plays."""

    plays: int
    ms: int
    artists: int
    daily: Sequence[DayCount]
    first: FirstSong | None


def reveal(history: RangeWithPlays) -> Reveal:
    """What a history has, all of it."""
    totals = history.totals
    return Reveal(totals.plays, totals.ms, totals.artists, history.daily, _first_song(history))


def _first_song(history: RangeWithPlays) -> FirstSong | None:
    for plays in history.every_play():
        for start, track in zip(plays.start.tolist(), plays.track.tolist(), strict=True):
            if track >= 0 and (name := history.names.tracks[track]):
                return FirstSong(date_at(start, history.query.zone), name, history.artist_of(track))
    return None
