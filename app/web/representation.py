"""What every report's JSON and CSV share: images, links to a range."""

import re
from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import date
from typing import Any

import msgspec
from flask import Response, abort, request

from app.music import Image, TimeRange, Track
from app.web.format import iso
from app.web.last_known import Stale

# What fields of reports are called in JSON, where not the same; `None` leaves them out.
_JSON_NAMES = {
    "ms": "ms_played",
    "day": "date",
    "number": None,
    "ms_estimated": None,
    "plays_without_time": None,
}
_SCALARS = {int, str, float, bool, type(None)}
_OFFSET = re.compile(r"[0-9]{1,6}")
_SPOTIFY_ID = re.compile(r"[0-9A-Za-z]{22}")


def is_spotify_id(value: object) -> bool:
    """Whether it has the shape of Spotify's ids: 22 characters of base 62."""
    return isinstance(value, str) and _SPOTIFY_ID.fullmatch(value) is not None


def json_response(body: dict[str, Any]) -> Response:
    """A report as JSON."""
    return Response(msgspec.json.encode(body), mimetype="application/json")


def to_json(value: Any, **renamed: str | None) -> Any:
    """A report for programs: dataclasses and named tuples by their fields, however deep.

    `renamed`: what fields are called here, beside those that are called differently everywhere; `None` leaves
    a field out.
    """
    return _as_builtins(value, _JSON_NAMES | renamed)


def _as_builtins(value: Any, names: Mapping[str, str | None]) -> Any:
    if type(value) in _SCALARS:
        return value
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        if value and _has_fields(value[0]):
            # Thousands of days are alike: what their fields are called is looked up once.
            fields = _shown_fields(value[0], names)
            return [_fields(part, fields, names) for part in value]
        return [_as_builtins(part, names) for part in value]
    if isinstance(value, Mapping):
        return {name: _as_builtins(part, names) for name, part in value.items()}
    if isinstance(value, date):
        return value.isoformat()
    return _fields(value, _shown_fields(value, names), names)


def _has_fields(value: Any) -> bool:
    return is_dataclass(value) or hasattr(value, "_fields")


def _shown_fields(value: Any, names: Mapping[str, str | None]) -> list[tuple[str, str]]:
    fields = value.__dataclass_fields__ if is_dataclass(value) else value._fields
    called = ((name, names.get(name, name)) for name in fields)
    return [(name, shown) for name, shown in called if shown is not None]


def _fields(value: Any, fields: list[tuple[str, str]], names: Mapping[str, str | None]) -> Any:
    return {
        shown: part if type(part := getattr(value, name)) in _SCALARS else _as_builtins(part, names)
        for name, shown in fields
    }


def image_address(images: tuple[Image, ...]) -> str | None:
    """The picture as JSON gives it: the first, which is the widest."""
    return full_address(images[0].url) if images else None


def full_address(url: str | None, root: str | None = None) -> str | None:
    """An address as JSON and CSV give it: the demo's are kept as paths, and a program needs the host too.

    `root`: this site's address, to be given where a stream outlives its request.
    """
    if url is None or not url.startswith("/"):
        return url
    return f"{(root or request.root_url).rstrip('/')}{url}"


def track_json(track: Track) -> dict[str, Any]:
    """A track of Spotify's."""
    return {
        "id": track.id,
        "name": track.name,
        "artists": track.artists,
        "album": track.album.name if track.album else None,
        "image": image_address(track.album.images) if track.album else None,
        "url": full_address(track.url),
        "duration_ms": track.duration_ms,
    }


def stale_json(stale: Stale | None, as_of: float) -> dict[str, Any]:
    """What is added to a report that is an old one; nothing to a fresh one."""
    if stale is None:
        return {}
    resume_at = iso(stale.resume_at) if stale.resume_at is not None else None
    return {"stale": {"reason": stale.reason, "as_of": iso(as_of), "resume_at": resume_at}}


def time_range_from(wanted: str | None) -> TimeRange:
    """The range that a query or form names; 6 months where it names none, 400 where there is no such."""
    if wanted is None:
        return TimeRange.MEDIUM_TERM
    try:
        return TimeRange(wanted)
    except ValueError:
        abort(400)


def offset_from(wanted: str | None, most: int) -> int:
    """The offset that a query names; 0 where it names none, 400 where it makes no sense."""
    if not wanted:
        return 0
    if not _OFFSET.fullmatch(wanted) or int(wanted) > most:
        abort(400)
    return int(wanted)
