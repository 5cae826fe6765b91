"""A radar: a polygon for each series over named shares. Its centre is (0, 0), its rim has radius 100."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from app.web.charts.scale import on_bar

RADIUS = 100.0
UPRIGHT = 0.13  # nearer to the middle line than this share of the radius, a label is centred

Key = TypeVar("Key")


class Spoke(NamedTuple):
    """An axis with its outer end. `shares`: what each series has on it, in their order."""

    name: str
    x: float
    y: float
    shares: tuple[float, ...]

    @property
    def anchor(self) -> str:
        """The `text-anchor` of a label outside the rim."""
        return "middle" if abs(self.x) < UPRIGHT * RADIUS else "start" if self.x > 0 else "end"


@dataclass(frozen=True)
class Radar(Generic[Key]):
    """The radar. `polygons`: each series' corners, in the order of `spokes`; the first is drawn lowest."""

    spokes: tuple[Spoke, ...]
    polygons: Mapping[Key, tuple[tuple[float, float], ...]]


def radar(series: Mapping[Key, Mapping[str, float | None]], first: float = 0.0) -> Radar[Key] | None:
    """The radar of series of shares by name, clockwise from the top; all series have the same names.

    A series of which nothing is known is left out, and so is a name that one of the others lacks; `None`
    where fewer than three names remain. `first`: how many steps from the top the first spoke stands.
    """
    drawn = {
        key: shares for key, shares in series.items() if any(share is not None for share in shares.values())
    }
    names = next(iter(drawn.values()), {})
    known = {
        name: tuple(share for shares in drawn.values() if (share := shares[name]) is not None)
        for name in names
    }
    known = {name: shares for name, shares in known.items() if len(shares) == len(drawn)}
    if len(known) < 3:
        return None
    turns = {name: (place + first) / len(known) for place, name in enumerate(known)}
    return Radar(
        spokes=tuple(Spoke(name, *point_at(turns[name], RADIUS), shares) for name, shares in known.items()),
        polygons={
            key: tuple(
                point_at(turns[name], on_bar(shares[nth]) / 100 * RADIUS) for name, shares in known.items()
            )
            for nth, key in enumerate(drawn)
        },
    )


def point_at(turn: float, radius: float) -> tuple[float, float]:
    """A point, rounded to a tenth. `turn` is the share of the circle from the top, clockwise."""
    angle = turn * math.tau
    # Adding zero turns -0.0 into 0.0.
    return round(math.sin(angle) * radius, 1) + 0.0, round(-math.cos(angle) * radius, 1) + 0.0
