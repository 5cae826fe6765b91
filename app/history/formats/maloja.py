"""Maloja's export: `scrobbles`, stamped at the start, in seconds; `duration` is how long one was played."""

from typing import Any

from app.history.batch import Source
from app.history.formats.rows import LONGEST_PLAY, Contents, Format, Head, Reading, Rejected, Row, contents
from app.history.formats.text import NO_OBJECT, has_keys, json_list, milliseconds, text_or_none

_JOINED = " • "


def _recognise(head: Head) -> bool:
    return head.text.startswith("{") and has_keys(head.text, "maloja", "scrobbles")


def _read(body: bytes, reading: Reading) -> Contents:
    return contents(Source.MALOJA, map(_row, json_list(body, "scrobbles")), reading)


def _row(scrobble: Any) -> Row | Rejected:
    if not isinstance(scrobble, dict):
        return Rejected(NO_OBJECT)
    track, when = scrobble.get("track"), scrobble.get("time")
    if not isinstance(track, dict):
        return Rejected("track is missing")
    start = milliseconds(when)
    if start is None:
        return Rejected("time is missing" if when is None else "not a time")
    artist = _artist(track.get("artists"))
    if artist is None:
        return Rejected("names no artist")
    album = track.get("album")
    if not isinstance(album, dict):
        album = {}
    played = milliseconds(scrobble.get("duration"))
    return Row(
        start,
        artist,
        text_or_none(track.get("title")),
        text_or_none(album.get("albumtitle")),
        _artist(album.get("artists")),
        ms=played if played is not None and 0 < played <= LONGEST_PLAY else None,
        duration=milliseconds(track.get("length")),
    )


def _artist(names: object) -> str | None:
    """The first artist. Where one entry joins them all, it has them in their order, and the list has not."""
    given = [name for name in names if text_or_none(name)] if isinstance(names, list) else []
    joined = next((name for name in given if _JOINED in name), None)
    if joined is not None:
        return next(filter(str.strip, joined.split(_JOINED)), None)
    return given[0] if given else None


FORMATS = (Format("Maloja", _recognise, _read),)
