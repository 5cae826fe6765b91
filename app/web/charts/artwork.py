"""Artwork: a picture at several widths, or the initials that stand in where there is none."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from app.music import Image
from app.web.format import initials, showable

TONES = 5


@dataclass(frozen=True)
class Picture:
    """An image that a page may show. `srcset` is "" where the widths are not known."""

    src: str
    srcset: str


@dataclass(frozen=True)
class Artwork:
    """A picture, or what stands in for it: the initials of its name on one of `TONES` colours."""

    picture: Picture | None
    initials: str
    tone: int


def artwork(images: Sequence[Image], name: str | None, wanted: int) -> Artwork:
    """The picture of something called `name`, or its stand-in. `wanted` is a width in pixels."""
    if shown := picture(images, wanted):
        return Artwork(picture=shown, initials="", tone=0)
    return Artwork(picture=None, initials=initials(name), tone=zlib.crc32((name or "").encode()) % TONES)


def picture(images: Sequence[Image], wanted: int) -> Picture | None:
    """The images that may be shown, as `src` (the smallest that is wide enough) and `srcset`."""
    shown = [image for image in images if showable(image.url)]
    if not shown:
        return None
    sized = sorted([(image.width, image.url) for image in shown if image.width])
    if len(sized) < len(shown):
        return Picture(src=shown[0].url, srcset="")
    src = next((url for width, url in sized if width >= wanted), sized[-1][1])
    return Picture(src=src, srcset=", ".join(f"{url} {width}w" for width, url in sized))
