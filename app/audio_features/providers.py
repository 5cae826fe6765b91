"""Who can be asked for audio features: Spotify, where it still answers, and ReccoBeats.

A provider answers with what it knows, by track id. It raises Closed when it will not answer this app at all,
and SpotifyError when it fails this time.
"""

import time
from collections.abc import Sequence
from typing import Protocol
from urllib.parse import urlsplit

from app.deadline import Deadline
from app.music import AudioFeatures
from app.spotify import parse
from app.spotify.client import FEATURES_BATCH, SpotifyClient
from app.spotify.errors import BadAnswer, Forbidden, UserNotRegistered
from app.spotify.http import Http
from app.store.cooldowns import Cooldown

CLOSED_SECONDS = 86400.0
RECCOBEATS_BATCH = 40


class Closed(Exception):
    """This provider does not answer our app; it counts as knowing nothing."""


class Provider(Protocol):
    """Somebody who may know audio features. Asked for at most `batch` tracks at a time, unless `down`."""

    name: str
    batch: int
    down: Cooldown

    def ask(self, track_ids: Sequence[str], deadline: Deadline) -> dict[str, AudioFeatures]: ...


class SpotifyFeatures:
    """Spotify's own audio features. A 403 is remembered for a day, for the whole instance."""

    name = "spotify"
    batch = FEATURES_BATCH

    def __init__(self, client: SpotifyClient, closed: Cooldown, down: Cooldown) -> None:
        self.down = down
        self._client = client
        self._closed = closed

    def ask(self, track_ids: Sequence[str], deadline: Deadline) -> dict[str, AudioFeatures]:
        if self._closed.until() is not None:
            raise Closed
        try:
            return self._client.within(deadline).audio_features(track_ids)
        except UserNotRegistered:
            raise  # about this person, not about the endpoint
        except Forbidden as error:
            self._closed.begin(time.time() + CLOSED_SECONDS, "audio features are closed to this app")
            raise Closed from error


class ReccoBeats:
    """ReccoBeats: free, no key, no promise. Rows come in any order and unknown tracks are absent."""

    name = "reccobeats"
    batch = RECCOBEATS_BATCH

    def __init__(self, http: Http, down: Cooldown) -> None:
        self.down = down
        self._http = http

    def ask(self, track_ids: Sequence[str], deadline: Deadline) -> dict[str, AudioFeatures]:
        answer = self._http.get("/audio-features", {"ids": ",".join(track_ids)}, {}, deadline)
        rows = answer.get("content") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise BadAnswer("reccobeats: no content")
        found = (
            parse.features(_spotify_id(row.get("href")), self.name, row)
            for row in rows
            if isinstance(row, dict)
        )
        asked = set(track_ids)
        return {
            features.track_id: features
            for features in found
            if features is not None and features.track_id in asked
        }


def _spotify_id(href: object) -> str | None:
    """The last path segment of a track's address on Spotify."""
    if not isinstance(href, str):
        return None
    try:
        return urlsplit(href).path.rstrip("/").rpartition("/")[2] or None
    except ValueError:
        return None
