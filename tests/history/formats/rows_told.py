"""What the rows of a batch tell, as plain values to compare with; and files beside what is expected of them.

A golden pair is a file in `golden/` and, beside it, `<file>.expected.json`: its `format`, its `rows` (what
each tells and no more) and how many are `unreadable` and `ignored`, by reason.
"""

import json
import zipfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from app.history.batch import NO, UNKNOWN, YES, Batch, PlayKind, Source, starts
from app.history.formats import format_of
from app.history.formats.rows import Contents, Format, Head, Reading
from app.history.sniffing import HEAD, head_text

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRI_STATE = {NO: False, YES: True}


def golden_files() -> list[Path]:
    """All that have a `<file>.expected.json` beside them."""
    expected = sorted(GOLDEN.glob("*.expected.json"))
    return [path.with_name(path.name.removesuffix(".expected.json")) for path in expected]


def expected_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.with_name(f"{path.name}.expected.json").read_text())
    return found


def head_of(body: bytes) -> Head:
    """The beginning of a file; of an Excel file that of the list of its sheets."""
    with suppress(zipfile.BadZipFile, KeyError), zipfile.ZipFile(BytesIO(body)) as archive:
        return Head(head_text(archive.read("xl/workbook.xml")[:HEAD]), is_workbook=True)
    return Head(head_text(body[:HEAD]))


def recognised(body: bytes) -> Format | None:
    return format_of(head_of(body))


def read(body: bytes, reading: Reading | None = None) -> Contents:
    """What a file holds, through the format that recognises it."""
    found = recognised(body)
    assert found is not None
    return found.read(body, reading or Reading(NOW.timestamp()))


def told(batch: Batch) -> list[dict[str, Any]]:
    """What each row tells, in the fields of `Row`; without those that have their usual value.

    `start` is ISO 8601. `source` is the service's name.
    """
    return [_told(batch, at) for at in range(len(batch))]


def _told(batch: Batch, at: int) -> dict[str, Any]:
    columns = {name: column[at].item() for name, column in batch.columns.items()}
    item = batch.items[columns["item"]]
    start = _EPOCH + timedelta(milliseconds=int(starts({k: np.array([v]) for k, v in columns.items()})[0]))
    measured = columns.get("measured", YES)
    row = {
        "start": start.isoformat().replace("+00:00", "Z"),
        "source": Source(columns["source"]).service,
        "artist": item.by,
        "title": item.title,
        "album": item.album,
        "album_artist": item.album_by,
        "uri": item.uri,
        "isrc": item.isrc,
        "ms": None if measured == UNKNOWN else columns["ms"],
        "estimated": True if measured == NO else None,
        "duration": None if (ms := columns.get("duration", UNKNOWN)) == UNKNOWN else ms,
        "by_minute": True if columns.get("by_minute", NO) == YES else None,
        "kind": None if item.kind == PlayKind.MUSIC else PlayKind(item.kind).name.lower(),
    }
    row |= {name: _TRI_STATE.get(columns[name]) for name in ("shuffle", "skipped", "offline")}
    for name in ("reason_end", "platform", "country"):
        row[name] = None if columns[name] == UNKNOWN else batch.words[columns[name]]
    return {name: value for name, value in row.items() if value is not None}
