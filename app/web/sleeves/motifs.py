"""What is printed on a sleeve: each motif takes chance and a palette, and returns a piece of SVG.

Coordinates are whole units of a square of SIDE. Motifs in ROUND_MOTIFS have their middle in the middle.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

SIDE = 320
HALF = SIDE // 2
CARDBOARD = "#e6cfa2"
_Chosen = TypeVar("_Chosen")


class Chance:
    """Choices that follow from a seed of 32 bytes."""

    def __init__(self, seed: bytes) -> None:
        self._left = int.from_bytes(seed[1:], "big")  # the first byte is the tint's

    def below(self, most: int) -> int:
        """A whole number from 0 up to, but not at, `most`."""
        self._left, found = divmod(self._left, most)
        return found

    def of(self, choices: Sequence[_Chosen]) -> _Chosen:
        """One of several."""
        return choices[self.below(len(choices))]


@dataclass(frozen=True)
class Palette:
    """A ground and three inks. Colours are "#rrggbb"."""

    ground: str
    inks: tuple[str, str, str]

    def pressed(self, chance: Chance) -> "Palette":
        """The same colours, now and then on cardboard, which stands out from paper."""
        first, second, third = self.inks
        if chance.below(3) == 0:
            return Palette(CARDBOARD, (self.ground, second, third))
        return self if chance.below(2) else Palette(self.ground, (first, third, second))


Motif = Callable[[Chance, Palette], str]


def _rect(x: int, y: int, width: int, height: int, fill: str) -> str:
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}"/>'


def _disc(x: int, y: int, radius: int, fill: str) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}"/>'


def _ring(x: int, y: int, radius: int, stroke: str, width: int) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="none" stroke="{stroke}" stroke-width="{width}"/>'


def _path(outline: str, fill: str) -> str:
    return f'<path d="{outline}" fill="{fill}"/>'


def _quarter(x: int, y: int, side: int, corner: int, fill: str) -> str:
    """A quarter of a disc in a cell; its centre is one of the cell's four corners, clockwise."""
    right, low = x + side, y + side
    ends = (
        (x, y, right, y, x, low),
        (right, y, right, low, x, y),
        (right, low, x, low, right, y),
        (x, low, x, y, right, low),
    )[corner]
    cx, cy, ax, ay, bx, by = ends
    return _path(f"M{cx} {cy}L{ax} {ay}A{side} {side} 0 0 1 {bx} {by}Z", fill)


def grooves(chance: Chance, palette: Palette) -> str:
    """A record that comes in from a corner or a side."""
    x, y = chance.of(((0, SIDE), (SIDE, SIDE), (SIDE, 0), (SIDE, HALF), (HALF, SIDE)))
    line, label, hole = palette.inks
    radii = range(96, 272, chance.of((16, 20, 28)))
    rings = "".join(_ring(x, y, radius, line, chance.of((3, 3, 7))) for radius in radii)
    return f"{rings}{_disc(x, y, 72, label)}{_disc(x, y, 10, hole)}"


def stripes(chance: Chance, palette: Palette) -> str:
    """Bars of several widths, upright or lying."""
    upright, place, drawn = chance.below(2), 0, []
    while place < SIDE:
        width = min(chance.of((8, 16, 32, 56)), SIDE - place)
        if (ink := chance.below(5)) < 3:
            area = (place, 0, width, SIDE) if upright else (0, place, SIDE, width)
            drawn.append(_rect(*area, palette.inks[ink]))
        place += width + chance.of((8, 16))
    return "".join(drawn)


def quarters(chance: Chance, palette: Palette) -> str:
    """A grid of quarter discs, on cells of two colours."""
    side = chance.of((80, 160, 160))
    drawn = []
    for y in range(0, SIDE, side):
        for x in range(0, SIDE, side):
            if chance.below(4) == 0:
                drawn.append(_rect(x, y, side, side, palette.inks[2]))
            drawn.append(_quarter(x, y, side, chance.below(4), palette.inks[chance.below(2)]))
    return "".join(drawn)


def rainbow(chance: Chance, palette: Palette) -> str:
    """Broad arcs, one in another, that stand on an edge or in a corner."""
    x, y = chance.of(((HALF, SIDE), (0, SIDE), (SIDE, SIDE), (HALF, 0), (0, HALF)))
    step, count = chance.of((36, 44)), 4 if x == HALF or y == HALF else 6
    radii = [step * (count - place) for place in range(count)]
    inks = (*palette.inks, palette.ground)
    return "".join(_disc(x, y, radius, inks[place % len(inks)]) for place, radius in enumerate(radii))


def sunset(chance: Chance, palette: Palette) -> str:
    """A sun that sinks into lines."""
    y, radius = chance.of((136, 160, 184)), chance.of((88, 108, 124))
    x = chance.of((HALF, 112, 208))
    lines = [
        _rect(0, y + 8 + place * (14 + place * 2), SIDE, 5 + place * 3, palette.ground) for place in range(8)
    ]
    low = y + radius + 12
    return f"{_disc(x, y, radius, palette.inks[1])}{''.join(lines)}{_rect(0, low, SIDE, 6, palette.inks[0])}"


def bands(chance: Chance, palette: Palette) -> str:
    """Slanting bands across the sleeve."""
    width, rising = chance.of((32, 44, 60)), chance.below(2)
    first, drawn = chance.of((-60, 0, 60)), []
    for place in range(chance.of((3, 4, 5))):
        x = first + place * (width + chance.of((0, 0, 14)))
        low, high = (x, x + 200) if rising else (x + 200, x)
        outline = f"M{low} {SIDE}L{high} 0H{high + width}L{low + width} {SIDE}Z"
        drawn.append(_path(outline, palette.inks[place % 3]))
    return "".join(drawn)


def waves(chance: Chance, palette: Palette) -> str:
    """Hills of water, one before the other."""
    drawn, period = [], chance.of((80, 160))
    top = chance.of((96, 136, 176))
    for place, ink in enumerate((palette.inks[2], palette.inks[1], palette.inks[0])):
        y, height = top + place * 52, chance.of((20, 32, 44))
        start = -period + (period // 2 if place % 2 else 0)
        turns = "".join(
            f"q{period // 4} {-height} {period // 2} 0t{period // 2} 0"
            for _ in range((SIDE + 2 * period) // period)
        )
        drawn.append(_path(f"M{start} {y}{turns}V{SIDE}H{start}Z", ink))
    return _disc(chance.of((80, 160, 240)), top - 48, 32, palette.inks[1]) + "".join(drawn)


def dots(chance: Chance, palette: Palette) -> str:
    """A screen of dots that swell towards a side; one of them is of another colour."""
    count = chance.of((5, 6, 8))
    step, towards, odd = SIDE / count, chance.below(4), chance.below(count * count)
    drawn = []
    for place in range(count * count):
        row, column = divmod(place, count)
        grown = (row, count - 1 - row, column, count - 1 - column)[towards] / (count - 1)
        radius = round(step * (0.1 + 0.34 * grown))
        ink = palette.inks[1] if place == odd else palette.inks[0]
        radius = max(radius, round(step * 0.3)) if place == odd else radius
        drawn.append(_disc(round((column + 0.5) * step), round((row + 0.5) * step), radius, ink))
    return "".join(drawn)


def halves(chance: Chance, palette: Palette) -> str:
    """A disc cut in two, its halves moved apart."""
    radius, shift = chance.of((88, 104, 120)), chance.of((24, 40, 56))
    one, other, bar = palette.inks
    left = (
        f"M{HALF} {HALF - radius - shift // 2}A{radius} {radius} 0 0 0 {HALF} {HALF + radius - shift // 2}Z"
    )
    right = (
        f"M{HALF} {HALF - radius + shift // 2}A{radius} {radius} 0 0 1 {HALF} {HALF + radius + shift // 2}Z"
    )
    turn = chance.of((0, 45, 90, 135))
    drawn = f"{_path(left, one)}{_path(right, other)}"
    return f'{_rect(0, 288, SIDE, 12, bar)}<g transform="rotate({turn} {HALF} {HALF})">{drawn}</g>'


def blocks(chance: Chance, palette: Palette) -> str:
    """Fields of colour between heavy lines."""
    x, y = chance.of((96, 128, 208)), chance.of((80, 176, 224))
    one, other, third = palette.inks
    fields = [(0, 0, x, y), (x, 0, SIDE - x, y), (0, y, x, SIDE - y), (x, y, SIDE - x, SIDE - y)]
    first = chance.below(4)
    drawn = [_rect(*fields[(first + place) % 4], ink) for place, ink in enumerate((one, other, third))]
    line = palette.ground
    drawn += [_rect(x - 6, 0, 12, SIDE, line), _rect(0, y - 6, SIDE, 12, line)]
    if chance.below(2):
        drawn.append(_disc(x, y, 40, line))
    return "".join(drawn)


def peaks(chance: Chance, palette: Palette) -> str:
    """Mountains under a moon."""
    drawn = [_disc(chance.of((88, 160, 232)), 88, chance.of((32, 44, 56)), palette.inks[1])]
    for place, ink in enumerate((palette.inks[2], palette.inks[0])):
        x, y = chance.of((64, 128, 192, 256)), 128 + place * 60
        drawn.append(_path(f"M{x} {y}L{x + 240} {SIDE}H{x - 240}Z", ink))
        other = (x + 150) % SIDE
        drawn.append(_path(f"M{other} {y + 44}L{other + 190} {SIDE}H{other - 190}Z", ink))
    return "".join(drawn)


def target(chance: Chance, palette: Palette) -> str:
    """Discs, one in another."""
    radii = chance.of(((144, 104, 64, 24), (144, 112, 60), (132, 120, 76, 20)))
    inks = [palette.inks[0], palette.inks[1], palette.ground, palette.inks[2]]
    return "".join(_disc(HALF, HALF, radius, ink) for radius, ink in zip(radii, inks, strict=False))


def rays(chance: Chance, palette: Palette) -> str:
    """A star of rays round a disc."""
    count = chance.of((8, 12, 16))
    drawn = []
    for place in range(count):
        ends = [math.tau * (place + half) / count for half in (-0.25, 0.25)]
        (ax, ay), (bx, by) = (
            (round(HALF + 240 * math.cos(end)), round(HALF + 240 * math.sin(end))) for end in ends
        )
        drawn.append(f"M{HALF} {HALF}L{ax} {ay}L{bx} {by}Z")
    radius = chance.of((44, 60, 76))
    inner = _disc(HALF, HALF, radius, palette.inks[1])
    return f"{_path(''.join(drawn), palette.inks[0])}{inner}{_disc(HALF, HALF, radius // 3, palette.inks[2])}"


def listener(chance: Chance, palette: Palette) -> str:
    """A head and shoulders before a disc, in two halves of light."""
    one, halo, shade = palette.inks
    radius = chance.of((52, 56, 60))
    y = 132
    body = f"M40 {SIDE}a120 104 0 0 1 240 0Z"
    lit = f"M{HALF} {SIDE}V216a120 104 0 0 1 120 104Z"
    face = f"M{HALF} {y - radius}A{radius} {radius} 0 0 1 {HALF} {y + radius}Z"
    drawn = [
        _disc(HALF, 148, chance.of((104, 120, 132)), halo),
        _path(body, one),
        _disc(HALF, y, radius, one),
    ]
    if chance.below(2):
        drawn += [_path(lit, shade), _path(face, shade)]
    else:
        drawn.append(_rect(HALF - radius - 4, y - 14, radius * 2 + 8, chance.of((14, 24)), shade))
    return "".join(drawn)


def orbit(chance: Chance, palette: Palette) -> str:
    """Rings with a body on each."""
    line, one, other = palette.inks
    drawn = [_disc(HALF, HALF, 28, one)]
    for place, radius in enumerate((64, 100, 136)):
        turn = math.tau * chance.below(16) / 16
        x, y = round(HALF + radius * math.cos(turn)), round(HALF + radius * math.sin(turn))
        drawn += [_ring(HALF, HALF, radius, line, 4), _disc(x, y, 12 + 4 * place, (one, other)[place % 2])]
    return "".join(drawn)


def letter_motif(chance: Chance, palette: Palette, outline: str) -> str:
    """The name's initial, from edge to edge, on a disc, or above a bar."""
    one, other, third = palette.inks
    way = chance.below(3)
    if way == 0:
        size, x, y, back = 0.6, 64, 64, _disc(HALF, HALF, 148, one)
        one = palette.ground
    elif way == 1:
        size, x, y, back = 0.72, 45, 45, _ring(HALF, HALF, 150, third, 6)
    else:
        size, x, y, back = 0.7, 48, 32, f"{_rect(64, 276, 192, 12, other)}"
    return f'{back}<path transform="translate({x} {y}) scale({size})" d="{outline}" fill="{one}"/>'


MOTIFS: tuple[Motif, ...] = (
    grooves,
    stripes,
    quarters,
    rainbow,
    sunset,
    bands,
    waves,
    dots,
    halves,
    blocks,
    peaks,
    target,
)
ROUND_MOTIFS: tuple[Motif, ...] = (target, rays, listener, orbit, listener)
