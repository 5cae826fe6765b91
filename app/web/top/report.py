"""The top lists: tracks, artists, genres and albums over the three ranges, and how items moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from app import answers
from app.account_writes import kept_for_an_account
from app.music import Album, Artist, ArtistName, Image, TimeRange, Track
from app.site import Site
from app.stats.decades import Decade, decades_of
from app.stats.ranking import LONGEST, Movement, movement, ranks, weigh
from app.stats.variety import Variety, variety_of
from app.store.engine import optional_write
from app.store.playlists import SavedPlaylist
from app.store.snapshots import keep_snapshots, latest_snapshots
from app.visit import Visit
from app.web.last_known import Stale, stale_because_of
from app.web.top.playlists import todays_playlist

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
LONGER = {TimeRange.SHORT_TERM: TimeRange.MEDIUM_TERM, TimeRange.MEDIUM_TERM: TimeRange.LONG_TERM}


class TopKind(Enum):
    """What is ranked. Tracks and artists are Spotify's rankings; genres and albums follow from them."""

    TRACKS = "tracks"
    ARTISTS = "artists"
    GENRES = "genres"
    ALBUMS = "albums"


FROM_TRACKS, FROM_ARTISTS = (TopKind.TRACKS, TopKind.ALBUMS), (TopKind.ARTISTS, TopKind.GENRES)


@dataclass(frozen=True)
class Entry:
    """Something ranked. `key` tells it from others in every range; `artists` are whom it is by."""

    key: str
    id: str | None
    name: str | None
    images: tuple[Image, ...] = ()
    url: str | None = None
    artists: tuple[ArtistName, ...] = ()
    weight: int | None = None


@dataclass(frozen=True)
class Item:
    """An entry at its rank. `ranks`: its rank in each range. `movement`, `week`, `month`: see TopList."""

    rank: int
    entry: Entry
    ranks: Mapping[TimeRange, int | None]
    movement: Movement | None
    week: Movement | None = None
    month: Movement | None = None


@dataclass(frozen=True)
class TopList:
    """A top list of one kind, with `time_range` chosen, on `today`, the listener's date.

    `lists` holds all three ranges, best first, at most 50 items each. An item's `movement` is against the
    next longer range; in the longest, against the latest snapshot that is at least a week old, `None` while
    there is none. `week` and `month` are the days of the snapshots, at least a week and 30 days old, that
    the chosen range's items are compared with. `tracks`: how many top tracks variety and decades are over.
    """

    kind: TopKind
    time_range: TimeRange
    today: date
    lists: Mapping[TimeRange, tuple[Item, ...]]
    longest_since: date | None
    week: date | None
    month: date | None
    variety: Variety
    decades: tuple[Decade, ...]
    tracks: int
    playlist: SavedPlaylist | None
    as_of: float
    stale: Stale | None

    @property
    def items(self) -> tuple[Item, ...]:
        """The chosen range's list."""
        return self.lists[self.time_range]

    @property
    def is_weighed(self) -> bool:
        """Whether the list is ranked by weight, and not by Spotify."""
        return self.kind in (TopKind.GENRES, TopKind.ALBUMS)


def top_list(site: Site, visit: Visit, kind: TopKind, time_range: TimeRange, today: date) -> TopList:
    """A top list, in one round trip at most. `today` is the listener's date. Raises SpotifyError."""
    from_artists = kind in FROM_ARTISTS
    wanted = {one: (answers.top_artists if from_artists else answers.top_tracks)(one) for one in TimeRange}
    tracks_wanted = answers.top_tracks(time_range)
    got = answers.fetch(
        site, visit, [*{want.key: want for want in (*wanted.values(), tracks_wanted)}.values()]
    )
    tracks: tuple[Track, ...] = got.values[tracks_wanted.key]
    ranked = {one: got.values[want.key] for one, want in wanted.items()}
    snapshots = _Snapshots(site, got.account_id, kind, time_range, today)
    if got.trouble is None:
        # What follows from the same ranking is kept with it, whichever of the two was looked at.
        for each in FROM_ARTISTS if from_artists else FROM_TRACKS:
            snapshots.keep(each, {one: entries_of(each, items) for one, items in ranked.items()})
    return TopList(
        kind=kind,
        time_range=time_range,
        today=today,
        lists=_lists({one: entries_of(kind, items) for one, items in ranked.items()}, snapshots),
        longest_since=snapshots.longest_since,
        week=snapshots.week[0] if snapshots.week else None,
        month=snapshots.month[0] if snapshots.month else None,
        variety=variety_of(tracks),
        decades=decades_of(tracks),
        tracks=len(tracks),
        playlist=todays_playlist(site, visit, got.account_id, time_range, today),
        as_of=got.as_of,
        stale=stale_because_of(got.trouble),
    )


def entries_of(kind: TopKind, ranked: Sequence[Track] | Sequence[Artist]) -> tuple[Entry, ...]:
    """The entries of one kind that a ranking holds, best first, at most 50."""
    tracks = [one for one in ranked if isinstance(one, Track)]
    artists = [one for one in ranked if isinstance(one, Artist)]
    entries = {
        TopKind.TRACKS: lambda: [_track_entry(track) for track in tracks],
        TopKind.ARTISTS: lambda: [_artist_entry(artist) for artist in artists],
        TopKind.GENRES: lambda: _genre_entries(artists),
        TopKind.ALBUMS: lambda: _album_entries(tracks),
    }[kind]()
    return tuple(entries[:LONGEST])


def _track_entry(track: Track) -> Entry:
    images = track.album.images if track.album else ()
    key = track.id or f"local:{_credit(track.artists)}:{(track.name or '').casefold()}"
    return Entry(key, track.id, track.name, images, track.url, track.artists)


def _artist_entry(artist: Artist) -> Entry:
    key = artist.id or f"name:{(artist.name or '').casefold()}"
    return Entry(key, artist.id, artist.name, artist.images, artist.url)


def _genre_entries(artists: Sequence[Artist]) -> list[Entry]:
    weights = weigh([artist.genres for artist in artists])
    return [Entry(genre, None, genre, weight=weight) for genre, weight in weights.items()]


def _album_entries(tracks: Sequence[Track]) -> list[Entry]:
    albums = {key: track.album for track in reversed(tracks) if (key := _album_key(track)) and track.album}
    weights = weigh([[key] if (key := _album_key(track)) else [] for track in tracks])
    return [
        Entry(key, album.id, album.name, album.images, album.url, album.artists, weight)
        for key, weight in weights.items()
        if (album := albums[key])
    ]


def _album_key(track: Track) -> str | None:
    album: Album | None = track.album
    if album is None or not (album.id or album.name):
        return None
    return album.id or f"local:{_credit(album.artists or track.artists)}:{(album.name or '').casefold()}"


def _credit(artists: Sequence[ArtistName]) -> str:
    return (artists[0].name or "").casefold() if artists else ""


class _Snapshots:
    """The snapshots that one top list is compared with."""

    def __init__(
        self, site: Site, account_id: int, kind: TopKind, time_range: TimeRange, today: date
    ) -> None:
        self._store, self._account_id, self._kind, self._today = site.store, account_id, kind, today
        self.time_range = time_range
        found = self._latest(time_range, WEEK, MONTH)
        self.week, self.month = found.get(today - WEEK), found.get(today - MONTH)
        longest = TimeRange.LONG_TERM
        self._longest = self.week if time_range is longest else self._latest(longest, WEEK).get(today - WEEK)

    @property
    def longest_since(self) -> date | None:
        """The day of the snapshot that the longest range is compared with."""
        return self._longest[0] if self._longest else None

    def keep(self, kind: TopKind, entries: Mapping[TimeRange, Sequence[Entry]]) -> None:
        """Keeps today's lists of a kind."""
        lists = {one.value: [(entry.key, entry.name) for entry in top] for one, top in entries.items()}
        with kept_for_an_account(), optional_write():
            keep_snapshots(self._store, self._account_id, kind.value, lists, self._today)

    def longest_movement(self, key: str, rank: int) -> Movement | None:
        """Movement in the longest range."""
        return _since(self._longest, key, rank)

    def _latest(self, time_range: TimeRange, *ages: timedelta) -> dict[date, tuple[date, dict[str, int]]]:
        days = [self._today - age for age in ages]
        return latest_snapshots(self._store, self._account_id, self._kind.value, time_range.value, days)


def _lists(
    entries: Mapping[TimeRange, Sequence[Entry]], snapshots: _Snapshots
) -> dict[TimeRange, tuple[Item, ...]]:
    rank_of = {one: ranks(entry.key for entry in top) for one, top in entries.items()}

    def item(time_range: TimeRange, rank: int, entry: Entry) -> Item:
        longer = LONGER.get(time_range)
        chosen = time_range is snapshots.time_range
        return Item(
            rank=rank,
            entry=entry,
            ranks={one: ranks_there.get(entry.key) for one, ranks_there in rank_of.items()},
            movement=movement(rank, rank_of[longer].get(entry.key))
            if longer
            else snapshots.longest_movement(entry.key, rank),
            week=_since(snapshots.week, entry.key, rank) if chosen else None,
            month=_since(snapshots.month, entry.key, rank) if chosen else None,
        )

    return {
        one: tuple(item(one, rank, entry) for rank, entry in enumerate(top, 1))
        for one, top in entries.items()
    }


def _since(snapshot: tuple[date, dict[str, int]] | None, key: str, rank: int) -> Movement | None:
    return movement(rank, snapshot[1].get(key)) if snapshot else None
