"""The tint of a name: one of `TINTS` colours, the same wherever and whenever the name is shown.

Their values for light and dark are in static/css/theme.css, as `.tint-0` to `.tint-11`.
"""

from hashlib import sha256

TINTS = 12
_STRIDE = 5  # from one chapter's tint to the next: neighbours in the list, which are alike, end up apart


def digest(*parts: str | None) -> bytes:
    """32 bytes that upper and lower case make no difference to."""
    folded = "\0".join((part or "").strip().casefold() for part in parts)
    return sha256(folded.encode("utf-8", "replace")).digest()


def tint(name: str | None) -> int:
    """The tint of a name, from 0."""
    return digest(name)[0] % TINTS


def page_tints(name: str | None) -> list[int]:
    """All tints, each once, for the chapters of a page: that of `name` first."""
    return [(tint(name) + place * _STRIDE) % TINTS for place in range(TINTS)]
