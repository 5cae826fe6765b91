"""Koito's export: `listens`, stamped at the start; each name is the primary one of its aliases."""

from typing import Any

from app.history.batch import Source
from app.history.formats.rows import Contents, Format, Head, Reading, Rejected, Row, contents
from app.history.formats.text import NO_OBJECT, has_keys, json_list, milliseconds, moment, text_or_none


def _recognise(head: Head) -> bool:
    return head.text.startswith("{") and has_keys(head.text, "exported_at", "listens")


def _read(body: bytes, reading: Reading) -> Contents:
    return contents(Source.KOITO, map(_row, json_list(body, "listens")), reading)


def _row(listen: Any) -> Row | Rejected:
    if not isinstance(listen, dict):
        return Rejected(NO_OBJECT)
    track, when = listen.get("track"), listen.get("listened_at")
    start = moment(when)
    if start is None:
        return Rejected("listened_at is missing" if when is None else "not a time")
    if not isinstance(track, dict):
        return Rejected("track is missing")
    return Row(
        start,
        _name(_primary(listen.get("artists"))),
        _name(track),
        _name(listen.get("album")),
        duration=milliseconds(track.get("duration")),
    )


def _primary(items: object) -> dict[str, Any] | None:
    """The one that is marked as primary, else the first."""
    objects = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return next((item for item in objects if item.get("is_primary") is True), objects[0] if objects else None)


def _name(item: object) -> str | None:
    alias = _primary(item.get("aliases")) if isinstance(item, dict) else None
    return text_or_none(alias.get("alias")) if alias else None


FORMATS = (Format("Koito", _recognise, _read),)
