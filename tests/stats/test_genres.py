"""The most common genre among the top artists."""

from hypothesis import given
from hypothesis import strategies as st

from app.music import Artist
from app.stats.genres import GenreCount, top_genre


def artist(*genres: str) -> Artist:
    """An artist of these genres."""
    return Artist(id=None, name="Someone", genres=genres)


def test_the_genre_of_most_artists_wins() -> None:
    artists = [artist("shoegaze"), artist("dream pop", "fado"), artist("fado"), artist()]

    assert top_genre(artists) == GenreCount("fado", 2)


def test_a_tie_goes_to_the_genre_of_the_better_ranked_artist() -> None:
    techno, ambient = artist("techno"), artist("ambient")

    assert top_genre([techno, ambient, ambient, techno]) == GenreCount("techno", 2)
    assert top_genre([ambient, techno, techno, ambient]) == GenreCount("ambient", 2)


def test_the_first_of_one_artists_genres_wins_a_tie() -> None:
    assert top_genre([artist("soul", "funk"), artist("funk", "soul")]) == GenreCount("soul", 2)


def test_an_artist_counts_once_for_a_genre_named_twice() -> None:
    assert top_genre([artist("disco", "disco"), artist("house"), artist("house")]) == GenreCount("house", 2)


def test_no_artists_or_artists_without_genres_have_no_top_genre() -> None:
    assert top_genre([]) is None
    assert top_genre([artist(), artist()]) is None


@given(st.lists(st.lists(st.sampled_from("abcde")).map(lambda genres: artist(*genres))))
def test_no_genre_is_carried_by_more_artists_than_the_top_one(artists: list[Artist]) -> None:
    top = top_genre(artists)
    counts = {genre: sum(genre in artist.genres for artist in artists) for genre in "abcde"}

    assert (top.count if top else 0) == max(counts.values())
    if top:
        assert counts[top.name] == top.count
