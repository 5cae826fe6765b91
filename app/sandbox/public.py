"""What a browser sees beside the authorize page: pictures, and the page that "Open in Spotify" leads to."""

from flask import Blueprint, Response, abort, make_response, render_template, request

from app.sandbox import playlist_store
from app.sandbox.context import current_sandbox
from app.sandbox.listeners import listener
from app.sandbox.lookup import find_album, find_artist, find_track, tracks_on
from app.sandbox.pictures import KINDS, draw
from app.sandbox.protection import protect

public = Blueprint("public", __name__)

_A_YEAR = 31_536_000
_LONGEST_ID = 80
_SIZES = ("640", "300", "64")


@public.get("/pictures/<kind>/<item_id>.svg")
def picture(kind: str, item_id: str) -> Response:
    """The picture of an album, artist or listener. It never changes, so browsers may keep it."""
    if kind not in KINDS or len(item_id) > _LONGEST_ID:
        abort(404)
    size = request.args.get("size", "640")
    response = make_response(draw(kind, item_id, int(size) if size in _SIZES else 640))
    response.mimetype = "image/svg+xml"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = f"public, max-age={_A_YEAR}, immutable"
    return response


@public.get("/open/<kind>/<item_id>")
def open_item(kind: str, item_id: str) -> Response:
    """Where `external_urls.spotify` leads: a page that says that this is invented."""
    found = _named(kind, item_id)
    if found is None:
        abort(404)
    name, by, pictured = found
    shown = {"kind": kind, "name": name, "by": by, "pictured": pictured, "tracks": _tracks(kind, item_id)}
    # The site is at the root of whatever host the browser sees: the sandbox is mounted below it.
    page = render_template("sandbox/open.html", **shown, home=request.host_url)
    return protect(make_response(page))


def _named(kind: str, item_id: str) -> tuple[str | None, str | None, tuple[str, str] | None] | None:
    """Name, who made it, and the picture (kind and id), of an item."""
    if kind == "track" and (track := find_track(item_id)):
        by = ", ".join(artist.name or "Unnamed artist" for artist in track.artists)
        return track.name, by, ("album", track.album.id)
    if kind == "album" and (album := find_album(item_id)):
        return album.name or None, album.artist.name, ("album", item_id)
    if kind == "artist" and (artist := find_artist(item_id)):
        return artist.name, None, None if artist.portrait == "none" else ("artist", item_id)
    if kind == "listener" and (who := listener(item_id)):
        return who.shown_name, None, ("listener", item_id) if who.pictured else None
    if kind == "playlist" and (made := playlist_store.playlist(current_sandbox().state, item_id)):
        owner = listener(made.listener)
        return made.name, owner.shown_name if owner else None, None
    return None


def _tracks(kind: str, item_id: str) -> list[str]:
    """The names of an album's or a playlist's tracks, in order; nothing for what has none."""
    if kind == "album" and (album := find_album(item_id)):
        return [track.name for track in tracks_on(album)]
    found = playlist_store.playlist(current_sandbox().state, item_id) if kind == "playlist" else None
    tracks = [find_track(track_id) for track_id in found.track_ids] if found else []
    return [track.name for track in tracks if track]
