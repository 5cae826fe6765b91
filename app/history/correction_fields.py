"""A correction as a form, or a file of ours, tells it: checked field by field."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.history.corrections import ALBUM, ARTIST, DELETE, HIDE, MERGE, PLAY, RENAME, TRACK
from app.history.merge import folded
from app.history.names import LONGEST_TEXT, clean
from app.store.corrections import Correction

ACTIONS = dict.fromkeys((ARTIST, ALBUM, TRACK), (MERGE, RENAME, HIDE)) | {PLAY: (DELETE,)}
PART = {ALBUM: "album", TRACK: "title", PLAY: "title"}  # what a kind has beside its artist
LATEST = 2**32  # Unix seconds


class WrongField(Exception):
    """A field makes no sense; the message says why."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


def parse_correction(fields: Mapping[str, str]) -> Correction:
    """The correction in `kind`, `action`, `artist`, `title` or `album`, for a merge or a rename
    the same after `to_`, for a play `started_at`. Raises WrongField.

    `artist_unknown` stands for the name of an artist who has none; without `to_artist` the artist stays.
    """
    kind, action = fields.get("kind", ""), fields.get("action", "")
    if kind not in ACTIONS:
        raise WrongField("kind", "It is an artist, an album, a track or a play.")
    if action not in ACTIONS[kind]:
        raise WrongField("action", f"What can be done here is: {', '.join(ACTIONS[kind])}.")
    nameless = kind != ARTIST and bool(fields.get("artist_unknown"))
    artist = "" if nameless else _name(fields, "artist")
    part = _name(fields, PART[kind]) if kind in PART else None
    to_artist = to_part = None
    if action in (MERGE, RENAME):
        to_artist = _name(fields, "to_artist") if kind == ARTIST or "to_artist" in fields else artist
        to_part = _name(fields, f"to_{PART[kind]}") if kind in PART else None
        key = folded if action == MERGE else str
        if (key(artist), key(part or "")) == (key(to_artist), key(to_part or "")):
            field = f"to_{PART.get(kind, 'artist')}"
            raise WrongField(field, "The same name is on both sides: there is nothing to change.")
    title, album = (part, None) if kind != ALBUM else (None, part)
    to_title, to_album = (to_part, None) if kind != ALBUM else (None, to_part)
    return Correction(
        kind=kind,
        action=action,
        from_artist=artist,
        from_title=title,
        from_album=album,
        to_artist=to_artist,
        to_title=to_title,
        to_album=to_album,
        started_at=_moment(fields.get("started_at", "")) if kind == PLAY else None,
    )


def correction_json(rule: Correction) -> dict[str, Any]:
    """A correction as JSON has it, but for the time of a play."""
    part = PART.get(rule.kind)
    source: dict[str, str | None] = {"artist": rule.from_artist or None}
    target: dict[str, str | None] | None = {"artist": rule.to_artist or None}
    if rule.action not in (MERGE, RENAME):
        target = None
    if part is not None:
        source[part] = rule.from_album if rule.kind == ALBUM else rule.from_title
        if target is not None:
            target[part] = rule.to_album if rule.kind == ALBUM else rule.to_title
    return {
        "id": rule.id,
        "kind": rule.kind,
        "action": rule.action,
        "from": source,
        "to": target,
        "plays": rule.plays,
    }


def _name(fields: Mapping[str, str], field: str) -> str:
    text = fields.get(field, "")
    if len(text) > LONGEST_TEXT:
        raise WrongField(field, f"It is longer than {LONGEST_TEXT} letters.")
    name = clean(text)
    if name is None or not folded(name):
        raise WrongField(field, "It is empty.")
    return name


def _moment(text: str) -> int:
    """Unix seconds of an ISO time, UTC where it names no zone."""
    try:
        when = datetime.fromisoformat(text)
        moment = int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() // 1)
    except (ValueError, OverflowError) as error:
        raise WrongField("started_at", "It is no time, such as 2026-11-20T14:05:09Z.") from error
    if not 0 < moment < LATEST:
        raise WrongField("started_at", "Nothing was played then.")
    return moment
