"""Corrections as this site exports them: no plays, but rules about them.

`{"corrections": [{"kind", "action", "from": {"artist", "title" or "album"}, "to", "started_at"}]}`, as
`/history/corrections.json` has them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import msgspec

from app.history.batch import Source
from app.history.correction_fields import WrongField, correction_json, parse_correction
from app.history.corrections import ARTIST, MOST
from app.history.formats.rows import Contents, Format, Head, Reading, Rejected, contents
from app.history.formats.text import NO_OBJECT, has_keys, json_list
from app.store.corrections import Correction

KEPT = "a correction, which holds from now on"
_NAMES = ("artist", "title", "album")


def read(body: bytes, reading: Reading) -> Contents:
    """The corrections of a file. Each counts as an ignored entry, since it is no play. Raises NotAFile."""
    rules: list[Correction] = []

    def entry(value: object) -> Rejected:
        if not isinstance(value, dict):
            return Rejected(NO_OBJECT)
        if len(rules) >= MOST:
            return Rejected("more corrections than a history takes")
        try:
            rules.append(parse_correction(_fields(value)))
        except WrongField as error:
            return Rejected(f"its {error.field} makes no sense")
        return Rejected(KEPT, ignored=True)

    found = contents(Source.CSV, map(entry, json_list(body, "corrections")), reading)
    return replace(found, corrections=rules)


def _fields(value: dict[str, object]) -> dict[str, str]:
    """An entry as a form would have it."""
    fields = {name: text for name, text in value.items() if isinstance(text, str)}
    for prefix, side in (("", value.get("from")), ("to_", value.get("to"))):
        names = side if isinstance(side, dict) else {}
        fields |= {f"{prefix}{name}": names[name] for name in _NAMES if isinstance(names.get(name), str)}
    if "artist" not in fields and value.get("kind") != ARTIST:
        fields["artist_unknown"] = "1"
    return fields


def written(rules: Sequence[Correction]) -> bytes:
    """Rules as such a file."""
    entries = [
        correction_json(rule)
        | {
            "started_at": None
            if rule.started_at is None
            else datetime.fromtimestamp(rule.started_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        }
        for rule in rules
    ]
    return msgspec.json.format(msgspec.json.encode({"corrections": entries}), indent=1)


def _is_ours(head: Head) -> bool:
    return head.text.startswith("{") and has_keys(head.text, "corrections", "kind", "action")


FORMATS = (Format("Liner Notes, corrections", _is_ours, read),)
