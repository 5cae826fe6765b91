"""Each kind of page, on phone and desktop, light and dark: axe finds nothing, nothing scrolls sideways.

The slow tests look at every row, and at pages again that have other data.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter, Remembered
from tests.browser.running import RunningSite
from tests.browser.walk import MIRA, PHONE

NOUR, NEWCOMER = "Nour", "31x7qkd0newhere"
PAGES: dict[str, tuple[str | None, str]] = {  # whose, and where
    "landing": (None, "/"),
    "consent": (None, "/login?demo=1"),
    "overview": (MIRA, "/your-music"),
    "empty overview": (NEWCOMER, "/your-music"),
    "library": (MIRA, "/library"),
    "library with nothing found": (MIRA, "/library?q=zzz"),
    "empty library": (NEWCOMER, "/library"),
    "setup": (None, "/setup"),
    "privacy": (None, "/privacy"),
    "no such page": (None, "/no-such-page"),
}
OTHER_DATA: dict[str, tuple[str | None, str]] = {
    "overview": (MIRA, "/your-music"),
    "awkward overview": (NOUR, "/your-music"),
    "library": (MIRA, "/library"),
    "library, filtered": (MIRA, "/library?q=the&sort=title&order=desc"),
    "awkward library": (NOUR, "/library?sort=title"),
}


def look_at(
    enter: Enter, site: RunningSite, remembered: Remembered, listener: str | None, path: str, **more: bool
) -> None:
    state = remembered(listener) if listener else None
    walk = enter(site, PHONE, reduced_motion="reduce", storage_state=state)
    walk.open(path, status=404 if path == "/no-such-page" else 200)
    expect(walk.page.locator("progress")).to_have_count(0)
    walk.page.wait_for_load_state()
    walk.should_be_well_on_every_screen(**more)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_accessible_and_fits(
    enter: Enter, site: RunningSite, remembered: Remembered, page: str
) -> None:
    look_at(enter, site, remembered, *PAGES[page])


@pytest.mark.slow
@pytest.mark.parametrize("page", OTHER_DATA)
def test_every_row_of_a_page_is_accessible(
    enter: Enter, site: RunningSite, remembered: Remembered, page: str
) -> None:
    look_at(enter, site, remembered, *OTHER_DATA[page], every_row=True)


def test_the_landing_page_without_an_app_is_accessible_and_fits(
    enter: Enter, site_without_app: RunningSite
) -> None:
    walk = enter(site_without_app, PHONE, reduced_motion="reduce")
    walk.open()
    expect(walk.link("Set up the login")).to_be_visible()
    walk.should_be_well_on_every_screen()
