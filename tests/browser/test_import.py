"""An export is dropped on a site that knows nobody: the bar, the end, the receipt; and without JavaScript."""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import Enter
from tests.browser.running import RunningSite, running_site
from tests.browser.walk import DESKTOP, PHONE, Look, Walk
from tests.history.made import NOON, audio, body, export, play, plays, zipped

SCREENS = pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=str)
PATIENCE = 60_000.0  # milliseconds; a worker is a process of its own, which takes its time to start
DONE = re.compile(r"/history/import/\d+/done$")
IMPORT = re.compile(r"/history/import$")
# A file from outside, let go over the heading of the page.
_DROP = """
([name, packed]) => {
  const held = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([held], name, { type: "application/zip" }));
  const target = document.querySelector("h1");
  for (const kind of ["dragenter", "dragover", "drop"]) {
    const options = { bubbles: true, cancelable: true, dataTransfer: transfer };
    target.dispatchEvent(new DragEvent(kind, options));
  }
}
"""


# The same with a folder of files, each as its name and text: a page cannot make one. Notes what is sent.
_DROP_FOLDER = """
(files) => {
  const file = ([name, text]) => ({
    isFile: true,
    fullPath: `/Me/${name}`,
    file: (done) => done(new File([text], name)),
  });
  const append = FormData.prototype.append;
  FormData.prototype.append = function (...values) {
    if (values[0] === "files") sessionStorage.sent = [sessionStorage.sent, values[2]].filter(Boolean);
    append.apply(this, values);
  };
  const left = [files.map(file), []];
  const folder = { isDirectory: true, createReader: () => ({ readEntries: (done) => done(left.shift()) }) };
  const dataTransfer = { types: ["Files"], items: [{ webkitGetAsEntry: () => folder }], files: [] };
  document.querySelector("h1").dispatchEvent(
    Object.assign(new Event("drop", { bubbles: true, cancelable: true }), { dataTransfer }),
  );
}
"""


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[RunningSite]:
    """A site of this test alone, without a Spotify app."""
    with running_site(tmp_path / "alone", has_app=False) as running:
        yield running


def choose(walk: Walk, *files: tuple[str, bytes]) -> None:
    """Chooses files and presses the button."""
    payloads: list[FilePayload] = [
        {"name": name, "mimeType": "application/octet-stream", "buffer": held} for name, held in files
    ]
    walk.page.set_input_files("input[name=files]", payloads)
    walk.button("Import").click()


def choose_and_watch(walk: Walk, site: RunningSite, *files: tuple[str, bytes]) -> None:
    """Chooses files, and sees their import end: the page leads to the history then."""
    with watched(walk, site):
        choose(walk, *files)


@contextmanager
def watched(walk: Walk, site: RunningSite) -> Iterator[None]:
    """An import that begins within is not over before its page is there to see it."""
    with site.jobs.imports:
        yield
        expect(walk.page.get_by_text("Waiting for its turn")).to_be_visible()
    walk.page.wait_for_url(DONE, timeout=PATIENCE)
    walk.page.wait_for_load_state("networkidle")  # its pictures too, before the site may end


@SCREENS
def test_from_the_first_page_to_the_history_with_nothing_but_a_zip(
    enter: Enter, alone: RunningSite, screen: Look
) -> None:
    walk = enter(alone, screen)
    walk.open()
    way_in = walk.link("Open your export").first
    expect(way_in).to_be_in_viewport(ratio=1)
    walk.click(way_in)
    choose_and_watch(walk, alone, ("my_spotify_data.zip", export()))
    walk.open("/history/import")
    expect(walk.page.get_by_text("60 rows read")).to_be_visible()


def test_a_zip_may_be_dropped_anywhere_on_the_page(enter: Enter, alone: RunningSite) -> None:
    walk = enter(alone)
    walk.open("/history/import")
    with watched(walk, alone):
        walk.page.evaluate(_DROP, ["my_spotify_data.zip", base64.b64encode(export()).decode()])


def test_of_a_folder_only_what_may_hold_plays_is_sent(enter: Enter, alone: RunningSite) -> None:
    walk = enter(alone)
    walk.open("/history/import")
    files = [
        ("endsong_0.json", json.dumps(plays(3))),
        ("2014.json", json.dumps(plays(2, 3))),
        ("Payments.json", '{"card": "secret"}'),
        ("Table.csv", "name,size\n"),
        ("cat.png", "secret"),
        ("._endsong_0.json", "secret"),
    ]
    with watched(walk, alone):
        walk.page.evaluate(_DROP_FOLDER, files)
    sent = walk.page.evaluate("sessionStorage.sent")
    assert sent.split(",") == ["Me/endsong_0.json", "Me/2014.json", "Me/Table.csv"]
    walk.open("/history/import")
    expect(walk.page.locator(".receipt-files tbody th bdi")).to_have_text(
        ["Me/endsong_0.json", "Me/2014.json"]
    )


def test_a_log_whose_clock_has_no_zone_is_read_in_the_chosen_one(enter: Enter, alone: RunningSite) -> None:
    walk = enter(alone, timezone_id="America/New_York")
    walk.open("/history/import")
    walk.page.get_by_text("For files that do not tell their time zone").click()
    zone = walk.page.get_by_label("Their clock runs on")
    expect(zone).to_have_value("America/New_York")
    zone.select_option("Asia/Tokyo")
    row = f"Band\tRecord\tSong\t1\t200\tL\t{NOON}\t"
    log = f"#AUDIOSCROBBLER/1.1\n#TZ/UNKNOWN\n{row}\n"
    choose_and_watch(walk, alone, (".scrobbler.log", log.encode()))
    walk.open("/history/day/2021-03-04?tz=UTC")
    expect(walk.page.get_by_text("03:00").first).to_be_visible()


def test_the_bar_shows_how_far_it_is_survives_a_reload_and_can_be_stopped(
    enter: Enter, alone: RunningSite
) -> None:
    walk = enter(alone)
    walk.open("/history/import")
    with alone.jobs.imports:  # so that nobody else is at work
        choose(walk, ("my_spotify_data.zip", export()))
        expect(walk.page.get_by_text("Waiting for its turn")).to_be_visible()
        walk.page.reload()
        expect(walk.page.get_by_role("progressbar", name="Waiting for its turn")).to_be_visible()
        walk.button("Cancel this import").click()
    expect(walk.page.get_by_role("status").first).to_contain_text("Nothing of it was kept.")
    choose_and_watch(walk, alone, ("my_spotify_data.zip", export()))


def test_what_is_wrong_is_said_on_the_receipt(enter: Enter, alone: RunningSite) -> None:
    walk = enter(alone)
    walk.open("/history/import")
    held = zipped({audio(0): [*plays(5), play(ms=-1)], audio(1): body(plays(9))[:50]})
    choose(walk, ("my_spotify_data.zip", held), ("cat.png", b"\x89PNG"))
    expect(walk.page.get_by_text("2 of 3 files could not be read")).to_be_visible(timeout=PATIENCE)
    expect(walk.page).to_have_url(IMPORT)
    expect(walk.page.locator(".receipt-failed li")).to_have_count(2)


def test_an_upload_that_breaks_off_says_so_and_can_be_sent_again(enter: Enter, alone: RunningSite) -> None:
    walk = enter(alone)
    walk.open("/history/import")
    walk.page.route(IMPORT, lambda route: route.abort("connectionreset"), times=1)
    choose(walk, ("my_spotify_data.zip", export()))
    expect(walk.page.get_by_role("alert")).to_contain_text("The upload broke off")
    assert {"ERR_CONNECTION_RESET" in fault for fault in walk.faults} == {True}
    walk.faults.clear()
    choose_and_watch(walk, alone, ("my_spotify_data.zip", export()))


def test_an_upload_that_a_proxy_refuses_says_so(enter: Enter, alone: RunningSite) -> None:
    walk = enter(alone)
    walk.open("/history/import")
    walk.page.route(IMPORT, lambda route: route.fulfill(status=429, body="<h1>Slowly</h1>"), times=1)
    choose(walk, ("my_spotify_data.zip", export()))
    expect(walk.page.get_by_role("alert")).to_contain_text("This site could not take the upload")
    expect(walk.page.locator(".drop-choose")).to_be_visible()
    walk.faults.clear()  # Chromium reports every answer of 429


def test_too_large_an_upload_is_not_even_sent(enter: Enter, alone: RunningSite) -> None:
    walk = enter(alone)
    walk.open("/history/import")
    walk.page.locator("[data-import-form]").evaluate("(form) => { form.dataset.largest = 10; }")
    choose(walk, ("my_spotify_data.zip", export()))
    expect(walk.page.get_by_role("alert")).to_contain_text("This upload is too large")


def test_an_import_is_undone_after_a_question(enter: Enter, alone: RunningSite) -> None:
    walk = enter(alone)
    walk.open("/history/import")
    choose_and_watch(walk, alone, ("my_spotify_data.zip", export()))
    walk.open("/history/import")
    expect(walk.button("Take it back")).to_be_hidden()
    walk.page.get_by_text("Undo this import").click()
    walk.button("Take it back").click()
    expect(walk.page.get_by_text("That import is taken back.")).to_be_visible()
    expect(walk.page.get_by_text("Taken back", exact=True)).to_be_visible()
    expect(walk.page.get_by_text("being added up anew")).to_have_count(0, timeout=PATIENCE)


def test_the_whole_story_works_without_javascript(enter: Enter, alone: RunningSite) -> None:
    walk = enter(alone, java_script_enabled=False)
    walk.open()
    walk.click(walk.link("Open your export").first)
    choose(walk, ("my_spotify_data.zip", export()))
    # The page loads itself anew.
    expect(walk.page.get_by_text("60 rows read")).to_be_visible(timeout=PATIENCE)
    expect(walk.link("Read your history")).to_have_attribute("href", "/history")
    walk.page.get_by_text("Undo this import").click()
    walk.button("Take it back").click()
    expect(walk.page.get_by_text("Taken back", exact=True)).to_be_visible()


def test_the_page_is_accessible_and_fits_in_every_state(enter: Enter, alone: RunningSite) -> None:
    walk = enter(alone, PHONE, reduced_motion="reduce")
    walk.open("/history/import")
    walk.should_be_well_on_every_screen()
    with alone.jobs.imports:
        choose(walk, ("my_spotify_data.zip", export()), ("cat.png", b"\x89PNG"), ("x" * 180, b"no"))
        expect(walk.page.get_by_text("Waiting for its turn")).to_be_visible()
        walk.should_be_well_on_every_screen()
    expect(walk.page.get_by_text("2 of 5 files could not be read")).to_be_visible(timeout=PATIENCE)
    for details in walk.page.locator("details").all():
        details.evaluate("(details) => { details.open = true; }")
    walk.should_be_well_on_every_screen()


def test_in_a_new_demo_the_chart_comes_by_itself(enter: Enter, alone: RunningSite) -> None:
    walk = enter(alone, PHONE)
    with alone.jobs.imports:
        walk.log_in()
        expect(walk.page.get_by_text("Their years of listening are being read")).to_be_visible()
    chart = walk.page.locator(".now-chart svg")
    expect(chart).to_be_in_viewport(ratio=0.5, timeout=PATIENCE)
    expect(walk.page).to_have_title(re.compile("Hello, Mira Halloran"))
    walk.page.wait_for_load_state("networkidle")  # who leaves earlier cuts its pictures short
