"""The player as a person meets it: pressed, counted on, kept out of the way, and reached by key."""

import re
from typing import Any

from playwright.sync_api import Locator, expect

from app.spotify.oauth import PLAYBACK_SCOPES
from tests.browser.conftest import Enter
from tests.browser.running import RunningSite
from tests.browser.walk import DESKTOP, MIRA, PHONE, Look, Walk

TRACKS = "/top/tracks?source=spotify"  # with a play button in every row


def foot(walk: Walk) -> Locator:
    return walk.page.get_by_role("region", name="Player")


def press_play(walk: Walk, place: int = 0) -> str:
    """Presses a row's play button; the name of its track."""
    button = walk.page.get_by_role("button", name=re.compile("^Play .")).nth(place)
    name = (button.get_attribute("aria-label") or "").removeprefix("Play ")
    walk.click(button)
    return name


def grant(walk: Walk, listener: str) -> str:
    """Presses play for the first time, and agrees; the name of what should play."""
    walk.open(TRACKS)
    name = press_play(walk)
    walk.page.get_by_label(listener).check()
    walk.click(walk.button("Agree"))
    return name


def listen(enter: Enter, site: RunningSite, look: Look = DESKTOP, **options: Any) -> tuple[Walk, str]:
    """Who has agreed before presses play; the name of what plays."""
    walk = enter(site, look, storage_state=site.session_of(MIRA, *PLAYBACK_SCOPES), **options)
    walk.open(TRACKS)
    return walk, press_play(walk)


def test_the_first_press_asks_and_comes_back_playing(enter: Enter, site: RunningSite) -> None:
    walk = enter(site, storage_state=site.session_of(MIRA))
    name = grant(walk, MIRA)
    walk.page.wait_for_url(walk.site.url + TRACKS)
    player = foot(walk)
    expect(player.get_by_text(name, exact=True)).to_be_visible()
    expect(player.get_by_role("button", name="Pause")).to_be_visible()
    expect(player.get_by_role("slider", name="Place in what is playing")).to_be_visible()


def test_pressing_on_needs_no_page_of_its_own_and_keeps_the_focus(enter: Enter, site: RunningSite) -> None:
    walk, name = listen(enter, site)
    expect(foot(walk).get_by_text(name, exact=True)).to_be_visible()
    walk.page.evaluate("window.stays = true")
    other = press_play(walk, 3)
    player = foot(walk)
    expect(player.get_by_text(other, exact=True)).to_be_visible()
    walk.click(player.get_by_role("button", name="Pause"))
    again = player.get_by_role("button", name="Play")
    expect(again).to_be_visible()
    expect(again).to_be_focused()
    walk.page.keyboard.press("Enter")
    expect(player.get_by_role("button", name="Pause")).to_be_focused()
    assert walk.page.evaluate("window.stays") is True


def test_it_stays_while_the_range_is_swapped(enter: Enter, site: RunningSite) -> None:
    walk, name = listen(enter, site)
    expect(foot(walk).get_by_text(name, exact=True)).to_be_visible()
    foot(walk).evaluate("(one) => { one.stays = true; }")
    walk.click(walk.range_pill("4 weeks"))
    expect(walk.range_pill("4 weeks")).to_have_attribute("aria-current", re.compile("true|page"))
    assert foot(walk).evaluate("(one) => one.stays") is True
    swapped = press_play(walk, 5)
    expect(foot(walk).get_by_text(swapped, exact=True)).to_be_visible()


def test_without_a_device_it_leads_to_the_list_and_back(enter: Enter, site: RunningSite) -> None:
    walk = enter(site, storage_state=site.session_of("Théodore"))
    name = grant(walk, "Théodore")
    expect(walk.page.get_by_text("No device is active right now")).to_be_visible()
    walk.click(walk.page.get_by_role("button", name=re.compile("Play on Salon")))
    walk.page.wait_for_url(walk.site.url + TRACKS)
    expect(foot(walk).get_by_text(name, exact=True)).to_be_visible()


def test_a_trouble_is_said_above_the_player(enter: Enter, site: RunningSite) -> None:
    walk = enter(site, storage_state=site.session_of("Bruno"))
    grant(walk, "Bruno")
    expect(walk.page.get_by_text("for Premium accounts only. Nothing was changed.")).to_be_visible()
    walk.open(TRACKS)
    press_play(walk)
    expect(foot(walk).get_by_role("status")).to_contain_text("for Premium accounts only")


def test_the_player_and_its_page_are_accessible_and_fit(enter: Enter, site: RunningSite) -> None:
    walk, name = listen(enter, site, PHONE, reduced_motion="reduce")
    expect(foot(walk).get_by_role("button", name="Pause")).to_be_visible()
    walk.open("/search")
    expect(foot(walk).get_by_role("button", name="Pause")).to_be_visible()
    walk.should_be_well_on_every_screen()
    walk.open("/player?said=no-device")
    expect(walk.page.get_by_role("heading", level=2, name=name)).to_be_visible()
    walk.should_be_well_on_every_screen()


def test_without_javascript_the_page_does_it_all(enter: Enter, site: RunningSite) -> None:
    walk, name = listen(enter, site, java_script_enabled=False)
    walk.click(foot(walk).get_by_role("link", name="Player"))
    expect(walk.page.get_by_role("heading", level=2, name=name)).to_be_visible()
    walk.click(walk.button("Pause"))
    expect(walk.page.get_by_text("Paused.", exact=True)).to_be_visible()
    expect(walk.button("Set volume")).to_be_visible()
    walk.click(walk.page.get_by_role("button", name="Play on Kitchen speaker"))
    expect(walk.page.get_by_text("Playing on Kitchen speaker")).to_be_visible()
