"""The address of an artist's, album's or track's page: by Spotify's id where it is known, else by name."""

from typing import Any

from flask import url_for

from app.web.format import stripped
from app.web.representation import is_spotify_id


def item_href(
    kind: str, name: str | None, artist: str | None = None, item_id: str | None = None, **more: Any
) -> str | None:
    """Where the name of an "artist", "album" or "track" leads; `None` where there is neither id nor name.

    `artist`: whom an album or track is by. `more` is added to the address.
    """
    if is_spotify_id(item_id):
        return url_for("browse.item", kind=kind, item_id=item_id, **more)
    if not stripped(name):
        return None
    by: dict[str, Any] = {"artist": artist} if artist and kind != "artist" else {}
    return url_for("browse.named", kind=kind, name=name, **by, **more)
