"""Invented pictures, drawn as SVG from an item's id: the same id always gives the same picture.

Every picture is 640 × 640 units. Sleeves fill the square; portraits stay whole when cropped to a circle.
"""

from app.sandbox.pictures.ink import nested
from app.sandbox.pictures.palettes import PALETTES, Palette
from app.sandbox.pictures.people import PORTRAITS, listener_portrait
from app.sandbox.pictures.sleeves import SLEEVES
from app.sandbox.pictures.sleeves_more import MORE_SLEEVES
from app.sandbox.seeded_random import seeded_random

KINDS = ("album", "artist", "listener")
_ALL_SLEEVES = (*SLEEVES, *MORE_SLEEVES)


def draw(kind: str, item_id: str, size: int = 640) -> str:
    """The picture as an SVG document, shown at `size` pixels. `kind` is one of `KINDS`."""
    chance = seeded_random("picture", kind, item_id, "pressing")
    palette = chance.choice(PALETTES)
    if kind == "album":
        drawn = chance.choice(_ALL_SLEEVES)(chance, palette)
        drawn = _with_margin(drawn, palette) if chance.random() < 0.28 else drawn
    elif kind == "artist":
        drawn = chance.choice(PORTRAITS)(chance, palette)
    else:
        drawn = listener_portrait(chance, palette)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 640" width="{size}" height="{size}">'
    return f"{head}{drawn}</svg>\n"


def _with_margin(drawn: str, palette: Palette) -> str:
    """Set the sleeve in a paper margin, as many were."""
    paper = palette.lightest
    return f'<rect width="640" height="640" fill="{paper}"/>{nested(drawn, 44, 552)}'
