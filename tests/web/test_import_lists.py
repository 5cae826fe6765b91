"""Imports by the dozen and files by the thousand: every one can be reached and cancelled, in pages."""

import re
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from app.sessions import LOCAL_ACCOUNT
from app.site import Site
from app.store.accounts import add_local_account
from app.store.imports import DONE, FAILED, QUEUED, add_import, fail_import, find_import
from app.store.tables import history_file, history_import
from tests.conftest import Browser
from tests.jobs import no_imports

PAGE = "/history/import"
BEYOND = [10**20, 2**31, 2**63, -1, 0, -(10**20), "9" * 5000]


@pytest.fixture(autouse=True)
def nobody_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports stay queued."""
    no_imports(monkeypatch)


@pytest.fixture
def owner(app: Flask, browser: Browser) -> tuple[Browser, int]:
    """A browser with a private account, and its number."""
    site: Site = app.extensions["site"]
    account_id = add_local_account(site.store)
    browser.client.set_cookie(
        "liner_notes", site.sessions.begin({LOCAL_ACCOUNT: account_id}), domain="127.0.0.1"
    )
    return browser, account_id


def add_files(app: Flask, account_id: int, count: int, state: str = DONE, note: str | None = None) -> int:
    """An import that is done, of so many files without rows; its number."""
    store = app.extensions["site"].store
    number = add_import(store, account_id, [("none", "export.zip")])
    nothing: dict[str, Any] = dict.fromkeys(
        ("read", "kept", "duplicate", "unreadable", "ignored", "music", "podcasts", "audiobooks"), 0
    )
    rows = [
        nothing
        | {
            "account_id": account_id,
            "import_id": number,
            "upload_id": 1,
            "place": place,
            "name": f"endsong_{place}.json",
            "state": state,
            "note": note,
            "rejected": b"[]",
        }
        for place in range(count)
    ]
    with store.writing() as connection:
        connection.execute(history_import.update().values(state=DONE).where(history_import.c.id == number))
        connection.execute(insert(history_file), rows)
    return number


def cancels(page: str) -> list[int]:
    return [int(one) for one in re.findall(r'action="/history/import/(\d+)/cancel"', page)]


def test_every_queued_import_can_be_seen_and_cancelled(
    app: Flask, owner: tuple[Browser, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, account_id = owner
    store = app.extensions["site"].store
    # More than the queue takes today: an earlier version of the site may have let them in.
    monkeypatch.setattr("app.store.imports.MOST_QUEUED", 25)
    numbers = [add_import(store, account_id, [("none", "export.zip")]) for _ in range(25)]

    pages = [cancels(browser.get(f"{PAGE}?page={page}").text) for page in (1, 2, 3)]
    assert pages == [numbers[:10], numbers[10:20], numbers[20:]]
    assert browser.get(f"{PAGE}?page=4").status_code == 404

    browser.get(PAGE)
    for number in (numbers[0], numbers[-1]):
        browser.post(f"{PAGE}/{number}/cancel")
        found = find_import(store, number)
        assert found is not None
        assert found.state == "cancelled"


def test_what_is_under_way_comes_before_what_is_over(app: Flask, owner: tuple[Browser, int]) -> None:
    browser, account_id = owner
    store = app.extensions["site"].store
    queued = add_import(store, account_id, [("none", "export.zip")])
    over = [add_files(app, account_id, 1) for _ in range(12)]

    page = browser.get(PAGE).text
    assert cancels(page) == [queued]
    assert re.findall(r'id="import-(\d+)"', page) == [str(one) for one in over[:2:-1]]
    assert re.findall(r'id="import-(\d+)"', browser.get(f"{PAGE}?page=2").text) == [
        str(one) for one in over[2::-1]
    ]


def test_a_receipt_of_thousands_of_files_is_a_short_page(app: Flask, owner: tuple[Browser, int]) -> None:
    browser, account_id = owner
    number = add_files(app, account_id, 2_001)

    page = browser.get(PAGE).text
    assert len(page) < 60_000
    assert "2,001 files" in page
    assert "All 2,001 files" in page
    assert 'endsong_49.json"' not in page

    last = browser.get(f"{PAGE}/{number}?page=41").text
    assert re.findall(r"endsong_\d+\.json", last) == ["endsong_2000.json"]
    assert "Page 41 of 41" in last
    assert browser.get(f"{PAGE}/{number}?page=42").status_code == 404


def test_thousands_of_files_that_could_not_be_read_are_counted(
    app: Flask, owner: tuple[Browser, int]
) -> None:
    browser, account_id = owner
    add_files(app, account_id, 1_000, FAILED, "This is no JSON.")
    page = browser.get(PAGE).text
    assert "Nothing was kept of 1,000 files" in page
    assert "980 more files could not be read." in page


def test_a_program_gets_thousands_of_files_in_pages(app: Flask, owner: tuple[Browser, int]) -> None:
    browser, account_id = owner
    number = add_files(app, account_id, 1_001)
    address = f"{PAGE}.json?number={number}"

    first = browser.get(address).get_json()
    assert [len(first["files"]), first["pages"], first["file_count"], first["files_read"]] == [
        1_000,
        2,
        1_001,
        1_001,
    ]
    assert [file["name"] for file in browser.get(f"{address}&page=2").get_json()["files"]] == [
        "endsong_1000.json"
    ]
    assert browser.get(f"{address}&page=3").status_code == 404


def test_a_number_that_no_import_has_is_404(owner: tuple[Browser, int]) -> None:
    for number in BEYOND:
        browser, _ = owner
        assert browser.get(f"{PAGE}.json?number={number}").status_code == 404
        assert browser.get(f"{PAGE}/{number}").status_code == 404


def test_what_is_no_number_is_400(owner: tuple[Browser, int]) -> None:
    for number in ["", "x", "1.5", "\u0663", "0x1", "1e3"]:
        browser, _ = owner
        assert browser.get(f"{PAGE}.json", query_string={"number": number}).status_code == 400


def test_no_page_number_is_too_odd(owner: tuple[Browser, int]) -> None:
    for page, path in product(
        [*BEYOND, "x", "", "1.5", "\u0661"],
        [PAGE, f"{PAGE}.json", "/history/artists", "/history/artists.json"],
    ):
        browser, _ = owner
        assert browser.get(path, query_string={"page": page}).status_code < 500


def test_anothers_receipt_is_404(app: Flask, owner: tuple[Browser, int]) -> None:
    browser, _ = owner
    other = add_files(app, add_local_account(app.extensions["site"].store), 60)
    assert browser.get(f"{PAGE}/{other}").status_code == 404


def test_a_file_that_was_never_read_says_why(app: Flask, owner: tuple[Browser, int]) -> None:
    browser, account_id = owner
    store = app.extensions["site"].store
    number = add_files(app, account_id, 1, state=QUEUED)
    with store.writing() as connection:
        fail_import(connection, number, "This import has too many rows.")

    (file,) = browser.get(f"{PAGE}.json").get_json()["files"]
    assert (file["state"], file["note"]) == (FAILED, "This import has too many rows.")
