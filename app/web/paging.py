"""Which page of a long list an address asks for, and the links between its pages.

Our own lists count pages from 1. Spotify's lists go by the offset of a page's first item.
"""

from dataclasses import dataclass
from typing import Any

from flask import abort, request, url_for

from app.music import Page

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


def page_span(page: Page[Any]) -> str:
    """Where a page lies in its list: "1–10 of 134", or "7" where that is all; "" for an empty list."""
    total, first = f"{page.total:,}", page.offset + 1
    if page.end <= page.offset:
        return f"none of {total} from here on" if page.total else ""
    if page.end - page.offset == page.total:
        return total
    return f"{first:,} of {total}" if page.end == first else f"{first:,}–{page.end:,} of {total}"


def previous_offset(page: Page[Any], step: int) -> int | None:
    """The offset of the page before, which has `step` items; `None` for the first page."""
    return max(0, page.offset - step) if page.offset else None


def next_offset(page: Page[Any], last_offset: int | None = None) -> int | None:
    """The offset of the page behind; `None` for the last page, or where it began after `last_offset`."""
    return page.end if page.more and (last_offset is None or page.end <= last_offset) else None
