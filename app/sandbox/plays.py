"""Years of invented plays: the same for every process, whatever the moment at which one looks.

A play is known by the moment it *ended*, in Unix seconds. Each day has random numbers of its own and
each week has its own taste, so that a later look sees the same past. What happens to people is in
`chapters.py`.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import accumulate
from random import Random

from app.sandbox.catalogue import catalogue
from app.sandbox.chapters import Chapter, chapter_on, seasonal
from app.sandbox.discography import songs_on
from app.sandbox.edge_cases import EDGE_CASES
from app.sandbox.items import Track
from app.sandbox.listeners import Listener, listener
from app.sandbox.seeded_random import number, seeded_random

YEARS = 4
_DAYS = YEARS * 365 + 1
_DAY_SECONDS = 86_400
# The share of sittings that are a record from its beginning, those or one artist, and what others put on.
_RECORD, _ONE_ARTIST, _OTHERS = 0.14, 0.24, 0.06
_FIRST_WEEK, _WEEKS_OF_MEETING = date(2021, 1, 1).toordinal() // 7, 300


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
    found: list[Play] = []
    for ordinal in range(last.toordinal() - _DAYS, last.toordinal() + 1):
        found.extend(_day(who, ordinal))
    return tuple(sorted(found, key=lambda play: play.ended_at))


def _day(who: Listener, ordinal: int) -> Iterator[Play]:
    """The sittings of one day, one after the other. A sitting is tracks in a row, with small pauses."""
    chance, day = seeded_random("day", who.id, ordinal), date.fromordinal(ordinal)
    chapter = chapter_on(who.chapters, day)
    choice = _choice(who.id, ordinal // 7, chapter)
    weekend = day.weekday() >= 5
    # More in the dark months, more on weekends, and one day in thirty without any music.
    season = 1 + 0.18 * math.cos(2 * math.pi * (day.timetuple().tm_yday - 10) / 365)
    mean = who.plays_a_day * chapter.volume * season * (1.25 if weekend else 0.92)
    left = int(max(chance.gauss(mean, mean * 0.4), 0)) if chance.random() > 1 / 30 else 0
    hours = chapter.hours or (who.weekend_hours if weekend else who.hours)
    midnight = (ordinal - date(1970, 1, 1).toordinal()) * _DAY_SECONDS - who.utc_offset_hours * 3600
    sittings = []
    while left > 0:
        length = min(left, chance.randint(2, 14))
        sittings.append((chance.choices(range(24), hours)[0] * 3600 + chance.random() * 3600, length))
        left -= length
    durations, moment = _durations(), 0.0
    for start, length in sorted(sittings):
        moment = max(moment, start)
        for key in choice.sitting(chance, length):
            played = durations[key] if chance.random() > 0.13 else int(durations[key] * chance.random() ** 2)
            moment += played / 1000 + chance.random() * 4
            yield Play(key, int(midnight + moment), played)


@lru_cache(maxsize=1)
def _durations() -> dict[str, int]:
    return {key: track.duration_ms for key, track in catalogue().tracks.items()}


@dataclass(frozen=True)
class Choice:
    """What could be played in a week: artists and their tracks with cumulative weights, songs on repeat,
    and what other people put on.
    """

    artists: list[str]
    weights: list[float]
    tracks: dict[str, tuple[list[str], list[float]]]
    repeated: list[str]
    repeat: float
    others: tuple[str, ...]

    def sitting(self, chance: Random, length: int) -> list[str]:
        """The tracks of one sitting: a record in its order, one artist, or a mix."""
        kind = chance.random()
        if kind < _RECORD:
            first = self._track(chance, self._artist(chance))
            return list(_record(first)[:length])
        if kind < _ONE_ARTIST:
            artist = self._artist(chance)
            return [self._track(chance, artist) for _ in range(length)]
        if kind > 1 - _OTHERS:
            return chance.choices(self.others, k=length)
        return [
            chance.choice(self.repeated)
            if chance.random() < self.repeat
            else self._track(chance, self._artist(chance))
            for _ in range(length)
        ]

    def _artist(self, chance: Random) -> str:
        return chance.choices(self.artists, cum_weights=self.weights)[0]

    def _track(self, chance: Random, artist: str) -> str:
        keys, weights = self.tracks[artist]
        return chance.choices(keys, cum_weights=weights)[0]


@lru_cache(maxsize=2048)
def _choice(listener_id: str, week: int, chapter: Chapter) -> Choice:
    day = date.fromordinal(week * 7 + 1)
    tracks = _out_by(listener_id, day.isoformat()[:7])
    artists = {
        artist_id: (weights[-1] / len(keys) ** 0.5) ** 0.85 * _fancy(listener_id, artist_id, week, chapter)
        for artist_id, (keys, weights) in tracks.items()
    }
    stage = seeded_random("stage", listener_id, chapter.name)
    for artist_id in stage.sample(sorted(artists, key=artists.__getitem__)[-60:], chapter.artists):
        artists[artist_id] *= 12
    # A chapter has its songs; any other month two that would not go away.
    seed = ("songs", listener_id, chapter.name) if chapter.songs else ("songs", listener_id, week // 4)
    obsessed = seeded_random(*seed)
    favourites = obsessed.choices(list(artists), list(artists.values()), k=chapter.songs or 2)
    repeated = [obsessed.choices(tracks[one][0], cum_weights=tracks[one][1])[0] for one in favourites]
    return Choice(
        list(artists), list(accumulate(artists.values())), tracks, repeated, chapter.repeat, _others(day.year)
    )


@lru_cache(maxsize=1024)
def _out_by(listener_id: str, month: str) -> dict[str, tuple[list[str], list[float]]]:
    """What the listener likes of what was out before that month: by artist, tracks and cumulative weights."""
    found: dict[str, tuple[list[str], list[float]]] = {}
    for key, artist_id, out, weight in likes(listener_id):
        if out < month:
            keys, weights = found.setdefault(artist_id, ([], []))
            keys.append(key)
            weights.append(weight + (weights[-1] if weights else 0.0))
    return found


@lru_cache(maxsize=16)
def _others(year: int) -> tuple[str, ...]:
    """What friends, cafés and cars play: anything at all that came out before the year."""
    return tuple(
        track.key
        for track in catalogue().played
        if track.id and track.artists[0].family != EDGE_CASES and track.album.released < str(year)
    )


@lru_cache(maxsize=4096)
def _record(key: str) -> tuple[str, ...]:
    """The album of a track, from its first track to its last; a local file alone."""
    track = catalogue().tracks[key]
    return tuple(one.key for one in songs_on(track.album.id)) if track.id else (key,)


def _fancy(listener_id: str, artist_id: str, week: int, chapter: Chapter) -> float:
    """What the week, the season and the chapter make of an artist; files of one's own are always liked."""
    artist = catalogue().artists.get(artist_id)
    if artist is None:
        return 1.0
    season = seasonal(artist.genres, date.fromordinal(week * 7 + 1))
    return _artist_mood(listener_id, artist_id, week) * season * chapter.liking(artist.genres)


def _artist_mood(listener_id: str, artist_id: str, week: int) -> float:
    """How much an artist is on the listener's mind: slow waves, each artist with its own pace.

    Half of them the listener meets at some time, and hears most in the weeks after that.
    """
    pace, phase, met = _pace(listener_id, artist_id)
    if week < met:
        return 0.0
    return math.exp(1.25 * math.sin(2 * math.pi * (week / pace + phase))) * (4 if week < met + 6 else 1)


@lru_cache(maxsize=2048)
def _pace(listener_id: str, artist_id: str) -> tuple[int, float, int]:
    """Weeks from one peak to the next, how far into a wave week 0 is (0-1), and the first week."""
    seed = number("mood", listener_id, artist_id)
    met = _FIRST_WEEK + (seed >> 32) % _WEEKS_OF_MEETING if (seed >> 48) % 2 else 0
    return 30 + seed % 90, (seed >> 16) % 100 / 100, met


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
