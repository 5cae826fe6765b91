"""Top and Mood: what is counted from plays beside what Spotify ranks, and how the choice is remembered."""

import re
from html import unescape

import pytest
from flask import Flask

from app.store.accounts import accounts
from tests.conftest import Browser
from tests.history_more import Row, bring_in, keep_private, play, site_of, zipped

ROWS: list[Row] = [
    play("2023-02-01 10:00", "Salt", "Mira Rose"),
    play("2023-02-02 10:00", "Tide", "Mira Rose"),
]


@pytest.fixture
def listener(app: Flask, browser: Browser) -> Browser:
    """Somebody who is logged in at Spotify and has a history."""
    browser.log_in()
    browser.get("/your-music")
    site = site_of(app)
    [mine] = accounts(site.store)
    bring_in(site.store, site.uploads.ready(), mine.id, zipped(ROWS))
    return browser


def shown(browser: Browser, path: str) -> str:
    """The source that a page says it shows; "" where there is no choice."""
    assert browser.get(path).status_code == 200
    found = re.search(r'aria-label="Source".*?<a [^>]*aria-current="true">([^<]+)<', browser.page, re.DOTALL)
    return unescape(found[1]) if found else ""


def test_where_a_history_exists_pages_begin_with_plays(listener: Browser) -> None:
    for kind in ("artists", "tracks", "albums"):
        assert shown(listener, f"/top/{kind}") == "Your plays"
    assert "Mira Rose" in listener.get("/top/artists?source=plays").text
    # What Spotify alone knows has no switch.
    assert shown(listener, "/top/genres") == ""


def test_programs_get_what_they_got(listener: Browser) -> None:
    assert listener.get("/top/artists.json").get_json()["time_range"] == "medium_term"
    assert listener.get("/mood.json").get_json()["time_range"] == "medium_term"


def test_the_choice_is_remembered(listener: Browser) -> None:
    shown(listener, "/top/artists?source=spotify")
    assert shown(listener, "/top/tracks") == "Spotify’s ranking"
    shown(listener, "/top/tracks?source=plays")
    assert shown(listener, "/top/artists") == "Your plays"


def test_a_range_that_one_source_has_chooses_it_for_that_page_alone(listener: Browser) -> None:
    assert shown(listener, "/top/artists?time_range=short_term") == "Spotify’s ranking"
    assert shown(listener, "/top/artists") == "Your plays"
    shown(listener, "/top/artists?source=spotify")
    assert shown(listener, "/top/artists?range=4w") == "Your plays"


def test_the_switch_keeps_about_the_same_range(listener: Browser) -> None:
    listener.get("/top/artists?source=plays&range=4w&threshold=5")
    assert 'href="/top/artists?source=spotify&amp;time_range=short_term"' in listener.page
    listener.get("/top/artists?source=spotify&time_range=long_term")
    assert 'href="/top/artists?source=plays&amp;range=year"' in listener.page


def test_mood_shows_plays_where_asked_and_where_anything_is_known_of_them(listener: Browser) -> None:
    assert shown(listener, "/mood?source=plays") == "Your plays"
    listener.client.delete_cookie("source", domain="127.0.0.1")
    assert shown(listener, "/mood") == "Spotify’s ranking"


def test_who_has_no_history_sees_what_spotify_ranks_and_no_switch(browser: Browser) -> None:
    browser.log_in()
    assert shown(browser, "/top/artists") == ""
    assert "Spotify ranks" in browser.page


def test_who_is_not_logged_in_sees_their_plays_and_no_switch(app: Flask) -> None:
    mine, _ = keep_private(app, ROWS)
    assert shown(mine, "/top/artists") == ""
    assert "Mira Rose" in mine.page
    assert "Genres" not in mine.page


def test_a_stranger_is_led_to_the_ways_in(browser: Browser) -> None:
    back = browser.get("/top/artists")
    assert (back.status_code, back.headers["Location"]) == (302, "/?next=/top/artists")


@pytest.mark.parametrize("path", ["/top/artists", "/mood"])
def test_another_source_is_refused(listener: Browser, path: str) -> None:
    assert listener.get(f"{path}?source=lastfm").status_code == 400


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/history/tracks?by=time&q=a%26b", "/top/tracks?source=plays&by=time&q=a%26b"),
        ("/history/artists", "/top/artists?source=plays"),
        ("/history/mood?range=4w", "/mood?source=plays&range=4w"),
    ],
)
def test_older_addresses_lead_on(browser: Browser, old: str, new: str) -> None:
    back = browser.get(old)
    assert (back.status_code, back.headers["Location"]) == (302, new)


def test_five_places_are_on_every_page_and_say_where_one_is(listener: Browser) -> None:
    for path, here in {"/top/tracks": "Top", "/history/years": "Time", "/history/podcasts": "You"}.items():
        listener.get(path)
        nav = re.search(r'<nav class="site-nav".*?</nav>', listener.page, re.DOTALL)
        assert nav is not None
        assert re.findall(r"</svg>\s*(\w+)</a>", nav[0]) == ["Now", "Top", "Time", "Mood", "You"]
        assert re.findall(r'aria-current="true".*?</svg>\s*(\w+)</a>', nav[0], re.DOTALL) == [here]
    listener.get("/you")
    for room in ("library", "player", "history/podcasts", "history/audiobooks", "history/import"):
        assert f'href="/{room}"' in listener.page
    assert 'href="/settings"' in listener.page
    assert 'href="/privacy"' in listener.page
    assert 'action="/logout"' in listener.page


def test_search_looks_into_the_own_history_with_or_without_a_catalogue(app: Flask) -> None:
    mine, _ = keep_private(app, ROWS)
    found = re.sub(r"<[^>]+>", " ", mine.get("/search?q=rose").text)
    assert re.search(r"In your history .* Artists\s+Mira Rose\s+2 plays", " ".join(found.split()))
    assert re.search(r"Tracks\s+Salt\s+by\s+Mira Rose\s+1 play ", " ".join(found.split()))
    assert "In your history" not in mine.get("/search?q=nobody").text


def test_who_is_not_logged_in_finds_their_own_plays_on_the_first_page(app: Flask) -> None:
    mine, _ = keep_private(app, ROWS)
    assert mine.get("/your-music").status_code == 200
    assert "Just played" in mine.page
    assert "Tide" in mine.page
    assert "Spotify is being asked" not in mine.page
    assert Browser(app).get("/your-music").headers["Location"] == "/?next=/your-music"
