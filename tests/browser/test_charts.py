"""Charts that answer: the pointer, the keys and a finger move through the marks, open a card and drill in."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Enter, Remembered
from tests.browser.running import RunningSite
from tests.browser.walk import PHONE, Walk

MIRA = "Mira Halloran"


@pytest.fixture
def mira(enter: Enter, site: RunningSite, remembered: Remembered) -> Walk:
    """Mira, at years of listening."""
    walk = enter(site, storage_state=remembered(MIRA))
    walk.open("/history")
    return walk


def marks(walk: Walk, chart: str) -> Locator:
    """The marks of a chart, by the class of its drawing."""
    return walk.page.locator(f".{chart} [tabindex]")


def card(walk: Walk) -> Locator:
    """The card that is open."""
    return walk.page.locator(".chart-card:visible")


def middle(mark: Locator) -> tuple[float, float]:
    """Where a mark's shape is."""
    mark.scroll_into_view_if_needed()
    box = mark.locator("rect").first.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def title_of(mark: Locator) -> str:
    """What a mark says, before its card has said it."""
    return mark.locator("title").text_content() or ""


def test_the_pointer_opens_a_card_with_what_was_played_most(mira: Walk) -> None:
    mark = marks(mira, "series-chart").nth(-3)
    name, _, figures = title_of(mark).rpartition(": ")

    mira.page.mouse.move(*middle(mark))

    expect(card(mira).locator(".card-name")).to_have_text(name)
    expect(card(mira).locator(".card-figures")).to_have_text(figures)
    expect(card(mira).locator(".card-top li")).to_have_count(3)
    expect(card(mira).locator(".card-top img").first).to_be_visible()
    expect(card(mira).locator(".card-item").first).to_have_attribute("href", re.compile("^/artist"))
    mira.page.mouse.move(0, 0)
    expect(card(mira)).to_have_count(0)


def test_keys_move_through_a_chart_and_drill_in(mira: Walk) -> None:
    first, latest = marks(mira, "series-chart").first, marks(mira, "series-chart").last
    before = title_of(marks(mira, "series-chart").nth(-2)).rpartition(": ")[0]
    latest.focus()
    mira.page.keyboard.press("ArrowLeft")
    expect(marks(mira, "series-chart").nth(-2)).to_be_focused()
    expect(card(mira).locator(".card-name")).to_have_text(before)
    mira.page.keyboard.press("Escape")
    expect(card(mira)).to_have_count(0)
    mira.page.keyboard.press("Home")
    expect(first).to_be_focused()
    # One stop for the whole chart: the next is in its card, or beyond it.
    expect(mira.page.locator(".series-chart [tabindex='0']")).to_have_count(1)

    mira.page.keyboard.press("End")
    mira.page.keyboard.press("ArrowLeft")
    mira.page.keyboard.press("Enter")
    expect(mira.page.locator(".history-period")).to_contain_text(before.split()[0])
    day = marks(mira, "series-chart").last
    weekday, _, when = title_of(day).rpartition(": ")[0].partition(" ")
    day.focus()
    mira.page.keyboard.press("Enter")
    expect(mira.page.locator("h1")).to_contain_text(weekday)
    expect(mira.page.locator("h1")).to_contain_text(when.split()[0])


def test_arrows_go_up_and_down_where_there_are_rows(mira: Walk) -> None:
    cells = marks(mira, "week-clock")
    cells.nth(24 * 2 + 5).focus()
    mira.page.keyboard.press("ArrowDown")
    expect(cells.nth(24 * 3 + 5)).to_be_focused()
    mira.page.keyboard.press("ArrowRight")
    expect(cells.nth(24 * 3 + 6)).to_be_focused()
    mira.page.keyboard.press("Enter")
    expect(mira.page.get_by_text("Only plays of Thursdays, 6:00 to 6:59")).to_be_visible()


def test_dragging_and_shift_choose_a_range(mira: Walk) -> None:
    def days(mark: Locator) -> list[str]:
        return re.findall(r"\d{4}-\d{2}-\d{2}", mark.get_attribute("href") or "")

    start, end = marks(mira, "series-chart").nth(-6), marks(mira, "series-chart").nth(-4)
    first, last = days(start)[0], days(end)[-1]
    mira.page.mouse.move(*middle(start))
    mira.page.mouse.down()
    mira.page.mouse.move(*middle(end), steps=4)
    expect(mira.page.locator(".series-chart .is-chosen")).to_have_count(3)
    mira.page.mouse.up()
    expect(mira.page).to_have_url(f"{mira.site.url}/history?from={first}&to={last}")

    week = marks(mira, "series-chart")
    chosen = days(week.first)[0], days(week.nth(1))[-1]
    week.first.focus()
    mira.page.keyboard.press("Shift+ArrowRight")
    mira.page.keyboard.press("Enter")
    expect(mira.page).to_have_url(f"{mira.site.url}/history?from={chosen[0]}&to={chosen[1]}")


def test_a_finger_opens_the_card_first_and_two_taps_set_a_range(
    enter: Enter, site: RunningSite, remembered: Remembered
) -> None:
    walk = enter(site, PHONE, has_touch=True, storage_state=remembered(MIRA))
    walk.open("/history?range=4w")
    bars = marks(walk, "series-chart")
    name = title_of(bars.nth(9)).rpartition(": ")[0]
    walk.page.touchscreen.tap(*middle(bars.nth(9)))
    expect(card(walk).locator(".card-name")).to_have_text(name)
    walk.should_fit()

    walk.page.get_by_role("button", name="Range from here").tap()
    walk.page.touchscreen.tap(*middle(bars.nth(12)))
    expect(walk.page.locator(".series-chart [tabindex]")).to_have_count(4)
    walk.page.touchscreen.tap(*middle(bars.first))
    expect(card(walk)).to_be_visible()
    walk.page.touchscreen.tap(*middle(bars.first))
    expect(walk.page.locator("h1")).to_contain_text(name.split()[1])


def test_a_finger_that_drags_sideways_sets_a_range_and_one_that_goes_down_scrolls(
    enter: Enter, site: RunningSite, remembered: Remembered
) -> None:
    walk = enter(site, PHONE, has_touch=True, storage_state=remembered(MIRA))
    walk.open("/history?range=4w")
    touch = walk.context.new_cdp_session(walk.page)
    bars = marks(walk, "series-chart")

    def drag(*points: tuple[float, float]) -> None:
        for nth, (x, y) in enumerate(points):
            kind = "touchMove" if nth else "touchStart"
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    x, y = middle(bars.nth(9))
    before = walk.page.evaluate("scrollY")
    drag((x, y), *((x, y - 20 * step) for step in range(1, 10)))
    walk.page.wait_for_function(f"scrollY > {before}")
    expect(walk.page.locator(".is-chosen")).to_have_count(0)

    (x, y), (end, _) = middle(bars.nth(9)), middle(bars.nth(12))
    drag((x, y), *((x + (end - x) * step / 6, y - 2 * step) for step in range(1, 7)))
    expect(walk.page.locator(".series-chart [tabindex]")).to_have_count(4)


def test_the_slider_plays_the_ranks(enter: Enter, site: RunningSite, remembered: Remembered) -> None:
    walk = enter(site, reduced_motion="reduce", storage_state=remembered(MIRA))
    walk.open("/history/ranks?by=month")
    slider = walk.page.get_by_role("slider")
    lists = walk.page.locator("[data-period]")
    assert lists.count() > 2
    expect(lists.locator("visible=true").locator("h3")).to_have_count(1)
    latest = walk.page.locator("[data-period]:visible h3").inner_text()

    slider.focus()
    walk.page.keyboard.press("Home")

    expect(walk.page.locator("[data-period]:visible h3")).to_have_text(
        lists.last.locator("h3").text_content() or ""
    )
    assert walk.page.locator("[data-period]:visible h3").inner_text() != latest
    walk.page.get_by_role("button", name="Play").click()
    expect(walk.page.get_by_role("button", name="Stop")).to_be_visible()
    walk.page.get_by_role("button", name="Stop").click()


@pytest.mark.parametrize("path", ["/history", "/history/day/2026-10-18", "/history/ranks?by=month"])
def test_the_charts_are_accessible_with_a_card_open(mira: Walk, path: str) -> None:
    mira.open(path)
    marks(mira, "chart svg").last.focus()
    expect(card(mira)).to_be_visible()
    mira.should_be_well_on_every_screen()


def test_without_javascript_every_period_is_read_and_every_mark_a_link(
    enter: Enter, site: RunningSite, remembered: Remembered
) -> None:
    walk = enter(site, storage_state=remembered(MIRA), java_script_enabled=False)
    walk.open("/history/ranks?by=month")
    assert walk.page.locator("[data-period]:visible").count() > 2
    walk.open("/history?range=4w")
    day = marks(walk, "series-chart").nth(5)
    walk.page.mouse.click(*middle(day))
    expect(walk.page.locator("h2", has_text="One after another")).to_be_visible()
