"""Playlists that were saved from here: which one a top list became on a day."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.store.engine import Store, upsert
from app.store.tables import playlist


@dataclass(frozen=True)
class SavedPlaylist:
    """A playlist at Spotify. `filled`: whether its tracks arrived there."""

    id: str
    name: str
    url: str | None
    filled: bool


def saved_playlist(store: Store, account_id: int, time_range: str, day: date) -> SavedPlaylist | None:
    """The playlist that this range's top tracks became on that day."""
    with store.reading() as connection:
        row = connection.execute(
            select(playlist).where(
                playlist.c.account_id == account_id,
                playlist.c.time_range == time_range,
                playlist.c.day == day.isoformat(),
            )
        ).one_or_none()
    return SavedPlaylist(row.playlist_id, row.name, row.url, row.filled) if row else None


def keep_playlist(store: Store, account_id: int, time_range: str, day: date, saved: SavedPlaylist) -> None:
    """Notes the playlist, in place of an earlier note of the same day."""
    row = {
        "account_id": account_id,
        "time_range": time_range,
        "day": day.isoformat(),
        "playlist_id": saved.id,
        "name": saved.name,
        "url": saved.url,
        "filled": saved.filled,
    }
    with store.writing() as connection:
        upsert(connection, playlist, [row])
