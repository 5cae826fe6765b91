"""`/history/import`: who it belongs to, what it says, what it takes and refuses; without JavaScript."""

import errno
import json
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from io import BytesIO
from typing import IO, Any

import pytest
import time_machine
from flask import Flask, current_app
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from app.factory import LARGEST_FORM
from app.history.import_job import work
from app.site import Site
from app.store import imports as imports_store
from app.store.receipts import keep_file
from app.store.sweep import LOCAL_KEPT
from app.store.tables import account, history_file, history_import, history_part
from app.web.imports import report as imports
from app.web.imports import routes as import_pages
from app.web.imports import uploads
from tests.conftest import HOME, Browser, form_fields
from tests.exports import played
from tests.history.made import PRIVATE, audio, body, export, play, plays, zipped
from tests.jobs import do_imports, when_queued

PAGE = "/history/import"
ZIP = ("my_spotify_data.zip", export())


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator["Worker"]:
    """Imports are done at once, in this process, unless a test holds them back."""
    hand = Worker()
    when_queued(monkeypatch, hand.start)
    yield hand
    hand.held = True


class Worker:
    """Does imports when a site queues them; `held`: not now."""

    def __init__(self) -> None:
        self.held = False

    def start(self) -> None:
        if not self.held:
            do_imports(current_app)

    def go_on(self, app: Flask) -> None:
        """Does what was held back."""
        self.held = False
        do_imports(app)


def send(browser: Browser, *files: tuple[str, bytes], **more: Any) -> TestResponse:
    """Fills in the form of the import page."""
    browser.get(PAGE)
    return post(browser, PAGE, files=[(BytesIO(held), name) for name, held in files], **more)


def post(browser: Browser, path: str, **form: Any) -> TestResponse:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.page)
    assert found is not None
    options = {key: form.pop(key) for key in ("headers", "environ_overrides") if key in form}
    return browser.client.post(
        path,
        data={"csrf_token": found[1]} | form,
        base_url=HOME,
        content_type="multipart/form-data",
        **options,
    )


def wire(answer: TestResponse) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.text)
    return found


def look_around(browser: Browser) -> None:
    """Logs in to the demo, whose pages are part of the site."""
    address = browser.client.get("/login?demo=1", base_url=HOME).headers["Location"]
    fields = form_fields(browser.client.get(address, base_url=HOME).text) | {"answer": "agree"}
    back = browser.client.post(address, data=fields, base_url=HOME).headers["Location"]
    assert browser.get(back.removeprefix(HOME)).headers["Location"] == "/your-music"


def told(browser: Browser) -> dict[str, Any]:
    return wire(browser.get("/history/import.json"))


def history(browser: Browser) -> dict[str, Any]:
    return wire(browser.get("/history.json"))


def words(browser: Browser, path: str = PAGE) -> str:
    """What a page says."""
    text = browser.get(path).text
    return " ".join(re.sub(r"<[^>]+>", " ", text[text.index("<main") :]).split())


def count(app: Flask, table: Any) -> int:
    with app.extensions["site"].store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def on_disk(app: Flask) -> list[str]:
    folder = app.extensions["site"].uploads.folder
    return [file.name for file in folder.iterdir()] if folder.exists() else []


def number_of(browser: Browser) -> int:
    """The number of the latest import that the page shows."""
    found = re.search(r'action="/history/import/(\d+)/', browser.get(PAGE).text)
    assert found is not None
    return int(found[1])


def test_the_page_tells_what_an_export_is_and_what_becomes_of_it(browser: Browser) -> None:
    page = browser.get(PAGE).text
    assert 'href="https://www.spotify.com/account/privacy/"' in page
    assert 'enctype="multipart/form-data"' in page
    assert re.search(r'<input[^>]+type="file"[^>]+name="files"[^>]+multiple', page)
    said = words(browser)
    for sentence in (
        "no one else is asked anything",
        "Up to 30 days",
        "comes in a few days",
        "a private account tied to this browser",
        "deleted 30 days after your last visit",
        "Log in later, and it moves to your own account.",
        "your IP address , your user name , the user agent of your devices, numbers of accounts and devices",
        "An import makes no call to Spotify",
    ):
        assert sentence in said


def test_the_page_tells_of_every_service_how_to_get_its_file_and_what_it_lacks(browser: Browser) -> None:
    page = browser.get(PAGE).text
    assert re.findall(r'<span class="service-name">([^<]+)</span>', page) == [
        *("Spotify", "Last.fm", "Apple Music", "YouTube Music", "Deezer", "Tidal", "ListenBrainz"),
        *("Maloja", "Koito", "Pano Scrobbler", "Rockbox and other players", "Liner Notes, or a table"),
    ]
    assert page.count('class="service-lacks"') == page.count('class="service-takes"') == 12
    said = words(browser)
    assert "choose JSON in place of HTML" in said
    assert "It can’t tell how long you listened, what you skipped, nor the album." in said


def test_the_zone_is_the_listeners_unless_they_choose_another(browser: Browser) -> None:
    def chosen() -> list[str]:
        return re.findall(r"<option selected>([^<]+)</option>", browser.get(PAGE).text)

    assert chosen() == ["UTC"]
    send(browser, ZIP)
    browser.get("/settings")
    browser.post("/settings", timezone="Europe/Berlin", threshold="30")
    assert chosen() == ["Europe/Berlin"]


def test_without_an_import_there_is_no_json(browser: Browser) -> None:
    answer = browser.get("/history/import.json")
    assert (answer.status_code, answer.mimetype) == (404, "application/json")
    assert wire(answer)["error"]["status"] == 404


def test_not_logged_in_an_export_opens_a_private_history(browser: Browser, app: Flask) -> None:
    sent = send(browser, ZIP)
    assert (sent.status_code, sent.headers["Location"]) == (303, PAGE)
    assert told(browser) == {
        "number": number_of(browser),
        "state": "done",
        "rows": {"read": 60, "kept": 60, "duplicate": 0, "unreadable": 0, "ignored": 0, "replaced": 0},
        "files": [
            {
                "name": audio(number),
                "format": "Spotify",
                "state": "done",
                "rows": {
                    "read": 20,
                    "kept": 20,
                    "duplicate": 0,
                    "unreadable": 0,
                    "ignored": 0,
                    "replaced": 0,
                },
                "note": None,
            }
            for number in range(3)
        ],
    }
    assert history(browser)["totals"]["plays"] == 60
    assert Browser(app).get("/history/import.json").status_code == 404
    assert on_disk(app) == []


def test_the_zone_and_the_order_of_dates_are_kept_with_the_import(browser: Browser, app: Flask) -> None:
    for form in (
        {},
        {"zone": "", "day_first": ""},
        {"zone": "Asia/Tokyo", "day_first": "1"},
        {"day_first": "0"},
    ):
        assert send(browser, ZIP, **form).status_code == 303
    query = select(history_import.c.zone, history_import.c.day_first).order_by(history_import.c.id)
    with app.extensions["site"].store.reading() as connection:
        kept = [tuple(row) for row in connection.execute(query)]
    assert kept == [(None, None), (None, None), ("Asia/Tokyo", True), (None, False)]


@pytest.mark.parametrize("form", [{"zone": "Mars/Base"}, {"zone": "../etc/passwd"}, {"day_first": "yes"}])
def test_a_zone_that_is_none_is_refused_and_nothing_is_kept(
    browser: Browser, app: Flask, form: dict[str, str]
) -> None:
    assert send(browser, ZIP, **form).status_code == 400
    assert (count(app, account), count(app, history_import), on_disk(app)) == (0, 0, [])


def test_the_receipt_accounts_for_every_row(browser: Browser) -> None:
    odd = [*plays(4), *plays(2), play(ms=-1), play(ts="1970-01-01T00:00:00Z"), 7, {"odd": 1}]
    send(
        browser,
        ("export.zip", zipped({audio(0): odd, audio(1): b"[{", "notes.txt": b""})),
        ("cat.png", b"\x89PNG"),
    )
    said = words(browser)
    assert "10 rows read = 4 kept + 2 duplicates + 3 unreadable + 1 ignored" in said
    assert "4 March 2021" in said
    assert "6 music" in said
    assert "before 2006 (1)" in said
    assert "a length below zero (1)" in said
    assert "Entry 9 unreadable: not an object" in said
    assert "Entry 10 ignored: neither a play of extended history nor of account data" in said
    assert f"{audio(1)} This is not JSON, or it was cut short." in said
    assert "cat.png This file holds no plays in any form that is read here." in said
    assert "IP address, user name, user agent" in said
    assert "2 of 3 files could not be read" in said
    assert "the counts of older receipts move, their sums do not" in said
    assert "Undo this import" in said


def test_every_import_keeps_its_receipt(browser: Browser) -> None:
    send(browser, ZIP)
    send(browser, ZIP)
    said = words(browser)
    assert "Nothing was kept of 3 files," in said
    assert "Nothing new was kept: all 60 rows are there already, from another import." in said
    assert "Read your history" in said
    assert "60 rows read = 0 kept + 60 duplicates" in said
    assert "60 rows read = 60 kept + 0 duplicates" in said


def test_what_is_private_shows_nowhere(browser: Browser) -> None:
    send(browser, ZIP)
    for path in (PAGE, "/history/import.json", "/history.json"):
        page = browser.get(path).text
        assert not any(secret in page for secret in PRIVATE.values())


def test_names_from_outside_are_text(browser: Browser) -> None:
    send(browser, ("<b>endsong</b>.json", body(plays(1))), ("\x00\x07.json", body(plays(1, 1))))
    assert "&lt;b&gt;endsong&lt;/b&gt;.json" in browser.get(PAGE).text
    assert told(browser)["rows"]["kept"] == 2


def test_no_file_at_all_is_a_sentence(browser: Browser, app: Flask) -> None:
    sent = send(browser)
    assert sent.headers["Location"] == f"{PAGE}?said=nothing"
    assert "No file was chosen." in words(browser, sent.headers["Location"])
    assert count(app, account) == 0


def test_a_failed_import_says_why_and_offers_nothing_to_undo(browser: Browser) -> None:
    send(browser, ("export.zip", export()[:99]))
    assert told(browser)["state"] == "failed"
    said = words(browser)
    assert "None of these files could be read." in said
    assert "export.zip This zip is damaged or was cut short. Download it again." in said
    assert "Undo" not in said.replace("Undone", "")


def test_an_import_of_which_nothing_is_kept_says_why(browser: Browser) -> None:
    form_of_2018 = {"artistName": "Band", "trackName": "Song", "time": "2018-03-06 07:29:33"}
    send(browser, ("StreamingHistory.json", body([form_of_2018])))
    assert (told(browser)["state"], told(browser)["rows"]["ignored"]) == ("done", 1)
    said = words(browser)
    assert "Nothing was kept of 1 file," in said
    assert (
        "of 1 row, 1 ignored (account data of 2018, which does not say how long anything was played)" in said
    )
    assert "Ask Spotify for your “Extended streaming history”" in said
    assert "Read your history" not in said
    assert "The last import came to nothing." in words(browser, "/history")


def test_a_done_import_shows_how_many_plays_there_are_and_the_first_of_them(
    browser: Browser, app: Flask
) -> None:
    rows = [played("2020-02-03 10:00", "Second", "Ada"), played("2019-05-06 10:00", "First <i>", "Bee")]
    send(browser, ("endsong_0.json", body(rows)))
    said = words(browser, f"{PAGE}/{number_of(browser)}/done")
    assert said.startswith("2 plays Your first song, on 6 May 2019, was First &lt;i&gt; by Bee . Since then")
    assert "to 2 artists" in said
    assert f'href="{PAGE}/{number_of(browser)}"' in browser.get(f"{PAGE}/{number_of(browser)}/done").text
    assert Browser(app).get(f"{PAGE}/1/done").headers["Location"] == PAGE


@pytest.mark.parametrize("state", ["queued", "running"])
def test_under_way_it_shows_how_far_it_is_and_can_be_cancelled(
    browser: Browser, app: Flask, worker: Worker, state: str
) -> None:
    worker.held = True
    send(browser, ZIP)
    if state == "running":
        half_done(app)
    assert told(browser)["state"] == state
    page = browser.get(PAGE).text
    assert '<meta http-equiv="refresh" content="3; url=/history/import">' in page
    assert "<progress" in page
    said = words(browser)
    if state == "running":
        assert told(browser)["rows"]["read"] == 20
        assert [file["state"] for file in told(browser)["files"]] == ["done", "running", "queued"]
        assert f"20 rows read so far File 2 of 3: {audio(1)}" in said
        assert sum(told(browser)["years"].values()) == 20
        assert page.count('class="month-bar"') == len(told(browser)["years"])
    else:
        assert "Waiting for its turn" in said
    gone = post(browser, f"{PAGE}/{number_of(browser)}/cancel")
    assert gone.headers["Location"] == f"{PAGE}?said=cancelled"
    assert "Nothing of it was kept." in words(browser, gone.headers["Location"])
    assert told(browser)["state"] == "cancelled"
    assert set(told(browser)["rows"].values()) == {0}
    assert {file["state"] for file in told(browser)["files"]} <= {"done", "cancelled"}
    assert on_disk(app) == []
    worker.go_on(app)
    send(browser, ZIP)
    assert told(browser)["rows"]["kept"] == 60


class Dies(BaseException):
    """The end of a worker."""


def half_done(app: Flask) -> None:
    """The worker dies when one file is read."""
    site = app.extensions["site"]
    left = [1]

    def single_flight(*args: Any, **kwargs: Any) -> bool:
        if not left:
            raise Dies
        left.pop()
        return keep_file(*args, **kwargs)

    with pytest.MonkeyPatch.context() as mortal:
        mortal.setattr("app.history.import_job.keep_file", single_flight)
        with pytest.raises(Dies):
            work(site.store, site.uploads.folder)


def test_a_look_at_the_page_makes_nobody_read(browser: Browser, app: Flask, worker: Worker) -> None:
    worker.held = True
    send(browser, ZIP)
    assert told(browser)["state"] == "queued"
    worker.go_on(app)
    assert told(browser)["state"] == "done"


def test_a_second_upload_waits_behind_the_first(browser: Browser, app: Flask, worker: Worker) -> None:
    worker.held = True
    send(browser, ZIP)
    send(browser, ("endsong_9.json", body(plays(3, 900))))
    page = browser.get(PAGE).text
    assert page.count("<progress") == 3  # one of them for sending
    assert "it waits its turn" in page
    assert page.count("Your import before it is being read") == 1
    worker.go_on(app)
    browser.get(PAGE)
    assert told(browser)["rows"]["kept"] == 3
    assert history(browser)["totals"]["plays"] == 63


def test_too_late_to_cancel_says_so(browser: Browser) -> None:
    send(browser, ZIP)
    late = post(browser, f"{PAGE}/{number_of(browser)}/cancel")
    assert "It was over before it could be cancelled." in words(browser, late.headers["Location"])
    assert told(browser)["state"] == "done"


def test_an_import_is_undone_exactly(browser: Browser) -> None:
    send(browser, ("a.zip", export(files=1)))
    before = history(browser)
    send(browser, ZIP)
    assert history(browser) != before
    gone = post(browser, f"{PAGE}/{number_of(browser)}/undo")
    assert "That import is taken back." in words(browser, gone.headers["Location"])
    assert history(browser) == before
    assert told(browser)["state"] == "cancelled"
    assert "Taken back" in words(browser)


def test_while_the_history_is_made_anew_the_page_says_so(
    browser: Browser, app: Flask, worker: Worker
) -> None:
    send(browser, ZIP)
    number = number_of(browser)
    worker.held = True
    post(browser, f"{PAGE}/{number}/undo")
    assert "Your history is being added up anew." in words(browser)
    worker.go_on(app)
    browser.get(PAGE)
    assert "being added up anew" not in words(browser)
    told_now = browser.get("/history.json").get_json()
    assert (told_now["totals"]["plays"], told_now["daily"], len(told_now["clock"])) == (0, [], 7)


@pytest.mark.parametrize("what", ["cancel", "undo"])
def test_nobody_touches_anothers_import(browser: Browser, app: Flask, what: str) -> None:
    send(browser, ZIP)
    number = number_of(browser)
    stranger = Browser(app)
    stranger.get(PAGE)
    assert post(stranger, f"{PAGE}/{number}/{what}").status_code == 404
    send(stranger, ("endsong.json", body(plays(1))))
    stranger.get(PAGE)
    assert post(stranger, f"{PAGE}/{number}/{what}").status_code in (303, 404)
    assert stranger.get(f"/history/import.json?number={number}").status_code == 404
    assert told(browser)["state"] == "done"


def test_without_a_token_nothing_is_taken_and_nothing_left(browser: Browser, app: Flask) -> None:
    browser.get(PAGE)
    refused = browser.client.post(
        PAGE, data={"files": (BytesIO(export()), "a.zip")}, base_url=HOME, content_type="multipart/form-data"
    )
    assert refused.status_code == 400
    assert "This form is no longer valid" in refused.text
    assert on_disk(app) == []
    assert count(app, history_import) == 0


def test_an_upload_that_is_too_large_is_413_with_a_sentence(
    browser: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LARGEST_UPLOAD", LARGEST_FORM)
    refused = send(browser, ("a.zip", b"x" * (LARGEST_FORM + 1)))
    assert refused.status_code == 413
    assert "This upload is too large" in refused.text
    assert "An upload may hold 4 GB" in refused.text
    assert f'href="{PAGE}"' in refused.text
    assert on_disk(app) == []
    for_script = send(browser, ("a.zip", b"x" * LARGEST_FORM), headers={"Accept": "application/json"})
    assert wire(for_script)["error"] == {"status": 413, "message": "This upload is too large"}
    assert browser.client.post("/logout", data=b"x" * (LARGEST_FORM + 1), base_url=HOME).status_code in (
        400,
        413,
    )


def test_an_upload_that_does_not_fit_on_the_disk_is_refused_at_once(
    browser: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.history.uploads.SPARE", 2**60)
    refused = send(browser, ZIP)
    assert refused.status_code == 507
    assert "The disk of this site is full" in refused.text
    assert "Nothing of it was kept" in refused.text
    assert on_disk(app) == []


@pytest.mark.parametrize("where", ["receiving", "keeping", "database"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up_meanwhile_is_a_sentence(
    browser: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch, where: str, number: int
) -> None:
    send(browser, ("a.zip", export(files=1)))
    before = told(browser)

    def full(*_: object) -> None:
        raise OSError(number, "No space left on device")

    def full_database(*_: object, **_more: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    if where == "receiving":

        class Full(BytesIO):
            def write(self, _: object) -> int:
                full()
                return 0

        monkeypatch.setattr(uploads, "receiving_file", lambda _site: Full())
    elif where == "keeping":
        monkeypatch.setattr("app.history.uploads._keep", full)
    else:
        monkeypatch.setattr("app.history.uploads.add_import", full_database)
    refused = send(browser, ZIP)
    assert refused.status_code == 507
    assert "The disk of this site is full" in refused.text
    assert told(browser) == before
    assert on_disk(app) == []


def test_an_upload_that_breaks_off_leaves_nothing(browser: Browser, app: Flask) -> None:
    browser.get(PAGE)
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.page)
    assert found is not None
    sent = (
        b'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n'
        + found[1].encode()
        + b'\r\n--x\r\nContent-Disposition: form-data; name="files"; filename="a.zip"\r\n\r\n'
        + export()[:300]
    )
    broken = browser.client.post(
        PAGE,
        input_stream=BytesIO(sent),
        content_length=len(sent) + 5000,
        content_type="multipart/form-data; boundary=x",
        base_url=HOME,
    )
    assert broken.status_code == 400
    assert on_disk(app) == []
    assert count(app, history_import) == 0


def test_several_uploads_and_single_files_are_one_import(browser: Browser) -> None:
    send(
        browser,
        ("a.zip", export(files=1)),
        ("b.zip", zipped({audio(7): plays(5, 100)})),
        ("endsong_0.json", b"\xef\xbb\xbf" + body(plays(5, 200))),
    )
    assert [file["name"] for file in told(browser)["files"]] == [audio(0), audio(7), "endsong_0.json"]
    assert told(browser)["rows"]["kept"] == 30


def test_logged_in_an_export_joins_the_account(browser: Browser, app: Flask) -> None:
    browser.login()
    send(browser, ZIP)
    assert told(browser)["rows"]["kept"] == 60
    phone = Browser(app)
    phone.login()
    assert told(phone)["rows"]["kept"] == 60
    browser.get(PAGE)
    browser.post("/logout")
    assert browser.get("/history/import.json").status_code == 404
    browser.login()
    assert told(browser)["rows"]["kept"] == 60
    assert count(app, account) == 1


def test_logging_in_later_moves_the_history_over(browser: Browser, app: Flask) -> None:
    phone = Browser(app)
    phone.login()
    send(phone, ("a.zip", export(files=1)))
    send(browser, ZIP)
    private = history(browser)
    browser.login()
    assert told(browser)["rows"] == {
        "read": 60,
        "kept": 40,
        "duplicate": 20,
        "unreadable": 0,
        "ignored": 0,
        "replaced": 0,
    }
    assert history(browser) == private
    assert history(phone) == private
    assert count(app, account) == 1
    browser.post("/logout")


def test_logging_in_while_it_is_read_loses_nothing(browser: Browser, app: Flask, worker: Worker) -> None:
    worker.held = True
    send(browser, ZIP)
    half_done(app)
    browser.login()
    assert told(browser)["state"] == "running"
    worker.go_on(app)
    browser.get(PAGE)
    assert told(browser)["rows"]["kept"] == 60
    assert count(app, history_file) == 3


def test_the_demo_never_gets_a_private_history(browser: Browser, app: Flask) -> None:
    send(browser, ZIP)
    other = Browser(app)
    for one in (browser, other):
        look_around(one)
        assert one.get("/history/import.json").get_json()["rows"]["read"] != 60  # the listener's own export
    browser.get("/privacy")
    browser.post("/logout")
    assert told(browser)["rows"]["kept"] == 60


def test_an_export_sent_in_the_demo_is_private_and_leaves_the_demo(browser: Browser, app: Flask) -> None:
    look_around(browser)
    assert "sending it leaves the demo" in words(browser)
    send(browser, ZIP)
    assert told(browser)["rows"]["kept"] == 60
    assert "Hello, " not in browser.get("/your-music").text
    other = Browser(app)
    look_around(other)
    assert other.get("/history/import.json").get_json()["rows"]["read"] != 60


def test_logged_in_elsewhere_meanwhile_an_upload_is_nobodys(
    browser: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = imports.receiving_file
    browser.get(PAGE)
    tab = Browser(app)
    tab.client = browser.client
    back = tab.authorize().removeprefix(HOME)
    cookie = browser.client.get_cookie("liner_notes", domain="127.0.0.1")
    assert cookie is not None

    def slowly(site: Site) -> IO[bytes]:
        with app.test_client() as elsewhere:
            elsewhere.set_cookie("liner_notes", cookie.value, domain="127.0.0.1")
            assert elsewhere.get(back, base_url=HOME).headers["Location"] == "/your-music"
        return receive(site)

    monkeypatch.setattr(uploads, "receiving_file", slowly)
    sent = send(browser, ZIP)
    assert sent.headers["Location"] == f"{PAGE}?said=elsewhere"
    assert "nobody could tell whose it is" in words(browser, sent.headers["Location"])
    assert count(app, history_import) == 0
    assert on_disk(app) == []


def test_the_eleventh_import_that_waits_is_refused_and_not_kept(
    browser: Browser, app: Flask, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports_store, "MOST_QUEUED", 3)  # an address may not send ten more within the hour
    worker.held = True
    for _ in range(3):
        assert send(browser, ZIP).status_code == 303
    kept = on_disk(app)
    refused = send(browser, ZIP)
    assert refused.status_code == 409
    said = " ".join(re.sub(r"<[^>]+>", " ", refused.text).split())
    assert "Ten imports of yours are not done yet, and more cannot wait here." in said
    assert "When one of them is done, send it again." in said
    as_json = send(browser, ZIP, headers={"Accept": "application/json"})
    assert as_json.status_code == 409
    assert wire(as_json)["error"] == {"status": 409, "message": "Too many of your imports are waiting"}
    assert on_disk(app) == kept
    assert count(app, history_import) == 3
    stranger = Browser(app)
    assert send(stranger, ZIP).status_code == 303
    worker.go_on(app)
    assert told(browser)["state"] == "done"
    assert send(browser, ZIP).status_code == 303


def test_two_uploads_of_a_new_browser_at_once_are_one_history(
    browser: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two private histories the browser would find one, and could never delete the other."""
    browser.get(PAGE)
    cookie = browser.client.get_cookie("liner_notes", domain="127.0.0.1")
    assert cookie is not None
    tab = Browser(app)
    tab.client.set_cookie("liner_notes", cookie.value, domain="127.0.0.1")
    tab.page = browser.page
    accept = imports.accept
    sent: list[Future[TestResponse]] = []

    def slowly(*values: Any) -> int:
        if not sent:
            second = [(BytesIO(export(files=1)), "second.zip")]
            sent.append(elsewhere.submit(post, tab, PAGE, files=second))
            wait(sent, timeout=0.5)
        return accept(*values)

    monkeypatch.setattr(imports, "accept", slowly)
    with ThreadPoolExecutor(1) as elsewhere:
        assert post(browser, PAGE, files=[(BytesIO(export()), "first.zip")]).status_code == 303
        assert sent[0].result().status_code == 303
    assert count(app, account) == 1
    assert count(app, history_import) == 2
    assert told(tab) == told(browser)


def test_a_private_history_lasts_thirty_days_after_the_last_visit(browser: Browser, app: Flask) -> None:
    with time_machine.travel("2026-11-20T12:00:00Z") as clock:
        send(browser, ZIP)
        clock.shift(LOCAL_KEPT - 7200)
        assert told(browser)["state"] == "done"
        clock.shift(LOCAL_KEPT - 7200)
        assert told(browser)["state"] == "done"
        clock.shift(LOCAL_KEPT + 7200)
        assert browser.get("/history/import.json").status_code == 404
        send(Browser(app), ZIP)
        assert count(app, account) == 1


def test_a_private_history_is_deleted_with_one_button(browser: Browser, app: Flask, worker: Worker) -> None:
    browser.get("/privacy")
    assert "Delete the history of this browser" not in browser.page
    send(browser, ZIP)
    worker.held = True
    send(browser, ("b.zip", export(files=1)))
    browser.get("/privacy")
    assert "Delete the history of this browser" in browser.page
    gone = browser.post("/privacy/forget-history")
    assert "The history of this browser is deleted." in words(browser, gone.headers["Location"])
    for table in (account, history_import, history_file, history_part):
        assert count(app, table) == 0
    assert on_disk(app) == []
    assert browser.get("/history/import.json").status_code == 404


@pytest.mark.parametrize("path", ["/privacy/forget", "/privacy/forget-history", "/settings/forget"])
@pytest.mark.parametrize("moment", ["local_account", "_new_local_account"])
def test_nothing_of_an_upload_outlives_a_deletion_in_another_tab(
    browser: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch, path: str, moment: str
) -> None:
    """What the browser can still see may stay; what nobody could ever reach or delete may not."""
    if moment == "local_account":
        send(browser, ZIP)
    browser.get(PAGE)
    real, waiting = getattr(import_pages, moment), [path]

    def after_a_deletion(*of: Any) -> Any:
        found = real(*of) if moment == "_new_local_account" else None
        if waiting:
            with ThreadPoolExecutor(1) as elsewhere:
                elsewhere.submit(browser.post, waiting.pop()).result()
        return real(*of) if found is None else found

    monkeypatch.setattr(import_pages, moment, after_a_deletion)
    post(browser, PAGE, files=[(BytesIO(export(files=1)), "late.zip")])
    monkeypatch.undo()
    reachable = browser.get("/history/import.json").status_code == 200
    assert count(app, account) == int(reachable)
    assert count(app, history_import) == int(reachable)
    assert on_disk(app) == []


@pytest.mark.parametrize("logged_in", [True, False])
def test_forgetting_everything_forgets_the_history_too(browser: Browser, app: Flask, logged_in: bool) -> None:
    if logged_in:
        browser.login()
    send(browser, ZIP)
    browser.get("/privacy")
    gone = browser.post("/privacy/forget")
    assert gone.headers["Location"] == "/?note=deleted"
    for table in (account, history_import, history_part):
        assert count(app, table) == 0


def test_the_privacy_page_lists_the_history(browser: Browser) -> None:
    said = words(browser, "/privacy")
    assert "every play of the exports you open here" in said
    assert "Never your IP address, user name or user agent" in said
    assert "Until 30 days after your last visit" in said


def test_the_landing_page_leads_to_it(browser: Browser) -> None:
    page = browser.get("/").text
    assert page.count('href="/history/import"') >= 2
    assert "not in this version" not in page
    send(browser, ZIP)
    assert "Read your history" in browser.get("/").text
