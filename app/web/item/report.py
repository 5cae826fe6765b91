"""What is known of one artist, album or track: by Spotify, and of the person's own plays, ranks, library."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from app import answers, catalogue
from app.history.items import name_key
from app.music import Album, AlbumInFull, Artist, ArtistName, AudioFeatures, Image, Page, TimeRange, Track
from app.site import Site
from app.spotify.client import ALBUM_TRACKS_PAGE, ALBUMS_PAGE
from app.spotify.errors import SpotifyError
from app.stats.ranking import ranks
from app.visit import Browsing, Visit
from app.web.audio_features import features_by_id
from app.web.last_known import Stale, stale_because_of
from app.web.library.report import is_saved
from app.web.time.item.report import ALBUM, ARTIST, TRACK, ItemReport, item_report
from app.web.time.range_with_plays import RangeWithPlays

log = logging.getLogger(__name__)

ALBUMS_STEP, TRACKS_STEP = ALBUMS_PAGE, ALBUM_TRACKS_PAGE
GROUPS = ("album", "single", "compilation")  # Spotify's own names
TRACK_URI = "spotify:track:"


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

    item: Artist
    groups: Mapping[str, Page[Album] | Stale]
    only_group: str | None = None

    @property
    def missing(self) -> Stale | None:
        """Why a group is missing; `None` where all are there."""
        return next((page for page in self.groups.values() if isinstance(page, Stale)), None)

    def plays_of(self, plays: ItemReport) -> dict[str, int]:
        """The own plays of each release, by id."""
        pages = [page for page in self.groups.values() if isinstance(page, Page)]
        own = {name_key(album.name): album.plays for album in reversed(plays.albums)}
        albums = (album for page in pages for album in page.items)
        return {album.id: own[key] for album in albums if album.id and (key := name_key(album.name)) in own}


@dataclass(frozen=True)
class AlbumReport:
    """An album with a page of its tracks, or why there is none."""

    item: Album
    tracks: Page[Track] | Stale

    def plays_of(self, plays: ItemReport) -> dict[str, int]:
        """The own plays of each track, by id."""
        tracks = self.tracks.items if isinstance(self.tracks, Page) else ()
        own = {name_key(track.name): track.plays for track in reversed(plays.tracks)}
        return {track.id: own[key] for track in tracks if track.id and (key := name_key(track.name)) in own}


@dataclass(frozen=True)
class TrackReport:
    """A track, and how it sounds, where anybody knows."""

    item: Track
    sound: AudioFeatures | None

    def plays_of(self, _plays: ItemReport) -> dict[str, int]:
        """Nothing: a track has no parts."""
        return {}


Found = ArtistReport | AlbumReport | TrackReport


@dataclass(frozen=True)
class ItemPage:
    """An artist, album or track: what is not known is `None`, or empty.

    `found`: what Spotify's catalogue says. `plays`: the person's own, in the range that they ask about;
    `part_plays`: those of each release of an artist or track of an album, by id. `saved`: whether it is in
    the person's library.
    """

    kind: str
    id: str | None
    name: str | None
    artists: Sequence[ArtistName] = ()
    images: Sequence[Image] = ()
    url: str | None = None
    found: Found | None = None
    plays: ItemReport | None = None
    part_plays: Mapping[str, int] = field(default_factory=dict)
    ranks: Ranks | None = None
    saved: bool | None = None


def look_up(
    site: Site, browsing: Browsing, kind: str, item_id: str, group: str | None = None, offset: int = 0
) -> Found:
    """What Spotify's catalogue says.

    Raises SpotifyError where the item does not come, or where the person must do something first.
    """
    if kind == ARTIST:
        return artist_report(site, browsing, item_id, group, offset if group else 0)
    if kind == ALBUM:
        return album_report(site, browsing, item_id, offset)
    return track_report(site, browsing, item_id)


def own_plays(history: RangeWithPlays, kind: str, item_id: str, found: Found | None) -> ItemReport | None:
    """The own plays of what has an id: a track by its address too, which may be another edition's."""
    uri = f"{TRACK_URI}{item_id}" if kind == TRACK else None
    if found is None:
        return item_report(history, kind, "", (), uri) if uri else None
    item = found.item
    # Exports name the album's artist.
    by = [*(item.album.artists if isinstance(item, Track) and item.album else ()), *_artists(item)]
    names = [artist.name for artist in by if artist.name]
    return item_report(history, kind, item.name or "", names, uri) if item.name or uri else None


def page_by_id(
    site: Site, visit: Visit | None, kind: str, item_id: str, found: Found | None, plays: ItemReport | None
) -> ItemPage:
    """The page of what Spotify's catalogue has, or where it says nothing, the own plays of it.

    `visit`: of who is logged in.
    """
    ranked = own_ranks(site, visit, kind, item_id) if visit else None
    saved = is_saved(site, visit, kind, item_id) if visit else None
    if found is None:
        name = plays.name if plays else None
        artists = (ArtistName(None, plays.artist),) if plays and plays.artist else ()
        url = f"https://open.spotify.com/{kind}/{item_id}"
        return ItemPage(kind, item_id, name, artists, url=url, plays=plays, ranks=ranked, saved=saved)
    item = found.item
    pictured = item.album if isinstance(item, Track) else item
    return ItemPage(
        kind=kind,
        id=item_id,
        name=item.name,
        artists=_artists(item),
        images=pictured.images if pictured else (),
        url=item.url,
        found=found,
        plays=plays,
        part_plays=found.plays_of(plays) if plays else {},
        ranks=ranked,
        saved=saved,
    )


def page_by_name(kind: str, name: str, artist: str | None, plays: ItemReport | None) -> ItemPage:
    """The page of what has no id, as far as it is known."""
    by = plays.artist if plays else artist
    artists = (ArtistName(None, by),) if by and kind != ARTIST else ()
    return ItemPage(kind, None, plays.name if plays else name, artists, plays=plays)


def artist_report(
    site: Site, browsing: Browsing, artist_id: str, group: str | None = None, offset: int = 0
) -> ArtistReport:
    """An artist with ten of each group, or of `group` alone from `offset` on; all asked side by side."""
    names = (group,) if group else GROUPS
    queries = {name: catalogue.artist_albums(artist_id, name, offset) for name in names}
    found = catalogue.fetch_all(site, browsing, {"artist": catalogue.artist(artist_id), **queries})
    return ArtistReport(
        item=_or_raise(found["artist"]),
        groups={name: _or_stale(found[name]) for name in names},
        only_group=group,
    )


def album_report(site: Site, browsing: Browsing, album_id: str, offset: int = 0) -> AlbumReport:
    """An album with fifty tracks from `offset` on."""
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
    """A track with its audio features.

    They are asked for once the track is known to exist: whoever invents ids shall not make us ask others
    about them, and note for a week that nobody knew.
    """
    track: Track = catalogue.fetch(site, browsing, catalogue.track(track_id))
    return TrackReport(track, features_by_id(site, browsing, [track_id]).get(track_id))


def own_ranks(site: Site, visit: Visit, kind: str, item_id: str) -> Ranks | None:
    """The person's own ranks, in the lists that Spotify last told, however old; it is asked for those that
    it never did.

    `None` where it is on none of them.
    """
    if visit.account_id is None or kind == ALBUM:
        return None
    top_items = answers.top_artists if kind == ARTIST else answers.top_tracks
    queries = {time_range: top_items(time_range) for time_range in TimeRange}
    kept = answers.last_known(site.store, visit.account_id, [*queries.values()])
    if missing := [query for query in queries.values() if query.key not in kept]:
        with suppress(SpotifyError):
            answers.fetch(site, visit, missing)
        kept |= answers.last_known(site.store, visit.account_id, missing)
    lists = {time_range: kept[query.key] for time_range, query in queries.items() if query.key in kept}
    places = {
        time_range: ranks(item.id for item in items.value).get(item_id) for time_range, items in lists.items()
    }
    if not any(places.values()):
        return None
    return Ranks(places, as_of=min(items.fetched_at for items in lists.values()))


def _artists(item: Artist | Album | Track) -> Sequence[ArtistName]:
    return () if isinstance(item, Artist) else item.artists


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
