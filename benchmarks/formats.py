"""A million rows of each format: read and made a history, beside a bare loader of the same file.

A bare loader parses the file with Python's own modules and inserts each row into SQLite. Time is the
processor's, as a ratio; memory that of the reading process.
"""

import csv
import io
import json
import multiprocessing
import resource
import sqlite3
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from app.history.batch import Batch
from app.history.blobs import build
from app.history.formats import format_of
from app.history.formats.rows import Head, Reading
from app.history.sniffing import HEAD, head_text
from benchmarks.table import Figure, show

ROWS = 1_000_000
PROMISED, PROMISED_MEGABYTES = 3.0, 300
BEGIN, PAUSE = 1_400_000_000, 300  # Unix seconds
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

Play = tuple[int, str, str, str]  # start in Unix seconds, artist, title, album


def _plays(rows: int) -> Iterator[Play]:
    for at in range(rows):
        track = at % 19_997
        yield BEGIN + at * PAUSE, f"Artist {track % 997}", f"Title {track}", f"Album {track % 4_999}"


def _iso(start: int, shape: str = "%Y-%m-%dT%H:%M:%SZ") -> str:
    return datetime.fromtimestamp(start, UTC).strftime(shape)


def _json(opening: str, row: Callable[[Play], object], closing: str) -> Callable[[int], bytes]:
    def made(rows: int) -> bytes:
        return (opening + ",\n".join(json.dumps(row(play)) for play in _plays(rows)) + closing).encode()

    return made


def _pages(row: Callable[[Play], object]) -> Callable[[int], bytes]:
    def made(rows: int) -> bytes:
        plays = [row(play) for play in _plays(rows)]
        return json.dumps([{"track": plays[at : at + 200]} for at in range(0, rows, 200)]).encode()

    return made


def _lines(row: Callable[[Play], object]) -> Callable[[int], bytes]:
    return lambda rows: "\n".join(json.dumps(row(play)) for play in _plays(rows)).encode()


def _table(header: str, row: Callable[[Play], list[object]], delimiter: str = ",") -> Callable[[int], bytes]:
    def made(rows: int) -> bytes:
        out = io.StringIO()
        out.write(header + "\n" if header else "")
        csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(map(row, _plays(rows)))
        return out.getvalue().encode()

    return made


def _workbook(rows: int) -> bytes:
    columns = ("Song Title", "Artist", "ISRC", "Album Title", "IP Address", "Listening Time", "Date")
    cells = "<row>" + '<c t="inlineStr"><is><t>{}</t></is></c>' * len(columns) + "</row>"
    body = [cells.format(*columns)]
    for start, artist, title, album in _plays(rows):
        body.append(cells.format(title, artist, "", album, "", 200, _iso(start, "%Y-%m-%d %H:%M:%S")))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006/relationships"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        sheet = '<sheet name="10_listeningHistory" sheetId="1" r:id="rId1"/>'
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{links}"><sheets>{sheet}</sheets></workbook>',
        )
        target = f'<Relationship Id="rId1" Type="{links}/worksheet" Target="/xl/worksheets/sheet1.xml"/>'
        archive.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{packages}">{target}</Relationships>'
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{main}"><sheetData>{"".join(body)}</sheetData></worksheet>',
        )
    return out.getvalue()


def _aliases(name: str) -> list[object]:
    return [{"alias": name, "source": "Canonical", "is_primary": True}]


FILES: dict[str, Callable[[int], bytes]] = {
    "ListenBrainz (lines)": _lines(
        lambda play: {
            "inserted_at": play[0] + 1.5,
            "listened_at": play[0],
            "track_metadata": {
                "track_name": play[2],
                "artist_name": play[1],
                "release_name": play[3],
                "additional_info": {"duration_ms": 200_000, "submission_client": "a player"},
                "mbid_mapping": None,
            },
        }
    ),
    "Last.fm, ghan.nl (JSON)": _pages(
        lambda play: {
            "artist": {"#text": play[1], "mbid": ""},
            "album": {"#text": play[3], "mbid": ""},
            "name": play[2],
            "mbid": "",
            "date": {"uts": str(play[0]), "#text": _iso(play[0], "%d %b %Y, %H:%M")},
        }
    ),
    "Last.fm, ghan.nl (CSV)": _table(
        "uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid",
        lambda play: [play[0], _iso(play[0], "%d %b %Y, %H:%M"), play[1], "", play[3], "", play[2], ""],
    ),
    "Last.fm, lastfm-to-csv": _table(
        "", lambda play: [play[1], play[3], play[2], _iso(play[0], "%d %b %Y %H:%M")]
    ),
    "Last.fm, lastfmstats.com (CSV)": _table(
        "Artist;Album;AlbumId;Track;Date#somebody",
        lambda play: [play[1], play[3], "", play[2], play[0] * 1000],
        ";",
    ),
    "Last.fm, lastfmstats.com (JSON)": _json(
        '{"username":"somebody","scrobbles":[',
        lambda play: {"track": play[2], "artist": play[1], "album": play[3], "date": play[0] * 1000},
        "]}",
    ),
    "Maloja": _json(
        '{"maloja":{"export_time":1},"scrobbles":[',
        lambda play: {
            "time": play[0],
            "track": {
                "artists": [play[1]],
                "title": play[2],
                "album": {"artists": [play[1]], "albumtitle": play[3]},
                "length": 200,
            },
            "duration": None,
            "origin": "client:default",
        },
        "]}",
    ),
    "Koito": _json(
        '{"version":"1","exported_at":"2026-01-01T00:00:00Z","user":"somebody","listens":[',
        lambda play: {
            "listened_at": _iso(play[0]),
            "track": {"mbid": None, "duration": 200, "aliases": _aliases(play[2])},
            "album": {"mbid": None, "aliases": _aliases(play[3]), "various_artists": False},
            "artists": [{"mbid": None, "is_primary": True, "aliases": _aliases(play[1])}],
        },
        "]}",
    ),
    "Apple Music, play activity": _table(
        "Event Start Timestamp,Event End Timestamp,Event Type,Play Duration Milliseconds,Artist Name,"
        "Content Name,Media Duration In Milliseconds,Media Type,Item Type,End Reason Type",
        lambda play: [
            _iso(play[0], "%Y-%m-%dT%H:%M:%S.000Z"),
            _iso(play[0] + 200, "%Y-%m-%dT%H:%M:%S.000Z"),
            "PLAY_END",
            200_000,
            play[1],
            play[2],
            200_000,
            "AUDIO",
            "ITUNES_STORE_CONTENT",
            "NATURAL_END_OF_TRACK",
        ],
    ),
    "Deezer (xlsx)": _workbook,
    "YouTube Music": _json(
        "[",
        lambda play: {
            "header": "YouTube Music",
            "title": f"Watched {play[2]}",
            "titleUrl": "https://music.youtube.com/watch?v=x",
            "subtitles": [{"name": f"{play[1]} - Topic", "url": "https://www.youtube.com/channel/x"}],
            "time": _iso(play[0], "%Y-%m-%dT%H:%M:%S.123Z"),
            "products": ["YouTube"],
        },
        "]",
    ),
    "Pano Scrobbler (lines)": _lines(
        lambda play: {
            "timeHuman": _iso(play[0]),
            "timeMs": play[0] * 1000,
            "artist": play[1],
            "track": play[2],
            "album": play[3],
            "albumArtist": "",
            "durationMs": 200_000,
            "event": "scrobble",
        }
    ),
    "`.scrobbler.log`": _table(
        "#AUDIOSCROBBLER/1.1\n#TZ/UTC\n#CLIENT/Rockbox",
        lambda play: [play[1], play[3], play[2], 1, 200, "L", play[0], ""],
        "\t",
    ),
    "our own `/history.csv`": _table(
        "kind,started_at,artist,track,album,ms_played,skipped,shuffle,offline,platform,country,estimated,source",
        lambda play: [
            *("music", _iso(play[0]), *play[1:], 200_000),
            *("no", "no", "no", "ios", "DE", "no", "spotify"),
        ],
    ),
    "a table (`ts, track_name, …`)": _table(
        "ts,track_name,artist_name,album_name,ms_played,track_uri,platform",
        lambda play: [_iso(play[0]), play[2], play[1], play[3], 200_000, "", "ios"],
    ),
    "Tidal": _table(
        "artist_name,track_title,entry_date,time_zone",
        lambda play: [play[1], play[2], _iso(play[0], "%Y-%m-%d %H:%M"), "null"],
    ),
}


def _write(name: str, rows: int, path: Path) -> None:
    path.write_bytes(FILES[name](rows))


def _bare(path: Path) -> None:
    """Python's own modules, and an insert a row."""
    with sqlite3.connect(path.with_suffix(".sqlite3")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("DROP TABLE IF EXISTS play")
        rows = iter(_parsed(path))
        first = next(rows)
        connection.execute(f"CREATE TABLE play ({', '.join(f'c{at}' for at in range(len(first)))})")
        marks = ", ".join("?" * len(first))
        connection.executemany(f"INSERT INTO play VALUES ({marks})", chain([first], rows))  # noqa: S608
    connection.close()


def _parsed(path: Path) -> Iterator[tuple[Any, ...]]:
    body = path.read_bytes()
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive, archive.open("xl/worksheets/sheet1.xml") as sheet:
            for _, element in ElementTree.iterparse(sheet):  # noqa: S314 - made above
                if element.tag == f"{_SHEET}row":
                    yield tuple(text.text for text in element.iter(f"{_SHEET}t"))
                    element.clear()
        return
    text = body.decode()
    if text.startswith(("{", "[")):
        lines = text.startswith("{") and text.partition("\n")[0].endswith("}")
        found = [json.loads(line) for line in text.splitlines()] if lines else json.loads(text)
        entries = found if isinstance(found, list) else next(_lists(found))
        if "track" in entries[0] and isinstance(entries[0]["track"], list):
            entries = [entry for page in entries for entry in page["track"]]
        for entry in entries:
            yield tuple(value if isinstance(value, int | str) else str(value) for value in entry.values())
        return
    delimiter = "\t" if "\t" in text[:400] else ";" if ";" in text[:100] else ","
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    yield from (tuple(row) for row in rows if len(row) > 3)


def _lists(found: dict[str, Any]) -> Iterator[list[Any]]:
    return (value for value in found.values() if isinstance(value, list))


def _ours(path: Path) -> None:
    body = path.read_bytes()
    workbook = body.startswith(b"PK")
    head = zipfile.ZipFile(path).read("xl/workbook.xml") if workbook else body[:HEAD]
    kind = format_of(Head(head_text(head), is_workbook=workbook))
    if kind is None:
        raise RuntimeError(f"{path} is of no format")
    found = kind.read(body, Reading(now=time.time()))
    if not len(found.batch) == found.read:
        raise RuntimeError(f"{path}: {found.unreadable_why} {found.ignored_why}")
    packed = found.batch.packed()
    # As in an import: what a file holds is kept, and the history is made of that once the file is let go.
    del body, found
    for _ in build(1, lambda _: Batch.unpacked(packed), 30_000, "v").blobs:
        pass


def _measured(read: Callable[[Path], None], path: Path) -> tuple[float, float]:
    """Seconds, and megabytes at the peak, of a process of its own."""
    context = multiprocessing.get_context("spawn")
    answers = context.SimpleQueue()
    process = context.Process(target=_answer, args=(read, path, answers))
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"{path} could not be read")
    took, peak = answers.get()
    return took, peak


def _answer(read: Callable[[Path], None], path: Path, answers: Any) -> None:
    began = time.process_time()
    read(path)
    answers.put((time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def formats(folder: Path, rows: int = ROWS) -> list[Figure]:
    """Each format's reader against a bare loader."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = []
    for name in FILES:
        path = folder / "file"
        _measured(partial(_write, name, rows), path)
        bare, _ = _measured(_bare, path)
        ours, peak = _measured(_ours, path)
        figures.append(
            Figure(
                f"{rows:,} rows of {name} ({path.stat().st_size / 2**20:.0f} MB)",
                f"{ours / bare:.2f} × a bare loader ({ours:.1f} s), {peak:.0f} MB",
                f"<= {PROMISED:.0f} ×, < {PROMISED_MEGABYTES} MB",
                ours <= PROMISED * bare and peak < PROMISED_MEGABYTES,
            )
        )
    return figures


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        show(formats(Path(place)))
