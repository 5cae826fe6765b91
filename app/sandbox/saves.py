"""What each listener saved, before any app changed it: always the same, and never twice the same moment.

Times are Unix seconds. A track was saved at some moment of the last four years, right after it was played.
That moment comes round again every four years: the library keeps its size, and a day changes at most a track
or two of it.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from app.sandbox.catalogue import catalogue
from app.sandbox.edge_cases import EDGE_CASES
from app.sandbox.items import Track
from app.sandbox.large_library import LargeLibrary, places_of
from app.sandbox.listeners import Listener, listener
from app.sandbox.plays import YEARS, likes, plays, start_of_day
from app.sandbox.seeded_random import number, seeded_random

_ROUND = YEARS * 365 * 86_400


@dataclass(frozen=True)
class Saved:
    """An item of a library. `track` is `None` where it was removed."""

    track: Track | None
    added_at: int


@dataclass(frozen=True)
class Saves:
    """A listener's own library, newest first."""

    items: tuple[Saved, ...]

    def __len__(self) -> int:
        return len(self.items)

    def at(self, place: int) -> Saved:
        """The item at that place."""
        return self.items[place]

    def places(self, track_id: str) -> tuple[int, ...]:
        """Where that track is."""
        return tuple(place for place, one in enumerate(self.items) if one.track and one.track.id == track_id)


@dataclass(frozen=True)
class LargeLibrarySaves:
    """A library of a set size, newest first."""

    large_library: LargeLibrary

    def __len__(self) -> int:
        return self.large_library.size

    def at(self, place: int) -> Saved:
        """The item at that place."""
        return Saved(self.large_library.track(place), self.large_library.added_at(place))

    def places(self, track_id: str) -> tuple[int, ...]:
        """Where that track is."""
        return places_of(self.large_library).get(track_id, ())


@lru_cache(maxsize=16)
def _saves_on(listener_id: str, day: datetime) -> Saves:
    who = listener(listener_id)
    if who is None or not who.saves:
        return Saves(())
    tracks = _choice(who)
    played: dict[str, list[int]] = {track.key: [] for track in tracks}
    for play in plays(who, day):
        if play.track_id in played:
            played[play.track_id].append(play.ended_at)
    now = int(day.timestamp())
    items = [Saved(track, _moment(who, track, played[track.key], now)) for track in tracks]
    if any(track.id is None for track in tracks):
        items[-1] = Saved(None, items[-1].added_at)  # whoever keeps local files keeps a removed track too
    return Saves(tuple(sorted(items, key=lambda one: (-one.added_at, one.track.key if one.track else ""))))


def saves(who: Listener, now: datetime) -> Saves:
    """What `who` has saved on the day of `now` (aware)."""
    return _saves_on(who.id, start_of_day(now))


def _choice(who: Listener) -> list[Track]:
    """Local files first, then what they like most, then whatever else caught their ear.

    One track in sixteen they play and never thought of saving.
    """
    known = {
        key: track
        for key, track in catalogue().tracks.items()
        if number("unsaved", who.id, key) % 16 or not track.id
    }
    liked = sorted((row for row in likes(who.id) if row[0] in known), key=lambda row: (-row[3], row[0]))
    ours = [known[key] for key, *_ in liked]
    ours.sort(key=lambda track: track.id is not None)
    chosen = {track.key for track in ours}
    heard = [one for one in known.values() if one.key not in chosen and one.artists[0].family != EDGE_CASES]
    heard.sort(key=lambda track: number("heard", who.id, track.key))
    return [*ours, *heard][: who.saves]


def _moment(who: Listener, track: Track, played: list[int], now: int) -> int:
    """Soon after the last play before a moment that chance chose; at that moment, where there was none."""
    phase = number("saved", who.id, track.key) % _ROUND
    chosen = max(now - (now - phase) % _ROUND, _out(track))
    at = bisect_right(played, chosen)
    heard = played[at - 1] if at else chosen
    return min(heard + seeded_random("shortly", who.id, track.key).randrange(5, 240), now - 1)


def _out(track: Track) -> int:
    """When the track came out; 0 where only a year or a month is known."""
    if len(track.album.released) < 10:
        return 0
    out = date.fromisoformat(track.album.released)
    return int(datetime(out.year, out.month, out.day, 12, tzinfo=UTC).timestamp())
