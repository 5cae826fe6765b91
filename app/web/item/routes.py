"""An artist, an album, a track: one page for each, by Spotify's id or by name, which works logged out too.

It shows what Spotify has of it and the visitor's own plays, each as far as it is known.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.services import DEMO
from app.spotify.errors import LoginEnded, NotFound, Refused, SpotifyError
from app.visit import Browsing
from app.web.auth import browsing, logged_in, site, visit
from app.web.errors import Declined, ErrorResponse, unknown_item
from app.web.item import view
from app.web.item.links import item_href
from app.web.item.names import known_by_name
from app.web.item.report import GROUPS, ItemPage, look_up, own_plays, page_by_id, page_by_name
from app.web.library.view import NOTES
from app.web.limits import limit_look_ups
from app.web.representation import is_spotify_id, offset_from
from app.web.time.current_account import current_account_id
from app.web.time.item.report import ALBUM, ARTIST, TRACK, ItemReport, item_report
from app.web.time.pages import frame_of, no_history, range_arguments
from app.web.time.range_query import RangeQuery, parse_range
from app.web.time.range_with_plays import RangeWithPlays
from app.web.time.read_report import RangeReport, read_report

blueprint = Blueprint("browse", __name__)

KIND = f"<any({ARTIST}, {ALBUM}, {TRACK}):kind>"
LAST_OFFSET = 100_000

Plays = RangeReport[ItemReport | None] | None


@blueprint.get(f"/{KIND}/<item_id>")
def item(kind: str, item_id: str) -> str | ErrorResponse:
    """What Spotify has by this id, with the visitor's own plays of it.

    An artist's `?group=` shows releases of one kind alone, from `?offset=` on; an album's tracks begin at it.
    """
    if not is_spotify_id(item_id):
        return unknown_item(kind)
    group = request.args.get("group") or None
    if group not in (None, *GROUPS):
        abort(400)
    offset = offset_from(request.args.get("offset"), LAST_OFFSET)
    visitor, found = _visitor(), None
    trouble: SpotifyError | Declined | None = None
    if visitor is not None:
        try:
            found = look_up(site(), visitor, kind, item_id, group, offset)
        except LoginEnded:
            raise
        except (SpotifyError, Declined) as error:
            trouble = error
    plays = _plays_or_none(lambda history: own_plays(history, kind, item_id, found))
    if found is None and not (plays and plays.report):
        if trouble is None:
            return render_template("no_catalogue.html", title=f"No {kind} to show")
        if isinstance(trouble, NotFound | Refused):
            return unknown_item(kind)
        raise trouble
    mine = visit() if logged_in() else None
    page = page_by_id(site(), mine, kind, item_id, found, plays.report if plays else None)
    at_demo = visitor is not None and visitor.service.name == DEMO and found is not None
    return _render(page, plays, "browse.item", {"kind": kind, "item_id": item_id}, at_demo=at_demo)


@blueprint.get(f"/{KIND}")
def named(kind: str) -> str | AnyResponse:
    """What is called so; leads on to Spotify's id where that is known."""
    name, artist = request.args.get("name", ""), request.args.get("artist") or None
    if not name:
        abort(404)
    account_id = current_account_id()
    query = parse_range(account_id) if account_id is not None else None
    # What it is does not depend on the range.
    plays = _plays_of_name(kind, name, artist, query and query.of_all())
    if plays is None and not logged_in():
        return no_history(account_id)
    known = _known(kind, name, artist, plays.report if plays else None) or abort(404)
    if known.id:
        return redirect(item_href(kind, name, item_id=known.id, **range_arguments()) or "")
    if plays and query and query != query.of_all():
        plays = _plays_of_name(kind, name, artist, query)
    page = page_by_name(kind, name, artist, plays.report if plays else None)
    address = {"name": page.name} | ({"artist": page.artists[0].name} if page.artists else {})
    return _render(page, plays, "browse.named", {"kind": kind}, address)


def _visitor() -> Browsing | None:
    """Whoever looks; what people without a login ask of Spotify is limited."""
    visitor = browsing()
    if visitor and visitor.by_the_app and visitor.service.name != DEMO:
        return replace(visitor, before_asking=limit_look_ups)
    return visitor


def _plays_of_name(kind: str, name: str, artist: str | None, query: RangeQuery | None) -> Plays:
    return read_report(lambda history: item_report(history, kind, name, [artist]), query=query)


def _plays_or_none(make: Callable[[RangeWithPlays], ItemReport | None]) -> Plays:
    """The visitor's own plays; `None` where they cannot be read just now: the rest need not wait for them."""
    try:
        return read_report(make)
    except LoginEnded:
        raise
    except (SpotifyError, Declined):
        return None


def _known(kind: str, name: str, artist: str | None, plays: ItemReport | None) -> Any:
    account_id, visitor = (visit().account_id if logged_in() else None), _visitor()
    if visitor and visitor.service.name == DEMO and not logged_in():
        visitor = None  # what the demo's Spotify has is not what they played
    try:
        return known_by_name(site(), account_id, visitor, kind, name, artist, plays)
    except Declined:
        return known_by_name(site(), account_id, None, kind, name, artist, plays)


def _render(
    page: ItemPage,
    plays: Plays,
    endpoint: str,
    path: dict[str, Any],
    address: dict[str, Any] | None = None,
    at_demo: bool = False,
) -> str:
    """The page; its range where there are own plays of it."""
    return render_template(
        f"item/{page.kind}.html",
        page=page,
        frame=frame_of(plays, endpoint, address, path=path) if plays and plays.report else None,
        view=view,
        at_demo=at_demo,
        note=NOTES.get(request.args.get("said", "")),
    )
