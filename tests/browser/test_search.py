"""Search as you type, and the walk from an artist to a track, by somebody who is not logged in."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from app.sandbox import Fault
from tests.browser.conftest import Enter
from tests.browser.running import RunningSite
from tests.browser.walk import PHONE, Walk

_MARK = "document.body.dataset.stillHere = 'yes'"


@pytest.fixture
def visitor(walk: Walk) -> Walk:
    """Someone on the search page."""
    walk.open("/search")
    walk.page.evaluate(_MARK)
    return walk


def was_loaded_whole(page: Page) -> bool:
    return page.evaluate("document.body.dataset.stillHere") is None


def searches(page: Page) -> list[str]:
    """The searches that the page asks for from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/search?" in request.url else None)
    return asked


def test_typing_finds_after_a_pause_and_keeps_the_address(visitor: Walk) -> None:
    page = visitor.page
    asked = searches(page)
    expect(page.get_by_role("searchbox")).to_be_focused()

    page.keyboard.type("love")

    expect(page).to_have_title("Search: love · Liner Notes")
    expect(page).to_have_url(f"{visitor.site.url}/search?q=love")
    expect(page.get_by_role("heading", level=2, name="Tracks")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text(re.compile(r"^Spotify finds .* for “love”\.$"))
    expect(page.get_by_role("searchbox")).to_be_focused()
    assert asked == [f"{visitor.site.url}/search?q=love"]
    assert not was_loaded_whole(page)
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("love")
    expect(page.get_by_role("heading", level=2, name="Tracks")).to_be_visible()


def test_emptying_the_line_goes_back_to_the_beginning(visitor: Walk) -> None:
    page = visitor.page
    page.keyboard.type("love")
    expect(page).to_have_url(f"{visitor.site.url}/search?q=love")

    page.get_by_role("searchbox").fill("")

    expect(page).to_have_url(f"{visitor.site.url}/search")
    expect(page.get_by_text("Type a name, a title")).to_be_visible()


def test_an_older_search_is_dropped(visitor: Walk) -> None:
    page = visitor.page
    older = re.compile(r"/search\?q=lo$")
    held: list[Route] = []
    page.route(older, lambda route: held.append(route))
    with page.expect_request(older):
        page.keyboard.type("lo")

    with page.expect_event("requestfailed", lambda request: bool(older.search(request.url))):
        page.keyboard.type("ve")

    expect(page).to_have_title("Search: love · Liner Notes")
    assert len(held) == 1


def test_enter_searches_too(visitor: Walk) -> None:
    visitor.page.keyboard.type("love")
    visitor.page.keyboard.press("Enter")

    expect(visitor.page).to_have_title("Search: love · Liner Notes")
    expect(visitor.page.get_by_role("heading", level=2, name="Tracks")).to_be_visible()


def test_a_failure_while_typing_is_a_sentence_and_typing_goes_on(
    enter: Enter, site_apart: RunningSite
) -> None:
    walk = enter(site_apart)
    walk.open("/search")
    site_apart.knobs.faults["/v1/search"] = Fault(status=404, times=1)
    page = walk.page

    page.keyboard.type("lov")
    expect(page.locator("#finds")).to_contain_text("Spotify refused this question")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("e")

    expect(page.get_by_role("heading", level=2, name="Tracks")).to_be_visible()
    assert page.locator(".fault").count() == 0
    assert [fault for fault in walk.faults if "502" not in fault] == []
    walk.faults.clear()


def test_without_javascript_enter_suffices(enter: Enter, site: RunningSite) -> None:
    walk = enter(site, java_script_enabled=False)
    walk.open("/search")
    walk.page.get_by_role("searchbox").fill("love")
    walk.page.keyboard.press("Enter")

    expect(walk.page).to_have_url(f"{site.url}/search?q=love")
    expect(walk.page.get_by_role("heading", level=2, name="Tracks")).to_be_visible()


def test_from_a_search_to_an_artist_an_album_and_a_track(visitor: Walk) -> None:
    page = visitor.page
    page.keyboard.type("mo")
    page.locator(".finds-artist .tile-name a").first.click()
    expect(page.locator(".item-kind")).to_have_text("Artist")
    page.locator(".tile-name a").first.click()
    expect(page.locator(".item-facts")).to_contain_text("track")
    row = page.locator(".song .track-name a").first
    name = row.inner_text()
    row.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.get_by_role("heading", level=2, name="How it sounds")).to_be_visible()
    page.locator(".item-on a").click()
    expect(page.locator(".song:target .track-name")).to_have_text(name)


@pytest.mark.parametrize(
    "place",
    [
        *("start", "finds", "nothing", "artist", "album", "track", "unknown"),
        pytest.param("alone", marks=pytest.mark.slow),
    ],
)
def test_a_page_is_accessible_and_fits(enter: Enter, site: RunningSite, place: str) -> None:
    walk = enter(site, PHONE, reduced_motion="reduce")
    if place == "unknown":
        walk.open(f"/album/{'a' * 22}", status=404)
    elif place in ("artist", "album", "track"):
        walk.open("/search?q=b")
        walk.page.locator(
            {"track": ".song .track-name a"}.get(place, f".finds-{place} .tile-name a")
        ).first.click()
        expect(walk.page.locator(".item-head")).to_be_visible()
    else:
        query = {"start": "", "finds": "?q=b", "nothing": "?q=zzzqqq", "alone": "?q=b&type=track&offset=10"}
        walk.open(f"/search{query[place]}")
    walk.should_be_well_on_every_screen()
