"""An artist, an album, a track: pages to share, which work logged out too."""

import time
from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, abort, g, render_template, request

from app.services import DEMO
from app.spotify.errors import NotFound, Refused
from app.visit import Browsing
from app.web.auth import browsing, site
from app.web.errors import ErrorResponse, unknown_item
from app.web.item.album_view import album_view
from app.web.item.artist_view import artist_view
from app.web.item.report import GROUPS, album_report, artist_report, track_report
from app.web.item.track_view import track_view
from app.web.item.view import known_id
from app.web.limits import limit_look_ups
from app.web.representation import offset_from

blueprint = Blueprint("browse", __name__)

LAST_OFFSET = 100_000


@blueprint.get("/artist/<artist_id>")
def artist(artist_id: str) -> str | ErrorResponse:
    """An artist, with their releases."""
    group = request.args.get("group") or None
    if group not in (None, *GROUPS):
        abort(400)
    offset = offset_from(request.args.get("offset"), LAST_OFFSET)

    def page(asking: Browsing) -> str:
        report = artist_report(site(), asking, artist_id, group, offset if group else 0)
        view = artist_view(report, artist_id, group, time.time(), g.timezone)
        return render_template("artist.html", view=view, at_demo=asking.service.name == DEMO)

    return _item("artist", artist_id, page)


@blueprint.get("/album/<album_id>")
def album(album_id: str) -> str | ErrorResponse:
    """An album, with its tracks."""
    offset = offset_from(request.args.get("offset"), LAST_OFFSET)

    def page(asking: Browsing) -> str:
        view = album_view(album_report(site(), asking, album_id, offset), album_id, time.time(), g.timezone)
        return render_template("album.html", view=view, at_demo=asking.service.name == DEMO)

    return _item("album", album_id, page)


@blueprint.get("/track/<track_id>")
def track(track_id: str) -> str | ErrorResponse:
    """A track, and how it sounds."""

    def page(asking: Browsing) -> str:
        view = track_view(track_report(site(), asking, track_id), track_id, time.time())
        return render_template("track.html", view=view, at_demo=asking.service.name == DEMO)

    return _item("track", track_id, page)


def _item(noun: str, item_id: str, page: Callable[[Browsing], str]) -> str | ErrorResponse:
    """The page of an item; 404 for an id that is none, before anybody is asked, or that is not known."""
    if known_id(item_id) is None:
        return unknown_item(noun)
    asking = browsing()
    if asking is None:
        return render_template("no_catalogue.html", title=f"No {noun} to show")
    if asking.by_the_app and asking.service.name != DEMO:
        asking = replace(asking, before_asking=limit_look_ups)
    try:
        return page(asking)
    except (NotFound, Refused):
        return unknown_item(noun)
