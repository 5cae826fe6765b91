"""What the landing page shows of the product: eight weeks of the demo's first listener, who is invented."""

from dataclasses import dataclass
from datetime import date, timedelta

from app.history.figures import DayCount

_MINUTES_A_PLAY = 4
_PLAYS = (
    "23 28 31 25 16 21 31 29 27 28 29 39 45 24 46 17 3 46 24 41 19 20 19 29 27 21 22 26 28 25 29 41 14 20 18 "
    "21 36 16 0 29 0 35 36 22 34 37 10 32 22 20 30 33 42 19 13 34"
)
_ALBUMS = (
    ("June at the Mirage", "Ines & the Intercom", 43),
    ("Delicate Cycle", "Prism Laundry", 24),
    ("Slow Undertow", "Ines & the Intercom", 20),
    ("La Febbre del Mercoledì", "Disco Inferiore", 16),
)


@dataclass(frozen=True)
class Album:
    """An album with its plays in four weeks."""

    name: str
    artist: str
    plays: int


@dataclass(frozen=True)
class Showcase:
    """An invented listener's weeks up to `last`, and their first albums."""

    last: date
    daily: tuple[DayCount, ...]
    albums: tuple[Album, ...]


def showcase(today: date) -> Showcase:
    """The weeks up to a day."""
    plays = [int(count) for count in _PLAYS.split()]
    daily = tuple(
        DayCount(today - timedelta(days=ago), count, count * _MINUTES_A_PLAY * 60_000)
        for ago, count in zip(range(len(plays) - 1, -1, -1), plays, strict=True)
    )
    return Showcase(today, daily, tuple(Album(*album) for album in _ALBUMS))
