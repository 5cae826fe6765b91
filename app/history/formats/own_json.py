"""Plays of all other sources as this site exports them: a list of objects with every field of a `Row`.

`start` is in ISO 8601 with milliseconds, `kind` and `source` are names, the latter a service's.
"""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.history.batch import NO, OPTIONAL, UNKNOWN, USUAL, YES, Batch, PlayKind, Source, starts
from app.history.formats.own_csv import KINDS, SOURCES, UNKNOWN_KIND, UNKNOWN_SERVICE
from app.history.formats.rows import Contents, Format, Head, Reading, Rejected, Row, contents
from app.history.formats.text import NO_OBJECT, has_keys, json_list, moment

_FLAGS = {UNKNOWN: None, NO: False, YES: True}
_SAME = tuple(set(Row.__struct_fields__) - {"start", "kind", "source"})


class _Play(msgspec.Struct, gc=False):
    start: str
    artist: str | None
    title: str | None
    source: str
    kind: str = "music"
    album: str | None = None
    album_artist: str | None = None
    uri: str | None = None
    isrc: str | None = None
    ms: int | None = None
    estimated: bool = False
    duration: int | None = None
    by_minute: bool = False
    skipped: bool | None = None
    shuffle: bool | None = None
    offline: bool | None = None
    reason_end: str | None = None
    platform: str | None = None
    country: str | None = None
    settled: bool = False


def read(body: bytes, reading: Reading) -> Contents:
    """The plays of a file. Raises NotAFile."""
    return contents(Source.CSV, map(_row, json_list(body)), reading, nameless=True)


def _row(entry: object) -> Row | Rejected:
    if not isinstance(entry, dict):
        return Rejected(NO_OBJECT)
    try:
        play = msgspec.convert(entry, _Play)
    except (msgspec.ValidationError, UnicodeEncodeError):  # the latter: a lone surrogate
        return Rejected("a field is missing or of the wrong type")
    start, kind, source = moment(play.start), KINDS.get(play.kind), SOURCES.get(play.source)
    if start is None:
        return Rejected("not a time")
    if kind is None:
        return Rejected(UNKNOWN_KIND)
    if source is None:
        return Rejected(UNKNOWN_SERVICE)
    return Row(start, kind=kind, source=source, **{name: getattr(play, name) for name in _SAME})


def written(batch: Batch) -> bytes:
    """The rows of a batch as such a file."""
    columns = {name: column.tolist() for name, column in _every_column(batch).items()}
    items = [batch.items[at] for at in columns["item"]]
    words = [*batch.words, None]
    fields = {
        "start": [f"{start}Z" for start in np.datetime_as_string(_moments(batch)).tolist()],
        "artist": [item.by for item in items],
        "title": [item.title for item in items],
        "album": [item.album for item in items],
        "album_artist": [item.album_by for item in items],
        "uri": [item.uri for item in items],
        "isrc": [item.isrc for item in items],
        "ms": [
            None if measured == UNKNOWN else ms
            for ms, measured in zip(columns["ms"], columns["measured"], strict=True)
        ],
        "estimated": [measured == NO for measured in columns["measured"]],
        "duration": [None if ms == UNKNOWN else ms for ms in columns["duration"]],
        **{name: [flag == YES for flag in columns[name]] for name in ("by_minute", "settled")},
        "kind": [PlayKind(item.kind).name.lower() for item in items],
        "source": [Source(source).service for source in columns["source"]],
    }
    fields |= {name: [_FLAGS[flag] for flag in columns[name]] for name in ("skipped", "shuffle", "offline")}
    fields |= {name: [words[at] for at in columns[name]] for name in ("reason_end", "platform", "country")}
    rows = (dict(zip(fields, values, strict=True)) for values in zip(*fields.values(), strict=True))
    return b"[" + b",\n".join(map(msgspec.json.encode, rows)) + b"]"


def _moments(batch: Batch) -> NDArray[np.datetime64]:
    return starts(batch.columns).astype("datetime64[ms]")


def _every_column(batch: Batch) -> dict[str, NDArray[Any]]:
    usual = {name: np.full(len(batch), value, OPTIONAL[name]) for name, value in USUAL.items()}
    return usual | batch.columns


def _is_ours(head: Head) -> bool:
    return head.text.startswith("[") and has_keys(head.text, "start", "by_minute", "source")


FORMATS = (Format("Liner Notes", _is_ours, read),)
