"""The invented listeners: who may be chosen on the authorize page, and what each of them likes.

`taste` weighs genres against each other; `hours` weighs the 24 hours of a day in the listener's own
city, which is in `country`. `saves` is how many tracks they saved.
"""

from dataclasses import dataclass, field

from app.sandbox.chapters import BRUNO, MIRA, NOUR, THEO, Chapter
from app.sandbox.edge_cases import EDGE_CASES
from app.sandbox.seeded_random import spotify_id

_NIGHT = (6, 4, 2, 1, 0, 0, 0, 1, 3, 5, 6, 6, 5, 5, 6, 6, 5, 4, 5, 6, 9, 12, 12, 9)
_DAY = (0, 0, 0, 0, 0, 1, 4, 8, 9, 6, 5, 4, 6, 5, 4, 4, 5, 8, 9, 7, 6, 5, 3, 1)
_WORK = (1, 0, 0, 0, 0, 0, 2, 7, 9, 9, 8, 7, 4, 7, 9, 8, 8, 9, 6, 4, 5, 6, 4, 2)


@dataclass(frozen=True)
class Listener:
    """An invented listener. A `taste` key is a genre, or a family when it starts with "=="."""

    id: str
    name: str | None
    line: str
    taste: dict[str, float] = field(default_factory=dict)
    hours: tuple[int, ...] = _DAY
    chapters: tuple[Chapter, ...] = ()
    country: str = "SE"
    utc_offset_hours: int = 0
    plays_a_day: float = 0.0
    saves: int = 0
    premium: bool = True
    pictured: bool = True
    genres_given: bool = True

    @property
    def account_id(self) -> str:
        """The stable id that Spotify added in May 2026; it is not the user id."""
        return spotify_id("account", self.id)

    @property
    def weekend_hours(self) -> tuple[int, ...]:
        """`hours` of a Saturday or Sunday, which begins and ends two hours later."""
        return self.hours[-2:] + self.hours[:-2]

    @property
    def shown_name(self) -> str:
        """What to call them on a page."""
        return self.name or self.id


LISTENERS = (
    Listener(
        id="mira.after.dark",
        name="Mira Halloran",
        line="Synthwave, house and the long way home. Up far too late.",
        taste={
            "synthwave": 10,
            "deep house": 8,
            "electro": 5,
            "french house": 7,
            "downtempo": 5,
            "techno": 5,
            "idm": 4,
            "ambient": 4,
            "drum and bass": 3,
            "disco": 4,
            "city pop": 3,
            "hyperpop": 2,
            "trance": 2,
            "dub techno": 3,
            "indie pop": 1,
            "shoegaze": 1,
            "cool jazz": 0.6,
            "afrobeat": 0.6,
        },
        hours=_NIGHT,
        utc_offset_hours=1,
        plays_a_day=29,
        saves=560,
        chapters=MIRA,
    ),
    Listener(
        id="theo_sideb",
        name="Théodore Valmont",
        line="Small rooms, good pianos. Jazz before dinner, string quartets after.",
        taste={
            "cool jazz": 9,
            "bebop": 7,
            "modal jazz": 8,
            "bossa nova": 6,
            "jazz fusion": 3,
            "baroque": 5,
            "minimalism": 6,
            "romantic": 5,
            "chamber music": 5,
            "choral": 3,
            "chanson": 2,
            "ambient": 1,
            "soul": 1,
        },
        utc_offset_hours=1,
        plays_a_day=17,
        saves=240,
        chapters=THEO,
        country="FR",
    ),
    Listener(
        id="brunothunder",
        name="Bruno Järvi-Costa",
        line="If it has a riff, it has his heart. Owns eleven black T-shirts.",
        taste={
            "thrash": 8,
            "doom metal": 8,
            "folk metal": 6,
            "black metal": 5,
            "power metal": 6,
            "post-punk": 3,
            "garage rock": 5,
            "prog rock": 4,
            "psychedelic rock": 4,
            "krautrock": 2,
            "shoegaze": 2,
            "indie rock": 2,
        },
        hours=_WORK,
        utc_offset_hours=2,
        plays_a_day=24,
        saves=150,
        chapters=BRUNO,
        country="FI",
        premium=False,
        genres_given=False,
    ),
    Listener(
        id="نور-nour-✈",
        name="Nour 🌍 <em>Castellanos</em>",
        line="A crate from every port, and not a tidy label among them.",
        taste={
            f"=={EDGE_CASES}": 26,
            "cumbia": 6,
            "afrobeat": 6,
            "highlife": 5,
            "tuareg blues": 5,
            "rai": 5,
            "qawwali": 4,
            "fado": 4,
            "enka": 3,
            "balkan brass": 4,
            "chanson": 2,
            "city pop": 3,
            "bossa nova": 2,
        },
        utc_offset_hours=-3,
        plays_a_day=20,
        saves=120,
        chapters=NOUR,
        country="AR",
    ),
    Listener(
        id="31x7qkd0newhere",
        name=None,
        line="Joined this morning. Has not pressed play yet.",
        pictured=False,
    ),
)


def listener(listener_id: str) -> Listener | None:
    """The listener with that id."""
    return next((one for one in LISTENERS if one.id == listener_id), None)
