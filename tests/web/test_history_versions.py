"""A history that is made anew while somebody looks: nobody sees half of the old and half of the new."""

import json
import os

import pytest
from flask import Flask

from app.history import stored as histories
from app.history.blobs import VersionGone
from app.store.history import blob_names
from tests.conftest import Browser
from tests.web.test_history_json import listening, report, upload


@pytest.fixture
def listener(app: Flask) -> Browser:
    """Somebody with two plays, in this browser alone."""
    browser = Browser(app)
    upload(browser, ("endsong_0.json", json.dumps([listening(0), listening(2)]).encode()))
    return browser


def test_a_part_that_went_while_it_was_read_is_looked_for_again(
    listener: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, gone = histories.StoredHistory.blobs, iter([True, False])

    def parts(self: histories.StoredHistory, names: list[str]) -> list[bytes]:
        if next(gone, False):
            raise VersionGone
        return real(self, names)

    monkeypatch.setattr(histories.StoredHistory, "blobs", parts)
    assert report(listener)["totals"]["plays"] == 2


def test_a_history_that_never_stands_still_is_an_answer_too(
    listener: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parts(_self: histories.StoredHistory, _names: list[str]) -> list[bytes]:
        raise VersionGone

    monkeypatch.setattr(histories.StoredHistory, "blobs", parts)
    assert listener.get("/history.json").status_code == 503


def test_what_is_kept_late_belongs_to_the_old_edition(app: Flask, listener: Browser) -> None:
    site = app.extensions["site"]
    with site.store.reading() as connection:
        [account_id] = connection.exec_driver_sql("SELECT account_id FROM history_import").scalars()
    old = histories.stored_history(site.store, account_id)
    assert old is not None
    late = old.history("music", 46_000)
    assert late is not None
    rows, names = list(late.blocks()), late.names
    upload(listener, ("endsong_1.json", json.dumps([listening(5)]).encode()))

    late.__dict__["names"] = names
    late.blocks = lambda *_range, **_names: iter(rows)  # type: ignore[method-assign]
    assert late.everything.rows == 2

    assert report(listener, "?threshold=46")["skips"]["rows"] == 3
    assert len(blob_names(site.store, account_id, "music/rollup/46000")) == 2


def test_numbers_that_no_database_takes_are_no_imports(listener: Browser) -> None:
    assert listener.get(f"/history/import.json?number={10**20}").status_code == 404
    listener.get("/history/import")
    assert listener.post(f"/history/import/{10**20}/undo").status_code == 404


def test_uploads_that_a_killed_site_left_are_gone_after_the_next_start(app: Flask) -> None:
    uploads = app.extensions["site"].uploads
    left = uploads.ready() / "0123456789abcdef"
    left.write_bytes(b"somebody's")
    os.utime(left, (1, 1))
    uploads.remove_orphans()
    assert not left.exists()
