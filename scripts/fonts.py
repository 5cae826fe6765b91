"""One small file for each typeface, of the two that its npm package has: western letters, other Latin ones.

Kept: the weights that the pages use, the letters of the languages written in Latin, kerning and tabular
figures. The second file costs 4 KB this way, where a page with one Polish name would load 18 more.
"""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

# Latin Extended-A, Romanian, the capital ß, Welsh: as `unicode-range` in theme.css has them.
MORE_LETTERS = {*range(0x100, 0x180), *range(0x218, 0x21C), 0x1E9E, 0x1EF2, 0x1EF3}
FEATURES = ["calt", "ccmp", "kern", "liga", "locl", "mark", "tnum"]


def typeface(western: Path, other: Path, lightest: int, boldest: int) -> bytes:
    """A variable font in WOFF2 with the letters of `western` and those of `other` that are `MORE_LETTERS`."""
    font = TTFont(western, recalcTimestamp=False)
    _add_letters(font, TTFont(other))
    font = instancer.instantiateVariableFont(font, {"wght": (lightest, boldest)})
    font = _reread(font)
    options = subset.Options(layout_features=FEATURES, hinting=False, notdef_outline=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=list(font.getBestCmap()))
    subsetter.subset(font)
    return _written(font, "woff2")


def _add_letters(font: TTFont, source: TTFont) -> None:
    """Copies glyphs with their variation by weight; both fonts are parts of one and share their axis."""
    letters = {code: name for code, name in source.getBestCmap().items() if code in MORE_LETTERS}
    known = set(font.getGlyphOrder())
    needed = _with_components(source, letters.values())
    added = [name for name in source.getGlyphOrder() if name in needed and name not in known]
    for name in added:
        font["glyf"].glyphs[name] = source["glyf"][name]
        font["hmtx"].metrics[name] = source["hmtx"].metrics[name]
        font["gvar"].variations[name] = source["gvar"].variations.get(name, [])
    order = font.getGlyphOrder() + added
    font.setGlyphOrder(order)
    font["glyf"].glyphOrder = order
    font["maxp"].numGlyphs = len(order)
    del font["HVAR"]  # it knows the old glyphs alone; widths follow from gvar too
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap.update(letters)


def _with_components(font: TTFont, names: Iterable[str]) -> set[str]:
    """The glyphs and those that they are put together of: é is e and an accent."""
    found, waiting = set[str](), list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            glyph = font["glyf"][name]
            waiting += [part.glyphName for part in glyph.components] if glyph.isComposite() else []
    return found


def _reread(font: TTFont) -> TTFont:
    return TTFont(BytesIO(_written(font, None)), recalcTimestamp=False)


def _written(font: TTFont, flavor: str | None) -> bytes:
    font.flavor = flavor
    file = BytesIO()
    font.save(file, reorderTables=False)
    return file.getvalue()
