"""Artwork: a picture at several widths, or the sleeve that stands in where there is none."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.music import Image
from app.web.format import showable
from app.web.sleeves.view import sleeve_address


@dataclass(frozen=True)
class Picture:
    """An image that a page may show. `srcset` is "" where the widths are not known."""

    src: str
    srcset: str = ""


def artwork(
    images: Sequence[Image], name: str | None, wanted: int, kind: str = "album", artist: str | None = None
) -> Picture:
    """The picture of an artist, album or track, or its sleeve. `wanted` is a width in pixels."""
    return picture(images, wanted) or Picture(sleeve_address(name, kind, artist))


def picture(images: Sequence[Image], wanted: int) -> Picture | None:
    """The images that may be shown, as `src` (the smallest that is wide enough) and `srcset`."""
    shown = [image for image in images if showable(image.url)]
    if not shown:
        return None
    sized = sorted([(image.width, image.url) for image in shown if image.width])
    if len(sized) < len(shown):
        return Picture(src=shown[0].url)
    src = next((url for width, url in sized if width >= wanted), sized[-1][1])
    return Picture(src=src, srcset=", ".join(f"{url} {width}w" for width, url in sized))
