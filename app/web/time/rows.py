"""A ranked artist, track or album as a row: rank and movement, name, bar, plays and time."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.stats.ranking import Movement
from app.web.charts.scale import on_bar
from app.web.format import hours, number, stripped
from app.web.time.compared import Kind, Line
from app.web.time.links import Links
from app.web.top.view import Mark

NOUNS = {Kind.ARTISTS: "artist", Kind.TRACKS: "track", Kind.ALBUMS: "album"}
UNNAMED = {Kind.ARTISTS: "Unknown artist", Kind.TRACKS: "Unknown title", Kind.ALBUMS: "Unknown album"}


@dataclass(frozen=True)
class Row:
    """A row. `href` is `None` where there is no page; `bar` is 0-100, of the longest's.

    `artist` is `None` in a list of artists; `artist_href` where they are unknown.
    """

    rank: int
    mark: Mark | None
    name: str
    href: str | None
    artist: str | None
    artist_href: str | None
    bar: float
    plays: str
    plays_noun: str
    time: str
    share: str


def row(line: Line, kind: Kind, links: Links, most: int, plays: int, by_time: bool = False) -> Row:
    """`most` is what fills the bar, `plays` those of the whole range."""
    of = line.of
    artist = of.artist or None
    return Row(
        rank=of.rank,
        mark=mark(line.moved),
        name=stripped(of.name) or UNNAMED[kind],
        href=links.one(kind, of),
        artist=None if kind is Kind.ARTISTS else stripped(artist) or UNNAMED[Kind.ARTISTS],
        artist_href=links.artist(artist) if artist and kind is not Kind.ARTISTS else None,
        bar=on_bar((of.ms if by_time else of.plays) / most) if most else 0.0,
        plays=number(of.plays),
        plays_noun="play" if of.plays == 1 else "plays",
        time=hours(of.ms),
        share=share_words(of.plays, plays),
    )


def rows(lines: Sequence[Line], kind: Kind, links: Links, plays: int) -> tuple[Row, ...]:
    """The beginning of a list by plays."""
    most = max((line.of.plays for line in lines), default=0)
    return tuple(row(line, kind, links, most, plays) for line in lines)


def mark(moved: Movement | None) -> Mark | None:
    """How something moved since the period before."""
    if moved is None:
        return None
    if moved == "new":
        return Mark("new", "new", "new: not played in the period before")
    if moved == 0:
        return Mark("same", "=", "same place as in the period before")
    style, sign = ("up", "▲") if moved > 0 else ("down", "▼")
    return Mark(style, f"{sign}{number(abs(moved))}", f"{style} {number(abs(moved))} from the period before")


def share_words(part: int, whole: int) -> str:
    """A share of plays: "12.3%", "0.04%"."""
    if not part or not whole:
        return "0%"
    percent = part / whole * 100
    if percent < 0.01:
        return "<0.01%"
    return (
        f"{percent:.0f}%" if percent >= 99.95 else f"{percent:.1f}%" if percent >= 0.95 else f"{percent:.2f}%"
    )
