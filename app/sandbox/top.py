"""Top items, derived from the invented plays: counts over each range's window, ties by id.

They change once a day, at midnight UTC, so that a day's pages agree with each other.
"""

from collections import Counter
from datetime import datetime, timedelta
from functools import lru_cache

from app.sandbox.catalogue import catalogue
from app.sandbox.items import Artist, Track
from app.sandbox.listeners import listener
from app.sandbox.plays import plays, start_of_day

DAYS = {"short_term": 28, "medium_term": 182, "long_term": 365}
LONGEST = 50


@lru_cache(maxsize=64)
def _counts(listener_id: str, time_range: str, day: datetime) -> tuple[tuple[str, int], ...]:
    """Plays per track key in the window that ends at `day`, most played first."""
    who = listener(listener_id)
    if who is None:
        return ()
    since = (day - timedelta(days=DAYS[time_range])).timestamp()
    counted = Counter(play.track_id for play in plays(who, day) if play.ended_at > since)
    return tuple(sorted(counted.items(), key=lambda row: (-row[1], row[0])))


def top_tracks(listener_id: str, time_range: str, now: datetime) -> list[Track]:
    """The listener's most played tracks, at most 50."""
    ranked = _counts(listener_id, time_range, start_of_day(now))
    return [catalogue().tracks[key] for key, _ in ranked[:LONGEST]]


def top_artists(listener_id: str, time_range: str, now: datetime) -> list[Artist]:
    """The listener's most played artists, guests included, at most 50. Local files do not count."""
    tracks, counted = catalogue().tracks, Counter[str]()
    for key, count in _counts(listener_id, time_range, start_of_day(now)):
        if tracks[key].id is not None:
            counted.update({artist.id: count for artist in tracks[key].artists})
    ranked = sorted(counted.items(), key=lambda row: (-row[1], row[0]))
    return [catalogue().artists[artist_id] for artist_id, _ in ranked[:LONGEST]]
