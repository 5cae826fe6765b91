"""Albums, artists and tracks by id: pages of tracks, groups of albums, ids that name nothing."""

import pytest

from app.sandbox.catalogue import catalogue
from app.sandbox.discography import GROUPS, albums_of, songs_on
from tests.sandbox.conftest import Dance
from tests.sandbox.shop import album_named, artist_named

NOBODY = "0" * 22


def app_token(dance: Dance) -> str:
    token: str = dance.token(grant_type="client_credentials").get_json()["access_token"]
    return token


def test_an_album_in_full_to_an_app_of_its_own(dance: Dance) -> None:
    album = album_named("Dial Tone Romance")
    shown = dance.get(f"/albums/{album.id}", app_token(dance)).get_json()

    assert (shown["name"], shown["album_type"], shown["total_tracks"]) == ("Dial Tone Romance", "album", 5)
    assert [one["name"] for one in shown["tracks"]["items"]][:2] == [
        "Handshake at 56k",
        "Busy Signal Ballet",
    ]
    assert [one["track_number"] for one in shown["tracks"]["items"]] == [1, 2, 3, 4, 5]
    assert not {"album", "external_ids", "popularity"} & set(shown["tracks"]["items"][0])
    assert shown["copyrights"][0] == {"text": "© 2018 Velvet Modem Records", "type": "C"}
    assert len(shown["external_ids"]["upc"]) == 12
    assert not {"label", "popularity", "genres", "available_markets"} & set(shown)


def test_an_older_app_gets_more_of_an_album(dance: Dance) -> None:
    dance.knobs.new_app = False
    shown = dance.get(f"/albums/{album_named('Dial Tone Romance').id}", app_token(dance)).get_json()

    assert (shown["label"], shown["genres"]) == ("Velvet Modem Records", [])
    assert shown["available_markets"]
    assert "preview_url" in shown["tracks"]["items"][0]


def test_a_box_has_more_tracks_than_a_page(dance: Dance) -> None:
    token, album = app_token(dance), album_named("The Complete Radiator Études")
    first = dance.get(f"/albums/{album.id}", token).get_json()["tracks"]
    rest = dance.get(first["next"].removeprefix("http://localhost/v1"), token).get_json()

    assert (first["total"], len(first["items"]), first["limit"]) == (66, 50, 50)
    assert (len(rest["items"]), rest["next"], rest["offset"]) == (16, None, 50)
    found = [one["id"] for one in (*first["items"], *rest["items"])]
    assert found == [one.id for one in songs_on(album.id)]
    assert len(dance.get(f"/albums/{album.id}/tracks", token).get_json()["items"]) == 20


def test_an_artist_has_albums_of_every_group_newest_first(dance: Dance) -> None:
    token, artist = app_token(dance), artist_named("Velvet Modem")
    page = dance.get(f"/artists/{artist.id}/albums?limit=10", token).get_json()

    assert {group for group, _ in albums_of(artist.id)} == set(GROUPS)
    dates = [one["release_date"] for one in page["items"]]
    assert dates == sorted(dates, reverse=True)
    assert "album_group" not in page["items"][0]
    assert dance.get(f"/artists/{artist.id}/albums", token).get_json()["limit"] == 5


@pytest.mark.parametrize("group", GROUPS)
def test_groups_can_be_asked_for_alone(dance: Dance, group: str) -> None:
    dance.knobs.new_app = False
    path = f"/artists/{artist_named('Velvet Modem').id}/albums?include_groups={group}"
    items = dance.get(path, app_token(dance)).get_json()["items"]

    assert items
    assert {one["album_group"] for one in items} == {group}
    assert group == "appears_on" or {one["album_type"] for one in items} == {group}


def test_who_made_more_than_ten_albums_has_two_pages(dance: Dance) -> None:
    token, artist = app_token(dance), artist_named("Everett Overmuch")
    path, found = f"/artists/{artist.id}/albums?include_groups=album&limit=10", []
    sizes = []
    while path:
        page = dance.get(path, token).get_json()
        found += [one["id"] for one in page["items"]]
        sizes.append(len(page["items"]))
        path = (page["next"] or "").removeprefix("http://localhost/v1")

    assert sizes == [10, 5]
    assert len(set(found)) == page["total"] == 15


@pytest.mark.parametrize("query", ["limit=11", "limit=0", "include_groups=tapes", "offset=-1"])
def test_a_bad_page_of_albums_is_refused(dance: Dance, query: str) -> None:
    path = f"/artists/{artist_named('Velvet Modem').id}/albums?{query}"

    assert dance.get(path, app_token(dance)).status_code == 400


@pytest.mark.parametrize(
    "path", ["albums/{}", "albums/{}/tracks", "artists/{}", "artists/{}/albums", "tracks/{}"]
)
def test_an_id_is_wrong_or_unknown(dance: Dance, path: str) -> None:
    token = app_token(dance)

    for wrong in ("nothing", "0" * 21, "0" * 21 + "-", "0" * 23):
        answer = dance.get(f"/{path.format(wrong)}", token).get_json()
        assert answer == {"error": {"status": 400, "message": "Invalid base62 id"}}
    answer = dance.get(f"/{path.format(NOBODY)}", token).get_json()
    assert answer == {"error": {"status": 404, "message": "Resource not found"}}
    assert dance.get(f"/{path.format(NOBODY)}", "made-up").status_code == 401


def test_a_recording_on_a_collection_is_the_same_recording() -> None:
    collected = next(
        one for one in songs_on(album_named("Weather Report").id) if one.name == "Parasol Season"
    )
    first = next(one for one in songs_on(album_named("Bay Window").id) if one.name == "Parasol Season")

    assert collected.id != first.id
    assert (collected.isrc, collected.duration_ms) == (first.isrc, first.duration_ms)


def test_what_nobody_plays_is_not_among_what_is_played() -> None:
    played = {one.album.kind for one in catalogue().played}

    assert "single" not in played
    assert artist_named("Everett Overmuch") not in {one.artists[0] for one in catalogue().played}


def test_the_page_of_an_album_lists_its_tracks(dance: Dance) -> None:
    page = dance.client.get(f"/open/album/{album_named('Dial Tone Romance').id}").text

    assert 0 < page.index("Handshake at 56k") < page.index("Please Hold the Moon")
