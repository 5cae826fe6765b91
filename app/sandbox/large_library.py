"""A library of any size: invented tracks by their place in it, each built only when it is asked for.

Place 0 was saved last. A library of `size` tracks has `size / 8` albums, by a third as many artists, of whom
some are saved far more than others. Times are Unix seconds.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

from app.sandbox.items import Album, Artist, Track, make_track
from app.sandbox.seeded_random import number, spotify_id

_NEWEST = 1_767_225_600  # saved before 2026 began, so that what is saved now comes first
_SPAN = 9 * 365 * 86_400
_FIRST_WORDS = (
    "Amber Brisk Candid Distant Early Faded Gentle Hollow Idle Jagged Keen Lunar Mellow Narrow Opal Pale "
    "Quiet Rapid Silver Tidal Upper Violet Wicker Young Zonal Bitter Copper Dusty Eager Frosted"
)
_SECOND_WORDS = (
    "Anchor Bicycle Cellar Doorbell Engine Ferry Garden Harbour Island Jacket Kettle Lantern Meadow Needle "
    "Orchard Piano Quarry Railway Station Telescope Umbrella Valley Window Yard Zipper Bakery Compass Drawer"
)
_FIRST, _SECOND = _FIRST_WORDS.split(), _SECOND_WORDS.split()
_SONGS = (
    "{} {}",
    "The {} {}",
    "{1}, {0}",
    "My {} {}",
    "{1} (Take {2})",
    "No More {} {}",
    "{0} {1}, Part {2}",
)
_GENRES = (
    ("indie pop",),
    ("techno", "ambient"),
    ("soul", "funk"),
    ("indie rock",),
    ("cool jazz",),
    ("hip hop",),
    ("post-punk",),
    ("disco", "french house"),
    ("chamber music",),
    (),
)


@dataclass(frozen=True)
class EdgeCasePlaces:
    """Places in a library of `size` tracks that hold something odd."""

    size: int

    @property
    def removed(self) -> int:
        """An item whose track is null."""
        return self.size // 7

    @property
    def taken_down(self) -> int:
        """A track that lost its name, and its album's."""
        return self.size * 2 // 7

    @property
    def local(self) -> int:
        """A file on the listener's own device."""
        return self.size * 3 // 7

    @property
    def twice(self) -> tuple[int, int]:
        """One track, at two places."""
        return self.size // 10, self.size * 9 // 10


@dataclass(frozen=True)
class LargeLibrary:
    """`size` invented tracks; with `odd`, some places hold edge cases."""

    size: int
    odd: bool = False

    @property
    def albums(self) -> int:
        """How many albums the tracks are on."""
        return max(self.size // 8, 1)

    @property
    def artists(self) -> int:
        """How many artists they are by."""
        return max(self.albums // 3, 1)

    def added_at(self, place: int) -> int:
        """When the track at that place was saved."""
        step = _SPAN / self.size
        return int(_NEWEST - place * step - number("saved", place) % 1000 / 1001 * step) - 1

    def track(self, place: int) -> Track | None:
        """The track at that place; `None` where it was removed."""
        if not self.odd:
            return self._track(place)
        odd = EdgeCasePlaces(self.size)
        if place == odd.removed:
            return None
        if place == odd.taken_down:
            track = self._track(place)
            return replace(track, name="", album=replace(track.album, name=""))
        if place == odd.local:
            return _local_file(place)
        return self._track(odd.twice[0] if place == odd.twice[1] else place)

    def album(self, index: int) -> Album:
        """The album with that number, from 0."""
        return _album(index, self.artists, -(-(self.size - index) // self.albums))

    def tracks_on(self, index: int) -> list[Track]:
        """The tracks of the album with that number, in order."""
        return [self._track(place) for place in range(index, self.size, self.albums)]

    def _track(self, place: int) -> Track:
        row, index = divmod(place, self.albums)
        chance = number("song", place)
        words = _words(chance)
        name = _SONGS[(chance >> 40) % len(_SONGS)].format(*words, 2 + (chance >> 48) % 7)
        album = self.album(index)
        track = make_track(name, (album.artist,), album, row + 1)
        return replace(track, explicit=(chance >> 56) % 12 == 0)

    def places(self) -> dict[str, tuple[int, ...]]:
        """Every track's places, by its key."""
        found: dict[str, tuple[int, ...]] = {}
        for place in range(self.size):
            track = self.track(place)
            if track is not None:
                found[track.key] = (*found.get(track.key, ()), place)
        return found


@lru_cache(maxsize=4)
def places_of(large_library: LargeLibrary) -> dict[str, tuple[int, ...]]:
    """`library.places()`, remembered: a page does not need it, a track by its id does."""
    return large_library.places()


@lru_cache(maxsize=4)
def album_indexes(large_library: LargeLibrary) -> dict[str, int]:
    """The number of each album, by its id."""
    return {large_library.album(index).id: index for index in range(large_library.albums)}


@lru_cache(maxsize=8192)
def _album(index: int, artists: int, total: int) -> Album:
    chance = number("record", index)
    # Squeezed towards 0, so that a few artists made much of it.
    artist = _artist(int(artists * ((chance >> 64) % 10_000 / 10_000) ** 1.6))
    title = " ".join(reversed(_words(chance)))
    year, month, day = 1962 + chance % 64, 1 + (chance >> 32) % 12, 1 + (chance >> 40) % 28
    released = str(year) if year < 1975 else f"{year}-{month:02d}-{day:02d}"
    return Album(spotify_id("crowd album", index), title, artist, released, max(total, 1))


@lru_cache(maxsize=2048)
def _artist(index: int) -> Artist:
    pairs = len(_FIRST) * len(_SECOND)
    first, second = _words_at((index * 191 + 7) % pairs)
    name = f"{first} {second}" if index < pairs else f"{first} {second} {index // pairs + 1}"
    genres = _GENRES[number("crowd genre", index) % len(_GENRES)]
    return Artist(spotify_id("crowd artist", index), name, "crowd", genres)


def _words(chance: int) -> tuple[str, str]:
    return _words_at((chance >> 8) % (len(_FIRST) * len(_SECOND)))


def _words_at(index: int) -> tuple[str, str]:
    return _FIRST[index % len(_FIRST)], _SECOND[index // len(_FIRST)]


def _local_file(place: int) -> Track:
    name, artist, album = "Rehearsal Room, March", "Us, Back Then", "Minidisc 3"
    uri = f"spotify:local:{artist}:{album}:{name}:{place}".replace(" ", "+")
    owner = Artist("", artist, "crowd", (), portrait="none")
    return Track(None, uri, name, (owner,), Album("", album, owner, "", 0), 0, 200_000, "")
