"""The Web API, as far as the site reads it: who is asking, top items, audio features, a track, an artist."""

import time
from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, g, jsonify, request

from app.sandbox.catalogue import catalogue
from app.sandbox.context import current_sandbox, root
from app.sandbox.errors import Refusal
from app.sandbox.listeners import Listener, listener
from app.sandbox.shapes import Json, Shapes, features
from app.sandbox.sound import sound_of, spotify_knows
from app.sandbox.state import Grant
from app.sandbox.top import DAYS, LONGEST, top_artists, top_tracks

web_api = Blueprint("web_api", __name__, url_prefix="/v1")

_LARGEST_BATCH = 100


@web_api.errorhandler(Refusal)
def refused(refusal: Refusal) -> Response:
    """Answer with the error object."""
    return refusal.response()


@web_api.before_request
def check_token() -> None:
    """Every call needs a bearer token that is known and has not expired."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not value:
        raise Refusal(401, "No token provided")
    token = current_sandbox().state.token("access", value)
    if token is None:
        raise Refusal(401, "Invalid access token")
    if token.expires_at <= time.time():
        raise Refusal(401, "The access token expired")
    g.grant = token.grant


def asking() -> Listener:
    """The listener whose token this is."""
    grant: Grant = g.grant
    who = listener(grant.listener) if grant.listener else None
    if who is None:
        raise Refusal(401, "Valid user authentication required")
    return who


def shapes() -> Shapes:
    """Builds answers for the app and listener whose token this is."""
    grant: Grant = g.grant
    who = listener(grant.listener) if grant.listener else None
    given = who is None or who.genres_given
    return Shapes(grant.base, _api(), current_sandbox().knobs.new_app, given)


def need(scope: str) -> None:
    """Refuse a token that the listener did not give that scope."""
    if scope not in g.grant.scope.split():
        raise Refusal(403, "Insufficient client scope")


def _api() -> str:
    return f"{root()}/v1"


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
    if kind == "artists":
        return _page([answers.artist(artist) for artist in top_artists(who.id, time_range, now)])
    return _page([answers.track(track) for track in top_tracks(who.id, time_range, now)])


def _page(items: list[Json]) -> Response:
    """Spotify's paging object around a slice of `items`."""
    limit = _whole_number("limit", default=20, lowest=1, highest=LONGEST)
    offset = _whole_number("offset", default=0, lowest=0, highest=100_000)
    end = offset + limit
    return jsonify(
        href=_page_url(offset, limit),
        limit=limit,
        next=_page_url(end, limit) if end < len(items) else None,
        offset=offset,
        previous=_page_url(max(offset - limit, 0), limit) if offset else None,
        total=len(items),
        items=items[offset:end],
    )


def _page_url(offset: int, limit: int) -> str:
    asked = {**request.args.to_dict(), "offset": offset, "limit": limit}
    return f"{root()}{request.path}?{urlencode(asked)}"


def _whole_number(name: str, default: int, lowest: int, highest: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and lowest <= int(text) <= highest):
        raise Refusal(400, f"Invalid {name}")
    return int(text)


@web_api.get("/audio-features")
def audio_features() -> Response:
    """Audio features in the order asked for, null for the unknown. Closed to new apps."""
    if not current_sandbox().knobs.audio_features_open:
        raise Refusal(403)
    ids = [one for one in request.args.get("ids", "").split(",") if one]
    if not ids:
        raise Refusal(400, "Missing required field: ids")
    if len(ids) > _LARGEST_BATCH:
        raise Refusal(400, "Too many ids requested")
    return jsonify(audio_features=[_features(track_id) for track_id in ids])


def _features(track_id: str) -> Json | None:
    track = catalogue().tracks.get(track_id)
    if track is None or track.id is None or not spotify_knows(track_id):
        return None
    return features(track, _api(), sound_of(track))


@web_api.get("/tracks/<track_id>")
def one_track(track_id: str) -> Response:
    """One track."""
    track = catalogue().tracks.get(track_id)
    if track is None or track.id is None:
        raise Refusal(404, "Resource not found")
    return jsonify(shapes().track(track))


@web_api.get("/artists/<artist_id>")
def one_artist(artist_id: str) -> Response:
    """One artist."""
    artist = catalogue().artists.get(artist_id)
    if artist is None:
        raise Refusal(404, "Resource not found")
    return jsonify(shapes().artist(artist))


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
