"""The listener whose names and pictures nobody tested before: markup, other scripts, gaps."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter, Remembered
from tests.browser.running import RunningSite
from tests.browser.walk import Walk

AWKWARD = "Nour"
NEWCOMER = "31x7qkd0newhere"


@pytest.fixture
def nour(enter: Enter, site: RunningSite, remembered: Remembered) -> Walk:
    """Nour's overview over a year, which has every awkward artist."""
    walk = enter(site, storage_state=remembered(AWKWARD))
    walk.open("/your-music?time_range=long_term")
    return walk


@pytest.fixture
def newcomer(enter: Enter, site: RunningSite, remembered: Remembered) -> Walk:
    """The overview of a listener with nothing."""
    walk = enter(site, storage_state=remembered(NEWCOMER))
    walk.open("/your-music")
    return walk


def test_markup_in_names_is_text(nour: Walk) -> None:
    expect(nour.page.get_by_role("heading", level=1)).to_have_text("Hello, Nour 🌍 <em>Castellanos</em>")
    expect(nour.page).to_have_title("Hello, Nour 🌍 <em>Castellanos</em>: your music · Liner Notes")
    assert "<script>alert(1)</script>" in nour.page.locator("main").inner_text()
    # Not one element came of it: all scripts are ours, and nothing in a name is set in <em>.
    assert nour.page.locator("script:not([src*='/static/'])").count() == 0
    assert nour.page.locator("h1 em, .artist em, .track b, .track i").count() == 0


def test_names_from_right_to_left_are_set_that_way(nour: Walk) -> None:
    name = nour.page.locator(".artist-name", has_text="نجوم الميناء")
    expect(name).to_have_css("direction", "rtl")
    expect(nour.page.locator(".artist-name", has_text="flamingo.wav")).to_have_css("direction", "ltr")


def test_what_has_no_picture_has_a_placeholder(nour: Walk) -> None:
    tile = nour.page.locator(".artist", has_text="Nobody's Photograph")
    expect(tile.locator("img")).to_have_attribute("src", re.compile("^/sleeve/artist.svg"))
    nour.should_show_every_picture()


def test_a_local_file_leads_to_its_page_here_and_nowhere_else(nour: Walk) -> None:
    row = nour.page.locator(".track", has=nour.page.get_by_text("local file", exact=True)).first
    expect(row.locator(".track-name")).to_have_text(re.compile("Abuela's Kitchen Tape|demo FINAL final"))
    addresses = [link.get_attribute("href") or "" for link in row.get_by_role("link").all()]
    assert addresses[0].startswith("/track?name=")
    assert not [address for address in addresses if "://" in address]
    assert row.get_by_role("button").count() == 0
    expect(row.locator("img")).to_have_attribute("src", re.compile("^/sleeve/"))


def test_a_listener_with_nothing_gets_a_page_that_makes_sense(newcomer: Walk) -> None:
    expect(newcomer.page.get_by_role("heading", level=1)).to_have_text("Hello")
    expect(newcomer.page.get_by_role("heading", name="Nothing to rank yet")).to_be_visible()
    expect(newcomer.page.get_by_role("heading", name="Top artists")).to_have_count(0)
    expect(newcomer.page.get_by_role("heading", name="Mood")).to_have_count(0)
    expect(newcomer.link("Look at 1 year")).to_be_visible()


def test_a_listener_with_nothing_is_led_to_longer_ranges_only(newcomer: Walk) -> None:
    newcomer.range_pill("4 weeks").click()
    newcomer.link("Look at 6 months").click()
    newcomer.link("Look at 1 year").click()
    expect(newcomer.page.get_by_text("Listen for a few weeks and come back.")).to_be_visible()
    expect(newcomer.page.locator(".blank a")).to_have_count(0)
