"""Histories for tests: rows as Spotify's extended streaming history has them, imported as a site would."""

import json
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.history.import_job import work
from app.store.engine import Store
from app.store.imports import add_import

NAME = "Streaming_History_Audio_2021_0.json"
Entry = dict[str, Any]


def played(
    at: str, title: str | None, artist: str | None, ms: int = 200_000, album: str | None = None, **more: Any
) -> Entry:
    """A play that began at `at` ("2021-03-01 20:15", UTC) and lasted `ms`."""
    began = datetime.fromisoformat(at).replace(tzinfo=UTC)
    ended = began + timedelta(milliseconds=ms)
    return {
        "ts": ended.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "ms_played": ms,
        "master_metadata_track_name": title,
        "master_metadata_album_artist_name": artist,
        "master_metadata_album_album_name": album,
        "spotify_track_uri": "spotify:track:0000000000000000000000",
        **more,
    }


def export_of(rows: Sequence[Entry]) -> bytes:
    """The rows as a file of an export."""
    return json.dumps(rows).encode()


def history_of(store: Store, account_id: int, rows: Sequence[Entry]) -> int:
    """Imports the rows into the account's history, in this process; the import's number."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "upload").write_bytes(export_of(rows))
        number = add_import(store, account_id, [("upload", NAME)])
        work(store, Path(folder))
    return number
