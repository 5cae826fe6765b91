"""An upload's CSRF token is looked at before anything is written: where it may come, and what is refused."""

import re
from io import BytesIO
from typing import IO, Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from app.factory import LARGEST_FORM
from app.site import Site
from app.store.tables import history_import
from app.web.imports import uploads
from app.web.imports.report import receiving_file
from app.web.imports.upload_token import LARGEST_IN_MEMORY, RereadStream
from tests.conftest import HOME, Browser
from tests.history.made import export
from tests.jobs import no_imports

PAGE = "/history/import"
ZIP = export()
LARGE = b"x" * (LARGEST_IN_MEMORY + 1)


class Disk:
    """What was opened for writing while a test ran."""

    def __init__(self) -> None:
        self.opened = 0


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    seen = Disk()

    def watched(site: Site) -> IO[bytes]:
        seen.opened += 1
        return receiving_file(site)

    monkeypatch.setattr(uploads, "receiving_file", watched)
    no_imports(monkeypatch)
    return seen


def token_of(browser: Browser) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(PAGE).text)
    assert found is not None
    return found[1]


def send(browser: Browser, path: str, *parts: tuple[str, Any], **kwargs: Any) -> TestResponse:
    """Posts the parts in this order."""
    boundary, body = encode_multipart(MultiDict(parts))
    content_type = f"multipart/form-data; boundary={boundary}"
    return browser.client.post(path, base_url=HOME, data=body, content_type=content_type, **kwargs)


def file(held: bytes = ZIP) -> tuple[str, Any]:
    return "files", FileStorage(BytesIO(held), "my_spotify_data.zip")


def count(app: Flask) -> int:
    with app.extensions["site"].store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(history_import)) or 0


@pytest.mark.parametrize("held", [ZIP, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("where", ["X-CSRFToken", "X-CSRF-Token", "query", "field"])
def test_a_good_token_may_come_in_the_header_the_query_or_the_first_field(
    browser: Browser, app: Flask, disk: Disk, where: str, held: bytes
) -> None:
    token = token_of(browser)
    headers = {where: token} if where.startswith("X-") else {}
    path = f"{PAGE}?csrf_token={token}" if where == "query" else PAGE
    first = [("csrf_token", token)] if where == "field" else [("note", "of no concern")]
    sent = send(browser, path, *first, file(held), headers=headers)
    assert (sent.status_code, sent.headers["Location"]) == (303, PAGE)
    assert (count(app), disk.opened) == (1, 1)


def test_a_token_after_the_files_is_enough_for_a_small_upload(
    browser: Browser, app: Flask, disk: Disk
) -> None:
    sent = send(browser, PAGE, file(), ("csrf_token", token_of(browser)))
    assert sent.status_code == 303
    assert (count(app), disk.opened) == (1, 0)


def test_a_token_after_the_files_comes_too_late_for_a_large_upload(
    browser: Browser, app: Flask, disk: Disk
) -> None:
    sent = send(browser, PAGE, file(LARGE), ("csrf_token", token_of(browser)))
    assert sent.status_code == 400
    assert (count(app), disk.opened) == (0, 0)


@pytest.mark.parametrize("held", [ZIP, LARGE], ids=["small", "large"])
@pytest.mark.parametrize(
    ("query", "header", "field"),
    [("", "", ""), ("forged", "", ""), ("", "forged", ""), ("", "", "forged"), ("", "", "x" * 70_000)],
)
def test_without_a_good_token_nothing_is_written(
    browser: Browser, app: Flask, disk: Disk, held: bytes, query: str, header: str, field: str
) -> None:
    token_of(browser)
    sent = send(
        browser,
        f"{PAGE}?csrf_token={query}",
        ("csrf_token", field),
        file(held),
        headers={"X-CSRFToken": header},
    )
    assert sent.status_code in (400, 413)
    assert (count(app), disk.opened) == (0, 0)


def test_the_token_of_another_browser_is_not_good(browser: Browser, app: Flask, disk: Disk) -> None:
    token_of(browser)
    theirs = token_of(Browser(app))
    assert send(browser, f"{PAGE}?csrf_token={theirs}", file()).status_code == 400
    assert send(browser, PAGE, ("csrf_token", theirs), file(LARGE)).status_code == 400
    assert (count(app), disk.opened) == (0, 0)


def test_the_form_carries_the_token_in_its_address_and_leads_back_without(
    browser: Browser, disk: Disk
) -> None:
    action = re.search(r'<form[^>]+action="(/history/import\?csrf_token=[^"]+)"', browser.get(PAGE).text)
    assert action is not None
    sent = send(browser, action[1], file())
    assert (sent.status_code, sent.headers["Location"]) == (303, PAGE)
    assert disk.opened == 1


def test_a_large_form_without_files_is_not_read_into_memory(browser: Browser) -> None:
    refused = browser.client.post(
        f"{PAGE}?csrf_token={token_of(browser)}",
        base_url=HOME,
        data=b"a=" + b"x" * LARGEST_FORM,
        content_type="application/x-www-form-urlencoded",
    )
    assert refused.status_code == 413


@pytest.mark.parametrize("cut", [50, 400])
@pytest.mark.usefixtures("disk")
def test_a_body_that_makes_no_sense_is_400(browser: Browser, app: Flask, cut: int) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.zip"\r\n\r\n' + ZIP[:300]
    refused = browser.client.post(
        f"{PAGE}?csrf_token={token_of(browser)}",
        base_url=HOME,
        data=part[:cut],
        content_type="multipart/form-data; boundary=x",
    )
    assert refused.status_code == 400
    assert count(app) == 0


@pytest.mark.parametrize("size", [1, 3, 7, 100, -1])
def test_a_stream_is_read_once_more_from_its_beginning(size: int) -> None:
    stream = RereadStream(b"liner ", BytesIO(b"notes"))
    assert b"".join(iter(lambda: stream.read(size), b"")) == b"liner notes"
