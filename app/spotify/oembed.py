"""Spotify's public oEmbed: the cover of a track, to anybody, without an app."""

from app.deadline import Deadline
from app.music import Image
from app.spotify.http import Http
from app.spotify.parse.values import object_of, web_address, whole


class OEmbed:
    """Asks for covers. `server`: the address that is asked."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self.server = http.base_url

    def cover(self, track_id: str, deadline: Deadline) -> tuple[Image, ...]:
        """The cover of a track's album; none where the answer has none. Raises SpotifyError."""
        answer = object_of(self._http.get("", {"url": f"spotify:track:{track_id}"}, {}, deadline))
        url = web_address(answer.get("thumbnail_url"))
        return (Image(url, whole(answer.get("thumbnail_width"), 1, 100_000)),) if url else ()
