"""The Web API, as far as the site reads it: who is asking, top items, audio features."""

from datetime import UTC, datetime

from flask import Response, g, jsonify, request

from app.sandbox.caller import api, asking, need, part_of_the_web_api, shapes
from app.sandbox.context import current_sandbox
from app.sandbox.errors import Refusal
from app.sandbox.lookup import find_track
from app.sandbox.paging import asked_window
from app.sandbox.shapes import Json, features
from app.sandbox.sound import sound_of, spotify_knows
from app.sandbox.top import DAYS, LONGEST, top_artists, top_tracks

web_api = part_of_the_web_api("web_api")

_LARGEST_BATCH = 100


@web_api.get("/me")
def me() -> Response:
    """The listener."""
    return jsonify(shapes().profile(asking(), g.grant.scope))


@web_api.get("/me/top/<kind>")
def top(kind: str) -> Response:
    """The listener's top artists or tracks, a page at a time."""
    who, answers = asking(), shapes()
    if kind not in ("artists", "tracks"):
        raise Refusal(404, "Service not found")
    need("user-top-read")
    time_range, now = request.args.get("time_range", "medium_term"), datetime.now(UTC)
    if time_range not in DAYS:
        raise Refusal(400, "Invalid time range")
    window = asked_window(highest=LONGEST)
    if kind == "artists":
        return jsonify(window.page(top_artists(who.id, time_range, now), answers.artist))
    return jsonify(window.page(top_tracks(who.id, time_range, now), answers.track))


@web_api.get("/audio-features")
def audio_features() -> Response:
    """Audio features in the order asked for, null for the unknown. Closed to new apps."""
    if not current_sandbox().knobs.audio_features_open:
        raise Refusal(403)
    ids = [track_id for track_id in request.args.get("ids", "").split(",") if track_id]
    if not ids:
        raise Refusal(400, "Missing required field: ids")
    if len(ids) > _LARGEST_BATCH:
        raise Refusal(400, "Too many ids requested")
    return jsonify(audio_features=[_features(track_id) for track_id in ids])


def _features(track_id: str) -> Json | None:
    track = find_track(track_id)
    return None if track is None or not spotify_knows(track_id) else features(track, api(), sound_of(track))


@web_api.get("/tracks")
@web_api.get("/artists")
@web_api.get("/albums")
def gone() -> Response:
    """The batch endpoints that new apps no longer have."""
    raise Refusal(403, "Forbidden")


@web_api.route("/<path:_anything>", methods=["GET", "POST", "PUT", "DELETE"])
def unknown(_anything: str) -> Response:
    """Everything else."""
    raise Refusal(404, "Service not found")
