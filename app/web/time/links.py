"""Links between the pages under `/history`: each keeps the range, the time zone and the threshold."""

from typing import Any

from flask import request, url_for

from app.history.figures import Ranked
from app.web.time.compared import Kind
from app.web.time.range_query import Preset, RangeQuery

_OF_ONE = {Kind.ARTISTS: "history.artist", Kind.TRACKS: "history.track", Kind.ALBUMS: "history.album"}


class Links:
    """Addresses that mean the same question."""

    def __init__(self, asked: RangeQuery) -> None:
        self._lasting: dict[str, Any] = {
            name: request.args[name] for name in ("tz", "threshold") if name in request.args
        }
        if asked.preset is None:
            own = {name: request.args.get(name) for name in ("from", "to")}
            self._range: dict[str, Any] = {name: value for name, value in own.items() if value}
        else:
            self._range = {} if asked.preset is Preset.ALL else {"range": asked.preset.value}

    def to(self, endpoint: str, **address: Any) -> str:
        """A page about the same range."""
        return url_for(endpoint, **address, **self._range, **self._lasting)

    def days(self, endpoint: str, first: str, last: str, **address: Any) -> str:
        """A page about a range of its own."""
        own: dict[str, Any] = {"from": first, "to": last}
        return url_for(endpoint, **address, **own, **self._lasting)

    def all_time(self, endpoint: str, **address: Any) -> str:
        """A page about the whole history."""
        return url_for(endpoint, **address, **self._lasting)

    def one(self, kind: Kind, of: Ranked) -> str | None:
        """The page of something that is ranked; `None` where it has no name to go by."""
        if not of.name:
            return None
        by = {} if kind is Kind.ARTISTS or not of.artist else {"artist": of.artist}
        return self.to(_OF_ONE[kind], name=of.name, **by)

    def artist(self, name: str) -> str:
        """The page of an artist."""
        return self.to("history.artist", name=name)

    def bare(self, endpoint: str) -> str:
        """A page's address without anything asked."""
        return url_for(endpoint)

    def hidden(self, **address: str | None) -> tuple[tuple[str, str], ...]:
        """What a form carries along, so that the range stays."""
        given = {name: value for name, value in address.items() if value}
        return tuple({**given, **self._range, **self._lasting}.items())
