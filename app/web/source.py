"""The source switch: whether a page shows what is counted from plays, or what Spotify ranks.

Remembered in the cookie "source", which holds nothing else.
"""

from enum import Enum
from typing import Any, NamedTuple

from flask import Response, abort, after_this_request, request, url_for

from app.music import TimeRange
from app.web.auth import logged_in, site
from app.web.time.current_account import current_account_id
from app.web.time.range_query import Preset
from app.web.time.range_with_plays import MUSIC, kinds_of

COOKIE = "source"
A_YEAR = 365 * 86_400


class Source(Enum):
    """Where the numbers of a page come from. In the address, `?source=`."""

    PLAYS = "plays"
    SPOTIFY = "spotify"


class Option(NamedTuple):
    """A link of a control: what it chooses, and whether that is what the page shows."""

    name: str
    href: str
    current: bool


def spotifys_ranges(current: TimeRange, endpoint: str, **address: Any) -> list[Option]:
    """The three ranges that Spotify ranks over, on the same page."""
    return [
        Option(each.label, url_for(endpoint, time_range=each.value, **address), each is current)
        for each in TimeRange
    ]


# The nearest range of the other source.
_TIME_RANGES = {
    Preset.FOUR_WEEKS: "short_term",
    Preset.SIX_MONTHS: "medium_term",
    Preset.YEAR: "long_term",
    Preset.LAST_YEAR: "long_term",
    Preset.ALL: "long_term",
}
_PRESETS = {"short_term": Preset.FOUR_WEEKS, "medium_term": Preset.SIX_MONTHS, "long_term": Preset.YEAR}
_OF_PLAYS, _OF_SPOTIFY = ("range", "from", "to"), ("time_range",)


def asked_source() -> Source | None:
    """The source that the address names, also by a range that only one of them has; 400 for another."""
    if name := request.args.get("source"):
        try:
            return Source(name)
        except ValueError:
            abort(400)
    if any(name in request.args for name in _OF_SPOTIFY):
        return Source.SPOTIFY
    return Source.PLAYS if any(name in request.args for name in _OF_PLAYS) else None


def _source_of_page() -> Source:
    """What a page shows: what is asked for, else what was chosen last, else plays where there are any."""
    asked = asked_source()
    if asked and "source" in request.args:
        _remember(asked)
    if not logged_in():
        return Source.PLAYS
    if asked is not None:
        return asked
    if not has_plays():
        return Source.SPOTIFY
    return Source.SPOTIFY if request.cookies.get(COOKIE) == Source.SPOTIFY.value else Source.PLAYS


def shows_plays() -> bool:
    """Whether a page shows plays. Strangers see them only where they ask for them, or have a history here."""
    asked = asked_source() is Source.PLAYS and "source" in request.args
    return _source_of_page() is Source.PLAYS and (logged_in() or asked or has_plays())


def has_plays() -> bool:
    """Whether the visitor has music in their history."""
    account_id = current_account_id()
    return account_id is not None and MUSIC in kinds_of(site().store, account_id)


def source_switch(current: Source, endpoint: str, **address: Any) -> list[Option]:
    """Both sources of a page, in about the same range; nothing where the visitor has only one."""
    # A page of plays that is shown has some.
    if not logged_in() or (current is Source.SPOTIFY and not has_plays()):
        return []
    plays, spotify = _ranges(current)
    to_plays = url_for(endpoint, **address, source=Source.PLAYS.value, **plays)
    to_spotify = url_for(endpoint, **address, source=Source.SPOTIFY.value, **spotify)
    return [
        Option("Your plays", to_plays, current is Source.PLAYS),
        Option("Spotify’s ranking", to_spotify, current is Source.SPOTIFY),
    ]


def address_of_plays(endpoint: str, **address: Any) -> str:
    """Where an older address of a list of plays has gone, with all that it was asked."""
    here = url_for(endpoint, **address, source=Source.PLAYS.value)
    asked = request.query_string.decode("latin-1")
    return f"{here}&{asked}" if asked else here


def _ranges(current: Source) -> tuple[dict[str, Any], dict[str, Any]]:
    clock: dict[str, Any] = {name: request.args[name] for name in ("tz", "threshold") if name in request.args}
    if current is Source.SPOTIFY:
        time_range = request.args.get("time_range", "medium_term")
        preset = _PRESETS.get(time_range, Preset.ALL)
        return {"range": preset.value} | clock, {"time_range": time_range}
    days: dict[str, Any] = {name: request.args[name] for name in ("from", "to") if name in request.args}
    if days:
        return days | clock, {}
    name = request.args.get("range", Preset.ALL.value)
    nearest = {preset.value: time_range for preset, time_range in _TIME_RANGES.items()}
    return {"range": name} | clock, {"time_range": nearest.get(name, "medium_term")}


def _remember(source: Source) -> None:
    secure = request.is_secure

    @after_this_request
    def set_cookie(response: Response) -> Response:
        response.set_cookie(COOKIE, source.value, A_YEAR, secure=secure, httponly=True, samesite="Lax")
        return response
