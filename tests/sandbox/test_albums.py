"""Albums, artists and tracks by id: pages of tracks, groups of albums, ids that name nothing."""

import pytest

from app.sandbox.discography import GROUPS, albums_of, songs_on
from tests.sandbox.conftest import Dance
from tests.sandbox.shop import album_named, artist_named

NOBODY = "0" * 22


def app_token(dance: Dance) -> str:
    token: str = dance.token(grant_type="client_credentials").get_json()["access_token"]
    return token


def test_a_box_has_more_tracks_than_a_page(dance: Dance) -> None:
    token, album = app_token(dance), album_named("The Complete Radiator Études")
    first = dance.get(f"/albums/{album.id}", token).get_json()["tracks"]
    rest = dance.get(first["next"].removeprefix("http://localhost/v1"), token).get_json()

    assert (first["total"], len(first["items"]), first["limit"]) == (66, 50, 50)
    assert (len(rest["items"]), rest["next"], rest["offset"]) == (16, None, 50)
    found = [one["id"] for one in (*first["items"], *rest["items"])]
    assert found == [song.id for song in songs_on(album.id)]
    assert len(dance.get(f"/albums/{album.id}/tracks", token).get_json()["items"]) == 20


def test_an_artist_has_albums_of_every_group_newest_first(dance: Dance) -> None:
    token, artist = app_token(dance), artist_named("Velvet Modem")
    page = dance.get(f"/artists/{artist.id}/albums?limit=10", token).get_json()

    assert {group for group, _ in albums_of(artist.id)} == set(GROUPS)
    dates = [item["release_date"] for item in page["items"]]
    assert dates == sorted(dates, reverse=True)
    assert "album_group" not in page["items"][0]
    assert dance.get(f"/artists/{artist.id}/albums", token).get_json()["limit"] == 5


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
