"""Each kind of page, on phone and desktop, light and dark: axe finds nothing, nothing scrolls sideways."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.running import RunningSite
from tests.browser.walk import PHONE, Walk

PAGES: dict[str, Callable[[Walk], None]] = {
    "landing": lambda walk: walk.open("/"),
    "consent": lambda walk: walk.open("/login?demo=1"),
    "overview": lambda walk: walk.log_in(),
    "awkward overview": lambda walk: walk.log_in("Nour"),
    "empty overview": lambda walk: walk.log_in("31x7qkd0newhere"),
    "library": lambda walk: walk.log_in_to("/library"),
    "library, filtered": lambda walk: walk.log_in_to("/library?q=the&sort=title&order=desc"),
    "library with nothing found": lambda walk: walk.log_in_to("/library?q=zzz"),
    "awkward library": lambda walk: walk.log_in_to("/library?sort=title", "Nour"),
    "empty library": lambda walk: walk.log_in_to("/library", "31x7qkd0newhere"),
    "setup": lambda walk: walk.open("/setup"),
    "privacy": lambda walk: walk.open("/privacy"),
    "no such page": lambda walk: walk.open("/no-such-page", status=404),
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_accessible_and_fits(enter: Enter, site: RunningSite, page: str) -> None:
    walk = enter(site, PHONE, reduced_motion="reduce")
    PAGES[page](walk)
    walk.should_be_well_on_every_screen()


def test_the_landing_page_without_an_app_is_accessible_and_fits(
    enter: Enter, site_without_app: RunningSite
) -> None:
    walk = enter(site_without_app, PHONE, reduced_motion="reduce")
    walk.open()
    expect(walk.link("Set up the login")).to_be_visible()
    walk.should_be_well_on_every_screen()
