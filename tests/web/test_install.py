"""What phones, browsers and crawlers ask for without being told: manifest, icons, worker, robots.txt."""

import json
import re
import struct
from urllib.robotparser import RobotFileParser

import pytest

from tests.conftest import HOME, Browser


def test_the_manifest_names_icons_of_the_sizes_that_it_says(browser: Browser) -> None:
    answer = browser.get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    manifest = json.loads(answer.text)
    assert (manifest["name"], manifest["start_url"], manifest["display"]) == (
        "Liner Notes",
        "/",
        "standalone",
    )
    sizes = {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]}
    assert sizes == {(size, purpose) for size in ("192x192", "512x512") for purpose in ("any", "maskable")}
    for icon in manifest["icons"]:
        png = browser.client.get(icon["src"], base_url=HOME, buffered=True).data
        assert "{}x{}".format(*struct.unpack(">II", png[16:24])) == icon["sizes"]


def test_pages_link_the_manifest_and_an_icon_for_phones(browser: Browser) -> None:
    html = browser.get("/").text
    assert 'rel="manifest" href="/manifest.webmanifest"' in html
    icon = re.search(r'rel="apple-touch-icon" href="([^"]+)"', html)
    assert icon
    assert browser.client.get(icon[1], base_url=HOME, buffered=True).mimetype == "image/png"


def test_the_icon_that_browsers_look_for_is_there(browser: Browser) -> None:
    answer = browser.client.get("/favicon.ico", base_url=HOME, buffered=True)
    assert answer.data[:4] == b"\0\0\1\0"
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("path", "open_to_crawlers"),
    [
        ("/", True),
        ("/privacy", True),
        ("/static/site.css", True),
        ("/history/import", True),
        ("/your-music", False),
        ("/top/tracks", False),
        ("/history", False),
        ("/history.csv", False),
        ("/history/2024", False),
        ("/settings", False),
        ("/search?q=a", False),
    ],
)
def test_crawlers_are_kept_out_of_personal_pages(browser: Browser, path: str, open_to_crawlers: bool) -> None:
    robots = RobotFileParser()
    # Python's reader knows no "$", which ends an address.
    robots.parse(browser.get("/robots.txt").text.replace("$", "").splitlines())
    assert robots.can_fetch("anyone", HOME + path) is open_to_crawlers


def test_the_worker_keeps_the_offline_page_and_its_looks_alone(browser: Browser) -> None:
    answer = browser.get("/service-worker.js")
    assert answer.mimetype == "text/javascript"
    offline = re.search(r"OFFLINE = (.+);", answer.text)
    files = re.search(r"KEPT = \[OFFLINE, \.\.\.(.+)\];", answer.text)
    assert offline
    assert files
    assert json.loads(offline[1]) == "/offline"
    names = [address.partition("?v=")[0] for address in json.loads(files[1])]
    assert names == [
        "/static/site.css",
        "/static/vendor/besley/besley.woff2",
        "/static/vendor/public-sans/public-sans.woff2",
    ]
    assert browser.get("/offline").status_code == 200


def test_public_pages_tell_others_what_they_are_and_personal_ones_do_not(browser: Browser) -> None:
    page = browser.get("/privacy").text
    assert '<meta name="description" content="What you listen to' in page
    assert '<meta property="og:title" content="Privacy">' in page
    image = re.search(r'property="og:image" content="([^"]+)"', page)
    assert image
    assert image[1].startswith(f"{HOME}/static/icons/")
    browser.log_in()
    personal = browser.get("/your-music").text
    assert '<meta name="description"' in personal
    assert "og:" not in personal


def test_words_from_outside_stay_words_in_what_is_told(browser: Browser) -> None:
    page = browser.get('/search?q="><b>x').text
    assert "><b>x" not in page
