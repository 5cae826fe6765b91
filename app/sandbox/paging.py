"""Spotify's paging object, around a slice of a list. Only what is on the page asked for is built."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from flask import request

from app.sandbox.context import root
from app.sandbox.errors import Refusal
from app.sandbox.shapes import Json

T = TypeVar("T")


@dataclass(frozen=True)
class Window:
    """Which part of a list is asked for, and the address (with the rest of its query) of its pages."""

    limit: int
    offset: int
    url: str
    query: tuple[tuple[str, str], ...] = ()

    def page(self, items: Sequence[T], shape: Callable[[T], Json]) -> Json:
        """The paging object; `items` need only know their length and their slices."""
        end, total = self.offset + self.limit, len(items)
        return {
            "href": self._at(self.offset),
            "limit": self.limit,
            "next": self._at(end) if end < total else None,
            "offset": self.offset,
            "previous": self._at(max(self.offset - self.limit, 0)) if self.offset else None,
            "total": total,
            "items": [shape(item) for item in items[self.offset : end]],
        }

    def _at(self, offset: int) -> str:
        return f"{self.url}?{urlencode({**dict(self.query), 'offset': offset, 'limit': self.limit})}"


def asked_window(default: int = 20, highest: int = 50, furthest: int = 100_000, **fixed: str) -> Window:
    """The part that the request asks for; `fixed` replaces parts of its query in the page addresses."""
    limit = whole_number("limit", default, lowest=1, highest=highest)
    offset = whole_number("offset", default=0, lowest=0, highest=furthest)
    query = {**request.args.to_dict(), **fixed}
    return Window(limit, offset, f"{root()}{request.path}", tuple(query.items()))


def whole_number(name: str, default: int | None, lowest: int, highest: int) -> int:
    """A number of the query; without a default it has to be there."""
    text = request.args.get(name, "" if default is None else str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and lowest <= int(text) <= highest):
        raise Refusal(400, f"Invalid {name}")
    return int(text)
