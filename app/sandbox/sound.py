"""How each invented track sounds: audio features that fit its genre, and who knows them.

Units are Spotify's: 0-1 for the seven measures, dB for loudness, BPM for tempo, pitch class 0-11 for key.
"""

from functools import lru_cache

from app.sandbox.items import Track
from app.sandbox.seeded_random import seeded_random

# danceability, energy, valence, acousticness, instrumentalness, speechiness, loudness, tempo, share in minor
_GENRES = {
    "afrobeat": (0.72, 0.74, 0.78, 0.25, 0.25, 0.08, -8, 116, 0.6),
    "ambient": (0.24, 0.16, 0.20, 0.80, 0.90, 0.04, -20, 84, 0.4),
    "balkan brass": (0.66, 0.86, 0.84, 0.30, 0.40, 0.06, -6, 148, 0.7),
    "baroque": (0.33, 0.24, 0.50, 0.95, 0.85, 0.04, -19, 108, 0.4),
    "bebop": (0.52, 0.42, 0.58, 0.85, 0.70, 0.05, -13, 170, 0.4),
    "black metal": (0.20, 0.96, 0.12, 0.02, 0.55, 0.09, -5, 156, 0.8),
    "bossa nova": (0.62, 0.30, 0.60, 0.84, 0.15, 0.04, -14, 124, 0.4),
    "chamber music": (0.28, 0.18, 0.26, 0.96, 0.88, 0.04, -21, 98, 0.5),
    "chanson": (0.48, 0.32, 0.46, 0.82, 0.03, 0.07, -12, 104, 0.5),
    "choral": (0.20, 0.18, 0.18, 0.96, 0.60, 0.04, -22, 88, 0.4),
    "city pop": (0.72, 0.66, 0.80, 0.20, 0.05, 0.04, -9, 112, 0.4),
    "cool jazz": (0.50, 0.28, 0.44, 0.88, 0.66, 0.04, -15, 112, 0.5),
    "cumbia": (0.80, 0.68, 0.86, 0.30, 0.08, 0.06, -8, 98, 0.6),
    "deep house": (0.82, 0.68, 0.52, 0.08, 0.62, 0.05, -8, 122, 0.6),
    "disco": (0.80, 0.78, 0.88, 0.12, 0.10, 0.05, -8, 118, 0.5),
    "doom metal": (0.24, 0.72, 0.18, 0.03, 0.45, 0.05, -7, 72, 0.9),
    "downtempo": (0.66, 0.44, 0.40, 0.34, 0.55, 0.06, -11, 92, 0.6),
    "drum and bass": (0.58, 0.88, 0.42, 0.04, 0.60, 0.08, -5, 174, 0.6),
    "dub techno": (0.72, 0.54, 0.24, 0.16, 0.88, 0.05, -12, 120, 0.7),
    "electro": (0.76, 0.76, 0.56, 0.06, 0.48, 0.08, -7, 126, 0.5),
    "enka": (0.40, 0.38, 0.36, 0.72, 0.02, 0.04, -11, 88, 0.8),
    "fado": (0.42, 0.26, 0.26, 0.90, 0.03, 0.05, -13, 92, 0.8),
    "folk metal": (0.42, 0.90, 0.52, 0.08, 0.18, 0.08, -5, 138, 0.7),
    "french house": (0.80, 0.80, 0.74, 0.05, 0.40, 0.06, -6, 124, 0.5),
    "funk": (0.78, 0.74, 0.86, 0.18, 0.15, 0.08, -9, 108, 0.6),
    "garage rock": (0.50, 0.90, 0.68, 0.04, 0.08, 0.06, -5, 146, 0.3),
    "highlife": (0.70, 0.66, 0.90, 0.42, 0.15, 0.05, -9, 118, 0.2),
    "hip hop": (0.76, 0.62, 0.56, 0.20, 0.06, 0.26, -8, 92, 0.5),
    "hyperpop": (0.66, 0.88, 0.62, 0.06, 0.03, 0.12, -4, 150, 0.4),
    "idm": (0.56, 0.56, 0.36, 0.22, 0.80, 0.07, -11, 132, 0.5),
    "indie folk": (0.48, 0.34, 0.46, 0.78, 0.06, 0.04, -11, 108, 0.3),
    "indie pop": (0.64, 0.60, 0.66, 0.28, 0.04, 0.05, -8, 118, 0.3),
    "indie rock": (0.52, 0.74, 0.54, 0.10, 0.08, 0.05, -6, 132, 0.3),
    "jazz fusion": (0.56, 0.62, 0.66, 0.34, 0.72, 0.06, -11, 118, 0.5),
    "krautrock": (0.54, 0.66, 0.44, 0.14, 0.78, 0.05, -10, 128, 0.4),
    "minimalism": (0.36, 0.26, 0.28, 0.86, 0.92, 0.04, -19, 116, 0.3),
    "modal jazz": (0.44, 0.34, 0.36, 0.82, 0.78, 0.04, -14, 126, 0.6),
    "post-punk": (0.58, 0.76, 0.48, 0.06, 0.14, 0.05, -7, 142, 0.5),
    "power metal": (0.38, 0.94, 0.46, 0.02, 0.06, 0.08, -4, 152, 0.6),
    "prog rock": (0.40, 0.58, 0.42, 0.24, 0.40, 0.05, -10, 118, 0.5),
    "psychedelic rock": (0.46, 0.64, 0.52, 0.20, 0.25, 0.05, -9, 116, 0.4),
    "qawwali": (0.54, 0.58, 0.62, 0.66, 0.02, 0.08, -9, 102, 0.6),
    "rai": (0.70, 0.66, 0.70, 0.28, 0.04, 0.07, -8, 106, 0.7),
    "romantic": (0.26, 0.22, 0.20, 0.94, 0.82, 0.04, -20, 92, 0.6),
    "shoegaze": (0.34, 0.78, 0.30, 0.05, 0.45, 0.05, -7, 118, 0.4),
    "soul": (0.62, 0.52, 0.70, 0.46, 0.03, 0.05, -10, 104, 0.4),
    "synthwave": (0.66, 0.72, 0.50, 0.05, 0.60, 0.04, -8, 112, 0.6),
    "techno": (0.74, 0.82, 0.30, 0.03, 0.84, 0.06, -8, 132, 0.6),
    "thrash": (0.36, 0.97, 0.34, 0.01, 0.15, 0.11, -4, 168, 0.7),
    "trance": (0.62, 0.88, 0.44, 0.03, 0.68, 0.05, -6, 138, 0.6),
    "tuareg blues": (0.58, 0.62, 0.60, 0.40, 0.18, 0.05, -9, 110, 0.6),
}
_PLAIN = (0.55, 0.55, 0.50, 0.35, 0.20, 0.06, -10, 116, 0.5)
_MEASURES = (
    "danceability",
    "energy",
    "valence",
    "acousticness",
    "instrumentalness",
    "speechiness",
)
_SPREAD = (0.09, 0.10, 0.14, 0.10, 0.10, 0.02)


@lru_cache(maxsize=2048)
def _sound(key: str, genre: str) -> dict[str, float | int]:
    """The measures of one track, around its genre's."""
    chance = seeded_random("sound", key)
    profile = _GENRES.get(genre, _PLAIN)
    sound: dict[str, float | int] = {
        name: round(min(max(chance.gauss(mean, spread), 0.001), 0.998), 4)
        for name, mean, spread in zip(_MEASURES, profile, _SPREAD, strict=False)
    }
    live = 0.72 if chance.random() < 0.06 else 0.13
    sound["liveness"] = round(min(max(chance.gauss(live, 0.06), 0.02), 0.98), 4)
    sound["loudness"] = round(min(chance.gauss(profile[6], 1.8), -1.2), 3)
    sound["tempo"] = round(max(chance.gauss(profile[7], profile[7] * 0.05), 48), 3)
    sound["key"] = chance.choice((0, 0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 7, 8, 9, 9, 10, 11))
    sound["mode"] = 0 if chance.random() < profile[8] else 1
    sound["time_signature"] = chance.choices((4, 3, 5, 7), (88, 9, 2, 1))[0]
    return sound


def sound_of(track: Track) -> dict[str, float | int]:
    """The track's audio features, without ids."""
    genres = track.artists[0].genres
    return dict(_sound(track.key, genres[0] if genres else ""))


def spotify_knows(key: str) -> bool:
    """Whether Spotify has audio features for the track: about 97 in 100."""
    return seeded_random("spotify knows", key).random() < 0.97


def reccobeats_knows(key: str) -> bool:
    """Whether ReccoBeats does: about 90 in 100."""
    return seeded_random("reccobeats knows", key).random() < 0.90
