"""ListenBrainz: the months of its export, an object a line, and the one JSON list that it sent earlier.

A stamp is the start, in seconds. What a client adds (`additional_info`) is free in form.
"""

import re
from typing import Any

from app.history.batch import Source
from app.history.formats.rows import LONGEST_PLAY, Contents, Format, Head, Reading, Rejected, Row, contents
from app.history.formats.text import (
    NO_OBJECT,
    has_keys,
    isrc,
    json_lines,
    json_list,
    milliseconds,
    text_or_none,
)

_TRACK = re.compile(r"https?://open\.spotify\.com/(?:intl-[a-z]+/)?track/([0-9A-Za-z]{22})(?![0-9A-Za-z])")


def _recognise(head: Head) -> bool:
    found = has_keys(head.text, "listened_at", "track_metadata") and not has_keys(head.text, "listens")
    return found and head.text.startswith(("{", "["))


def _read(body: bytes, reading: Reading) -> Contents:
    is_list = body[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"[")
    return contents(Source.LISTENBRAINZ, map(_row, (json_list if is_list else json_lines)(body)), reading)


def _row(listen: Any) -> Row | Rejected:
    if not isinstance(listen, dict):
        return Rejected("not JSON, or cut short" if listen is None else NO_OBJECT)
    track, when = listen.get("track_metadata"), listen.get("listened_at")
    if when is None and (why := _no_play(listen)):
        return Rejected(why, ignored=True)
    if not isinstance(track, dict):
        return Rejected("track_metadata is missing")
    start = milliseconds(when)
    if start is None:
        return Rejected("listened_at is missing" if when is None else "not a time")
    info = track.get("additional_info")
    if not isinstance(info, dict):
        info = {}
    artist = _first(info.get("artist_names")) or text_or_none(track.get("artist_name"))
    if artist is None:
        return Rejected("names no artist")
    title = text_or_none(track.get("track_name"))
    if title is None:  # though an address may be there
        return Rejected("names no track")
    played = milliseconds(info.get("duration_played"))
    duration = milliseconds(info.get("duration_ms"), 1)
    return Row(
        start,
        artist,
        title,
        text_or_none(track.get("release_name")),
        text_or_none(info.get("release_artist_name")) or _first(info.get("release_artist_names")),
        _uri(info.get("spotify_id")),
        isrc(info.get("isrc")),
        played if played is not None and 0 < played <= LONGEST_PLAY else None,
        duration=milliseconds(info.get("duration")) if duration is None else duration,
    )


def _no_play(entry: dict[str, Any]) -> str | None:
    """What an entry without a time is, where nothing is wrong with it."""
    if entry.get("playing_now") is True:
        return "playing now"
    if "score" in entry:
        return "feedback, not a play"
    return "a pinned track, not a play" if "pinned_until" in entry else None


def _first(names: object) -> str | None:
    return text_or_none(names[0]) if isinstance(names, list) and names else None


def _uri(address: object) -> str | None:
    found = _TRACK.match(address) if isinstance(address, str) else None
    return f"spotify:track:{found[1]}" if found else None


FORMATS = (Format("ListenBrainz", _recognise, _read),)
