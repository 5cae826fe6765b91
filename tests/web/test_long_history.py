"""Long histories: read in blocks, a few at once, one download at a time, and whole whatever is imported."""

import random
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from flask import Flask

from app.history import blobs as parts
from app.history import stored as histories
from app.history.build import rebuild
from app.store.engine import Store
from app.store.history import MANIFEST, read_blobs, write_blob
from app.web.time import turns
from tests.conftest import Browser
from tests.history_more import Row, bring_in, chapter, episode, keep_private, play, site_of, zipped

RANGES = (
    "",
    "?from=2016-02-03&to=2021-10-11",
    "?from=2019-06-01&tz=Asia/Kolkata",
    "?threshold=0&tz=America/New_York",
)
JSON_PAGES = (
    "history",
    "history/discovery",
    "history/behaviour",
    "history/mood",
    "history/podcasts",
    "history/audiobooks",
)
OWN = "/history.json?from=2015-01-01&to=2022-01-01"


def many_plays(count: int = 260) -> list[Row]:
    """Plays in bursts over years, some across New Year and some of the same second."""
    rng = random.Random(9)
    rows = [
        play(
            f"{year}-{month:02}-{day:02} {hour:02}:{rng.randrange(60):02}",
            f"Song {rng.randrange(6)}",
            rng.choice(["Mira Rose", "Theo", None]),
            seconds=rng.choice([5, 31, 200.5, 4000]),
            album=rng.choice(["Shore", "Tide", None]),
            platform=rng.choice(["ios", "windows 10", None]),
            skipped=rng.choice([True, False, None]),
        )
        for year, month, day, hour in (
            (
                rng.randrange(2014, 2023),
                *rng.choice([(1, 1), (12, 31), (6, 2), (6, 3)]),
                rng.randrange(24),
            )
            for _ in range(count)
        )
    ]
    spoken = [episode(f"20{n}-03-04 10:00", f"Part {n % 3}") for n in range(15, 22)]
    return [*rows, *spoken, chapter("2020-03-05 10:00")]


def told(browser: Browser) -> dict[str, Any]:
    """All that the pages tell of a history."""
    paths = [f"/{page}.json{query}" for page in JSON_PAGES for query in RANGES]
    paths += ["/history/years.json", "/history/2019.json", "/history/artist.json?name=Mira+Rose"]
    paths += [
        "/history/track.json?name=Song+1&artist=Theo&from=2016-02-03",
        "/history/album.json?name=Shore&artist=Theo",
    ]
    return {path: browser.get(path).get_json() for path in paths} | {"csv": browser.get("/history.csv").text}


@pytest.mark.parametrize("block_rows", [pytest.param(1, marks=pytest.mark.slow), 7, 40])
def test_blocks_change_nothing_that_is_told(
    app: Flask, monkeypatch: pytest.MonkeyPatch, block_rows: int
) -> None:
    rows = many_plays()
    in_one, _ = keep_private(app, rows)
    expected = told(in_one)
    monkeypatch.setattr(parts, "BLOCK_ROWS", block_rows)
    in_blocks, _ = keep_private(app, rows)
    assert told(in_blocks) == expected
    assert expected["/history.json"]["totals"]["plays"] > 100


def test_a_history_made_by_an_older_program_is_read_as_before(app: Flask) -> None:
    expected = told(keep_private(app, many_plays())[0])
    mine, account_id = keep_private(app, many_plays())
    store = site_of(app).store
    manifest = msgspec.msgpack.decode(read_blobs(store, account_id, MANIFEST)[MANIFEST])
    older = {name: manifest[name] for name in ("edition", "years")}
    write_blob(store, account_id, MANIFEST, msgspec.msgpack.encode(older))
    assert told(mine) == expected


@pytest.fixture
def everything_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(histories, "LONG", 0)
    monkeypatch.setattr(turns, "PATIENCE", 0.0)


@pytest.mark.usefixtures("everything_is_long")
@pytest.mark.parametrize(
    "path", [OWN, "/history/discovery.json", "/history/2019.json", "/history.json?threshold=77"]
)
def test_a_third_long_report_of_one_account_has_to_wait(app: Flask, path: str) -> None:
    mine, account_id = keep_private(app, many_plays())
    theirs, _ = keep_private(app, many_plays())
    held = [site_of(app).slots.take("reading", account_id, turns.AT_ONCE) for _ in range(turns.AT_ONCE)]

    refused = mine.get(path)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
    assert refused.get_json()["error"]["message"] == "Your other pages are still being added up"
    # What was added up before, and other people, need not wait.
    assert mine.get("/history.json").status_code == 200
    assert theirs.get(path).status_code == 200

    for slot in held:
        assert slot is not None
        slot.release()
    # A turn ends with its request.
    assert [mine.get(path).status_code for _ in range(2 * turns.AT_ONCE)] == [200] * 4


@pytest.mark.usefixtures("everything_is_long")
def test_a_page_with_very_many_names_has_to_wait_too(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, account_id = keep_private(app, many_plays())
    held = [site_of(app).slots.take("reading", account_id, 2) for _ in range(2)]
    assert mine.get("/history.json").status_code == 200
    monkeypatch.setattr(histories, "MANY_NAMES", 0)
    assert mine.get("/history.json").status_code == 429
    assert all(held)


@pytest.mark.usefixtures("everything_is_long")
def test_a_page_that_has_to_wait_says_so(app: Flask) -> None:
    mine, account_id = keep_private(app, many_plays())
    held = [site_of(app).slots.take("reading", account_id, 2) for _ in range(2)]
    page = mine.get("/history?from=2015-01-01")
    assert page.status_code == 429
    assert "load this page again" in page.text
    assert all(held)


@pytest.mark.usefixtures("everything_is_long")
def test_only_a_few_requests_wait(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, account_id = keep_private(app, many_plays())
    monkeypatch.setattr(turns, "PATIENCE", 3600.0)
    places = turns.AT_ONCE + turns.WAITING
    held = [site_of(app).slots.take("waiting", account_id, places) for _ in range(places)]
    assert mine.get(OWN).status_code == 429
    assert all(held)


@pytest.mark.parametrize("path", ["/history.csv", "/history/export.zip"])
def test_an_account_has_one_download_at_a_time(app: Flask, path: str) -> None:
    mine, _ = keep_private(app, many_plays())
    theirs, _ = keep_private(app, many_plays())
    with mine.get("/history.csv", buffered=False) as under_way:
        assert under_way.status_code == 200
        refused = mine.get(path)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
        with theirs.get(path) as other:
            assert other.status_code == 200
    # Broken off, it is over too.
    for _ in range(2):
        with mine.get(path) as again:
            assert again.status_code == 200


def test_one_that_was_read_to_its_end_is_over(app: Flask) -> None:
    mine, _ = keep_private(app, many_plays())
    lengths = [len(mine.get("/history.csv").text.splitlines()) for _ in range(3)]
    assert lengths == [lengths[0]] * 3


def test_a_table_is_that_of_the_moment_when_it_was_asked_for(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.time.export.report.AT_A_TIME", 10)
    mine, account_id = keep_private(app, many_plays())
    site = site_of(app)
    before = mine.get("/history.csv").text
    with mine.get("/history.csv", buffered=False) as response:
        sent = response.iter_encoded()
        begun = [next(sent), next(sent)]
        bring_in(site.store, site.uploads.folder, account_id, zipped([play("2012-01-01 10:00")]))
        assert b"".join([*begun, *sent]).decode() == before
    assert len(mine.get("/history.csv").text.splitlines()) == len(before.splitlines()) + 1


@pytest.mark.parametrize("when", range(8))
def test_a_report_is_whole_whenever_the_history_is_made_anew(
    app: Flask, monkeypatch: pytest.MonkeyPatch, when: int
) -> None:
    monkeypatch.setattr(parts, "BLOCK_ROWS", 40)
    mine, account_id = keep_private(app, many_plays())
    expected = mine.get(OWN).get_json()
    real, asked = read_blobs, iter(range(1000))

    def blobs_of(store: Store, number: int, *names: str) -> dict[str, bytes]:
        if next(asked) == when:
            rebuild(store, account_id)
        return real(store, number, *names)

    monkeypatch.setattr(histories, "read_blobs", blobs_of)
    answer = mine.get(OWN)
    assert answer.status_code == 200
    assert answer.get_json() == expected


def test_a_history_that_goes_in_the_middle_of_a_look_is_404(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, _ = keep_private(app, many_plays())
    store = site_of(app).store

    def gone(_of: histories.StoredHistory, _names: Sequence[str]) -> list[bytes]:
        with store.writing() as connection:
            connection.exec_driver_sql("DELETE FROM history_part")
            connection.exec_driver_sql("DELETE FROM history_import")
        raise parts.VersionGone

    monkeypatch.setattr(histories.StoredHistory, "blobs", gone)
    assert mine.get(OWN).status_code == 404
