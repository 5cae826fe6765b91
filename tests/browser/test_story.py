"""The whole story: in through the consent page, through the ranges, out again."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.running import RunningSite
from tests.browser.walk import DESKTOP, PHONE, PRIVACY, Look, Walk

THEO = "Théodore Valmont"


@pytest.mark.parametrize(
    ("screen", "way_in"), [(PHONE, "Look around"), (DESKTOP, "Log in with Spotify")], ids=str
)
def test_a_person_comes_in_looks_and_leaves(
    enter: Enter, site: RunningSite, screen: Look, way_in: str
) -> None:
    walk = enter(site, screen)
    walk.open()
    walk.click(walk.link(way_in).first)
    expect(walk.page).to_have_url(re.compile("/accounts/authorize"))
    walk.click(walk.page.get_by_label(THEO))
    walk.click(walk.button("Agree"))
    expect(walk.page).to_have_url(f"{site.url}/your-music")
    assert walk.clicks <= 3
    expect(walk.page.get_by_role("heading", level=1)).to_have_text(f"Hello, {THEO}")
    assert walk.page.locator(".artist").count() == 20
    assert walk.page.locator(".track").count() == 20
    walk.should_fit()
    walk.should_show_every_picture()

    look_through_the_ranges(walk)

    walk.log_out()
    expect(walk.page.get_by_role("status")).to_have_text("You are logged out.")
    walk.page.go_back()
    expect(walk.page).to_have_url(f"{site.url}/you")
    expect(walk.link("Ways in")).to_be_visible()
    expect(walk.button("Log out")).to_have_count(0)
    expect(walk.page.get_by_text(THEO)).to_have_count(0)
    walk.page.go_back()
    expect(walk.page).to_have_url(re.compile(r"/\?next="))
    expect(walk.page.locator(".track")).to_have_count(0)
    expect(walk.page.get_by_text(THEO)).to_have_count(0)


def look_through_the_ranges(walk: Walk) -> None:
    """Each pill leads to an address of its own, with music of its own; the way back works."""
    seen = {}
    expect(walk.range_pill("6 months")).to_have_attribute("aria-current", "true")
    seen["medium_term"] = walk.track_names()
    for label, value in (("4 weeks", "short_term"), ("1 year", "long_term")):
        walk.click(walk.range_pill(label))
        expect(walk.page).to_have_url(f"{walk.site.url}/your-music?time_range={value}")
        expect(walk.page.locator(".ranges [aria-current]")).to_have_text(label)
        seen[value] = walk.track_names()
    assert len({tuple(names) for names in seen.values()}) == 3
    walk.page.go_back()
    expect(walk.range_pill("4 weeks")).to_have_attribute("aria-current", "true")
    assert walk.track_names() == seen["short_term"]


def test_cancel_leads_back_with_a_note(walk: Walk) -> None:
    for path in ("/login?demo=1", "/login"):
        walk.open(path)
        walk.button("Cancel").click()
        expect(walk.page.get_by_role("status")).to_contain_text("You cancelled at Spotify")
        expect(walk.page.get_by_role("heading", level=1)).to_have_text("Your music, with its liner notes")
    walk.should_be_accessible()


def test_login_returns_to_the_page_that_was_wanted(walk: Walk) -> None:
    walk.open("/your-music?time_range=long_term")
    walk.link("Look around").click()
    walk.button("Agree").click()
    expect(walk.page).to_have_url(f"{walk.site.url}/your-music?time_range=long_term")
    expect(walk.range_pill("1 year")).to_have_attribute("aria-current", "true")


def test_a_refresh_stays_on_the_range(walk: Walk) -> None:
    walk.log_in()
    walk.range_pill("4 weeks").click()
    expect(walk.page.locator(".ranges [aria-current]")).to_have_text("4 weeks")
    names = walk.track_names()
    walk.button("Refresh").click()
    expect(walk.page).to_have_url(f"{walk.site.url}/your-music?time_range=short_term")
    expect(walk.page.get_by_text("As of just now")).to_be_visible()
    assert walk.track_names() == names


def test_everything_kept_is_deleted_by_one_button(enter: Enter, site_apart: RunningSite) -> None:
    walk = enter(site_apart)
    walk.log_in(demo=False)
    walk.link(PRIVACY).click()
    walk.button("Delete everything kept about me").click()
    expect(walk.page.get_by_role("status")).to_contain_text("is deleted")
    walk.open("/your-music")
    expect(walk.page.get_by_role("heading", level=1)).to_have_text("Your music, with its liner notes")


def test_the_demo_keeps_nothing_to_delete_and_is_left_by_one_button(walk: Walk) -> None:
    walk.log_in()
    walk.link(PRIVACY).click()
    walk.button("Leave the demo").click()
    expect(walk.page.get_by_role("status")).to_contain_text("You have left the demo")


def test_a_demo_artist_leads_to_a_page_that_leads_back(walk: Walk) -> None:
    walk.log_in()
    walk.page.locator(".artist a").first.click()
    expect(walk.page.get_by_text("This artist is invented")).to_be_visible()
    walk.should_fit()
    walk.should_be_accessible()
    walk.link("Back to Liner Notes").click()
    expect(walk.page).to_have_url(f"{walk.site.url}/your-music")
