"""ReccoBeats' one endpoint that the site uses: audio features by Spotify id, no key needed.

Rows come in an order of their own, and what it does not know is silently left out.
"""

import uuid

from flask import Blueprint, Response, jsonify, request

from app.sandbox.items import Track
from app.sandbox.lookup import find_track
from app.sandbox.seeded_random import number, seeded_random
from app.sandbox.shapes import Json
from app.sandbox.sound import reccobeats_knows, sound_of

reccobeats = Blueprint("reccobeats", __name__, url_prefix="/reccobeats/v1")

LARGEST_BATCH = 40


@reccobeats.get("/audio-features")
def audio_features() -> Response:
    """Audio features of up to 40 tracks, shuffled, the unknown left out."""
    ids = [track_id for track_id in request.args.get("ids", "").split(",") if track_id]
    if not 0 < len(ids) <= LARGEST_BATCH:
        response = jsonify(status=400, error=f"ids: between 1 and {LARGEST_BATCH}")
        response.status_code = 400
        return response
    tracks = [track for track_id in ids if reccobeats_knows(track_id) and (track := find_track(track_id))]
    rows = [_row(track) for track in tracks]
    seeded_random("order", *ids).shuffle(rows)
    return jsonify(content=rows)


def _row(track: Track) -> Json:
    sound = sound_of(track)
    del sound["time_signature"]
    known = uuid.UUID(int=number("reccobeats", track.key) % 2**128)
    href = f"https://open.spotify.com/track/{track.id}"
    return {"id": str(known), "href": href, "isrc": track.isrc, **sound}
