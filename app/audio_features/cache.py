"""Our own cache of audio features: found ones are kept for good, unknown ones asked again after a week."""

import time
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, fields

from sqlalchemy import bindparam, select

from app.music import AudioFeatures
from app.store.engine import Store, upsert
from app.store.tables import audio_features

ASK_AGAIN = 7 * 86400.0  # seconds
_FIELDS = [field.name for field in fields(AudioFeatures)]
# Made once, since every page reads it. A row is the arguments of the dataclass in order, then `asked_at`.
_KNOWN = select(*(audio_features.c[name] for name in _FIELDS), audio_features.c.asked_at).where(
    audio_features.c.track_id.in_(bindparam("track_ids", expanding=True))
)


@dataclass(frozen=True)
class KnownFeatures:
    """What the cache says of some tracks: the found ones by id, and the ids worth asking about."""

    found: dict[str, AudioFeatures]
    missing: list[str]


def read(store: Store, track_ids: Collection[str]) -> KnownFeatures:
    """What is known of `track_ids`, and which of them are due to be asked about."""
    with store.reading() as connection:
        rows = connection.execute(_KNOWN, {"track_ids": list(track_ids)}).all()
    due = time.time() - ASK_AGAIN
    found, unknown = {}, set()
    for track_id, source, *sound, asked_at in rows:
        if source is not None:
            found[track_id] = AudioFeatures(track_id, source, *sound)
        elif asked_at > due:
            unknown.add(track_id)
    missing = [
        track_id for track_id in dict.fromkeys(track_ids) if track_id not in found and track_id not in unknown
    ]
    return KnownFeatures(found, missing)


def keep(store: Store, found: Iterable[AudioFeatures]) -> None:
    """Keeps what was found."""
    now = time.time()
    # Sorted, so that two workers that write the same rows take their locks in the same order.
    rows = [
        asdict(features) | {"asked_at": now}
        for features in sorted(found, key=lambda features: features.track_id)
    ]
    with store.writing() as connection:
        upsert(connection, audio_features, rows)


def keep_unknown(store: Store, track_ids: Iterable[str]) -> None:
    """Notes that nobody knew these tracks today. One that was found in the meantime stays found."""
    now = time.time()
    rows = [{"track_id": track_id, "source": None, "asked_at": now} for track_id in sorted(track_ids)]
    with store.writing() as connection:
        upsert(connection, audio_features, rows, where=audio_features.c.source.is_(None))
