"""The address of an artist's, album's or track's page: by Spotify's id where it is known, else by name."""

from typing import Any
from urllib.parse import urlencode

from flask import request

from app.web.format import stripped
from app.web.representation import is_spotify_id


def item_href(
    kind: str, name: str | None, artist: str | None = None, item_id: str | None = None, **more: Any
) -> str | None:
    """Where the name of an "artist", "album" or "track" leads; `None` where there is neither id nor name.

    `artist`: whom an album or track is by. `more` is added to the address, but for what is `None`.
    """
    # Not by `url_for`: a page has hundreds of these.
    path, query = f"{request.script_root}/{kind}", dict[str, Any]()
    if is_spotify_id(item_id):
        path = f"{path}/{item_id}"
    elif stripped(name):
        query = {"name": name, "artist": (artist or None) if kind != "artist" else None}
    else:
        return None
    given = {name: value for name, value in (query | more).items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path
