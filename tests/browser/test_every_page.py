"""Each kind of page, on each screen: no accessibility violation, no scrolling sideways, no missing picture."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.running import RunningSite
from tests.browser.walk import Look, Walk

AWKWARD = "Nour"
NEWCOMER = "31x7qkd0newhere"

PAGES: dict[str, Callable[[Walk], None]] = {
    "landing": lambda walk: walk.open("/"),
    "consent": lambda walk: walk.open("/login?demo=1"),
    "overview": lambda walk: walk.log_in(),
    "awkward overview": lambda walk: walk.log_in(AWKWARD),
    "empty overview": lambda walk: walk.log_in(NEWCOMER),
    "privacy": lambda walk: walk.open("/privacy"),
    "no such page": lambda walk: walk.open("/no-such-page", status=404),
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_accessible_and_fits(enter: Enter, site: RunningSite, look: Look, page: str) -> None:
    walk = enter(site, look)
    PAGES[page](walk)
    walk.should_fit()
    walk.should_be_accessible()


def test_the_landing_page_without_an_app_is_accessible_and_fits(
    enter: Enter, site_without_app: RunningSite, look: Look
) -> None:
    walk = enter(site_without_app, look)
    walk.open()
    expect(walk.page.get_by_text("This site has no Spotify app yet.")).to_be_visible()
    walk.should_fit()
    walk.should_be_accessible()
