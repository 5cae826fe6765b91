"""The circle of fifths: a ring of the 12 major keys round one of their relative minors, C at the top.

The centre is (0, 0). Keys are shaded in steps from 0 (no track) to `SHADES` (as many as the most common).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from app.stats.keys import (
    CIRCLE_OF_FIFTHS,
    MAJOR,
    MINOR,
    PITCH_CLASSES,
    RELATIVE_MINOR,
    KeySignature,
    key_name,
)
from app.web.charts.radar import point_at

RIM, MIDDLE, HUB = 150.0, 105.0, 63.0
SHADES = 4


class Wedge(NamedTuple):
    """One key: the SVG path of its part of the ring, and where its label stands."""

    key: int
    mode: int
    name: str
    label: str
    path: str
    x: float
    y: float
    tracks: int
    shade: int


def key_circle(keys: Sequence[KeySignature]) -> tuple[Wedge, ...]:
    """The 24 keys: the major ones clockwise from C, then their relative minors likewise."""
    counts = {(signature.key, signature.mode): signature.count for signature in keys}
    peak = max(counts.values(), default=0)
    return tuple(
        _wedge(place, key, mode, counts.get((key, mode), 0), peak)
        for mode, shift in ((MAJOR, 0), (MINOR, RELATIVE_MINOR))
        for place, major in enumerate(CIRCLE_OF_FIFTHS)
        for key in [(major + shift) % 12]
    )


def _wedge(place: int, key: int, mode: int, count: int, peak: int) -> Wedge:
    """The key at `place` of 12 on its ring."""
    outer, inner = (RIM, MIDDLE) if mode == MAJOR else (MIDDLE, HUB)
    label = PITCH_CLASSES[key] + ("" if mode == MAJOR else "m")
    shade = math.ceil(count / peak * SHADES) if count else 0
    x, y = point_at(place / 12, (outer + inner) / 2)
    return Wedge(key, mode, key_name(key, mode), label, ring_part(place, outer, inner), x, y, count, shade)


def ring_part(place: int, outer: float, inner: float) -> str:
    """A twelfth of the ring between two radii, as an SVG path."""
    before, after = (place - 0.5) / 12, (place + 0.5) / 12
    corners = [
        point_at(before, outer),
        point_at(after, outer),
        point_at(after, inner),
        point_at(before, inner),
    ]
    a, b, c, d = (f"{x} {y}" for x, y in corners)
    return f"M{a}A{outer} {outer} 0 0 1 {b}L{c}A{inner} {inner} 0 0 0 {d}Z"
