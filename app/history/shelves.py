"""The plays of one artist, found without a look at all the others.

Plays lie on shelves by their artist. The shelves are filled at the first question and kept.
"""

from collections.abc import Mapping

import msgspec
import numpy as np

from app.history.history import History
from app.history.section import ROW_COLUMNS, Rows

SHELVES = 64
_COLUMNS = ("start", "ms", "track", "album")


def plays_of_artist(history: History, artist: int) -> Rows:
    """The plays of an artist (-1: of unknown ones) in order of their start; only these columns are there."""
    shelf = artist % SHELVES
    body = msgspec.msgpack.decode(history.kept(_name(shelf), lambda: _filled(history)))
    rows = Rows({name: np.frombuffer(body[name], ROW_COLUMNS[name]) for name in _COLUMNS})
    return rows.where(history.names.track_artist[rows["track"]] == artist)


def _filled(history: History) -> Mapping[str, bytes]:
    rows = history.rows()
    # Unknown artists (-1) lie on the last shelf. Small numbers are sorted without comparing them.
    shelf = (history.names.track_artist[rows["track"]] % SHELVES).astype(np.uint8)
    order = np.argsort(shelf, kind="stable")
    edges = np.searchsorted(shelf[order], np.arange(SHELVES + 1)).tolist()
    columns = {name: rows[name][order] for name in _COLUMNS}
    return {
        _name(place): msgspec.msgpack.encode(
            {name: column[edges[place] : edges[place + 1]].tobytes() for name, column in columns.items()}
        )
        for place in range(SHELVES)
    }


def _name(shelf: int) -> str:
    return f"shelf/{shelf}"
