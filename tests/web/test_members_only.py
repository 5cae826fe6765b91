"""`ANONYMOUS_IMPORTS=0`: only people who are logged in at Spotify import, and no page promises more."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app
from app.command_line import greeting
from app.config import read_config
from app.web.imports import uploads
from tests.conftest import HOME, Browser
from tests.history.made import body, plays
from tests.jobs import no_imports
from tests.web.test_demo import Visitor

PAGE = "/history/import"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What is written to the disk: nothing may be."""
    found: list[object] = []

    def receive(_site: object) -> BytesIO:
        found.append(1)
        return BytesIO()

    monkeypatch.setattr(uploads, "receiving_file", receive)
    no_imports(monkeypatch)
    return found


@pytest.fixture
def members_only(environ: dict[str, str], tmp_path: Path) -> Iterator[Flask]:
    config = read_config(environ | {"ANONYMOUS_IMPORTS": "0"}, instance=tmp_path / "members")
    app = create_app(config)
    yield app
    app.extensions["site"].close()


def send(browser: Browser, **kwargs: object) -> TestResponse:
    """Posts a file with the token of whatever form the browser has seen."""
    return browser.post(PAGE, files=(BytesIO(body(plays(1))), "endsong_0.json"), **kwargs)  # type: ignore[arg-type]


def test_who_is_not_logged_in_gets_403_with_a_sentence(members_only: Flask, written: list[object]) -> None:
    browser = Browser(members_only)
    browser.get("/privacy")
    refused = send(browser)
    assert refused.status_code == 403
    assert "On this site only people who are logged in may import." in refused.text
    assert 'href="/login?next=/history/import"' in refused.text
    for_script = browser.client.post(PAGE, base_url=HOME, headers={"Accept": "application/json"})
    assert (for_script.status_code, for_script.get_json()["error"]["message"]) == (403, "Log in to import")
    assert written == []


def test_a_visitor_of_the_demo_is_not_logged_in(members_only: Flask, written: list[object]) -> None:
    visitor = Visitor(members_only)
    visitor.get(visitor.look_around())
    page = visitor.get(PAGE).text
    assert "On this site only people who are logged in may import." in page
    assert 'type="file"' not in page
    assert "opens in a private history" not in page
    assert send(visitor).status_code == 403
    assert written == []
    assert visitor.get("/your-music").status_code == 200  # the visit goes on


def test_who_is_logged_in_imports(members_only: Flask, written: list[object]) -> None:
    browser = Browser(members_only)
    browser.log_in()
    assert 'type="file"' in browser.get(PAGE).text
    assert send(browser).status_code == 303
    assert written == [1]


def test_no_page_promises_it(members_only: Flask) -> None:
    browser = Browser(members_only)
    landing = browser.get("/").text
    assert "no login" not in landing
    assert 'href="/history/import"' not in landing
    assert 'href="/login?next=/history/import"' in landing
    page = browser.get(PAGE).text
    assert 'type="file"' not in page
    assert "private account tied to this browser" not in page
    assert 'href="/login?next=/history/import">Log in with Spotify</a>' in page
    assert "no login" not in browser.get("/history").text
    assert "Open your export" not in browser.get("/settings").text


def test_without_a_spotify_app_nobody_is_sent_to_log_in(tmp_path: Path) -> None:
    environ = {"SECRET_KEY": "a secret key for the demo", "ANONYMOUS_IMPORTS": "0"}
    config = read_config(environ, instance=tmp_path)
    app = create_app(config)
    browser = Browser(app)
    assert "Open your export" not in browser.get("/").text
    assert "/login?next" not in browser.get(PAGE).text
    assert "Open your export      open after login" in greeting(config)
    app.extensions["site"].close()
