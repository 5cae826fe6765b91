"""The mood page's sentences. Nothing here computes a statistic."""

from collections.abc import Mapping, Sequence

from app.stats.decades import Decade
from app.stats.keys import KeySignature
from app.stats.mood import Coverage, Figure, Mood
from app.stats.mood_map import Centre
from app.stats.sound import SHARES, Summary
from app.stats.tempo import Band
from app.web.charts.shared import TrackRow
from app.web.format import PROVIDERS, UNKNOWN, TextSpan, counted, percent
from app.web.mood.measures import said, spread_words
from app.web.mood.report import MoodReport, RangeMood

Sentence = tuple[TextSpan, ...]


QUADRANTS = {
    "angry": "low valence, high energy",
    "happy": "high valence, high energy",
    "sad": "low valence, low energy",
    "calm": "high valence, low energy",
}

# Of which fives the sentence speaks first.
TOLD = ("happiest", "saddest", "most danceable", "most energetic", "calmest")


def plain(text: str) -> Sentence:
    """A sentence without names."""
    return (TextSpan(text),) if text else ()


def one_or(pieces: Sequence[str]) -> str:
    """A list in words: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(pieces[:-1]), pieces[-1]] if len(pieces) > 1 else pieces)


def mood(report: MoodReport) -> Mood:
    """The report's mood as the overview has it, for the sentences that both share."""
    figures = {
        name: Figure(report.features[name].mean, report.features[name].median)
        for name in ("valence", "energy", "danceability", "instrumentalness")
    }
    return Mood(report.coverage, dict(report.sources), **figures, key=next(iter(report.keys), None))


def map_words(quadrants: Mapping[str, int], drift: str) -> Sentence:
    """Where most tracks lie, and how the centre moved."""
    total, largest = sum(quadrants.values()), max(quadrants.values())
    names = [name for name, count in quadrants.items() if count == largest]
    if not total:
        lying = "Of no track are both valence and energy known, so the map is empty."
    elif total == 1:
        lying = f"The one track that is known sounds {names[0]}."
    elif len(names) > 1:
        lying = f"No mood leads alone: {one_or(names)} have {counted(largest, 'track')} each."
    elif largest == total:
        lying = f"All {total} tracks sound {names[0]}."
    else:
        group = "Most of your tracks sound" if largest * 2 > total else "The largest group sounds"
        lying = f"{group} {names[0]}: {largest} of {total}."
    return plain(f"{lying} {drift}".strip())


def drift_words(ranges: Sequence[RangeMood], drift: Sequence[str]) -> str:
    """How the music changed over the year; "" where one of its ends is not known."""
    shortest, longest = ranges[0].centre, ranges[-1].centre
    if shortest is None or longest is None:
        return ""
    if not drift:
        return "Over the year your music stayed about the same."
    return f"Over the year your music got {one_or(drift)}."


def spread_sentence(features: Mapping[str, Summary]) -> Sentence:
    """In which of the seven shares the tracks are most alike and differ most."""
    known = [(one.stdev, name) for name in SHARES if (one := features[name]).stdev is not None]
    if max(one.count for one in features.values()) == 1:
        return plain("One track is too few for a spread; here is what is known of it.")
    if len(known) < 2:
        return plain("Too few measures are known to say in which your tracks differ most.")
    (least, alike), (most, apart) = min(known), max(known)
    if least == most:
        return plain(
            "Your tracks differ equally much in every measure." if most else "Your tracks sound all alike."
        )
    return plain(
        f"Your tracks are most alike in {alike} (standard deviation {spread_words(alike, least)}) "
        f"and differ most in {apart} ({spread_words(apart, most)})."
    )


def fives_words(fives: Mapping[str, Sequence[tuple[TrackRow, str]]]) -> Sentence:
    """The first of three fives, by name."""
    words: list[TextSpan] = []
    told = [name for name in TOLD if fives.get(name)][:3]
    for name in told:
        row, value = fives[name][0]
        joint = "; " if words else ""
        words += [TextSpan(joint), TextSpan(row.name, is_name=True), TextSpan(f" sounds {name} ({value})")]
    return (*words, TextSpan(".")) if words else plain("Too little is known to pick any.")


def keys_words(keys: Sequence[KeySignature], modes: Mapping[str, int]) -> Sentence:
    """The most common key, and which mode leads."""
    if not keys:
        return plain("No track’s key is known.")
    total, best = sum(one.count for one in keys), keys[0].count
    leading = [one.name for one in keys if one.count == best]
    if total == 1:
        return plain(f"The one track whose key is known is in {leading[0]}.")
    if len(leading) == 1:
        first = f"The most common key is {leading[0]}, with {best} of {total} tracks"
    elif len(leading) <= 3:
        first = f"{one_or(leading)} share the lead, with {counted(best, 'track')} each"
    elif best == 1:
        first = f"No key comes twice among {total} tracks"
    else:
        first = f"No key stands out: {len(leading)} of them have {best} tracks each"
    return plain(f"{first}; {mode_words(modes)}.")


def mode_words(modes: Mapping[str, int]) -> str:
    """Which mode leads: "61% are in minor"."""
    major, minor = modes["major"], modes["minor"]
    if not minor or not major:
        return f"all are in {'major' if major else 'minor'}"
    if major == minor:
        return "half are in major, half in minor"
    name = "major" if major > minor else "minor"
    return f"{percent(modes[name] / (major + minor))} are in {name}"


def tempo_words(summary: Summary, bands: Sequence[Band]) -> Sentence:
    """Half of the tracks' tempo, and the band with the most tracks."""
    if not summary.count:
        return plain("No track’s tempo is known.")
    if summary.count == 1:
        band = next(one for one in bands if one.count)
        return plain(
            f"The one track whose tempo is known is {band.name}, at {said('tempo', summary.median)}."
        )
    largest = max(one.count for one in bands)
    names = [one.name for one in bands if one.count == largest]
    lead = (
        f"the largest band is “{names[0]}”, with {largest} of {summary.count} tracks"
        if len(names) == 1
        else f"{one_or([f'“{name}”' for name in names])} have {counted(largest, 'track')} each"
    )
    return plain(f"The middle tempo is {said('tempo', summary.median)}; {lead}.")


def decades_words(decades: Sequence[Decade]) -> Sentence:
    """Which decade has the most tracks, and which sounds happiest and most energetic."""
    if not decades:
        return plain("Spotify gave no release date for any of these tracks.")
    total, largest = sum(one.count for one in decades), max(one.count for one in decades)
    leading = [f"{one.decade}s" for one in decades if one.count == largest]
    if len(decades) == 1:
        first = f"Everything here came out in the {leading[0]}."
    elif len(leading) == 1:
        first = f"The {leading[0]} lead, with {largest} of {total} tracks."
    else:
        first = f"The {one_or(leading)} lead, with {counted(largest, 'track')} each."
    happy = [(one.valence, one) for one in decades if one.valence is not None]
    lively = [(one.energy, one) for one in decades if one.energy is not None]
    if len(happy) < 2 or len(lively) < 2:
        return plain(first)
    (valence, glad), (energy, quick) = max(happy, key=_first), max(lively, key=_first)
    if glad is quick:
        return plain(
            f"{first} Those of the {glad.decade}s sound both happiest (valence {percent(valence)}) "
            f"and most energetic (energy {percent(energy)})."
        )
    return plain(
        f"{first} Happiest sound those of the {glad.decade}s (valence {percent(valence)}), "
        f"most energetic those of the {quick.decade}s (energy {percent(energy)})."
    )


def _first(pair: tuple[float, Decade]) -> float:
    return pair[0]


def ranges_words(ranges: Sequence[RangeMood]) -> Sentence:
    """Which of the seven shares moved most between the longest range and the shortest."""
    short, long = ranges[0].figures, ranges[-1].figures
    moved = [
        (abs(now - then), name, then, now)
        for name in SHARES
        if (now := short[name].mean) is not None and (then := long[name].mean) is not None
    ]
    if not moved:
        return plain("Too little is known of the other ranges to compare them.")
    _, name, then, now = max(moved)
    if percent(then) == percent(now):
        return plain("The year and the last 4 weeks sound the same, to the percent.")
    way = "rose" if now > then else "fell"
    return plain(
        f"Between the whole year and the last 4 weeks, {name} changed most: it {way} from {percent(then)} to "
        f"{percent(now)}."
    )


def ranges_cover(ranges: Sequence[RangeMood], compared: int | None) -> str:
    """How much is known of each range, and from whom: one phrase where the source is the same.

    `compared`: by how many of their first tracks the ranges are compared, `None` for all.
    """
    names = {PROVIDERS.get(source.lower(), source) for one in ranges for source in one.sources}
    each = ", ".join(
        f"{one.time_range.label} {one.coverage.known} of {one.coverage.total} tracks" for one in ranges
    )
    each = f"by the first {compared} of each range: {each}" if compared else each
    return f"{each}; from {one_or(sorted(names))}" if names else each


def unknown_words(coverage: Coverage) -> Sentence:
    """How many tracks are missing from every chart."""
    missing = coverage.total - coverage.known
    if not missing:
        return plain("None: every track of this range is known.")
    if not coverage.known:
        return plain(f"Nothing is known of {'this track' if missing == 1 else 'any of these tracks'}.")
    return plain(
        f"{counted(missing, 'track')} of {coverage.total} {'is' if missing == 1 else 'are'} "
        "missing from every chart of how your music sounds. Release dates are counted all the same."
    )


def centre_words(centre: Centre | None) -> tuple[str, str]:
    """A centre's valence and energy."""
    return (percent(centre.valence), percent(centre.energy)) if centre else (UNKNOWN, UNKNOWN)
