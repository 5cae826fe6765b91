"""Colours of the pictures: a ground and four inks each, as a printer of 1968 might have had them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """A ground and four inks that sit well on it and beside each other. Colours are "#rrggbb"."""

    ground: str
    inks: tuple[str, str, str, str]

    @property
    def lightest(self) -> str:
        """The colour nearest to white."""
        return max((self.ground, *self.inks), key=luminance)

    @property
    def darkest(self) -> str:
        """The colour nearest to black."""
        return min((self.ground, *self.inks), key=luminance)


def luminance(colour: str) -> float:
    """Relative luminance without the gamma step: good enough to sort by. 0-255."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def between(one: str, other: str) -> str:
    """The colour halfway between two."""
    pairs = ((int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{(a + b) // 2:02x}" for a, b in pairs)


PALETTES = (
    Palette("#f1e6d0", ("#c4512d", "#e0a030", "#2f6f73", "#1f2a36")),
    Palette("#14213d", ("#f2e8cf", "#e07a3f", "#c8963e", "#5f8a8b")),
    Palette("#2b1b33", ("#e0b0a8", "#e8c07d", "#a8404a", "#6a5490")),
    Palette("#1e3a34", ("#e9dcc0", "#d98e3f", "#7f9c6b", "#b5462f")),
    Palette("#bcd6d6", ("#f7efe0", "#e2604a", "#f0b84f", "#274060")),
    Palette("#e7d3b1", ("#7b2d26", "#d4763b", "#3d5a5b", "#f8efdc")),
    Palette("#0f1a2b", ("#2c5f8a", "#86b6c9", "#f0e3c8", "#e3573f")),
    Palette("#f0d2c4", ("#c8423e", "#7c1f33", "#f3a65a", "#35354f")),
    Palette("#3c3f22", ("#e6cf8b", "#c97b32", "#f3ead7", "#8a9a4b")),
    Palette("#0e3b43", ("#f4e3c1", "#ef8354", "#96c0b7", "#c03a2b")),
    Palette("#3a2118", ("#f0d9b5", "#e08a3c", "#b23a2e", "#6d8a7d")),
    Palette("#f5f0e6", ("#1c1c22", "#d6402f", "#2b5fa6", "#f2b632")),
    Palette("#c9bcd8", ("#3b2a57", "#e76f51", "#f7ead2", "#6a8caf")),
    Palette("#b9d3bf", ("#22423b", "#e5623e", "#f5e9cf", "#d9a13b")),
    Palette("#e4572e", ("#f6e7cb", "#17202e", "#f3a712", "#7a1f1f")),
    Palette("#e9b44c", ("#9b2915", "#1c3144", "#fbf1dc", "#50808e")),
)
