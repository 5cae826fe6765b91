"""Visits to the demo: its listeners are shared, what a visitor changes is not."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.config import read_config
from app.store.imports import imports_of
from app.store.library import begin_reading, find_reading
from app.store.listening import Listening, keep_listening
from tests.conftest import HOME, form_fields
from tests.history_more import site_of
from tests.jobs import imports_at_once, no_imports
from tests.waiting import until
from tests.web.test_demo import Visitor

MIRA, THEO, BRUNO = "mira.after.dark", "theo_sideb", "brunothunder"


@pytest.fixture(autouse=True)
def worker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody reads the listeners' exports, but `with_history` at once."""
    if "with_history" not in request.fixturenames:
        no_imports(monkeypatch)


@pytest.fixture
def with_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports are done at once, in this process."""
    imports_at_once(monkeypatch)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Flask]:
    app = create_app(read_config({"SECRET_KEY": "a secret key for the demo"}, instance=tmp_path))
    yield app
    app.extensions["site"].close()


def visitor(demo: Flask, listener: str = THEO) -> Visitor:
    """Somebody who looks around as that listener."""
    found = Visitor(demo)
    found.get(found.look_around(listener=listener))
    assert found.get("/your-music").status_code == 200
    return found


@pytest.fixture
def ann(demo: Flask) -> Visitor:
    return visitor(demo)


@pytest.fixture
def ben(demo: Flask) -> Visitor:
    return visitor(demo)


def agree(who: Visitor, address: str) -> None:
    """Gives one more permission at the demo's authorize page, as the same listener, and comes back."""
    form = form_fields(who.client.get(address, base_url=HOME).text) | {"answer": "agree"}
    back = who.client.post(address, data=form, base_url=HOME).headers["Location"]
    there = who.get(back.removeprefix(HOME)).headers["Location"]
    who.get(there)


def account_of(demo: Flask) -> int:
    """Théodore's account, which both visitors share."""
    store = site_of(demo).store
    [number] = [one for one in range(1, 9) if imports_of(store, one)]
    return number


def threshold(who: Visitor) -> int:
    return int(who.get("/history.json").get_json()["threshold_ms"])


@pytest.mark.usefixtures("with_history")
def test_settings_hold_for_the_visit_and_for_nobody_else(demo: Flask, ann: Visitor, ben: Visitor) -> None:
    before = ben.get("/history.json").get_json()
    assert "holds for your visit" in ann.get("/settings").text
    assert ann.post("/settings", timezone="Asia/Kathmandu", threshold="120").status_code == 303
    mine = ann.get("/history.json").get_json()
    assert (mine["threshold_ms"], mine["range"]["timezone"]) == (120_000, "Asia/Kathmandu")
    assert mine["totals"]["plays"] < before["totals"]["plays"]
    assert "<option selected>Asia/Kathmandu</option>" in ann.get("/settings").text
    assert 'value="120"' in ann.page
    assert ben.get("/history.json").get_json() == before
    assert 'value="30"' in ben.get("/settings").text
    assert threshold(visitor(demo)) == 30_000
    for page in ("/history", "/history/years", "/history.csv", "/history/podcasts"):
        assert ann.get(page).status_code == 200


@pytest.mark.usefixtures("with_history")
def test_settings_outlast_another_permission_and_end_with_the_visit(ann: Visitor) -> None:
    ann.get("/settings")
    ann.post("/settings", timezone="", threshold="120")
    ann.get("/top/tracks")
    agree(ann, ann.post("/top/tracks/playlist", time_range="medium_term").headers["Location"])
    assert threshold(ann) == 120_000
    ann.get("/privacy")
    ann.post("/privacy/forget")
    ann.get(ann.look_around(listener=THEO))
    assert threshold(ann) == 30_000


@pytest.mark.usefixtures("with_history")
@pytest.mark.parametrize("what", ["undo", "cancel"])
def test_imports_of_the_demo_stay(demo: Flask, ann: Visitor, ben: Visitor, what: str) -> None:
    plays = ben.get("/history.json").get_json()["totals"]["plays"]
    [one] = imports_of(site_of(demo).store, account_of(demo))
    page = ann.get("/history/import").text
    assert "Undo this import" not in page
    refused = ann.post(f"/history/import/{one.id}/{what}")
    assert refused.status_code == 403
    assert "The demo’s imports stay as they are" in refused.text
    assert ben.get("/history.json").get_json()["totals"]["plays"] == plays > 0
    assert ben.get("/history/import.json").get_json()["state"] == "done"


def test_a_playlist_is_saved_for_the_visit(ann: Visitor, ben: Visitor) -> None:
    ann.get("/top/tracks")
    agree(ann, ann.post("/top/tracks/playlist", time_range="medium_term").headers["Location"])
    assert "Saved today" in ann.get("/top/tracks?time_range=medium_term").text
    assert "Save as playlist" in ann.get("/top/tracks?time_range=long_term").text
    assert "Save as playlist" in ben.get("/top/tracks?time_range=medium_term").text
    assert "Saved today" not in ben.page


def test_saved_tracks_are_saved_for_the_visit(demo: Flask) -> None:
    ann, ben = visitor(demo, BRUNO), visitor(demo, BRUNO)

    def offered(who: Visitor) -> list[str]:
        return re.findall(r'name="track_id" value="(\w+)">Save<', who.get("/library").text)

    first = offered(ann)
    library = ben.get("/library.json").get_json()
    assert len(first) > 1
    agree(ann, ann.post("/library/save", track_id=first[0]).headers["Location"])
    assert "Saved for this visit." in ann.get("/library?said=saved-in-demo").text
    assert first[0] not in offered(ann)
    assert offered(ben) == first
    ben.post("/library/refresh")
    until(lambda: ben.get("/library/progress.json").get_json()["state"] == "done")
    assert {track["id"] for track in ben.get("/library.json").get_json()["tracks"]} == {
        track["id"] for track in library["tracks"]
    }


def test_the_library_of_the_demo_is_read_to_its_end(demo: Flask, ann: Visitor) -> None:
    ann.get("/history")
    ann.get("/library")
    store, account_id = site_of(demo).store, account_of(demo)
    begin_reading(store, account_id)
    refused = ann.post("/library/cancel")
    assert refused.status_code == 403
    assert "The demo’s library is read to its end" in refused.text
    reading = find_reading(store, account_id)
    assert reading is not None
    assert reading.state == "running"


@pytest.mark.usefixtures("with_history")
def test_what_earlier_visitors_left_behind_is_gone(demo: Flask) -> None:
    """Settings that were kept for a shared account count for nobody."""
    ann = visitor(demo)
    ann.get("/history")
    keep_listening(site_of(demo).store, account_of(demo), Listening("Asia/Tokyo", 240))
    assert threshold(visitor(demo)) == 30_000


def test_the_player_of_a_visit_is_its_own(demo: Flask) -> None:
    ann, ben = visitor(demo, MIRA), visitor(demo, MIRA)
    track = ann.get("/top/tracks.json").get_json()["items"][0]["id"]
    ann.get("/top/tracks")
    agree(ann, ann.post("/player/play", track_id=track).headers["Location"])
    assert ann.get("/player.json").get_json()["playing"] is True
    ben.get("/top/tracks")
    agree(ben, ben.post("/player/play", track_id=track).headers["Location"])
    ben.get("/player")
    ben.post("/player/pause")
    assert ben.get("/player.json").get_json()["playing"] is False
    assert ann.get("/player.json").get_json()["playing"] is True
