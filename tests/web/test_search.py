"""Search over HTTP at a Spotify that is not ours: the page, its JSON, bad questions and bad answers."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import create_app
from app.config import read_config
from tests.conftest import HOME, Browser
from tests.history_more import keep_private, play
from tests.web.conftest import Guest, site_at
from tests.web.other_spotify import (
    BROKEN,
    EMPTY,
    HTML,
    RESET,
    TOKEN,
    Answer,
    OtherSpotify,
    ReceivedRequest,
    album,
    artist,
    refused,
    said,
    track,
)

SEARCH = "/v1/search"
ALL = "artist,album,track"


def some(items: list[Any], total: int | None = None, offset: int = 0) -> dict[str, Any]:
    """A page of finds."""
    return {"items": items, "total": len(items) if total is None else total, "offset": offset, "limit": 10}


def finds(asked: ReceivedRequest) -> Answer:
    """Ten of each kind that was asked for, of 1,234."""
    offset = int(asked.query["offset"])
    numbers = range(offset, offset + 10)
    of = {"artist": artist, "album": album, "track": track}
    kinds = asked.query["type"].split(",")
    return said({f"{kind}s": some([of[kind](n) for n in numbers], 1234, offset) for kind in kinds})


@pytest.fixture
def other(other: OtherSpotify) -> OtherSpotify:
    """A Spotify that finds something."""
    other.script(SEARCH, finds)
    return other


def asked(other: OtherSpotify) -> list[dict[str, str]]:
    """The queries of the searches that came."""
    return [call.query for call in other.asked if call.path == SEARCH]


def test_without_words_there_is_a_form_and_nobody_is_asked(guest: Guest, other: OtherSpotify) -> None:
    page = guest.get("/search")

    assert page.status_code == 200
    assert 'action="/search" method="get"' in page.text
    assert "autofocus" in page.text
    assert other.count() == 0


def test_words_find_artists_albums_and_tracks_in_one_call(guest: Guest, other: OtherSpotify) -> None:
    page = guest.get("/search?q=love+me")

    assert page.status_code == 200
    assert asked(other) == [{"q": "love me", "type": ALL, "limit": "10", "offset": "0"}]
    assert "Spotify finds 1,234 artists, 1,234 albums and 1,234 tracks for “" in page.text
    assert 'value="love me"' in page.text
    assert "autofocus" not in page.text
    assert page.text.count('class="tile"') == 20
    assert page.text.count('class="track song') == 10
    for path in (
        "/artist/artist0000000000000001",
        "/album/album00000000000000001",
        "/track/track00000000000000001",
    ):
        assert f'href="{path}"' in page.text
    for kind in ("artist", "album", "track"):
        assert f"https://open.spotify.com/{kind}/" in page.text
        assert f"/search?q=love+me&type={kind}&offset=10" in unescape(page.text)


def test_one_kind_alone_turns_its_pages(guest: Guest, other: OtherSpotify) -> None:
    page = guest.get("/search?q=love&type=track&offset=10")

    text = unescape(page.text)
    assert asked(other) == [{"q": "love", "type": "track", "limit": "10", "offset": "10"}]
    assert "11–20 of 1,234" in text
    assert "Track 10" in text
    assert "/search?q=love&type=track&offset=0" in text
    assert "/search?q=love&type=track&offset=20" in text


def test_the_last_page_that_spotify_gives_is_the_last(guest: Guest) -> None:
    text = unescape(guest.get("/search?q=love&type=album&offset=1000").text)

    assert "offset=990" in text
    assert "offset=1010" not in text
    assert "Spotify shows no more of one search than this" in text


def test_the_same_search_is_asked_for_once(guest: Guest, elsewhere: Flask, other: OtherSpotify) -> None:
    for browser in (guest, Guest(elsewhere)):
        browser.get("/search?q=love")
        browser.get("/search.json?q=%20love%20")
    assert len(asked(other)) == 1
    assert other.count(TOKEN) == 1


def test_someone_logged_in_searches_in_their_own_name(ana: Guest, other: OtherSpotify) -> None:
    ana.get("/search?q=love")

    (search,) = [call for call in other.asked if call.path == SEARCH]
    assert search.listener == "ana"


def test_the_json_says_the_same(guest: Guest, other: OtherSpotify) -> None:
    report = guest.get("/search.json?q=love").get_json()

    assert set(report) == {"q", "artists", "albums", "tracks"}
    assert report["q"] == "love"
    assert [len(report[of]) for of in ("artists", "albums", "tracks")] == [10, 10, 10]
    assert report["artists"][1] == {
        "id": "artist0000000000000001",
        "name": "Artist 1",
        "image": "https://i.example/a1.jpg",
        "url": "https://open.spotify.com/artist/artist0000000000000001",
    }
    assert report["albums"][1] == {
        "id": "album00000000000000001",
        "name": "Album 1",
        "artists": [{"id": "artist0000000000000001", "name": "Artist 1"}],
        "image": "https://i.example/l1.jpg",
        "url": "https://open.spotify.com/album/album00000000000000001",
    }
    assert report["tracks"][1] == {
        "id": "track00000000000000001",
        "name": "Track 1",
        "artists": [{"id": "artist0000000000000001", "name": "Artist 1"}],
        "image": "https://i.example/1.jpg",
        "url": "https://open.spotify.com/track/track00000000000000001",
    }
    assert asked(other)[0]["type"] == ALL


@pytest.mark.parametrize("kind", ["artist", "album", "track"])
def test_the_json_of_one_kind_has_the_others_empty(guest: Guest, kind: str) -> None:
    report = guest.get(f"/search.json?q=love&type={kind}&offset=20").get_json()

    lengths = {of: len(report[of]) for of in ("artists", "albums", "tracks")}
    assert lengths == {"artists": 0, "albums": 0, "tracks": 0} | {f"{kind}s": 10}
    assert report[f"{kind}s"][0]["name"] == f"{kind.capitalize()} 20"


@pytest.mark.parametrize("q", ["", "%20%09%20"])
def test_the_json_of_nothing_is_empty_without_a_call(guest: Guest, other: OtherSpotify, q: str) -> None:
    assert guest.get(f"/search.json?q={q}").get_json() == {"q": "", "artists": [], "albums": [], "tracks": []}
    assert other.count() == 0


@pytest.mark.parametrize(
    "query", ["type=genre", "type=artist,album", "offset=-1", "offset=ten", "offset=1.5", "offset=1001"]
)
@pytest.mark.parametrize("q", ["q=love&", ""])
def test_a_question_that_makes_no_sense_is_refused_before_anybody_is_asked(
    guest: Guest, other: OtherSpotify, query: str, q: str
) -> None:
    assert guest.get(f"/search?{q}{query}").status_code == 400
    as_json = guest.get(f"/search.json?{q}{query}")
    assert (as_json.status_code, as_json.get_json()["error"]["status"]) == (400, 400)
    assert other.count() == 0


def test_long_words_are_cut(guest: Guest, other: OtherSpotify) -> None:
    assert len(guest.get(f"/search.json?q={'x' * 300}").get_json()["q"]) == 200
    assert asked(other)[0]["q"] == "x" * 200


@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "نور ♥ 夕暮れ", "{{7*7}}"]
)
def test_words_of_any_kind_stay_words(guest: Guest, other: OtherSpotify, words: str) -> None:
    page = guest.get("/search", query_string={"q": words})

    assert page.status_code == 200
    assert words in unescape(page.text)
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert asked(other)[0]["q"] == words


def test_nothing_found_is_said(guest: Guest, other: OtherSpotify) -> None:
    other.script(SEARCH, said({of: some([]) for of in ("artists", "albums", "tracks")}))

    assert "Nothing found" in guest.get("/search?q=zzz").text
    assert "Nothing further here" in guest.get("/search?q=zzz&type=artist&offset=500").text


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"artists": None, "albums": None, "tracks": None},
        {"artists": some([None, None])},
        {"tracks": {"items": [None, track(1), 7, "x"], "total": "many"}},
        {"artists": {"items": [{}]}, "albums": {"items": [{}]}, "tracks": {"items": [{}]}},
        {
            "albums": {
                "items": [album(1, name="", images=None, artists=None, external_urls=None)],
                "total": -3,
            }
        },
        {"albums": {"items": [album(1, release_date=1973, album_type=[], total_tracks="9")]}},
        {"tracks": {"items": [track(1, id=None, album=None, artists=[None, {}], duration_ms=None)]}},
        {"tracks": {"items": [track(1, id="../../x", album={"id": "x y", "name": None})]}},
        {"artists": {"items": [artist(1, name=None, images=[{"url": "javascript:alert(1)"}])]}},
    ],
)
def test_an_answer_of_an_odd_shape_is_read_for_what_it_says(
    guest: Guest, other: OtherSpotify, answer: dict[str, Any]
) -> None:
    other.script(SEARCH, said(answer))

    page = guest.get("/search?q=love")
    assert page.status_code == 200
    assert "javascript:" not in page.text
    assert guest.get("/search.json?q=love").status_code == 200


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (refused(429, Retry_After="60"), 503, "Spotify asks us to wait"),
        (refused(500), 502, "Spotify is not answering"),
        (refused(403, "Nope"), 502, "Spotify refused this question"),
        (refused(400, "Invalid limit"), 502, "Spotify refused this question"),
        (refused(401, "The access token expired"), 502, "Spotify does not recognise this app"),
        (said([]), 502, "Spotify is not answering"),
        (said({"artists": []}), 502, "Spotify is not answering"),
        (said({"tracks": {"items": {}}}), 502, "Spotify is not answering"),
        (HTML, 502, "Spotify is not answering"),
        (BROKEN, 502, "Spotify is not answering"),
        (EMPTY, 502, "Spotify is not answering"),
        (RESET, 502, "Spotify is not answering"),
    ],
)
def test_a_failure_is_said_and_the_next_try_is_a_new_one(
    guest: Guest, other: OtherSpotify, answer: Answer, status: int, words: str
) -> None:
    other.script(SEARCH, answer)

    page = guest.get("/search?q=love")
    assert (page.status_code, words in page.text) == (status, True)
    as_json = guest.get("/search.json?q=love")
    assert (as_json.status_code, as_json.get_json()["error"]["message"]) == (status, words)
    if status == 503:
        assert 0 < int(page.headers["Retry-After"]) <= 60
        assert as_json.get_json()["error"]["resume_at"]
        assert len(asked(other)) == 1
    else:
        other.script(SEARCH, finds)
        assert guest.get("/search?q=love").status_code == 200


def test_an_answer_that_drips_is_not_waited_for(
    guest: Guest, other: OtherSpotify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.auth.SPOTIFY_SECONDS", 0.3)
    other.script(SEARCH, said({"artists": some([artist(1)])}).but(drip=1.0))

    assert guest.get("/search?q=love").status_code == 502


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Flask]:
    """A site with no Spotify app, whose demo is switched off."""
    environ = {"SECRET_KEY": "a secret key for tests only", "DEMO": "0"}
    app = create_app(read_config(environ, instance=tmp_path / "bare"))
    yield app
    app.extensions["site"].close()


def test_with_nothing_to_search_a_sentence_says_what_is_missing(bare: Flask) -> None:
    browser = Browser(bare)
    for path in (
        "/search",
        "/search?q=love",
        "/artist/" + "a" * 22,
        "/album/" + "a" * 22,
        "/track/" + "a" * 22,
    ):
        page = browser.get(path)
        assert page.status_code == 200
        assert "SPOTIFY_CLIENT_ID" in page.text
        assert "<form" not in page.text.partition("<main")[2]
    as_json = browser.get("/search.json?q=love")
    assert as_json.status_code == 503
    assert "nothing to search" in as_json.get_json()["error"]["message"]
    assert 'href="/search"' not in browser.get("/").text.partition("<main")[2]


def test_without_an_app_the_demo_is_searched_and_says_so(tmp_path: Path) -> None:
    app = create_app(read_config({"SECRET_KEY": "a secret key for tests only"}, instance=tmp_path / "demo"))
    try:
        browser = Browser(app)
        page = browser.get("/search?q=love")
        assert "so this is the demo’s catalogue" in page.text
        assert "Love Don&#39;t Clear till Monday" in page.text
        for track in browser.get("/search.json?q=love").get_json()["tracks"]:
            assert track["url"].startswith(f"{HOME}/demo/spotify/open/track/")
            assert browser.client.get(track["image"].removeprefix(HOME), base_url=HOME).status_code == 200
    finally:
        app.extensions["site"].close()


def test_with_an_app_nothing_is_said_of_the_demo(guest: Guest) -> None:
    assert "demo" not in guest.get("/search?q=love").text.partition("<main")[2]
    assert "Search without logging in" in guest.get("/").text


def test_two_sites_on_one_computer_do_not_share_answers(other: OtherSpotify, tmp_path: Path) -> None:
    for name in ("one", "two"):
        with site_at(other, tmp_path / name) as app:
            assert Guest(app).get("/search?q=love").status_code == 200
    assert len(asked(other)) == 2


def test_without_a_catalogue_search_looks_into_the_own_history_alone(bare: Flask) -> None:
    mine, _ = keep_private(bare, [play("2023-02-01 10:00", "Salt", "Mira Rose")])
    assert "In your history" in mine.get("/search?q=salt").text
    assert "Nothing in your history has" in mine.get("/search?q=nobody").text
    assert "There is nothing to search here yet" in Browser(bare).get("/search").text
