"""Limits per address: how many uploads, searches and logins, whom they hold for, and what a refusal says."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from app import create_app
from app.config import read_config
from tests.conftest import HOME, Browser
from tests.history.made import body, plays
from tests.jobs import no_imports
from tests.web.test_demo import Visitor

NOON = "2026-11-20T12:00:00Z"
FILE = body(plays(1))


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    no_imports(monkeypatch)


@pytest.fixture
def limited(environ: dict[str, str], tmp_path: Path) -> Iterator[Flask]:
    """A site with small limits, behind one proxy."""
    small = {"LIMIT_UPLOADS": "2/hour", "LIMIT_SEARCHES": "2/minute", "LIMIT_LOGINS": "2/minute"}
    more = small | {"TRUSTED_PROXIES": "1"}
    app = create_app(read_config(environ | more, instance=tmp_path / "limited"))
    yield app
    app.extensions["site"].close()


@pytest.fixture
def visitor(limited: Flask) -> Visitor:
    return Visitor(limited)


def upload(browser: Browser) -> TestResponse:
    browser.get("/history/import")
    return browser.post("/history/import", files=(BytesIO(FILE), "endsong_0.json"))  # type: ignore[arg-type]


def statuses(browser: Browser, path: str, times: int = 3, **kwargs: Any) -> list[int]:
    return [browser.get(path, **kwargs).status_code for _ in range(times)]


def test_too_many_searches_are_refused_until_the_minute_is_over(visitor: Visitor) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        assert statuses(visitor, "/search?q=love", 2) == [200, 200]
        clock.shift(20)
        refused = visitor.get("/search?q=love")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "40")
        assert "Too many searches from your address" in refused.text
        assert 'Come back after <time datetime="2026-11-20T12:01:00Z">12:01' in refused.text
        assert "Spotify asks" not in refused.text
        assert visitor.get("/search").status_code == 200  # the form alone asks nobody
        clock.shift(40)
        assert visitor.get("/search?q=love").status_code == 200


def test_a_refusal_in_json_says_when_to_come_back(visitor: Visitor) -> None:
    with time_machine.travel(NOON, tick=False):
        answers = [visitor.get("/search.json?q=love") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "60"
    assert answers[2].get_json() == {
        "error": {
            "status": 429,
            "message": "Too many searches from your address",
            "resume_at": "2026-11-20T12:01:00Z",
        }
    }


def test_every_address_is_counted_by_itself(visitor: Visitor) -> None:
    def seen(address: str) -> list[int]:
        return statuses(visitor, "/search?q=love", headers={"X-Forwarded-For": address})

    assert seen("203.0.113.7") == [200, 200, 429]
    assert seen("203.0.113.8") == [200, 200, 429]
    assert seen("2001:db8:1:2::1") == [200, 200, 429]
    assert seen("2001:db8:1:2:ffff::9") == [429, 429, 429]
    assert seen("198.51.100.1, 203.0.113.7") == [429, 429, 429]  # what a client claims is not believed


def test_who_is_logged_in_at_spotify_searches_and_uploads_without_a_limit(limited: Flask) -> None:
    mira = Browser(limited)
    mira.login()
    assert statuses(mira, "/search?q=love", 5) == [200] * 5
    assert [upload(mira).status_code for _ in range(4)] == [303] * 4


def test_a_visitor_of_the_demo_counts_as_not_logged_in(visitor: Visitor) -> None:
    visitor.get(visitor.look_around())
    assert statuses(visitor, "/search?q=love") == [200, 200, 429]


def test_too_many_uploads_are_refused_before_they_are_read(visitor: Visitor, limited: Flask) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        assert [upload(visitor).status_code for _ in range(2)] == [303, 303]
        refused = upload(visitor)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
        assert "Nothing of this one was kept." in refused.text
        assert 'href="/history/import"' in refused.text
        assert upload(Browser(limited)).status_code == 429  # another browser of the same address
        clock.shift(3600)
        assert upload(visitor).status_code == 303


def test_an_upload_that_another_site_made_a_browser_send_is_not_counted(visitor: Visitor) -> None:
    for _ in range(5):
        forged = visitor.client.post(
            "/history/import?csrf_token=forged", base_url=HOME, data={"files": (BytesIO(FILE), "a")}
        )
        assert forged.status_code == 400
    assert upload(visitor).status_code == 303


def test_logins_are_limited_for_everybody(limited: Flask) -> None:
    visitor = Visitor(limited)
    with time_machine.travel(NOON, tick=False) as clock:
        visitor.get(visitor.look_around())
        assert statuses(visitor, "/login", 1) == [302]
        refused = Browser(limited).get("/login?demo=1")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
        assert "Too many logins from your address" in refused.text
        clock.shift(60)
        assert visitor.get("/login").status_code == 302


def test_the_limits_are_generous_for_one_person(browser: Browser) -> None:
    assert statuses(browser, "/search?q=love", 31) == [200] * 30 + [429]
    assert statuses(browser, "/login", 21) == [302] * 20 + [429]


def test_without_its_counters_the_site_goes_on(visitor: Visitor, limited: Flask) -> None:
    with limited.extensions["site"].store.writing() as connection:
        connection.execute(text("DROP TABLE rate_limit"))
    assert statuses(visitor, "/search?q=love", 4) == [200] * 4
    assert visitor.get("/login").status_code == 302
    assert upload(visitor).status_code == 303


def test_the_search_form_tells_the_script_whether_searches_are_counted(limited: Flask) -> None:
    mira = Browser(limited)
    assert "data-counted" in mira.get("/search").text
    mira.login()
    assert "data-counted" not in mira.get("/search").text


def test_strangers_open_four_pages_that_spotify_is_asked_for_to_every_search(
    browser: Browser, limited: Flask
) -> None:
    browser.login()
    items = browser.get("/top/tracks.json").get_json()["items"]
    pages = [f"/track/{item['id']}" for item in items if item["id"]][:9]
    stranger = Browser(limited)
    assert [stranger.get(page).status_code for page in pages] == [200] * 8 + [429]
    assert "Too many pages from your address" in stranger.page
    assert stranger.get(pages[0]).status_code == 200  # it is known already
    mira = Browser(limited)
    mira.login()
    assert mira.get(pages[8]).status_code == 200
