"""The secret key of a site that was given none: made at the first start, kept in a file (mode 0600)."""

import os
import secrets
import time
from pathlib import Path

SHORTEST_SECRET = 16
_MOMENT = 1.0  # seconds; another process that has just made the file writes it in far less
_LOOK_AGAIN = 0.01


def kept_secret_key(path: Path) -> str:
    """The key in `path`, made if there is none. Of several who start together one writes, the others wait.

    Exclusive creation, because it works where hard links do not: exFAT, SMB, Android.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_when_written(path)
    key = secrets.token_urlsafe(48)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(key)
    except BaseException:
        path.unlink()  # an empty file would stop the next start
        raise
    return key


def _read_when_written(path: Path) -> str:
    until = time.monotonic() + _MOMENT
    while not (key := path.read_text(errors="replace")) and time.monotonic() < until:
        time.sleep(_LOOK_AGAIN)
    return key.strip()
