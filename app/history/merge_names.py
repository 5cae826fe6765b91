"""Puts the names of new plays to those of a history: known names keep their numbers, new ones follow them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.history.batch import UNKNOWN, Ints
from app.history.blobs import NeedsRebuild
from app.history.merge import folded
from app.history.section import NEVER_WRITTEN, LastWritten, Names

Numbers = NDArray[np.int32]


@dataclass(frozen=True)
class MergedNames:
    """The names of both. `track`, `album`, `word`: the number here for each number of the new names.

    Each has -1 in the last place, so that unknown stays unknown.
    """

    names: Names
    last_written: LastWritten
    track: Numbers
    album: Numbers
    word: Numbers


def merge_names(old: Names, old_last: LastWritten, new: Names, new_last: LastWritten) -> MergedNames:
    """The names of both. Raises NeedsRebuild where it cannot be told which was written last."""
    known = {folded(name): number for number, name in enumerate(old.artists)}
    artist = _numbers(known.setdefault(folded(name), len(known)) for name in new.artists)
    track_artist, album_artist = artist[new.track_artist], artist[new.album_artist]
    track = _find(
        [_track_key(title, uri) for title, uri in zip(new.tracks, new.track_uris, strict=True)],
        track_artist,
        lambda at: _track_key(old.tracks[at], old.track_uris[at]),
        old.track_artist,
    )
    album = _find(
        [folded(name) for name in new.albums],
        album_artist,
        lambda at: folded(old.albums[at]),
        old.album_artist,
    )
    words = {word: number for number, word in enumerate(old.reasons)}
    word = _numbers(words.setdefault(reason, len(words)) for reason in new.reasons)
    artists, artists_last = _write(old.artists, old_last.artists, new.artists, new_last.artists, artist)
    tracks, tracks_last = _write(old.tracks, old_last.tracks, new.tracks, new_last.tracks, track)
    uris, uris_last = _write(old.track_uris, old_last.uris, new.track_uris, new_last.uris, track)
    albums, albums_last = _write(old.albums, old_last.albums, new.albums, new_last.albums, album)
    reasons = list(words)
    names = Names(
        artists=artists,
        tracks=tracks,
        track_artist=_extended(old.track_artist, track_artist, track),
        albums=albums,
        album_artist=_extended(old.album_artist, album_artist, album),
        countries=[reason.upper() for reason in reasons],
        reasons=reasons,
        track_uris=uris,
    )
    last_written = LastWritten(artists_last, tracks_last, uris_last, albums_last)
    return MergedNames(names, last_written, track, album, word)


def _numbers(found: Iterable[int]) -> Numbers:
    return np.array([*found, UNKNOWN], np.int32)


def _track_key(title: str, uri: str | None) -> str:
    """What tells a track from others of its artist, as `key_of` does for an item."""
    return folded(title) if title else f"\0{uri}"


def _find(
    wanted: Sequence[str],
    wanted_artist: Numbers,
    key: Callable[[int], str],
    artist: Numbers,
) -> Numbers:
    """The number of each wanted name among those of its artist, or one that follows all.

    `key`: the key of a number; `artist`: the artist of each number.
    """
    found, following = [], len(artist)
    for name, by in zip(wanted, wanted_artist.tolist(), strict=True):
        candidates = np.flatnonzero(artist == by).tolist()
        number = next((at for at in candidates if key(at) == name), None)
        if number is None:
            number, following = following, following + 1
        found.append(number)
    return _numbers(found)


def _write(
    old: Sequence[Any], old_last: Ints, new: Sequence[Any], new_last: Ints, numbers: Numbers
) -> tuple[list[Any], Ints]:
    """The names as they were last written, and when that was."""
    more = max(0, int(numbers.max(initial=-1)) + 1 - len(old))
    names = [*old, *[None] * more]
    last = np.concatenate([old_last, np.full(more, NEVER_WRITTEN, np.int64)])
    for at, name, when in zip(numbers[:-1].tolist(), new, new_last.tolist(), strict=True):
        if at >= len(old) or when > last[at]:
            names[at], last[at] = name, when
        elif when == last[at] and names[at] != name:
            raise NeedsRebuild("a name was written in two ways at the same moment")
    return names, last


def _extended(old: Numbers, new: Numbers, numbers: Numbers) -> Numbers:
    """The old column, with the new values at their numbers."""
    more = max(0, int(numbers.max(initial=-1)) + 1 - len(old))
    column = np.concatenate([old, np.full(more, UNKNOWN, np.int32)])
    column[numbers[:-1]] = new
    return column
