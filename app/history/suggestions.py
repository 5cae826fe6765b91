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

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.history.batch import Ints
from app.history.corrections import ALBUM, ARTIST, TRACK
from app.history.merge import folded
from app.history.recordings import SameRecording
from app.history.rollup import per_artist
from app.history.section import Names
from app.history.stored import History

MOST = 50
MOST_NAMES = 50_000  # of each kind that are looked at: the most played
SPELLING, THE, FEATURED, EDITION, RECORDING = "spelling", "the", "featured", "edition", "recording"
_LOOK_ALIKE = dict.fromkeys("‘’´`", "'") | dict.fromkeys("“”", '"') | dict.fromkeys("‐‑–", "-")
_REMASTER = {"remaster", "remastered"}
_OF_A_REMASTER = _REMASTER | {"digital", "digitally", "version", "edition"}
_FEATURING = ("feat.", "feat", "ft.", "ft", "featuring")
_FEATURES = re.compile(f" (?:{'|'.join(map(re.escape, _FEATURING))}) ")
_ARTIST_FEATURES = re.compile(f" (?:{'|'.join(map(re.escape, (*_FEATURING, 'with')))}) ")
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


def suggestions_of(history: History) -> list[Suggestion]:
    """What may be merged of a whole history; worked out at the first use, and kept with its version."""
    name = f"suggestions/{history.threshold_ms}"

    def make() -> dict[str, bytes]:
        names, rollup = history.names, history.everything
        artists = per_artist(rollup.track_plays, names)
        recordings = history.manifest.recordings
        found = suggestions(names, rollup.track_plays, rollup.album_plays, artists, recordings)
        return {name: msgspec.msgpack.encode(found)}

    return msgspec.msgpack.decode(history.kept(name, make), type=list[Suggestion])


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
    for number, to, why in _alike(names.artists, everybody, artist_plays, shorter_artist):
        plays = int(artist_plays[number])
        found[ARTIST, number] = Suggestion(ARTIST, why, plays, artists[number], None, artists[to], None)
    for kind, titles, whose, played in (
        (TRACK, names.tracks, names.track_artist, track_plays),
        (ALBUM, names.albums, names.album_artist, album_plays),
    ):
        for number, to, why in _alike(titles, whose, played, shorter_title):
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
    names: Sequence[str], among: NDArray[np.int32], plays: Ints, shorten: Callable[[str], _Bare]
) -> Iterator[tuple[int, int, str]]:
    """Numbers of names that may mean the same as another, with the number of that, and why.

    `among`: only names that have the same number here are compared.
    """
    most = np.argsort(-plays, kind="stable")[:MOST_NAMES]
    most = most[plays[most] > 0]
    numbers, whose = most.tolist(), among[most].tolist()
    bare = plain_names([names[number] for number in numbers])
    without: dict[int, str] = {}
    for place, name in enumerate(bare):
        # Written out, to be quick: most names have nothing that could be left out.
        if (
            name[:4] == "the "
            or ")" in name
            or "]" in name
            or " - " in name
            or " f" in name
            or " with " in name
        ):
            bare[place], why = shorten(name)
            if why is not None:
                without[place] = why
    first: dict[tuple[int, str], int] = {}
    groups: dict[int, list[int]] = defaultdict(list)
    for place, key in enumerate(zip(whose, bare, strict=True)):
        if (known := first.setdefault(key, place)) != place and key[1]:
            groups[known].append(place)
    for known, others in groups.items():
        # The plain one stays, and else the one that is played most, which comes first.
        to = min((known, *others), key=lambda place: (without.get(place) in (FEATURED, EDITION), place))
        for place in (known, *others):
            if place != to:
                yield numbers[place], numbers[to], without.get(place) or without.get(to) or SPELLING


def plain_names(names: Sequence[str]) -> list[str]:
    """Names without case and accents, and with one kind of quotes and dashes; all of them at once."""
    text = "\n".join(names)
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
        for letter, plain in _LOOK_ALIKE.items():
            text = text.replace(letter, plain)
    return text.casefold().split("\n") if names else []  # no name has a line end


def shorter_artist(plain: str) -> _Bare:
    """A plain name of an artist without a leading "The", and who is featured."""
    if (featured := _ARTIST_FEATURES.search(plain, 1)) is not None:
        return _Bare(plain[: featured.start()].strip(), FEATURED)
    if plain.startswith("the "):
        return _Bare(plain.removeprefix("the ").strip(), THE)
    return _Bare(plain)


def shorter_title(plain: str) -> _Bare:
    """A plain title of a track or an album without who is featured, and what its edition is called."""
    without = None
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
