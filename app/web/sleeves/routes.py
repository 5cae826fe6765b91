"""`/sleeve/album.svg?name=…&artist=…`: what stands in for a picture. It is nobody's."""

from flask import Blueprint, Response, abort, request

from app.web.sleeves.view import KINDS, LONGEST_NAME, sleeve

blueprint = Blueprint("sleeves", __name__)


@blueprint.get(f"/sleeve/<any({', '.join(KINDS)}):kind>.svg")
def picture(kind: str) -> Response:
    """A sleeve. 404 without a name, 400 for one that is longer than any is kept."""
    name, artist = request.args.get("name", ""), request.args.get("artist", "")
    if not name:
        abort(404)
    if max(len(name), len(artist)) > LONGEST_NAME:
        abort(400)
    response = Response(sleeve(kind, name, artist), mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response
