"""Plays whose names are unknown: counted on every page, ranked on none, and the pages say how many."""

import re

import pytest
from flask import Flask

from tests.conftest import Browser
from tests.history_more import Row, account_row, chapter, episode, keep_private, play

GONE = [account_row(f"2024-05-0{day} 10:00", "Unknown Track", "Unknown Artist") for day in (1, 2, 3)]
KNOWN = [play("2024-05-04 10:00", "Ebb", uri="spotify:track:one")]
ADDRESS_ONLY = [play("2024-05-05 10:00", "", None, album=None, uri="spotify:track:two")]
NAMELESS_EPISODE = [episode("2024-05-06 10:00", "", ""), episode("2024-05-07 10:00", "Two", "Talks")]
NAMELESS_CHAPTER: list[Row] = [chapter("2024-05-06 11:00", "", "")]


def words(browser: Browser, path: str) -> str:
    """What a page says, without how it is counted."""
    text = browser.get(path, follow=True).text.partition('<section class="colophon"')[0]
    return " ".join(re.sub(r"<[^>]+>", " ", text[text.index("<main") :]).split())


def test_the_overview_says_how_many_and_counts_them(app: Flask) -> None:
    browser, _ = keep_private(app, KNOWN, ADDRESS_ONLY, GONE)

    said = words(browser, "/history")

    assert "4 plays with unknown names are in the totals, hours and days, but in no ranking" in said
    report = browser.get("/history.json").get_json()
    totals = {name: report["totals"][name] for name in ("plays", "tracks", "artists", "albums", "days")}
    assert totals == {"plays": 5, "tracks": 1, "artists": 1, "albums": 1, "days": 5}
    assert [artist["name"] for artist in report["top_artists"]] == ["Mira Rose"]


@pytest.mark.parametrize(("path", "noun"), [("artists", "artist"), ("tracks", "title"), ("albums", "album")])
def test_each_list_says_how_many_it_leaves_out(app: Flask, path: str, noun: str) -> None:
    browser, _ = keep_private(app, KNOWN, GONE)

    said = words(browser, f"/history/{path}")

    assert f"Left out here, but not of totals, hours and days: 3 plays whose {noun} is unknown." in said
    assert "Unknown Artist" not in said


def test_where_all_names_are_known_there_is_nothing_to_say(app: Flask) -> None:
    browser, _ = keep_private(app, KNOWN)

    for path in ("/history", "/history/artists", "/history/tracks", "/history/albums"):
        said = words(browser, path)
        assert "with unknown names" not in said
        assert "is unknown" not in said


@pytest.mark.parametrize(
    "path",
    ["", "/artists", "/tracks", "/albums", "/discovery", "/behaviour", "/mood", "/years", "/2024"],
)
def test_every_page_does_without_a_single_name(app: Flask, path: str) -> None:
    browser, _ = keep_private(app, GONE, ADDRESS_ONLY)

    said = words(browser, f"/history{path}")

    assert "No plays in this range" not in said
    assert "Unknown Artist" not in said
    if path:
        assert browser.get(f"/history{path}.json").status_code == 200


def test_albums_of_account_data_are_unknown_and_the_page_says_so(app: Flask) -> None:
    browser, _ = keep_private(app, [account_row("2024-05-01 10:00")])

    said = words(browser, "/top/albums?source=plays")

    assert "No album is known of the plays in this range." in said
    assert "1 play whose album is unknown" in said


def test_podcasts_and_audiobooks_list_what_has_a_name(app: Flask) -> None:
    browser, _ = keep_private(app, NAMELESS_EPISODE, NAMELESS_CHAPTER)

    podcasts = browser.get("/history/podcasts.json").get_json()
    audiobooks = browser.get("/history/audiobooks.json").get_json()

    assert (podcasts["totals"]["plays"], podcasts["totals"]["episodes"]) == (2, 1)
    assert [episode["name"] for episode in podcasts["latest_episodes"]] == ["Two"]
    assert (audiobooks["totals"]["plays"], audiobooks["totals"]["books"]) == (1, 0)
    assert browser.get("/history/audiobooks").status_code == 200


def test_favourites_obsessions_and_skips_leave_them_out(app: Flask) -> None:
    rows = [
        play(f"2020-05-{day:02} {hour:02}:00", "", uri="spotify:track:two", skipped=True)
        for day in range(4, 7)
        for hour in range(10, 20)
    ]
    browser, _ = keep_private(app, rows, KNOWN)

    discovery = browser.get("/history/discovery.json").get_json()
    behaviour = browser.get("/history/behaviour.json").get_json()
    years = browser.get("/history/years.json").get_json()["years"]

    assert (discovery["forgotten"]["count"], discovery["obsessions"]["count"]) == (0, 0)
    assert behaviour["skips"]["tracks"] == []
    assert [(year["year"], year["plays"], year["tracks"]) for year in years] == [(2024, 1, 1), (2020, 30, 0)]


def test_the_rules_are_told_where_it_says_how_it_is_counted(app: Flask) -> None:
    browser, _ = keep_private(app, KNOWN)

    text = browser.get("/history").text.partition("How is this counted?")[2]

    for rule in ("offline_timestamp", "less than 30 seconds apart", "up to 24 hours later", "Unknown Artist"):
        assert rule in text
