"""An invented listener's privacy export: the zip that Spotify would send, made from their invented plays.

Beside music it holds podcasts, which come out once a week, and an audiobook each winter.
"""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import merge
from io import BytesIO
from operator import itemgetter
from typing import Any

from app.sandbox.catalogue import catalogue
from app.sandbox.chapters import chapter_on
from app.sandbox.items import Track
from app.sandbox.listeners import Listener
from app.sandbox.plays import Play, plays
from app.sandbox.seeded_random import seeded_random, spotify_id
from app.sandbox.titles import topic

_ROWS = 12_000  # in a file
_SPEAKER, _COMPUTER = "Partner google cast;Chromecast;;", ("OS X 13.2.1", "OS X 14.6.1")
_PHONES = ("iOS 16.1 (iPhone12,1)", "iOS 18.1 (iPhone15,2)")
_NEW_DEVICES = (2024, 9, 21)
_CHAPTER_MS, _CHAPTERS = 2_160_000, 18


@dataclass(frozen=True)
class Podcast:
    """A podcast: the weekday (Monday is 0) and hour, UTC, at which it is heard, and its minutes."""

    name: str
    weekday: int
    hour: int
    minutes: int
    share: float  # of its episodes that are heard


_PODCASTS = (
    Podcast("Second Side", 0, 6, 41, 0.8),
    Podcast("The Needle Drop Hour", 3, 17, 62, 0.6),
    Podcast("Margins of the Score", 6, 9, 35, 0.5),
    Podcast("Slow Radio from Bed 9", 2, 22, 55, 0.4),
    Podcast("Two Economists and a Tuba", 4, 7, 28, 0.35),
)
_BOOKS = (
    "The Lighthouse Accountant",
    "A Short History of Standing in Queues",
    "The Woman Who Tuned the Sea",
    "Nine Ferries",
)


def export_of(who: Listener, now: datetime) -> bytes:
    """The zip of a listener's extended streaming history up to `now` (aware)."""
    rows = list(_rows(who, now))
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, start in enumerate(range(0, len(rows), _ROWS)):
            part = rows[start : start + _ROWS]
            name = f"Streaming_History_Audio_{part[0]['ts'][:4]}_{number}.json"
            archive.writestr(f"Spotify Extended Streaming History/{name}", json.dumps(part))
    return out.getvalue()


def _rows(who: Listener, now: datetime) -> Iterator[dict[str, Any]]:
    played = plays(who, now)
    if not played:
        return iter(())
    first = datetime.fromtimestamp(played[0].ended_at, UTC)
    by_time = itemgetter("ts")
    spoken = sorted([*_episodes(who, first, now), *_audiobooks(who, first, now)], key=by_time)
    return merge(_songs(who, played), spoken, key=by_time)


def _songs(who: Listener, played: tuple[Play, ...]) -> Iterator[dict[str, Any]]:
    tracks, chance = catalogue().tracks, seeded_random("export", who.id)
    newer = datetime(*_NEW_DEVICES, tzinfo=UTC).timestamp()
    day, country = None, who.country
    for play in played:
        ended = datetime.fromtimestamp(play.ended_at, UTC)
        if ended.date() != day:
            day = ended.date()
            country = chapter_on(who.chapters, day).country or who.country
        device, shuffle = chance.random(), chance.random()
        row = _row(who, ended, play.ms_played) | {
            # Mostly the phone, then the computer.
            "platform": _SPEAKER
            if device > 0.9
            else (_PHONES if device < 0.6 else _COMPUTER)[play.ended_at > newer],
            "conn_country": country,
            "shuffle": shuffle < 0.4,
            "offline": device < 0.04,
        }
        yield row | _music(tracks[play.track_id], play, chance.random())


def _episodes(who: Listener, first: datetime, now: datetime) -> Iterator[dict[str, Any]]:
    """An episode a week of each podcast, as far as it was heard."""
    day = first.replace(hour=0, minute=0, second=0)
    while day < now:
        for podcast in _PODCASTS:
            week = day.toordinal() // 7
            chance = seeded_random("episode", who.id, podcast.name, week)
            if day.weekday() != podcast.weekday or chance.random() > podcast.share:
                continue
            whole = podcast.minutes * 60_000
            heard = whole if chance.random() < 0.7 else int(whole * chance.random())
            ended = day + timedelta(hours=podcast.hour, minutes=chance.random() * 40, milliseconds=heard)
            # What an episode is about does not depend on who hears it.
            about = topic(seeded_random("topic", podcast.name, week))
            if first < ended < now:
                yield _row(who, ended, heard) | {
                    "episode_name": f"{week % 1000}: {about[0].upper()}{about[1:]}",
                    "episode_show_name": podcast.name,
                    "spotify_episode_uri": f"spotify:episode:{spotify_id('episode', podcast.name, week)}",
                    "reason_end": "trackdone" if heard == whole else "endplay",
                    "skipped": False,
                }
        day += timedelta(days=1)


def _audiobooks(who: Listener, first: datetime, now: datetime) -> Iterator[dict[str, Any]]:
    """A book each January, a chapter an evening."""
    for year in range(first.year, now.year + 1):
        book = _BOOKS[(year + len(who.id)) % len(_BOOKS)]
        for number in range(1, _CHAPTERS + 1):
            ended = datetime(year, 1, 5 + number, 21, 40, number, tzinfo=UTC)
            if first < ended < now:
                yield _row(who, ended, _CHAPTER_MS) | {
                    "audiobook_title": book,
                    "audiobook_uri": f"spotify:show:{spotify_id('book', book)}",
                    "audiobook_chapter_uri": f"spotify:episode:{spotify_id('book', book, number)}",
                    "audiobook_chapter_title": f"Chapter {number}",
                    "reason_end": "trackdone",
                    "skipped": False,
                }


def _row(who: Listener, ended: datetime, ms_played: int) -> dict[str, Any]:
    return {
        "ts": ended.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "username": who.id,
        "platform": _PHONES[-1],
        "ms_played": ms_played,
        "conn_country": who.country,
        "ip_addr": "192.0.2.1",
        "reason_start": "trackdone",
        "shuffle": False,
        "offline": False,
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
