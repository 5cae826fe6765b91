"""A made-up privacy export, as large and as uneven as a real one: the same for the same seed.

A few artists and tracks take most of the plays, evenings more than mornings, and each track has an album, a
length and an address. Fields are those of extended streaming history, private ones included.
"""

import random
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np

ARTISTS, TRACKS, YEARS = 3_000, 30_000, 12
END = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
_PLATFORMS = (
    "iOS 17.1 (iPhone14,2)",
    "Android OS 13 API 33",
    "windows 10",
    "OS X 14.0.0",
    "web_player linux",
    "Partner google cast;Chromecast",
)
_REASONS = ("trackdone", "trackdone", "trackdone", "fwdbtn", "backbtn", "endplay", "logout")
_STARTS = ("trackdone", "clickrow", "fwdbtn", "playbtn", "appload")
_HOURS = (3, 2, 1, 1, 1, 1, 2, 5, 7, 6, 5, 5, 6, 6, 6, 6, 7, 8, 8, 8, 9, 9, 8, 5)


def export(
    path: Path, rows: int, files: int, seed: int = 1, artists: int = ARTISTS, tracks: int = TRACKS
) -> None:
    """Writes a zip of extended streaming history with so many rows in so many files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, body in enumerate(bodies(rows, files, seed, artists, tracks)):
            name = f"Streaming_History_Audio_{2015 + number % YEARS}_{number}.json"
            archive.writestr(f"Spotify Extended Streaming History/{name}", body)


def bodies(rows: int, files: int, seed: int, artists: int, tracks: int) -> Iterator[bytes]:
    """The JSON of each file, in order of time."""
    dice = np.random.default_rng(seed)
    songs = _songs(random.Random(seed), artists, tracks)
    taste = dice.zipf(1.35, rows) % tracks
    days = np.sort(dice.integers(0, YEARS * 365, rows))
    hours = dice.choice(24, rows, p=np.array(_HOURS) / sum(_HOURS))
    ends = END - YEARS * 365 * 86_400 + days * 86_400 + hours * 3_600 + dice.integers(0, 3_600, rows)
    ends.sort()
    whole = dice.random(rows) > 0.2
    share = dice.random(rows) ** 2
    picks = dice.integers(0, 1 << 30, rows)
    times = [f"{one}Z" for one in ends.astype("datetime64[s]").astype(str).tolist()]
    encode = msgspec.json.encode
    for chunk in np.array_split(np.arange(rows), files):
        found = []
        for at in chunk.tolist():
            name, artist, album, uri, length = songs[taste[at]]
            pick = int(picks[at])
            found.append(
                {
                    "ts": times[at],
                    "username": "listener",
                    "platform": _PLATFORMS[pick % len(_PLATFORMS)],
                    "ms_played": length if whole[at] else int(length * share[at]),
                    "conn_country": "SE" if pick % 17 else "JP",
                    "ip_addr": "203.0.113.7",
                    "user_agent_decrypted": None,
                    "master_metadata_track_name": name,
                    "master_metadata_album_artist_name": artist,
                    "master_metadata_album_album_name": album,
                    "spotify_track_uri": uri,
                    "episode_name": None,
                    "episode_show_name": None,
                    "spotify_episode_uri": None,
                    "reason_start": _STARTS[pick % len(_STARTS)],
                    "reason_end": _REASONS[0] if whole[at] else _REASONS[pick % len(_REASONS)],
                    "shuffle": bool(pick & 1024),
                    "skipped": None if pick & 2048 else not whole[at],
                    "offline": bool(pick % 23 == 0),
                    "offline_timestamp": None,
                    "incognito_mode": False,
                }
            )
        yield encode(found)


def _songs(dice: random.Random, artists: int, tracks: int) -> list[tuple[str, str, str, str, int]]:
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    songs = []
    for number in range(tracks):
        artist = int(dice.paretovariate(0.6)) % artists
        uri = "spotify:track:" + "".join(dice.choices(letters, k=22))
        album = f"Album {artist}-{number % 7}"
        songs.append((f"Song {number}", f"Artist {artist}", album, uri, dice.randrange(110_000, 420_000)))
    return songs
