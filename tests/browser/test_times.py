"""Times stand on the reader's clock: the page tells the site their time zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from app.sandbox import Fault
from tests.browser.conftest import Enter
from tests.browser.running import RunningSite
from tests.browser.walk import PHONE

KOLKATA = "Asia/Kolkata"  # half an hour off the full one
CALCUTTA = "Asia/Calcutta"  # what Chromium calls it


def test_a_pause_is_told_in_the_time_zone_of_the_reader(enter: Enter, site_apart: RunningSite) -> None:
    walk = enter(site_apart, PHONE, timezone_id=KOLKATA)
    walk.log_in(demo=False)
    walk.page.wait_for_load_state()
    assert {cookie["name"]: cookie["value"] for cookie in walk.context.cookies()}["tz"] in (KOLKATA, CALCUTTA)
    names = walk.track_names()

    site_apart.knobs.faults["/v1/me"] = Fault(429, headers={"Retry-After": "74214"})
    walk.button("Refresh").click()

    note = walk.page.locator(".note-stale")
    expect(note).to_contain_text("Spotify asks us to wait until")
    resume = note.locator("time")
    until = datetime.fromisoformat(resume.get_attribute("datetime") or "").astimezone(ZoneInfo(KOLKATA))
    expect(resume).to_contain_text(f"{until:%H:%M}")
    expect(note).not_to_contain_text("UTC")
    assert walk.track_names() == names
    walk.should_fit()
    walk.should_be_accessible()


def test_where_the_time_zone_is_not_known_the_page_says_utc(enter: Enter, site_apart: RunningSite) -> None:
    walk = enter(site_apart, timezone_id=KOLKATA, java_script_enabled=False)
    walk.log_in(demo=False)
    site_apart.knobs.faults["/v1/me"] = Fault(429, headers={"Retry-After": "3600"})
    walk.button("Refresh").click()
    expect(walk.page.locator(".note-stale time")).to_contain_text("(UTC)")


def test_while_nobody_is_asked_the_page_counts_down_and_then_asks(
    enter: Enter, site_apart: RunningSite
) -> None:
    walk = enter(site_apart, PHONE, timezone_id=KOLKATA)
    walk.log_in(demo=False)
    site_apart.knobs.faults["/v1/me/top/artists"] = Fault(429, headers={"Retry-After": "600"})
    walk.page.clock.install()
    walk.open("/top/artists?time_range=long_term&source=spotify", status=503)
    expect(walk.page.get_by_text("This page asks again by itself then, in")).to_be_visible()
    time = walk.page.locator("[data-countdown] time")
    until = datetime.fromisoformat(time.get_attribute("datetime") or "").astimezone(ZoneInfo(KOLKATA))
    expect(time).to_have_text(f"{until:%H:%M}")
    site_apart.knobs.faults.clear()
    site_apart.end_pauses()
    walk.page.clock.fast_forward(602_000)
    expect(walk.page.get_by_role("heading", level=1)).to_contain_text("Top")
