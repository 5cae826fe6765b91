"""Portraits: people cut from paper, seen from the front, from the side, or as a band.

Nothing that matters lies outside the circle of radius 320 about the middle.
"""

from collections.abc import Callable
from random import Random

from app.sandbox.pictures.hair import HAIR
from app.sandbox.pictures.ink import circle, clipped, ellipse, ground, line, rect, ring, shape, turned
from app.sandbox.pictures.palettes import Palette, between, luminance

Portrait = Callable[[Random, Palette], str]

_SHOULDERS = "M84 660 C92 520 190 476 268 462 H372 C450 476 548 520 556 660 z"
_NECK = "M272 380 H368 V470 C352 506 288 506 272 470 z"
_PROFILE = (
    "M216 660 C232 580 214 530 192 478 C146 404 136 300 178 228 C220 158 322 138 384 178 "
    "C424 206 434 250 434 284 C436 300 430 306 436 320 C446 342 468 360 468 374 C468 386 450 388 444 390 "
    "C448 402 452 406 446 416 C440 420 446 428 440 438 C432 448 442 464 436 480 C428 506 388 508 362 504 "
    "C354 540 366 596 420 660 z"
)


def _skin_and_cloth(chance: Random, palette: Palette) -> tuple[str, str, str, str]:
    """Paper for skin, its shaded side, hair and cloth, all of them visible on the ground."""
    inks = sorted(palette.inks, key=lambda ink: abs(luminance(ink) - luminance(palette.ground)))
    hair, cloth = (inks[3], inks[1]) if chance.random() < 0.6 else (inks[1], inks[3])
    return inks[2], inks[0], hair, cloth


def front(chance: Random, palette: Palette) -> str:
    """A head and shoulders, half in the light."""
    skin, shade, hair, cloth = _skin_and_cloth(chance, palette)
    behind, before = chance.choice(HAIR)(hair)
    face = ellipse(320, 290, 104, 132, skin)
    lit = clipped(face + shape(_NECK, skin), rect(chance.choice((216, 320)), 100, 106, 420, shade), "lit")
    body = shape(_SHOULDERS, cloth) + _pattern(chance, palette, cloth)
    backdrop = _backdrop(chance, palette, between(palette.ground, shade))
    return backdrop + behind + body + shape(_NECK, skin) + face + lit + before


def _backdrop(chance: Random, palette: Palette, ink: str) -> str:
    kind = chance.choice(("plain", "rings", "disc", "half"))
    if kind == "rings":
        return ground(palette.ground) + "".join(ring(320, 290, radius, ink, 6) for radius in (216, 244, 272))
    if kind == "disc":
        return ground(palette.ground) + circle(320, 290, 236, ink)
    if kind == "half":
        return ground(palette.ground) + rect(320, 0, 320, 640, ink)
    return ground(palette.ground)


def _pattern(chance: Random, palette: Palette, cloth: str) -> str:
    """Stripes, dots or nothing on the cloth."""
    ink = chance.choice([one for one in (palette.ground, *palette.inks) if one != cloth])
    kind = chance.choice(("stripes", "dots", "plain", "collar"))
    if kind == "stripes":
        return clipped(
            shape(_SHOULDERS, ink), "".join(rect(0, 498 + at * 34, 640, 14, ink) for at in range(5)), "cloth"
        )
    if kind == "dots":
        spots = "".join(circle(100 + at % 9 * 56, 508 + at // 9 * 44, 10, ink) for at in range(36))
        return clipped(shape(_SHOULDERS, ink), spots, "cloth")
    return shape("M268 462 L320 560 L372 462 z", ink) if kind == "collar" else ""


def side(chance: Random, palette: Palette) -> str:
    """A profile and its echoes."""
    inks = chance.sample(palette.inks, 4)
    widths = (250, 190, 130, 70)
    echoes = "".join(
        line(_PROFILE, (*inks[:3], palette.ground)[at % 4] if at < 3 else palette.ground, width)
        for at, width in enumerate(widths)
    )
    head = clipped(shape(_PROFILE, inks[3]), _in_mind(chance, palette, inks), "mind")
    drawn = ground(palette.ground) + echoes + shape(_PROFILE, inks[3]) + head
    return f'<g transform="matrix(-1 0 0 1 640 0)">{drawn}</g>' if chance.random() < 0.5 else drawn


def _in_mind(chance: Random, palette: Palette, inks: list[str]) -> str:
    """What fills the profile: nothing, a sun over water, rings or stripes."""
    kind = chance.choice(("nothing", "sun", "rings", "stripes"))
    if kind == "sun":
        sea = "".join(rect(0, 400 + at * 52, 640, 26, palette.ground) for at in range(6))
        return circle(300, 400, 96, inks[0]) + rect(0, 400, 640, 260, inks[3]) + sea
    if kind == "rings":
        return "".join(circle(290, 290, 108 - at * 27, (inks[0], inks[3])[at % 2]) for at in range(4))
    if kind == "stripes":
        return "".join(rect(0, 424 + at * 40, 640, 40, inks[at % 3]) for at in range(6))
    return ""


def band(chance: Random, palette: Palette) -> str:
    """Three in a row, the middle one in front."""
    skin, *inks = sorted(palette.inks, key=luminance, reverse=True)
    chance.shuffle(inks)
    drawn = [ground(palette.ground), circle(320, 320, 300, between(palette.ground, inks[2]))]
    for x, y, size, cloth, hair in ((176, 338, 0.6, 0, 1), (464, 338, 0.6, 1, 0), (320, 392, 0.74, 2, 1)):
        behind, before = chance.choice(HAIR)(inks[hair])
        figure = behind + shape(_SHOULDERS, inks[cloth]) + shape(_NECK, skin)
        figure += ellipse(320, 290, 104, 132, skin) + before
        drawn.append(f'<g transform="translate({x} {y}) scale({size}) translate(-320 -320)">{figure}</g>')
    drawn.append(rect(0, 596, 640, 44, palette.ground))
    return "".join(drawn)


def mask(chance: Random, palette: Palette) -> str:
    """A face from a compass and a ruler, each half its own."""
    left, right, mark, eye = chance.sample(palette.inks, 4)
    half = clipped(circle(320, 320, 222, left), rect(320, 60, 260, 520, right), "half")
    drawn = circle(320, 320, 222, left) + half
    drawn += circle(238, 280, 46, palette.ground) + circle(238, 280, 20, eye)
    drawn += (
        shape("M356 284 a48 48 0 0 1 96 0 z", mark) if chance.random() < 0.6 else circle(404, 280, 46, mark)
    )
    drawn += shape("M320 250 V410 H262 z", mark) + shape("M248 442 a72 60 0 0 0 144 0 z", palette.ground)
    return ground(palette.ground) + turned(drawn, chance.choice((0, 0, -8, 8)))


def orbit(chance: Random, palette: Palette) -> str:
    """No face at all: someone who only ever sends a drawing."""
    inks = chance.sample(palette.inks, 4)
    drawn = circle(320, 320, 232, inks[0])
    drawn += clipped(circle(320, 320, 232, inks[0]), rect(80, 320, 480, 260, inks[1]), "lower")
    drawn += circle(320, 320, 150, inks[2])
    drawn += clipped(circle(320, 320, 150, inks[2]), rect(80, 60, 480, 260, palette.ground), "upper")
    drawn += circle(320, 320, 70, inks[3]) + circle(320, 88, 26, inks[3])
    return ground(palette.ground) + turned(drawn, chance.choice((0, 45, 90, -45, 180)))


def listener_portrait(chance: Random, palette: Palette) -> str:
    """A head and shoulders with headphones on."""
    skin, shade, hair, cloth = _skin_and_cloth(chance, palette)
    behind, before = chance.choice(HAIR[:5])(hair)
    face = ellipse(320, 290, 104, 132, skin)
    lit = clipped(face + shape(_NECK, skin), rect(320, 100, 106, 420, shade), "lit")
    phones = line("M206 300 C196 76 444 76 434 300", palette.darkest, 22)
    phones += "".join(
        ellipse(x, 304, 34, 52, palette.darkest) + ellipse(x, 304, 16, 32, cloth) for x in (202, 438)
    )
    body = shape(_SHOULDERS, cloth) + shape(_NECK, skin)
    halo = circle(320, 290, 250, between(palette.ground, shade))
    return ground(palette.ground) + halo + behind + body + face + lit + before + phones


PORTRAITS: tuple[Portrait, ...] = (front, front, front, side, side, band, mask, orbit)
