"""What the nine measures mean, and their values as words. Nothing here computes a statistic."""

from typing import NamedTuple

from app.stats.sound import SHARES, Summary
from app.web.format import UNKNOWN, counted, percent


class Measure(NamedTuple):
    """What a measure is called and means. `unit` is "" for shares."""

    title: str
    unit: str
    gloss: str


GLOSSARY = {
    "valence": Measure(
        "Valence",
        "",
        "How cheerful it sounds. Near 0% the music is sad, tense or angry; near 100% it is bright and glad.",
    ),
    "energy": Measure(
        "Energy",
        "",
        "How intense it feels. Soft, slow and sparse music is near 0%; loud, fast and busy music near 100%.",
    ),
    "danceability": Measure(
        "Danceability",
        "",
        "How easily feet fall in with it: a strong, steady beat at a walking pace or above.",
    ),
    "acousticness": Measure(
        "Acousticness",
        "",
        "How surely the instruments are acoustic. Near 100% nothing but wood, strings and air; near 0% "
        "electric or electronic.",
    ),
    "instrumentalness": Measure(
        "Instrumentalness", "", "How surely nobody sings. Above 50% there are probably no words at all."
    ),
    "liveness": Measure(
        "Liveness", "", "How surely an audience was there. Above 80% it is probably a recorded concert."
    ),
    "speechiness": Measure(
        "Speechiness",
        "",
        "How much is spoken. Below 33% it is music, above 66% mostly talk; rap often lies between.",
    ),
    "tempo": Measure(
        "Tempo",
        "BPM",
        "How fast the beat goes, in beats a minute. It is estimated, and may come out at half or double.",
    ),
    "loudness": Measure(
        "Loudness",
        "dB",
        "How loud the recording is on average, in decibels below the loudest a file can hold: nearer to 0 is "
        "louder.",
    ),
}


def with_unit(measure: str, value: float | None) -> str:
    """A value with its unit: "63%", "118 BPM", "−8.4 dB"."""
    if value is None:
        return UNKNOWN
    if measure in SHARES:
        return percent(value)
    return f"{bare(measure, value)} {GLOSSARY[measure].unit}"


def bare(measure: str, value: float | None) -> str:
    """A value without the unit, where a title names it."""
    if value is None:
        return UNKNOWN
    if measure in SHARES:
        return percent(value)
    return _signed(f"{value:.0f}" if measure == "tempo" else f"{value:.1f}")


def bin_edge(measure: str, value: float) -> str:
    """A bin's edge, as an axis has it: they are whole numbers where they are no shares."""
    return percent(value) if measure in SHARES else _signed(f"{value:.0f}")


def _signed(number: str) -> str:
    """A formatted number with a proper minus, and none before zero."""
    if not number.strip("-0."):
        return number.lstrip("-")
    return number.replace("-", "−")


def deviation(measure: str, stdev: float | None) -> str:
    """A standard deviation: "18 points" (of a percentage), "22 BPM", "3.1 dB"."""
    if stdev is None:
        return UNKNOWN
    if measure in SHARES:
        points = round(stdev * 100)
        return "less than 1 point" if stdev and not points else counted(points, "point")
    return with_unit(measure, stdev)


def measure_sentence(measure: str, summary: Summary) -> str:
    """The middle half of one measure, in plain words."""
    if summary.min is None or summary.max is None:
        return "Not known for any track."
    if summary.count == 1:
        return f"One track, at {with_unit(measure, summary.min.value)}."
    if with_unit(measure, summary.min.value) == with_unit(measure, summary.max.value):
        return f"All {summary.count} tracks are at {with_unit(measure, summary.min.value)}."
    first, third = with_unit(measure, summary.q1), with_unit(measure, summary.q3)
    if first == third:
        return f"The middle half is at {first}."
    return f"The middle half lies between {first} and {third}."


def quartiles(measure: str, summary: Summary) -> str:
    """The first and the third quartile."""
    if summary.q1 is None or summary.q3 is None:
        return UNKNOWN
    return f"{bare(measure, summary.q1)} to {with_unit(measure, summary.q3)}"
