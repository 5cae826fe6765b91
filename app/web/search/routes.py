"""Search: a page and its JSON representation. Works logged out too."""

from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.music import Album, Artist, Track
from app.services import DEMO
from app.visit import Browsing
from app.web.auth import browsing, site
from app.web.errors import NO_CATALOGUE, error_response
from app.web.limits import limit_searches
from app.web.representation import full_address, image_address, json_response, offset_from
from app.web.search import view
from app.web.search.report import (
    LAST_OFFSET,
    LONGEST_WORDS,
    OwnFinds,
    Search,
    SearchKind,
    SearchReport,
    search,
    search_plays,
)
from app.web.time.read_report import read_report

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
def page() -> str:
    """Search: the form, and what it found."""
    query, visitor = _query(), browsing()
    own = _own(query.words if query.kind is None else "")
    if visitor is None and own is None:
        return render_template("no_catalogue.html", title="Search")
    report = _report(visitor, query) if visitor else SearchReport(query.words, query.kind, {})
    at_demo = visitor is not None and visitor.service.name == DEMO
    return render_template("search/page.html", report=report, own=own or [], view=view, at_demo=at_demo)


@blueprint.get("/search.json")
def report_json() -> AnyResponse | tuple[Response, int]:
    """The same finds for programs."""
    query, visitor = _query(), browsing()
    if visitor is None:
        return error_response(NO_CATALOGUE)
    report = _report(visitor, query)
    return json_response(
        {
            "q": report.words,
            "artists": [_artist(artist) for artist in report.pages[SearchKind.ARTIST].items],
            "albums": [_album(album) for album in report.pages[SearchKind.ALBUM].items],
            "tracks": [_track(track) for track in report.pages[SearchKind.TRACK].items],
        }
    )


def _report(visitor: Browsing, query: Search) -> SearchReport:
    if query.words:
        limit_searches()
    return search(site(), visitor, query)


def _own(words: str) -> list[OwnFinds] | None:
    """What the visitor's own history has of it; `None` without a history."""
    found = read_report(lambda selection: search_plays(selection, words) if words else [])
    return found.report if found else None


def _query() -> Search:
    return Search(
        words=request.args.get("q", "").strip()[:LONGEST_WORDS].strip(),
        kind=_kind(request.args.get("type")),
        offset=offset_from(request.args.get("offset"), LAST_OFFSET),
    )


def _kind(name: str | None) -> SearchKind | None:
    if not name:
        return None
    try:
        return SearchKind(name)
    except ValueError:
        abort(400)


def _artist(artist: Artist) -> dict[str, Any]:
    image, url = image_address(artist.images), full_address(artist.url)
    return {"id": artist.id, "name": artist.name, "image": image, "url": url}


def _album(album: Album) -> dict[str, Any]:
    image, url = image_address(album.images), full_address(album.url)
    return {"id": album.id, "name": album.name, "artists": album.artists, "image": image, "url": url}


def _track(track: Track) -> dict[str, Any]:
    image = image_address(track.album.images) if track.album else None
    url = full_address(track.url)
    return {"id": track.id, "name": track.name, "artists": track.artists, "image": image, "url": url}
