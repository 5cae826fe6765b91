"""Nothing but comfort depends on JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.running import RunningSite


@pytest.mark.parametrize("demo", [True, False], ids=["demo", "spotify"])
def test_the_whole_story_works_without_javascript(enter: Enter, site: RunningSite, demo: bool) -> None:
    walk = enter(site, java_script_enabled=False)
    walk.log_in("Bruno", demo=demo)
    names = walk.track_names()
    assert len(names) == 20
    walk.range_pill("4 weeks").click()
    expect(walk.page.locator(".ranges [aria-current]")).to_have_text("4 weeks")
    assert walk.track_names() != names
    walk.button("Refresh").click()
    expect(walk.page).to_have_url(f"{site.url}/your-music?time_range=short_term")
    expect(walk.page.get_by_text("As of just now")).to_be_visible()
    walk.log_out()
    expect(walk.page.get_by_role("status")).to_have_text("You are logged out.")
