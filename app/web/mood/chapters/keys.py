"""Keys: the circle of fifths, the most common keys, major against minor."""

from dataclasses import dataclass

from app.stats.keys import KeySignature
from app.web.charts.key_circle import Wedge, key_circle
from app.web.charts.scale import on_axis
from app.web.format import counted, percent
from app.web.mood import sentences as words
from app.web.mood.chapters.head import Head, covers
from app.web.mood.report import MoodReport

FIRST_KEYS = 6


@dataclass(frozen=True)
class ModeBar:
    """Major and minor as parts of one bar, on 0-100."""

    major: float
    major_words: str
    minor_words: str


@dataclass(frozen=True)
class KeysChapter:
    """The circle of fifths. `hub` is the value in its middle and what that covers; `modes` may be `None`.

    `first` are the most common keys with a bar each, on 0-100; `keys` are all that any track is in.
    """

    head: Head
    wedges: tuple[Wedge, ...]
    hub: tuple[str, str]
    modes: ModeBar | None
    modes_cover: str
    first: tuple[tuple[KeySignature, float], ...]
    keys: tuple[KeySignature, ...]


def keys_chapter(report: MoodReport) -> KeysChapter:
    """The circle of fifths, and major against minor."""
    keys, modes = report.keys, report.modes
    total, known_modes = sum(one.count for one in keys), sum(modes.values())
    alone = bool(keys) and (len(keys) == 1 or keys[1].count < keys[0].count)
    return KeysChapter(
        head=Head("keys", "Keys", words.keys_words(keys, modes), covers(report, "key", "mode")),
        wedges=key_circle(keys),
        hub=(keys[0].name, f"{keys[0].count} of {total}")
        if alone
        else (counted(len(keys), "key"), f"in {counted(total, 'track')}"),
        modes=ModeBar(
            on_axis(modes["major"], 0, known_modes, 100),
            f"{percent(modes['major'] / known_modes)} major, {counted(modes['major'], 'track')}",
            f"{percent(modes['minor'] / known_modes)} minor, {counted(modes['minor'], 'track')}",
        )
        if known_modes
        else None,
        modes_cover=covers(report, "mode"),
        first=tuple((one, on_axis(one.count, 0, keys[0].count, 100)) for one in keys[:FIRST_KEYS]),
        keys=keys,
    )
