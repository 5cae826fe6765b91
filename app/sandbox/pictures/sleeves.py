"""Record sleeves from circles: arcs, discs, suns, bends, rings and halftones."""

import math
from collections.abc import Callable
from random import Random

from app.sandbox.pictures.ink import circle, clipped, ground, line, rect, ring, turned
from app.sandbox.pictures.palettes import Palette

Sleeve = Callable[[Random, Palette], str]


def arcs(chance: Random, palette: Palette) -> str:
    """Broad bands of a circle whose middle is a corner."""
    bands = chance.choice((5, 7, 9))
    inks = chance.sample(palette.inks, 3)
    step = chance.choice((620, 700, 780)) / bands
    rings = (circle(0, 640, step * (bands - at), (*inks, palette.ground)[at % 4]) for at in range(bands))
    moon = circle(chance.uniform(490, 530), chance.uniform(110, 150), chance.uniform(48, 66), inks[0])
    return ground(palette.ground) + turned(moon + "".join(rings), chance.choice((0, 90, 180, 270)))


def discs(chance: Random, palette: Palette) -> str:
    """Two large discs; where they meet, another ink."""
    left, right, both, dot = chance.sample(palette.inks, 4)
    radius, spread = chance.uniform(165, 195), chance.uniform(85, 125)
    first = circle(320 - spread, 320, radius, left)
    second = circle(320 + spread, 320, radius, right)
    lens = clipped(first, circle(320 + spread, 320, radius, both), "lens")
    small = circle(320, 320, chance.choice((22, 34, 46)), dot)
    return ground(palette.ground) + turned(first + second + lens + small, chance.choice((0, 90, 45, -45)))


def sun(chance: Random, palette: Palette) -> str:
    """A low sun, cut into slices by its own reflection."""
    sky, disc, near, far = palette.ground, *chance.sample(palette.inks, 3)
    horizon = chance.uniform(380, 450)
    radius = chance.uniform(165, 205)
    middle = horizon - radius * chance.uniform(0.15, 0.5)
    slices = "".join(rect(0, middle + radius * at / 6, 640, 3 + at * 3.4, sky) for at in range(1, 7))
    bands, height = [], 640 - horizon
    for at in range(5):
        top = horizon + height * (at / 5) ** 1.35
        bands.append(rect(0, top, 640, 641 - top, (near, far)[at % 2]))
    halo = ring(320, middle, radius + 34, far, 5) + ring(320, middle, radius + 62, far, 2.5)
    return ground(sky) + halo + circle(320, middle, radius, disc) + slices + "".join(bands)


def bends(chance: Random, palette: Palette) -> str:
    """Parallel stripes that come in on one side, turn, and leave on another."""
    width = chance.uniform(40, 58)
    order = chance.sample(palette.inks, 4)
    left, turn = chance.uniform(90, 150), chance.uniform(150, 210)
    stripes = []
    for at, ink in enumerate(order):
        radius = turn + (len(order) - 1 - at) * width
        x, y = left + at * width, 640 - turn - 130 - (len(order) - 1) * width
        outline = (
            f"M{x:.1f} -10 V{y:.1f} A{radius:.1f} {radius:.1f} 0 0 0 {x + radius:.1f} {y + radius:.1f} H650"
        )
        stripes.append(line(outline, ink, width + 0.6))
    dot = circle(
        chance.uniform(440, 500), chance.uniform(140, 190), chance.uniform(52, 84), chance.choice(order)
    )
    return ground(palette.ground) + turned(dot + "".join(stripes), chance.choice((0, 90, 180, 270)))


def moire(chance: Random, palette: Palette) -> str:
    """Two sets of fine rings that shimmer where they cross."""
    first, second, disc = chance.sample(palette.inks, 3)
    step, angle = chance.uniform(24, 32), chance.uniform(0, math.tau)
    dx, dy = 70 * math.cos(angle), 70 * math.sin(angle)
    rings = "".join(
        ring(320 - dx, 320 - dy, step * at, first, step * 0.36)
        + ring(320 + dx, 320 + dy, step * at, second, step * 0.36)
        for at in range(1, 20)
    )
    return ground(palette.ground) + rings + circle(320 - dx, 320 - dy, step * 1.1, disc)


def halftone(chance: Random, palette: Palette) -> str:
    """A grid of dots that swell around a point: a photograph with nothing left but its light."""
    dots, glow = chance.sample(palette.inks, 2)
    count = chance.choice((12, 14, 16))
    step, reach = 640 / count, chance.uniform(300, 400)
    x, y = chance.uniform(210, 430), chance.uniform(210, 430)
    drawn = []
    for at in range(count * count):
        cx, cy = (at % count + 0.5) * step, (at // count + 0.5) * step
        swell = max(1 - math.hypot(cx - x, cy - y) / reach, 0)
        drawn.append(circle(cx, cy, step * (0.08 + 0.42 * swell), glow if swell > 0.55 else dots))
    return ground(palette.ground) + "".join(drawn)


def target(chance: Random, palette: Palette) -> str:
    """Rings split down the middle, the halves slipped against each other."""
    inks = (*chance.sample(palette.inks, 3), palette.ground)
    rings = chance.choice((5, 6, 7))
    slip = chance.choice((640 / 14, 640 / 10, 640 / 7))
    halves = []
    for side, shift in enumerate((-slip / 2, slip / 2)):
        half = "".join(
            circle(320, 320 + shift, 270 * (rings - at) / rings, inks[(at + side) % 4]) for at in range(rings)
        )
        halves.append(clipped(rect(side * 320, 0, 320, 640, "#000"), half, f"half{side}"))
    return ground(palette.ground) + turned("".join(halves), chance.choice((0, 90, 45)))


SLEEVES: tuple[Sleeve, ...] = (arcs, arcs, discs, discs, sun, sun, bends, bends, moire, halftone, target)
