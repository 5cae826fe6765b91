"""Search, with its twin for programs. Works logged out too."""

from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.music import Album, Artist, ArtistName, Track
from app.services import DEMO
from app.web.auth import browsing, site
from app.web.errors import NO_CATALOGUE, error_response
from app.web.limits import limit_searches
from app.web.representation import full_address, image_address, json_response, offset_from
from app.web.search.report import LAST_OFFSET, LONGEST_WORDS, Kind, Search, search
from app.web.search.view import search_view

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
def page() -> str:
    """Search: the form, and what it found."""
    wanted = _wanted()
    asking = browsing()
    if asking is None:
        return render_template("no_catalogue.html", title="Search")
    if wanted.words:
        limit_searches()
    view = search_view(wanted, search(site(), asking, wanted))
    return render_template("search.html", view=view, at_demo=asking.service.name == DEMO)


@blueprint.get("/search.json")
def report_json() -> AnyResponse | tuple[Response, int]:
    """The same finds for programs."""
    wanted = _wanted()
    asking = browsing()
    if asking is None:
        return error_response(NO_CATALOGUE)
    if wanted.words:
        limit_searches()
    finds = search(site(), asking, wanted)
    return json_response(
        {
            "q": wanted.words,
            "artists": [_artist(one) for one in finds.artists.items],
            "albums": [_album(one) for one in finds.albums.items],
            "tracks": [_track(one) for one in finds.tracks.items],
        }
    )


def _wanted() -> Search:
    return Search(
        words=request.args.get("q", "").strip()[:LONGEST_WORDS].strip(),
        kind=_kind(request.args.get("type")),
        offset=offset_from(request.args.get("offset"), LAST_OFFSET),
    )


def _kind(name: str | None) -> Kind | None:
    if not name:
        return None
    try:
        return Kind(name)
    except ValueError:
        abort(400)


def _artist(one: Artist) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "image": image_address(one.images), "url": full_address(one.url)}


def _album(one: Album) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "artists": _credits(one.artists),
        "image": image_address(one.images),
        "url": full_address(one.url),
    }


def _track(one: Track) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "artists": _credits(one.artists),
        "image": image_address(one.album.images) if one.album else None,
        "url": full_address(one.url),
    }


def _credits(artists: tuple[ArtistName, ...]) -> list[dict[str, Any]]:
    return [{"id": one.id, "name": one.name} for one in artists]
