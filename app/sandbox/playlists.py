"""The Web API's playlists, as far as the site writes them: make one, fill it."""

import re
from typing import Any

from flask import Response, jsonify, request

from app.sandbox import playlist_store
from app.sandbox.caller import asking, need, part_of_the_web_api, shapes
from app.sandbox.context import current_sandbox
from app.sandbox.errors import Refusal
from app.sandbox.lookup import find_track
from app.sandbox.playlist_store import Playlist

playlists = part_of_the_web_api("playlists")

_LARGEST_BATCH = 100
_TRACK_URI = re.compile(r"spotify:track:([0-9A-Za-z]{22})\Z")


@playlists.post("/me/playlists")
def make() -> tuple[Response, int]:
    """Make a playlist of the listener's, still empty; public unless the body says otherwise."""
    who, body = asking(), _body()
    name, description, public = body.get("name"), body.get("description", ""), body.get("public", True)
    if not isinstance(name, str) or not name:
        raise Refusal(400, "Missing required field: name")
    if not isinstance(description, str) or not isinstance(public, bool):
        raise Refusal(400, "Error parsing JSON.")
    need(_scope(public))
    made = playlist_store.add_playlist(current_sandbox().state, who.id, name, description, public)
    return jsonify(shapes().playlist(made, who)), 201


@playlists.post("/playlists/<playlist_id>/items")
def fill(playlist_id: str) -> tuple[Response, int]:
    """Put up to a hundred tracks at the end of one of the listener's playlists."""
    state = current_sandbox().state
    playlist_store.add_tracks(state, _own(playlist_id).id, _track_ids(_body().get("uris")))
    return jsonify(snapshot_id=_own(playlist_id).snapshot_id), 201


@playlists.route("/playlists/<playlist_id>/tracks", methods=["GET", "POST", "PUT", "DELETE"])
def gone(playlist_id: str) -> Response:  # noqa: ARG001 - Flask gives it
    """What `/items` has replaced."""
    raise Refusal(403, "Forbidden")


def _own(playlist_id: str) -> Playlist:
    who, found = asking(), playlist_store.playlist(current_sandbox().state, playlist_id)
    if found is None:
        raise Refusal(404, "Resource not found")
    need(_scope(found.public))
    if found.listener != who.id:
        raise Refusal(403, "You cannot add tracks to a playlist you don't own.")
    return found


def _scope(public: bool) -> str:
    return "playlist-modify-public" if public else "playlist-modify-private"


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refusal(400, "Error parsing JSON.")
    return body


def _track_ids(uris: object) -> list[str]:
    """The tracks that `uris` name."""
    if not isinstance(uris, list) or not uris:
        raise Refusal(400, "No uris provided")
    if len(uris) > _LARGEST_BATCH:
        raise Refusal(400, f"You can add a maximum of {_LARGEST_BATCH} tracks per request.")
    found = [_TRACK_URI.match(uri) if isinstance(uri, str) else None for uri in uris]
    track_ids = [match[1] for match in found if match is not None]
    if len(track_ids) < len(uris):
        raise Refusal(400, "Invalid track uri")
    if not all(find_track(track_id) for track_id in track_ids):
        raise Refusal(400, "Payload contains a non-existing ID")
    return track_ids
