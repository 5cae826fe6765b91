"""Which page of a long list an address asks for, and the links between its pages."""

from dataclasses import dataclass
from typing import Any

from flask import abort, request, url_for

_DIGITS = 6


@dataclass(frozen=True)
class Pages:
    """Where a page stands in its list. `previous`, `next`: addresses; `None` at either end."""

    number: int
    count: int
    previous: str | None
    next: str | None


def page_number() -> int:
    """The page that `?page=` asks for, from 1 on; 400 where that is no such number."""
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text) > 0):
        abort(400)
    return int(text)


def pages_of(items: int, most: int, endpoint: str, **address: Any) -> Pages:
    """The pages of a list of so many items, at most so many a page; 404 where the list ends before."""
    number, count = page_number(), max(1, -(-items // most))
    if number > count:
        abort(404)

    def link(page: int) -> str | None:
        return url_for(endpoint, **address, page=page) if 1 <= page <= count else None

    return Pages(number, count, link(number - 1), link(number + 1))
