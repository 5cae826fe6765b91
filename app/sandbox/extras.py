"""What there is beside the played catalogue, read from `extra.txt`: singles, collections, a box of 66 tracks.

No listener plays any of it, so that the top lists do not know it exists. A track that was out before keeps
its length and ISRC, as the same recording does on Spotify, under an id of its own.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.sandbox.items import Album, Artist, Track, make_track, release_date
from app.sandbox.seeded_random import spotify_id

EXTRA = Path(__file__).with_name("extra.txt")
_COUNTED = re.compile(r"\[(\d+)-(\d+)\]")


@dataclass
class _Known:
    """Artists by name, and the first release of each recording by artist and name."""

    artists: dict[str, Artist] = field(default_factory=dict)
    recordings: dict[tuple[str, str], Track] = field(default_factory=dict)

    def learn(self, track: Track) -> None:
        for artist in track.artists:
            self.artists.setdefault(artist.name or "", artist)
        self.recordings.setdefault((track.artists[0].id, track.name), track)


def extra_tracks(played: Iterable[Track]) -> list[Track]:
    """Every track of `extra.txt`; its artists are those of `played`, and a few of its own."""
    known = _Known()
    for track in played:
        known.learn(track)
    found = []
    for track in _read(EXTRA.read_text("utf-8").splitlines(), known):
        known.learn(track)
        found.append(track)
    return found


def _read(lines: Iterable[str], known: _Known) -> Iterator[Track]:
    artist = None
    for line in lines:
        if line.startswith("  ") and artist:
            yield from _album_tracks(artist, line.strip(), known)
        elif line and not line.startswith("#"):
            artist = _artist(line, known)


def _artist(line: str, known: _Known) -> Artist:
    name, *about = line.split(" | ")
    if about:
        family, genres = about
        kept = tuple(genre.strip() for genre in genres.split(","))
        known.artists[name] = Artist(spotify_id("artist", name), name, family, kept)
    return known.artists[name]


def _album_tracks(artist: Artist, line: str, known: _Known) -> Iterator[Track]:
    year, kind, rest = line.split(" ", 2)
    # A title may hold a colon; what follows the last one before the first ";" is the first track.
    first, *others = rest.split("; ")
    title, name = first.rsplit(": ", 1)
    listed = [each for one in (name, *others) for each in _counted(one)]
    album_id = spotify_id("album", artist.name, title)
    album = Album(album_id, title, artist, release_date(title, int(year)), len(listed), kind)
    for position, words in enumerate(listed, start=1):
        yield _track(words, position, album, known)


def _counted(name: str) -> Iterator[str]:
    """ "Hum [1-3]" is "Hum 1", "Hum 2" and "Hum 3"."""
    span = _COUNTED.search(name)
    if span is None:
        yield name
        return
    for number in range(int(span[1]), int(span[2]) + 1):
        yield name.replace(span[0], str(number))


def _track(words: str, position: int, album: Album, known: _Known) -> Track:
    by, dash, name = words.partition(" – ")
    host = known.artists[by] if dash else album.artist
    name, *guests = (name if dash else words).split(" + ")
    artists = (host, *(known.artists[guest] for guest in guests))
    track = make_track(name, artists, album, position)
    first = known.recordings.get((host.id, name))
    if first is None:
        return track
    return replace(
        track,
        artists=first.artists,
        duration_ms=first.duration_ms,
        isrc=first.isrc,
        explicit=first.explicit,
    )
