"""Audio features out of Spotify's JSON, and out of rows that are worded like Spotify's."""

from app.music import AudioFeatures
from app.spotify.errors import BadAnswer
from app.spotify.parse.values import Json, object_of, objects, text, whole, within


def audio_features(answer: object) -> dict[str, AudioFeatures]:
    """`GET /audio-features`: by track id; entries of which nothing is known are left out."""
    rows = object_of(answer).get("audio_features")
    if not isinstance(rows, list):
        raise BadAnswer("audio features without a list")
    found = (features(text(row.get("id")), "spotify", row) for row in objects(rows))
    return {features.track_id: features for features in found if features is not None}


def features(track_id: str | None, source: str, row: Json) -> AudioFeatures | None:
    """The audio features in one row; `None` without an id or when not one of them is known.

    What is not a finite number within its scale is dropped: 0-1, decibels, beats a minute, pitch class.
    """
    if not track_id:
        return None
    features = AudioFeatures(
        track_id=track_id,
        source=source,
        danceability=within(row.get("danceability"), 0, 1),
        energy=within(row.get("energy"), 0, 1),
        valence=within(row.get("valence"), 0, 1),
        acousticness=within(row.get("acousticness"), 0, 1),
        instrumentalness=within(row.get("instrumentalness"), 0, 1),
        liveness=within(row.get("liveness"), 0, 1),
        speechiness=within(row.get("speechiness"), 0, 1),
        loudness=within(row.get("loudness"), -100, 20),
        # Spotify gives 0 where it heard no beat.
        tempo=within(row.get("tempo"), 1, 1000),
        key=whole(row.get("key"), 0, 11),
        mode=whole(row.get("mode"), 0, 1),
        time_signature=whole(row.get("time_signature"), 1, 32),
    )
    return features if features != AudioFeatures(track_id, source) else None
