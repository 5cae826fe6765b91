"""What a look at the history does to the database: it reads one report, and writes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask, before_render_template, template_rendered
from sqlalchemy import event

from app.store.accounts import accounts
from app.store.history import history_size
from tests.conftest import Browser
from tests.history_more import bring_in, chapter, episode, keep_private, play, site_of, zipped

ROWS = [
    *(play(f"{year}-{month:02}-03 10:00") for year in (2022, 2023) for month in range(1, 13)),
    play("2023-05-04 11:00", "Salt", "Theo", album="Dune"),
    episode("2023-03-04 10:00"),
    chapter("2023-03-05 10:00"),
]
LISTS = ("artists", "tracks", "albums")
SUBJECTS = ("discovery", "behaviour", "years", "2023", "podcasts", "audiobooks")
PAGES = (
    "/history",
    *(f"/history/{subject}" for subject in SUBJECTS),
    *(f"/top/{kind}?source=plays" for kind in LISTS),
    "/mood?source=plays",
    "/artist?name=Mira+Rose",
    "/album?name=Dune&artist=Theo",
    "/track?name=Salt&artist=Theo",
    "/top/tracks?source=plays&by=time&q=salt",
    "/history?from=2023-02-01&to=2023-06-30&threshold=10&tz=Asia/Kolkata",
    "/history/import",
)
DATA = (
    "/history.json?from=2023-02-01&to=2023-06-30&threshold=10&tz=Asia/Kolkata",
    *(f"/history/{subject}.json" for subject in (*SUBJECTS, *LISTS, "mood", "import")),
    "/history/artist.json?name=Mira+Rose",
    "/history/album.json?name=Dune&artist=Theo",
    "/history/track.json?name=Salt&artist=Theo",
    "/history/tracks.json?by=time&q=salt",
    "/history.csv",
    "/history/tracks.csv",
    "/history/export.zip",
)


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """What the site's database is told meanwhile."""
    found: list[str] = []
    engine = site_of(app).store.engine

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def writes(found: list[str]) -> list[str]:
    """The statements that change something, but for the count of calls, which comes when it likes."""
    changes = [
        entry for entry in found if not entry.lstrip().upper().startswith(("SELECT", "PRAGMA", "BEGIN"))
    ]
    return [change for change in changes if "call_count" not in change]


def look_everywhere(browser: Browser) -> None:
    for path in (*PAGES, *DATA):
        answer = browser.get(path)
        assert answer.status_code == 200, path
        answer.close()


@pytest.fixture
def listener(app: Flask, browser: Browser) -> Browser:
    """Somebody who is logged in and has a history."""
    browser.login()
    browser.get("/your-music")
    site = site_of(app)
    [mine] = accounts(site.store)
    bring_in(site.store, site.uploads.ready(), mine.id, zipped(ROWS))
    return browser


def test_a_look_writes_nothing_but_sums_that_are_kept_for_the_next(app: Flask, listener: Browser) -> None:
    with statements(app) as found:
        look_everywhere(listener)
    assert [write for write in writes(found) if "history_part" not in write] == []
    with statements(app) as found:
        look_everywhere(listener)
    assert len(found) > 100
    assert writes(found) == []


def test_a_look_at_a_private_history_writes_nothing(app: Flask) -> None:
    mine, _ = keep_private(app, ROWS)
    look_everywhere(mine)
    with statements(app) as found:
        look_everywhere(mine)
    assert writes(found) == []


def test_a_report_is_finished_before_its_page_begins(app: Flask, listener: Browser) -> None:
    with statements(app) as found:
        at_begin: list[int] = []
        meanwhile: list[str] = []

        def begin(_app: Flask, **_more: object) -> None:
            at_begin.append(len(found))

        def end(_app: Flask, **_more: object) -> None:
            meanwhile.extend(found[at_begin[-1] :])

        with before_render_template.connected_to(begin, app), template_rendered.connected_to(end, app):
            for path in PAGES:
                assert listener.get(path).status_code == 200
    assert len(at_begin) == len(PAGES)
    assert meanwhile == []


def test_a_private_history_joins_at_login_and_not_at_a_look(app: Flask) -> None:
    mine, private = keep_private(app, ROWS)
    site = site_of(app)
    assert history_size(site.store, private) == 1
    mine.login()
    [account] = accounts(site.store)
    assert (account.service, history_size(site.store, account.id)) == ("spotify", 1)
    assert mine.get("/history/import.json").get_json()["rows"]["kept"] == len(ROWS)


def test_where_spotify_does_not_answer_the_login_a_private_history_stays_until_the_next(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, _ = keep_private(app, ROWS)
    with monkeypatch.context() as silent:
        silent.setattr("app.web.time.current_account.LOGIN_SECONDS", 0.0)
        mine.login()
    site = site_of(app)
    mine.get("/your-music")
    with statements(app) as found:
        assert mine.get("/history.json").get_json()["totals"]["plays"] == 25
    assert writes(found) == []
    assert {account.service for account in accounts(site.store)} == {"local", "spotify"}
    mine.login()
    assert {account.service for account in accounts(site.store)} == {"spotify"}
    assert mine.get("/history/import.json").get_json()["rows"]["kept"] == len(ROWS)
