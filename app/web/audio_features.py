"""The audio features of tracks, for every report that needs them."""

from collections.abc import Sequence
from typing import Protocol

from app.audio_features.chain import look_up
from app.deadline import Deadline
from app.music import AudioFeatures, Track
from app.services import Service
from app.site import Site
from app.spotify.client import SpotifyClient

FEATURES_SECONDS = 2.0

Sound = AudioFeatures | None


class Asker(Protocol):
    """In whose name providers are asked: a visit, or somebody who browses."""

    @property
    def service(self) -> Service: ...

    @property
    def client(self) -> SpotifyClient: ...


def features_of(site: Site, asker: Asker, tracks: Sequence[Track]) -> dict[str, AudioFeatures]:
    """Audio features by track id, asked for where they are not kept."""
    ids = dict.fromkeys(track.id for track in tracks if track.id is not None)
    return features_by_id(site, asker, [*ids])


def features_by_id(site: Site, asker: Asker, ids: Sequence[str]) -> dict[str, AudioFeatures]:
    """The same, of tracks whose ids alone are known."""
    providers = asker.service.features_providers(asker.client)
    place = asker.service.features_bulkhead.place
    return look_up(site.store, site.pool, providers, ids, Deadline(FEATURES_SECONDS), place)


def in_order(tracks: Sequence[Track], known: dict[str, AudioFeatures]) -> list[Sound]:
    """The audio features of each track, in order; `None` for unknown ones and local files."""
    return [known.get(track.id) if track.id is not None else None for track in tracks]
