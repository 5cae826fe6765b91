"""Words for what is ranked: artists, tracks and albums at their rank."""

from app.stats.ranking import Movement
from app.web.format import number, stripped
from app.web.time.range_with_plays import Kind

NOUNS = {Kind.ARTISTS: "artist", Kind.TRACKS: "track", Kind.ALBUMS: "album"}
UNNAMED = {Kind.ARTISTS: "Unknown artist", Kind.TRACKS: "Unknown title", Kind.ALBUMS: "Unknown album"}


def ranked_name(name: str | None, kind: Kind) -> str:
    """The name as it is shown."""
    return stripped(name) or UNNAMED[kind]


def movement_mark(moved: Movement) -> tuple[str, str, str]:
    """How something moved since the period before: a style, a sign to see, and words to hear."""
    if moved == "new":
        return "new", "new", "new: not played in the period before"
    if moved == 0:
        return "same", "=", "same place as in the period before"
    style, sign = ("up", "▲") if moved > 0 else ("down", "▼")
    places = number(abs(moved))
    return style, f"{sign}{places}", f"{style} {places} from the period before"


def share_of_plays(part: int, whole: int) -> str:
    """A share of plays: "12.3%", "0.04%"."""
    if not part or not whole:
        return "0%"
    percent = part / whole * 100
    if percent < 0.01:
        return "<0.01%"
    return (
        f"{percent:.0f}%" if percent >= 99.95 else f"{percent:.1f}%" if percent >= 0.95 else f"{percent:.2f}%"
    )
