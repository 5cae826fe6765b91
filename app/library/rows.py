"""A saved track as the store keeps it."""

from typing import Any

from app.music import SavedTrack
from app.store.saved_tracks import Credit, Saved, row_of


def row_for(item: SavedTrack, place: int) -> dict[str, Any]:
    """The row of a saved track. `place`: the greater, the newer."""
    track = item.track
    album = track.album if track else None
    saved = Saved(
        id=track.id if track else None,
        name=track.name if track else None,
        artists=tuple(Credit(artist.id, artist.name) for artist in track.artists) if track else (),
        album=album.name if album else None,
        url=track.url if track else None,
        # The smallest: a table shows it.
        image=album.images[-1].url if album and album.images else None,
        added_at=item.added_at,
        duration_ms=track.duration_ms if track else None,
        explicit=bool(track and track.explicit),
        local=bool(track and track.id is None and not item.removed),
        removed=item.removed,
    )
    return row_of(saved, album.release_date if album else None, place)
