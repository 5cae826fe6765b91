"""The plays of one artist, found without a look at all the others.

Plays lie on shelves by their artist, those of each stretch of the history on shelves of their own. The
shelves are filled at the first question and kept.
"""

from collections.abc import Iterator, Mapping

import msgspec
import numpy as np

from app.history.section import Rows
from app.history.stored import LONG, History

SHELVES = 64
_COLUMNS = ("start", "ms", "track", "album")


def plays_of_artist(history: History, artist: int) -> Iterator[Rows]:
    """The plays of an artist (-1: of unknown ones), block by block in order of their start.

    Only these columns are there: start, ms, track, album.
    """
    track_artist = history.names.track_artist
    if history.everything.track_rows[track_artist == artist].sum() > LONG:
        history.long_read()
    for stretch in range(history.stretches()):
        name = _name(stretch, artist % SHELVES)
        rows = Rows.unpacked([history.kept(name, lambda at=stretch: _filled(history, at))], _COLUMNS)  # type: ignore[misc]
        yield rows.where(track_artist[rows["track"]] == artist)


def _filled(history: History, stretch: int) -> Mapping[str, bytes]:
    rows = history.stretch(stretch, _COLUMNS)
    # Unknown artists (-1) lie on the last shelf. Small numbers are sorted without comparing them.
    shelf = (history.names.track_artist[rows["track"]] % SHELVES).astype(np.uint8)
    order = np.argsort(shelf, kind="stable")
    edges = np.searchsorted(shelf[order], np.arange(SHELVES + 1)).tolist()
    columns = {name: rows[name][order] for name in _COLUMNS}
    return {
        _name(stretch, place): msgspec.msgpack.encode(
            {name: column[edges[place] : edges[place + 1]].tobytes() for name, column in columns.items()}
        )
        for place in range(SHELVES)
    }


def _name(stretch: int, shelf: int) -> str:
    return f"shelf/{stretch}.{shelf}"
