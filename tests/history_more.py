"""Small exports made by hand, and browsers that own them."""

import io
import json
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from app.history.import_job import work
from app.sessions import LOCAL_ACCOUNT
from app.site import Site
from app.store.accounts import add_local_account
from app.store.engine import Store
from app.store.imports import add_import
from app.store.sync import LivePlay
from tests.conftest import Browser

Row = dict[str, Any]


def play(
    start: str,
    track: str = "Tide",
    artist: str | None = "Mira Rose",
    *,
    seconds: float = 180,
    album: str | None = "Shore",
    uri: str | None = None,
    **more: Any,
) -> Row:
    """A row of extended history. `start`: UTC, "2024-03-01 10:00"."""
    end = datetime.fromisoformat(start).replace(tzinfo=UTC) + timedelta(seconds=seconds)
    return {
        "ts": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "ms_played": int(seconds * 1000),
        "platform": "ios",
        "conn_country": "SE",
        "ip_addr": "203.0.113.7",
        "master_metadata_track_name": track,
        "master_metadata_album_artist_name": artist,
        "master_metadata_album_album_name": album,
        "spotify_track_uri": uri,
        "reason_start": "trackdone",
        "reason_end": "trackdone",
        "shuffle": False,
        "skipped": False,
        "offline": False,
        "incognito_mode": False,
    } | more


def episode(start: str, name: str = "One", show: str = "Talks", seconds: float = 1200) -> Row:
    """A play of a podcast."""
    nothing = dict.fromkeys(
        (
            "master_metadata_track_name",
            "master_metadata_album_artist_name",
            "master_metadata_album_album_name",
        )
    )
    return play(start, seconds=seconds) | nothing | {"episode_name": name, "episode_show_name": show}


def chapter(start: str, name: str = "Chapter 1", book: str = "The Sea", seconds: float = 600) -> Row:
    """A play of an audiobook."""
    row = episode(start, seconds=seconds) | {"episode_name": None, "episode_show_name": None}
    return row | {"audiobook_title": book, "audiobook_chapter_title": name, "audiobook_uri": "spotify:show:x"}


def account_row(end: str, track: str = "Tide", artist: str = "Mira Rose", ms: int = 200_000) -> Row:
    """A row of account data. `end`: UTC, "2024-03-01 10:00"."""
    return {"endTime": end, "artistName": artist, "trackName": track, "msPlayed": ms}


def live_play(
    played_at: str,
    title: str | None = "Tide",
    *,
    uri: str | None = None,
    artist: str | None = "Mira Rose",
    album: str | None = "Shore",
    duration_ms: int | None = 180_000,
) -> LivePlay:
    """A play that arrived live. `played_at`: UTC, "2024-03-01 10:00"."""
    moment = round(datetime.fromisoformat(played_at).replace(tzinfo=UTC).timestamp() * 1000)
    return LivePlay(moment, uri or f"{artist}\x1f{title}", uri, artist, title, album, duration_ms)


def zipped(*files: Sequence[Row]) -> bytes:
    """An export with these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, rows in enumerate(files):
            archive.writestr(f"Data/Streaming_History_Audio_{number}.json", json.dumps(list(rows)))
    return out.getvalue()


def bring_in(store: Store, folder: Path, account_id: int, body: bytes) -> None:
    """Imports an export, in this process."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "upload").write_bytes(body)
    add_import(store, account_id, [("upload", "my_spotify_data.zip")])
    work(store, folder)


def site_of(app: Flask) -> Site:
    site: Site = app.extensions["site"]
    return site


def keep_private(app: Flask, *files: Sequence[Row]) -> tuple[Browser, int]:
    """A browser with a private account, and that account; with an import of these files, if any."""
    site = site_of(app)
    account_id = add_local_account(site.store)
    if files:
        bring_in(site.store, site.uploads.folder, account_id, zipped(*files))
    browser = Browser(app)
    raw_id = site.sessions.begin({LOCAL_ACCOUNT: account_id})
    browser.client.set_cookie("liner_notes", raw_id, domain="127.0.0.1")
    return browser, account_id
