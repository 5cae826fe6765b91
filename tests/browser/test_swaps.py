"""Range pills and kind tabs swap the content in place; whatever goes wrong becomes a page load."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter, Remembered
from tests.browser.running import RunningSite
from tests.browser.walk import MIRA, PHONE, PRIVACY, Walk

# Survives a swap and not a page load.
_MARK = "document.body.dataset.stillHere = 'yes'"


@pytest.fixture
def visitor(enter: Enter, site: RunningSite, remembered: Remembered) -> Walk:
    """Someone on their top tracks."""
    walk = enter(site, storage_state=remembered(MIRA))
    walk.open("/top/tracks?source=spotify")
    walk.page.evaluate(_MARK)
    return walk


def was_loaded_whole(page: Page) -> bool:
    return page.evaluate("document.body.dataset.stillHere") is None


def should_be_one_page(walk: Walk, title: str, heading: str) -> None:
    expect(walk.page).to_have_title(title)
    expect(walk.page.locator("main")).to_have_count(1)
    expect(walk.page.locator("h1")).to_have_count(1)
    expect(walk.page.locator("h1")).to_have_text(heading)
    ids = walk.page.locator("[id]").evaluate_all("all => all.map(one => one.id)")
    assert len(ids) == len(set(ids))


def test_a_range_pill_swaps_without_loading_the_page_or_keeping_anything(visitor: Walk) -> None:
    before = visitor.track_names()
    visitor.range_pill("4 weeks").click()
    should_be_one_page(visitor, "Top tracks, 4 weeks · Liner Notes", "Top tracks")
    expect(visitor.page).to_have_url(f"{visitor.site.url}/top/tracks?time_range=short_term")
    expect(visitor.page.locator("[aria-label='Time range'] [aria-current]")).to_have_text("4 weeks")
    assert visitor.track_names() != before
    assert not was_loaded_whole(visitor.page)
    assert visitor.page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_a_kind_tab_keeps_the_range_and_a_pill_keeps_the_kind(visitor: Walk) -> None:
    visitor.range_pill("1 year").click()
    expect(visitor.page).to_have_title("Top tracks, 1 year · Liner Notes")
    visitor.link("Genres").click()
    should_be_one_page(visitor, "Top genres, 1 year · Liner Notes", "Top genres")
    visitor.range_pill("6 months").click()
    expect(visitor.page).to_have_url(f"{visitor.site.url}/top/genres?time_range=medium_term")
    assert not was_loaded_whole(visitor.page)


def test_back_and_forward_show_what_was_there(visitor: Walk) -> None:
    visitor.range_pill("4 weeks").click()
    expect(visitor.page).to_have_title("Top tracks, 4 weeks · Liner Notes")
    visitor.link("Albums").click()
    expect(visitor.page).to_have_title("Top albums, 4 weeks · Liner Notes")
    visitor.page.go_back()
    should_be_one_page(visitor, "Top tracks, 4 weeks · Liner Notes", "Top tracks")
    visitor.page.go_back()
    should_be_one_page(visitor, "Top tracks, 6 months · Liner Notes", "Top tracks")
    visitor.page.go_forward()
    should_be_one_page(visitor, "Top tracks, 4 weeks · Liner Notes", "Top tracks")
    expect(visitor.page.locator("[aria-label='Time range'] [aria-current]")).to_have_text("4 weeks")


def test_back_from_another_page_comes_to_the_last_swap(visitor: Walk) -> None:
    visitor.link("Artists").click()
    expect(visitor.page).to_have_title("Top artists, 6 months · Liner Notes")
    visitor.link(PRIVACY).click()
    expect(visitor.page).to_have_title("Privacy · Liner Notes")
    visitor.page.go_back()
    should_be_one_page(visitor, "Top artists, 6 months · Liner Notes", "Top artists")
    visitor.page.go_back()
    should_be_one_page(visitor, "Top tracks, 6 months · Liner Notes", "Top tracks")


def test_the_keyboard_stays_on_the_pill_and_the_new_page_is_announced(visitor: Walk) -> None:
    visitor.range_pill("1 year").focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page).to_have_title("Top tracks, 1 year · Liner Notes")
    expect(visitor.range_pill("1 year")).to_be_focused()
    expect(visitor.page.locator("[aria-live=polite]")).to_have_text(
        "Top tracks, Tracks, Spotify’s ranking, 1 year"
    )


def test_the_page_does_not_jump(enter: Enter, site: RunningSite, remembered: Remembered) -> None:
    walk = enter(site, PHONE, storage_state=remembered(MIRA))
    walk.open("/top/tracks?source=spotify")
    walk.page.evaluate("window.scrollTo(0, 120)")
    pill = walk.range_pill("4 weeks")
    before = pill.bounding_box()
    pill.click()
    expect(walk.page).to_have_title("Top tracks, 4 weeks · Liner Notes")
    assert pill.bounding_box() == before


def test_after_the_login_has_ended_the_whole_page_says_so(visitor: Walk) -> None:
    visitor.context.clear_cookies()
    visitor.range_pill("4 weeks").click()
    expect(visitor.page).to_have_url(re.compile(r"/\?next="))
    expect(visitor.link("Look around")).to_be_visible()
    assert was_loaded_whole(visitor.page)


def test_an_error_is_shown_as_its_own_page(visitor: Walk) -> None:
    visitor._refusals.add(400)
    visitor.range_pill("4 weeks").evaluate("link => link.search = '?time_range=never'")
    visitor.range_pill("4 weeks").click()
    expect(visitor.page.locator("h1")).to_have_text("That address does not make sense here")
    assert was_loaded_whole(visitor.page)


def test_a_click_for_a_new_tab_is_left_to_the_browser(visitor: Walk) -> None:
    with visitor.context.expect_page() as opened:
        visitor.range_pill("4 weeks").click(modifiers=["ControlOrMeta"])
    expect(opened.value).to_have_title("Top tracks, 4 weeks · Liner Notes")
    expect(visitor.page).to_have_title("Top tracks, 6 months · Liner Notes")


def test_of_two_quick_clicks_the_last_one_counts(visitor: Walk) -> None:
    visitor.page.evaluate(
        "for (const pill of document.querySelectorAll('.ranges a:not([aria-current])')) pill.click()"
    )
    should_be_one_page(visitor, "Top tracks, 1 year · Liner Notes", "Top tracks")
    expect(visitor.page).to_have_url(re.compile("long_term"))


def test_the_overview_swaps_too(walk: Walk) -> None:
    walk.log_in()
    walk.page.evaluate(_MARK)
    walk.range_pill("1 year").click()
    expect(walk.page).to_have_url(f"{walk.site.url}/your-music?time_range=long_term")
    expect(walk.page.locator("[aria-label='Time range'] [aria-current]")).to_have_text("1 year")
    assert not was_loaded_whole(walk.page)
