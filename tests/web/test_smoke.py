"""One walk through the whole site, on each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.config import read_config
from tests.conftest import Browser, on_both_databases

pytestmark = on_both_databases


@pytest.fixture
def app(environ: dict[str, str], database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The site, on SQLite and on PostgreSQL in turn."""
    app = create_app(read_config({**environ, "DATABASE_URL": database_url}, instance=tmp_path / "instance"))
    yield app
    app.extensions["site"].close()


def test_a_person_logs_in_and_sees_their_music(browser: Browser) -> None:
    assert browser.get("/").status_code == 200
    back = browser.login()
    assert back.headers["Location"] == "/your-music"
    page = browser.get("/your-music")
    assert page.status_code == 200
    report = browser.get("/your-music.json").json
    assert report is not None
    assert len(report["top_artists"]) == 50
    assert browser.post("/logout").headers["Location"] == "/?note=logged-out"
    assert browser.get("/your-music").headers["Location"] == "/?next=/your-music"


def test_a_person_who_comes_back_is_the_same_account_and_can_be_forgotten(app: Flask) -> None:
    first, second = Browser(app), Browser(app)
    for browser in (first, second):
        browser.login()
        assert browser.get("/your-music").status_code == 200

    assert second.post("/privacy/forget").headers["Location"] == "/?note=deleted"

    assert first.get("/your-music.json").status_code == 401
