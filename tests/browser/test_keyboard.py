"""Everything is reached with the keyboard alone, in the order of the page, and the place is always seen."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.running import RunningSite
from tests.browser.walk import Walk

MOST_STOPS = 90
# What is focused, in words, and whether it or the label around it is outlined.
_FOCUSED = """
() => {
  const here = document.activeElement;
  const outlined = [here, here.closest("label")].some((element) => {
    const style = element && getComputedStyle(element);
    return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
  const named = here.closest("label") ?? here;
  return [(named.innerText ?? named.textContent).trim(), outlined];  // a chart's mark has no innerText
}
"""

_HEIGHT = "document.activeElement.getBoundingClientRect().top"  # of what is focused, on the screen


def tab_to(walk: Walk, name: str, key: str = "Tab") -> list[str]:
    """Presses Tab until what is focused has that name; the stops on the way. Each must be seen."""
    stops: list[str] = []
    walk.page.wait_for_load_state()  # before its style is there, a page outlines nothing
    for _ in range(MOST_STOPS):
        walk.page.keyboard.press(key)
        words, outlined = walk.page.evaluate(_FOCUSED)
        stops.append(words)
        assert outlined, f"the focus is not seen on {words!r}"
        if name in words:
            return stops
    raise AssertionError(f"{name!r} is not among the first stops: {stops}")


def test_the_skip_link_comes_first_and_leads_to_the_content(walk: Walk) -> None:
    walk.open()
    assert tab_to(walk, "Skip to the content") == ["Skip to the content"]
    expect(walk.link("Skip to the content")).to_be_in_viewport(ratio=1)
    walk.page.keyboard.press("Enter")
    expect(walk.page.locator("main")).to_be_focused()
    assert tab_to(walk, "Log in with Spotify") == ["Log in with Spotify"]


def test_the_whole_story_without_a_mouse(walk: Walk) -> None:
    walk.open()
    tab_to(walk, "Look around")
    walk.page.keyboard.press("Enter")

    expect(walk.page.get_by_role("heading", name="Who would you like to be?")).to_be_visible()
    tab_to(walk, "Mira Halloran")
    walk.page.keyboard.press("ArrowDown")
    expect(walk.page.get_by_label("Théodore Valmont")).to_be_checked()
    tab_to(walk, "Agree")
    walk.page.keyboard.press("Enter")

    expect(walk.page.get_by_role("heading", level=1)).to_have_text("Hello, Théodore Valmont")
    stops = tab_to(walk, "1 year")
    assert stops[-3:] == ["4 weeks", "6 months", "1 year"]
    walk.page.keyboard.press("Enter")
    expect(walk.page).to_have_url(re.compile("time_range=long_term"))

    expect(walk.range_pill("1 year")).to_be_focused()
    tab_to(walk, "You", "Shift+Tab")
    walk.page.keyboard.press("Enter")
    expect(walk.page).to_have_url(re.compile("/you$"))
    tab_to(walk, "Log out")
    walk.page.keyboard.press("Enter")
    expect(walk.page.get_by_role("status")).to_have_text("You are logged out.")


def test_every_stop_of_the_overview_is_seen(walk: Walk) -> None:
    walk.log_in()
    expect(walk.page.get_by_role("heading", name="Just played")).to_be_attached()
    walk.page.locator(".track").locator("a, button").last.focus()
    stops = tab_to(walk, "This report as JSON")
    assert stops == ["Valence56%", "Refresh", "This report as JSON"]


def test_the_focus_and_its_place_are_kept_while_the_history_arrives(
    enter: Enter, site_apart: RunningSite
) -> None:
    walk = enter(site_apart, reduced_motion="reduce")
    with site_apart.jobs.imports:
        walk.log_in()
        expect(walk.page.get_by_text("Their years of listening are being read")).to_be_visible()
        link = walk.page.locator(".track a").last
        link.focus()
        expect(link).to_be_in_viewport()
        height = walk.page.evaluate(_HEIGHT)
    expect(walk.page.get_by_role("heading", name="Just played")).to_be_attached()
    expect(link).to_be_focused()
    assert abs(walk.page.evaluate(_HEIGHT) - height) < 2
