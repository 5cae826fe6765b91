"""Answers of odd shapes from a Spotify that is not ours: the page makes sense of what it can."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.web.conftest import Guest, site_at
from tests.web.other_spotify import (
    ARTISTS,
    ME,
    RECCOBEATS,
    TRACKS,
    Answer,
    OtherSpotify,
    artist,
    page_of,
    row,
    said,
    track,
)


def report_of(guest: Guest) -> dict[str, Any]:
    """The JSON report, after a look at the page."""
    page = guest.get("/your-music")
    assert page.status_code == 200, page.text
    report: dict[str, Any] = guest.get("/your-music.json").get_json()
    assert "stale" not in report
    return report


@pytest.mark.parametrize(
    ("profile", "shown"),
    [
        ({"id": "x"}, {"id": "x", "display_name": None, "image": None, "url": None}),
        ({"id": "x", "display_name": None, "images": None, "external_urls": None}, {"display_name": None}),
        ({"id": "x", "display_name": ""}, {"display_name": None}),
        ({"id": "x", "display_name": 7, "images": {}, "external_urls": []}, {"display_name": None}),
        (
            {"id": "x", "images": [None, {}, {"url": None}, {"url": "https://i.example/p"}]},
            {"image": "https://i.example/p"},
        ),
        ({"id": "x", "images": [{"url": "javascript:alert(1)"}]}, {"image": None}),
        ({"id": "x", "images": [{"url": "data:text/html,hello"}]}, {"image": None}),
        ({"id": "x", "images": [{"url": "http://[broken/"}]}, {"image": None}),
        ({"id": "x", "external_urls": {"spotify": "javascript:alert(1)"}}, {"url": None}),
        ({"id": "x", "external_urls": {"spotify": None}}, {"url": None}),
        ({"id": "x" * 200}, {"id": "x" * 200}),
        ({"id": "né un/é?#&"}, {"id": "né un/é?#&"}),
        ({"account_id": "stable"}, {"id": "stable"}),
        ({"id": "x", "account_id": "stable"}, {"id": "x"}),
        ({"id": "x", "display_name": "👩‍👩‍👧 نور"}, {"display_name": "👩‍👩‍👧 نور"}),
        ({"id": "x", "display_name": "a\x00b\x1b[31mc\ud800d"}, {"display_name": "ab[31mc\ufffdd"}),
    ],
)
def test_a_profile_is_read_for_what_it_says(
    ana: Guest, other: OtherSpotify, profile: dict[str, Any], shown: dict[str, Any]
) -> None:
    other.script(ME, said(profile))
    told = report_of(ana)["profile"]
    assert {name: told[name] for name in shown} == shown


def test_markup_in_names_stays_text(ana: Guest, other: OtherSpotify) -> None:
    evil = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"
    other.script(ME, said({"id": "x", "display_name": evil}))
    other.script(ARTISTS, page_of(artist(1, name=evil, genres=[evil])))
    other.script(TRACKS, page_of(track(1, name=evil, album={"name": evil}, artists=[{"name": evil}])))
    page = ana.get("/your-music").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert" in page
    assert report_of(ana)["top_genre"] == {"name": evil, "count": 1}


def test_addresses_that_run_code_are_never_linked(ana: Guest, other: OtherSpotify) -> None:
    links = [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " java\nscript:alert(1)",
        "data:text/html,x",
        "//evil",
    ]
    other.script(
        TRACKS,
        page_of(
            *(
                track(n, external_urls={"spotify": link}, album={"name": "A", "images": [{"url": link}]})
                for n, link in enumerate(links)
            )
        ),
    )
    other.script(
        ARTISTS, page_of(*(artist(n, external_urls={"spotify": link}) for n, link in enumerate(links)))
    )
    report = report_of(ana)
    assert [one["url"] for one in report["top_tracks"] + report["top_artists"]] == [None] * 10
    assert [track["image"] for track in report["top_tracks"]] == [None] * 5
    assert "alert(1)" not in ana.page


def test_local_tracks_are_listed_and_counted_but_never_asked_about(ana: Guest, other: OtherSpotify) -> None:
    local = track(
        2, id=None, href=None, is_local=True, external_urls={}, album={"name": "Tape", "images": []}
    )
    other.script(TRACKS, page_of(track(1), local, track(3)))
    report = report_of(ana)
    assert [(track["rank"], track["id"], track["image"]) for track in report["top_tracks"]][1] == (
        2,
        None,
        None,
    )
    assert report["mood"]["coverage"] == {"known": 2, "total": 3}
    asked = [call.query["ids"] for call in other.asked if call.path == RECCOBEATS]
    assert asked == [f"{track(1)['id']},{track(3)['id']}"]


def test_nulls_and_strays_among_the_items_are_left_out(ana: Guest, other: OtherSpotify) -> None:
    other.script(TRACKS, page_of(None, track(1), "stray", 7, [], None, track(2)))
    other.script(ARTISTS, page_of(None, artist(1), None))
    report = report_of(ana)
    assert [(track["rank"], track["name"]) for track in report["top_tracks"]] == [
        (1, "Track 1"),
        (2, "Track 2"),
    ]
    assert [(artist["rank"], artist["name"]) for artist in report["top_artists"]] == [(1, "Artist 1")]


@pytest.mark.parametrize(
    ("changed", "shown"),
    [
        ({"album": None}, {"album": None, "image": None}),
        ({"album": {"name": "", "images": []}}, {"album": "", "image": None}),
        ({"album": {"name": None, "images": None}}, {"album": None, "image": None}),
        ({"album": "a string"}, {"album": None, "image": None}),
        (
            {"album": {"images": [{"height": None, "width": None, "url": "https://i.example/1"}]}},
            {"image": "https://i.example/1"},
        ),
        ({"artists": None}, {"artists": []}),
        ({"artists": [None, {"name": None}]}, {"artists": [{"id": None, "name": None}]}),
        ({"artists": [{"id": "", "name": ""}]}, {"artists": [{"id": None, "name": ""}]}),
        ({"name": None}, {"name": None}),
        ({"name": ""}, {"name": ""}),
        ({"name": ["no", "text"]}, {"name": None}),
        ({"name": "夜に駆ける"}, {"name": "夜に駆ける"}),
        ({"name": "\u202egnol\u202c ليل"}, {"name": "\u202egnol\u202c ليل"}),
        ({"name": "x" * 5000}, {"name": "x" * 500}),
        ({"id": "short"}, {"id": "short"}),
        ({"id": "x" * 80}, {"id": "x" * 80}),
        ({"id": 42}, {"id": None}),
        ({"duration_ms": None}, {"duration_ms": None}),
        ({"duration_ms": -1}, {"duration_ms": None}),
        ({"duration_ms": "long"}, {"duration_ms": None}),
        ({"duration_ms": 10**30}, {"duration_ms": None}),
        ({"external_urls": None}, {"url": None}),
    ],
)
def test_a_track_is_read_for_what_it_says(
    ana: Guest, other: OtherSpotify, changed: dict[str, Any], shown: dict[str, Any]
) -> None:
    other.script(TRACKS, page_of(track(1, **changed)))
    told = report_of(ana)["top_tracks"][0]
    assert {name: told[name] for name in shown} == shown


@pytest.mark.parametrize(
    ("changed", "shown"),
    [
        ({"genres": None}, {"genres": []}),
        ({"genres": [None, "dub", 3, ""]}, {"genres": ["dub"]}),
        ({"genres": "dub"}, {"genres": []}),
        ({"images": []}, {"image": None}),
        ({"images": None}, {"image": None}),
        ({"images": [{"width": 640}]}, {"image": None}),
        ({"name": None}, {"name": None}),
        ({"id": None}, {"id": None}),
    ],
)
def test_an_artist_is_read_for_what_it_says(
    ana: Guest, other: OtherSpotify, changed: dict[str, Any], shown: dict[str, Any]
) -> None:
    other.script(ARTISTS, page_of(artist(1, **changed)))
    told = report_of(ana)["top_artists"][0]
    assert {name: told[name] for name in shown} == shown


def test_without_genres_the_page_says_so(ana: Guest, other: OtherSpotify) -> None:
    bare = artist(1)
    del bare["genres"]
    other.script(ARTISTS, page_of(bare))
    assert report_of(ana)["top_genre"] is None
    assert "Spotify gave no genres" in ana.page


def test_the_same_track_twice_counts_twice_and_is_asked_about_once(ana: Guest, other: OtherSpotify) -> None:
    other.script(TRACKS, page_of(track(1), track(1), track(1)))
    report = report_of(ana)
    assert [track["rank"] for track in report["top_tracks"]] == [1, 2, 3]
    assert report["mood"]["coverage"] == {"known": 3, "total": 3}
    assert [call.query["ids"] for call in other.asked if call.path == RECCOBEATS] == [track(1)["id"]]


def test_more_than_fifty_items_are_cut_at_fifty(ana: Guest, other: OtherSpotify) -> None:
    other.script(TRACKS, page_of(*map(track, range(80))))
    other.script(ARTISTS, page_of(*map(artist, range(80))))
    report = report_of(ana)
    assert [len(report[name]) for name in ("top_tracks", "top_artists")] == [50, 50]
    assert report["mood"]["coverage"] == {"known": 50, "total": 50}


@pytest.mark.parametrize("total", [None, -1, 0, 10**12, "many"])
def test_a_wrong_total_changes_nothing(ana: Guest, other: OtherSpotify, total: object) -> None:
    other.script(TRACKS, page_of(track(1), track(2), total=total, next="https://elsewhere.example/more"))
    assert len(report_of(ana)["top_tracks"]) == 2
    assert other.count(TRACKS) == 1


def test_a_listener_with_nothing_gets_a_page_that_makes_sense(ana: Guest, other: OtherSpotify) -> None:
    other.script(ME, said({"id": "new", "display_name": None, "images": []}))
    other.script(ARTISTS, page_of())
    other.script(TRACKS, page_of())
    report = report_of(ana)
    nothing = {"mean": None, "median": None}
    assert report["mood"] == {
        "coverage": {"known": 0, "total": 0},
        "sources": {"spotify": 0, "reccobeats": 0},
        "valence": nothing,
        "energy": nothing,
        "danceability": nothing,
        "instrumentalness": nothing,
        "key": None,
    }
    assert "Nothing to rank yet" in ana.page
    assert other.count(RECCOBEATS) == 0


@pytest.mark.parametrize("path", [ME, ARTISTS, TRACKS])
@pytest.mark.parametrize("body", ["null", "[]", "7", '"text"', "{}", '{"items": null}', '{"items": {}}'])
def test_json_of_another_shape_altogether_is_no_answer(
    ana: Guest, other: OtherSpotify, path: str, body: str
) -> None:
    other.script(path, Answer(body=body.encode()))
    page = ana.get("/your-music")
    assert (page.status_code, "Spotify is not answering" in page.text) == (502, True)


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_json_in_another_encoding_is_read(ana: Guest, other: OtherSpotify, codec: str) -> None:
    other.script(
        ME, Answer(body=json.dumps({"id": "ana", "display_name": "Añá"}, ensure_ascii=False).encode(codec))
    )
    assert report_of(ana)["profile"]["display_name"] == "Añá"


def test_unknown_fields_and_enormous_numbers_do_no_harm(ana: Guest, other: OtherSpotify) -> None:
    deep: object = "end"
    for _ in range(500):
        deep = [deep]
    other.script(TRACKS, page_of(track(1, surprise=deep, popularity=10**300, explicit="perhaps")))
    assert report_of(ana)["top_tracks"][0]["name"] == "Track 1"


def test_json_without_a_bottom_is_no_answer(ana: Guest, other: OtherSpotify) -> None:
    other.script(TRACKS, Answer(body=b"[" * 200_000))
    assert ana.get("/your-music").status_code == 502


def test_a_server_of_another_age_serves_as_well(tmp_path: Path) -> None:
    with OtherSpotify("HTTP/1.0") as old, site_at(old, tmp_path) as site:
        guest = Guest(site)
        guest.enter("ana")
        assert report_of(guest)["mood"]["coverage"] == {"known": 50, "total": 50}
        assert old.count(ME) == 1


def test_a_chunked_answer_is_read_whole(ana: Guest, other: OtherSpotify) -> None:
    for path, answer in (
        (ME, said({"id": "ana"})),
        (TRACKS, page_of(track(1))),
        (ARTISTS, page_of(artist(1))),
    ):
        other.script(path, answer.but(chunked=True))
    assert [track["name"] for track in report_of(ana)["top_tracks"]] == ["Track 1"]


def test_a_tie_of_keys_goes_to_the_better_ranked_track(ana: Guest, other: OtherSpotify) -> None:
    ids = [track(n)["id"] for n in range(5)]
    other.script(TRACKS, page_of(*map(track, range(5))))
    keys = [(-1, 1), (9, 1), (1, 0), (1, 0), (9, 1)]
    rows = [row(item_id, key=key, mode=mode) for item_id, (key, mode) in zip(ids, keys, strict=True)]
    other.script(RECCOBEATS, said({"content": rows[::-1]}))
    assert report_of(ana)["mood"]["key"] == {"key": 9, "mode": 1, "name": "A major", "count": 2}
