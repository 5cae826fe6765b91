"""What pages weigh on the line, and what a browser need not fetch again."""

import re
import sys
from collections.abc import Iterator
from gzip import decompress as gunzip

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app
from app.config import read_config
from tests.conftest import HOME, Browser, form_fields
from tests.waiting import until

KB = 1024
FIRST_PAGE, NEXT_PAGE = 120 * KB, 30 * KB
COMPRESSED = {"Accept-Encoding": "gzip, deflate, br"}
PAGES = ("/your-music", "/top/tracks", "/top/artists", "/history", "/mood", "/history/import")
_FETCHED = re.compile(r'<link rel="(?:stylesheet|preload)"[^>]* href="([^"]+)"|<script src="([^"]+)"')


def enter_demo(app: Flask) -> Browser:
    """The demo's listener, logged in."""
    browser = Browser(app)
    address = browser.client.get("/login?demo=1", base_url=HOME).headers["Location"]
    form = form_fields(browser.client.get(address, base_url=HOME).text) | {"answer": "agree"}
    browser.get(browser.client.post(address, data=form, base_url=HOME).headers["Location"].removeprefix(HOME))
    return browser


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The demo's listener, whose history has been read."""
    environ = {"SECRET_KEY": "a secret key for weighing"}
    app = create_app(read_config(environ, instance=tmp_path_factory.mktemp("instance")))
    browser = enter_demo(app)
    until(lambda: "/history/ranks" in browser.get("/history").text)
    yield browser
    app.extensions["site"].close()


def ask(browser: Browser, path: str, **headers: str) -> TestResponse:
    """The answer as it is on the line, compressed where it may be."""
    return browser.client.get(
        path,
        base_url=HOME,
        buffered=True,
        headers=COMPRESSED | {k.replace("_", "-"): v for k, v in headers.items()},
    )


def weight(answer: TestResponse) -> int:
    """Bytes of the status line, the headers and the body."""
    headers = sum(len(f"{name}: {value}\r\n") for name, value in answer.headers)
    return len(f"HTTP/1.1 {answer.status}\r\n\r\n") + headers + len(answer.data)


def html_of(answer: TestResponse) -> str:
    unpack = sys.modules["brotli"].decompress if answer.headers["Content-Encoding"] == "br" else gunzip
    return str(unpack(answer.data).decode())


def should_be_light(browser: Browser, path: str) -> None:
    page = ask(browser, path)
    assert page.status_code == 200, path
    fetched = [sheet or script for sheet, script in _FETCHED.findall(html_of(page))]
    assert sum(".woff2" in address for address in fetched) == 2
    assert sum("site.css" in address for address in fetched) == 1
    assert weight(page) <= NEXT_PAGE, f"{path} weighs {weight(page) / KB:.1f} KB"
    cold = weight(page) + sum(weight(ask(browser, address)) for address in fetched)
    assert cold <= FIRST_PAGE, f"{path} weighs {cold / KB:.1f} KB with all that it loads"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_and_what_it_loads_are_light(demo: Browser, path: str) -> None:
    should_be_light(demo, path)


def test_landing_year_and_artist_are_light(demo: Browser) -> None:
    should_be_light(Browser(demo.client.application), "/")
    should_be_light(demo, "/history/2025")
    artists = demo.get("/top/artists.json?time_range=medium_term").get_json()["items"]
    should_be_light(demo, f"/artist/{artists[0]['id']}")


def test_a_page_has_one_stylesheet_and_waits_for_no_script(demo: Browser) -> None:
    for path in (*PAGES, "/search", "/library", "/settings", "/privacy"):
        html = demo.get(path).text
        assert html.count('rel="stylesheet"') == 1, path
        scripts = re.findall(r"<script[^>]*>", html)
        assert all(" defer" in script for script in scripts), path


def test_what_is_loaded_may_be_kept_for_a_year(demo: Browser) -> None:
    for sheet, script in _FETCHED.findall(demo.get("/your-music").text):
        answer = ask(demo, sheet or script)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable", sheet or script


def test_fonts_are_preloaded_under_the_address_that_the_stylesheet_asks_for(demo: Browser) -> None:
    html = demo.get("/settings").text
    sheet = re.search(r'rel="stylesheet" href="([^"]+)"', html)
    assert sheet
    wanted = set(
        re.findall(r'url\("(vendor/[^"]+woff2[^"]*)"\)', ask(demo, sheet[1], Accept_Encoding="").text)
    )
    assert len(wanted) == 2
    assert set(re.findall(r'rel="preload"[^>]* href="/static/([^"]+)"', html)) == wanted


def test_only_who_takes_it_gets_it_compressed_and_the_same_words(demo: Browser) -> None:
    plain = ask(demo, "/privacy", Accept_Encoding="identity")
    assert "Content-Encoding" not in plain.headers
    refused = ask(demo, "/privacy", Accept_Encoding="gzip;q=0, br;q=0")
    assert "Content-Encoding" not in refused.headers
    assert ask(demo, "/privacy", Accept_Encoding="gzip").headers["Content-Encoding"] == "gzip"
    packed = ask(demo, "/privacy")
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    differs = re.compile(r'name="csrf_token" value="[^"]+"|<!--[0-9a-f]*-->$')
    assert differs.sub("", html_of(packed)) == differs.sub("", plain.text)
    for answer in (plain, packed):
        assert {"Cookie", "Accept-Encoding"} <= set(answer.headers["Vary"].split(", "))


def test_the_compressed_length_of_the_same_page_differs(demo: Browser) -> None:
    assert len({len(ask(demo, "/privacy").data) for _ in range(20)}) > 3


def test_fonts_and_small_answers_are_left_alone(demo: Browser) -> None:
    font = "/static/vendor/besley/besley.woff2"
    for path in (font, "/healthz", "/static/favicon.svg"):
        assert "Content-Encoding" not in ask(demo, path).headers, path
    part = ask(demo, "/static/site.css", Range="bytes=0-9")
    assert (part.status_code, len(part.data)) == (206, 10)


def test_a_page_that_has_not_changed_is_answered_304(demo: Browser) -> None:
    for path in ("/top/tracks?time_range=short_term&source=spotify", "/history?range=all", "/settings"):
        first = ask(demo, path)
        assert first.headers["Cache-Control"] == "private, no-cache"
        again = ask(demo, path, If_None_Match=first.headers["ETag"])
        assert (again.status_code, again.data) == (304, b""), path
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Cache-Control"] == "private, no-cache"
    other = ask(demo, "/top/tracks?time_range=long_term&source=spotify")
    assert (
        other.headers["ETag"] != ask(demo, "/top/tracks?time_range=short_term&source=spotify").headers["ETag"]
    )


def test_the_kept_page_of_one_session_is_never_good_for_another(demo: Browser) -> None:
    mine = enter_demo(demo.client.application)
    tag = ask(mine, "/your-music").headers["ETag"]
    assert ask(mine, "/your-music", If_None_Match=tag).status_code == 304
    assert ask(demo, "/your-music", If_None_Match=tag).status_code == 200
    mine.get("/your-music")
    left = mine.post("/logout")
    assert left.headers["Clear-Site-Data"] == '"cache"'
    after = ask(mine, "/your-music", If_None_Match=tag)
    assert after.status_code not in (200, 304)
    assert after.headers["Cache-Control"] == "no-store"


def test_the_token_in_a_kept_page_still_works(demo: Browser) -> None:
    mine = enter_demo(demo.client.application)
    page = ask(mine, "/settings")
    mine.page = html_of(page)
    assert ask(mine, "/settings", If_None_Match=page.headers["ETag"]).status_code == 304
    assert mine.post("/logout").status_code == 303
