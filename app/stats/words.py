"""Sentences made from figures: what a mood says, in plain words. Pure functions.

Bands begin at their lower bound and are over the mean (0-1), the figure that pages show first.
"""

from app.stats.mood import Figure, Mood

Bands = tuple[tuple[float, str], ...]

VALENCE: Bands = (
    (0.8, "radiantly happy"),
    (0.6, "cheerful"),
    (0.4, "bittersweet"),
    (0.2, "sombre"),
    (0.0, "dark"),
)
ENERGY: Bands = (
    (0.8, "fiercely energetic"),
    (0.6, "full of energy"),
    (0.4, "moderately lively"),
    (0.2, "calm"),
    (0.0, "very quiet"),
)
DANCEABILITY: Bands = (
    (0.7, "made for dancing"),
    (0.5, "easy to dance to"),
    (0.3, "more for listening than for dancing"),
    (0.0, "hardly for dancing"),
)
INSTRUMENTALNESS: Bands = (
    (0.5, "mostly instrumental"),
    (0.15, "sometimes instrumental"),
    (0.0, "nearly always with vocals"),
)


def mood_sentence(mood: Mood) -> str:
    """What the mood says, in one or two sentences; figures that are unknown go unmentioned."""
    sound = [word for word in (band(mood.valence, VALENCE), band(mood.energy, ENERGY)) if word]
    use = [
        word
        for word in (band(mood.danceability, DANCEABILITY), band(mood.instrumentalness, INSTRUMENTALNESS))
        if word
    ]
    sentences = []
    if sound:
        sentences.append(f"Your top tracks sound {joining(mood).join(sound)}.")
    if use:
        sentences.append(f"{'They' if sound else 'Your top tracks'} are {' and '.join(use)}.")
    return " ".join(sentences) or "How your top tracks sound is not known."


def band(figure: Figure, bands: Bands) -> str | None:
    """The word of the band that the mean lies in; `None` when the mean is unknown."""
    mean = figure.mean
    if mean is None:
        return None
    return next((word for bound, word in bands if mean >= bound), bands[-1][1])


def joining(mood: Mood) -> str:
    """ " but " where happiness and energy pull apart, " and " where they go together."""
    valence, energy = mood.valence.mean, mood.energy.mean
    if valence is None or energy is None:
        return " and "
    apart = (valence >= 0.6 and energy < 0.4) or (valence < 0.4 and energy >= 0.6)
    return " but " if apart else " and "
