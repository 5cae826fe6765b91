"""Every play as CSV; everything as a zip that imports again to the same history."""

import csv
import io
import json
import random
import zipfile
from typing import Any

import pytest
from flask import Flask

from app.history.build import rebuild
from app.history.stored import stored_history
from app.store.accounts import add_local_account
from app.store.imports import imports_of
from app.store.receipts import files_of
from app.store.sync import add_live_plays
from app.web.time.export.report import write_everything
from tests.conftest import Browser
from tests.history.formats.rows_told import GOLDEN
from tests.history_more import (
    Row,
    account_row,
    bring_in,
    chapter,
    episode,
    keep_private,
    live_play,
    play,
    site_of,
)

AWKWARD = ("=cmd|x", "Grüße aus 東京", "نور", 'a,b"c\n', "‮evil", "\ud800 alone", "")


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def export_of(browser: Browser) -> bytes:
    """The zip, read to its end and closed, as a browser does."""
    with browser.get("/history/export.zip") as response:
        assert (response.status_code, response.mimetype) == (200, "application/zip")
        body: bytes = response.data
    return body


def awkward() -> list[Row]:
    """Rows with every kind of gap and name."""
    rng = random.Random(5)
    rows: list[Row] = []
    for n in range(200):
        year, month, day = (
            rng.randrange(2020, 2024),
            rng.randrange(1, 10),
            rng.randrange(10, 20),
        )
        row = play(
            f"{year}-0{month}-{day} 1{rng.randrange(10)}:00",
            rng.choice(AWKWARD),
            rng.choice([*AWKWARD, None]),
            seconds=rng.choice([0, 3.2, 29.9, 30, 200.5]),
            album=rng.choice([*AWKWARD, None]),
            uri=f"spotify:track:{n:022}",
            shuffle=rng.choice([None, True, False]),
            skipped=rng.choice([None, True, False]),
            offline=rng.choice([None, True, False]),
            incognito_mode=rng.choice([None, True, False]),
            reason_end=rng.choice([None, "fwdbtn", "trackdone", ""]),
            platform=rng.choice([None, "Linux", "some ‮ thing"]),
            conn_country=rng.choice([None, "se", "DE"]),
        )
        rows.append({name: value for name, value in row.items() if value is not None or rng.random() < 0.5})
    nameless = play("2020-01-01 10:00", uri="spotify:track:x") | {"master_metadata_track_name": None}
    book = chapter("2021-02-03 04:05") | {"audiobook_title": None, "audiobook_chapter_title": None}
    return [*rows, nameless, episode("2020-03-04 10:00"), chapter("2020-03-05 10:00"), book]


ACCOUNT: list[Row] = [
    account_row("2020-01-01 10:03", "Tide"),
    account_row("2020-01-02 10:00:30", "Ebb"),
    account_row("2020-01-02 11:00", "Ebb", ms=10),
    {"endTime": "2020-02-02 11:00", "podcastName": "Talks", "episodeName": "One", "msPlayed": 500_000},
    {"endTime": "2020-02-02 12:00", "audiobookName": "The Sea", "chapterName": "One", "msPlayed": 500_000},
    account_row("2020-02-03 10:00", "Unknown Track", "Unknown Artist"),
    account_row("2020-02-03 11:00", "Known Track", "Unknown Artist"),
    account_row("2020-02-03 12:00", "", ""),
    {"endTime": "2020-02-03 13:00", "podcastName": "", "episodeName": "", "msPlayed": 500_000},
]
OFFLINE = [
    play("2021-05-02 10:00", "Flight", offline=True, offline_timestamp=1_619_827_200_500),
    play("2021-05-02 10:00", "Flight", offline=True, offline_timestamp=1_619_830_800),
    play("2021-05-02 10:00", "Roof", offline=False, offline_timestamp=1_619_827_200),
    play("2021-05-02 10:00", " ", " ", album=None),
    episode("2021-05-03 10:00", "", ""),
]


def reports(browser: Browser) -> dict[str, Any]:
    """All that is told of a history."""
    paths = (
        "/history.json",
        "/history.json?threshold=0&tz=Asia/Kolkata",
        "/history/podcasts.json",
        "/history/audiobooks.json",
    )
    found = {path: browser.get(path).get_json() for path in paths}
    return found | {"csv": sorted(browser.get("/history.csv").text.splitlines())}


def test_every_play_is_a_row(app: Flask) -> None:
    files = [
        play("2023-12-31 23:59", "Tide", skipped=True),
        play("2024-05-01 10:00", "=Ebb", None, seconds=2.5, album=None, platform=None, shuffle=True),
        episode("2024-05-02 10:00"),
        chapter("2024-05-03 10:00"),
    ]
    mine = keep_private(app, files, [account_row("2024-06-01 10:00", "Foam")])[0]
    response = mine.get("/history.csv")
    assert response.mimetype == "text/csv"
    assert response.headers["Content-Disposition"] == 'attachment; filename="history.csv"'
    rows = rows_of(response.text)
    assert rows[0] == {
        "kind": "music",
        "started_at": "2023-12-31T23:59:00Z",
        "artist": "Mira Rose",
        "track": "Tide",
        "album": "Shore",
        "ms_played": "180000",
        "skipped": "yes",
        "shuffle": "no",
        "offline": "no",
        "platform": "ios",
        "country": "SE",
        "estimated": "no",
        "source": "spotify",
    }
    assert (rows[1]["track"], rows[1]["artist"], rows[1]["album"], rows[1]["platform"]) == (
        "'=Ebb",
        "",
        "",
        "",
    )
    assert (rows[2]["track"], rows[2]["shuffle"], rows[2]["skipped"]) == ("Foam", "", "no")
    assert [(row["kind"], row["artist"], row["track"]) for row in rows[3:]] == [
        ("podcast", "Talks", "One"),
        ("audiobook", "The Sea", "Chapter 1"),
    ]


def test_the_zip_imports_again_to_the_same_history(app: Flask) -> None:
    mine, _ = keep_private(app, awkward(), awkward()[:50], OFFLINE, ACCOUNT)
    site = site_of(app)
    theirs, account_id = keep_private(app)
    bring_in(site.store, site.uploads.folder, account_id, export_of(mine))
    assert reports(theirs) == reports(mine)
    assert len(reports(mine)["csv"]) > 170
    flights = [one for one in reports(theirs)["csv"] if "Flight" in one]
    assert [flight.split(",")[1] for flight in flights] == [
        '"2021-05-01T00:00:00Z"',
        '"2021-05-01T01:00:00Z"',
    ]
    receipts = files_of(site.store, imports_of(site.store, account_id)[0].id)
    assert [receipt.name.rpartition("/")[2] for receipt in receipts] == [
        "Streaming_History_Audio_0000.json",
        "Streaming_History_Audio_0001.json",
        "Streaming_History_Audio_0002.json",
        "StreamingHistory_music_0000.json",
    ]
    assert sum(receipt.rows["unreadable"] + receipt.rows["ignored"] for receipt in receipts) == 0


def test_an_export_of_an_export_is_the_same_again(app: Flask) -> None:
    site = site_of(app)
    mine, _ = keep_private(app, awkward(), OFFLINE, ACCOUNT)
    first = export_of(mine)
    theirs, account_id = keep_private(app)
    bring_in(site.store, site.uploads.folder, account_id, first)

    def contents(body: bytes) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    assert contents(export_of(theirs)) == contents(first)


LIVE = [
    live_play("2024-06-01 10:03", "Foam", uri="spotify:track:foam"),
    live_play("2024-06-01 10:05", "Foam", uri="spotify:track:foam"),  # a minute shorter than the track
    live_play("2024-06-02 09:00", " A file\u200b", uri=None, album=None, duration_ms=None),
    live_play("2024-06-02 09:00:00.250", "Ebb", uri="spotify:track:ebb"),
    live_play("2024-06-03 09:00", None, artist=None, uri="spotify:track:unnamed"),
]


def listen(app: Flask, account_id: int) -> None:
    """Live plays arrive."""
    store = site_of(app).store
    with store.writing() as connection:
        assert len(add_live_plays(connection, account_id, LIVE, None, full_page=False)) == len(LIVE)
    rebuild(store, account_id)


@pytest.mark.parametrize("exports", [[], [play("2024-06-01 10:03", "Foam"), play("2024-05-01 10:00")]])
def test_live_plays_are_in_it(app: Flask, exports: list[Row]) -> None:
    mine, my_account = keep_private(app, *([exports] if exports else []))
    listen(app, my_account)
    told = reports(mine)
    totals = told["/history.json"]["totals"]
    assert (totals["plays"], totals["ms_estimated"]) == ((6, 360_250) if exports else (5, 480_250))
    assert [one["estimated"] for one in rows_of(mine.get("/history.csv").text)].count("yes") == 5 - bool(
        exports
    )

    site, zipped = site_of(app), export_of(mine)
    theirs, their_account = keep_private(app)
    # Again, and where they still are.
    for who, account_id in ((theirs, their_account), (theirs, their_account), (mine, my_account)):
        bring_in(site.store, site.uploads.folder, account_id, zipped)
        receipt = files_of(site.store, imports_of(site.store, account_id)[0].id)[-1]
        assert receipt.name == "Liner Notes/Live_Plays_0000.json"
        assert reports(who) == told
    assert (receipt.rows["read"], receipt.rows["kept"], receipt.rows["duplicate"]) == (5, 0, 5)


def of_every_service(app: Flask) -> tuple[Browser, int]:
    """A history with plays of Spotify, exported and live, and of other services; some tell the same play."""
    site = site_of(app)
    mine, account_id = keep_private(app, OFFLINE, ACCOUNT, [play("2025-06-13 00:54", "Rain", "Mira")])
    others = ("koito.json", "lastfm_ghan.csv", "pano.jsonl", "scrobbler.log", "table.csv", "tidal.csv")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in others:
            archive.writestr(name, (GOLDEN / name).read_bytes())
    bring_in(site.store, site.uploads.folder, account_id, out.getvalue())
    listen(app, account_id)
    return mine, account_id


def test_plays_of_every_service_are_in_both_and_come_back(app: Flask) -> None:
    site, (mine, my_account) = site_of(app), of_every_service(app)
    told = reports(mine)
    table = mine.get("/history.csv").data
    services = {row["source"] for row in rows_of(table.decode())}
    assert services == {"spotify", "koito", "lastfm", "pano", "scrobbler-log", "csv", "tidal"}

    exported = export_of(mine)
    for export in (exported, table):
        theirs, their_account = keep_private(app)
        bring_in(site.store, site.uploads.folder, their_account, export)
        assert reports(theirs) == told
    bring_in(site.store, site.uploads.folder, my_account, exported)
    assert reports(mine) == told


def test_live_plays_of_a_zip_close_no_gap(app: Flask) -> None:
    site, (mine, account_id) = site_of(app), keep_private(app)
    before = LIVE[0].played_at - 86_400_000
    with site.store.writing() as connection:
        add_live_plays(connection, account_id, LIVE, before, full_page=True)
    rebuild(site.store, account_id)
    bring_in(site.store, site.uploads.folder, account_id, export_of(mine))
    stored = stored_history(site.store, account_id)
    assert stored is not None
    assert stored.gaps() == [(before, LIVE[0].played_at)]


def test_private_fields_are_not_in_it(app: Flask) -> None:
    mine, _ = keep_private(app, [play("2024-05-01 10:00")])
    with zipfile.ZipFile(io.BytesIO(export_of(mine))) as archive:
        text = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert "203.0.113.7" not in text
    assert "ip_addr" not in text


def test_a_long_file_is_cut_into_several(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.web.time.export.report.AT_A_TIME", 5)
    mine, account_id = keep_private(app, [play(f"2024-05-01 {n:02}:00", f"Song {n}") for n in range(23)])
    out = io.BytesIO()
    assert write_everything(site_of(app).store, account_id, out) == 23
    with zipfile.ZipFile(out) as archive:
        lengths = [len(json.loads(archive.read(name))) for name in archive.namelist() if "Audio" in name]
    assert lengths == [10, 10, 3]
    assert len(rows_of(mine.get("/history.csv").text)) == 23


@pytest.mark.parametrize("path", ["/history.csv", "/history/export.zip"])
def test_there_is_nothing_to_export(app: Flask, path: str) -> None:
    assert Browser(app).get(path).status_code == 404
    assert keep_private(app)[0].get(path).status_code == 404


@pytest.mark.parametrize("path", ["/history.csv", "/history/export.zip"])
def test_nobody_gets_anothers(app: Flask, path: str) -> None:
    keep_private(app, [play("2024-05-01 10:00")])
    add_local_account(site_of(app).store)
    assert Browser(app).get(path).status_code == 404
