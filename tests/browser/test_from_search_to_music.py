"""The whole way: searched, found, looked through, played, paused. Logged in, with script and without."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.running import RunningSite
from tests.browser.test_player import foot
from tests.browser.walk import Walk


def search_to_album(walk: Walk) -> str:
    """Searches an artist, opens it, and opens its first album; the album's name."""
    page = walk.page
    walk.open("/search")
    page.get_by_role("searchbox").fill("velvet modem")
    page.keyboard.press("Enter")
    walk.click(page.get_by_role("link", name="Velvet Modem").first)
    expect(page.get_by_role("heading", level=1)).to_have_text("Velvet Modem")
    walk.click(page.locator(".tile-name a").first)
    page.wait_for_url("**/album/*")
    return page.get_by_role("heading", level=1).inner_text()


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_from_a_search_to_an_album_that_plays_and_pauses(
    enter: Enter, site: RunningSite, javascript: bool
) -> None:
    walk = enter(site, java_script_enabled=javascript)
    page = walk.page
    walk.log_in()
    album = search_to_album(walk)
    there = page.url
    first_track = page.locator(".song .track-name a").first.inner_text()

    walk.click(page.get_by_role("button", name=re.compile("^Play")).first)
    walk.click(walk.button("Agree"))

    expect(page).to_have_url(there)
    expect(page.get_by_role("heading", level=1)).to_have_text(album)
    if not javascript:
        walk.open("/player")
        expect(page.get_by_text(first_track, exact=True).first).to_be_visible()
        walk.click(page.get_by_role("button", name="Pause").first)
        page.wait_for_url("**/player?said=*")
        walk.open("/player")
        expect(page.get_by_role("button", name="Pause")).to_have_count(0)
        return
    player = foot(walk)
    expect(player.get_by_text(first_track, exact=True)).to_be_visible()
    walk.click(player.get_by_role("button", name="Pause"))
    expect(player.get_by_role("button", name="Play")).to_be_visible()
