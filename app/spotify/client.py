"""The client: one short method for each endpoint of Spotify's Web API that we use."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.deadline import Deadline
from app.music import Artist, AudioFeatures, Profile, TimeRange, Track
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

    def _get(self, path: str, params: Mapping[str, str | int] | None = None) -> object:
        # Before the token: a call that is held back anyway must not renew one.
        self._http.hold_back("GET", path)
        token = self._login.access_token(self._deadline)
        try:
            return self._get_with(token, path, params or {})
        except Unauthorized:
            return self._get_with(self._login.renewed(token, self._deadline), path, params or {})

    def _get_with(self, token: str, path: str, params: Mapping[str, str | int]) -> object:
        return self._http.get(path, params, {"Authorization": f"Bearer {token}"}, self._deadline)


def _top(time_range: TimeRange) -> dict[str, str | int]:
    return {"time_range": time_range.value, "limit": TOP_ITEMS}
