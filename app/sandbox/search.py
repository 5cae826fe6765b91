"""The Web API's search: every word of the query somewhere in the names, the best matches first.

Upper case and accents do not count. A track is also found by its artists and its album, an album by its
artist. The best names begin with the query, the next have its words as beginnings of theirs, then those that
have them anywhere, then those that were found by another name.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from flask import Response, jsonify, request

from app.sandbox.caller import part_of_the_web_api, shapes
from app.sandbox.catalogue import catalogue
from app.sandbox.errors import Refusal
from app.sandbox.paging import asked_window
from app.sandbox.shapes import Json

search = part_of_the_web_api("search")

KINDS = ("artist", "album", "track")


@dataclass(frozen=True)
class Entry:
    """Something to find: its name as compared, everything else that it may be found by, and its id."""

    id: str
    name: str
    beside: str


@search.get("/search")
def find() -> Response:
    """A page of each kind that was asked for."""
    query, kinds = request.args.get("q", "").strip(), request.args.get("type", "").split(",")
    if not query:
        raise Refusal(400, "No search query")
    if not set(kinds) <= set(KINDS):
        raise Refusal(400, f"Bad search type field {request.args.get('type', '')}")
    return jsonify({f"{kind}s": _page(kind, query) for kind in KINDS if kind in kinds})


def _page(kind: str, query: str) -> Json:
    answers, known = shapes(), catalogue()
    build = {
        "artist": lambda item_id: answers.artist(known.artists[item_id]),
        "album": lambda item_id: answers.album(known.albums[item_id]),
        "track": lambda item_id: answers.track(known.tracks[item_id]),
    }[kind]
    return asked_window(default=5, highest=10, furthest=1000, type=kind).page(ranked(kind, query), build)


def ranked(kind: str, query: str) -> list[str]:
    """The ids of that kind that match, best first, ties by name and then id."""
    asked = fold(query)
    words = asked.split()
    if not words:
        return []
    found = [
        (_rank(entry.name, asked, words), entry)
        for entry in _entries(kind)
        if all(word in entry.name or word in entry.beside for word in words)
    ]
    return [entry.id for _, entry in sorted(found, key=lambda row: (row[0], row[1].name, row[1].id))]


def _rank(name: str, asked: str, words: list[str]) -> int:
    if name.startswith(asked):
        return 0
    if all(any(part.startswith(word) for part in name.split()) for word in words):
        return 1
    return 2 if all(word in name for word in words) else 3


def fold(text: str) -> str:
    """The text as it is compared: no accents, no capitals, single spaces."""
    apart = unicodedata.normalize("NFKD", text)
    return " ".join("".join(sign for sign in apart if not unicodedata.combining(sign)).casefold().split())


@lru_cache(maxsize=len(KINDS))
def _entries(kind: str) -> tuple[Entry, ...]:
    known = catalogue()
    if kind == "artist":
        return tuple(_entry(artist.id, artist.name, ()) for artist in known.artists.values())
    if kind == "album":
        return tuple(_entry(album.id, album.name, (album.artist.name,)) for album in known.albums.values())
    return tuple(
        _entry(track.id, track.name, (*(artist.name for artist in track.artists), track.album.name))
        for track in known.tracks.values()
        if track.id
    )


def _entry(item_id: str, name: str | None, beside: Iterable[str | None]) -> Entry:
    return Entry(item_id, fold(name or ""), fold(" ".join(text or "" for text in beside)))
