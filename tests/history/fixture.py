"""Histories made the way the site makes them, without a site: files are imported, summaries asked for."""

import json
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.history.import_job import work
from app.store.accounts import add_local_account
from app.store.imports import add_import, imports_of
from app.store.receipts import FileRow, files_of
from app.web.time.range_query import RangeQuery
from app.web.time.range_with_plays import RangeWithPlays, range_with_plays
from tests.databases import migrated_store

TODAY = date(2026, 11, 20)


class Histories:
    """A database with a folder for uploads."""

    def __init__(self, folder: Path) -> None:
        self.store = migrated_store(folder / "histories.sqlite3")
        self._folder = folder

    def history_of(self, *uploads: Sequence[Sequence[Any]], imports: int = 1) -> int:
        """A new account that imports zips, each of JSON files with such entries, in so many imports."""
        account_id = add_local_account(self.store)
        for turn in range(imports):
            self.bring(account_id, *uploads[turn::imports])
        return account_id

    def bring(self, account_id: int, *uploads: Sequence[Sequence[Any]]) -> None:
        """Imports zips of JSON files."""
        stored = []
        for number, files in enumerate(uploads):
            with zipfile.ZipFile(self._folder / f"upload{number}", "w") as archive:
                archive.writestr("ReadMeFirst.txt", "Hello")
                for place, entries in enumerate(files):
                    archive.writestr(f"MyData/Streaming_History_Audio_{place}.json", json.dumps(entries))
                archive.writestr("MyData/endsong_empty.json", "[]")
            stored.append((f"upload{number}", "my_spotify_data.zip"))
        if stored:
            add_import(self.store, account_id, stored)
            work(self.store, self._folder)

    def receipts(self, account_id: int) -> list[FileRow]:
        """What became of every file."""
        imports = imports_of(self.store, account_id)
        return [file for import_ in imports for file in files_of(self.store, import_.id)]

    def summary(
        self,
        account_id: int,
        zone: str,
        threshold_s: int = 30,
        days: tuple[date | None, date | None] = (None, None),
        today: date = TODAY,
        kind: str = "music",
    ) -> RangeWithPlays | None:
        """A range of an account's history."""
        query = RangeQuery(ZoneInfo(zone), today, threshold_s * 1000, None, *days)
        return range_with_plays(self.store, account_id, query, kind)


@contextmanager
def histories() -> Iterator[Histories]:
    """Histories of which nothing is left."""
    with tempfile.TemporaryDirectory() as folder:
        made = Histories(Path(folder))
        yield made
        made.store.close()


def said(of: RangeWithPlays) -> dict[str, Any]:
    """All that a summary says, in the words of `/history.json`."""
    rollup, totals = of.rollup, of.totals

    def sums(one: Any) -> dict[str, int]:
        return {"plays": one.plays, "ms_played": one.ms}

    def ranked(one: Any, artist: bool = True) -> dict[str, Any]:
        by = {"artist": one.artist} if artist else {}
        return {"rank": one.rank, "name": one.name, **by, **sums(one)}

    def streak(one: Any) -> dict[str, Any]:
        first, last = (str(day) if day else None for day in (one.first, one.last))
        return {"days": one.days, "from": first, "to": last}

    return {
        "threshold_ms": of.query.threshold_ms,
        "totals": {
            **sums(totals),
            "ms_estimated": totals.ms_estimated,
            "plays_without_time": totals.plays_without_time,
            "artists": totals.artists,
            "tracks": totals.tracks,
            "albums": totals.albums,
            "days": totals.days,
        },
        "top_artists": [ranked(artist, artist=False) for artist in of.artists.top(50)],
        "top_tracks": [ranked(track) for track in of.tracks.top(50)],
        "top_albums": [ranked(album) for album in of.albums.top(50)],
        "clock": of.clock,
        "daily": [{"date": str(day.day), **sums(day)} for day in of.daily],
        "streaks": {"longest": streak(of.longest_streak), "current": streak(of.current_streak)},
        "discovery": [
            {"month": month.month, "artists": month.artists, "tracks": month.tracks} for month in of.discovery
        ],
        "skips": {"rows": rollup.rows, "skipped": rollup.skipped},
        "shuffle": {"rows": rollup.shuffle_rows, "shuffled": rollup.shuffled},
        "offline": {"rows": rollup.offline_rows, "offline": rollup.offline},
        "platforms": [{"name": platform.name, **sums(platform)} for platform in of.platforms],
        "countries": [{"code": country.name, **sums(country)} for country in of.countries],
    }
