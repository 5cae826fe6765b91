"""What the mood page says and draws: sentences made from the numbers, coverage, and the charts' geometry."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import itemgetter

from app.music import AudioFeatures, TimeRange, Track
from app.stats.decades import Decade
from app.stats.keys import KeySignature
from app.stats.mood import Coverage
from app.stats.mood_map import SPLIT, Point
from app.stats.sound import MEASURES, SHARES, Extreme, Summary
from app.stats.tempo import Band
from app.web.charts import histogram as charts
from app.web.charts.histogram import Histogram, tempo_histogram
from app.web.charts.key_circle import key_circle
from app.web.charts.markers import LEGEND_MARK, RADAR_MARK, marker
from app.web.charts.radar import Radar, Spoke, radar
from app.web.charts.scatter import close_up, dots, route
from app.web.format import PROVIDERS, TextSpan, artist_name, counted, covered, percent, title, track_span
from app.web.item.links import item_href
from app.web.mood.measures import GLOSSARY, bare, bin_edge, deviation, measure_sentence, quartiles, with_unit
from app.web.mood.report import FIVES, MoodReport, RangeMood, Ranked

__all__ = [  # what the template calls beside the functions of this module
    "FIVES",
    "GLOSSARY",
    "MEASURES",
    "bare",
    "bin_edge",
    "close_up",
    "deviation",
    "dots",
    "key_circle",
    "measure_sentence",
    "quartiles",
    "route",
    "tempo_histogram",
    "with_unit",
]

QUADRANTS = {
    "happy": "high valence, high energy",
    "calm": "high valence, low energy",
    "angry": "low valence, high energy",
    "sad": "low valence, low energy",
}
ON_CARD = 3  # tracks that a chart's card shows
FIRST_FIVES = ("happiest", "saddest", "most danceable", "most energetic", "calmest")  # for the sentence


def covers(report: MoodReport, *names: str, needed: Callable[[Iterable[bool]], bool] = all) -> str:
    """How many tracks have all of the named features, and from whom; with `needed=any`, at least one.

    "" where that is as many as the page says at its beginning.
    """
    sources = Counter(
        ranked.sound.source
        for ranked in report.tracks
        if ranked.sound is not None and needed(getattr(ranked.sound, name) is not None for name in names)
    )
    if sources.total() == report.mood.coverage.known:
        return ""
    return covered(sources, len(report.tracks))


def fives_cover(report: MoodReport) -> str:
    """How many tracks have a value that one of the fives goes by, and from whom."""
    return covers(report, *(measure for measure, _ in FIVES.values()), needed=any)


def legend_mark(time_range: TimeRange) -> str:
    """The mark of a range as an SVG path, for a table."""
    return marker(time_range, 0, 0, LEGEND_MARK)


def radar_mark(time_range: TimeRange, x: float, y: float) -> str:
    """The mark of a range as an SVG path, at a corner of the radar."""
    return marker(time_range, x, y, RADAR_MARK)


def point_label(track: Track, point: Point, here: int = 1) -> str:
    """All that a point of the map says. `here`: how many tracks share its spot."""
    by = ", ".join(artist_name(artist.name) for artist in track.artists)
    valence, energy = beside_the_split(point.valence), beside_the_split(point.energy)
    shared = f"; one of {here} tracks at this spot" if here > 1 else ""
    name = f"{title(track.name)} by {by}" if by else title(track.name)
    return f"{name}: {point.quadrant}, valence {valence}, energy {energy}{shared}"


def track_href(track: Track) -> str | None:
    """The track's page; `None` where it has no name to go by."""
    return item_href("track", track.name, track.artists[0].name if track.artists else None, track.id)


def beside_the_split(share: float) -> str:
    """A share as a percentage that never rounds across the line between two quadrants: 0.499 is "49.9%"."""
    rounds_over = share < SPLIT and round(share * 100) >= SPLIT * 100
    return f"{math.floor(share * 1000) / 10:.1f}%" if rounds_over else percent(share)


def measure_histogram(name: str, summary: Summary) -> Histogram | None:
    """One measure's histogram; `None` where nothing is known."""
    if name in SHARES:
        return charts.histogram(summary, (0.0, 1.0), (0.0, 0.5, 1.0))
    return charts.histogram(summary)


def rows_between(report: MoodReport, name: str, start: float, end: float) -> str:
    """The rows, in the map's table, of the best ranked tracks with a measure from `start` to below `end`."""
    is_last = end == report.features[name].histogram[-1].end

    def matches(sound: AudioFeatures) -> bool:
        value = getattr(sound, name)
        return value is not None and (start <= value < end or (is_last and value == end))

    return _rows(report, matches)


def rows_in_key(report: MoodReport, key: int, mode: int) -> str:
    """Likewise, of those in a key."""
    return _rows(report, lambda sound: (sound.key, sound.mode) == (key, mode))


def _rows(report: MoodReport, matches: Callable[[AudioFeatures], bool]) -> str:
    on_map = {point.place + 1 for point in report.points}
    found = [
        f"map-row-{ranked.rank}"
        for ranked in report.tracks
        if ranked.rank in on_map and ranked.sound is not None and matches(ranked.sound)
    ]
    return " ".join(found[:ON_CARD])


def spoke_words(spoke: Spoke, ranges: Sequence[TimeRange]) -> str:
    """What a spoke of the three ranges' radar says."""
    shares = zip(ranges, spoke.shares, strict=True)
    return f"{spoke.name}: " + ", ".join(f"{one.label} {percent(share)}" for one, share in shares)


def centre_words(time_range: TimeRange, ranges: Sequence[RangeMood]) -> str:
    """What the centre of a range says."""
    centre = next(one.centre for one in ranges if one.time_range is time_range)
    known = f"valence {percent(centre.valence)}, energy {percent(centre.energy)}" if centre else "not known"
    return f"{time_range.label}: {known}"


def bin_edge_of(name: str) -> Callable[[float], str]:
    """`bin_edge` of one measure."""
    return partial(bin_edge, name)


def track_at(report: MoodReport, extreme: Extreme) -> Track:
    """The track with a least or greatest value."""
    return next(ranked.track for ranked in report.tracks if ranked.track.id == extreme.track_id)


def hub(keys: Sequence[KeySignature]) -> tuple[str, str]:
    """What stands in the middle of the circle of fifths, and what that covers."""
    total = sum(key.count for key in keys)
    if len(keys) == 1 or keys[1].count < keys[0].count:
        return keys[0].name, f"{keys[0].count} of {total}"
    return counted(len(keys), "key"), f"in {counted(total, 'track')}"


def band_bounds(band: Band) -> str:
    """From where to where a band of tempo goes."""
    if band.end is None:
        return f"{band.start} BPM and more"
    return f"below {band.end} BPM" if band.start == 0 else f"{band.start} to {band.end} BPM"


def decades_cover(report: MoodReport) -> str:
    """How many release dates are known, which are Spotify's, and of how many tracks the mood."""
    dated = covered({"spotify": sum(decade.count for decade in report.decades)}, len(report.tracks))
    mood = covers(report, "valence", "energy")
    return f"Release dates: {dated}. Mood: {mood}" if mood else f"Release dates: {dated}"


def range_radar(ranges: Sequence[RangeMood]) -> Radar[TimeRange] | None:
    """The means of the seven shares, the longest range drawn lowest."""
    return radar(
        {
            one.time_range: {GLOSSARY[name].title: one.figures[name].mean for name in SHARES}
            for one in reversed(ranges)
        }
    )


def joined(pieces: Sequence[str]) -> str:
    """A list in words: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(pieces[:-1]), pieces[-1]] if len(pieces) > 1 else pieces)


def map_sentence(quadrants: Mapping[str, int], drift: str) -> str:
    """Where most tracks lie, and how the centre moved."""
    total, largest = sum(quadrants.values()), max(quadrants.values())
    names = [name for name, count in quadrants.items() if count == largest]
    if not total:
        lying = "Of no track are both valence and energy known, so the map is empty."
    elif total == 1:
        lying = f"The one track that is known sounds {names[0]}."
    elif len(names) > 1:
        lying = f"No mood leads alone: {joined(names)} have {counted(largest, 'track')} each."
    elif largest == total:
        lying = f"All {total} tracks sound {names[0]}."
    else:
        group = "Most of your tracks sound" if largest * 2 > total else "The largest group sounds"
        lying = f"{group} {names[0]}: {largest} of {total}."
    return f"{lying} {drift}".strip()


def drift_sentence(report: MoodReport) -> str:
    """How the music changed over the year; "" where one of its ends is not known."""
    if report.ranges[0].centre is None or report.ranges[-1].centre is None:
        return ""
    if not report.drift:
        return "Over the year your music stayed about the same."
    return f"Over the year your music got {joined(report.drift)}."


def spread_sentence(features: Mapping[str, Summary]) -> str:
    """In which of the seven shares the tracks are most alike and differ most."""
    known = [(one.stdev, name) for name in SHARES if (one := features[name]).stdev is not None]
    if max(one.count for one in features.values()) == 1:
        return "One track is too few for a spread; here is what is known of it."
    if len(known) < 2:
        return "Too few measures are known to say in which your tracks differ most."
    (least, alike), (most, apart) = min(known), max(known)
    if least == most:
        return "Your tracks differ equally much in every measure." if most else "Your tracks sound all alike."
    return (
        f"Your tracks are most alike in {alike} (standard deviation {deviation(alike, least)}) "
        f"and differ most in {apart} ({deviation(apart, most)})."
    )


def fives_sentence(fives: Mapping[str, Sequence[Ranked]]) -> tuple[TextSpan, ...]:
    """The first of three fives, by name."""
    spans: list[TextSpan] = []
    for name in [name for name in FIRST_FIVES if fives.get(name)][:3]:
        first = fives[name][0]
        spans += [
            TextSpan("; " if spans else ""),
            track_span(first.track),
            TextSpan(f" sounds {name} ({percent(getattr(first.sound, FIVES[name][0]))})"),
        ]
    return (*spans, TextSpan(".")) if spans else (TextSpan("Too little is known to pick any."),)


def keys_sentence(keys: Sequence[KeySignature], modes: Mapping[str, int]) -> str:
    """The most common key, and which mode leads."""
    if not keys:
        return "No track’s key is known."
    total, best = sum(one.count for one in keys), keys[0].count
    leading = [one.name for one in keys if one.count == best]
    if total == 1:
        return f"The one track whose key is known is in {leading[0]}."
    if len(leading) == 1:
        first = f"The most common key is {leading[0]}, with {best} of {total} tracks"
    elif len(leading) <= 3:
        first = f"{joined(leading)} share the lead, with {counted(best, 'track')} each"
    elif best == 1:
        first = f"No key comes twice among {total} tracks"
    else:
        first = f"No key stands out: {len(leading)} of them have {best} tracks each"
    return f"{first}; {_modes(modes)}."


def _modes(modes: Mapping[str, int]) -> str:
    """Which mode leads: "61% are in minor"."""
    major, minor = modes["major"], modes["minor"]
    if not minor or not major:
        return f"all are in {'major' if major else 'minor'}"
    if major == minor:
        return "half are in major, half in minor"
    name = "major" if major > minor else "minor"
    return f"{percent(modes[name] / (major + minor))} are in {name}"


def tempo_sentence(summary: Summary, bands: Sequence[Band]) -> str:
    """Half of the tracks' tempo, and the band with the most tracks."""
    if not summary.count:
        return "No track’s tempo is known."
    if summary.count == 1:
        band = next(one for one in bands if one.count)
        return f"The one track whose tempo is known is {band.name}, at {with_unit('tempo', summary.median)}."
    largest = max(one.count for one in bands)
    names = [one.name for one in bands if one.count == largest]
    lead = (
        f"the largest band is “{names[0]}”, with {largest} of {summary.count} tracks"
        if len(names) == 1
        else f"{joined([f'“{name}”' for name in names])} have {counted(largest, 'track')} each"
    )
    return f"The middle tempo is {with_unit('tempo', summary.median)}; {lead}."


def decades_sentence(decades: Sequence[Decade]) -> str:
    """Which decade has the most tracks, and which sounds happiest and most energetic."""
    if not decades:
        return "Spotify gave no release date for any of these tracks."
    total, largest = sum(one.count for one in decades), max(one.count for one in decades)
    leading = [f"{one.decade}s" for one in decades if one.count == largest]
    if len(decades) == 1:
        first = f"Everything here came out in the {leading[0]}."
    elif len(leading) == 1:
        first = f"The {leading[0]} lead, with {largest} of {total} tracks."
    else:
        first = f"The {joined(leading)} lead, with {counted(largest, 'track')} each."
    happy = [(one.valence, one) for one in decades if one.valence is not None]
    lively = [(one.energy, one) for one in decades if one.energy is not None]
    if len(happy) < 2 or len(lively) < 2:
        return first
    valence, glad = max(happy, key=itemgetter(0))
    energy, quick = max(lively, key=itemgetter(0))
    if glad is quick:
        return (
            f"{first} Those of the {glad.decade}s sound both happiest (valence {percent(valence)}) "
            f"and most energetic (energy {percent(energy)})."
        )
    return (
        f"{first} Happiest sound those of the {glad.decade}s (valence {percent(valence)}), "
        f"most energetic those of the {quick.decade}s (energy {percent(energy)})."
    )


def ranges_sentence(ranges: Sequence[RangeMood]) -> str:
    """Which of the seven shares moved most between the longest range and the shortest."""
    short, long = ranges[0].figures, ranges[-1].figures
    moved = [
        (abs(now - then), name, then, now)
        for name in SHARES
        if (now := short[name].mean) is not None and (then := long[name].mean) is not None
    ]
    if not moved:
        return "Too little is known of the other ranges to compare them."
    _, name, then, now = max(moved)
    if percent(then) == percent(now):
        return "The year and the last 4 weeks sound the same, to the percent."
    way = "rose" if now > then else "fell"
    return (
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
    return f"{each}; from {joined(sorted(names))}" if names else each


def unknown_sentence(coverage: Coverage) -> str:
    """How many tracks are missing from every chart."""
    missing = coverage.total - coverage.known
    if not missing:
        return "None: every track of this range is known."
    if not coverage.known:
        return f"Nothing is known of {'this track' if missing == 1 else 'any of these tracks'}."
    return (
        f"{counted(missing, 'track')} of {coverage.total} {'is' if missing == 1 else 'are'} "
        "missing from every chart of how your music sounds. Release dates are counted all the same."
    )
