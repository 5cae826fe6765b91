"""Small exports, made for a test: rows as Spotify writes them, files, zips."""

import json
import secrets
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from app.store.engine import Store
from app.store.imports import add_import

NOON = int(datetime(2021, 3, 4, 12, tzinfo=UTC).timestamp())
FOLDER = "Spotify Extended Streaming History"
PRIVATE = {
    "ip_addr": "192.0.2.77",
    "ip_addr_decrypted": "192.0.2.78",
    "username": "the-user-name",
    "user_agent_decrypted": "the-user-agent",
}

Row = dict[str, Any]


def play(end: int = NOON, ms: int = 200_000, track: str = "Song", artist: str = "Band", **more: Any) -> Row:
    """A row of extended streaming history."""
    return {
        "ts": datetime.fromtimestamp(end, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "ms_played": ms,
        "master_metadata_track_name": track,
        "master_metadata_album_artist_name": artist,
        "master_metadata_album_album_name": "Record",
        "spotify_track_uri": f"spotify:track:{track}",
        "platform": "ios",
        "conn_country": "DE",
        "shuffle": False,
        **PRIVATE,
        **more,
    }


def account_play(end: int = NOON, ms: int = 200_000, track: str = "Song", artist: str = "Band") -> Row:
    """A row of account data."""
    when = datetime.fromtimestamp(end, UTC).strftime("%Y-%m-%d %H:%M")
    return {"endTime": when, "artistName": artist, "trackName": track, "msPlayed": ms}


def plays(count: int, first: int = 0) -> list[Row]:
    """Different plays, five minutes apart."""
    return [play(NOON + 300 * at, track=f"Song {at % 7}") for at in range(first, first + count)]


def body(rows: Sequence[object]) -> bytes:
    """A JSON file."""
    return json.dumps(rows).encode()


def zipped(files: Mapping[str, bytes | Sequence[object]], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these files; one that is given as rows is written as JSON."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, held in files.items():
            archive.writestr(name, held if isinstance(held, bytes) else body(held))
    return out.getvalue()


def audio(number: int) -> str:
    """What a file of extended streaming history is called inside its zip."""
    return f"{FOLDER}/Streaming_History_Audio_2021_{number}.json"


def export(files: int = 3, rows: int = 20) -> bytes:
    """A zip of extended streaming history: so many files of so many rows, each a play of its own."""
    return zipped({audio(number): plays(rows, number * rows) for number in range(files)})


def encrypted(archive: bytes) -> bytes:
    """The zip with the mark of encryption on every file."""
    marked = bytearray(archive)
    for head, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = marked.find(head)
        while at >= 0:
            marked[at + flags] |= 1
            at = marked.find(head, at + 4)
    return bytes(marked)


def queue(store: Store, account_id: int, folder: Path, *uploads: tuple[str, bytes]) -> int:
    """Queues an import of uploads, each as its name and what it holds; the import's number."""
    folder.mkdir(exist_ok=True)
    stored = []
    for name, held in uploads:
        stored.append((secrets.token_hex(16), name))
        (folder / stored[-1][0]).write_bytes(held)
    return add_import(store, account_id, stored)
