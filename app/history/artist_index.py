"""The plays of one artist, found without a look at all the others.

An index is made at the first question and cached: for each chunk of the history, the plays of artists in
INDEX_BLOBS groups, each group a blob of its own.
"""

from collections.abc import Iterator, Mapping

import msgspec
import numpy as np

from app.history.section import Rows
from app.history.stored import LONG, History

INDEX_BLOBS = 64
_COLUMNS = ("start", "ms", "track", "album")


def plays_of_artist(history: History, artist: int) -> Iterator[Rows]:
    """The plays of an artist (-1: of unknown ones), chunk by chunk in order of their start.

    Only these columns are there: start, ms, track, album.
    """
    track_artist = history.names.track_artist
    if history.everything.track_length[track_artist == artist].sum() > LONG:
        history.long_read()
    for chunk in range(history.chunks()):
        name = _name(chunk, artist % INDEX_BLOBS)
        body = history.kept(name, lambda chunk=chunk: _index(history, chunk))  # type: ignore[misc]
        rows = Rows.unpacked([body], _COLUMNS)
        yield rows.where(track_artist[rows["track"]] == artist)


def _index(history: History, chunk: int) -> Mapping[str, bytes]:
    rows = history.chunk(chunk, _COLUMNS)
    # Unknown artists (-1) are in the last group. Small numbers are sorted without comparing them.
    group = (history.names.track_artist[rows["track"]] % INDEX_BLOBS).astype(np.uint8)
    order = np.argsort(group, kind="stable")
    edges = np.searchsorted(group[order], np.arange(INDEX_BLOBS + 1)).tolist()
    columns = {name: column[order] for name, column in rows.columns.items()}
    return {
        _name(chunk, place): msgspec.msgpack.encode(
            {name: column[edges[place] : edges[place + 1]].tobytes() for name, column in columns.items()}
        )
        for place in range(INDEX_BLOBS)
    }


def _name(chunk: int, group: int) -> str:
    return f"by_artist/{chunk}.{group}"
