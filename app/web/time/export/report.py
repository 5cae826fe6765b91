"""A history as it leaves the site: every play as rows of a table, and all of it as a zip that imports again.

Both go through the plays piece by piece, so that their memory does not grow with the history.
"""

import zipfile
from collections import Counter
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import msgspec
import numpy as np

from app.history.batch import (
    NO,
    UNKNOWN,
    YES,
    Batch,
    Item,
    PlayKind,
    Source,
    is_account,
    is_extended,
    is_foreign,
)
from app.history.corrections import distinct
from app.history.formats import own_corrections
from app.history.formats.own_csv import HEADER as HEADER
from app.history.formats.own_json import written
from app.history.live import live_batch
from app.history.names import UNKNOWN_ARTIST, UNKNOWN_TRACK
from app.history.platforms import FAMILIES
from app.history.section import EVERY_COLUMN, Names, Rows
from app.history.stored import History, stored_history
from app.site import Site
from app.store.corrections import corrections_of
from app.store.engine import Store
from app.store.receipts import batch_of, files_that_count
from app.store.sync import cursor_of, live_plays
from app.web.time.range_with_plays import KINDS

AT_A_TIME = 10_000
IN_MEMORY = 2**22  # bytes
EXTENDED = "Spotify Extended Streaming History/Streaming_History_Audio_{:04}.json"
ACCOUNT = "Spotify Account Data/StreamingHistory_music_{:04}.json"
LIVE = "Liner Notes/Live_Plays_{:04}.json"
PLAYS = "Liner Notes/Plays_{:04}.json"
CORRECTIONS = "Liner Notes/Corrections.json"
READ_ME = """Everything that Liner Notes kept of your listening. What Spotify's exports told is in their
shape; plays that arrived live, and those from anywhere else, are in files of Liner Notes' own.

Import this zip at any Liner Notes, on the page "Import", and you see the same history there.
"""
_WORDS = {UNKNOWN: None, 0: "no", YES: "yes"}
_ESTIMATED = {UNKNOWN: None, NO: "yes", YES: "no"}  # where the length was measured
_SERVICES = {int(source): source.service for source in Source}
_FLAGS = {UNKNOWN: b"null", 0: b"false", YES: b"true"}
_ACCOUNT_NAMES = {
    PlayKind.MUSIC: ("artistName", "trackName"),
    PlayKind.PODCAST: ("podcastName", "episodeName"),
    PlayKind.AUDIOBOOK: ("audiobookName", "chapterName"),
}
_SINGULAR = {"music": "music", "podcasts": "podcast", "audiobooks": "audiobook"}


def has_anything(store: Store, account_id: int) -> bool:
    """Whether there is anything to export."""
    return bool(files_that_count(store, account_id)) or cursor_of(store, account_id) is not None


class PlaysTable:
    """Every play of an account as it is now, as rows under HEADER, whatever is imported meanwhile.

    The plays are copied into a file at once, so that the database is free again before the first row is sent.
    """

    def __init__(self, site: Site, account_id: int) -> None:
        # Closed with the table. Some hundred thousand plays need no file, and so no room on the disk.
        self._file = SpooledTemporaryFile(IN_MEMORY, dir=str(site.uploads.ready()))  # noqa: SIM115
        try:
            with site.store.snapshot() as frozen:
                self._blocks = list(self._copied(frozen, account_id))
        except BaseException:
            self._file.close()
            raise

    def rows(self) -> Iterator[Iterator[tuple[object, ...]]]:
        """The rows, oldest first of each kind, some thousands at a time."""
        self._file.seek(0)
        cells: dict[str, Cells] = {}
        for history, size in self._blocks:
            if history.kind not in cells:
                cells[history.kind] = Cells(history.kind, history.names)
            for some in Rows.unpacked([self._file.read(size)], EVERY_COLUMN).cut(AT_A_TIME):
                yield cells[history.kind].rows(some)

    def close(self) -> None:
        """Lets go of the file."""
        self._file.close()

    def _copied(self, frozen: Store, account_id: int) -> Iterator[tuple[History, int]]:
        found = stored_history(frozen, account_id)
        for kind in KINDS:
            history = found.history(kind, 0) if found else None
            if history is None:
                continue
            history.names  # noqa: B018 - drawn while they can be
            for block in history.blocks(names=EVERY_COLUMN):
                yield history, self._file.write(block.packed())


class Cells:
    """The words that a history's numbers stand for; -1, which is unknown, is the last place of each list.

    `kind`: as a history calls it ("podcasts").
    """

    def __init__(self, kind: str, names: Names) -> None:
        self._kind = _SINGULAR[kind]
        self._names = names
        self._artists: list[str | None] = [*names.artists, None]
        self._albums: list[str | None] = [*names.albums, None]
        self._countries: list[str | None] = [*names.countries, None]
        self._families: list[str | None] = [*FAMILIES, None]

    def rows(self, some: Rows) -> Iterator[tuple[object, ...]]:
        """Plays, with every column, as rows under HEADER."""
        track, measured = some["track"], some["measured"].tolist()
        return zip(
            [self._kind] * len(some),
            _iso(some["start"]),
            [self._artists[at] for at in self._names.track_artist[track].tolist()],
            [self._names.tracks[at] for at in track.tolist()],
            [self._albums[at] for at in some["album"].tolist()],
            [None if flag == UNKNOWN else ms for ms, flag in zip(some["ms"].tolist(), measured, strict=True)],
            _tri(some, "skip"),
            _tri(some, "shuffle"),
            _tri(some, "offline"),
            [self._families[at] for at in some["platform"].tolist()],
            [self._countries[at] for at in some["country"].tolist()],
            [_ESTIMATED[flag] for flag in measured],
            [_SERVICES[source] for source in some["source"].tolist()],
            strict=True,
        )


def write_everything(store: Store, account_id: int, out: IO[bytes]) -> int:
    """Writes the zip; how many rows it holds. One file's rows are in memory at a time."""
    rows = 0
    with (
        store.snapshot() as frozen,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        archive.writestr("Read_Me_First.txt", READ_ME)
        places = Counter[str]()
        for batch in _batches(frozen, account_id):
            source, own = batch.columns["source"], _is_of_own_kind(batch)
            for pattern, which, write in (
                (EXTENDED, is_extended(batch.columns) & ~own, _extended),
                (ACCOUNT, is_account(batch.columns), _account),
                (LIVE, source == Source.LIVE, _live),
                (PLAYS, own, written),
            ):
                at = np.flatnonzero(which)
                for begin in range(0, len(at), 2 * AT_A_TIME):
                    some = _some(batch, at[begin : begin + 2 * AT_A_TIME])
                    archive.writestr(pattern.format(places[pattern]), write(some))
                    places[pattern] += 1
                    rows += len(some)
        if rules := distinct(corrections_of(frozen, account_id)):
            archive.writestr(CORRECTIONS, own_corrections.written(rules))
    return rows


def _batches(store: Store, account_id: int) -> Iterator[Batch]:
    for number in files_that_count(store, account_id):
        yield Batch.unpacked(batch_of(store, number) or b"")
    yield live_batch(live_plays(store, account_id))


def _is_of_own_kind(batch: Batch) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which rows no file of Spotify's can tell: those of other services, and those that have a start."""
    began = batch.columns.get("start", np.zeros(len(batch), np.int64)) > 0
    return is_foreign(batch.columns) | (is_extended(batch.columns) & began)


def _some(batch: Batch, at: np.ndarray[Any, Any]) -> Batch:
    return Batch({name: column[at] for name, column in batch.columns.items()}, batch.items, batch.words)


def _extended(batch: Batch) -> bytes:
    """Rows as extended streaming history."""
    columns = batch.columns
    # What repeats is encoded once.
    items = {at: _item(batch.items[at]) for at in np.unique(columns["item"]).tolist()}
    words = [msgspec.json.encode(word) for word in batch.words] + [b"null"]
    lines = [
        b'{"ts":"%bZ","ms_played":%d,"platform":%b,"conn_country":%b,"reason_start":%b,"reason_end":%b,'
        b'"shuffle":%b,"skipped":%b,"offline":%b,"offline_timestamp":%b,"incognito_mode":%b,%b}'
        % (
            end.encode(),
            ms,
            words[platform],
            words[country],
            words[begin],
            words[reason],
            _FLAGS[shuffle],
            _FLAGS[skipped],
            _FLAGS[offline],
            b"%d" % offline_at if offline_at > 0 else b"null",
            _FLAGS[incognito],
            items[item],
        )
        for (
            end,
            ms,
            platform,
            country,
            begin,
            reason,
            shuffle,
            skipped,
            offline,
            offline_at,
            incognito,
            item,
        ) in zip(
            np.datetime_as_string(columns["end"].astype("datetime64[s]")).tolist(),
            *(
                columns[name].tolist()
                for name in (
                    "ms",
                    "platform",
                    "country",
                    "reason_start",
                    "reason_end",
                    "shuffle",
                    "skipped",
                    "offline",
                    "offline_at",
                    "incognito",
                    "item",
                )
            ),
            strict=True,
        )
    ]
    return b"[" + b",\n".join(lines) + b"]"


def _item(item: Item) -> bytes:
    """The fields that say what was played, without braces. Without an address there is a title, if an empty
    one, since an entry without either names nothing.
    """
    title = item.title if item.uri else item.title or ""
    if item.kind == PlayKind.MUSIC:
        fields = {
            "master_metadata_track_name": title,
            "master_metadata_album_artist_name": item.by,
            "master_metadata_album_album_name": item.album,
            "spotify_track_uri": item.uri,
        }
    elif item.kind == PlayKind.PODCAST:
        fields = {
            "episode_name": title,
            "episode_show_name": item.by,
            "spotify_episode_uri": item.uri,
        }
    else:
        fields = {
            "audiobook_title": item.by,
            "audiobook_chapter_title": title,
            "audiobook_uri": item.uri,
        }
    return msgspec.json.encode(fields)[1:-1]


def _account(batch: Batch) -> bytes:
    """Rows as account data, which knows minutes only."""
    columns = batch.columns
    lines = []
    for end, ms, at in zip(
        _clock(columns["end"]), columns["ms"].tolist(), columns["item"].tolist(), strict=True
    ):
        item = batch.items[at]
        by, title = item.by or "", item.title or ""
        if item.kind == PlayKind.MUSIC and not by:
            by, title = UNKNOWN_ARTIST, title or UNKNOWN_TRACK
        names = _ACCOUNT_NAMES[PlayKind(item.kind)]
        row = {"endTime": end, names[0]: by, names[1]: title, "msPlayed": ms}
        lines.append(msgspec.json.encode(row))
    return b"[" + b",\n".join(lines) + b"]"


def _live(batch: Batch) -> bytes:
    """Live plays: when they ended, and how long the track is; how long they were follows from all plays."""
    columns = batch.columns
    rows = []
    for played_at, duration, at in zip(
        np.datetime_as_string(columns["start"].astype("datetime64[ms]")).tolist(),
        columns["duration"].tolist(),
        columns["item"].tolist(),
        strict=True,
    ):
        item = batch.items[at]
        fields = {
            "played_at": f"{played_at}Z",
            "spotify_track_uri": item.uri,
            "track_name": item.title if item.uri else item.title or "",
            "artist_name": item.by,
            "album_name": item.album,
            "duration_ms": duration if duration != UNKNOWN else None,
        }
        rows.append(msgspec.json.encode(fields))
    return b"[" + b",\n".join(rows) + b"]"


def _clock(end: np.ndarray[Any, Any]) -> list[str]:
    """Times as account data writes them: without seconds, unless there are some."""
    times = (time.replace("T", " ") for time in np.datetime_as_string(end.astype("datetime64[s]")).tolist())
    return [time.removesuffix(":00") for time in times]


def _iso(start: np.ndarray[Any, Any]) -> list[str]:
    times = np.datetime_as_string(start.astype("datetime64[s]")).tolist()
    return [f"{time}Z" for time in times]


def _tri(rows: Rows, name: str) -> list[str | None]:
    return [_WORDS[flag] for flag in rows[name].tolist()]
