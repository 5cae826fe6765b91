"""The top lists on a screen and on paper: they fit, are accessible, and show what there is room for."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.running import RunningSite
from tests.browser.walk import MIRA, PHONE, Walk

THEO = "Théodore Valmont"
KINDS = ("tracks", "artists", "genres", "albums")

# What has a line more than is shown, or less than 3 cm for its words.
_CUT_OFF = """
all => all.filter(one => one.clientWidth < 113
    || [...one.children].some(words => words.scrollHeight > words.clientHeight + 8))
  .map(one => one.innerText)
"""


_SLOW = (pytest.param(listener, marks=pytest.mark.slow) for listener in (MIRA, "31x7qkd0newhere"))


@pytest.mark.parametrize("listener", ["Nour", *_SLOW])
def test_every_list_is_accessible_and_fits(enter: Enter, site: RunningSite, listener: str) -> None:
    walk = enter(site, PHONE, reduced_motion="reduce", storage_state=site.session_of(listener))
    for kind in KINDS:
        walk.open(f"/top/{kind}?source=spotify")
        for details in walk.page.locator("details").all():
            details.locator("summary").click()
        walk.should_be_well_on_every_screen()


def test_the_three_ranges_lie_side_by_side_with_equal_ranks_on_one_line(
    enter: Enter, site: RunningSite
) -> None:
    walk = enter(site, storage_state=site.session_of(MIRA))
    walk.open("/top/tracks?source=spotify")
    expect(walk.page.locator(".list:visible h2")).to_have_text(["6 months", "4 weeks", "1 year"])
    rows = [
        [box["y"] for row in column.locator("li").all() if (box := row.bounding_box())]
        for column in walk.page.locator(".list").all()
    ]
    assert [len(column) for column in rows] == [50, 50, 50]
    assert rows[0] == rows[1] == rows[2]


def test_a_phone_shows_the_chosen_list_with_the_other_ranks_in_small(enter: Enter, site: RunningSite) -> None:
    walk = enter(site, PHONE, storage_state=site.session_of(MIRA))
    walk.open("/top/tracks?source=spotify")
    expect(walk.page.locator(".list:visible h2")).to_have_text(["6 months"])
    first = walk.page.locator(".entry").first
    expect(first.locator(".place-label").first).to_be_visible()
    expect(first.locator(".place-label").first).to_have_text("4 weeks")


def test_saving_a_list_asks_for_permission_once_and_then_offers_to_open_it(walk: Walk) -> None:
    walk.log_in("Bruno")
    walk.open("/top/tracks?time_range=short_term")
    walk.button("Save as playlist").click()
    walk.button("Agree").click()
    expect(walk.page.get_by_role("status")).to_contain_text(
        "Saved. The private playlist “Top tracks, 4 weeks,"
    )
    expect(walk.button("Save as playlist")).to_have_count(0)
    expect(walk.page.get_by_text("Saved today:")).to_be_visible()
    walk.link("6 months").click()
    expect(walk.page.get_by_role("status")).to_have_count(0)
    expect(walk.button("Save as playlist")).to_be_visible()


def test_a_second_click_the_same_day_offers_to_open_what_the_first_one_made(walk: Walk) -> None:
    walk.log_in(THEO)
    walk.open("/top/tracks?time_range=long_term")
    walk.button("Save as playlist").click()
    expect(walk.page).to_have_url(re.compile("/accounts/authorize.*playlist-modify-private"))
    walk.page.get_by_label(THEO).check()
    walk.button("Agree").click()
    expect(walk.page.locator(".keep a")).to_contain_text("open “Top tracks, 1 year, ")

    # They have agreed: another list is saved at once. A tab opened before still shows its button.
    walk.open("/top/tracks?time_range=medium_term")
    names = walk.page.locator(".list").first.locator(".track-name").all_inner_texts()
    later = walk.context.new_page()
    later.goto(walk.page.url)
    walk.button("Save as playlist").click()
    made = walk.page.locator(".keep a")
    expect(made).to_contain_text("open “Top tracks, 6 months, ")
    later.get_by_role("button", name="Save as playlist").click()
    again = later.locator(".keep a")
    expect(again).to_have_attribute("href", made.get_attribute("href") or "")
    again.click()
    expect(later.get_by_text("Invented playlist")).to_be_visible()
    expect(later.locator("ol li")).to_have_text(list(dict.fromkeys(names)))


def test_the_header_tells_the_section_and_the_tab_the_page(enter: Enter, site: RunningSite) -> None:
    walk = enter(site, storage_state=site.session_of(MIRA))
    header = walk.page.get_by_role("navigation", name="Site").locator("[aria-current]")
    walk.open("/top/tracks?source=spotify")
    for tab in ("Tracks", "Artists"):
        walk.link(tab).click()
        expect(walk.page.locator("h1")).to_have_text(f"Top {tab.lower()}")
        expect(header).to_have_text("Top")
        expect(header).to_have_attribute("aria-current", "true")
        expect(walk.page.locator(".kinds [aria-current=page]")).to_have_text(tab)
    for path, name in (("/mood?time_range=long_term", "Mood"), ("/your-music", "Now")):
        walk.open(path)
        expect(header).to_have_text(name)
        expect(header).to_have_attribute("aria-current", "page")


def test_paper_gets_all_fifty_tracks_and_nothing_unfolded(enter: Enter, site: RunningSite) -> None:
    walk = enter(site, storage_state=site.session_of(MIRA))
    walk.open("/top/tracks?source=spotify")
    walk.page.emulate_media(media="print")
    expect(walk.page.locator(".entry:visible")).to_have_count(50)
    for hidden in (".beside", ".counted", ".ranges a:not([aria-current])", ".colophon .btn", ".keep"):
        expect(walk.page.locator(f"{hidden} >> visible=true")).to_have_count(0)
    assert walk.page.locator("details[open]").count() == 0
    walk.page.set_viewport_size({"width": 794, "height": 1123})  # a sheet of A4
    assert walk.page.locator(".entry .track-words").evaluate_all(_CUT_OFF) == []
    pages = re.findall(rb"/Type\s*/Page\b", walk.page.pdf(format="A4"))
    assert len(pages) <= 4


def test_paper_gets_the_chosen_list_without_the_controls(walk: Walk) -> None:
    walk.log_in()
    walk.open("/top/albums?source=spotify")
    walk.page.emulate_media(media="print")
    expect(walk.page.locator(".list:visible h2")).to_have_text(["6 months"])
    for hidden in (".kinds", ".keep form", ".colophon form", ".site-nav"):
        expect(walk.page.locator(f"{hidden}:visible")).to_have_count(0)


def test_tabs_and_pills_are_links_without_javascript(enter: Enter, site: RunningSite) -> None:
    walk = enter(site, java_script_enabled=False)
    walk.log_in()
    walk.link("Top").click()
    walk.link("Spotify’s ranking").click()
    walk.link("Tracks").click()
    walk.range_pill("1 year").click()
    expect(walk.page).to_have_url(f"{site.url}/top/tracks?time_range=long_term")
    expect(walk.page.locator("h1")).to_have_text("Top tracks")
    walk.link("Tracks").click()
    ranges = walk.page.get_by_role("navigation", name="Time range")
    expect(ranges.locator("[aria-current]")).to_have_text("1 year")
