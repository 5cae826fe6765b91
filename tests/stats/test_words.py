"""The mood in plain words: its bands, its conjunctions, and what it leaves out."""

import pytest

from app.stats.mood import Coverage, Figure, Mood
from app.stats.words import mood_sentence


def mood(
    valence: float | None = None,
    energy: float | None = None,
    danceability: float | None = None,
    instrumentalness: float | None = None,
) -> Mood:
    """A mood with these means."""
    return Mood(
        coverage=Coverage(known=1, total=1),
        sources={"reccobeats": 1},
        valence=Figure(valence, valence),
        energy=Figure(energy, energy),
        danceability=Figure(danceability, danceability),
        instrumentalness=Figure(instrumentalness, instrumentalness),
        key=None,
    )


def test_all_four_figures_make_two_sentences() -> None:
    assert mood_sentence(mood(0.66, 0.68, 0.56, 0.1)) == (
        "Your top tracks sound cheerful and full of energy. "
        "They are easy to dance to and nearly always with vocals."
    )


@pytest.mark.parametrize(
    ("valence", "word"),
    [
        (0.0, "dark"),
        (0.2, "sombre"),
        (0.4, "bittersweet"),
        (0.6, "cheerful"),
        (0.8, "radiantly happy"),
        (1.0, "radiantly happy"),
    ],
)
def test_bands_begin_at_their_lower_bound(valence: float, word: str) -> None:
    assert mood_sentence(mood(valence=valence)) == f"Your top tracks sound {word}."


@pytest.mark.parametrize(
    ("valence", "energy", "sentence"),
    [
        (0.2, 0.85, "Your top tracks sound sombre but fiercely energetic."),
        (0.3, 0.6, "Your top tracks sound sombre but full of energy."),
        (0.7, 0.3, "Your top tracks sound cheerful but calm."),
        (0.1, 0.1, "Your top tracks sound dark and very quiet."),
        (0.5, 0.5, "Your top tracks sound bittersweet and moderately lively."),
    ],
)
def test_happiness_and_energy_that_pull_apart_say_but(valence: float, energy: float, sentence: str) -> None:
    assert mood_sentence(mood(valence, energy)) == sentence


def test_unknown_figures_go_unmentioned() -> None:
    assert mood_sentence(mood(instrumentalness=0.8)) == "Your top tracks are mostly instrumental."


def test_no_figure_at_all_is_said() -> None:
    assert mood_sentence(mood()) == "How your top tracks sound is not known."
