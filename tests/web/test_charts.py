"""What templates draw: rows from untrusted names and addresses, pictures, bars and the radar's geometry."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from app.music import Album, Artist, ArtistName, AudioFeatures, Image, Profile, TimeRange, Track
from app.stats.genres import GenreCount
from app.stats.mood import Figure, mood_of
from app.web.charts import shared as charts
from app.web.last_known import Stale
from app.web.now.report import Overview

NOW = 1_795_000_000.0  # 2026-11-18 11:06:40 UTC
BERLIN = ZoneInfo("Europe/Berlin")
FEATURES = AudioFeatures(
    "t1", "reccobeats", danceability=0.5, energy=1.0, valence=0.5, instrumentalness=0.0, key=1, mode=0
)


def artists(count: int) -> tuple[Artist, ...]:
    return tuple(Artist(f"a{n}", f"Artist {n}") for n in range(1, count + 1))


def tracks(count: int) -> tuple[Track, ...]:
    return tuple(Track(f"t{n}", f"Track {n}") for n in range(1, count + 1))


REPORT = Overview(
    profile=Profile(id="mira", display_name="Mira"),
    time_range=TimeRange.SHORT_TERM,
    top_artists=artists(50),
    top_tracks=tracks(2),
    top_genre=GenreCount("dream pop", 12),
    mood=mood_of([FEATURES, None]),
    as_of=NOW - 760,
)


def view(report: Overview = REPORT) -> charts.OverviewView:
    return charts.overview_view(report, NOW, BERLIN)


def test_lists_show_the_first_twenty_and_say_of_how_many() -> None:
    assert [tile.rank for tile in view().artists] == list(range(1, 21))
    assert view().artists_cover == "First 20 of 50 artists"
    assert view().tracks_cover == "2 tracks"


def test_the_range_control_marks_the_current_range() -> None:
    assert [(r.value, r.label, r.current) for r in view().ranges] == [
        ("short_term", "4 weeks", True),
        ("medium_term", "6 months", False),
        ("long_term", "1 year", False),
    ]


def test_facts_say_what_they_cover() -> None:
    assert [(fact.label, fact.value, fact.covers) for fact in view().facts] == [
        ("Most common genre", "dream pop", "12 of your top 50 artists"),
        ("Most common key", "C♯ minor", "1 of 1 track"),
        ("Valence", "50%", "how happy it sounds; mean of 1 track"),
        ("Energy", "100%", "how intense it feels; mean of 1 track"),
    ]


def test_unknown_facts_are_left_out() -> None:
    assert view(replace(REPORT, top_genre=None, mood=mood_of([None]))).facts == ()


def test_a_long_value_asks_for_a_smaller_size() -> None:
    assert not charts.Fact("Most common genre", "dream pop", "").is_long
    assert charts.Fact("Most common genre", "latin american singer-songwriter", "").is_long


@pytest.mark.parametrize(("name", "shown"), [(None, None), ("  ", None), (" Mira ", "Mira")])
def test_the_greeting_uses_a_name_only_where_there_is_one(name: str | None, shown: str | None) -> None:
    assert view(replace(REPORT, profile=Profile(id="mira", display_name=name))).name == shown


def test_a_long_name_is_marked() -> None:
    assert not view().long_name
    assert view(replace(REPORT, profile=Profile(id="m", display_name="M" * 25))).long_name


def test_an_artist_without_name_or_page() -> None:
    tile = charts.artist_tile(3, Artist(None, None))
    assert (tile.rank, tile.name, tile.url) == (3, "Unknown artist", None)
    assert (tile.sleeve.picture, tile.sleeve.initials) == (None, "♪")


def test_an_address_that_is_no_web_page_is_not_linked() -> None:
    assert charts.artist_tile(1, Artist("a", "A", url="javascript:alert(1)")).url is None
    assert charts.artist_tile(1, Artist("a", "A", url="https://open.spotify.com/artist/a")).url == (
        "https://open.spotify.com/artist/a"
    )


def test_a_local_file_is_marked_and_an_empty_album_left_out() -> None:
    nameless = (ArtistName(None, None), ArtistName(None, "Ada"))
    row = charts.track_row(7, Track(None, None, nameless, album=Album(None, "")))
    assert row.local
    assert (row.name, row.artists, row.album, row.duration) == (
        "Unknown title",
        ("Unknown artist", "Ada"),
        None,
        "–",
    )


def test_a_track_of_spotifys() -> None:
    row = charts.track_row(
        1, Track("t", "Static", (), Album("a", "Album"), "https://open.spotify.com/track/t", 187_000)
    )
    assert not row.local
    assert (row.album, row.duration, row.url) == ("Album", "3:07", "https://open.spotify.com/track/t")


def test_a_picture_offers_every_width_and_falls_back_to_the_smallest_that_is_wide_enough() -> None:
    images = (Image("https://i/640", 640), Image("https://i/300", 300), Image("https://i/64", 64))
    assert charts.picture(images, wanted=96) == charts.Picture(
        "https://i/300", "https://i/64 64w, https://i/300 300w, https://i/640 640w"
    )


def test_a_picture_smaller_than_wanted_is_better_than_none() -> None:
    assert charts.picture((Image("https://i/64", 64),), wanted=320) == charts.Picture(
        "https://i/64", "https://i/64 64w"
    )


def test_without_widths_the_first_image_is_taken() -> None:
    assert charts.picture((Image("https://i/a"), Image("https://i/b", 64)), wanted=96) == charts.Picture(
        "https://i/a", ""
    )


def test_images_that_may_not_be_shown_give_way_to_the_stand_in() -> None:
    sleeve = charts.sleeve((Image("ftp://example.com/a", 64),), "Mira Rose", wanted=96)
    assert (sleeve.picture, sleeve.initials) == (None, "MR")


def test_the_same_name_always_has_the_same_tone() -> None:
    tones = [charts.sleeve((), f"Artist {n}", wanted=96).tone for n in range(40)]
    assert tones == [charts.sleeve((), f"Artist {n}", wanted=96).tone for n in range(40)]
    assert set(tones) == set(range(charts.TONES))


def test_bars_are_drawn_on_a_hundred() -> None:
    row = charts.feature_row("Valence", "how happy it sounds", Figure(mean=0.6344, median=0.5))
    assert (row.mean, row.median, row.bar, row.tick) == ("63%", "50%", 63.4, 50.0)


def test_an_unknown_feature_has_no_bar() -> None:
    row = charts.feature_row("Valence", "how happy it sounds", Figure(None, None))
    assert (row.mean, row.median, row.bar, row.tick) == ("–", "–", None, None)


@pytest.mark.parametrize(("share", "place"), [(-0.2, 0.0), (1.3, 100.0), (0.255, 25.5)])
def test_bars_stay_on_their_rail(share: float, place: float) -> None:
    assert charts.along(share) == place


def test_the_radar_starts_at_the_upper_left_and_goes_clockwise() -> None:
    radar = charts.radar([(name, Figure(1.0, 0.5)) for name in ("NW", "NE", "SE", "SW")])
    assert radar is not None
    assert [(s.label, s.x, s.y) for s in radar.spokes] == [
        ("NW", -70.7, -70.7),
        ("NE", 70.7, -70.7),
        ("SE", 70.7, 70.7),
        ("SW", -70.7, 70.7),
    ]
    assert [(s.label_x, s.label_y) for s in radar.spokes] == [
        (-84.8, -112.0),
        (84.8, -112.0),
        (84.8, 112.0),
        (-84.8, 112.0),
    ]
    assert radar.mean == "-70.7,-70.7 70.7,-70.7 70.7,70.7 -70.7,70.7"
    assert radar.median == "-35.4,-35.4 35.4,-35.4 35.4,35.4 -35.4,35.4"


def test_the_radar_says_its_figures_in_words() -> None:
    radar = charts.radar(
        [("Valence", Figure(0.5, 0.5)), ("Energy", Figure(0.0, 0.0)), ("Joy", Figure(1.0, 1.0))]
    )
    assert radar is not None
    assert radar.description == "Mean: valence 50%, energy 0%, joy 100%."


def test_fewer_than_three_features_make_no_radar() -> None:
    unknown = Figure(None, None)
    assert (
        charts.radar([("A", Figure(0.5, 0.5)), ("B", Figure(0.5, 0.5)), ("C", unknown), ("D", unknown)])
        is None
    )


def test_the_mood_in_a_glance() -> None:
    mood = view().mood
    assert mood.known
    assert mood.coverage == "Mood known for 1 of 2 tracks, from ReccoBeats."
    assert [(row.name, row.mean) for row in mood.rows] == [
        ("Valence", "50%"),
        ("Energy", "100%"),
        ("Danceability", "50%"),
        ("Instrumentalness", "0%"),
    ]


def test_an_unknown_mood_draws_nothing() -> None:
    mood = view(replace(REPORT, mood=mood_of([None, None]))).mood
    assert (mood.known, mood.radar) == (False, None)


def test_the_age_is_in_words_and_for_machines() -> None:
    assert (view().age, view().as_of_iso) == ("12 minutes ago", "2026-11-18T10:54:00Z")


def test_a_fresh_report_is_not_stale() -> None:
    assert view().stale is None


def test_a_stale_report_says_until_when_to_wait() -> None:
    stale = view(replace(REPORT, stale=Stale("Spotify wants a pause.", NOW + 86_400))).stale
    assert stale == charts.StaleView("Spotify wants a pause.", "12:06 tomorrow", "2026-11-19T11:06:40Z")


@pytest.mark.parametrize("resume_at", [None, NOW - 1])
def test_a_pause_that_is_over_or_open_names_no_time(resume_at: float | None) -> None:
    stale = view(replace(REPORT, stale=Stale("Spotify is not answering.", resume_at))).stale
    assert stale == charts.StaleView("Spotify is not answering.", None, None)
