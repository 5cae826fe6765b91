"""`/history`, its lists, its pages of one artist, album or track; and what stands there without a history."""

import csv
import re
from html import unescape
from io import BytesIO, StringIO
from typing import Any

import pytest
from flask import Flask

from tests.conftest import HOME, Browser
from tests.exports import Entry, export_of, played
from tests.jobs import do_imports, no_imports

ROWS = [
    *(played(f"2021-02-{day:02} 10:00", "Red", "Ada", album="Warm") for day in (1, 2, 3)),
    played("2021-02-05 10:00", "Blue", "Ada", album="Cold"),
    # Thursdays at 22.
    *(played(f"2021-03-{day:02} 22:10", "Blue", "Ada", album="Cold") for day in (4, 11, 18, 25)),
    *(played(f"2021-03-{day:02} 21:00", "Green", "Bo & <Co>", album="Leaf") for day in (5, 6)),
    played("2021-03-07 09:00", "ضوء القمر", "نجمة", album="ليل"),
    played("2021-03-08 09:00", None, None),
    played("2021-03-09 09:00", "Short", "Ada", ms=10_000),
]
MARCH = "from=2021-03-01&to=2021-03-31"


@pytest.fixture
def listener(browser: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """Somebody without a login whose export has been read."""
    take_in(browser, ROWS, monkeypatch)
    do_imports(app)
    return browser


def take_in(browser: Browser, rows: list[Entry], monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads an export. Nobody reads it by themselves."""
    no_imports(monkeypatch)
    browser.get("/history/import")
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.page)
    assert token
    form: dict[str, Any] = {"csrf_token": token[1], "files": (BytesIO(export_of(rows)), "endsong_0.json")}
    assert browser.client.post("/history/import", data=form, base_url=HOME).status_code == 303


def text(html: str) -> str:
    """What a page says, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def totals(html: str) -> dict[str, str]:
    """The totals of the page, each with all its words."""
    found = re.findall(r'<div class="total">\s*<dt>(.*?)</dt>\s*<dd>(.*?)</dd>', html, re.DOTALL)
    return {text(name): text(words) for name, words in found}


def rows_of(html: str) -> list[str]:
    """The rows of a list."""
    return [
        text(row) for row in re.findall(r"<tr[^>]*>\s*<td class=\"played-rank\">(.*?)</tr>", html, re.DOTALL)
    ]


def test_a_stranger_learns_what_an_export_is(browser: Browser) -> None:
    for path in (
        "/history",
        "/top/artists?source=plays",
        "/top/tracks?source=plays",
        "/top/albums?source=plays",
        "/artist?name=A",
    ):
        response = browser.get(path)
        assert response.status_code == 200
        assert "https://www.spotify.com/account/privacy/" in browser.page
        assert "up to 30 days" in browser.page
        assert 'href="/history/import"' in browser.page


def test_the_json_of_nothing_is_not_there(browser: Browser) -> None:
    paths = ("/history.json", "/history/tracks.json", "/history/tracks.csv", "/history/track.json?name=Red")
    assert [browser.get(path).status_code for path in paths] == [404] * len(paths)


def test_somebody_logged_in_without_a_history_learns_it_too(browser: Browser) -> None:
    browser.log_in()

    assert browser.get("/history").status_code == 200
    assert "How to get there" in browser.page


def test_an_import_under_way_is_told(browser: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    take_in(browser, ROWS, monkeypatch)

    browser.get("/top/tracks?source=plays")
    assert "Your export is being read" in browser.page
    browser.get("/history/discovery")
    assert "Your export is being read" in browser.page
    assert 'data-look-again="/history/discovery' in browser.page
    assert 'href="/history/import"' in browser.page

    do_imports(app)
    browser.get("/history")
    assert "An import is under way" not in browser.page
    take_in(browser, ROWS, monkeypatch)
    browser.get("/history")
    assert "An import is under way" in browser.page
    assert totals(browser.page)["Plays"].startswith("12 ")


def test_a_history_without_music_says_so(
    browser: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    episode = played("2021-03-01 10:00", None, None, episode_name="One", episode_show_name="Talk")
    take_in(browser, [{**episode, "spotify_track_uri": None}], monkeypatch)
    do_imports(app)

    browser.get("/history")

    assert "There is no music in your history yet" in browser.page
    assert 'href="/history/podcasts"' in browser.page


def test_the_totals_of_all_time(listener: Browser) -> None:
    listener.get("/history")

    assert totals(listener.page) == {
        "Plays": "12 1.0 on a day with music",
        "Listening time": "40 min 40 minutes",
        "Tracks": "4 3.0 plays each",
        "Artists": "3 4.0 plays each",
        "Albums": "4 3.0 plays each",
        "Days with music": "12 of 53",
        "Busiest day": "3 min 25 Mar 2021, 1 play",
    }


def test_the_totals_of_a_range_with_their_change(listener: Browser) -> None:
    listener.get(f"/history?{MARCH}")

    assert totals(listener.page) == {
        "Plays": "8 1.0 on a day with music ▲ 100% more than before",
        "Listening time": "27 min 26 minutes ▲ 100% more than before",
        "Tracks": "3 2.7 plays each ▲ 50% more than before",
        "Artists": "3 2.7 plays each ▲ 200% more than before",
        "Albums": "3 2.7 plays each ▲ 50% more than before",
        "Days with music": "8 of 31 ▲ 100% more than before",
        "Busiest day": "3 min 25 Mar 2021, 1 play = as in the period before",
    }
    assert "“Before” is 29 January 2021 to 28 February 2021." in listener.page


def test_each_chart_has_its_sentence_and_its_table(listener: Browser) -> None:
    listener.get(f"/history?{MARCH}")

    said = text(listener.page)
    assert "You listen most on Thursdays around 22:00, with 4 plays in that hour." in said
    assert "Music on 8 of these 31 days; most on Thursday, 25 Mar 2021, with 1 play." in said
    assert "Your longest streak is 5 days in a row with music." in said
    assert "Longest session 3 min began 4 Mar 2021 at 22:10" in said
    assert listener.page.count("The same as a table") == 3
    assert "22:00 0 0 0 4 0 0 0" in said


def test_the_listeners_time_zone_moves_the_clock(listener: Browser) -> None:
    listener.get(f"/history?{MARCH}&tz=Asia/Kathmandu")

    assert "You listen most on Fridays around 3:00" in listener.page
    assert "Asia/Kathmandu" in listener.page


def test_the_threshold_of_the_address_counts(listener: Browser) -> None:
    listener.get("/history?threshold=0")
    assert totals(listener.page)["Plays"].startswith("13 ")

    listener.get("/history?threshold=240")
    assert "No plays in this range" in listener.page
    assert "4 minutes" in listener.page or "240 seconds" in listener.page


def test_a_range_without_plays_says_what_to_do(listener: Browser) -> None:
    for path in ("/history", "/top/tracks?source=plays", "/artist?name=Ada&tz=UTC"):
        joint = "&" if "?" in path else "?"
        response = listener.get(f"{path}{joint}from=2019-01-01&to=2019-02-01")
        assert response.status_code == 200
        assert "No plays in this range" in listener.page
        assert "Look at all time" in listener.page


def test_links_keep_the_range_the_zone_and_the_threshold(listener: Browser) -> None:
    asked = f"{MARCH}&tz=Asia%2FKathmandu&threshold=20"
    listener.get(f"/history?{asked}")
    links = [unescape(href) for href in re.findall(r'href="(/[^"]*)"', listener.page)]

    inside = [link for link in links if link.startswith(("/artist?", "/track?", "/album?"))]
    assert len(inside) > 8
    for link in inside:
        assert {"from=2021-03-01", "to=2021-03-31", "threshold=20"} <= set(re.split("[?&]", link)), link
        assert "tz=Asia" in link


def test_a_question_without_sense_is_refused(listener: Browser) -> None:
    for query in [
        "range=century",
        "from=2021-02-30",
        "tz=Mars",
        "threshold=999",
    ]:
        for path in ("/history", "/top/artists?source=plays", "/history/albums.csv"):
            assert listener.get(f"{path}{'&' if '?' in path else '?'}{query}").status_code == 400


def test_days_in_the_wrong_order_are_swapped_on_pages(listener: Browser) -> None:
    listener.get("/history?from=2021-03-31&to=2021-03-01")
    assert '<input type="date" name="from" value="2021-03-01">' in listener.page
    assert '<input type="date" name="to" value="2021-03-31">' in listener.page
    assert listener.get("/history.json?from=2021-03-31&to=2021-03-01").status_code == 400


def test_what_is_no_day_is_explained_beside_the_field(listener: Browser) -> None:
    assert listener.get("/history?from=2021-02-30&to=2021-03-01").status_code == 400
    assert "“2021-02-30” is no day" in listener.page
    assert 'name="from" value="2021-02-30" aria-invalid="true" aria-describedby="days-wrong"' in listener.page
    assert 'name="to" value="2021-03-01" aria-invalid="true"' in listener.page


def test_a_list_by_plays_with_movement(listener: Browser) -> None:
    listener.get(f"/top/tracks?source=plays&{MARCH}")

    assert rows_of(listener.page) == [
        "1 ▲1 , up 1 from the period before Blue Ada 4 13 min 50.0%",
        "2 new , new: not played in the period before Green Bo & <Co> 2 7 min 25.0%",
        "3 new , new: not played in the period before ضوء القمر نجمة 1 3 min 12.5%",
    ]
    assert "Arrows compare with the period before, 29 January 2021 to 28 February 2021." in listener.page
    assert "1 play whose title is unknown" in listener.page


def test_names_from_outside_stay_text_and_find_their_page(listener: Browser) -> None:
    listener.get("/top/artists?source=plays")

    assert "Bo &amp; &lt;Co&gt;" in listener.page
    [address] = re.findall(r'href="(/artist\?name=Bo[^"]*)"', listener.page)
    assert listener.get(unescape(address)).status_code == 200
    assert '<h1 dir="auto">Bo &amp; &lt;Co&gt;</h1>' in listener.page


def test_a_list_by_time_keeps_its_order_on_links(listener: Browser) -> None:
    listener.get(f"/top/artists?source=plays&{MARCH}&by=time")

    assert re.search(r'<a href="[^"]*by=time[^"]*" aria-current="true">By time', listener.page)
    assert '<input type="hidden" name="by" value="time">' in listener.page
    assert "13 min" in rows_of(listener.page)[0]


def test_a_search_finds_all_words_in_either_name(listener: Browser) -> None:
    listener.get("/top/tracks?source=plays&q=ADA+blu")
    assert [row.split()[:3] for row in rows_of(listener.page)] == [["1", "Blue", "Ada"]]

    listener.get(f"/top/tracks?source=plays&q=%3Cb%3E&{MARCH}")
    assert "No track of this range has “" in listener.page
    assert "&lt;b&gt;" in listener.page
    assert "search all time" in listener.page


def test_a_page_that_is_not_there(listener: Browser) -> None:
    assert listener.get("/top/tracks?source=plays&page=2").status_code == 404
    assert listener.get("/top/tracks?source=plays&page=0").status_code == 400
    assert listener.get("/top/tracks?source=plays&by=name").status_code == 400
    assert listener.get("/history/songs").status_code == 404


def test_long_lists_have_pages(browser: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    take_in(
        browser,
        [played(f"2021-03-01 {at // 20:02}:{at % 20 * 3:02}", f"S{at:03}", "Ada") for at in range(120)],
        monkeypatch,
    )
    do_imports(app)

    browser.get("/top/tracks?source=plays&page=3")

    assert len(rows_of(browser.page)) == 20
    assert "101 to 120 of 120 tracks" in browser.page
    assert 'rel="prev" href="/top/tracks?page=2&amp;source=plays"' in browser.page
    assert browser.get("/history/tracks.json?page=3").get_json()["items"][0] == {
        "rank": 101,
        "name": "S100",
        "artist": "Ada",
        "plays": 1,
        "ms_played": 200_000,
        "share": 0.008333,
        "movement": None,
    }
    table = list(csv.reader(StringIO(browser.get("/history/tracks.csv").text)))
    assert len(table) == 121
    assert table[0] == ["rank", "name", "artist", "plays", "ms_played", "share", "movement"]


def test_a_lists_json(listener: Browser) -> None:
    found = listener.get(f"/history/albums.json?{MARCH}&by=time").get_json()

    assert {name: found[name] for name in ("kind", "by", "page", "pages", "found", "threshold_ms")} == {
        "kind": "albums",
        "by": "time",
        "page": 1,
        "pages": 1,
        "found": 3,
        "threshold_ms": 30_000,
    }
    assert found["range"] == {"from": "2021-03-01", "to": "2021-03-31", "timezone": "UTC"}
    assert [(item["name"], item["plays"], item["movement"]) for item in found["items"]] == [
        ("Cold", 4, 1),
        ("Leaf", 2, "new"),
        ("ليل", 1, "new"),
    ]


def test_an_albums_json(listener: Browser) -> None:
    found = listener.get("/history/album.json?artist=ADA&name=warm").get_json()

    assert (found["name"], found["artist"], found["plays"], found["ms_played"], found["rank"]) == (
        "Warm",
        "Ada",
        3,
        600_000,
        2,
    )
    assert found["first"] == {"at": "2021-02-01T10:00:00Z", "track": "Red", "album": "Warm"}
    assert found["by_month"] == [{"month": "2021-02", "plays": 3, "ms_played": 600_000}]
    assert found["by_hour"] == [3 if hour == 10 else 0 for hour in range(24)]
    assert found["by_year"] == [{"year": 2021, "rank": 2, "of": 4, "plays": 3, "ms_played": 600_000}]
    assert found["tracks"] == [{"rank": 1, "name": "Red", "artist": "Ada", "plays": 3, "ms_played": 600_000}]
    assert listener.get("/history/album.json?artist=Ada&name=Leaf").status_code == 404
