"""What the mood page says: sentences made from the numbers, what each chart covers, and the awkward cases."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from app.music import Album, ArtistName, AudioFeatures, TimeRange, Track
from app.stats.decades import Decade, decades_of
from app.stats.keys import KeySignature, keys_of, modes_of
from app.stats.mood_map import drift, points, quadrants
from app.stats.sound import MEASURES, SHARES, summaries, summary
from app.stats.tempo import tempo_bands
from app.web.audio_features import in_order
from app.web.mood import measures as mood_measures
from app.web.mood import report as mood
from app.web.mood import sentences as words
from app.web.mood.chapters.head import Head
from app.web.mood.report import MoodReport, Ranked
from app.web.mood.view import Known, MoodView, mood_view
from tests.conftest import Browser

NOW = 1_795_000_000.0  # 2026-11-18 11:06:40 UTC
SHORT, MEDIUM, LONG = TimeRange
EVERYTHING = dict.fromkeys(SHARES, 0.5) | {"tempo": 120.0, "loudness": -8.0, "key": 7, "mode": 0}


def track(n: int, name: str | None = "", released: str | None = "1984") -> Track:
    return Track(
        f"t{n}",
        f"Track {n}" if name == "" else name,
        (ArtistName("a", "Ada"),),
        Album("al", "Album", release_date=released),
        url=f"https://open.spotify.com/track/t{n}",
    )


def tracks(count: int) -> tuple[Track, ...]:
    return tuple(track(n) for n in range(count))


def sound(n: int, source: str = "reccobeats", **known: float | None) -> AudioFeatures:
    """All features of track `n`, in the middle of every scale except where `known` says otherwise."""
    return replace(AudioFeatures(f"t{n}", source), **EVERYTHING | known)  # type: ignore[arg-type]


def report(
    listed: Sequence[Track],
    sounds: Sequence[AudioFeatures] = (),
    others: Mapping[TimeRange, Sequence[Track]] | None = None,
) -> MoodReport:
    """The report of 6 months; the other ranges rank the same tracks unless `others` says otherwise."""
    known = {one.track_id: one for one in sounds}
    heard = in_order(listed, known)
    lists = dict.fromkeys(TimeRange, listed) | dict(others or {})
    ranked = tuple(Ranked(rank, *one) for rank, one in enumerate(zip(listed, heard, strict=True), 1))
    shown = points(heard)
    ranges = tuple(mood.range_mood(one, in_order(of, known)) for one, of in lists.items())
    first, last = ranges[-1].centre, ranges[0].centre
    return MoodReport(
        time_range=MEDIUM,
        tracks=ranked,
        coverage=mood.coverage_of(heard),
        sources=Counter(one.source for one in heard if one),
        features=summaries(heard),
        points=shown,
        quadrants=quadrants(shown),
        keys=keys_of(heard),
        modes=modes_of(heard),
        tempo=tempo_bands(heard),
        decades=decades_of(listed, heard),
        fives={name: mood.five(ranked, *how) for name, how in mood.FIVES.items()},
        ranges=ranges,
        compared=None,
        drift=drift(first, last) if first and last else (),
        as_of=NOW - 760,
        stale=None,
    )


def view(of: MoodReport) -> MoodView:
    return mood_view(of, NOW)


def chapters(of: MoodReport) -> Known:
    known = view(of).known
    assert known is not None
    return known


def sentence(head: Head) -> str:
    return "".join(piece.text for piece in head.sentence)


# The head


def test_the_head_says_how_it_sounds_and_how_sure_that_is() -> None:
    shown = view(report(tracks(3), [sound(0, valence=0.9), sound(1, source="spotify", valence=0.7)]))
    assert shown.lead.startswith("Your top tracks sound radiantly happy and moderately lively.")
    assert shown.coverage == "Mood known for 2 of 3 tracks: 1 from ReccoBeats, 1 from Spotify."
    assert [(fact.label, fact.value, fact.covers) for fact in shown.facts] == [
        ("Valence", "80%", "how happy it sounds; mean of 2 tracks"),
        ("Energy", "50%", "how intense it feels; mean of 2 tracks"),
        ("Most common key", "G minor", "2 of 2 tracks"),
        ("Tempo", "120 BPM", "median of 2 tracks"),
    ]
    assert (shown.age, shown.as_of_iso) == ("12 minutes ago", "2026-11-18T10:54:00Z")


def test_the_current_range_is_marked() -> None:
    shown = view(report(tracks(1)))
    assert [(one.value, one.current) for one in shown.ranges] == [
        ("short_term", False),
        ("medium_term", True),
        ("long_term", False),
    ]


def test_every_chapter_states_what_it_covers_and_from_whom() -> None:
    shown = view(report(tracks(3), [sound(0), sound(1, key=None, tempo=None)]))
    assert [(head.id, head.covers) for head in shown.contents] == [
        ("map", "2 of 3 tracks, from ReccoBeats"),
        ("measures", "2 of 3 tracks, from ReccoBeats"),
        ("fives", "2 of 3 tracks, from ReccoBeats"),
        ("keys", "1 of 3 tracks, from ReccoBeats"),
        ("tempo", "1 of 3 tracks, from ReccoBeats"),
        (
            "decades",
            "Release dates: 3 of 3 tracks, from Spotify. Mood: 2 of 3 tracks, from ReccoBeats",
        ),
        (
            "ranges",
            "4 weeks 2 of 3 tracks, 6 months 2 of 3 tracks, 1 year 2 of 3 tracks; from ReccoBeats",
        ),
        ("unknown", "2 of 3 tracks, from ReccoBeats"),
    ]


# The map


def test_a_point_says_who_it_is_and_where_it_lies() -> None:
    (point,) = chapters(report([track(0)], [sound(0, valence=1.0, energy=0.0)])).map.points
    assert (point.x, point.y) == (400.0, 400.0)
    assert point.label == "Track 0 by Ada: valence 100%, energy 0%"
    assert (point.quadrant, point.row.url) == ("calm", "https://open.spotify.com/track/t0")


def test_a_point_without_name_or_artist_still_has_a_label() -> None:
    nameless = Track("t0", None)
    (point,) = chapters(report([nameless], [sound(0)])).map.points
    assert point.label == "Unknown title: valence 50%, energy 50%"


def test_quadrants_have_counts_and_shares() -> None:
    sounds = [sound(n, valence=0.9, energy=0.9) for n in range(3)] + [sound(3, valence=0.1, energy=0.1)]
    found = chapters(report(tracks(4), sounds)).map
    assert {name: (row.count, row.share, row.bar) for name, row in found.quadrants.items()} == {
        "happy": ("3 tracks", "75%", 75.0),
        "angry": ("0 tracks", "0%", 0.0),
        "sad": ("1 track", "25%", 25.0),
        "calm": ("0 tracks", "0%", 0.0),
    }
    assert sentence(found.head).startswith("Most of your tracks sound happy: 3 of 4.")


def test_the_map_says_how_the_music_moved_from_the_year_to_the_last_weeks() -> None:
    sounds = [sound(0, valence=0.2, energy=0.9), sound(1), sound(2, valence=0.8, energy=0.2)]
    listed = tracks(3)
    found = chapters(report(listed[1:2], sounds, {LONG: listed[:1], SHORT: listed[2:]})).map
    assert found.drift == "Over the year your music got happier and calmer."
    assert [(row.label, row.valence, row.energy, row.covers) for row in found.centres] == [
        ("1 year", "20%", "90%", "1 of 1 track, from ReccoBeats"),
        ("6 months", "50%", "50%", "1 of 1 track, from ReccoBeats"),
        ("4 weeks", "80%", "20%", "1 of 1 track, from ReccoBeats"),
    ]
    assert [mark.value for mark in found.route.marks] == ["long_term", "medium_term", "short_term"]


def test_music_that_stayed_is_said_to_have_stayed() -> None:
    assert (
        chapters(report(tracks(2), [sound(0)])).map.drift == "Over the year your music stayed about the same."
    )


def test_without_the_other_ranges_there_is_no_movement() -> None:
    found = chapters(report(tracks(2), [sound(0)], {SHORT: (), LONG: ()})).map
    assert (found.drift, found.close_up, found.route.arrows) == ("", None, ())
    assert [row.valence for row in found.centres] == ["–", "50%", "–"]


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((0, 0, 0, 0), "Of no track are both valence and energy known, so the map is empty."),
        ((1, 0, 0, 0), "The one track that is known sounds happy."),
        ((7, 0, 0, 0), "All 7 tracks sound happy."),
        ((2, 1, 1, 1), "The largest group sounds happy: 2 of 5."),
        ((2, 0, 2, 1), "No mood leads alone: happy and sad have 2 tracks each."),
    ],
)
def test_the_map_says_where_most_tracks_lie(counts: tuple[int, ...], said: str) -> None:
    (piece,) = words.map_words(dict(zip(("happy", "angry", "sad", "calm"), counts, strict=True)), "")
    assert piece.text == said


# The measures


def test_a_measure_has_all_its_figures_and_the_tracks_at_its_ends() -> None:
    sounds = [sound(n, valence=n / 4) for n in range(5)]
    one = chapters(report(tracks(6), sounds)).measures.measures[0]
    assert (one.title, one.covers) == ("Valence", "5 of 6 tracks, from ReccoBeats")
    assert (one.mean, one.median, one.quartiles, one.stdev) == ("50%", "50%", "25% to 75%", "40 points")
    assert one.sentence == "The middle half lies between 25% and 75%."
    assert one.min is not None
    assert one.max is not None
    assert (one.min.value, one.min.row.name) == ("0%", "Track 0")
    assert (one.max.value, one.max.row.name) == ("100%", "Track 4")
    assert one.bins[0] == ("0% to 10%", 1)
    assert sum(count for _, count in one.bins) == 5


def test_all_nine_measures_are_there_and_explained() -> None:
    found = chapters(report(tracks(1), [sound(0)])).measures.measures
    assert [one.name for one in found] == list(MEASURES)
    assert all(one.gloss.endswith(".") for one in found)


def test_an_end_that_two_share_goes_to_the_better_ranked() -> None:
    one = chapters(report([track(0, name="First"), track(1)], [sound(0), sound(1)])).measures.measures[0]
    assert one.min is not None
    assert one.min.row.name == "First"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([], "Not known for any track."),
        ([0.7], "One track, at 70%."),
        ([0.5, 0.5, 0.5], "All 3 tracks are at 50%."),
        ([0.1, 0.5, 0.5, 0.5, 0.9], "The middle half is at 50%."),
    ],
)
def test_a_measure_says_where_its_middle_half_lies(values: list[float], said: str) -> None:
    known = summary([sound(n, valence=value) for n, value in enumerate(values)], "valence")
    assert mood_measures.measure_sentence("valence", known) == said


@pytest.mark.parametrize(
    ("measure", "value", "said"),
    [
        ("valence", 0.634, "63%"),
        ("tempo", 118.4, "118 BPM"),
        ("loudness", -8.42, "−8.4 dB"),
        ("loudness", -0.04, "0.0 dB"),
        ("loudness", None, "–"),
    ],
)
def test_values_have_units_and_a_proper_minus(measure: str, value: float | None, said: str) -> None:
    assert mood_measures.said(measure, value) == said


@pytest.mark.parametrize(
    ("measure", "stdev", "said"),
    [
        ("valence", 0.18, "18 points"),
        ("valence", 0.012, "1 point"),
        ("valence", 0.001, "less than 1 point"),
        ("valence", 0.0, "0 points"),
        ("tempo", 21.6, "22 BPM"),
        ("loudness", None, "–"),
    ],
)
def test_a_deviation_of_shares_is_in_points(measure: str, stdev: float | None, said: str) -> None:
    assert mood_measures.spread_words(measure, stdev) == said


def test_the_chapter_says_what_is_most_alike_and_what_differs_most() -> None:
    sounds = [sound(n, valence=n / 4, energy=0.5 + n / 100) for n in range(5)]
    known = [
        AudioFeatures(one.track_id, one.source, valence=one.valence, energy=one.energy) for one in sounds
    ]
    assert sentence(chapters(report(tracks(5), known)).measures.head) == (
        "Your tracks are most alike in energy (standard deviation 2 points) "
        "and differ most in valence (40 points)."
    )


# The fives


def test_the_fives_hold_at_most_five_with_their_values() -> None:
    sounds = [sound(n, valence=n / 10) for n in range(7)]
    fives = {one.name: one for one in chapters(report(tracks(7), sounds)).fives.fives}
    assert list(fives) == ["happiest", "saddest", "calmest", "most energetic", "most danceable"]
    assert [(row.name, value) for row, value in fives["happiest"].rows] == [
        ("Track 6", "60%"),
        ("Track 5", "50%"),
        ("Track 4", "40%"),
        ("Track 3", "30%"),
        ("Track 2", "20%"),
    ]


def test_fives_speak_of_what_is_known() -> None:
    found = chapters(report(tracks(2), [AudioFeatures("t0", "spotify", energy=0.4)])).fives
    assert [one.name for one in found.fives] == ["calmest", "most energetic"]
    assert found.head.covers == "1 of 2 tracks, from Spotify"
    assert sentence(found.head) == "Track 0 sounds most energetic (40%); Track 0 sounds calmest (40%)."


def test_names_in_a_sentence_are_kept_apart_from_its_words() -> None:
    found = chapters(report([track(0, name="<script>")], [sound(0)])).fives.head.sentence
    assert [piece.text for piece in found if piece.is_name] == ["<script>"] * 3


# Keys, tempo, decades


def test_the_most_common_key_stands_in_the_middle_of_the_circle() -> None:
    sounds = [sound(0), sound(1), sound(2, key=0, mode=1)]
    found = chapters(report(tracks(3), sounds)).keys
    assert found.hub == ("G minor", "2 of 3")
    assert sentence(found.head) == "The most common key is G minor, with 2 of 3 tracks; 67% are in minor."
    assert found.modes is not None
    assert (found.modes.major, found.modes.major_words, found.modes.minor_words) == (
        33.3,
        "33% major, 1 track",
        "67% minor, 2 tracks",
    )


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([], "No track’s key is known."),
        ([1], "The one track whose key is known is in K0."),
        ([2, 2, 1], "K0 and K1 share the lead, with 2 tracks each; all are in major."),
        ([1, 1, 1, 1], "No key comes twice among 4 tracks; all are in major."),
        ([2, 2, 2, 2], "No key stands out: 4 of them have 2 tracks each; all are in major."),
    ],
)
def test_keys_that_tie_share_the_lead(counts: list[int], said: str) -> None:
    keys = [KeySignature(n, 1, f"K{n}", count) for n, count in enumerate(counts)]
    (piece,) = words.keys_words(keys, {"major": sum(counts), "minor": 0})
    assert piece.text == said


def test_tempo_names_its_middle_and_its_largest_band() -> None:
    sounds = [sound(0, tempo=90.0), sound(1, tempo=125.0), sound(2, tempo=130.0)]
    found = chapters(report(tracks(3), sounds)).tempo
    assert (
        sentence(found.head) == "The middle tempo is 125 BPM; the largest band is “fast”, with 2 of 3 tracks."
    )
    assert found.chart is not None
    assert [(band.name, band.count) for band in found.chart.bands if band.count] == [
        ("walking", 1),
        ("fast", 2),
    ]


def test_decades_name_the_largest_the_happiest_and_the_most_energetic() -> None:
    (piece,) = words.decades_words([Decade(1980, 2, 0.9, 0.2), Decade(1990, 5, 0.4, 0.8)])
    assert piece.text == (
        "The 1990s lead, with 5 of 7 tracks. Happiest sound those of the 1980s (valence 90%), "
        "most energetic those of the 1990s (energy 80%)."
    )


def test_one_decade_is_not_compared() -> None:
    (piece,) = words.decades_words([Decade(1980, 2, 0.9, 0.2)])
    assert piece.text == "Everything here came out in the 1980s."


def test_without_release_dates_there_are_no_decades() -> None:
    found = chapters(report([track(0, released=None)], [sound(0)])).decades
    assert found.rows == ()
    assert sentence(found.head) == "Spotify gave no release date for any of these tracks."


# The three ranges


def test_the_ranges_are_compared_measure_by_measure() -> None:
    sounds = [sound(0, valence=0.2), sound(1, valence=0.4), sound(2, valence=0.9)]
    listed = tracks(3)
    found = chapters(report(listed[1:2], sounds, {LONG: listed[:1], SHORT: listed[2:]})).ranges
    assert [(one.label, one.current, one.covers) for one in found.columns] == [
        ("4 weeks", False, "1 of 1"),
        ("6 months", True, "1 of 1"),
        ("1 year", False, "1 of 1"),
    ]
    assert [row.title for row in found.rows] == [mood_measures.MEASURES[name].title for name in MEASURES]
    assert found.rows[0].cells == (("90%", "90%"), ("40%", "40%"), ("20%", "20%"))
    assert sentence(found.head) == (
        "Between the whole year and the last 4 weeks, valence changed most: it rose from 20% to 90%."
    )
    assert found.radar is not None
    assert [len(series.marks) for series in found.radar.series] == [7, 7, 7]


def test_ranges_that_are_not_known_are_not_compared() -> None:
    found = chapters(report(tracks(1), [sound(0)], {SHORT: (), LONG: ()})).ranges
    assert sentence(found.head) == "Too little is known of the other ranges to compare them."
    assert [one.covers for one in found.columns] == ["0 of 0", "1 of 1", "0 of 0"]


# What is not known


def test_unknown_tracks_are_listed_with_their_ranks() -> None:
    local = Track(None, "Tape", (ArtistName(None, "Me"),))
    found = view(report([track(0), local, track(2)], [sound(0)])).unknown
    assert [(row.rank, row.name, row.local) for row in found.rows] == [
        (2, "Tape", True),
        (3, "Track 2", False),
    ]
    assert sentence(found.head) == (
        "2 tracks of 3 are missing from every chart of how your music sounds. "
        "Release dates are counted all the same."
    )


def test_nothing_known_leaves_the_list_of_unknown_tracks() -> None:
    shown = view(report(tracks(3)))
    assert shown.known is None
    assert shown.coverage == "The mood is not known for any of the 3 tracks."
    assert len(shown.unknown.rows) == 3
    assert sentence(shown.unknown.head) == "Nothing is known of any of these tracks."
    assert [head.id for head in shown.contents] == ["unknown"]


def test_no_tracks_at_all() -> None:
    shown = view(report(()))
    assert (shown.total, shown.known, shown.facts) == (0, None, ())


# The page


AWKWARD = (None, "<script>alert(1)</script>", "שלום עולם", "夕暮れ", "🎉", "x" * 90)
CASES = {
    "no tracks": report(()),
    "one track": report(tracks(1), [sound(0)]),
    "nothing known": report(tracks(3)),
    "all equal": report(tracks(20), [sound(n) for n in range(20)]),
    "no keys": report(tracks(3), [sound(n, key=None, mode=None) for n in range(3)]),
    "only energy": report(tracks(2), [AudioFeatures("t0", "spotify", energy=0.4)]),
    "no dates": report([track(0, released=None)], [sound(0)]),
    "far out": report(
        tracks(2), [sound(0, tempo=1000.0, loudness=-100.0), sound(1, tempo=1.0, loudness=20.0)]
    ),
    "awkward names": report(
        [*(track(n, name) for n, name in enumerate(AWKWARD)), Track(None, None)],
        [sound(n) for n in range(6)],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_page_makes_sense_whatever_is_known(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    browser.log_in()
    monkeypatch.setattr("app.web.mood.routes.mood_report", lambda *_: CASES[case])

    page = browser.get("/mood")  # audits the page

    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert page.text.count('class="map-point"') == len(CASES[case].points)
    assert ("About these numbers" in page.text, "mood.csv" in page.text) == (True, True)
    assert "None" not in page.text.replace("None:", "")


def test_a_point_is_a_link_where_the_track_has_a_page(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = [track(0), replace(track(1), url="javascript:alert(1)")]
    browser.log_in()
    monkeypatch.setattr("app.web.mood.routes.mood_report", lambda *_: report(listed, [sound(0), sound(1)]))

    page = browser.get("/mood").text

    assert '<a class="map-point" href="https://open.spotify.com/track/t0"' in page
    assert '<g class="map-point" tabindex="0" role="img" aria-label="Track 1 by Ada: valence 50%' in page
    assert "javascript:" not in page
