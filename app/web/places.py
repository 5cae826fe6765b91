"""The five places of the site, and which of them a page belongs to."""

from typing import Any, NamedTuple

from flask import request, url_for


class Place(NamedTuple):
    """A link of the navigation. `current`: "page" on its own page, "true" on what belongs to it, or ""."""

    name: str
    href: str
    icon: str
    current: str


_PLACES = (
    ("Now", "your_music.page", "vinyl"),
    ("Top", "top.page", "list-ol"),
    ("Time", "history.page", "calendar3"),
    ("Mood", "mood.page", "emoji-smile"),
    ("You", "you.page", "person"),
)
_ADDRESS: dict[str, dict[str, Any]] = {"top.page": {"kind": "artists"}}
_OF_BLUEPRINT = {
    "your_music": "Now",
    "player": "Now",
    "top": "Top",
    "history": "Time",
    "mood": "Mood",
    "you": "You",
    "library": "You",
    "settings": "You",
    "sync": "You",
    "privacy": "You",
}
_OF_ENDPOINT = {
    "history.podcasts": "You",
    "history.audiobooks": "You",
    "history.import_page": "You",
    "history.receipt_page": "You",
}


def places() -> list[Place]:
    """The five, with the one marked that the page asked for belongs to."""
    endpoint = request.endpoint or ""
    here = _OF_ENDPOINT.get(endpoint) or _OF_BLUEPRINT.get(request.blueprint or "")
    return [
        Place(name, url_for(page, **_ADDRESS.get(page, {})), icon, _current(page == endpoint, name == here))
        for name, page, icon in _PLACES
    ]


def _current(is_its_page: bool, is_here: bool) -> str:
    # "Top" stands for four pages, between which the navigation stays as it is.
    if is_its_page and request.endpoint != "top.page":
        return "page"
    return "true" if is_here else ""
