"""The one page of an artist, album or track: by id and by name, with own plays, for whoever looks."""

import re
from html import escape, unescape
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app
from app.config import read_config
from app.store.accounts import accounts
from tests.conftest import Browser
from tests.history_more import Row, account_row, bring_in, keep_private, play, site_of, zipped
from tests.web.conftest import Guest, site_at
from tests.web.other_spotify import (
    ARTISTS,
    LIBRARY,
    SAVED,
    TRACKS,
    OtherSpotify,
    album,
    artist,
    page_of,
    refused,
    said,
    saved,
    track,
)
from tests.web.rendered import text_of

AN_ARTIST, AN_ALBUM, A_TRACK = "artist0000000000000001", "album00000000000000001", "track00000000000000001"
URI = f"spotify:track:{A_TRACK}"
ARTIST, RELEASES = f"/v1/artists/{AN_ARTIST}", f"/v1/artists/{AN_ARTIST}/albums"
ALBUM, TRACK = f"/v1/albums/{AN_ALBUM}", f"/v1/tracks/{A_TRACK}"
NAMED = {
    "artist": "/artist?name=aRTIST+1",
    "album": "/album?name=album+1&artist=artist+1",
    "track": "/track?name=track+1&artist=artist+1",
}
BY_ID = {"artist": f"/artist/{AN_ARTIST}", "album": f"/album/{AN_ALBUM}", "track": f"/track/{A_TRACK}"}


def plays(uri: str | None = URI, name: str = "Artist 1", track: str = "Track 1") -> list[Row]:
    """Two plays of a track and one of another, three years apart."""
    return [
        play("2021-03-01 10:00", track, name, album="Album 1", uri=uri),
        play("2023-05-01 21:00", track, name, album="Album 1", uri=uri),
        play("2024-05-01 21:00", "Other", name, album="Elsewhere"),
    ]


@pytest.fixture
def other(other: OtherSpotify) -> OtherSpotify:
    """A Spotify that knows an artist, an album and a track."""
    other.script(ARTIST, said(artist(1)))
    other.script(RELEASES, lambda asked: page_of(*[album(1)] * (asked.query["include_groups"] == "album")))
    other.script(ALBUM, said(album(1, tracks={"items": [track(1)], "total": 1, "limit": 50, "offset": 0})))
    other.script(TRACK, said(track(1, album=album(1), track_number=1, disc_number=1)))
    return other


@pytest.fixture
def private(elsewhere: Flask) -> Browser:
    """Somebody without a login, whose export names the tracks' addresses."""
    return keep_private(elsewhere, plays())[0]


def location(answer: TestResponse) -> str:
    assert answer.status_code == 302
    return answer.headers["Location"]


def main(browser: Browser) -> str:
    """What the page last opened says, from its heading on."""
    return text_of(browser.page[browser.page.index("<main") :])


@pytest.mark.parametrize("kind", NAMED)
def test_a_name_leads_to_the_id_that_the_plays_lead_to(
    private: Browser, other: OtherSpotify, kind: str
) -> None:
    assert location(private.get(f"{NAMED[kind]}&range=year&tz=UTC")) == f"{BY_ID[kind]}?range=year&tz=UTC"
    assert other.count(TRACK) == (kind != "track")


@pytest.mark.parametrize("kind", NAMED)
def test_an_old_address_leads_to_the_page_and_nowhere_else(private: Browser, kind: str) -> None:
    query = "name=A+%26+%D9%86%D9%88%D8%B1&range=4w&threshold=10&kind=x&_external=1&_scheme=javascript"
    target = urlsplit(location(private.get(f"/history/{kind}?{query}")))

    assert (target.scheme, target.netloc, target.path) == ("", "", f"/{kind}")
    assert parse_qs(target.query) == parse_qs(query)


def test_an_id_has_what_spotify_knows_and_ones_own_plays(private: Browser, other: OtherSpotify) -> None:
    private.get(BY_ID["artist"])
    words = main(private)
    assert '<h1 dir="auto">Artist 1</h1>' in private.page
    assert "You played them 3 times from 1 March 2021 to 1 May 2024, for 9 minutes." in words
    assert "No. 1 of 1 artist, by plays" in words
    assert "100.0% of all your plays" in words
    assert "1973 · 2 plays" in words  # the album among the releases
    assert "2023 1 of 1" in words
    assert 'href="/track?name=Other&amp;artist=Artist+1"' in private.page
    assert f'<link rel="canonical" href="http://127.0.0.1:5000{BY_ID["artist"]}">' in private.page

    private.get(BY_ID["album"])
    assert "You played it 2 times" in main(private)
    assert "1 Track 1 Album 1 2 plays 3:00" in main(private)

    private.get(BY_ID["track"])
    assert "You played it 2 times" in main(private)
    assert "Most often between 10:00 and 11:00" in main(private)
    assert other.count("/v1/me/top/tracks") == 0


def test_plays_are_found_however_the_name_is_written(elsewhere: Flask, other: OtherSpotify) -> None:
    other.script(TRACK, said(track(1, name="Straße ① (Remastered)", album=album(1))))
    by_address, _ = keep_private(elsewhere, plays(name="Somebody else", track="An older title"))
    by_name, _ = keep_private(elsewhere, plays(None, "ＡＲＴＩＳＴ 1", "STRASSE 1 (remastered)"))
    neither, _ = keep_private(elsewhere, plays(None, "Artist 1", "Straße"))

    for browser, found in ((by_address, True), (by_name, True), (neither, False)):
        assert browser.get(BY_ID["track"]).status_code == 200
        assert ("You played it 2 times" in main(browser)) == found


def test_the_plays_are_those_of_the_range(private: Browser) -> None:
    private.get(f"{BY_ID['track']}?from=2023-01-01&to=2023-12-31")
    assert "You played it once on 1 May 2023" in main(private)
    assert f'<form method="get" action="{BY_ID["track"]}">' in private.page
    assert f'href="{BY_ID["track"]}?range=4w"' in private.page

    private.get(f"{BY_ID['track']}?from=2022-01-01&to=2022-12-31")
    assert "No plays in this range" in main(private)
    assert f'<a href="{BY_ID["track"]}">Look at all time</a>' in private.page

    for query, words in (("from=2022-02-31", "is no day"), ("range=century", ""), ("tz=Mars", "")):
        assert private.get(f"{BY_ID['track']}?{query}").status_code == 400
        assert words in main(private)


def test_where_spotify_does_not_say_the_plays_stand_alone(private: Browser, other: OtherSpotify) -> None:
    for path in (ARTIST, ALBUM, TRACK):
        other.script(path, refused(500))

    for kind in ("artist", "album"):
        assert private.get(NAMED[kind]).status_code == 200
        assert f'<h1 dir="auto">{kind.capitalize()} 1</h1>' in private.page
        assert "Spotify" not in main(private).partition("About these numbers")[0]
        assert private.get(BY_ID[kind]).status_code == 502
    assert private.get(BY_ID["track"]).status_code == 200
    assert '<h1 dir="auto">Track 1</h1>' in private.page
    assert f'href="https://open.spotify.com/track/{A_TRACK}"' in private.page
    assert 'href="/album?name=Album+1&amp;artist=Artist+1"' in private.page


def test_who_may_ask_spotify_no_more_today_still_sees_the_plays(
    other: OtherSpotify,
    tmp_path: Path,
    without_pauses: None,  # noqa: ARG001
) -> None:
    with site_at(other, tmp_path / "limited", LIMIT_SEARCHES="1/hour") as site:
        browser, _ = keep_private(site, plays())
        for number in range(2, 6):  # four pages for each search
            browser.get(f"/artist/artist{number:016d}")
        assert browser.get(BY_ID["album"]).status_code == 429
        for kind in ("artist", "album"):
            assert browser.get(NAMED[kind]).status_code == 200
            assert "You played" in main(browser)
        assert browser.get(BY_ID["track"]).status_code == 200


def test_account_data_alone_has_pages_by_name(elsewhere: Flask, other: OtherSpotify) -> None:
    browser, _ = keep_private(elsewhere, [account_row("2024-03-01 10:00", "Tide", "Mira Rose")])

    assert browser.get("/artist?name=MIRA+ROSE").status_code == 200
    assert '<h1 dir="auto">Mira Rose</h1>' in browser.page
    assert browser.get("/track?name=tide&artist=mira+rose").status_code == 200
    assert 'by <bdi><a class="item-link" href="/artist?name=Mira+Rose">Mira Rose</a></bdi>' in browser.page
    assert browser.get("/history/track.json?name=tide&artist=mira+rose").get_json()["plays"] == 1
    assert other.count() == 0


def test_without_a_catalogue_there_are_the_plays_alone(tmp_path: Path) -> None:
    site = create_app(read_config({"DEMO": "0"}, instance=tmp_path))
    browser, _ = keep_private(site, plays())

    assert browser.get(NAMED["artist"]).status_code == 200
    assert "You played them 3 times" in main(browser)
    assert location(browser.get(NAMED["track"])) == BY_ID["track"]
    assert browser.get(BY_ID["track"]).status_code == 200
    assert "You played it 2 times" in main(browser)
    browser.get(BY_ID["artist"])
    assert "There is nothing to search here yet" in browser.page
    site.extensions["site"].close()


def test_the_demos_catalogue_says_nothing_of_a_real_export(site_without_spotify: Flask) -> None:
    browser, _ = keep_private(site_without_spotify, plays())

    assert browser.get(NAMED["artist"]).status_code == 200
    assert "invented" not in main(browser)
    assert browser.get(BY_ID["track"]).status_code == 200
    assert "invented" not in main(browser)
    assert "You played it 2 times" in main(browser)


def test_anothers_plays_are_never_shown(private: Browser, elsewhere: Flask) -> None:
    stranger, else_, _ = Browser(elsewhere), *keep_private(elsewhere, [play("2024-01-01 10:00", "Tide")])

    for browser in (stranger, else_):
        for kind in NAMED:
            browser.get(BY_ID[kind])
            assert "You played" not in main(browser)
            assert browser.get(NAMED[kind]).status_code == (200 if browser is stranger else 404)
            assert "Artist 1" not in main(browser)
    assert private.get(BY_ID["track"]).status_code == 200
    assert "You played it 2 times" in main(private)


def test_a_name_that_nobody_knows_is_not_found(private: Browser, ana: Guest) -> None:
    for path in ("/artist", "/artist?name=", "/artist?name=Nobody", "/track?name=Track+1&artist=Nobody"):
        assert private.get(path).status_code == 404
        assert ana.get(path).status_code == 404


def test_a_favourite_without_an_id_has_a_page_and_one_with_an_id_leads_there(
    ana: Guest, other: OtherSpotify
) -> None:
    local = track(
        7, id=None, is_local=True, name="Tape", artists=[{"id": None, "name": "Abuela"}], album=None
    )
    other.script(TRACKS, page_of(track(1, album=album(1)), local))
    other.script(ARTISTS, page_of(artist(1)))
    ana.get("/your-music")

    assert 'href="/track?name=Tape&amp;artist=Abuela"' in ana.page
    assert ana.get("/track?name=Tape&artist=Abuela").status_code == 200
    assert '<h1 dir="auto">Tape</h1>' in ana.page
    assert ana.get("/artist?name=Abuela").status_code == 200
    for kind in NAMED:
        assert location(ana.get(NAMED[kind])) == BY_ID[kind]


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert('x')</script>\"><b>",
        "نور \u202eRTL نجمة",
        "長い名前" * 75,
        "  a  b&c=d#e?f/g%2F+  ",
        "../..",
    ],
)
def test_any_name_is_text_and_its_links_find_it(elsewhere: Flask, name: str) -> None:
    browser, _ = keep_private(elsewhere, [play("2024-01-01 10:00", name, name, album=name)])
    for kind in ("artist", "track", "album"):
        browser.get(f"/top/{kind}s?source=plays")
        address = re.search(
            rf'<p class="track-name"[^>]*><a class="item-link" href="(/{kind}\?[^"]+)"', browser.page
        )
        assert address
        assert browser.get(unescape(address[1])).status_code == 200
        heading = browser.page.partition('<h1 dir="auto">')[2].partition("</h1>")[0]
        assert (unescape(heading), "<" in heading) == (name.strip(), False)
        assert "<script>alert" not in browser.page


def test_a_track_is_saved_from_its_page_and_comes_back_there(ana: Guest, other: OtherSpotify) -> None:
    other.scope = "user-top-read user-library-read user-library-modify"
    other.libraries["ana"] = [saved(2)]
    ana.enter("ana")
    ana.get("/library")
    ana.get(BY_ID["track"])
    assert f'name="track_id" value="{A_TRACK}"' in ana.page
    other.script(LIBRARY, said(None, 200))

    back = ana.post("/library/save", track_id=A_TRACK, next=BY_ID["track"])
    assert (back.status_code, back.headers["Location"]) == (303, f"{BY_ID['track']}?said=saved")
    ana.get(back.headers["Location"])
    assert "Saved. Spotify has it in your library now." in main(ana)
    assert "In your library" in main(ana)
    for elsewhere in ("https://example.com/", "//example.com"):
        ana.get(BY_ID["artist"])
        back = ana.post("/library/save", track_id=A_TRACK, next=elsewhere)
        assert back.headers["Location"] == "/library?said=saved#not-saved"
    assert other.count(SAVED) >= 1


def test_only_who_is_logged_in_can_play_and_save(ana: Guest, private: Browser) -> None:
    for kind in NAMED:
        ana.get(BY_ID[kind])
        assert f'name="{kind}_id" value="{BY_ID[kind].rpartition("/")[2]}"' in ana.page
        private.get(BY_ID[kind])
        page = private.page.partition("<main")[2]
        assert "csrf_token" not in page.partition('class="counted correct"')[0]


def test_somebody_logged_in_sees_both(app: Flask, browser: Browser) -> None:
    browser.login()
    top = browser.get("/your-music.json").get_json()["top_tracks"][0]
    site = site_of(app)
    [mine] = accounts(site.store)
    names = {"track": top["name"], "artist": top["artists"][0]["name"], "album": top["album"]}
    rows = [
        play(
            "2024-01-01 10:00",
            names["track"],
            names["artist"],
            album=names["album"],
            uri=f"spotify:track:{top['id']}",
        )
    ]
    bring_in(site.store, site.uploads.ready(), mine.id, zipped(rows))

    for kind in NAMED:
        found = browser.get(f"/{kind}?name={quote(names[kind])}&artist={quote(names['artist'])}", follow=True)
        assert re.fullmatch(rf"/{kind}/\w{{22}}", found.request.path)
        assert f'<h1 dir="auto">{escape(names[kind])}</h1>' in browser.page
        assert "once on 1 January 2024" in main(browser)
