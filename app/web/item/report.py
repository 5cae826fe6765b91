"""One artist, album or track of Spotify's catalogue, with a person's own ranks where they are known."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app import answers, catalogue
from app.audio_features import cache
from app.cached_fetch import Query
from app.music import Album, AlbumInFull, Artist, AudioFeatures, Page, TimeRange, Track
from app.site import Site
from app.spotify.client import ALBUM_TRACKS_PAGE, ALBUMS_PAGE
from app.spotify.errors import SpotifyError
from app.stats.ranking import ranks
from app.visit import Browsing
from app.web.audio_features import features_by_id
from app.web.last_known import Stale, stale_because_of

log = logging.getLogger(__name__)

ALBUMS_STEP, TRACKS_STEP = ALBUMS_PAGE, ALBUM_TRACKS_PAGE
GROUPS = ("album", "single", "compilation")  # Spotify's own names


@dataclass(frozen=True)
class Ranks:
    """An item's rank in each range whose list is kept, `None` where it is not on it.

    `as_of`: when the oldest of the lists was fetched (Unix seconds).
    """

    places: Mapping[TimeRange, int | None]
    as_of: float


@dataclass(frozen=True)
class ArtistReport:
    """An artist with releases by group; where Spotify would not tell a group, why not.

    `only_group`: the one group that was asked for, `None` for all.
    """

    artist: Artist
    groups: Mapping[str, Page[Album] | Stale]
    ranks: Ranks | None
    only_group: str | None = None


@dataclass(frozen=True)
class AlbumReport:
    """An album with a page of its tracks, or why there is none."""

    album: Album
    tracks: Page[Track] | Stale


@dataclass(frozen=True)
class TrackReport:
    """A track, and how it sounds.

    `nobody_knows`: somebody was asked and none knew; where that is false too, nobody could be asked.
    """

    track: Track
    sound: AudioFeatures | None
    nobody_knows: bool
    ranks: Ranks | None


def artist_report(
    site: Site, browsing: Browsing, artist_id: str, group: str | None = None, offset: int = 0
) -> ArtistReport:
    """An artist with ten of each group, or of `group` alone from `offset` on; all asked side by side.

    Raises SpotifyError where the artist does not come, or where the person must do something first.
    """
    names = (group,) if group else GROUPS
    queries = {name: catalogue.artist_albums(artist_id, name, offset) for name in names}
    found = catalogue.fetch_all(site, browsing, {"artist": catalogue.artist(artist_id), **queries})
    top_lists = {time_range: answers.top_artists(time_range) for time_range in TimeRange}
    return ArtistReport(
        artist=_or_raise(found["artist"]),
        groups={name: _or_stale(found[name]) for name in names},
        ranks=_ranks(site, browsing, top_lists, artist_id),
        only_group=group,
    )


def album_report(site: Site, browsing: Browsing, album_id: str, offset: int = 0) -> AlbumReport:
    """An album with fifty tracks from `offset` on. Raises SpotifyError as `artist_report` does."""
    queries = {"album": catalogue.album(album_id)}
    if offset:
        queries["tracks"] = catalogue.album_tracks(album_id, offset)
    found = catalogue.fetch_all(site, browsing, queries)
    whole: AlbumInFull = _or_raise(found["album"])
    if offset:
        return AlbumReport(whole.album, _or_stale(found["tracks"]))
    if whole.tracks is not None:
        return AlbumReport(whole.album, whole.tracks)
    tracks = catalogue.fetch_all(site, browsing, {"tracks": catalogue.album_tracks(album_id, 0)})["tracks"]
    return AlbumReport(whole.album, _or_stale(tracks))


def track_report(site: Site, browsing: Browsing, track_id: str) -> TrackReport:
    """A track with its audio features. Raises SpotifyError where the track does not come.

    The audio features are asked for once the track is known to exist: whoever invents ids shall not make us
    ask others about them, and note for a week that nobody knew.
    """
    track: Track = catalogue.fetch(site, browsing, catalogue.track(track_id))
    sound = features_by_id(site, browsing, [track_id]).get(track_id)
    top_lists = {time_range: answers.top_tracks(time_range) for time_range in TimeRange}
    return TrackReport(
        track=track,
        sound=sound,
        nobody_knows=sound is None and not cache.read(site.store, [track_id]).missing,
        ranks=_ranks(site, browsing, top_lists, track_id),
    )


def _ranks(
    site: Site, browsing: Browsing, top_lists: Mapping[TimeRange, Query], item_id: str
) -> Ranks | None:
    """The person's own ranks, as far as their lists are kept; nothing is asked for this."""
    if browsing.account_id is None:
        return None
    kept = answers.last_known(site.store, browsing.account_id, [*top_lists.values()])
    lists = {time_range: kept[query.key] for time_range, query in top_lists.items() if query.key in kept}
    if not lists:
        return None
    places = {
        time_range: ranks(item.id for item in items.value).get(item_id) for time_range, items in lists.items()
    }
    return Ranks(places, as_of=min(items.fetched_at for items in lists.values()))


def _or_raise(outcome: Any) -> Any:
    if isinstance(outcome, SpotifyError):
        raise outcome
    return outcome


def _or_stale(outcome: Any) -> Any:
    """The outcome, or why it is missing; raises what the person must mend."""
    if isinstance(outcome, answers.PERSONAL):
        raise outcome
    if not isinstance(outcome, SpotifyError):
        return outcome
    log.warning("a part of the page is missing: %s", outcome.in_a_line())
    return stale_because_of(outcome)
