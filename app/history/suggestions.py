"""Names that may mean the same: what a listener is offered to merge, the most played first.

Two names are alike when nothing is different but accents, a leading "The", who is featured, or what an
edition is called ("Remastered 2011", "Deluxe"); or when they are names of the same recording.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.history.batch import Ints
from app.history.corrections import ALBUM, ARTIST, TRACK
from app.history.merge import folded
from app.history.recordings import SameRecording
from app.history.section import Names

MOST = 50
MOST_NAMES = 50_000  # of each kind that are looked at: the most played
SPELLING, THE, FEATURED, EDITION, RECORDING = "spelling", "the", "featured", "edition", "recording"
_LOOK_ALIKE = str.maketrans(dict.fromkeys("‘’´`", "'") | dict.fromkeys("“”", '"') | dict.fromkeys("‐‑–", "-"))
_REMASTER = {"remaster", "remastered"}
_OF_A_REMASTER = _REMASTER | {"digital", "digitally", "version", "edition"}
_FEATURING = ("feat.", "feat", "ft.", "ft", "featuring")
_FEATURES = re.compile(f" (?:{'|'.join(map(re.escape, _FEATURING))}) ")
_ARTIST_FEATURES = re.compile(f" (?:{'|'.join(map(re.escape, (*_FEATURING, 'with')))}) ")
_MAY_LEAVE_OUT = re.compile("deluxe|remaster|[ (\\[](?:feat|ft)|[(\\[]with|- with")
_ACCENTS = re.compile("[\u0300-\u036f]")
_MOST_PARTS = 3  # in brackets at the end of a title


@dataclass(frozen=True)
class Suggestion:
    """A merge of an artist, album or track. `why`: what the names differ in. `plays`: of the first one.

    `artist`, `to_artist`: "" where unknown; for an artist its own name. `title`: of an album or a track.
    """

    kind: str
    why: str
    plays: int
    artist: str
    title: str | None
    to_artist: str
    to_title: str | None


class _Bare(NamedTuple):
    """A name without what may be different. `without`: what was left out of it, if anything."""

    name: str
    without: str | None = None


def suggestions(
    names: Names,
    track_plays: Ints,
    album_plays: Ints,
    artist_plays: Ints,
    recordings: Sequence[SameRecording] = (),
) -> list[Suggestion]:
    """At most MOST of them. The plays are by the numbers of `names`."""
    artists = [*names.artists, ""]
    found: dict[tuple[str, int], Suggestion] = {}
    everybody = np.zeros(len(names.artists), np.int32)
    for number, to, why in _alike(names.artists, everybody, artist_plays, bare_artist):
        plays = int(artist_plays[number])
        found[ARTIST, number] = Suggestion(ARTIST, why, plays, artists[number], None, artists[to], None)
    for kind, titles, whose, played in (
        (TRACK, names.tracks, names.track_artist, track_plays),
        (ALBUM, names.albums, names.album_artist, album_plays),
    ):
        for number, to, why in _alike(titles, whose, played, bare_title):
            by, plays = artists[whose[number]], int(played[number])
            found[kind, number] = Suggestion(kind, why, plays, by, titles[number], by, titles[to])
    for pair, number in _tracks_of(names, recordings):
        plays = int(track_plays[number])
        found.setdefault(
            (TRACK, number),
            Suggestion(TRACK, RECORDING, plays, pair.artist, pair.title, pair.to_artist, pair.to_title),
        )
    every = (one for one in found.values() if one.plays)
    return nsmallest(MOST, every, key=lambda one: (-one.plays, one.kind, one.artist, one.title or ""))


def _tracks_of(names: Names, recordings: Sequence[SameRecording]) -> Iterator[tuple[SameRecording, int]]:
    """The pairs of which both are tracks by now, each with the number of the first."""
    keys = [
        ((folded(pair.artist), folded(pair.title)), (folded(pair.to_artist), folded(pair.to_title)))
        for pair in recordings
    ]
    wanted = {artist for pair in keys for artist, _ in pair}
    artists = {at: key for at, name in enumerate(names.artists) if (key := folded(name)) in wanted} | {-1: ""}
    theirs = np.flatnonzero(np.isin(names.track_artist, list(artists))).tolist() if recordings else []
    number_of = {(artists[int(names.track_artist[at])], folded(names.tracks[at])): at for at in theirs}
    for pair, (one, other) in zip(recordings, keys, strict=True):
        if one in number_of and other in number_of and one != other:
            yield pair, number_of[one]


def _alike(
    names: Sequence[str], among: NDArray[np.int32], plays: Ints, bare: Callable[[str], _Bare]
) -> Iterator[tuple[int, int, str]]:
    """Numbers of names that may mean the same as another, with the number of that, and why.

    `among`: only names that have the same number here are compared.
    """
    first: dict[tuple[int, str], int] = {}
    groups: dict[tuple[int, str], list[int]] = defaultdict(list)
    most = np.argsort(-plays, kind="stable")[:MOST_NAMES]
    most = most[plays[most] > 0]
    for number, whose in zip(most.tolist(), among[most].tolist(), strict=True):
        if names[number]:
            key = whose, bare(names[number]).name
            if first.setdefault(key, number) != number:
                groups[key].append(number)
    for key, others in groups.items():
        group = [(bare(names[number]), number) for number in (first[key], *others)]
        # The plain one stays, and else the one that is played most.
        target, to = min(group, key=lambda pair: (pair[0].without in (FEATURED, EDITION), -plays[pair[1]]))
        for mine, number in group:
            if number != to:
                yield number, to, mine.without or target.without or SPELLING


def bare_artist(name: str) -> _Bare:
    """An artist's name without accents, a leading "The", and who is featured."""
    plain = _plain(name)
    if (featured := _ARTIST_FEATURES.search(plain, 1)) is not None:
        return _Bare(plain[: featured.start()].strip(), FEATURED)
    if plain.startswith("the "):
        return _Bare(plain.removeprefix("the ").strip(), THE)
    return _Bare(plain)


def bare_title(title: str) -> _Bare:
    """The title of a track or an album without accents, who is featured, and what its edition is called."""
    plain, without = _plain(title), None
    if _MAY_LEAVE_OUT.search(plain) is None:  # as nearly always
        return _Bare(plain)
    for _ in range(_MOST_PARTS):
        head, last = _last_part(plain)
        why = _why_left_out(last) if head else None
        if why is None:
            break
        plain, without = head, why
    if (featured := _FEATURES.search(plain, 1)) is not None:
        return _Bare(plain[: featured.start()].strip(), FEATURED)
    return _Bare(plain, without)


def _last_part(title: str) -> tuple[str, str]:
    """A title, and what comes after it in brackets or after a dash; "" without such."""
    if title.endswith((")", "]")):
        at = max(title.rfind("("), title.rfind("["))
        return (title[:at].strip(), title[at + 1 : -1]) if at > 0 else (title, "")
    head, dash, last = title.rpartition(" - ")
    return (head.strip(), last) if dash else (title, "")


def _why_left_out(part: str) -> str | None:
    """Why a part of a title may be left out, if it may."""
    words = part.replace("-", " ").split()
    if not words:
        return None
    if words[0] in (*_FEATURING, "with"):
        return FEATURED
    if "deluxe" in words and "live" not in words:
        return EDITION
    is_year = [len(word) == 4 and word.isdigit() for word in words]
    known = [year or word in _OF_A_REMASTER for word, year in zip(words, is_year, strict=True)]
    return EDITION if all(known) and not _REMASTER.isdisjoint(words) else None


def _plain(name: str) -> str:
    """A name without case and accents: those that are letters of their own when taken apart."""
    if name.isascii():
        return name.casefold().strip()
    letters = unicodedata.normalize("NFKD", name).translate(_LOOK_ALIKE)
    return _ACCENTS.sub("", letters).casefold().strip()
