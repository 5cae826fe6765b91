"""Hair and hats for the portraits. Each gives what lies behind the head and what lies before it.

The head is an ellipse about (320, 290), 104 wide and 132 high from its middle.
"""

from collections.abc import Callable

from app.sandbox.pictures.ink import circle, ellipse, rect, shape

Hair = Callable[[str], tuple[str, str]]


def cloud(ink: str) -> tuple[str, str]:
    """A great round cloud."""
    return circle(320, 238, 168, ink), shape(
        "M210 276 C236 196 404 196 430 276 C450 100 190 100 210 276 z", ink
    )


def bob(ink: str) -> tuple[str, str]:
    """Chin-length with a fringe."""
    behind = shape("M188 410 C172 70 468 70 452 410 z", ink)
    return behind, shape("M212 268 C206 104 434 104 428 268 C380 232 260 232 214 268 z", ink)


def long(ink: str) -> tuple[str, str]:
    """Long, with a parting."""
    behind = shape("M176 540 C196 420 150 90 320 108 C490 90 444 420 464 540 z", ink)
    return behind, shape("M210 320 C214 190 262 148 330 148 C298 200 260 224 210 320 z", ink)


def crop(ink: str) -> tuple[str, str]:
    """Short, swept to one side."""
    return "", shape(
        "M210 282 C196 130 300 118 356 128 C440 138 446 220 430 284 C420 226 330 232 268 206 z", ink
    )


def bun(ink: str) -> tuple[str, str]:
    """Up, with a bun on top."""
    behind = circle(320, 128, 56, ink) + ellipse(320, 270, 120, 138, ink)
    return behind, shape("M210 282 C202 108 438 108 430 282 C400 214 240 214 212 282 z", ink)


def hat(ink: str) -> tuple[str, str]:
    """A broad brim."""
    crown = shape("M230 214 C226 106 262 96 320 108 C378 96 414 106 410 214 z", ink)
    return "", crown + ellipse(320, 216, 182, 26, ink)


def beard(ink: str) -> tuple[str, str]:
    """Bald above, plenty below."""
    return "", shape(
        "M214 300 C236 352 404 352 426 300 C436 452 376 498 320 498 C264 498 204 452 214 300 z", ink
    )


def crest(ink: str) -> tuple[str, str]:
    """A stiff crest."""
    spikes = "".join(rect(274 + at * 23, 92 + abs(at - 2) * 16, 24, 120, ink) for at in range(4))
    return spikes, shape("M250 196 C262 132 378 132 390 196 C356 176 284 176 250 196 z", ink)


HAIR: tuple[Hair, ...] = (cloud, bob, long, crop, bun, hat, beard, crest)
