"""A sleeve as SVG: an artist's, an album's or a track's, always the same for the same name.

Every sleeve is SIDE × SIDE units. Its ground is the tint of the name. An artist's stays whole when it is
cropped to a circle.
"""

from collections.abc import Iterator
from html import escape
from pathlib import Path
from urllib.parse import urlencode

from app.web.sleeves.motifs import MOTIFS, ROUND_MOTIFS, SIDE, Chance, Palette, letter_motif
from app.web.sleeves.tints import TINTS, digest, tint

KINDS = ("artist", "album", "track")
VERSION = (
    1  # part of a sleeve's address: to be raised when sleeves change, since browsers keep them for a year
)
UNNAMED = "?"
LONGEST_NAME = 500  # characters, as of a name in a history

_CREAM, _INK, _SUN, _CORAL = "#f4e8ce", "#1c1913", "#e9b44c", "#e0703f"
_MINT, _SKY, _ROSE = "#9cc5b0", "#a9c3dc", "#eab3a5"
# In the order of the tints: a ground and three inks that sit well on it and beside each other.
PALETTES = (
    Palette("#2b3ba8", (_CREAM, _SUN, _ROSE)),
    Palette("#9a3a24", (_CREAM, _SUN, _INK)),
    Palette("#2a6361", (_CREAM, _CORAL, _MINT)),
    Palette("#6d3470", (_CREAM, _ROSE, _SUN)),
    Palette("#8a5f0f", (_CREAM, _SUN, _INK)),
    Palette("#a01f3c", (_CREAM, _ROSE, _INK)),
    Palette("#2f6130", (_CREAM, _SUN, _MINT)),
    Palette("#1d5a7c", (_CREAM, _CORAL, _SKY)),
    Palette("#6b4232", (_CREAM, _CORAL, _MINT)),
    Palette("#4b3a9e", (_CREAM, _CORAL, _SKY)),
    Palette("#9c2f6b", (_CREAM, _SUN, _ROSE)),
    Palette("#44546a", (_CREAM, _CORAL, _SKY)),
)
assert len(PALETTES) == TINTS  # noqa: S101 - a tint without a palette is a fault of this file


def sleeve(kind: str, name: str, artist: str | None) -> str:
    """The sleeve of one of KINDS, as an SVG document. Raises ValueError for another kind."""
    if kind not in KINDS:
        raise ValueError(kind)
    seed = digest(kind, name, artist)
    chance = Chance(seed)
    palette = PALETTES[tint(name)].pressed(chance)
    outline = _letter(name)
    motifs = ROUND_MOTIFS if kind == "artist" else MOTIFS
    place = chance.below(len(motifs) + 2)  # a letter twice as often as any other motif
    if place >= len(motifs):
        drawn = letter_motif(chance, palette, outline) if outline else motifs[place - 2](chance, palette)
    else:
        drawn = motifs[place](chance, palette)
    box = f'viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" height="{SIDE}"'
    ground = f'<rect width="{SIDE}" height="{SIDE}" fill="{palette.ground}"/>'
    title = f"<title>{_shown(name)}</title>"
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{title}{ground}{drawn}</svg>\n'


def sleeve_address(name: str | None, kind: str, artist: str | None = None) -> str:
    """Where the sleeve of one of KINDS is."""
    named = {"name": (name or UNNAMED)[:LONGEST_NAME], "artist": (artist or "")[:LONGEST_NAME], "v": VERSION}
    given = {key: value for key, value in named.items() if value}
    return f"/sleeve/{kind}.svg?{urlencode(given, errors='replace')}"


def _shown(name: str) -> str:
    """The name as text of an XML document, which some characters may not be part of at all."""
    return escape("".join(c if c.isprintable() else " " for c in name), quote=False)


def _letter(name: str) -> str:
    """The outline of the name's initial; "" where the serif does not have it."""
    words = (word for word in _words(name) if word not in ("THE", "A", "AN"))
    first = next(words, "") or next(_words(name), "")
    return _LETTERS.get(first[:1], "")


def _words(name: str) -> Iterator[str]:
    return ("".join(c for c in word if c.isalnum()).upper() for word in name.split())


def _outlines() -> dict[str, str]:
    """Besley's capitals and figures at weight 800 (SIL Open Font License), each in a square of SIDE."""
    lines = (Path(__file__).parent / "letters.txt").read_text().splitlines()
    return {line[0]: line[2:] for line in lines}


_LETTERS = _outlines()
