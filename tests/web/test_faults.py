"""A database that is full, locked, read-only or gone: a sentence on every page, and no second wait."""

import errno
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from socket import create_connection, create_server, socket
from threading import Thread
from unittest.mock import Mock

import pytest
from flask import Flask
from sqlalchemy import event, make_url
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app import create_app
from app.config import read_config
from app.store.accounts import delete_account
from app.store.engine import Store
from app.store.listening import Listening, keep_listening
from app.web.imports import uploads
from tests.conftest import HOME, Browser
from tests.history_more import keep_private, play

PAGE = "/history/import"
READ = ("/", "/privacy", "/history", "/history.json", "/history/import", "/settings", "/healthz")


@pytest.fixture
def mine(app: Flask) -> Browser:
    """A browser with a private history, and the settings open."""
    browser = keep_private(app, [play("2024-05-01 10:00")])[0]
    browser.get("/history")
    browser.get("/settings")
    return browser


def tell(app: Flask, pragma: str) -> None:
    """Tells every connection from now on."""
    engine = app.extensions["site"].store.engine
    event.listen(engine, "checkout", lambda raw, *_: raw.execute(f"PRAGMA {pragma}") and None)


def keep_settings(browser: Browser, **headers: str) -> tuple[int, str, str | None]:
    form = {"csrf_token": token(browser), "threshold": "20", "timezone": ""}
    answer = browser.client.post("/settings", data=form, base_url=HOME, headers=headers)
    return answer.status_code, answer.text, answer.headers.get("Retry-After")


def token(browser: Browser) -> str:
    found: str = browser.page.split('name="csrf_token" value="')[1].split('"')[0]
    return found


def begun(app: Flask) -> list[str]:
    """Fills up with the write transactions that are asked for."""
    seen: list[str] = []

    def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(app.extensions["site"].store.engine, "before_cursor_execute", look)
    return seen


def test_a_locked_database_is_waited_for_once_and_pages_that_read_go_on(app: Flask, mine: Browser) -> None:
    tell(app, "busy_timeout=20")
    locks = begun(app)
    other = Store(app.extensions["site"].config.database_url)
    with other.writing():
        status, text, retry = keep_settings(mine)
        assert (status, "<h1>This site is busy</h1>" in text, retry) == (503, True, "10")
        assert len(locks) == 1
        assert [mine.get(path).status_code for path in READ] == [200] * len(READ)
    assert keep_settings(mine)[0] == 303
    other.close()


def test_a_session_that_cannot_be_saved_is_a_sentence_and_a_line_in_the_log(
    app: Flask, mine: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    tell(app, "busy_timeout=20")
    other = Store(app.extensions["site"].config.database_url)
    with other.writing():
        answer = mine.get("/login?demo=1")
    other.close()
    assert (answer.status_code, "<h1>This site is busy</h1>" in answer.text) == (503, True)
    assert "GET /login: the database or the disk is busy" in caplog.messages
    assert [record.message for record in caplog.records if record.exc_info] == []


def test_a_short_history_is_a_table_without_any_room_on_the_disk(
    app: Flask, mine: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(errno.ENOSPC, "no room")
    monkeypatch.setattr("tempfile.TemporaryFile", Mock(side_effect=full))
    tell(app, "query_only=ON")
    assert mine.get("/history.csv").text.count("2024-05-01T") == 1


@pytest.mark.parametrize(
    ("pragma", "status", "title"),
    [
        ("max_page_count=1", 507, "The disk of this site is full"),
        ("query_only=ON", 503, "This site cannot write"),
    ],
)
def test_without_room_or_leave_to_write_everything_is_still_read(
    app: Flask, mine: Browser, pragma: str, status: int, title: str
) -> None:
    tell(app, pragma)
    fill_what_is_free(app)
    answered, text, _ = keep_settings(mine)
    assert (answered, f"<h1>{title}</h1>" in text) == (status, True)
    answered, text, _ = keep_settings(mine, **{"X-Requested-With": "fetch"})
    assert (answered, f'"message":"{title}"' in text) == (status, True)
    assert [mine.get(path).status_code for path in READ] == [200] * len(READ)
    assert mine.get("/history?threshold=77").status_code == 200


def fill_what_is_free(app: Flask) -> None:
    """A small row may fit into what is there: from now on, settings need a megabyte more."""
    with Store(app.extensions["site"].config.database_url).engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE filler (body BLOB)")
        connection.exec_driver_sql(
            "CREATE TRIGGER fill AFTER INSERT ON listening "
            "BEGIN INSERT INTO filler VALUES (zeroblob(1000000)); END"
        )


def test_with_all_connections_in_use_a_page_says_that_the_site_is_busy(
    app: Flask, mine: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left() -> None:
        raise PoolTimeout("QueuePool limit reached")

    monkeypatch.setattr(app.extensions["site"].store.engine, "connect", none_left)
    for path in ("/history", "/history.json", "/settings", "/healthz"):
        assert mine.get(path).status_code == 503


def test_an_account_that_is_deleted_in_that_moment_has_no_settings(
    mine: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(store: Store, account_id: int, chosen: Listening) -> bool:
        delete_account(store, account_id)
        return keep_listening(store, account_id, chosen)

    monkeypatch.setattr("app.web.settings.report.keep_listening", too_late)
    assert keep_settings(mine)[0] == 404


def test_an_upload_that_does_not_say_how_much_it_is_gets_so_much_and_no_more(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LARGEST_WITHOUT_LENGTH", 5000)
    browser.get(PAGE)
    head = (
        f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token(browser)}\r\n--x\r\n'
        'Content-Disposition: form-data; name="files"; filename="a.zip"\r\n\r\n'
    ).encode()
    for size, status in ((100, 303), (10_000, 413)):
        sent = browser.client.post(
            PAGE,
            base_url=HOME,
            content_type="multipart/form-data; boundary=x",
            input_stream=BytesIO(head + b"x" * size + b"\r\n--x--\r\n"),
            environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
        )
        assert sent.status_code == status


class Wire:
    """A way to PostgreSQL that can be cut."""

    def __init__(self, host: str, port: int) -> None:
        self._there = (host, port)
        self._server = create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.cut = False
        self._open: list[socket] = []
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                here = self._server.accept()[0]
            except OSError:
                return
            if self.cut:
                here.close()
                continue
            there = create_connection(self._there)
            self._open += [here, there]
            for one, other in ((here, there), (there, here)):
                Thread(target=_pass_on, args=(one, other), daemon=True).start()

    def break_off(self) -> None:
        """Nothing that was open goes on, and nothing new begins."""
        self.cut = True
        for one in self._open:
            one.close()
        self._open = []

    def close(self) -> None:
        self.break_off()
        self._server.close()


def _pass_on(one: socket, other: socket) -> None:
    try:
        while held := one.recv(65536):
            other.sendall(held)
    except OSError:
        pass
    finally:
        other.close()


@pytest.fixture
def wire(database_url: str) -> Iterator[Wire]:
    url = make_url(database_url)
    wire = Wire(url.host or "127.0.0.1", url.port or 5432)
    yield wire
    wire.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_while_postgresql_is_down_every_page_says_so_and_then_goes_on(
    wire: Wire, database_url: str, environ: dict[str, str], tmp_path: Path
) -> None:
    url = make_url(database_url).set(host="127.0.0.1", port=wire.port)
    site = read_config(
        environ | {"DATABASE_URL": url.render_as_string(hide_password=False)}, instance=tmp_path / "instance"
    )
    app = create_app(site)
    browser = Browser(app)
    browser.login()
    assert browser.get("/your-music").status_code == 200
    wire.break_off()
    for path in ("/", "/your-music", "/privacy", "/history", "/settings", "/nowhere"):
        page = browser.get(path)
        assert (page.status_code, page.headers["Retry-After"]) == (503, "10"), path
        assert "database is not answering" in page.text
    found = browser.get("/your-music.json")
    assert found.get_json() == {"error": {"status": 503, "message": "This site's database is not answering"}}
    assert browser.get("/healthz").status_code == 503
    wire.cut = False
    assert browser.get("/your-music").status_code == 200
    assert browser.get("/healthz").status_code == 200
    app.extensions["site"].close()
