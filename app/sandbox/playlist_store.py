"""The playlists that were made here, in the sandbox's state. Only the latest are kept: it is a demo."""

import secrets
import sqlite3
from dataclasses import dataclass

from app.sandbox.seeded_random import spotify_id
from app.sandbox.state import State

_MOST = 500


@dataclass(frozen=True)
class Playlist:
    """A playlist. `listener` is the id of its owner; `track_ids` are in its own order."""

    id: str
    listener: str
    name: str
    description: str
    public: bool
    track_ids: tuple[str, ...] = ()

    @property
    def snapshot_id(self) -> str:
        """Spotify's name for the playlist as it is now."""
        return spotify_id("snapshot", self.id, *self.track_ids)


def add_playlist(state: State, listener: str, name: str, description: str, public: bool) -> Playlist:
    """Make a new, empty playlist; the oldest of too many are forgotten."""
    made = Playlist(spotify_id(secrets.token_hex()), listener, name, description, public)
    with state.transaction() as db:
        db.execute(
            "INSERT INTO playlists VALUES (?,?,?,?,?,'')",
            (made.id, made.listener, made.name, made.description, made.public),
        )
        newest = "SELECT rowid FROM playlists ORDER BY rowid DESC LIMIT ?"
        db.execute(f"DELETE FROM playlists WHERE rowid NOT IN ({newest})", (_MOST,))  # noqa: S608 - no value in it
    return made


def add_tracks(state: State, playlist_id: str, track_ids: list[str]) -> None:
    """Put tracks at the end of a playlist."""
    added = "".join(f"{track_id} " for track_id in track_ids)
    with state.transaction() as db:
        db.execute("UPDATE playlists SET track_ids = track_ids || ? WHERE id = ?", (added, playlist_id))


def playlist(state: State, playlist_id: str) -> Playlist | None:
    """The playlist with that id."""
    with state.transaction() as db:
        row = db.execute("SELECT * FROM playlists WHERE id = ?", (playlist_id,)).fetchone()
    return row and _playlist(row)


def playlists_of(state: State, listener: str) -> list[Playlist]:
    """The listener's playlists, oldest first."""
    with state.transaction() as db:
        rows = db.execute("SELECT * FROM playlists WHERE listener = ? ORDER BY rowid", (listener,)).fetchall()
    return [_playlist(row) for row in rows]


def _playlist(row: sqlite3.Row) -> Playlist:
    return Playlist(
        id=row["id"],
        listener=row["listener"],
        name=row["name"],
        description=row["description"],
        public=bool(row["public"]),
        track_ids=tuple(row["track_ids"].split()),
    )
