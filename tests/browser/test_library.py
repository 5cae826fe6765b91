"""The library in a browser: progress that moves and becomes the page, a table that is sorted by clicks."""

import re

import pytest
from playwright.sync_api import Locator, expect

from app.sandbox import Fault
from tests.browser.conftest import Enter
from tests.browser.running import RunningSite
from tests.browser.walk import DESKTOP, MIRA, PHONE, Look, Walk

THEO = "Théodore Valmont"
TRACKS_PATH = "/v1/me/tracks"
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])


def slow(site: RunningSite, size: int = 1000) -> None:
    """A library that takes a while: five seconds for a thousand tracks."""
    site.knobs.library_size, site.knobs.latency = size, 1.0


def titles(walk: Walk) -> list[str]:
    return walk.page.locator(".saved-name").all_inner_texts()


def bar(walk: Walk) -> Locator:
    return walk.page.get_by_role("progressbar")


def loaded(walk: Walk) -> int:
    return int(bar(walk).get_attribute("value") or 0)


def should_be_done(walk: Walk, tracks: str) -> None:
    expect(walk.page.get_by_text(f"You have saved {tracks}")).to_be_visible(timeout=15_000)
    expect(bar(walk)).to_have_count(0)
    walk.page.wait_for_load_state()


def test_the_bar_moves_survives_a_reload_and_becomes_the_page(enter: Enter, site_apart: RunningSite) -> None:
    walk = enter(site_apart, storage_state=site_apart.session_of(THEO))
    slow(site_apart, 1200)
    walk.open("/library")
    expect(bar(walk)).to_be_visible()
    expect(bar(walk)).to_have_accessible_name(re.compile(r"^[\d,]+ of 1,200 read\.$"))
    expect(walk.page.get_by_text("So far that is")).to_be_visible()
    first = loaded(walk)
    expect(bar(walk)).not_to_have_attribute("value", str(first))
    assert loaded(walk) > first

    seen = loaded(walk)
    walk.page.reload()
    expect(bar(walk)).to_be_visible()
    assert loaded(walk) >= seen
    expect(walk.page.get_by_role("status")).to_have_text(re.compile(r"of 1,200 read\."), timeout=10_000)
    site_apart.knobs.latency = 0.0

    should_be_done(walk, "1,200 tracks")
    assert len(titles(walk)) == 50
    offsets = [call.query["offset"] for call in site_apart.spotify.calls if call.path == TRACKS_PATH]
    assert len(offsets) == len(set(offsets)) == 24


@SCRIPTS
def test_stop_keeps_what_came_and_go_on_goes_on(enter: Enter, site_apart: RunningSite, scripts: bool) -> None:
    walk = enter(site_apart, storage_state=site_apart.session_of(THEO), java_script_enabled=scripts)
    slow(site_apart)
    walk.open("/library")
    walk.button("Stop").click()
    expect(walk.page.get_by_text("you stopped it there")).to_be_visible()
    expect(walk.button("Stop")).to_have_count(0)
    stopped = loaded(walk)
    assert 0 < stopped < 1000
    assert len(titles(walk)) == 50
    walk.page.reload()
    expect(walk.page.get_by_text("you stopped it there")).to_be_visible()

    site_apart.knobs.latency = 0.0
    walk.button("Go on").click()
    should_be_done(walk, "1,000 tracks")


def test_without_scripts_the_page_reloads_itself_until_it_is_done(
    enter: Enter, site_apart: RunningSite
) -> None:
    walk = enter(site_apart, storage_state=site_apart.session_of(THEO), java_script_enabled=False)
    slow(site_apart, 600)
    walk.open("/library")
    expect(bar(walk)).to_be_visible()
    site_apart.knobs.latency = 0.0
    should_be_done(walk, "600 tracks")


def test_a_reading_that_has_to_wait_says_so_and_goes_on_by_itself(
    enter: Enter, site_apart: RunningSite
) -> None:
    walk = enter(site_apart, PHONE, reduced_motion="reduce", storage_state=site_apart.session_of(THEO))
    site_apart.knobs.library_size = 1000
    fault = Fault(status=429, headers={"Retry-After": "600"}, after=6, times=1)
    site_apart.knobs.faults[TRACKS_PATH] = fault
    walk.page.clock.install()
    walk.open("/library")
    words = re.compile(r"of 1,000; Spotify lets us go on at \d\d:\d\d")
    expect(walk.page.get_by_text(words)).to_be_visible(timeout=8_000)
    expect(walk.button("Try now")).to_be_visible()
    walk.should_be_well_on_every_screen()
    site_apart.end_pauses()
    walk.page.clock.fast_forward(602_000)
    should_be_done(walk, "1,000 tracks")


def test_a_reading_under_way_is_accessible_and_fits(enter: Enter, site_apart: RunningSite) -> None:
    walk = enter(site_apart, PHONE, reduced_motion="reduce", storage_state=site_apart.session_of(THEO))
    slow(site_apart, 5000)
    walk.open("/library")
    expect(walk.button("Stop")).to_be_visible()
    walk.should_be_well_on_every_screen()
    walk.button("Stop").click()
    expect(walk.button("Go on")).to_be_visible()
    site_apart.knobs.latency = 0.0
    walk.should_be_accessible()


def test_without_the_permission_a_page_asks_for_it(enter: Enter, site_apart: RunningSite) -> None:
    body = '{"error": {"status": 403, "message": "Insufficient client scope"}}'
    site_apart.knobs.faults[TRACKS_PATH] = Fault(status=403, body=body)
    walk = enter(site_apart, PHONE, reduced_motion="reduce", storage_state=site_apart.session_of(THEO))
    walk.open("/library")
    expect(walk.page.get_by_role("heading", name="One permission is missing")).to_be_visible()
    walk.should_be_well_on_every_screen()
    site_apart.knobs.faults.clear()
    walk.button("Let it read my library").click()
    walk.page.get_by_label(THEO).check()
    walk.button("Agree").click()
    should_be_done(walk, "240 tracks")


@pytest.mark.parametrize(("screen", "scripts"), [(PHONE, False), (DESKTOP, True)], ids=str)
def test_it_is_sorted_filtered_and_paged_by_clicks(
    enter: Enter, site: RunningSite, screen: Look, scripts: bool
) -> None:
    walk = enter(site, screen, storage_state=site.session_of(THEO), java_script_enabled=scripts)
    walk.open("/library")
    newest = titles(walk)
    heading = walk.page.locator("th.saved-title[scope=col]")
    if screen is DESKTOP:
        heading.get_by_role("link").click()
        expect(heading).to_have_attribute("aria-sort", "ascending")
        rising = titles(walk)
        assert rising == sorted(rising, key=str.casefold)
        heading.get_by_role("link").click()
        expect(heading).to_have_attribute("aria-sort", "descending")
        assert titles(walk) != rising
        walk.open("/library")

    walk.page.get_by_role("link", name="Next", exact=True).click()
    expect(walk.page.get_by_text("51 to 100 of 240 tracks")).to_be_visible()
    assert not set(titles(walk)) & set(newest[:5])
    walk.page.get_by_role("link", name="Previous", exact=True).click()
    expect(walk.page.get_by_text("1 to 50 of 240 tracks")).to_be_visible()
    assert titles(walk) == newest

    word = newest[0].split()[0]
    walk.page.get_by_label("Title, artist or album").fill(word)
    walk.button("Filter").click()
    expect(walk.page).to_have_url(re.compile(r"[?&]q="))
    found = titles(walk)
    assert newest[0] in found
    assert len(found) < 50
    walk.link("Show all").click()
    expect(walk.page.get_by_text("1 to 50 of 240 tracks")).to_be_visible()
    walk.page.wait_for_load_state()  # its fonts too: whoever leaves earlier cuts the server short


def test_a_top_track_is_saved_by_a_button(enter: Enter, site_apart: RunningSite) -> None:
    site_apart.knobs.library_size = 40
    walk = enter(site_apart, storage_state=site_apart.session_of(THEO))
    walk.open("/library")
    unsaved = walk.page.locator(".unsaved .track-name")
    name = unsaved.first.inner_text()
    walk.page.get_by_role("button", name=f"Save {name}", exact=True).click()
    walk.page.get_by_label(THEO).check()
    walk.button("Agree").click()
    expect(walk.page.get_by_role("status").first).to_have_text("Saved. Spotify has it in your library now.")
    assert titles(walk)[0] == name
    assert name not in unsaved.all_inner_texts()
    walk.should_be_accessible()


def test_every_picture_of_the_library_is_shown(enter: Enter, site: RunningSite) -> None:
    walk = enter(site, PHONE, storage_state=site.session_of(MIRA))
    walk.open("/library")
    should_be_done(walk, "560 tracks")
    walk.should_fit()
    walk.should_show_every_picture()
