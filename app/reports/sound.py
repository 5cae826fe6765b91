"""The audio features of a visitor's tracks, for every report that needs them."""

from collections.abc import Sequence

from app.audio_features import cache
from app.audio_features.chain import look_up
from app.deadline import Deadline
from app.music import AudioFeatures, Track
from app.reports.visit import Visit
from app.site import Site

FEATURES_SECONDS = 2.0

Sound = AudioFeatures | None


def features_of(
    site: Site, visit: Visit, tracks: Sequence[Track], only_if_kept: Sequence[Track] = ()
) -> dict[str, AudioFeatures]:
    """Audio features by track id: asked for where `tracks` lack them; of `only_if_kept`, what is kept."""
    providers = visit.service.features_providers(visit.client)
    known = look_up(site.store, site.pool, providers, _ids(tracks), Deadline(FEATURES_SECONDS))
    more = [one for one in _ids(only_if_kept) if one not in known]
    return known | cache.read(site.store, more).found if more else known


def in_order(tracks: Sequence[Track], known: dict[str, AudioFeatures]) -> list[Sound]:
    """The audio features of each track, in order; `None` for unknown ones and local files."""
    return [known.get(track.id) if track.id is not None else None for track in tracks]


def _ids(tracks: Sequence[Track]) -> list[str]:
    return list(dict.fromkeys(track.id for track in tracks if track.id is not None))
