"""An artist, an album, a track: pages to share, which work logged out too."""

from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, abort, render_template, request

from app.services import DEMO
from app.spotify.errors import NotFound, Refused
from app.visit import Browsing
from app.web.auth import browsing, site
from app.web.errors import ErrorResponse, unknown_item
from app.web.item import view
from app.web.item.report import (
    GROUPS,
    AlbumReport,
    ArtistReport,
    TrackReport,
    album_report,
    artist_report,
    track_report,
)
from app.web.limits import limit_look_ups
from app.web.representation import is_spotify_id, offset_from

blueprint = Blueprint("browse", __name__)

LAST_OFFSET = 100_000


@blueprint.get("/artist/<artist_id>")
def artist(artist_id: str) -> str | ErrorResponse:
    """An artist, with their releases; with `?group=` those of one kind, from `?offset=` on."""
    group = request.args.get("group") or None
    if group not in (None, *GROUPS):
        abort(400)
    offset = offset_from(request.args.get("offset"), LAST_OFFSET)
    return _page(
        "artist",
        artist_id,
        lambda visitor: artist_report(site(), visitor, artist_id, group, offset if group else 0),
    )


@blueprint.get("/album/<album_id>")
def album(album_id: str) -> str | ErrorResponse:
    """An album, with its tracks."""
    offset = offset_from(request.args.get("offset"), LAST_OFFSET)
    return _page("album", album_id, lambda visitor: album_report(site(), visitor, album_id, offset))


@blueprint.get("/track/<track_id>")
def track(track_id: str) -> str | ErrorResponse:
    """A track, and how it sounds."""
    return _page("track", track_id, lambda visitor: track_report(site(), visitor, track_id))


def _page(
    noun: str, item_id: str, report_for: Callable[[Browsing], ArtistReport | AlbumReport | TrackReport]
) -> str | ErrorResponse:
    """The page of an item; 404 for an id that is none, before anybody is asked, or that is not known."""
    if not is_spotify_id(item_id):
        return unknown_item(noun)
    visitor = browsing()
    if visitor is None:
        return render_template("no_catalogue.html", title=f"No {noun} to show")
    at_demo = visitor.service.name == DEMO
    if visitor.by_the_app and not at_demo:
        visitor = replace(visitor, before_asking=limit_look_ups)
    try:
        report = report_for(visitor)
    except (NotFound, Refused):
        return unknown_item(noun)
    return render_template(f"item/{noun}.html", id=item_id, report=report, view=view, at_demo=at_demo)
