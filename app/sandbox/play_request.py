"""What a play command asks for: tracks, or an album, an artist's tracks or a playlist, and where to begin."""

import re
from typing import Any

from flask import request

from app.sandbox import playlist_store
from app.sandbox.context import current_sandbox
from app.sandbox.errors import Refusal
from app.sandbox.items import Track
from app.sandbox.lookup import find_album, find_artist, find_track, releases_of, tracks_on
from app.sandbox.playback import Queued

_TRACK_URI = re.compile(r"spotify:track:([0-9A-Za-z]{22})\Z")
_CONTEXT_URI = re.compile(r"spotify:(album|artist|playlist):([0-9A-Za-z]{22})\Z")


def json_body() -> dict[str, Any]:
    """The body, which has to be a JSON object; an empty one will do where nothing was sent."""
    body = request.get_json(silent=True, force=True) if request.get_data() else {}
    if not isinstance(body, dict):
        raise Refusal(400, "Malformed json")
    return body


def requested_playback() -> dict[str, Any] | None:
    """The parts of a player that the body replaces; `None` when it names nothing to play."""
    body = json_body()
    uris, context = body.get("uris"), body.get("context_uri")
    if uris is None and context is None:
        return None
    if uris is not None and context is not None:
        raise Refusal(400, "Can't have both context_uri and uris")
    tracks = _named(uris) if context is None else _in_context(context)
    if not tracks:
        raise Refusal(400, "Nothing to play")
    return {
        "queue": tuple(Queued(track.key, track.duration_ms) for track in tracks),
        "index": _place(body.get("offset"), tracks, context),
        "progress_ms": _position(body.get("position_ms", 0)),
        "context_uri": context,
    }


def _named(uris: object) -> list[Track]:
    if not isinstance(uris, list) or not uris:
        raise Refusal(400, "Invalid uris")
    found = [_TRACK_URI.match(uri) if isinstance(uri, str) else None for uri in uris]
    tracks = [track for match in found if match is not None and (track := find_track(match[1]))]
    if len(tracks) < len(uris):
        raise Refusal(400, "Invalid track uri")
    return tracks


def _in_context(uri: object) -> list[Track]:
    parts = _CONTEXT_URI.match(uri) if isinstance(uri, str) else None
    if parts is None:
        raise Refusal(400, "Invalid context uri")
    kind, item_id = parts[1], parts[2]
    if kind == "album" and (album := find_album(item_id)):
        return tracks_on(album)
    if kind == "artist" and (artist := find_artist(item_id)):
        albums = [album for _, album in releases_of(artist)]
        return [track for album in albums for track in tracks_on(album) if artist in track.artists]
    if kind == "playlist" and (made := playlist_store.playlist(current_sandbox().state, item_id)):
        return [track for track_id in made.track_ids if (track := find_track(track_id))]
    raise Refusal(400, "Non existing id")


def _place(offset: object, tracks: list[Track], context: str | None) -> int:
    """Where in the queue to begin."""
    if offset is None:
        return 0
    if context is not None and context.startswith("spotify:artist:"):
        raise Refusal(400, "Can't have offset for context type: ARTIST")
    if isinstance(offset, dict) and "position" in offset:
        place = offset["position"]
        if isinstance(place, int) and not isinstance(place, bool) and 0 <= place < len(tracks):
            return place
    if isinstance(offset, dict) and isinstance(offset.get("uri"), str):
        uris = [f"spotify:track:{track.id}" for track in tracks]
        if offset["uri"] in uris:
            return uris.index(offset["uri"])
    raise Refusal(400, "Invalid offset")


def _position(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Refusal(400, "Invalid position_ms")
    return value
