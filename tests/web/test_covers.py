"""The consent to fetch covers on the page of imports, and the pictures that the pages of a history show."""

import re
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import event

from app.history.cover_plan import Named
from app.history.items import ALBUM, ARTIST, TRACK
from app.store.accounts import find_or_add_account
from app.store.covers import agree, cover_fetch_of, keep_covers
from app.web.sleeves.view import sleeve_address
from tests.conftest import Browser
from tests.history.made import play, zipped
from tests.jobs import do_imports, no_imports

IMPORT = "/history/import"
PICTURE = "https://i.scdn.co/image/ab67616d00001e02"
PAGES = (
    "/top/artists?source=plays",
    "/top/tracks?source=plays",
    "/top/albums?source=plays",
    "/history",
    "/history/2021",
    "/history/day/2021-03-04",
)


@pytest.fixture
def listener(app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """Who has opened an export of two songs."""
    no_imports(monkeypatch)
    browser.log_in()
    browser.get("/your-music")
    rows = [play(track="Blue", artist="Ada"), play(1614860000, track="Red", artist="Bo")]
    site = app.extensions["site"]
    site.uploads.queue(account(app), [("a.zip", BytesIO(zipped({"endsong_0.json": rows})))])
    do_imports(app)
    return browser


def account(app: Flask) -> int:
    return find_or_add_account(app.extensions["site"].store, "spotify", "mira.after.dark", None)


def sources(html: str) -> list[str]:
    """Where the pictures of the main part are."""
    return [
        source.replace("&amp;", "&") for source in re.findall(r'<img class="picture[^>]* src="([^"]+)"', html)
    ]


def test_consent_is_given_once_and_taken_back(app: Flask, listener: Browser) -> None:
    store = app.extensions["site"].store
    listener.get(IMPORT)
    assert "Fetch covers from Spotify" in listener.page
    assert listener.post("/history/covers", csrf_token="wrong").status_code == 400
    assert cover_fetch_of(store, account(app)) is None

    assert listener.post("/history/covers").headers["Location"] == f"{IMPORT}?said=covers#covers"
    state = cover_fetch_of(store, account(app))
    assert state is not None
    assert state.is_due
    listener.get(IMPORT)
    assert "Fetch covers from Spotify" not in listener.page
    assert "They are on their way" in listener.page

    assert listener.post("/history/covers/remove").status_code == 303
    assert cover_fetch_of(store, account(app)) is None


def test_strangers_and_the_demo_give_no_consent(browser: Browser) -> None:
    browser.get("/")
    browser.get(IMPORT)
    assert "Fetch covers" not in browser.page
    assert browser.post("/history/covers").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_names_have_their_picture_or_a_sleeve(app: Flask, listener: Browser, page: str) -> None:
    store = app.extensions["site"].store
    agree(store, account(app))
    known = [Named(ARTIST, "ADA"), Named(ALBUM, "record", "ada"), Named(TRACK, "blue", "ada")]
    images = b'[{"url": "%s", "width": 300}]' % PICTURE.encode()
    keep_covers(store, account(app), dict.fromkeys((one.key for one in known), images))
    listener.get(page)
    shown = set(sources(listener.page))
    kinds = {ARTIST: ("Bo", None), ALBUM: ("Record", "Bo"), TRACK: ("Red", "Bo")}
    assert PICTURE in shown
    assert shown - {PICTURE} <= {sleeve_address(name, kind, by) for kind, (name, by) in kinds.items()}
    assert len(shown) > 1


def test_a_page_asks_for_all_its_pictures_at_once(app: Flask, listener: Browser) -> None:
    asked: list[str] = []
    engine = app.extensions["site"].store.engine

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    listener.get("/history")
    event.remove(engine, "before_cursor_execute", note)
    assert sum("FROM cover \n" in statement for statement in asked) == 1


def test_the_pages_of_an_item_have_them_too(app: Flask, listener: Browser) -> None:
    store = app.extensions["site"].store
    agree(store, account(app))
    images = b'[{"url": "%s", "width": 300}]' % PICTURE.encode()
    keep_covers(store, account(app), {Named(ARTIST, "Ada").key: images})
    listener.get("/history/artist?name=Ada", follow=True)
    assert sources(listener.page)[0] == PICTURE
    assert sleeve_address("Blue", TRACK, "Ada") in sources(listener.page)


def test_no_two_chapters_of_a_page_are_alike(listener: Browser) -> None:
    listener.get("/history")
    tints = re.findall(r'<section class="(?:chapter|first-list) tint-(\d+)"', listener.page)
    assert len(tints) == len(set(tints)) >= 7
