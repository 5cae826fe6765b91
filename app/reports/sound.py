"""The audio features of a visitor's tracks, for every report that needs them."""

from collections.abc import Sequence

from app.audio_features.chain import look_up
from app.deadline import Deadline
from app.music import AudioFeatures, Track
from app.reports.visit import Visit
from app.site import Site

FEATURES_SECONDS = 2.0

Sound = AudioFeatures | None


def features_of(site: Site, visit: Visit, tracks: Sequence[Track]) -> dict[str, AudioFeatures]:
    """Audio features by track id, asked for where they are not kept."""
    ids = list(dict.fromkeys(track.id for track in tracks if track.id is not None))
    providers = visit.service.features_providers(visit.client)
    return look_up(site.store, site.pool, providers, ids, Deadline(FEATURES_SECONDS))


def in_order(tracks: Sequence[Track], known: dict[str, AudioFeatures]) -> list[Sound]:
    """The audio features of each track, in order; `None` for unknown ones and local files."""
    return [known.get(track.id) if track.id is not None else None for track in tracks]
