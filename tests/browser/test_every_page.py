"""Each kind of page, on phone and desktop, light and dark: axe finds nothing, nothing scrolls sideways."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.running import RunningSite
from tests.browser.walk import DESKTOP, PHONE, Look, Walk

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
    "privacy": lambda walk: walk.open("/privacy"),
    "no such page": lambda walk: walk.open("/no-such-page", status=404),
}


SCREENS = pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=str)


@SCREENS
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_accessible_and_fits(enter: Enter, site: RunningSite, screen: Look, page: str) -> None:
    # Without motion the colours change at once when night falls.
    walk = enter(site, screen, reduced_motion="reduce")
    PAGES[page](walk)
    should_do_by_day_and_by_night(walk)


@SCREENS
def test_the_landing_page_without_an_app_is_accessible_and_fits(
    enter: Enter, site_without_app: RunningSite, screen: Look
) -> None:
    walk = enter(site_without_app, screen, reduced_motion="reduce")
    walk.open()
    expect(walk.page.get_by_text("This site has no Spotify app yet.")).to_be_visible()
    should_do_by_day_and_by_night(walk)


def should_do_by_day_and_by_night(walk: Walk) -> None:
    """The page has one title, fits and is accessible, light and dark."""
    walk.should_have_one_title()
    for scheme in ("light", "dark"):
        walk.page.emulate_media(color_scheme=scheme)
        walk.should_fit()
        walk.should_be_accessible()
