"""The mood page in a browser: it fits and is accessible, and its map shows the track that is meant."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Enter
from tests.browser.running import RunningSite
from tests.browser.walk import MIRA, PHONE, Walk

NOUR, NEWEST = "Nour", "31x7qkd0newhere"

_UNFOLD = "for (const one of document.querySelectorAll('main details')) one.open = true"
# Survives a swap and not a page load.
_MARK = "window.stillHere = 'yes'"
# Focuses every point in turn: those whose card is not shown whole between the sides of the window.
_CARDS_OUTSIDE = """
() => [...document.querySelectorAll(".map-field [data-rows]")].filter((point) => {
  point.focus();
  const card = document.querySelector(".map-field .chart-card");
  const { left, right, width } = card.getBoundingClientRect();
  return width === 0 || left < 0 || right > document.documentElement.clientWidth;
}).map((point) => point.getAttribute("aria-label"))
"""


@pytest.fixture
def mira(enter: Enter, site: RunningSite) -> Walk:
    """Mira, on her mood page."""
    walk = enter(site, storage_state=site.session_of(MIRA))
    walk.open("/mood?source=spotify")
    walk.page.evaluate(_MARK)
    return walk


def card(walk: Walk) -> Locator:
    """The card of the mood map."""
    return walk.page.locator(".map-field .chart-card:visible")


def points_apart(walk: Walk) -> list[Locator]:
    """The points of the map that share their spot with no other, best ranked first."""
    points = walk.page.locator(".map-field [data-rows]")
    shared = "tracks at this spot"
    return [point for point in points.all() if shared not in (point.locator("title").text_content() or "")]


def point_at(walk: Walk, point: Locator) -> None:
    """Moves the pointer to the middle of the point."""
    point.scroll_into_view_if_needed()
    box = point.locator(".map-dot").bounding_box()
    assert box
    walk.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def should_show(walk: Walk, point: Locator) -> None:
    """The card is seen, and is that of the point: cover, name, artist, figures."""
    row = walk.page.locator(f"#{point.get_attribute('data-rows')}")
    expect(card(walk)).to_be_visible()
    expect(card(walk).locator(".card-item")).to_have_text(row.locator(".credit-name").text_content() or "")
    by = (row.locator(".credit-by").text_content() or "").strip()
    assert by
    expect(card(walk).locator(".card-by")).to_have_text(by)
    _, _, _, valence, energy, mood = row.locator("td, th").all_text_contents()
    expect(card(walk).locator(".card-figures")).to_have_text(f"{mood}, valence {valence}, energy {energy}")
    expect(card(walk).locator("img, svg").first).to_be_visible()


@pytest.mark.parametrize(
    "listener", [MIRA, *(pytest.param(who, marks=pytest.mark.slow) for who in (NOUR, NEWEST))]
)
def test_mood_is_accessible_and_fits(enter: Enter, site: RunningSite, listener: str) -> None:
    walk = enter(site, PHONE, reduced_motion="reduce", storage_state=site.session_of(listener))
    walk.open("/mood?source=spotify")
    walk.page.evaluate(_UNFOLD)
    walk.should_be_well_on_every_screen()


def test_the_pointer_shows_the_track_and_takes_it_away_again(mira: Walk) -> None:
    first, second = points_apart(mira)[:2]
    expect(card(mira)).to_have_count(0)
    for point in (first, second):
        point_at(mira, point)
        should_show(mira, point)
    mira.page.keyboard.press("Escape")
    expect(card(mira)).to_have_count(0)
    point_at(mira, first)
    should_show(mira, first)
    mira.page.mouse.move(0, 0)
    expect(card(mira)).to_have_count(0)


def test_the_keyboard_shows_each_track_and_the_map_is_one_stop(mira: Walk) -> None:
    points = mira.page.locator(".map-field [data-rows]")
    points.first.focus()
    should_show(mira, points.first)
    mira.page.keyboard.press("End")
    expect(points.last).to_be_focused()
    should_show(mira, points.last)
    mira.page.keyboard.press("Escape")
    expect(card(mira)).to_have_count(0)
    mira.page.keyboard.press("Tab")
    expect(mira.page.locator("#map-after summary")).to_be_focused()
    mira.page.keyboard.press("Shift+Tab")
    expect(points.last).to_be_focused()


def test_a_finger_shows_the_track_first_and_then_opens_it(enter: Enter, site: RunningSite) -> None:
    walk = enter(site, PHONE, has_touch=True, storage_state=site.session_of(MIRA))
    walk.open("/mood?source=spotify")
    point = points_apart(walk)[0]
    name = point.locator("title").text_content() or ""
    point.locator(".map-dot").tap()
    should_show(walk, point)
    expect(walk.page).to_have_url(f"{site.url}/mood?source=spotify")
    point.locator(".map-dot").tap()
    expect(walk.page.get_by_text("Track", exact=True).first).to_be_visible()
    assert walk.page.locator("h1").inner_text() in name


def test_no_card_leaves_a_phone(enter: Enter, site: RunningSite) -> None:
    walk = enter(site, PHONE, storage_state=site.session_of(NOUR))
    walk.open("/mood?source=spotify&time_range=long_term")
    assert walk.page.evaluate(_CARDS_OUTSIDE) == []
    walk.should_fit()


def test_pills_swap_the_map_and_back_and_forward_bring_it_again(mira: Walk) -> None:
    def should_be(label: str) -> None:
        expect(mira.page).to_have_title(f"Mood, {label} · Liner Notes")
        expect(mira.page.locator("nav[aria-label='Time range'] [aria-current]")).to_have_text(label)
        expect(mira.page.locator(".mood-map")).to_have_count(1)
        mira.should_have_one_title()
        point = points_apart(mira)[0]
        mira.page.mouse.move(0, 0)
        point_at(mira, point)
        should_show(mira, point)

    should_be("6 months")
    before = mira.page.locator(".map-table").text_content()
    mira.range_pill("4 weeks").click()
    should_be("4 weeks")
    expect(mira.page).to_have_url(f"{mira.site.url}/mood?time_range=short_term")
    assert mira.page.locator(".map-table").text_content() != before
    mira.range_pill("1 year").click()
    should_be("1 year")
    mira.page.go_back()
    should_be("4 weeks")
    mira.page.go_back()
    should_be("6 months")
    mira.page.go_forward()
    should_be("4 weeks")
    assert mira.page.evaluate("window.stillHere") == "yes"


def test_a_swap_from_the_keyboard_takes_the_card_along(mira: Walk) -> None:
    point_at(mira, points_apart(mira)[0])
    mira.range_pill("1 year").focus()
    mira.page.keyboard.press("Enter")
    expect(mira.page).to_have_title("Mood, 1 year · Liner Notes")
    expect(mira.range_pill("1 year")).to_be_focused()
    expect(card(mira)).to_have_count(0)
    mira.page.locator(".map-field [data-rows]").first.focus()
    should_show(mira, mira.page.locator(".map-field [data-rows]").first)


def test_a_refresh_stays_on_the_mood_of_the_range_without_javascript_too(
    enter: Enter, site: RunningSite
) -> None:
    walk = enter(site, storage_state=site.session_of(MIRA), java_script_enabled=False)
    walk.open("/mood?source=spotify")
    walk.range_pill("1 year").click()
    expect(walk.page.locator("nav[aria-label='Time range'] [aria-current]")).to_have_text("1 year")
    walk.button("Refresh").click()
    expect(walk.page).to_have_url(f"{site.url}/mood?time_range=long_term")
    expect(walk.page.get_by_text("As of just now")).to_be_visible()
    # Without the card, the browser's own tooltip and the table tell which track it is.
    assert walk.page.locator(".map-field title").first.text_content()
    walk.page.locator("#map-after summary").click()
    expect(walk.page.locator(".map-table")).to_be_visible()


def test_paper_gets_the_charts_without_the_controls(mira: Walk) -> None:
    point_at(mira, points_apart(mira)[0])
    mira.page.emulate_media(media="print")
    for shown in ("h1", ".mood-map svg", ".key-circle", ".tempo-chart", ".ranges-layout", ".colophon time"):
        expect(mira.page.locator(shown).first).to_be_visible()
    for hidden in (
        ".site-nav",
        ".contents",
        ".map-skip",
        ".map-card",
        ".map-ring",
        "details:not([open], .numbers-printed)",
        ".ranges a:not([aria-current])",
        ".colophon form",
        ".colophon .btn",
    ):
        expect(mira.page.locator(f"{hidden}:visible")).to_have_count(0)
    assert mira.page.locator("details[open]").count() == 0
