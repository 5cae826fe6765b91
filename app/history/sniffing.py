"""Whether a JSON file holds plays, told from its first few thousand bytes, whatever it is called."""

import codecs
import re

HEAD = 8192  # bytes; an entry with all its fields takes about 1,000
_NAMES = ("streaminghistory", "streaming_history", "endsong", "endvideo")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Two fields that tell a play: of extended history, account data, account data as it was in 2018, and plays
# that arrived live.
_FIELDS = (
    ("ts", "ms_played"),
    ("endTime", "msPlayed"),
    ("trackName", "time"),
    ("played_at", "spotify_track_uri"),
)


def is_ours(name: str) -> bool:
    """Whether a file is called as Spotify calls its files with plays. `name` may be a path."""
    last = _parts(name)[-1].lower()
    # No pattern with "any letters between": on a hostile name it would take time by the square of its length.
    return last.endswith(".json") and any(part in last for part in _NAMES) and not is_shadow(name)


def is_shadow(name: str) -> bool:
    """Whether a file is one that macOS puts beside another."""
    parts = _parts(name)
    return "__MACOSX" in parts or parts[-1].startswith("._")


def is_of_folder(name: str) -> bool:
    """Whether an upload came with the folder that it lies in: some of such files hold no plays."""
    return len(_parts(name)) > 1


def head_text(head: bytes) -> str:
    """The beginning of a file as text, without white space before it."""
    encoding = next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
    if head[1:4:2] == b"\0\0" and head[:1] != b"\0":
        encoding = "utf-16-le"
    elif head[:3:2] == b"\0\0" and head[1:2] != b"\0":
        encoding = "utf-16-be"
    return head.decode(encoding, "replace").lstrip()


def holds_plays(text: str) -> bool:
    """Whether a file that begins so is a list of plays, as Spotify or this site exports it."""
    return text.startswith("[") and any(all(_is_field(name, text) for name in names) for names in _FIELDS)


def _is_field(name: str, text: str) -> bool:
    return re.search(rf'"{name}"\s*:', text) is not None


def _parts(name: str) -> list[str]:
    return name.replace("\\", "/").split("/")
