"""Single values out of Spotify's JSON: text, numbers, addresses, lists of objects.

A value that is missing or of the wrong type is `None` (or an empty list): "unknown".
"""

import math
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from app.spotify.errors import BadAnswer

LONGEST_TEXT = 500
Json = Mapping[str, object]


def object_of(answer: object) -> Json:
    """The object that an answer is. Raises BadAnswer."""
    if not isinstance(answer, dict):
        raise BadAnswer(f"expected an object, not {type(answer).__name__}")
    return answer


def items_of(answer: object) -> list[Json]:
    """The objects in a paging object; nulls and strays are left out. Raises BadAnswer."""
    items = object_of(answer).get("items")
    if not isinstance(items, list):
        raise BadAnswer("a page without items")
    return objects(items)


def objects(value: object) -> list[Json]:
    """The objects in a list; nulls and strays are left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(value: object) -> str | None:
    """Clean text: no lone surrogates, no control characters, no endless names."""
    if not isinstance(value, str):
        return None
    if not value.isprintable():
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        value = "".join(c for c in whole if unicodedata.category(c) != "Cc")
    return value[:LONGEST_TEXT]


def web_address(value: object) -> str | None:
    """An http(s) address, or a path, as the demo gives; anything else (javascript:, data:) is not a link."""
    address = text(value)
    if not address:
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    is_path = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_path or (parts.scheme in ("http", "https") and parts.netloc) else None


def within(value: object, least: float, most: float) -> float | None:
    """A number on a scale, ends included."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # NaN and infinities are within nothing; a huge whole number is compared before it is converted.
    return float(value) if least <= value <= most else None


def whole(value: object, least: int, most: int) -> int | None:
    """A whole number on a scale, ends included."""
    number = within(value, least, most)
    return int(number) if number is not None and number == int(number) else None


def flag(value: object) -> bool | None:
    """Yes or no."""
    return value if isinstance(value, bool) else None


def moment(value: object) -> float | None:
    """An ISO 8601 time, as Unix seconds; a time without a zone is UTC."""
    iso_time = text(value)
    if not iso_time:
        return None
    try:
        when = datetime.fromisoformat(iso_time)
        seconds = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) else None
