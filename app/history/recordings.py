"""Tracks that have several names: the same recording, by its ISRC or its address at Spotify."""

from collections import Counter, defaultdict

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.history.batch import Item, PlayKind
from app.history.merge import Gathered, key_of

MOST = 100  # that are told of


class SameRecording(msgspec.Struct, array_like=True, frozen=True):
    """Two names of one recording; the second is played more."""

    artist: str
    title: str
    to_artist: str
    to_title: str


def same_recordings(rows: Gathered, kept: NDArray[np.bool_]) -> list[SameRecording]:
    """The names of recordings that have several, those that are played most first."""
    codes = Counter(code for item in rows.items for code in _codes(item))
    if not any(count > 1 for count in codes.values()):
        return []
    plays = np.bincount(rows.columns["item"][kept], minlength=len(rows.items)).tolist()
    names: dict[str, Counter[tuple[int, str, str]]] = defaultdict(Counter)
    written: dict[tuple[int, str, str], tuple[int, Item]] = {}
    for item, count in zip(rows.items, plays, strict=True):
        for code in _codes(item):
            if count and codes[code] > 1:
                key = key_of(item)
                names[code][key] += count
                written[key] = max((count, item), written.get(key, (0, item)), key=lambda pair: pair[0])
    found: dict[SameRecording, int] = {}
    for counts in names.values():
        (most, _), *others = counts.most_common()
        for key, count in others:
            (_, item), (_, to) = written[key], written[most]
            found[SameRecording(item.by or "", item.title or "", to.by or "", to.title or "")] = count
    return sorted(found, key=lambda pair: (-found[pair], msgspec.structs.astuple(pair)))[:MOST]


def _codes(item: Item) -> list[str]:
    if item.kind != PlayKind.MUSIC or not item.title:
        return []
    return [code for code in (item.isrc, item.uri) if code]
