"""Light, dark, paper, and the wish for less motion."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Enter, Remembered
from tests.browser.running import RunningSite
from tests.browser.walk import DARK, DESKTOP, MIRA, PRIVACY, Walk

_COLOURS = """
() => {
  const { backgroundColor, color } = getComputedStyle(document.body);
  return [backgroundColor, color];
}
"""
_MOVING = "() => document.getAnimations().filter((one) => one.playState === 'running').length"


def brightness(colour: str) -> float:
    """How light a computed colour is, 0-255: "rgb(244, 237, 221)" is 234."""
    parts = [float(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    return sum(parts) / len(parts)


def background_and_ink(walk: Walk) -> tuple[float, float]:
    """How light the page and its words are."""
    background, ink = walk.page.evaluate(_COLOURS)
    return brightness(background), brightness(ink)


def test_dark_is_dark_and_light_is_light(enter: Enter, site: RunningSite) -> None:
    day, night = enter(site, DESKTOP), enter(site, DARK)
    for path in ("/", "/login?demo=1", "/privacy"):
        for walk in (day, night):
            walk.open(path)
        background, ink = background_and_ink(day)
        assert background > 220, path
        assert ink < 60, path
        background, ink = background_and_ink(night)
        assert background < 40, path
        assert ink > 220, path


def test_nothing_moves_for_people_who_want_less_motion(enter: Enter, site: RunningSite) -> None:
    walk = enter(site, reduced_motion="reduce")
    for path in ("/", "/login?demo=1"):
        walk.open(path)
        walk.page.locator(".btn, button").first.hover()
        assert walk.page.evaluate(_MOVING) == 0
    walk.log_in()
    walk.button("Refresh").hover()
    assert walk.page.evaluate(_MOVING) == 0


def test_paper_gets_the_numbers_without_the_controls(
    enter: Enter, site: RunningSite, remembered: Remembered
) -> None:
    walk = enter(site, DARK, storage_state=remembered(MIRA))
    walk.open("/your-music")
    walk.page.emulate_media(media="print")
    for shown in (".facts", ".artists", ".tracks", ".features", ".radar", ".ranges [aria-current]"):
        expect(walk.page.locator(shown).last).to_be_visible()
    expect(walk.page.get_by_text("ranked by Spotify").first).to_be_visible()
    for hidden in ("Log out", "Refresh"):
        expect(walk.button(hidden)).to_be_hidden()
    expect(walk.link(PRIVACY)).to_be_hidden()
    expect(walk.page.locator(".ranges a:not([aria-current])").first).to_be_hidden()
    for scheme in ("dark", "light"):
        walk.page.emulate_media(media="print", color_scheme=scheme)
        background, ink = background_and_ink(walk)
        assert background == 255, scheme
        assert ink < 60, scheme


def test_the_overview_fits_three_sheets(walk: Walk) -> None:
    walk.log_in()
    for paper in ("A4", "Letter"):
        pages = re.findall(rb"/Type\s*/Page\b", walk.page.pdf(format=paper))
        assert len(pages) == 3, paper
