"""Record sleeves from everything but plain circles: tiles, waves, rays, bars, hills, squares and petals."""

import math
from random import Random

from app.sandbox.pictures.ink import circle, ellipse, ground, polygon, rect, ring, shape, turned
from app.sandbox.pictures.palettes import Palette, luminance
from app.sandbox.pictures.sleeves import Sleeve


def tiles(chance: Random, palette: Palette) -> str:
    """A grid of quarter discs, half discs and dots."""
    count = chance.choice((3, 4, 4, 5))
    side = 640 / count
    colours = (palette.ground, *palette.inks)
    drawn = []
    for at in range(count * count):
        back, front, dot = chance.sample(colours, 3)
        x, y = at % count * side, at // count * side
        drawn.append(rect(x, y, side + 0.5, side + 0.5, back) + _tile(chance, x, y, side, front, dot))
    return "".join(drawn)


def _tile(chance: Random, x: float, y: float, side: float, front: str, dot: str) -> str:
    kind, half = chance.choice(("quarter", "quarter", "half", "dot", "leaf")), side / 2
    if kind == "dot":
        return circle(x + half, y + half, side * 0.36, front) + circle(x + half, y + half, side * 0.14, dot)
    if kind == "half":
        flat = chance.choice((0, 1))
        return shape(f"M{x:.1f} {y + half:.1f} a{half:.1f} {half:.1f} 0 0 {flat} {side:.1f} 0 z", front)
    if kind == "leaf":
        bow = f"a{side:.1f} {side:.1f} 0 0 1"
        return shape(f"M{x:.1f} {y:.1f} {bow} {side:.1f} {side:.1f} {bow} {-side:.1f} {-side:.1f} z", front)
    cx, cy = x + chance.choice((0, side)), y + chance.choice((0, side))
    dx, dy = (side if cx == x else -side), (side if cy == y else -side)
    sweep = 1 if dx * dy > 0 else 0
    arc = f"A{side:.1f} {side:.1f} 0 0 {sweep} {cx:.1f} {cy + dy:.1f}"
    return shape(f"M{cx:.1f} {cy:.1f} L{cx + dx:.1f} {cy:.1f} {arc} z", front)


def waves(chance: Random, palette: Palette) -> str:
    """Layered swells under a pale moon."""
    inks = sorted(palette.inks, key=luminance, reverse=chance.random() < 0.5)
    moon = circle(chance.uniform(180, 460), chance.uniform(120, 170), chance.uniform(56, 84), inks[0])
    length, layers = chance.uniform(260, 420), 8
    drawn = [ground(palette.ground), moon]
    for at in range(layers):
        top = 240 + at * 54
        drawn.append(shape(_swell(top, chance.uniform(16, 34), length, chance.random()), inks[(at + 1) % 4]))
    return "".join(drawn)


def _swell(top: float, height: float, length: float, phase: float) -> str:
    """A wave that fills everything below it, as smooth quadratic half waves."""
    x = -length * (1 + phase)
    outline = f"M{x:.1f} {top:.1f} q{length / 4:.1f} {-height * 2:.1f} {length / 2:.1f} 0"
    return outline + f" t{length / 2:.1f} 0" * (int(1500 / length) * 2) + " V660 H-900 z"


def rays(chance: Random, palette: Palette) -> str:
    """A sunburst from low in the picture."""
    first, second, disc, land = chance.sample(palette.inks, 4)
    x, y, spokes = 320, chance.uniform(400, 470), chance.choice((18, 22, 26))
    drawn = [ground(palette.ground)]
    for at in range(0, spokes):
        a, b = (math.tau * (at + edge) / spokes for edge in (0, 0.5))
        far = [(x + 900 * math.cos(angle), y + 900 * math.sin(angle)) for angle in (a, b)]
        drawn.append(polygon([(x, y), *far], first))
    drawn.append(circle(x, y, 176, palette.ground) + circle(x, y, 150, disc) + circle(x, y, 104, second))
    drawn.append(rect(0, y, 640, 640, land) + rect(0, y + 34, 640, 12, palette.ground))
    drawn.append(rect(0, y + 62, 640, 6, palette.ground))
    return "".join(drawn)


def bars(chance: Random, palette: Palette) -> str:
    """Columns of uneven length, hung from a line like a row of loud notes."""
    colours = chance.sample(palette.inks, 4)
    count, gap = chance.choice((9, 11, 13)), chance.choice((6, 10))
    width = (640 - 100) / count
    drawn = [ground(palette.ground)]
    for at in range(count):
        up, down = (70 + 215 * chance.betavariate(1.2, 1.2) for _ in range(2))
        x, ink = (
            50 + at * width + gap / 2,
            colours[0] if chance.random() < 0.62 else chance.choice(colours[1:]),
        )
        drawn.append(rect(x, 320 - up, width - gap, up + down, ink))
        drawn.append(rect(x, 320 - chance.uniform(-30, 30), width - gap, 9, palette.ground))
    return turned("".join(drawn), chance.choice((0, 0, 90)))


def hills(chance: Random, palette: Palette) -> str:
    """Ranges of hills, paler with distance, and a ringed moon."""
    inks = sorted(palette.inks, key=luminance, reverse=luminance(palette.ground) > 110)
    inks = inks[(turn := chance.randrange(4)) :] + inks[:turn]
    x, y, radius = chance.uniform(150, 490), chance.uniform(150, 240), chance.uniform(56, 118)
    drawn = [ground(palette.ground)]
    drawn += [ring(x, y, radius + 22 * at, inks[1], 3) for at in range(1, chance.choice((1, 3, 5)))]
    drawn.append(circle(x, y, radius, inks[0]))
    for at in range(4):
        base, lift = 330 + at * 82, chance.uniform(70, 120)
        peak, top = chance.uniform(120, 520), base - lift
        curve = f"M-20 {base} C{peak - 190:.0f} {base} {peak - 120:.0f} {top:.0f} {peak:.0f} {top:.0f}"
        curve += f" S{peak + 200:.0f} {base + 20} 660 {base - 10} V660 H-20 z"
        drawn.append(shape(curve, inks[(at + 1) % 4]))
    return "".join(drawn)


def squares(chance: Random, palette: Palette) -> str:
    """Squares within squares, each turned a little further."""
    colours = chance.sample((palette.ground, *palette.inks), 3)
    count, twist = chance.choice((9, 12, 15)), chance.choice((-7, -5, 5, 7))
    drawn = [ground(colours[-1])]
    for at in range(count):
        side = 620 * (1 - at / count)
        drawn.append(turned(rect(320 - side / 2, 320 - side / 2, side, side, colours[at % 3]), at * twist))
    return "".join(drawn)


def petals(chance: Random, palette: Palette) -> str:
    """One large flower, petals in three rounds."""
    outer, inner, heart, eye = chance.sample(palette.inks, 4)
    count = chance.choice((8, 10, 12))
    drawn = [ground(palette.ground)]
    for ink, reach, width, shift in ((outer, 150, 62, 0.0), (inner, 104, 42, 0.5), (heart, 66, 26, 0.0)):
        for at in range(count):
            angle = 360 * (at + shift) / count
            x = 320 + reach * math.sin(math.radians(angle))
            y = 320 - reach * math.cos(math.radians(angle))
            drawn.append(ellipse(x, y, width, reach * 0.86, ink, angle))
    drawn.append(circle(320, 320, 54, eye) + circle(320, 320, 24, palette.ground))
    return "".join(drawn)


MORE_SLEEVES: tuple[Sleeve, ...] = (tiles, tiles, waves, rays, rays, bars, hills, hills, squares, petals)
