"""An invented listener's privacy export: the zip that Spotify would send, made from their invented plays."""

import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from app.sandbox.catalogue import catalogue
from app.sandbox.items import Track
from app.sandbox.listeners import Listener
from app.sandbox.plays import Play, plays
from app.sandbox.seeded_random import seeded_random

_ROWS = 12_000  # in a file
_PLATFORMS = (
    "iOS 18.1 (iPhone15,2)",
    "OS X 14.6.1",
    "Android OS 14 API 34",
    "Partner google cast;Chromecast;;",
)
_PODCASTS = ("Second Side", "The Needle Drop Hour", "Margins of the Score")
_EPISODE_MS = 2_400_000


def export_of(who: Listener, now: datetime) -> bytes:
    """The zip of a listener's extended streaming history up to `now` (aware)."""
    rows = list(_rows(who, now))
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, start in enumerate(range(0, len(rows), _ROWS)):
            part = rows[start : start + _ROWS]
            name = f"Streaming_History_Audio_{part[0]['ts'][:4]}_{number}.json"
            archive.writestr(f"Spotify Extended Streaming History/{name}", json.dumps(part))
    return out.getvalue()


def _rows(who: Listener, now: datetime) -> Iterator[dict[str, Any]]:
    tracks, chance = catalogue().tracks, seeded_random("export", who.id)
    for number, play in enumerate(plays(who, now)):
        track = tracks[play.track_id]
        yield _row(play, who, chance.random(), chance.random()) | _music(track, play, chance.random())
        if number % 130 == 7:
            podcast = number // 130
            yield _row(play, who, 0.0, 0.5) | {
                "ms_played": _EPISODE_MS,
                "episode_name": f"Episode {podcast % 60 + 1}",
                "episode_show_name": _PODCASTS[podcast % len(_PODCASTS)],
                "reason_end": "trackdone",
                "skipped": False,
            }


def _row(play: Play, who: Listener, device: float, shuffle: float) -> dict[str, Any]:
    return {
        "ts": datetime.fromtimestamp(play.ended_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "username": who.id,
        # Mostly the phone, then the computer.
        "platform": _PLATFORMS[0 if device < 0.55 else 1 if device < 0.85 else 2 if device < 0.95 else 3],
        "ms_played": play.ms_played,
        "conn_country": "SE" if shuffle < 0.96 else "PT",
        "ip_addr": "192.0.2.1",
        "reason_start": "trackdone",
        "shuffle": shuffle < 0.4,
        "offline": device < 0.04,
        "incognito_mode": False,
    }


def _music(track: Track, play: Play, why: float) -> dict[str, Any]:
    whole = play.ms_played >= track.duration_ms
    return {
        "master_metadata_track_name": track.name,
        "master_metadata_album_artist_name": track.artists[0].name,
        "master_metadata_album_album_name": track.album.name or None,
        "spotify_track_uri": f"spotify:track:{track.id}" if track.id else None,
        "reason_end": "trackdone" if whole else "fwdbtn" if why < 0.8 else "endplay",
        "skipped": not whole,
    }
