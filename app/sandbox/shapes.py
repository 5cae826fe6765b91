"""The Web API's JSON, built from the catalogue.

Two shapes are alive: what new development-mode apps get, and what older apps get. Links that a browser
follows start at `web` (where the listener's browser sees the sandbox); links that a server follows start
at `api`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from app.sandbox.items import Album, Artist, Track
from app.sandbox.listeners import Listener
from app.sandbox.playlist_store import Playlist
from app.sandbox.seeded_random import number

Json = dict[str, Any]
_SIZES = (640, 300, 64)
_MARKETS = ["AR", "CA", "DE", "ES", "FI", "FR", "GB", "IE", "IT", "JP", "SE", "US"]


@dataclass(frozen=True)
class Shapes:
    """Builds answers for one app and listener.

    `genres_given` is false for a listener whose artists come without genres, as they often do today.
    """

    web: str
    api: str
    new_app: bool
    genres_given: bool = True

    def profile(self, who: Listener, scope: str) -> Json:
        """The listener, as `/me` shows them."""
        images = self._images("listener", who.id) if who.pictured else []
        # Spotify keeps two sizes of a portrait.
        shown = {**self._user(who), "account_id": who.account_id, "images": images[1:]}
        return shown if self.new_app else {**shown, **_older_profile(who, scope.split())}

    def artist(self, artist: Artist) -> Json:
        """An artist in full."""
        shown = self._artist_name(artist)
        shown["genres"] = list(artist.genres) if self.genres_given else []
        shown["images"] = self._portraits(artist)
        if not self.new_app:
            shown["followers"] = {"href": None, "total": number("followers", artist.id) % 2_000_000}
            shown["popularity"] = 10 + number("popularity", artist.id) % 80
        return shown

    def track(self, track: Track) -> Json:
        """A track in full; a local file has no ids, links or pictures."""
        older = {} if self.new_app else {"popularity": number("popularity", track.id) % 90 if track.id else 0}
        ids = {"isrc": track.isrc} if track.isrc else {}
        return {"album": self.album(track.album), **self.listed_track(track), "external_ids": ids, **older}

    def listed_track(self, track: Track) -> Json:
        """A track as an album lists it."""
        shown: Json = {
            "artists": [self._artist_name(artist) for artist in track.artists],
            "disc_number": 1 if track.id else 0,
            "duration_ms": track.duration_ms,
            "explicit": track.explicit,
            "is_local": track.id is None,
            "track_number": track.number,
            **self._item("track", track.id, track.name),
        }
        if not track.id:
            shown["uri"] = track.key
        older = {"available_markets": _MARKETS if track.id else [], "preview_url": None}
        return shown if self.new_app else {**shown, **older}

    def playlist(self, playlist: Playlist, owner: Listener) -> Json:
        """A playlist that was just made, still empty."""
        empty = {
            "href": f"{self.api}/playlists/{playlist.id}/items?offset=0&limit=100",
            "items": [],
            "limit": 100,
            "next": None,
            "offset": 0,
            "previous": None,
            "total": 0,
        }
        shown: Json = {
            **self._item("playlist", playlist.id, playlist.name),
            "collaborative": False,
            "description": playlist.description,
            "images": [],
            "items": empty,
            "owner": self._user(owner),
            "public": playlist.public,
            "snapshot_id": playlist.snapshot_id,
        }
        older: Json = {"tracks": empty, "followers": {"href": None, "total": 0}}
        return shown if self.new_app else {**shown, **older}

    def saved(self, track: Track | None, added_at: int) -> Json:
        """An item of a library; Spotify keeps the place of a removed track, with null in it."""
        moment = datetime.fromtimestamp(added_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"added_at": moment, "track": self.track(track) if track else None}

    def full_album(self, album: Album, tracks: Json) -> Json:
        """An album in full, with the first page of its tracks."""
        label = f"{album.artist.name or 'Nobody'} Records"
        rights = f"{album.released[:4]} {label}"
        shown = {
            **self.album(album),
            "copyrights": [{"text": f"© {rights}", "type": "C"}, {"text": f"℗ {rights}", "type": "P"}],
            "external_ids": {"upc": f"{number('upc', album.id) % 10**12:012d}"},
            "tracks": tracks,
        }
        older = {"genres": [], "label": label, "popularity": number("popularity", album.id) % 90}
        return shown if self.new_app else {**shown, **older}

    def release(self, album: Album, group: str) -> Json:
        """An album as its artist's page lists it, in that group."""
        shown = self.album(album)
        return shown if self.new_app else {**shown, "album_group": group}

    def album(self, album: Album) -> Json:
        """An album as a track or a list names it."""
        known = bool(album.id)
        shown: Json = {
            **self._item("album", album.id, album.name),
            "album_type": album.kind if known else None,
            "artists": [self._artist_name(album.artist)] if known else [],
            "images": self._images("album", album.id) if known else [],
            "release_date": album.released or None,
            "release_date_precision": _precision(album.released),
            "total_tracks": album.total_tracks,
        }
        return shown if self.new_app else {**shown, "available_markets": _MARKETS if known else []}

    def _artist_name(self, artist: Artist) -> Json:
        return self._item("artist", artist.id, artist.name)

    def _item(self, kind: str, item_id: str | None, name: str | None) -> Json:
        """What all items have; one without an id has no links."""
        return {
            "external_urls": self.external(kind, item_id),
            "href": f"{self.api}/{kind}s/{item_id}" if item_id else None,
            "id": item_id or None,
            "name": name,
            "type": kind,
            "uri": f"spotify:{kind}:{item_id}" if item_id else None,
        }

    def _user(self, who: Listener) -> Json:
        return {
            "display_name": who.name,
            "external_urls": self.external("listener", who.id),
            "href": f"{self.api}/users/{quote(who.id)}",
            "id": who.id,
            "type": "user",
            "uri": f"spotify:user:{quote(who.id)}",
        }

    def _portraits(self, artist: Artist) -> list[Json]:
        if artist.portrait == "none":
            return []
        images = self._images("artist", artist.id)
        if artist.portrait == "sizeless":
            return [{**image, "height": None, "width": None} for image in images]
        return images

    def _images(self, kind: str, item_id: str) -> list[Json]:
        url = f"{self.web}/pictures/{kind}/{quote(item_id)}.svg"
        return [{"url": f"{url}?size={size}", "height": size, "width": size} for size in _SIZES]

    def external(self, kind: str, item_id: str | None) -> Json:
        """Where a browser finds it."""
        return {"spotify": f"{self.web}/open/{kind}/{quote(item_id)}"} if item_id else {}


def features(track: Track, api: str, sound: dict[str, float | int]) -> Json:
    """Spotify's audio features object."""
    return {
        **sound,
        "type": "audio_features",
        "id": track.id,
        "uri": f"spotify:track:{track.id}",
        "track_href": f"{api}/tracks/{track.id}",
        "analysis_url": f"{api}/audio-analysis/{track.id}",
        "duration_ms": track.duration_ms,
    }


def _precision(released: str) -> str | None:
    return {0: None, 4: "year", 7: "month"}.get(len(released), "day")


def _older_profile(who: Listener, scopes: list[str]) -> Json:
    shown: Json = {"followers": {"href": None, "total": number("followers", who.id) % 400}}
    if "user-read-private" in scopes:
        shown["country"] = "SE"
        shown["product"] = "premium" if who.premium else "free"
        shown["explicit_content"] = {"filter_enabled": False, "filter_locked": False}
    if "user-read-email" in scopes:
        shown["email"] = "listener@example.org"
    return shown
