"""The client: one short method for each endpoint of Spotify's Web API that we use, grouped by what it is for.

Every method raises SpotifyError.
"""

import time
from collections.abc import Sequence
from urllib.parse import quote

from app.music import (
    Album,
    AlbumInFull,
    Artist,
    AudioFeatures,
    Device,
    Page,
    Playback,
    Playlist,
    Profile,
    RecentPlay,
    SavedTrack,
    SearchResults,
    TimeRange,
    Track,
)
from app.spotify import parse
from app.spotify.calls import Calls, Params

TOP_ITEMS = 50
FEATURES_BATCH = 100
SAVED_PAGE = 50
SAVE_BATCH = 40
RECENT_PAGE = 50  # nothing older is remembered
FINDS_PAGE = 10  # Spotify refuses more
FINDS_LAST_OFFSET = 1000
ALBUMS_PAGE = 10
ALBUM_TRACKS_PAGE = 50


class SpotifyClient(Calls):
    """What is ranked for one person, and their playlists."""

    def profile(self) -> Profile:
        """The person."""
        return parse.profile(self._get("/me"))

    def top_artists(self, time_range: TimeRange) -> tuple[Artist, ...]:
        """The person's top artists, best first, at most 50."""
        return parse.artists(self._get("/me/top/artists", _top(time_range)))[:TOP_ITEMS]

    def top_tracks(self, time_range: TimeRange) -> tuple[Track, ...]:
        """The person's top tracks, best first, at most 50."""
        return parse.tracks(self._get("/me/top/tracks", _top(time_range)))[:TOP_ITEMS]

    def audio_features(self, track_ids: Sequence[str]) -> dict[str, AudioFeatures]:
        """Audio features by track id, of at most 100 tracks; unknown ones are absent."""
        return parse.audio_features(self._get("/audio-features", {"ids": ",".join(track_ids)}))

    def create_playlist(self, name: str, description: str) -> Playlist:
        """A new private playlist of the person's, still empty."""
        body = {"name": name, "description": description, "public": False}
        return parse.playlist(self._write("POST", "/me/playlists", body=body))

    def add_to_playlist(self, playlist_id: str, track_ids: Sequence[str]) -> None:
        """Puts tracks, at most 100, at the end of a playlist."""
        body = {"uris": [_track_uri(track_id) for track_id in track_ids]}
        self._write("POST", f"/playlists/{_part(playlist_id)}/items", body=body)


class LibraryClient(Calls):
    """What one person has saved."""

    def saved_tracks(self, offset: int) -> Page[SavedTrack]:
        """Fifty saved tracks from `offset` on, newest first."""
        return parse.saved_tracks(self._get("/me/tracks", {"limit": SAVED_PAGE, "offset": offset}), offset)

    def save(self, kind: str, item_ids: Sequence[str]) -> None:
        """Saves tracks or albums ("track", "album"), at most 40."""
        uris = (f"spotify:{kind}:{item_id}" for item_id in item_ids)
        self._write("PUT", "/me/library", {"uris": ",".join(uris)})


class CatalogueClient(Calls):
    """What Spotify has to play. An app's own token suffices. An id that Spotify does not know is NotFound."""

    def search(self, words: str, kinds: Sequence[str], offset: int = 0) -> SearchResults:
        """Ten of each of `kinds` ("artist", "album", "track") from `offset` on, best first."""
        params: Params = {"q": words, "type": ",".join(kinds), "limit": FINDS_PAGE, "offset": offset}
        return parse.finds(self._get("/search", params), offset)

    def artist(self, artist_id: str) -> Artist:
        """An artist."""
        return parse.artist_alone(self._get(f"/artists/{_part(artist_id)}"))

    def artist_albums(self, artist_id: str, group: str, offset: int = 0) -> Page[Album]:
        """Ten of an artist's releases of one `group` ("album", "single", "compilation")."""
        params: Params = {"include_groups": group, "limit": ALBUMS_PAGE, "offset": offset}
        return parse.albums(self._get(f"/artists/{_part(artist_id)}/albums", params), offset)

    def album(self, album_id: str) -> AlbumInFull:
        """An album, mostly with its first fifty tracks."""
        return parse.album_in_full(self._get(f"/albums/{_part(album_id)}"))

    def album_tracks(self, album_id: str, offset: int = 0) -> Page[Track]:
        """Fifty of an album's tracks from `offset` on."""
        params: Params = {"limit": ALBUM_TRACKS_PAGE, "offset": offset}
        return parse.album_tracks(self._get(f"/albums/{_part(album_id)}/tracks", params), offset)

    def track(self, track_id: str) -> Track:
        """A track."""
        return parse.track_alone(self._get(f"/tracks/{_part(track_id)}"))


class PlayerClient(Calls):
    """What one person's devices play. `device_id`: where, instead of on the active one."""

    def recently_played(self, after: int | None) -> tuple[tuple[RecentPlay, ...], bool]:
        """The latest plays that ended after a moment (Unix milliseconds), in Spotify's order, and whether
        there are as many as it remembers. Without podcasts, which Spotify leaves out.
        """
        params: Params = {"limit": RECENT_PAGE} | ({} if after is None else {"after": after})
        plays, items = parse.recently_played(self._get("/me/player/recently-played", params), time.time())
        return plays, items >= RECENT_PAGE

    def playback(self) -> Playback | None:
        """What is playing or paused; `None` for nothing."""
        return parse.playback(self._get("/me/player", {"additional_types": "track,episode"}))

    def devices(self) -> tuple[Device, ...]:
        """What could play."""
        return parse.devices(self._get("/me/player/devices"))

    def play_tracks(self, track_ids: Sequence[str], device_id: str | None = None) -> None:
        """Plays these tracks, one after the other."""
        self._play({"uris": [_track_uri(track_id) for track_id in track_ids]}, device_id)

    def play_context(self, uri: str, device_id: str | None = None) -> None:
        """Plays an album, an artist or a playlist from its beginning."""
        self._play({"context_uri": uri}, device_id)

    def resume(self, device_id: str | None = None) -> None:
        """Goes on with what was paused."""
        self._play(None, device_id)

    def pause(self) -> None:
        """Pauses."""
        self._write("PUT", "/me/player/pause")

    def next(self) -> None:
        """Skips to the next item."""
        self._write("POST", "/me/player/next")

    def previous(self) -> None:
        """Goes back to the item before."""
        self._write("POST", "/me/player/previous")

    def seek(self, position_ms: int) -> None:
        """Goes to a place in the item that is playing."""
        self._write("PUT", "/me/player/seek", {"position_ms": position_ms})

    def set_volume(self, percent: int) -> None:
        """Sets the volume of the active device, 0-100."""
        self._write("PUT", "/me/player/volume", {"volume_percent": percent})

    def transfer(self, device_id: str, play: bool) -> None:
        """Moves what is playing to another device; `play` starts it there."""
        self._write("PUT", "/me/player", body={"device_ids": [device_id], "play": play})

    def _play(self, body: object | None, device_id: str | None) -> None:
        self._write("PUT", "/me/player/play", {"device_id": device_id} if device_id else None, body)


def _track_uri(track_id: str) -> str:
    return f"spotify:track:{track_id}"


def _part(item_id: str) -> str:
    return quote(item_id, safe="")


def _top(time_range: TimeRange) -> Params:
    return {"time_range": time_range.value, "limit": TOP_ITEMS}
