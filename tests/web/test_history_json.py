"""`/history.json` and `/history/import.json`: the promised fields, the values that are counted by hand."""

import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from tests.conftest import HOME, Browser, form_fields
from tests.history import reference

PATIENCE = 60.0
NOW = datetime.now(UTC)
REPORT = {
    "range": {"from", "to", "timezone"},
    "threshold_ms": None,
    "totals": {"plays", "ms_played", "ms_estimated", "plays_without_time"}
    | {"tracks", "artists", "albums", "days"},
    "top_artists": [{"rank", "name", "plays", "ms_played"}],
    "top_tracks": [{"rank", "name", "artist", "plays", "ms_played"}],
    "top_albums": [{"rank", "name", "artist", "plays", "ms_played"}],
    "clock": None,
    "daily": [{"date", "plays", "ms_played"}],
    "streaks": {"longest", "current"},
    "discovery": [{"month", "artists", "tracks"}],
    "skips": {"rows", "skipped"},
    "shuffle": {"rows", "shuffled"},
    "offline": {"rows", "offline"},
    "platforms": [{"name", "plays", "ms_played"}],
    "countries": [{"code", "plays", "ms_played"}],
}
ROWS = {"read", "kept", "duplicate", "unreadable", "ignored"}


def listening(turn: int) -> dict[str, Any]:
    """One of many plays, every 11 hours up to a few days ago, uneven in all that is counted."""
    end = NOW - timedelta(days=2) - timedelta(hours=11 * turn, seconds=turn)
    artist = ("Mira", "MIRA", "Theo", "Straße", "strasse")[turn % 5]
    return {
        "ts": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "username": "secret-name",
        "ip_addr": "203.0.113.7",
        "user_agent_decrypted": "secret agent",
        "platform": list(reference.FAMILIES)[turn % len(reference.FAMILIES)],
        "ms_played": (200_000, 29_999, 30_000, 45_000, 240_000, 0, 61_500)[turn % 7],
        "conn_country": ("SE", "JP", None)[turn % 3],
        "master_metadata_track_name": f"Song {turn * turn % 23}",
        "master_metadata_album_artist_name": artist,
        "master_metadata_album_album_name": f"Album {turn % 4}",
        "spotify_track_uri": f"spotify:track:{turn % 23:022d}",
        "reason_start": "trackdone",
        "reason_end": ("trackdone", "fwdbtn")[turn % 2],
        "shuffle": (True, False, None)[turn % 3],
        "skipped": (True, False, None, None)[turn % 4],
        "offline": (False, None)[turn % 2],
        "incognito_mode": False,
    }


def whole_export() -> dict[str, list[Any]]:
    """Files of an export, with rows of every kind, some of them twice."""
    plays = [listening(turn) for turn in range(1_500)]
    odd = [
        {"ts": "1970-01-01T00:00:00Z", "ms_played": 60_000},
        {"ts": "2020-01-01T00:00:00Z", "ms_played": -1},
        "what is this",
        {"friends": 5},
    ]
    account = [
        {"endTime": row["ts"][:16].replace("T", " "), "msPlayed": row["ms_played"]}
        | {
            "artistName": row["master_metadata_album_artist_name"],
            "trackName": row["master_metadata_track_name"],
        }
        for row in plays[:50]
    ]
    episode = {
        "ts": "2024-05-01T10:00:00Z",
        "ms_played": 600_000,
        "episode_name": "One",
        "episode_show_name": "Show",
    }
    return {
        "Spotify Extended Streaming History/Streaming_History_Audio_2024_0.json": plays[:800],
        "MyData/endsong_1.json": plays[790:] + odd + [episode],
        "Spotify Account Data/StreamingHistory_music_0.json": account,
    }


def zipped(files: dict[str, list[Any]]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, entries in files.items():
            archive.writestr(name, json.dumps(entries))
        archive.writestr("ReadMeFirst_ExtendedStreamingHistory.pdf", b"%PDF")
    return out.getvalue()


def upload(browser: Browser, *files: tuple[str, bytes]) -> dict[str, Any]:
    """Imports files and waits until that is over: what `/history/import.json` says then."""
    token = form_fields(browser.get("/history/import").text)["csrf_token"]
    answer = browser.client.post(
        "/history/import",
        data={"csrf_token": token, "files": [(BytesIO(body), name) for name, body in files]},
        base_url=HOME,
    )
    assert answer.status_code == 303, answer.text
    until(lambda: browser.get("/history/import.json").get_json()["state"] not in ("queued", "running"))
    wire: dict[str, Any] = browser.get("/history/import.json").get_json()
    return wire


def until(true: Callable[[], bool]) -> None:
    """Waits for what the worker, a process of its own, is about to bring about."""
    pause = Event()
    for _ in range(int(PATIENCE / 0.05)):
        if true():
            return
        pause.wait(0.05)
    raise AssertionError("it did not come about")


def report(browser: Browser, query: str = "") -> dict[str, Any]:
    answer = browser.get(f"/history.json{query}")
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/json"
    found: dict[str, Any] = answer.get_json()
    return found


def counted(zone: str, threshold: int, first: date | None = None, last: date | None = None) -> dict[str, Any]:
    entries = [entry for file in whole_export().values() for entry in file]
    read = (reference.read(entry, NOW) for entry in entries)
    plays = reference.kept(row for row in read if isinstance(row, reference.Play))
    today = datetime.now(ZoneInfo(zone)).date()
    return reference.report(plays, ZoneInfo(zone), threshold, today, first, last)


@pytest.fixture(scope="module", name="listener")
def someone_who_imported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser without a login, with an import that is done."""
    from app import create_app
    from app.config import read_config

    folder: Path = tmp_path_factory.mktemp("instance")
    app = create_app(read_config({"SECRET_KEY": "a secret key for tests only"}, instance=folder))
    browser = Browser(app)
    wire = upload(browser, ("my_spotify_data.zip", zipped(whole_export())))
    assert wire["state"] == "done"
    yield browser
    app.extensions["site"].close()


def test_the_report_has_the_promised_fields_and_no_others(listener: Browser) -> None:
    found = report(listener)

    assert set(found) == set(REPORT)
    for name, fields in REPORT.items():
        if isinstance(fields, set):
            assert set(found[name]) == fields, name
        elif isinstance(fields, list):
            assert found[name], name
            assert all(set(one) == fields[0] for one in found[name]), name
    for streak in found["streaks"].values():
        assert set(streak) == {"days", "from", "to"}
    assert [len(day) for day in found["clock"]] == [24] * 7


@pytest.mark.parametrize(
    ("zone", "threshold"),
    [("UTC", 0), ("UTC", 30), ("Asia/Kathmandu", 60), ("Australia/Lord_Howe", 240), ("America/New_York", 30)],
)
def test_all_time_is_what_the_rows_say(listener: Browser, zone: str, threshold: int) -> None:
    found = report(listener, f"?tz={zone}&threshold={threshold}")

    days = found.pop("range")
    expected = counted(zone, threshold)
    assert found == expected
    assert days == {
        "from": expected["daily"][0]["date"],
        "to": expected["daily"][-1]["date"],
        "timezone": zone,
    }


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Europe/London"])
def test_a_range_of_ones_own_includes_both_its_days(listener: Browser, zone: str) -> None:
    first, last = (NOW - timedelta(days=400)).date(), (NOW - timedelta(days=100)).date()

    for days in ((first, last), (first, None), (None, last), (last, last)):
        query = "".join(f"&{name}={day}" for name, day in zip(("from", "to"), days, strict=True) if day)
        found = report(listener, f"?tz={zone}{query}")
        asked = found.pop("range")
        assert found == counted(zone, 30, *days)
        assert [asked["from"], asked["to"]][: 1 if days[1] is None else 2][-1] == str(days[1] or days[0])


def test_ranges_with_a_name(listener: Browser) -> None:
    today = datetime.now(ZoneInfo("Asia/Tokyo")).date()
    year = today.year
    expected: dict[str, tuple[date | None, date | None]] = {
        "4w": (today - timedelta(days=27), today),
        "year": (date(year, 1, 1), today),
        "last_year": (date(year - 1, 1, 1), date(year - 1, 12, 31)),
        "all": (None, None),
    }
    for name, days in expected.items():
        found = report(listener, f"?tz=Asia/Tokyo&range={name}")
        asked = found.pop("range")
        assert found == counted("Asia/Tokyo", 30, *days), name
        if days[0]:
            assert (asked["from"], asked["to"]) == (str(days[0]), str(days[1]))
    assert report(listener, "?tz=Asia/Tokyo") == report(listener, "?tz=Asia/Tokyo&range=all")


def test_the_address_means_the_same_whatever_the_browser_says(listener: Browser) -> None:
    plain = report(listener, "?tz=Asia/Kathmandu&threshold=30")
    listener.client.set_cookie("tz", "America/New_York", domain="127.0.0.1")

    assert report(listener, "?tz=Asia/Kathmandu&threshold=30") == plain
    assert report(listener)["range"]["timezone"] == "America/New_York"
    listener.client.delete_cookie("tz", domain="127.0.0.1")


def test_an_address_that_makes_no_sense_is_refused(listener: Browser) -> None:
    for query in [
        "range=5w",
        "from=2020-13-01",
        "from=yesterday",
        "to=20200101",
        "from=2021-01-02&to=2021-01-01",
        "tz=Mars/Olympus",
        "tz=../../etc/passwd",
        "tz=America",
        "threshold=241",
        "threshold=-1",
        "threshold=thirty",
        "threshold=",
        "threshold=%C2%B2",
    ]:
        answer = listener.get(f"/history.json?{query}")

        assert answer.status_code == 400
        assert answer.mimetype == "application/json"


def test_a_range_without_plays_is_all_zeros(listener: Browser) -> None:
    found = report(listener, "?from=1999-01-01&to=1999-12-31")

    assert found["range"] == {"from": "1999-01-01", "to": "1999-12-31", "timezone": "UTC"}
    assert set(found["totals"].values()) == {0}
    assert found["daily"] == found["top_tracks"] == found["discovery"] == []
    assert found["streaks"]["current"] == {"days": 0, "from": None, "to": None}


def test_the_receipt_has_the_promised_fields_and_adds_up(listener: Browser) -> None:
    wire = listener.get("/history/import.json").get_json()

    assert set(wire) == {"state", "rows", "files"}
    rows = {"read": 1_565, "kept": 1_501, "duplicate": 60, "unreadable": 3, "ignored": 1, "replaced": 0}
    assert wire["rows"] == rows
    assert [file["name"] for file in wire["files"]] == list(whole_export())
    for file in wire["files"]:
        assert set(file) == {"name", "state", "rows", "note"}
        assert set(file["rows"]) == ROWS | {"replaced"}
        assert file["rows"]["read"] == sum(file["rows"][name] for name in ROWS - {"read"})
    assert {name: sum(file["rows"][name] for file in wire["files"]) for name in rows} == rows


def test_nothing_private_is_kept(listener: Browser) -> None:
    store = listener.client.application.extensions["site"].store
    kept = Path(store.engine.url.database).read_bytes()
    kept += Path(f"{store.engine.url.database}-wal").read_bytes()

    assert b"Song 1" in kept
    for secret in (b"secret-name", b"203.0.113.7", b"secret agent"):
        assert secret not in kept


def test_nobody_else_sees_it(listener: Browser) -> None:
    stranger = Browser(listener.client.application)

    for path in ("/history.json", "/history/import.json"):
        answer = stranger.get(path)
        assert answer.status_code == 404
        assert answer.mimetype == "application/json"


def test_two_listeners_have_a_history_each(app: Flask) -> None:
    mira, theo = Browser(app), Browser(app)
    mira.log_in()
    theo.log_in("theo_sideb")
    upload(mira, ("Streaming_History_Audio_0.json", json.dumps([listening(0)]).encode()))
    upload(theo, ("Streaming_History_Audio_0.json", json.dumps([listening(2), listening(7)]).encode()))

    assert report(mira)["totals"]["plays"] == 1
    assert report(theo)["totals"]["plays"] == 2


def test_a_private_history_joins_the_account_that_its_owner_logs_in_with(app: Flask) -> None:
    browser, elsewhere = Browser(app), Browser(app)
    elsewhere.log_in()
    upload(elsewhere, ("endsong_0.json", json.dumps([listening(0), listening(2)]).encode()))
    upload(browser, ("endsong_0.json", json.dumps([listening(2), listening(7)]).encode()))
    assert report(browser)["totals"]["plays"] == 2

    browser.login()

    until(lambda: report(browser)["totals"]["plays"] == 3)
    assert report(elsewhere) == report(browser)


def look_around(app: Flask) -> Browser:
    """A browser that looks around in the demo, as the listener whom everybody there is."""
    visitor = Browser(app)
    address = visitor.client.get("/login?demo=1", base_url=HOME).headers["Location"]
    form = form_fields(visitor.client.get(address, base_url=HOME).text) | {"answer": "agree"}
    back = visitor.client.post(address, data=form, base_url=HOME).headers["Location"]
    assert visitor.get(back.removeprefix(HOME)).headers["Location"] == "/your-music"
    return visitor


def test_whoever_looks_around_in_the_demo_keeps_their_history_to_themselves(app: Flask) -> None:
    mine, other = look_around(app), look_around(app)

    upload(mine, ("endsong_0.json", json.dumps([listening(0)]).encode()))

    assert report(mine)["totals"]["plays"] == 1
    names = [file["name"] for file in other.get("/history/import.json").get_json()["files"]]
    assert "endsong_0.json" not in names


def test_the_demos_listener_has_a_history_too(app: Flask) -> None:
    visitor = look_around(app)
    assert visitor.get("/history").status_code == 200
    until(lambda: visitor.get("/history/import.json").get_json()["state"] == "done")

    told, rows = (
        visitor.get("/history.json").get_json(),
        visitor.get("/history/import.json").get_json()["rows"],
    )

    assert told["totals"]["plays"] > 9_000
    assert told["top_artists"][0]["plays"] > 300
    assert rows["read"] == rows["kept"] + rows["duplicate"]
    assert visitor.get("/history/podcasts").status_code == 200
    assert look_around(app).get("/history.json").get_json() == told  # everybody's, and brought once


def test_a_look_around_in_the_demo_loses_no_private_history(app: Flask) -> None:
    browser = Browser(app)
    upload(browser, ("endsong_0.json", json.dumps([listening(0)]).encode()))
    address = browser.client.get("/login?demo=1", base_url=HOME).headers["Location"]
    form = form_fields(browser.client.get(address, base_url=HOME).text) | {"answer": "agree"}
    back = browser.client.post(address, data=form, base_url=HOME).headers["Location"]
    browser.get(back.removeprefix(HOME))

    browser.login()

    assert report(browser)["totals"]["plays"] == 1
