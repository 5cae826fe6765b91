"""Names from an export as they are kept: on one line, without what cannot be seen; `None` means unknown."""

import re

LONGEST_TEXT = 500
UNKNOWN_ARTIST, UNKNOWN_TRACK = "Unknown Artist", "Unknown Track"  # account data, of tracks that are gone
_BREAKS = re.compile("[\t\n\x0b\x0c\r\x85\u2028\u2029]+")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
# Inside a name these join letters (emoji, Persian) or set their direction, and stay.
_ZERO_WIDTH = "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
_WHITE_SPACE = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
_CONTROL_CHARACTERS = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))
_EDGES = _ZERO_WIDTH + _WHITE_SPACE + _CONTROL_CHARACTERS


def clean(text: str | None) -> str | None:
    """The text in characters that can be kept and shown; `None` where nothing is left of it.

    A tab or line end becomes a space, other control characters go, and so do white space and zero-width
    characters at the edges. A lone surrogate becomes "�". At most LONGEST_TEXT characters stay.
    """
    if text is None:
        return None
    if len(text) <= LONGEST_TEXT and text.isprintable():
        return text.strip() or None
    short = text.strip(_EDGES)[:LONGEST_TEXT]
    whole = short.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROLS.sub("", _BREAKS.sub(" ", whole)).strip(_EDGES) or None


def account_names(artist: str | None, track: str | None) -> tuple[str | None, str | None]:
    """Artist and track as account data means them: a placeholder for the artist is no name.

    A track called "Unknown Track" keeps that name where its artist is known.
    """
    if artist != UNKNOWN_ARTIST:
        return artist, track
    return None, None if track == UNKNOWN_TRACK else track
