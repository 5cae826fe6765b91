"""Odd requests, and what every answer carries: never a 500, always the headers."""

import logging
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, abort
from werkzeug.test import TestResponse

from app import create_app
from app.config import read_config
from app.sandbox import SandboxServer
from tests.conftest import HOME, Browser, audit, form_fields
from tests.waiting import until

PAGES = (
    "/",
    "/privacy",
    "/your-music",
    "/your-music.json",
    "/library",
    "/library.json",
    "/library.csv",
    "/library/progress.json",
    "/login",
    "/callback",
    "/healthz",
    "/nowhere",
)

PICTURES = ["'self'", "data:", "https://*.scdn.co", "https://*.spotifycdn.com", "https:"]


def ask(browser: Browser, path: str, method: str = "GET", **more: Any) -> TestResponse:
    """Any request, its answer read to the end."""
    return browser.client.open(path, method=method, base_url=HOME, buffered=True, **more)


@pytest.fixture
def visitor(browser: Browser) -> Browser:
    browser.log_in()
    browser.get("/your-music")
    return browser


def read_library(browser: Browser) -> None:
    """Opens the library until it is read: from then on it stays as it is."""
    browser.get("/library")
    until(lambda: browser.get("/library/progress.json").get_json()["state"] == "done")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, str]]:
    """A site that only reads in these tests, so that they may share it, and a session of its demo."""
    environ = {"SECRET_KEY": "a secret key for odd requests"}
    app = create_app(read_config(environ, instance=tmp_path_factory.mktemp("instance")))
    browser = Browser(app)
    address = browser.client.get("/login?demo=1", base_url=HOME).headers["Location"]
    form = form_fields(browser.client.get(address, base_url=HOME).text) | {"answer": "agree"}
    back = browser.client.post(address, data=form, base_url=HOME).headers["Location"]
    browser.get(back.removeprefix(HOME))
    assert browser.get("/your-music").status_code == 200
    read_library(browser)
    cookie = browser.client.get_cookie("liner_notes", domain="127.0.0.1")
    assert cookie is not None
    yield app, cookie.value
    app.extensions["site"].close()


@pytest.fixture
def reader(shared: tuple[Flask, str]) -> Browser:
    """Someone logged in there."""
    app, cookie = shared
    browser = Browser(app)
    browser.client.set_cookie("liner_notes", cookie, domain="127.0.0.1")
    return browser


@pytest.fixture
def passer_by(shared: tuple[Flask, str]) -> Browser:
    """Someone who is not logged in there."""
    return Browser(shared[0])


def test_an_unknown_time_range_is_400_and_asks_nothing(visitor: Browser, spotify: SandboxServer) -> None:
    for value, page in product(
        [
            "",
            "forever",
            "SHORT_TERM",
            "short_term ",
            "short_term%00",
            "%ff",
            "x" * 5000,
            "../../etc/passwd",
            "[]",
            "1",
        ],
        ["/your-music", "/your-music.json"],
    ):
        before = len(spotify.calls)
        answer = visitor.get(f"{page}?time_range={value}")
        assert answer.status_code == 400
        assert len(spotify.calls) == before


def test_huge_parameters_are_400(reader: Browser) -> None:
    for page, query in product(PAGES, ["x" * 9000, "a=" + "%41" * 4000, "&" * 8500, "next=/" + "y" * 9000]):
        assert reader.get(f"{page}?{query}").status_code in (400, 404)


def test_odd_parameters_are_never_our_fault(reader: Browser) -> None:
    for query, page in product(
        ["%", "%zz=%zz", "=", "&&&", "a[]=1&a[b]=2", "%00=%00", "time_range", "\u00e9=\u00e9"], PAGES
    ):
        assert ask(reader, f"{page}?{query}").status_code < 500


def test_odd_paths_are_404(passer_by: Browser) -> None:
    for path in [
        "/nowhere",
        "/nowhere.json",
        "/your-music/",
        "/your-music.csv",
        "/Your-Music",
        "/%00",
        "/%ff%fe",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/static/../app/config.py",
        "/static/%2e%2e/app/config.py",
        "/static/..%2fapp/config.py",
        "/static/",
        "/static/nothing.css",
        "/.env",
        "/instance/secret_key",
        "/" + "x" * 20_000,
        "/\u202e\u2028",
        "/demo/spotify/nowhere",
    ]:
        assert ask(passer_by, path).status_code == 404


def test_other_methods_are_405(reader: Browser) -> None:
    for method, page in product(
        ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "FOO"], PAGES[:-1]
    ):
        answer = ask(reader, page, method)
        assert answer.status_code == 405
        assert "GET" in answer.headers["Allow"]


def test_head_is_get_without_the_body(reader: Browser) -> None:
    for page in PAGES:
        head, whole = ask(reader, page, "HEAD"), ask(reader, page)
        assert (head.status_code, head.data) == (whole.status_code, b"")


def test_an_odd_time_zone_in_the_cookie_is_utc(reader: Browser) -> None:
    for zone in [
        "",
        "Europe/Berlin",
        "No/Land",
        "../../etc/passwd",
        "/etc/passwd",
        "Europe",
        "x" * 4000,
        "%00",
        ".",
        "é",
    ]:
        reader.client.set_cookie("tz", zone, domain="127.0.0.1")
        assert reader.get("/your-music").status_code == 200


@pytest.mark.parametrize("value", ["", "x", "x" * 4000, "\u00e9", "..", "%00", "'; DROP TABLE session; --"])
def test_an_odd_session_cookie_is_nobody(passer_by: Browser, value: str) -> None:
    passer_by.client.set_cookie("liner_notes", value, domain="127.0.0.1")
    assert passer_by.get("/").status_code == 200
    assert passer_by.get("/your-music.json").status_code == 401


# --- errors ---


@pytest.fixture
def broken(app: Flask) -> Flask:
    """The site, with addresses that fail: `/broken`, `/broken.json`, and one for each status."""

    def fail() -> str:
        raise RuntimeError("a secret in the message")

    app.add_url_rule("/broken", "broken", fail)
    app.add_url_rule("/broken.json", "broken_json", fail)
    app.add_url_rule("/status/<int:status>", "status", lambda status: abort(status))
    return app


def test_a_fault_of_ours_is_a_page_without_a_traceback(
    broken: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    browser = Browser(broken)
    page = browser.get("/broken")
    assert page.status_code == 500
    assert "Something went wrong here" in page.text
    for word in ("Traceback", "RuntimeError", "a secret in the message", ".py"):
        assert word not in page.text
    assert browser.get("/broken.json").get_json() == {
        "error": {"status": 500, "message": "Something went wrong here"}
    }
    assert [record.exc_info is not None for record in caplog.records] == [True, True]


def test_every_error_is_a_page_that_stands_up_to_an_audit(broken: Flask) -> None:
    for status in [400, 401, 403, 404, 405, 406, 408, 409, 410, 413, 414, 415, 418, 429, 431, 500, 503]:
        page = Browser(broken).get(f"/status/{status}")
        assert (page.status_code, page.mimetype) == (status, "text/html")
        audit(page.text)
        assert "Traceback" not in page.text


def test_errors_speak_json_on_a_json_address(browser: Browser) -> None:
    answer = browser.get("/nowhere.json")
    assert (answer.status_code, answer.get_json()) == (
        404,
        {"error": {"status": 404, "message": "There is nothing here"}},
    )


# --- health ---


def test_health_is_200_while_the_database_answers(browser: Browser) -> None:
    answer = browser.get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok", "database": "ok"})


@pytest.mark.parametrize("cookie", [False, True], ids=["a stranger", "with a session cookie"])
def test_health_is_503_when_the_database_does_not(
    browser: Browser, app: Flask, cookie: bool, tmp_path: Path
) -> None:
    if cookie:
        browser.log_in()
    lose_database(app, tmp_path)
    answer = browser.get("/healthz")
    assert answer.status_code == 503
    assert answer.get_json() == {"status": "failing", "database": "not answering"}


@pytest.mark.parametrize("path", ["/", "/your-music", "/library", "/privacy", "/nowhere"])
def test_without_a_database_a_page_says_so(browser: Browser, app: Flask, path: str, tmp_path: Path) -> None:
    browser.log_in()
    lose_database(app, tmp_path)
    page = browser.get(path)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "10")
    assert "<h1>This site&#39;s database is not answering</h1>" in page.text
    assert page.headers["X-Content-Type-Options"] == "nosniff"


def lose_database(app: Flask, tmp_path: Path) -> None:
    """Takes the tables away, as a disk that was swapped would."""
    site = app.extensions["site"]
    site.store.close()
    for file in (tmp_path / "instance").glob("liner-notes.sqlite3*"):
        file.unlink()
    (tmp_path / "instance" / "liner-notes.sqlite3").mkdir()


# --- headers ---


def test_every_kind_of_answer_carries_the_headers(broken: Flask) -> None:
    browser = Browser(broken)
    browser.log_in()
    found = {
        "page": ask(browser, "/your-music"),
        "landing": ask(Browser(broken), "/"),
        "json": ask(browser, "/your-music.json"),
        "library": ask(browser, "/library"),
        "library as csv": ask(browser, "/library.csv"),
        "health": ask(browser, "/healthz"),
        "404": ask(browser, "/nowhere"),
        "405": ask(browser, "/your-music", "PUT"),
        "400": ask(browser, "/your-music?time_range=x"),
        "500": ask(browser, "/broken"),
        "forbidden form": ask(browser, "/logout", "POST"),
        "redirect": ask(browser, "/login"),
        "static": ask(browser, "/static/favicon.svg"),
        "missing static": ask(browser, "/static/nothing"),
    }
    for kind, answer in found.items():
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff", kind
        assert headers["X-Frame-Options"] == "DENY", kind
        assert headers["Referrer-Policy"] == "same-origin", kind
        policy = dict(
            part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";")
        )
        assert policy["default-src"] == "'none'", kind
        assert (policy["script-src"], policy["style-src"]) == ("'self'", "'self'"), kind
        assert (policy["frame-ancestors"], policy["base-uri"]) == ("'none'", "'none'"), kind
        assert "unsafe" not in headers["Content-Security-Policy"], kind
        assert "Strict-Transport-Security" not in headers, kind
        assert "Werkzeug" not in headers.get("Server", ""), kind
        if kind not in ("static", "missing static"):
            kept = "private, no-cache" if kind in ("page", "landing", "library") else "no-store"
            assert headers["Cache-Control"] == kept, kind


def picture_sources(answer: TestResponse) -> list[str]:
    """Where pictures may come from, as the policy has it."""
    parts = [part.split() for part in answer.headers["Content-Security-Policy"].split(";")]
    return next(sources for name, *sources in parts if name == "img-src")


def test_pictures_of_a_server_on_localhost_are_shown_and_allowed(
    environ: dict[str, str], spotify: SandboxServer, tmp_path: Path
) -> None:
    url = spotify.url.replace("127.0.0.1", "localhost")
    there = {"SPOTIFY_ACCOUNTS_URL": f"{url}/accounts", "SPOTIFY_API_URL": f"{url}/v1"}
    app = create_app(read_config(environ | there, instance=tmp_path / "instance"))
    browser = Browser(app)
    browser.login()
    page = browser.get("/your-music")
    shown = re.findall(r'<img class="picture" src="([^"]+)"', page.text)
    assert len(shown) == 41  # the listener, 20 artists, 20 tracks
    assert {entry.partition("/pictures/")[0] for entry in shown} == {url}
    assert picture_sources(page) == [*PICTURES, "http:"]
    app.extensions["site"].close()


def test_beside_an_api_over_https_pictures_need_https(environ: dict[str, str], tmp_path: Path) -> None:
    there = {"SPOTIFY_API_URL": "https://api.spotify.com/v1"}
    app = create_app(read_config(environ | there, instance=tmp_path / "instance"))
    assert picture_sources(Browser(app).get("/")) == PICTURES
    app.extensions["site"].close()


def test_over_https_browsers_are_told_to_stay_there(browser: Browser) -> None:
    for path in ["/", "/nowhere", "/healthz", "/static/favicon.svg", "/login"]:
        answer = browser.client.get(path, base_url="https://127.0.0.1:5000", buffered=True)
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
        plain = browser.client.get(path, base_url=HOME, buffered=True)
        assert "Strict-Transport-Security" not in plain.headers


def test_static_files_may_be_kept_for_a_year_only_under_an_address_that_tells_their_content(
    browser: Browser,
) -> None:
    page = browser.get("/").text
    fingerprinted = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    assert "?v=" in fingerprinted
    assert "immutable" in ask(browser, fingerprinted).headers["Cache-Control"]
    plain = ask(browser, "/static/favicon.svg").headers.get("Cache-Control", "")
    assert "immutable" not in plain


def test_a_page_of_one_person_is_never_anyone_elses_from_a_cache(visitor: Browser) -> None:
    headers = visitor.get("/your-music").headers
    assert "Cookie" in headers["Vary"]
    assert headers["Cache-Control"] == "private, no-cache"
