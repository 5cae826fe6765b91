"""Spotify's public oEmbed, as far as the site reads it: the title and the cover of a track, for anybody."""

import re

from flask import Blueprint, Response, jsonify, request

from app.sandbox.caller import api
from app.sandbox.context import current_sandbox, root
from app.sandbox.lookup import find_track
from app.sandbox.shapes import Shapes

oembed = Blueprint("oembed", __name__)

_TRACK = re.compile(r"(?:spotify:track:|https://open\.spotify\.com/track/)([0-9A-Za-z]{22})")
_WIDTH = 300


@oembed.get("/oembed")
def track() -> Response:
    """A track by its address; like Spotify's own, 404 for what there is not, with a page of HTML."""
    asked = _TRACK.fullmatch(request.args.get("url", ""))
    found = find_track(asked[1]) if asked else None
    if found is None:
        return Response("<!doctype html><title>Page not found</title>", status=404, mimetype="text/html")
    sandbox = current_sandbox()
    web = root() if sandbox.web is None else sandbox.web
    images = Shapes(web, api(), sandbox.knobs.new_app).track(found)["album"]["images"]
    cover = next((image["url"] for image in images if image["width"] == _WIDTH), None)
    size = {"thumbnail_url": cover, "thumbnail_width": _WIDTH, "thumbnail_height": _WIDTH} if cover else {}
    return jsonify(title=found.name, type="rich", version="1.0", provider_name="Spotify", **size)
