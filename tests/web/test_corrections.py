"""`/history/corrections`: the page, the forms on others, what is refused, and whose they are."""

import io
import json
import re
import zipfile
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.history.build import rebuild
from app.store.accounts import add_local_account
from app.store.corrections import corrections_of
from app.store.history import move_history
from app.store.imports import imports_of
from app.store.sync import add_live_plays
from app.web.time import current_account
from app.web.time.corrections import report as corrections
from tests.conftest import Browser
from tests.history_more import bring_in, keep_private, live_play, play, site_of
from tests.jobs import do_imports, imports_at_once, no_imports
from tests.web.test_import import look_around, words

PAGE = "/history/corrections"
ROWS = [
    play("2024-03-01 10:00", "Jóga", "Björk"),
    play("2024-03-01 10:10", "Jóga", "Björk"),
    play("2024-03-01 10:20", "Joga", "Bjork"),
    play("2024-03-01 10:30", "Hunter", "Bjork", album="Homogenic (Deluxe)"),
    play("2024-03-01 10:40", "Hunter - Remastered 2011", "Bjork", album="Homogenic"),
    play("2024-03-01 10:50", "Hunter", "Bjork", album="Homogenic"),
]


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is queued is done at once, in this process."""
    imports_at_once(monkeypatch)


def correct(browser: Browser, **fields: Any) -> TestResponse:
    browser.get("/history/import")
    return browser.post(PAGE, **fields)


def merge_artist(browser: Browser, artist: str, to_artist: str) -> TestResponse:
    return correct(browser, kind="artist", action="merge", artist=artist, to_artist=to_artist)


def told(browser: Browser) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = browser.get(f"{PAGE}.json").get_json()["corrections"]
    return found


def artists(browser: Browser) -> dict[str, int]:
    report = browser.get("/history.json").get_json()
    return {one["name"]: one["plays"] for one in report["top_artists"]}


def test_a_merge_is_made_counted_and_taken_back(app: Flask) -> None:
    mine, _ = keep_private(app, ROWS)
    before = mine.get("/history.json").get_json()
    answer = merge_artist(mine, "bjork", "BJÖRK")
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    assert artists(mine) == {"Björk": 6}
    (rule,) = told(mine)
    assert rule | {"id": 0} == {
        "id": 0,
        "kind": "artist",
        "action": "merge",
        "from": {"artist": "bjork"},
        "to": {"artist": "Björk"},  # as the history writes it
        "plays": 4,
    }
    said = words(mine, PAGE)
    assert "bjork counts as Björk" in said
    assert "Artist: 4 plays in 3 tracks" in said
    assert merge_artist(mine, "Bjork", "Björk").status_code == 303
    assert len(told(mine)) == 1
    answer = mine.post(f"{PAGE}/{rule['id']}/undo")
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    assert (told(mine), mine.get("/history.json").get_json()) == ([], before)


def test_what_is_hidden_or_deleted_is_counted_nowhere(app: Flask) -> None:
    mine, _ = keep_private(app, ROWS)
    assert correct(mine, kind="album", action="hide", artist="Bjork", album="homogenic").status_code == 303
    assert artists(mine) == {"Björk": 2, "Bjork": 2}
    gone = {"kind": "play", "action": "delete", "artist": "Björk", "title": "Jóga"}
    correct(mine, **gone, started_at="2024-03-01T11:10:00+01:00")
    assert artists(mine) == {"Bjork": 2, "Björk": 1}
    assert mine.get("/history.csv").text.count("\n") == 4
    hidden, deleted = told(mine)
    assert (hidden["from"], hidden["to"], hidden["plays"]) == (
        {"artist": "Bjork", "album": "homogenic"},
        None,
        2,
    )
    assert (deleted["from"], deleted["to"], deleted["plays"]) == (
        {"artist": "Björk", "title": "Jóga"},
        None,
        1,
    )
    receipt = mine.get("/history/import.json").get_json()
    assert receipt["rows"]["kept"] == len(ROWS)
    said = words(mine, PAGE)
    assert "homogenic by Bjork is hidden" in said
    assert "Jóga by Björk was not played: 1 March 2024, 10:10" in said


def test_what_may_be_merged_is_one_press_away(app: Flask) -> None:
    mine, _ = keep_private(app, ROWS)
    page = mine.get(PAGE).text
    assert (
        re.findall(r'correction-effect">([^<]+)<', page)
        == [
            "Artist, differs in its accents: 2 plays",
            "Album, differs in its edition: 1 play",
            "Track, differs in its edition: 1 play",
        ]
        or "Artist, differs in its accents" in page
    )
    form = next(form for form in re.findall(r"<form.*?</form>", page, re.S) if "Remastered 2011" in form)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    fields.pop("csrf_token")
    assert fields == {
        "kind": "track",
        "action": "merge",
        "artist": "Bjork",
        "title": "Hunter - Remastered 2011",
        "to_artist": "Bjork",
        "to_title": "Hunter",
    }
    assert mine.post(PAGE, **fields).status_code == 303
    assert told(mine)[0]["plays"] == 1
    assert "Remastered 2011</bdi> by <bdi>Bjork</bdi> counts as" in " ".join(mine.get(PAGE).text.split())
    assert "differs in its edition: 1 play" in words(mine, PAGE)  # of the album


def test_the_forms_are_where_one_looks(app: Flask) -> None:
    mine, _ = keep_private(app, [*ROWS, play("2024-03-02 10:00", "Nameless", None, album=None)])
    for path, named in (
        ("/artist?name=Bjork", {"artist": "Bjork"}),
        ("/album?name=Homogenic&artist=Bjork", {"artist": "Bjork", "album": "Homogenic"}),
        ("/track?name=Hunter&artist=Bjork", {"artist": "Bjork", "title": "Hunter"}),
        ("/track?name=Nameless", {"artist_unknown": "1", "title": "Nameless"}),
    ):
        forms = re.findall(
            r'<form method="post" action="/history/corrections">.*?</form>', mine.get(path).text, re.S
        )
        hidden = [dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)) for form in forms]
        kind = path[1:].partition("?")[0]
        assert [one.pop("action") for one in hidden] == ["merge", "rename", "hide"]
        assert all(one.pop("csrf_token") for one in hidden)
        assert hidden == [{"kind": kind} | named] * 3, path
    day = mine.get("/history/day/2024-03-01").text
    assert day.count("Delete this play") == 6
    form = re.search(r'<form method="post" action="/history/corrections">.*?</form>', day, re.S)
    assert form is not None
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))
    assert fields.pop("csrf_token")
    assert fields == {
        "kind": "play",
        "action": "delete",
        "artist": "Björk",
        "title": "Jóga",
        "started_at": "2024-03-01T10:00:00Z",
    }
    assert 'href="/history/corrections"' in mine.get("/you").text
    assert 'href="/history/corrections"' in mine.get("/history").text


def test_a_track_whose_artist_is_unknown_gets_one(app: Flask) -> None:
    mine, _ = keep_private(app, [play("2024-03-02 10:00", "Nameless", None, album=None)])
    named = {"kind": "track", "action": "merge", "artist_unknown": "1", "title": "Nameless"}
    assert correct(mine, **named, to_artist="Ana", to_title="Named").status_code == 303
    assert artists(mine) == {"Ana": 1}
    assert told(mine)[0]["from"] == {"artist": None, "title": "Nameless"}


def test_where_the_form_was_it_goes_on_but_nowhere_else(app: Flask) -> None:
    mine, _ = keep_private(app, ROWS)
    hide = {"kind": "artist", "action": "hide"}
    back = correct(mine, **hide, artist="A", next="/history/day/2024-03-01")
    assert back.headers["Location"] == "/history/day/2024-03-01"
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example"):
        assert correct(mine, **hide, artist=elsewhere, next=elsewhere).headers["Location"] == PAGE


PLAY = {"kind": "play", "action": "delete"}


def test_nonsense_is_refused_and_the_field_named(app: Flask) -> None:
    mine, account_id = keep_private(app)
    for fields, field in (
        ({"kind": "genre", "action": "merge", "artist": "A", "to_artist": "B"}, "kind"),
        (PLAY | {"artist": "A", "title": "x", "started_at": "yesterday"}, "started_at"),
    ):
        answer = correct(mine, **fields)
        assert answer.status_code == 400
        assert f"The field “{field}” does not make sense here" in answer.text
    assert corrections_of(site_of(app).store, account_id) == []


def test_a_circle_and_two_ways_are_refused(app: Flask) -> None:
    mine, _ = keep_private(app, ROWS)
    assert merge_artist(mine, "A", "B").status_code == 303
    assert merge_artist(mine, "B", "C").status_code == 303
    circle, two_ways = merge_artist(mine, "C", "A"), merge_artist(mine, "A", "D")
    assert (circle.status_code, two_ways.status_code) == (400, 400)
    assert "“to_artist”" in circle.text
    assert "“artist”" in two_ways.text
    assert len(told(mine)) == 2


def test_there_are_not_endlessly_many(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corrections, "MOST", 1)
    mine, _ = keep_private(app)
    assert merge_artist(mine, "A", "B").status_code == 303
    assert merge_artist(mine, "B", "C").status_code == 409


def test_two_listeners_do_not_see_each_others(app: Flask) -> None:
    mine, _ = keep_private(app, ROWS)
    theirs, _ = keep_private(app, ROWS)
    merge_artist(mine, "Bjork", "Björk")
    (rule,) = told(mine)
    assert (told(theirs), artists(theirs)) == ([], {"Bjork": 4, "Björk": 2})
    theirs.get(PAGE)
    assert theirs.post(f"{PAGE}/{rule['id']}/undo").status_code == 404
    assert theirs.post(f"{PAGE}/{2**40}/undo").status_code == 404
    assert len(told(mine)) == 1


def test_nobody_has_none(browser: Browser) -> None:
    assert browser.get(PAGE).status_code == 200
    assert browser.get(f"{PAGE}.json").status_code == 404
    browser.get("/history/import")
    assert browser.post(PAGE, kind="artist", action="hide", artist="A").status_code == 404


def test_the_demos_listeners_stay_as_they_are(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    no_imports(monkeypatch)
    monkeypatch.setattr(current_account, "open_demo_export", lambda *_: None)
    visitor = Browser(app)
    look_around(visitor)
    said = words(visitor, PAGE)
    assert "Every visitor of the demo shares its listeners" in said
    assert "Merge" not in said
    assert correct(visitor, kind="artist", action="hide", artist="A").status_code == 403
    assert visitor.post(f"{PAGE}/1/undo").status_code == 403
    assert told(visitor) == []


def test_while_it_is_added_up_the_page_says_so_and_looks_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_imports(monkeypatch)
    mine, account_id = keep_private(app, ROWS)
    merge_artist(mine, "Bjork", "Björk")
    page = mine.get(PAGE).text
    assert 'id="corrections" data-look-again="/history/corrections"' in page
    assert "Artist: being counted" in words(mine, PAGE)
    assert told(mine)[0]["plays"] is None
    assert mine.get("/history/import.json").get_json()["state"] == "running"
    rebuild(site_of(app).store, account_id)
    assert "data-look-again" not in mine.get(PAGE).text


def test_corrections_move_with_the_history(app: Flask) -> None:
    store = site_of(app).store
    mine, source = keep_private(app, ROWS)
    merge_artist(mine, "Bjork", "Björk")
    target = add_local_account(store)
    move_history(store, source, target)
    assert [rule.from_artist for rule in corrections_of(store, target)] == ["Bjork"]
    # To where there are rules already, and live plays that neither knew.
    other, another = keep_private(app)
    assert correct(other, kind="artist", action="hide", artist="Ana").status_code == 303
    with store.writing() as connection:
        add_live_plays(
            connection, another, [live_play("2024-04-01 10:00", artist="Ana")], None, full_page=False
        )
    move_history(store, target, another)
    do_imports(app)
    assert artists(other) == {"Björk": 6}
    assert sorted(rule["action"] for rule in told(other)) == ["hide", "merge"]


def exported(browser: Browser) -> bytes:
    with browser.get("/history/export.zip") as response:
        body: bytes = response.data
    return body


def test_the_export_brings_them_along_once_and_undo_takes_them_back(app: Flask) -> None:
    site = site_of(app)
    mine, account_id = keep_private(app, ROWS)
    assert "Liner Notes/Corrections.json" not in zipfile.ZipFile(io.BytesIO(exported(mine))).namelist()
    merge_artist(mine, "Bjork", "Björk")
    correct(mine, **PLAY | {"artist": "Björk", "title": "Jóga", "started_at": "2024-03-01T10:10:00Z"})
    body = exported(mine)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        entries = json.loads(archive.read("Liner Notes/Corrections.json"))["corrections"]
    assert [entry.pop("started_at") for entry in entries] == [None, "2024-03-01T10:10:00Z"]
    assert entries == told(mine)

    other, another = keep_private(app)
    for _ in range(2):
        bring_in(site.store, site.uploads.folder, another, body)
        assert [rule | {"id": 0} for rule in told(other)] == [rule | {"id": 0} for rule in told(mine)]
        assert other.get("/history.json").get_json() == mine.get("/history.json").get_json()
    rows = other.get("/history/import.json").get_json()["rows"]
    assert (rows["read"], rows["ignored"], rows["unreadable"]) == (len(ROWS) + 2, 2, 0)
    assert "a correction, which holds from now on" in words(other, "/history/import")
    first, second = sorted(row.id for row in imports_of(site.store, another))
    other.post(f"/history/import/{first}/undo")
    assert artists(other) == {"Björk": 5}
    other.post(f"/history/import/{second}/undo")
    assert told(other) == []
    bring_in(site.store, site.uploads.folder, account_id, body)
    assert len(told(mine)) == 2
    mine.get(PAGE)
    mine.post(f"{PAGE}/{told(mine)[0]['id']}/undo")
    assert [rule["kind"] for rule in told(mine)] == ["play"]
