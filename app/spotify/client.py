"""The client: one short method for each endpoint of Spotify's Web API that we use."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol
from urllib.parse import quote

from app.deadline import Deadline
from app.music import Artist, AudioFeatures, Playlist, Profile, TimeRange, Track
from app.spotify import parse
from app.spotify.errors import Unauthorized
from app.spotify.http import Http

TOP_ITEMS = 50
FEATURES_BATCH = 100


class Login(Protocol):
    """Whose token the calls carry. Both raise SpotifyError."""

    def access_token(self, deadline: Deadline) -> str:
        """A token that should be good."""

    def renewed(self, rejected: str, deadline: Deadline) -> str:
        """Another token than the one that was rejected."""


class SpotifyClient:
    """Spotify's Web API for one person. Every method raises SpotifyError."""

    def __init__(self, http: Http, login: Login, deadline: Deadline) -> None:
        self._http = http
        self._login = login
        self._deadline = deadline

    def within(self, deadline: Deadline) -> "SpotifyClient":
        """The same client with another deadline."""
        return SpotifyClient(self._http, self._login, deadline)

    def profile(self) -> Profile:
        """The person."""
        return parse.profile(self._get("/me"))

    def top_artists(self, time_range: TimeRange) -> tuple[Artist, ...]:
        """The person's top artists, best first, at most 50."""
        return parse.artists(self._get("/me/top/artists", _top(time_range)))[:TOP_ITEMS]

    def top_tracks(self, time_range: TimeRange) -> tuple[Track, ...]:
        """The person's top tracks, best first, at most 50."""
        return parse.tracks(self._get("/me/top/tracks", _top(time_range)))[:TOP_ITEMS]

    def audio_features(self, track_ids: Sequence[str]) -> dict[str, AudioFeatures]:
        """Audio features by track id, of at most 100 tracks; unknown ones are absent."""
        return parse.audio_features(self._get("/audio-features", {"ids": ",".join(track_ids)}))

    def create_playlist(self, name: str, description: str) -> Playlist:
        """A new private playlist of the person's, still empty."""
        body = {"name": name, "description": description, "public": False}
        return parse.playlist(self._post("/me/playlists", body))

    def add_to_playlist(self, playlist_id: str, track_ids: Sequence[str]) -> None:
        """Puts tracks, at most 100, at the end of a playlist."""
        uris = [f"spotify:track:{track_id}" for track_id in track_ids]
        self._post(f"/playlists/{quote(playlist_id, safe='')}/items", {"uris": uris})

    def _get(self, path: str, params: Mapping[str, str | int] | None = None) -> object:
        def get(headers: Mapping[str, str]) -> object:
            return self._http.get(path, params or {}, headers, self._deadline)

        return self._with_token("GET", path, get)

    def _post(self, path: str, body: object) -> object | None:
        def post(headers: Mapping[str, str]) -> object | None:
            return self._http.post_json(path, body, headers, self._deadline)

        return self._with_token("POST", path, post)

    def _with_token(
        self, method: str, path: str, call: Callable[[Mapping[str, str]], object | None]
    ) -> object | None:
        # Before the token: a call that is held back anyway must not renew one.
        self._http.hold_back(method, path)
        token = self._login.access_token(self._deadline)
        try:
            return call(_bearer(token))
        except Unauthorized:
            # A call that was not let in has done nothing, so that a write may be repeated too.
            return call(_bearer(self._login.renewed(token, self._deadline)))


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _top(time_range: TimeRange) -> dict[str, str | int]:
    return {"time_range": time_range.value, "limit": TOP_ITEMS}
