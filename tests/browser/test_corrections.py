"""A name is corrected from its page and from what is suggested, and the page knows when it is done."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.running import RunningSite, running_site
from tests.browser.test_import import PATIENCE, choose, watched
from tests.history.made import NOON, audio, play, zipped

PLAYS = [
    ("Björk", "Jóga"),
    ("Björk", "Hunter"),
    ("Björk", "Hunter - Remastered 2011"),
    ("Bjork", "Hunter"),
    ("The Notwist", "Consequence"),
    ("The Notwist", "Consequence (feat. Somebody with quite a long name, and others)"),
    ("Notwist", "Pick Up the Phone"),
    ("東京事変", "群青日和"),
]


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[RunningSite]:
    """A site of this test alone, without a Spotify app."""
    with running_site(tmp_path / "alone", has_app=False) as running:
        yield running


def test_names_are_corrected_and_the_history_follows(enter: Enter, alone: RunningSite) -> None:
    walk = enter(alone, reduced_motion="reduce")
    walk.open("/history/import")
    rows = [play(NOON + 600 * at, track=title, artist=by) for at, (by, title) in enumerate(PLAYS)]
    with watched(walk, alone):
        choose(walk, ("my_spotify_data.zip", zipped({audio(0): rows})))

    walk.open("/artist?name=東京事変")
    walk.page.get_by_text("Correct this").click()
    walk.should_be_well_on_every_screen()
    walk.page.get_by_label("Write it differently").fill("Tokyo Jihen")
    walk.button("Rename").click()
    expect(walk.page.get_by_text("東京事変 is called Tokyo Jihen")).to_be_visible()
    with alone.jobs.imports:
        walk.button("Merge Bjork into Björk").click()
        expect(walk.page.get_by_text("being counted")).to_be_visible()
    # It looks again by itself.
    expect(walk.page.get_by_text("Artist: 1 play in 1 track").first).to_be_visible(timeout=PATIENCE)
    walk.should_be_well_on_every_screen()

    walk.open("/history/day/2021-03-04")
    walk.page.locator(".day-more summary").first.click()
    walk.should_be_well_on_every_screen()
    walk.button("Delete this play").click()
    expect(walk.page.get_by_text("Jóga by Björk was not played")).to_be_visible()
    expect(walk.page.get_by_text("being counted")).to_have_count(0, timeout=PATIENCE)
    walk.button("Undo the correction of Jóga").click()
    expect(walk.page.get_by_text("was not played")).to_have_count(0)
    expect(walk.page.locator("[data-look-again]")).to_have_count(0, timeout=PATIENCE)
