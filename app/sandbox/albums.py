"""The Web API's albums, artists and tracks by id: what is on an album, what an artist made."""

from flask import Response, jsonify, request

from app.sandbox.caller import api, part_of_the_web_api, shapes
from app.sandbox.discography import GROUPS
from app.sandbox.errors import Refusal
from app.sandbox.lookup import named_album, named_artist, named_track, releases_of, tracks_on
from app.sandbox.paging import Window, asked_window

albums = part_of_the_web_api("albums")

_FIRST_PAGE = 50


@albums.get("/tracks/<track_id>")
def one_track(track_id: str) -> Response:
    """One track."""
    return jsonify(shapes().track(named_track(track_id)))


@albums.get("/artists/<artist_id>")
def one_artist(artist_id: str) -> Response:
    """One artist."""
    return jsonify(shapes().artist(named_artist(artist_id)))


@albums.get("/artists/<artist_id>/albums")
def albums_by(artist_id: str) -> Response:
    """What an artist made and appears on, newest first, a page at a time."""
    artist, answers = named_artist(artist_id), shapes()
    groups = request.args.get("include_groups", ",".join(GROUPS)).split(",")
    if not set(groups) <= set(GROUPS):
        raise Refusal(400, "Invalid include_groups")
    rows = [row for row in releases_of(artist) if row[0] in groups]
    return jsonify(
        asked_window(default=5, highest=10).page(rows, lambda row: answers.release(row[1], row[0]))
    )


@albums.get("/albums/<album_id>")
def one_album(album_id: str) -> Response:
    """One album, with its first fifty tracks."""
    album, answers = named_album(album_id), shapes()
    window = Window(_FIRST_PAGE, 0, f"{api()}/albums/{album.id}/tracks")
    return jsonify(answers.full_album(album, window.page(tracks_on(album), answers.listed_track)))


@albums.get("/albums/<album_id>/tracks")
def on_album(album_id: str) -> Response:
    """The tracks of an album, a page at a time."""
    album = named_album(album_id)
    return jsonify(asked_window().page(tracks_on(album), shapes().listed_track))
