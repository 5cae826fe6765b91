"""What happens to the invented listeners: chapters of a life, which come round every four years, and seasons.

Any four years of plays therefore hold each chapter once.
"""

import math
from dataclasses import dataclass, field
from datetime import date, timedelta

CYCLE = 4  # years

LATE_NIGHTS = (14, 13, 11, 8, 5, 2, 1, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 4, 6, 9, 12, 13)
NIGHT_SHIFTS = (9, 9, 10, 10, 9, 8, 7, 5, 2, 0, 0, 0, 0, 0, 0, 1, 2, 2, 3, 2, 2, 3, 6, 8)
OUTDOORS = (5, 4, 3, 2, 1, 0, 0, 0, 1, 2, 4, 6, 7, 8, 9, 10, 10, 10, 9, 9, 9, 8, 8, 7)
_PEAKS = {  # the month in which a genre is liked most
    "ambient": 1,
    "choral": 12,
    "minimalism": 1,
    "romantic": 2,
    "doom metal": 12,
    "shoegaze": 11,
    "indie folk": 10,
    "cool jazz": 12,
    "synthwave": 10,
    "techno": 6,
    "disco": 7,
    "french house": 7,
    "city pop": 8,
    "cumbia": 7,
    "bossa nova": 7,
    "afrobeat": 7,
    "highlife": 7,
    "garage rock": 6,
    "power metal": 7,
    "indie pop": 5,
}


@dataclass(frozen=True, eq=False)
class Chapter:
    """Some days of a listener's life. `first`: year of the cycle, month and day.

    `volume` multiplies the plays a day, `taste` the liking of a genre. `artists` are heard far more than
    others; a share `repeat` of all plays goes to `songs` songs. `hours` as a listener's. `country`: where.
    """

    name: str = ""
    first: tuple[int, int, int] = (0, 1, 1)
    days: int = 0
    volume: float = 1.0
    taste: dict[str, float] = field(default_factory=dict)
    artists: int = 0
    songs: int = 0
    repeat: float = 0.07
    hours: tuple[int, ...] | None = None
    country: str | None = None

    def holds(self, day: date) -> bool:
        """Whether it goes on that day; none is longer than a year."""
        year, month, at = self.first
        begins = (date(a_year, month, at) for a_year in (day.year, day.year - 1) if a_year % CYCLE == year)
        return any(begin <= day < begin + timedelta(self.days) for begin in begins)

    def liking(self, genres: tuple[str, ...]) -> float:
        """How much more an artist of those genres is liked."""
        return max((self.taste.get(genre, 1.0) for genre in genres), default=1.0)


_ORDINARY = Chapter()


def chapter_on(chapters: tuple[Chapter, ...], day: date) -> Chapter:
    """The chapter of that day: the first that holds it, or an ordinary one."""
    return next((chapter for chapter in chapters if chapter.holds(day)), _ORDINARY)


def seasonal(genres: tuple[str, ...], day: date) -> float:
    """How much an artist of those genres suits the time of the year: 1 on average over it."""
    peak = next((_PEAKS[genre] for genre in genres if genre in _PEAKS), None)
    return math.exp(0.7 * math.cos(2 * math.pi * (day.month - peak) / 12)) / 1.13 if peak else 1.0


MIRA = (
    Chapter("silence", (3, 2, 9), 8, volume=0.08),
    Chapter(
        "break-up",
        (3, 2, 17),
        80,
        volume=1.45,
        taste={"ambient": 3, "shoegaze": 9, "indie folk": 9, "cool jazz": 3, "minimalism": 4, "disco": 0.1},
        songs=5,
        repeat=0.3,
        hours=LATE_NIGHTS,
    ),
    Chapter("fortnight by the sea", (3, 8, 4), 14, volume=0.6, taste={"city pop": 4}, country="PT"),
    Chapter(
        "festival summer",
        (0, 6, 13),
        78,
        volume=1.5,
        taste={"techno": 3, "disco": 3, "french house": 2, "cumbia": 6, "afrobeat": 5},
        artists=9,
        hours=OUTDOORS,
        country="ES",
    ),
    Chapter(
        "night shifts",
        (1, 1, 13),
        110,
        volume=1.2,
        taste={"drum and bass": 3, "techno": 2},
        hours=NIGHT_SHIFTS,
    ),
    Chapter("Tokyo", (1, 10, 6), 17, volume=1.3, taste={"city pop": 14, "enka": 4}, country="JP"),
    Chapter(
        "in love",
        (2, 3, 5),
        60,
        volume=1.25,
        taste={"soul": 8, "indie pop": 9, "disco": 2},
        songs=4,
        repeat=0.22,
    ),
    Chapter("one record", (2, 9, 14), 45, artists=1, songs=3, repeat=0.12),
)
THEO = (
    Chapter(
        "piano exam", (3, 4, 2), 60, volume=1.4, taste={"baroque": 5, "minimalism": 3}, songs=3, repeat=0.3
    ),
    Chapter("Lisbon", (0, 5, 3), 24, volume=1.2, taste={"fado": 30, "bossa nova": 6}, country="PT"),
    Chapter(
        "a farewell", (0, 11, 9), 70, volume=0.6, taste={"choral": 9, "romantic": 5}, songs=4, repeat=0.35
    ),
    Chapter("jazz summer", (1, 6, 20), 60, volume=1.5, taste={"bebop": 4, "jazz fusion": 5}, artists=6),
    Chapter(
        "new father", (2, 1, 20), 90, volume=0.7, taste={"ambient": 12, "minimalism": 4}, hours=LATE_NIGHTS
    ),
)
BRUNO = (
    Chapter("broken leg", (3, 1, 15), 55, volume=1.8, taste={"prog rock": 5, "krautrock": 5}),
    Chapter("festival", (3, 7, 20), 30, volume=1.4, artists=8, hours=OUTDOORS, country="DE"),
    Chapter("band practice", (0, 9, 1), 120, taste={"garage rock": 6, "post-punk": 5}, songs=6, repeat=0.2),
    Chapter("night shifts", (1, 2, 3), 75, volume=1.2, taste={"doom metal": 3}, hours=NIGHT_SHIFTS),
    Chapter("festival", (2, 7, 20), 30, volume=1.5, artists=8, hours=OUTDOORS, country="DE"),
)
NOUR = (
    Chapter("at sea", (3, 5, 1), 40, volume=0.3, taste={"tuareg blues": 5}),
    Chapter(
        "carnival", (0, 2, 1), 25, volume=1.8, taste={"cumbia": 8}, artists=5, hours=OUTDOORS, country="CO"
    ),
    Chapter("port of Lisbon", (1, 4, 10), 60, taste={"fado": 9}, hours=LATE_NIGHTS, country="PT"),
    Chapter("winter ashore", (2, 6, 1), 80, volume=1.4, taste={"chanson": 7}, songs=5, repeat=0.25),
)
