"""Which names of a history want a cover, and by which track each can be asked for, the most played first.

All time's first TOP of each kind, then each year's, then those of the last weeks. A track whose address at
Spotify is known is preferred; others can only be searched for, by title and artist.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, zip_longest
from zoneinfo import ZoneInfo

import numpy as np

from app.history.batch import Ints
from app.history.figures import Ranking, albums, artists, tracks
from app.history.items import ALBUM, ARTIST, TRACK
from app.history.merge import folded
from app.history.rollup import per_artist
from app.history.stored import History
from app.history.yearly import yearly

TOP, YEARS_TOP, RECENT_TOP = 200, 10, 50
RECENT = 28 * 86400  # seconds
_TRACK = re.compile(r"spotify:track:([0-9A-Za-z]{22})")
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Named:
    """An artist, album or track of a history. `artist`: whose it is; `None` where that is unknown."""

    kind: str
    name: str
    artist: str | None = None

    @property
    def key(self) -> str:
        """What its cover is kept by; upper and lower case make no difference."""
        by = None if self.kind == ARTIST else self.artist
        return sha256("\0".join((self.kind, folded(self.name), folded(by))).encode()).hexdigest()


@dataclass(frozen=True)
class Wanted:
    """A track, and the names that want a cover and can be asked for by it.

    `track_id`: at Spotify; `None` where the history does not say, so that it must be searched for.
    """

    track_id: str | None
    title: str
    artist: str | None
    names: Sequence[Named]


def cover_plan(history: History, now: float) -> list[Wanted]:
    """What to ask for, in this order. `now`: Unix seconds. Raises Stale."""
    ids = _track_ids(history.names.track_uris)
    chosen = {kind: list(dict.fromkeys(numbers)) for kind, numbers in _chosen(history, now).items()}
    by_track: Mapping[str, Mapping[int, int]] = {
        ARTIST: _tracks_of_artists(history, ids),
        ALBUM: _tracks_of_albums(history, chosen[ALBUM], ids),
        TRACK: {number: number for number in chosen[TRACK]},
    }
    rankings = _rankings(history)
    names, titles = history.names, rankings[TRACK]
    wanted: dict[int, list[Named]] = {}
    for row in zip_longest(*([(kind, number) for number in chosen[kind]] for kind in chosen)):
        for kind, number in filter(None, row):
            track = by_track[kind].get(number)
            if track is not None and (track in ids or titles.by[track]):
                by = rankings[kind].by[number] if kind != ARTIST else None
                wanted.setdefault(track, []).append(Named(kind, rankings[kind].names[number], by))
    return [
        Wanted(ids.get(track), names.tracks[track], titles.by[track], named)
        for track, named in wanted.items()
    ]


def _track_ids(uris: Sequence[str | None]) -> dict[int, str]:
    found = ((number, _TRACK.fullmatch(uri)) for number, uri in enumerate(uris) if uri)
    return {number: match[1] for number, match in found if match}


def _rankings(history: History) -> dict[str, Ranking]:
    everything, names = history.everything, history.names
    return {
        ARTIST: artists(everything, names),
        ALBUM: albums(everything, names),
        TRACK: tracks(everything, names),
    }


def _chosen(history: History, now: float) -> dict[str, list[int]]:
    """The numbers of the names, kind by kind, the most important first."""
    rankings, names = _rankings(history), history.names
    chosen = {kind: ranking.order(TOP) for kind, ranking in rankings.items()}
    by_track, by_album = yearly(history, "track", _UTC), yearly(history, "album", _UTC)
    for year in reversed(by_track.years):
        plays, ms = by_track.of(year)
        sums = {
            ARTIST: (per_artist(plays, names), per_artist(ms, names)),
            ALBUM: by_album.of(year),
            TRACK: (plays, ms),
        }
        for kind, pair in sums.items():
            chosen[kind] += rankings[kind].with_sums(*pair).order(YEARS_TOP)
    recent = history.rollup(int(now) - RECENT, int(now))
    for kind, ranking in (
        (ARTIST, artists(recent, names)),
        (ALBUM, albums(recent, names)),
        (TRACK, tracks(recent, names)),
    ):
        chosen[kind] += ranking.order(RECENT_TOP)
    return chosen


def _tracks_of_artists(history: History, ids: Mapping[int, str]) -> Mapping[int, int]:
    """For each artist their most played track that has an address; without one, that has a title."""
    found: dict[int, int] = {}
    plays, titled = history.everything.track_plays, np.flatnonzero(history.names.has_title)
    for track in chain(_most_first(ids, plays), _most_first(titled, plays)):
        found.setdefault(int(history.names.track_artist[track]), track)
    return found


def _most_first(tracks: Iterable[int], plays: Ints) -> Iterator[int]:
    numbers = np.fromiter(tracks, np.int64)
    yield from numbers[np.argsort(-plays[numbers], kind="stable")].tolist()


def _tracks_of_albums(history: History, numbers: Sequence[int], ids: Mapping[int, str]) -> Mapping[int, int]:
    """For each album a track, if possible with an address: much played there, and little elsewhere.

    A track's address may be that of another record that it is on too.
    """
    names, rows = history.names, history.everything.track_length
    which = np.zeros(len(names.albums) + 1, bool)  # the last place is that of unknown albums
    which[list(numbers)] = True
    counts: Counter[tuple[int, int]] = Counter()
    for block in history.blocks(names=("start", "track", "album")):
        at = which[block["album"]]
        pair = block["album"][at].astype(np.int64) * len(names.tracks) + block["track"][at]
        for place, plays in zip(*np.unique(pair, return_counts=True), strict=True):
            counts[divmod(int(place), len(names.tracks))] += int(plays)
    best: dict[int, tuple[bool, int, int]] = {}
    for (album, track), plays in counts.items():
        if track in ids or names.tracks[track]:
            score = (track in ids, 2 * plays - int(rows[track]), -track)
            best[album] = max(best.get(album, score), score)
    return {album: -track for album, (_, _, track) in best.items()}
