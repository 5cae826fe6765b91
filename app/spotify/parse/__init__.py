"""Parsing at the edge: Spotify's JSON becomes dataclasses, whatever is missing, null or of the wrong type.

Only an answer of another shape altogether is an error (BadAnswer); a missing field is "unknown".
"""

from app.spotify.parse.items import artist_alone, artists, playlist, profile, track_alone, tracks
from app.spotify.parse.paging import album_in_full, album_tracks, albums, finds, saved_tracks
from app.spotify.parse.player import devices, playback, recently_played
from app.spotify.parse.sound import audio_features, features

__all__ = [
    "album_in_full",
    "album_tracks",
    "albums",
    "artist_alone",
    "artists",
    "audio_features",
    "devices",
    "features",
    "finds",
    "playback",
    "playlist",
    "profile",
    "recently_played",
    "saved_tracks",
    "track_alone",
    "tracks",
]
