"""What the mood page says: sentences made from the numbers, what each chart covers, and the awkward cases."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from flask import Flask

from app.music import Album, ArtistName, AudioFeatures, TimeRange, Track
from app.stats.decades import Decade
from app.stats.keys import KeySignature
from app.stats.mood_map import Point
from app.stats.sound import SHARES, summary
from app.stats.tempo import tempo_bands
from app.web.mood import measures, view
from app.web.mood.report import MoodReport, report_of
from tests.conftest import Browser
from tests.web.rendered import NOW, Rendered, renderer

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
    lists = dict.fromkeys(TimeRange, listed) | dict(others or {})
    return report_of(MEDIUM, lists, {sound.track_id: sound for sound in sounds}, NOW - 760, None)


class Page:
    """The page of a report."""

    def __init__(self, app: Flask) -> None:
        self._render = renderer(app, "/mood", "mood/page.html")

    def __call__(self, report: MoodReport) -> Rendered:
        return self._render(report=report, view=view)


@pytest.fixture
def page(site_without_spotify: Flask) -> Page:
    return Page(site_without_spotify)


# The head


def test_the_head_says_how_it_sounds_and_how_sure_that_is(page: Page) -> None:
    shown = page(report(tracks(3), [sound(0, valence=0.9), sound(1, source="spotify", valence=0.7)]))
    assert "Your top tracks sound radiantly happy and moderately lively." in shown.text
    assert "Mood known for 2 of 3 tracks: 1 from ReccoBeats, 1 from Spotify." in shown.text
    assert (
        "Valence 80% how happy it sounds; mean of 2 tracks Energy 50% how intense it feels; mean of 2 tracks "
        "Most common key G minor 2 of 2 tracks Tempo 120 BPM median of 2 tracks"
    ) in shown.text
    assert '<time datetime="2026-11-18T10:54:00Z">12 minutes ago</time>' in shown.html
    assert '<a href="/mood?time_range=medium_term" aria-current="true">6 months</a>' in shown.html


def test_a_chapter_states_what_it_covers_where_that_differs(page: Page) -> None:
    shown = page(report(tracks(3), [sound(0), sound(1, key=None, tempo=None)]))
    for name, covers in {
        # As many as the page says at its beginning, which is said once.
        "map": "The mood map All 2 tracks sound happy.",
        "measures": "Measure by measure ",
        "fives": "The far ends ",
        "keys": "Keys 1 of 3 tracks, from ReccoBeats",
        "tempo": "Tempo 1 of 3 tracks, from ReccoBeats",
        "decades": "Decades Release dates: 3 of 3 tracks, from Spotify Everything here",
        "ranges": (
            "The three ranges 4 weeks 2 of 3 tracks, 6 months 2 of 3 tracks, 1 year 2 of 3 tracks; "
            "from ReccoBeats"
        ),
        "unknown": "Not known 2 of 3 tracks, from ReccoBeats",
    }.items():
        assert shown.section(name).startswith(covers)


# The map


def test_a_point_says_who_it_is_and_where_it_lies(page: Page) -> None:
    shown = page(report([track(0)], [sound(0, valence=1.0, energy=0.0)]))
    assert 'href="/track?name=Track+0&amp;artist=Ada"' in shown.html
    assert "<title>Track 0 by Ada: calm, valence 100%, energy 0%</title>" in shown.html
    assert '<circle class="map-dot" cx="400.0" cy="400.0"' in shown.html
    assert "1 Track 0 Ada 100% 0% calm" in shown.section("map")


def test_a_point_without_name_or_artist_still_has_a_label() -> None:
    label = view.point_label(Track("t0", None), Point(0, 0.5, 0.499))
    assert label == "Unknown title: calm, valence 50%, energy 49.9%"


def test_quadrants_have_counts_and_shares(page: Page) -> None:
    sounds = [sound(n, valence=0.9, energy=0.9) for n in range(3)] + [sound(3, valence=0.1, energy=0.1)]
    shown = page(report(tracks(4), sounds)).section("map")
    assert "Most of your tracks sound happy: 3 of 4." in shown
    assert "Happy high valence, high energy 3 tracks 75%" in shown
    assert "Calm high valence, low energy 0 tracks 0%" in shown
    assert "Sad low valence, low energy 1 track 25%" in shown


def test_the_map_says_how_the_music_moved_from_the_year_to_the_last_weeks(page: Page) -> None:
    sounds = [sound(0, valence=0.2, energy=0.9), sound(1), sound(2, valence=0.8, energy=0.2)]
    listed = tracks(3)
    shown = page(report(listed[1:2], sounds, {LONG: listed[:1], SHORT: listed[2:]}))
    assert "How the centre moved Over the year your music got happier and calmer." in shown.section("map")
    assert (
        "1 year 1 of 1 track, from ReccoBeats 20% 90% 6 months 1 of 1 track, from ReccoBeats 50% 50% "
        "4 weeks 1 of 1 track, from ReccoBeats 80% 20%"
    ) in shown.section("map")


def test_music_that_stayed_is_said_to_have_stayed() -> None:
    stayed = view.drift_sentence(report(tracks(2), [sound(0)]))
    assert stayed == "Over the year your music stayed about the same."


def test_without_the_other_ranges_there_is_no_movement(page: Page) -> None:
    alone = report(tracks(2), [sound(0)], {SHORT: (), LONG: ()})
    assert view.drift_sentence(alone) == ""
    shown = page(alone)
    assert 'class="drift"' not in shown.html
    assert "1 year 0 of 0 tracks – –" in shown.section("map")


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ((0, 0, 0, 0), "Of no track are both valence and energy known, so the map is empty."),
        ((1, 0, 0, 0), "The one track that is known sounds happy."),
        ((7, 0, 0, 0), "All 7 tracks sound happy."),
        ((2, 1, 1, 1), "The largest group sounds happy: 2 of 5."),
        ((2, 0, 2, 1), "No mood leads alone: happy and sad have 2 tracks each."),
    ],
)
def test_the_map_says_where_most_tracks_lie(counts: tuple[int, ...], sentence: str) -> None:
    quadrants = dict(zip(("happy", "angry", "sad", "calm"), counts, strict=True))
    assert view.map_sentence(quadrants, "") == sentence


# The measures


def test_a_measure_has_all_its_figures_and_the_tracks_at_its_ends(page: Page) -> None:
    sounds = [sound(n, valence=n / 4) for n in range(5)]
    shown = page(report(tracks(6), sounds))
    valence = shown.section("measures").partition("Energy How intense")[0]
    assert "The middle half lies between 25% and 75%." in valence
    assert "Mean 50% Median 50% Quartiles 25% to 75% Standard deviation 40 points" in valence
    assert "Lowest 0% Track 0 Ada Highest 100% Track 4 Ada" in valence
    assert "0% to 10% 1 10% to 20% 0 20% to 30% 1" in valence
    assert 'aria-label="Valence: tracks in each step. Mean 50%, median 50%."' in shown.html
    assert shown.html.count('<article class="measure"') == 9


def test_an_end_that_two_share_goes_to_the_better_ranked() -> None:
    equal = report([track(0, name="First"), track(1)], [sound(0), sound(1)])
    least = equal.features["valence"].min
    assert least is not None
    assert view.track_at(equal, least).name == "First"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([], "Not known for any track."),
        ([0.7], "One track, at 70%."),
        ([0.5, 0.5, 0.5], "All 3 tracks are at 50%."),
        ([0.1, 0.5, 0.5, 0.5, 0.9], "The middle half is at 50%."),
    ],
)
def test_a_measure_says_where_its_middle_half_lies(values: list[float], sentence: str) -> None:
    known = summary([sound(n, valence=value) for n, value in enumerate(values)], "valence")
    assert measures.measure_sentence("valence", known) == sentence


@pytest.mark.parametrize(
    ("measure", "value", "words"),
    [
        ("valence", 0.634, "63%"),
        ("tempo", 118.4, "118 BPM"),
        ("loudness", -8.42, "−8.4 dB"),
        ("loudness", -0.04, "0.0 dB"),
        ("loudness", None, "–"),
    ],
)
def test_values_have_units_and_a_proper_minus(measure: str, value: float | None, words: str) -> None:
    assert measures.with_unit(measure, value) == words


@pytest.mark.parametrize(
    ("measure", "stdev", "words"),
    [
        ("valence", 0.18, "18 points"),
        ("valence", 0.012, "1 point"),
        ("valence", 0.001, "less than 1 point"),
        ("valence", 0.0, "0 points"),
        ("tempo", 21.6, "22 BPM"),
        ("loudness", None, "–"),
    ],
)
def test_a_deviation_of_shares_is_in_points(measure: str, stdev: float | None, words: str) -> None:
    assert measures.deviation(measure, stdev) == words


def test_the_chapter_says_what_is_most_alike_and_what_differs_most() -> None:
    sounds = [sound(n, valence=n / 4, energy=0.5 + n / 100) for n in range(5)]
    known = [
        AudioFeatures(sound.track_id, sound.source, valence=sound.valence, energy=sound.energy)
        for sound in sounds
    ]
    assert view.spread_sentence(report(tracks(5), known).features) == (
        "Your tracks are most alike in energy (standard deviation 2 points) "
        "and differ most in valence (40 points)."
    )


# The fives


def test_the_fives_hold_at_most_five_with_their_values(page: Page) -> None:
    shown = page(report(tracks(7), [sound(n, valence=n / 10) for n in range(7)])).section("fives")
    assert (
        "Happiest Track 6 Ada 60% Track 5 Ada 50% Track 4 Ada 40% Track 3 Ada 30% Track 2 Ada 20% "
        "Saddest Track 0 Ada 0%"
    ) in shown
    places = [shown.index(name) for name in ("Saddest", "Calmest", "Most energetic", "Most danceable")]
    assert places == sorted(places)


def test_fives_speak_of_what_is_known(page: Page) -> None:
    shown = page(report(tracks(2), [AudioFeatures("t0", "spotify", energy=0.4)])).section("fives")
    assert shown.startswith(
        "The far ends "
        "Track 0 sounds most energetic (40%); Track 0 sounds calmest (40%). "
        "Calmest Track 0 Ada 40% Most energetic"
    )
    assert "Happiest A" not in shown


def test_names_in_a_sentence_are_kept_apart_from_its_words() -> None:
    spans = view.fives_sentence(report([track(0, name="<script>")], [sound(0)]).fives)
    assert [span.text for span in spans if span.is_name] == ["<script>"] * 3


# Keys, tempo, decades


def test_the_most_common_key_stands_in_the_middle_of_the_circle(page: Page) -> None:
    keys = page(report(tracks(3), [sound(0), sound(1), sound(2, key=0, mode=1)])).section("keys")
    assert "The most common key is G minor, with 2 of 3 tracks; 67% are in minor." in keys
    assert "G minor 2 of 3 Outside the major keys" in keys
    assert "33% major, 1 track 67% minor, 2 tracks" in keys
    assert "Key Tracks G minor 2 C major 1" in keys


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ([], "No track’s key is known."),
        ([1], "The one track whose key is known is in K0."),
        ([2, 2, 1], "K0 and K1 share the lead, with 2 tracks each; all are in major."),
        ([1, 1, 1, 1], "No key comes twice among 4 tracks; all are in major."),
        ([2, 2, 2, 2], "No key stands out: 4 of them have 2 tracks each; all are in major."),
    ],
)
def test_keys_that_tie_share_the_lead(counts: list[int], sentence: str) -> None:
    keys = [KeySignature(n, 1, f"K{n}", count) for n, count in enumerate(counts)]
    assert view.keys_sentence(keys, {"major": sum(counts), "minor": 0}) == sentence
    if len(counts) > 1:
        assert view.hub(keys) == (f"{len(counts)} keys", f"in {sum(counts)} tracks")


def test_tempo_names_its_middle_and_its_largest_band(page: Page) -> None:
    sounds = [sound(0, tempo=90.0), sound(1, tempo=125.0), sound(2, tempo=130.0)]
    tempo = page(report(tracks(3), sounds)).section("tempo")
    assert "The middle tempo is 125 BPM; the largest band is “fast”, with 2 of 3 tracks." in tempo
    assert "Walking 76 to 108 BPM · Andante 1 Moderate 108 to 120 BPM · Moderato 0 Fast" in tempo


def test_bands_say_where_they_begin_and_end() -> None:
    assert [view.band_bounds(band) for band in tempo_bands([])] == [
        "below 76 BPM",
        "76 to 108 BPM",
        "108 to 120 BPM",
        "120 to 156 BPM",
        "156 BPM and more",
    ]


def test_decades_name_the_largest_the_happiest_and_the_most_energetic() -> None:
    assert view.decades_sentence([Decade(1980, 2, 0.9, 0.2), Decade(1990, 5, 0.4, 0.8)]) == (
        "The 1990s lead, with 5 of 7 tracks. Happiest sound those of the 1980s (valence 90%), "
        "most energetic those of the 1990s (energy 80%)."
    )


def test_one_decade_is_not_compared() -> None:
    sentence = view.decades_sentence([Decade(1980, 2, 0.9, 0.2)])
    assert sentence == "Everything here came out in the 1980s."


def test_decades_have_marks_on_a_rail(page: Page) -> None:
    listed = [track(0), track(1, released="1991"), track(2, released="1991")]
    shown = page(report(listed, [sound(0, valence=0.25, energy=1.0)]))
    assert "1980s 1 25% 100% 1990s 2 – –" in shown.section("decades")
    assert '<path class="rail-energy" d="M100.0 5h0.01"/>' in shown.html
    assert '<path class="rail-valence" d="M25.0 5h0.01"/>' in shown.html


def test_without_release_dates_there_are_no_decades(page: Page) -> None:
    shown = page(report([track(0, released=None)], [sound(0)]))
    assert "Spotify gave no release date for any of these tracks." in shown.section("decades")
    assert 'class="tally mood-decades"' not in shown.html


# The three ranges


def test_the_ranges_are_compared_measure_by_measure(page: Page) -> None:
    sounds = [sound(0, valence=0.2), sound(1, valence=0.4), sound(2, valence=0.9)]
    listed = tracks(3)
    shown = page(report(listed[1:2], sounds, {LONG: listed[:1], SHORT: listed[2:]}))
    ranges = shown.section("ranges")
    assert "valence changed most: it rose from 20% to 90%." in ranges
    assert "Measure 4 weeks 6 months 1 year Valence 90% 90% 40% 40% 20% 20%" in ranges
    assert "Loudness dB −8.0 −8.0 −8.0 −8.0 −8.0 −8.0 Known 1 of 1 1 of 1 1 of 1" in ranges
    drawn = view.range_radar(report(listed, sounds).ranges)
    assert drawn is not None
    assert (list(drawn.polygons), len(drawn.spokes)) == ([LONG, MEDIUM, SHORT], len(SHARES))


def test_ranges_that_are_not_known_are_not_compared(page: Page) -> None:
    ranges = page(report(tracks(1), [sound(0)], {SHORT: (), LONG: ()})).section("ranges")
    assert "Too little is known of the other ranges to compare them." in ranges
    assert "Known 0 of 0 1 of 1 0 of 0" in ranges


# What is not known


def test_unknown_tracks_are_listed_with_their_ranks(page: Page) -> None:
    local = Track(None, "Tape", (ArtistName(None, "Me"),))
    unknown = page(report([track(0), local, track(2)], [sound(0)])).section("unknown")
    assert (
        "2 tracks of 3 are missing from every chart of how your music sounds. "
        "Release dates are counted all the same. 2 Tape local file Me"
    ) in unknown
    assert "3 Track 2 Ada · Album" in unknown


def test_nothing_known_leaves_the_list_of_unknown_tracks(page: Page) -> None:
    shown = page(report(tracks(3)))
    assert "The mood is not known for any of the 3 tracks." in shown.section("blank")
    assert "Nothing is known of any of these tracks." in shown.section("unknown")
    assert shown.html.count('<li class="track">') == 3
    assert 'id="map"' not in shown.html


def test_no_tracks_at_all(page: Page) -> None:
    shown = page(report(()))
    assert "Spotify has no top tracks for you over about the last 6 months" in shown.section("blank")
    assert 'class="facts"' not in shown.html
    assert 'id="unknown"' not in shown.html


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
def test_the_page_makes_sense_whatever_is_known(page: Page, case: str) -> None:
    shown = page(CASES[case])  # which audits it

    assert "<script>alert" not in shown.html
    assert shown.html.count('class="map-dot"') == len(CASES[case].points)
    assert ("About these numbers" in shown.text, "mood.csv" in shown.html) == (True, True)
    assert "None" not in shown.html.replace("None:", "")


def test_a_point_is_a_link_where_the_track_has_a_page(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = [track(0), replace(track(1), url="javascript:alert(1)")]
    browser.log_in()
    monkeypatch.setattr("app.web.mood.routes.mood_report", lambda *_: report(listed, [sound(0), sound(1)]))

    page = browser.get("/mood").text

    assert re.search(
        r'<a href="/track\?name=Track\+0&amp;artist=Ada"[^>]*><title>Track 0 by Ada: happy', page
    )
    assert "javascript:" not in page
