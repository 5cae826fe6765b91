"""Years of invented plays: the same for every process, whatever the moment at which one looks.

A play is known by the moment it *ended*, in Unix seconds. Each day has random numbers of its own and
each week has its own taste, so that a later look sees the same past.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import accumulate

from app.sandbox.catalogue import catalogue
from app.sandbox.items import Track
from app.sandbox.listeners import Listener, listener
from app.sandbox.seeded_random import number, seeded_random

YEARS = 4
_DAYS = YEARS * 365 + 1
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Play:
    """One listen. `track_id` is a local file's URI where there is no id."""

    track_id: str
    ended_at: int
    ms_played: int


def plays(who: Listener, now: datetime) -> tuple[Play, ...]:
    """Every play of about four years up to `now` (aware), oldest first."""
    found = _plays_through(who.id, now.astimezone(UTC).date())
    return found[: bisect_right(found, now.timestamp(), key=lambda play: play.ended_at)]


@lru_cache(maxsize=16)
def _plays_through(listener_id: str, last: date) -> tuple[Play, ...]:
    who = listener(listener_id)
    if who is None or not who.plays_a_day:
        return ()
    rolled: list[Play] = []
    week, choice = -1, ([""], [0.0])
    for ordinal in range(last.toordinal() - _DAYS, last.toordinal() + 1):
        if ordinal // 7 != week:
            week = ordinal // 7
            choice = _weekly_choice(who, week)
        rolled.extend(_day(who, ordinal, *choice))
    return tuple(sorted(rolled, key=lambda play: play.ended_at))


def _day(who: Listener, ordinal: int, keys: list[str], weights: list[float]) -> Iterator[Play]:
    """The sittings of one day. A sitting is tracks in a row, with a small pause between them."""
    chance = seeded_random("day", who.id, ordinal)
    weekend = 1.25 if ordinal % 7 in (6, 0) else 0.92  # ordinal 7 is a Sunday
    left = int(max(chance.gauss(who.plays_a_day * weekend, who.plays_a_day * 0.4), 0))
    durations = _durations()
    midnight = (ordinal - date(1970, 1, 1).toordinal()) * _DAY_SECONDS - who.utc_offset_hours * 3600
    while left > 0:
        length = min(left, chance.randint(2, 14))
        moment = midnight + chance.choices(range(24), who.hours)[0] * 3600 + chance.random() * 3600
        for key in chance.choices(keys, cum_weights=weights, k=length):
            played = durations[key] if chance.random() > 0.13 else int(durations[key] * chance.random() ** 2)
            moment += played / 1000 + chance.random() * 4
            yield Play(key, int(moment), played)
        left -= length


@lru_cache(maxsize=1)
def _durations() -> dict[str, int]:
    return {key: track.duration_ms for key, track in catalogue().tracks.items()}


def _weekly_choice(who: Listener, week: int) -> tuple[list[str], list[float]]:
    """Tracks that could be played that week, with cumulative weights."""
    day = date.fromordinal(week * 7 + 1).isoformat()
    mood = {artist_id: _artist_mood(who, artist_id, week) for artist_id in catalogue().artists}
    kept = [
        (key, weight * mood.get(artist_id, 1.0))
        for key, artist_id, out, weight in likes(who.id)
        if out <= day
    ]
    obsessed = seeded_random("obsession", who.id, week)
    for at in (obsessed.randrange(len(kept)) for _ in range(3)):
        kept[at] = (kept[at][0], kept[at][1] * 6)
    return [key for key, _ in kept], list(accumulate(weight for _, weight in kept))


def _artist_mood(who: Listener, artist_id: str, week: int) -> float:
    """How much an artist is on the listener's mind: slow waves, each artist with its own pace."""
    pace, phase = _pace(who.id, artist_id)
    return math.exp(1.25 * math.sin(2 * math.pi * (week / pace + phase)))


@lru_cache(maxsize=2048)
def _pace(listener_id: str, artist_id: str) -> tuple[int, float]:
    """Weeks from one peak to the next, and how far into a wave week 0 is (0-1)."""
    seed = number("mood", listener_id, artist_id)
    return 30 + seed % 90, (seed >> 16) % 100 / 100


@lru_cache(maxsize=16)
def likes(listener_id: str) -> tuple[tuple[str, str, str, float], ...]:
    """What the listener might play at all: track key, artist id, release date, weight."""
    who = listener(listener_id)
    if who is None:
        return ()
    rows = ((track, _liking(who, track)) for track in catalogue().played)
    return tuple((t.key, t.artists[0].id, t.album.released, weight) for t, weight in rows if weight > 0)


def _liking(who: Listener, track: Track) -> float:
    """Taste for the track's genres, times how much this artist and this track caught on."""
    artist = track.artists[0]
    weighed = (1.0, 0.4, 0.2)
    taste = sum(w * who.taste.get(genre, 0) for w, genre in zip(weighed, artist.genres, strict=False))
    if f"=={artist.family}" in who.taste:
        taste = who.taste[f"=={artist.family}"]
    caught_on = seeded_random("favourite", who.id, artist.id).paretovariate(1.8)
    return taste * min(caught_on, 6) * min(seeded_random("hit", who.id, track.key).paretovariate(1.6), 7)


def start_of_day(now: datetime) -> datetime:
    """Midnight UTC of the day of `now`."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
