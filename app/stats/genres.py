"""Genres: which kinds of music a list of artists stands for. Pure functions."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from app.music import Artist


@dataclass(frozen=True)
class GenreCount:
    """A genre and how many of the artists carry it."""

    name: str
    count: int


def top_genre(artists: Iterable[Artist]) -> GenreCount | None:
    """The genre that most of `artists` (best-ranked first) carry; `None` when no artist has any.

    A tie goes to the genre of the better-ranked artist; an artist counts once for each genre.
    """
    counts = Counter(genre for artist in artists for genre in dict.fromkeys(artist.genres))
    if not counts:
        return None
    name, count = max(counts.items(), key=lambda item: item[1])
    return GenreCount(name=name, count=count)
