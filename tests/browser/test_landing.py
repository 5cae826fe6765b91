"""The landing page; the guide to a Spotify app, and the button that copies its redirect URI."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.running import RunningSite
from tests.browser.walk import DESKTOP, PHONE, Look


def test_the_copy_button_copies_and_says_so(enter: Enter, site_without_app: RunningSite) -> None:
    walk = enter(site_without_app, permissions=["clipboard-read", "clipboard-write"])
    walk.open("/setup")
    walk.button("Copy").click()
    expect(walk.page.locator(".copy-field").get_by_role("status")).to_have_text("Copied")
    copied = walk.page.evaluate("() => navigator.clipboard.readText()")
    assert copied == f"{site_without_app.url}/callback"


def test_the_copy_button_says_when_it_could_not(enter: Enter, site_without_app: RunningSite) -> None:
    walk = enter(site_without_app)
    walk.page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
    walk.open("/setup")
    walk.button("Copy").click()
    expect(walk.page.locator(".copy-field").get_by_role("status")).to_contain_text("Not copied")


def test_without_javascript_there_is_no_copy_button(enter: Enter, site_without_app: RunningSite) -> None:
    walk = enter(site_without_app, java_script_enabled=False)
    walk.open("/setup")
    expect(walk.page.get_by_text(f"{site_without_app.url}/callback")).to_be_visible()
    expect(walk.page.locator("button[data-copy]")).to_be_hidden()


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=str)
def test_the_way_in_is_seen_without_scrolling(enter: Enter, site: RunningSite, screen: Look) -> None:
    walk = enter(site, screen)
    walk.open()
    expect(walk.link("Log in with Spotify").first).to_be_in_viewport(ratio=1)
    expect(walk.link("Look around").first).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=str)
def test_the_answer_on_the_consent_page_is_always_in_sight(
    enter: Enter, site: RunningSite, screen: Look
) -> None:
    walk = enter(site, screen)
    walk.open("/login?demo=1")
    for name in ("Agree", "Cancel"):
        expect(walk.button(name)).to_be_in_viewport(ratio=1)
    walk.page.get_by_role("radio").last.focus()
    card = walk.page.locator(".listener").last.bounding_box()
    answer = walk.button("Agree").bounding_box()
    assert card is not None
    assert answer is not None
    assert card["y"] + card["height"] <= answer["y"]


def test_the_guide_has_a_page_of_its_own(enter: Enter, site_without_app: RunningSite) -> None:
    walk = enter(site_without_app)
    walk.open()
    expect(walk.link("Log in with Spotify")).to_have_count(0)
    walk.click(walk.link("Set up the login"))
    expect(walk.page.get_by_text("This site has no Spotify app yet.")).to_be_visible()
