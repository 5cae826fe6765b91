"""What every page under `/history` has round it: its place among them, the range, how plays are counted."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request, url_for

from app.web.format import date_span
from app.web.time.range_query import Preset, RangeQuery
from app.web.time.summary import Summary

PRESETS = {
    Preset.FOUR_WEEKS: "4 weeks",
    Preset.SIX_MONTHS: "6 months",
    Preset.YEAR: "This year",
    Preset.LAST_YEAR: "Last year",
    Preset.ALL: "All time",
}
TABS = (
    ("history.page", "Overview"),
    ("history.artists", "Artists"),
    ("history.tracks", "Tracks"),
    ("history.albums", "Albums"),
    ("history.discovery", "Discovery"),
    ("history.behaviour", "Behaviour"),
    ("history.mood", "Mood"),
    ("history.years", "Years"),
)


@dataclass(frozen=True)
class Choice:
    """A link of a control."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True)
class Frame:
    """The frame of a page. `period`: the range in words. `first`, `last`: its days, for the form.

    `keep`: what the form for a range of one's own carries along.
    """

    tabs: tuple[Choice, ...]
    ranges: tuple[Choice, ...]
    period: str
    first: str
    last: str
    custom: bool
    keep: tuple[tuple[str, str], ...]
    action: str
    threshold: str
    zone: str


def frame_of(of: Summary, endpoint: str, **address: Any) -> Frame:
    """The frame of the page at `endpoint`; `address` is what its address needs besides the range."""
    return frame(of.asked, of.days, endpoint, **address)


def frame(asked: RangeQuery, days: tuple[date, date] | None, endpoint: str, **address: Any) -> Frame:
    """The frame of a page about `asked`, which covers `days`."""
    lasting: dict[str, Any] = {
        name: request.args[name] for name in ("tz", "threshold") if name in request.args
    }
    own: dict[str, Any] = {"from": request.args.get("from"), "to": request.args.get("to")}
    there: dict[str, Any] = (
        {"range": asked.preset.value} if asked.preset else {k: v for k, v in own.items() if v}
    )
    choices = tuple(
        Choice(label, url_for(endpoint, **address, **lasting, range=preset.value), asked.preset is preset)
        for preset, label in PRESETS.items()
    )
    threshold = asked.threshold_ms // 1000
    return Frame(
        tabs=tuple(
            Choice(
                label,
                url_for(tab, **lasting, **(there if there != {"range": "all"} else {})),
                tab == endpoint,
            )
            for tab, label in TABS
        ),
        ranges=choices,
        period=date_span(days) if days else "",
        first=days[0].isoformat() if days else "",
        last=days[1].isoformat() if days else "",
        custom=asked.preset is None,
        keep=tuple({**{k: str(v) for k, v in address.items() if v is not None}, **lasting}.items()),
        action=url_for(endpoint, **address).partition("?")[0],
        threshold=f"{threshold} second" + ("" if threshold == 1 else "s"),
        zone=asked.zone.key,
    )
