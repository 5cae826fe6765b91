"""Mood over time: from what is known, with its coverage; looked up only when somebody presses the button."""

import json
import re
import time

import pytest
from flask import Flask

from app.audio_features import cache
from app.music import AudioFeatures
from app.sandbox import SandboxServer
from app.store.cooldowns import Cooldown
from app.store.history import write_blob
from app.store.look_ups import look_up_of
from tests.conftest import Browser
from tests.history_more import Row, keep_private, play, site_of
from tests.jobs import jobs_of
from tests.waiting import until


def uri(number: int) -> str:
    return f"spotify:track:{number:022}"


def sound(number: int, valence: float | None, energy: float | None) -> AudioFeatures:
    empty = dict.fromkeys(AudioFeatures.__dataclass_fields__)
    values = empty | {"track_id": f"{number:022}", "source": "reccobeats"}
    return AudioFeatures(**(values | {"valence": valence, "energy": energy}))  # type: ignore[arg-type]


ROWS: list[Row] = [
    play("2024-01-01 10:00", "Happy", uri=uri(1)),
    play("2024-01-02 10:00", "Happy", uri=uri(1)),
    play("2024-01-03 10:00", "Sad", uri=uri(2)),
    play("2024-02-01 10:00", "Sad", uri=uri(2)),
    play("2024-02-02 10:00", "Unknown", uri=uri(3)),
    play("2024-02-03 10:00", "Local"),
]


@pytest.fixture
def mine(app: Flask) -> Browser:
    cache.keep(site_of(app).store, [sound(1, 0.9, 0.8), sound(2, 0.3, 0.2)])
    return keep_private(app, ROWS)[0]


def wait(app: Flask) -> None:
    """Until what goes on behind the page is over."""
    until(jobs_of(app).are_idle)


def test_the_mood_is_weighed_by_plays(mine: Browser) -> None:
    report = mine.get("/history/mood.json").get_json()
    assert report["coverage"] == {
        "tracks": 4,
        "known": 2,
        "plays": 6,
        "known_plays": 4,
        "sources": {"reccobeats": 2},
    }
    assert (report["valence"], report["energy"], report["by"]) == (0.6, 0.5, "month")
    assert report["periods"] == [
        {"name": "2024-01", "plays": 3, "known_plays": 3, "valence": 0.7, "energy": 0.6},
        {"name": "2024-02", "plays": 3, "known_plays": 1, "valence": 0.3, "energy": 0.2},
    ]
    text = mine.get("/mood?source=plays").text
    assert "Known for 2 of your 4 most played tracks, from ReccoBeats: 67% of plays." in text
    assert "It sounded happiest in January 2024 (70%)" in text
    assert "1 of them can be asked about." in text
    assert re.search(r"Happy</a></bdi> sounds happiest \(90%\); .*Sad</a></bdi> sounds saddest \(30%\)", text)


def test_over_years_it_is_told_by_year(app: Flask) -> None:
    cache.keep(site_of(app).store, [sound(1, 0.5, 0.5)])
    mine = keep_private(app, [play("2020-01-01 10:00", uri=uri(1)), play("2024-01-01 10:00", uri=uri(1))])[0]
    report = mine.get("/history/mood.json").get_json()
    assert report["by"] == "year"
    assert [period["name"] for period in report["periods"]] == ["2020", "2024"]


def test_features_that_say_nothing_of_mood_are_no_mood(app: Flask) -> None:
    cache.keep(site_of(app).store, [sound(1, None, 0.5)])
    mine = keep_private(app, [play("2020-01-01 10:00", uri=uri(1))])[0]
    report = mine.get("/history/mood.json").get_json()
    assert (report["valence"], report["coverage"]["known_plays"]) == (None, 0)
    assert "is not known here yet" in mine.get("/mood?source=plays").text


def test_looking_at_the_page_asks_nobody(mine: Browser, spotify: SandboxServer) -> None:
    before = len(spotify.calls)
    mine.get("/mood?source=plays")
    mine.get("/history/mood.json")
    assert len(spotify.calls) == before


def test_the_button_looks_up_what_is_missing(app: Flask, spotify: SandboxServer) -> None:
    known = Browser(app)
    known.log_in()
    ids = [item["id"] for item in known.get("/top/tracks.json").get_json()["items"]][:5]
    rows = [
        play(f"2024-05-0{n + 1} 10:00", f"Song {n}", uri=f"spotify:track:{item_id}")
        for n, item_id in enumerate(ids)
    ]
    mine, account_id = keep_private(app, rows)
    mine.get("/mood?source=plays")
    before = len(spotify.calls)
    back = mine.post("/history/mood?from=2024-01-01&to=2024-12-31")
    assert (back.status_code, back.headers["Location"]) == (
        303,
        "/mood?source=plays&from=2024-01-01&to=2024-12-31",
    )
    wait(app)
    asked = spotify.calls[before:]
    assert asked
    assert all("audio-features" in call.path for call in asked)
    found = look_up_of(site_of(app).store, account_id)
    assert found is not None
    assert (found.state, found.done, found.total) == ("done", 5, 5)
    assert mine.get("/history/mood.json").get_json()["coverage"]["known"] > 0


def test_at_most_five_hundred_are_looked_up(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.web.time.mood.report.MOST", 3)
    rows = [play(f"2024-05-01 {n:02}:00", f"Song {n}", uri=uri(n)) for n in range(9)]
    mine, account_id = keep_private(app, rows)
    mine.get("/mood?source=plays")
    mine.post("/history/mood")
    wait(app)
    found = look_up_of(site_of(app).store, account_id)
    assert found is not None
    assert found.total == 3


def test_where_nobody_answers_it_stops_and_says_so(app: Flask) -> None:
    site = site_of(app)
    mine, account_id = keep_private(app, [play("2024-05-01 10:00", uri=uri(1))])
    Cooldown(site.store, "spotify:reccobeats:down").begin(time.time() + 3600, "too slow")
    mine.get("/mood?source=plays")
    mine.post("/history/mood")
    wait(app)
    found = look_up_of(site.store, account_id)
    assert found is not None
    assert (found.state, found.done) == ("stopped", 0)
    assert "nobody answered" in mine.get("/mood?source=plays").text


def test_a_look_up_whose_process_died_can_go_on(app: Flask) -> None:
    site = site_of(app)
    mine, account_id = keep_private(app, [play("2024-05-01 10:00", uri=uri(1))])
    left = {"total": 40, "done": 12, "state": "running", "at": 1_700_000_000.0}
    write_blob(site.store, account_id, "mood/look-up", json.dumps(left).encode())
    text = mine.get("/mood?source=plays").text
    assert "The look-up broke off after 12 of 40 tracks. It can go on." in text
    assert "Look them up" in text
    assert mine.get("/history/mood.json").get_json()["look_up"] == {
        "state": "stopped",
        "done": 12,
        "total": 40,
    }


def test_one_under_way_shows_how_far_it_is(app: Flask) -> None:
    site = site_of(app)
    mine, account_id = keep_private(app, [play("2024-05-01 10:00", uri=uri(1))])
    now = {"total": 40, "done": 12, "state": "running", "at": time.time()}
    write_blob(site.store, account_id, "mood/look-up", json.dumps(now).encode())
    text = mine.get("/mood?source=plays").text
    assert "Looking up: 12 of 40 tracks." in text
    assert '<progress class="hm-progress" value="12" max="40"' in text
    assert "Look them up" not in text


def test_without_history_there_is_nothing_to_look_up(app: Flask) -> None:
    mine = keep_private(app)[0]
    mine.get("/settings")
    assert mine.post("/history/mood").status_code == 404
