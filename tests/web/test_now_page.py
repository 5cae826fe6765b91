"""The overview's page, from reports with all that a listener may have or lack."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select
from time_machine import travel

from app.music import Album, Artist, ArtistName, AudioFeatures, Profile, TimeRange, Track
from app.stats.genres import GenreCount
from app.stats.mood import mood_of
from app.store.tables import account
from app.web.last_known import Stale
from app.web.now import view
from app.web.now.report import Overview
from tests.conftest import Browser
from tests.exports import history_of, played
from tests.web.rendered import NOW, Render, renderer, text_of

FEATURES = AudioFeatures(
    "t1", "reccobeats", danceability=0.5, energy=1.0, valence=0.5, instrumentalness=0.0, key=1, mode=0
)
REPORT = Overview(
    profile=Profile(id="mira", display_name="Mira"),
    time_range=TimeRange.SHORT_TERM,
    top_artists=tuple(Artist(f"a{n}", f"Artist {n}") for n in range(1, 51)),
    top_tracks=tuple(Track(f"t{n}", f"Track {n}") for n in range(1, 3)),
    top_genre=GenreCount("dream pop", 12),
    mood=mood_of([FEATURES, None]),
    as_of=NOW - 760,
)


@pytest.fixture
def render(site_without_spotify: Flask) -> Render:
    draw = renderer(site_without_spotify, "/your-music", "now/page.html")
    return lambda **changed: draw(report=replace(REPORT, **changed), view=view)


def test_lists_show_the_first_twenty_and_say_of_how_many(render: Render) -> None:
    page = render()
    assert "First 20 of 50 artists, ranked by Spotify" in page.text
    assert "2 tracks, ranked by Spotify" in page.text
    assert "Artist 20" in page.text
    assert "Artist 21" not in page.text


def test_figures_say_what_they_cover(render: Render) -> None:
    page = render()
    assert "Most common genre dream pop 12 of your top 50 artists" in page.text
    assert "Most common key C♯ minor 1 of 1 track" in page.text
    assert "Valence 50% how happy it sounds; mean of 1 track" in page.text
    assert "Energy 100% how intense it feels; mean of 1 track" in page.text


def test_without_a_figure_there_is_no_list_of_figures(render: Render) -> None:
    assert 'class="facts"' not in render(top_genre=None, mood=mood_of([None])).html


def test_a_long_value_is_set_smaller(render: Render) -> None:
    assert "fact-value-long" not in render().html
    assert "fact-value-long" in render(top_genre=GenreCount("latin american singer-songwriter", 2)).html


@pytest.mark.parametrize(("name", "heading"), [(None, "Hello"), ("  ", "Hello"), (" Mira ", "Hello, Mira")])
def test_the_greeting_uses_a_name_only_where_there_is_one(
    render: Render, name: str | None, heading: str
) -> None:
    page = render(profile=Profile(id="mira", display_name=name))
    assert re.sub("<[^>]+>", "", page.html.partition("<h1>")[2].partition("</h1>")[0]) == heading
    assert f"<title>{heading}: your music" in page.html


def test_a_long_name_is_set_smaller(render: Render) -> None:
    assert "greeting-long" not in render().html
    assert "greeting-long" in render(profile=Profile(id="m", display_name="M" * 25)).html


def test_an_address_that_is_no_web_page_is_not_linked(render: Render) -> None:
    page = render(
        top_artists=(Artist("a", "A", url="javascript:alert(1)"), Artist("b", None, url="https://s.test/b"))
    )
    assert "javascript" not in page.html
    assert 'href="https://s.test/b"' in page.html
    assert "Unknown artist" in page.text


def test_a_local_file_is_marked_and_an_empty_album_left_out(render: Render) -> None:
    nameless = (ArtistName(None, None), ArtistName(None, "Ada"))
    page = render(top_tracks=(Track(None, None, nameless, album=Album(None, "")),))
    assert "1 Unknown title local file Unknown artist, Ada –" in re.sub("♪ ", "", page.text)


def test_a_track_of_spotifys(render: Render) -> None:
    track = Track("t", "Static", (), Album("a", "Album"), "https://open.spotify.com/track/t", 187_000)
    page = render(top_tracks=(track,))
    assert "local file" not in page.text
    assert 'href="/track?name=Static">Static</a>' in page.html
    assert "Static Album 3:07" in page.text


def test_the_mood_in_a_glance(render: Render) -> None:
    page = render()
    assert "Mood known for 1 of 2 tracks, from ReccoBeats." in page.text
    assert "Valence: mean 50%, median 50%" in page.text
    assert 'href="/mood?time_range=short_term#measure-valence"' in page.html


def test_an_unknown_mood_draws_nothing(render: Render) -> None:
    page = render(mood=mood_of([None, None]))
    assert 'class="radar"' not in page.html
    assert "Spotify closed them to new apps" in page.text


def test_the_age_is_in_words_and_for_machines(render: Render) -> None:
    assert '<time datetime="2026-11-18T10:54:00Z">12 minutes ago</time>' in render().html


def test_a_fresh_report_is_not_stale(render: Render) -> None:
    assert "note-stale" not in render().html


def test_a_stale_report_says_until_when_to_wait(render: Render) -> None:
    page = render(stale=Stale("Spotify wants a pause.", NOW + 86_400))
    assert "This is your report from 12 minutes ago. Spotify wants a pause." in page.text
    assert '<time datetime="2026-11-19T11:06:40Z">12:06 tomorrow</time>' in page.html


@pytest.mark.parametrize("resume_at", [None, NOW - 1])
def test_a_pause_that_is_over_or_open_names_no_time(render: Render, resume_at: float | None) -> None:
    page = render(stale=Stale("Spotify is not answering.", resume_at))
    assert "Spotify is not answering." in page.text
    assert "asks us to wait" not in page.text


@pytest.fixture
def listening(browser: Browser, app: Flask) -> Iterator[Browser]:
    """Somebody who is logged in, at noon on 18 November 2026, with a history."""
    with travel("2026-11-18 12:00:00+00:00", tick=False):
        browser.login()
        browser.get("/your-music")
        store = app.extensions["site"].store
        with store.reading() as connection:
            account_id = connection.scalars(select(account.c.id)).one()
        rows = [
            played(f"2026-11-{day} 10:{minute}", "Static", "Hum") for day in (16, 17) for minute in (10, 20)
        ]
        rows += [
            played("2026-11-10 10:00", "Old Song", "Hum"),
            played("2025-11-18 09:00", "Last Year", "Ada"),
        ]
        history_of(store, account_id, rows)
        yield browser


def test_lately_is_a_number_a_sentence_and_a_chart(listening: Browser) -> None:
    said = text_of(listening.get("/your-music").text)
    assert "13 min of music" in said  # four times 200 s
    assert "4 plays in the last seven days, 3 more than in the seven before; most of all Hum." in said
    assert "Today 0 plays nothing yet" in said
    chart = listening.page.partition('<svg class="series-chart"')[2].partition("</svg>")[0]
    titles = re.findall("<title>([^<]+)</title>", chart)
    assert len(titles) == 56
    assert titles[-2:] == ["Tue 17 Nov 2026: 2 plays, 7 min", "Wed 18 Nov 2026: 0 plays, 0 min"]


def test_the_last_plays_and_this_day_in_other_years(listening: Browser) -> None:
    page = listening.get("/your-music").text
    latest = page.partition('<ol class="lately">')[2].partition("</ol>")[0]
    assert re.findall(r'<a class="item-link"[^>]*>([^<]+)</a>', latest) == ["Static", "Hum"] * 4 + [
        "Old Song",
        "Hum",
    ]
    that_day = text_of(page.partition('<ol class="that-day">')[2].partition("</ol>")[0])
    assert that_day == "2025 1 play, 3 min; most of all Last Year by Ada 1 year ago, a Tuesday"


def test_long_after_the_last_play_the_chart_ends_with_it(listening: Browser) -> None:
    with travel("2027-03-01 12:00:00+00:00", tick=False):
        listening.login()
        said = text_of(listening.get("/your-music").text)
    assert "in the last seven days of your history, up to 17 November 2026" in said
    chart = listening.page.partition('<svg class="series-chart"')[2].partition("</svg>")[0]
    assert re.findall("<title>([^<]+)</title>", chart)[-1] == "Tue 17 Nov 2026: 2 plays, 7 min"


def test_without_a_history_the_page_says_how_to_begin_one(browser: Browser) -> None:
    browser.login()
    page = browser.get("/your-music").text
    assert "Keep my history growing" in page
    assert 'href="/history/import"' in page
