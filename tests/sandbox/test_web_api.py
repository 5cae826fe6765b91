"""The Web API: who is asking, top items, limits, scopes, what new apps do not get."""

import pytest

from app.sandbox import Knobs, create_sandbox
from app.sandbox.catalogue import catalogue
from tests.sandbox.conftest import APP, TOP, Dance, csrf_token_in

RANGES = ("short_term", "medium_term", "long_term")
NOBODY = "0" * 22
FULL = "user-top-read user-read-private user-read-email"


def test_me_shows_a_stable_account_id_beside_the_id(dance: Dance) -> None:
    me = dance.read("/me", scope=FULL)

    assert (me["id"], me["display_name"], me["type"]) == ("mira.after.dark", "Mira Halloran", "user")
    assert me["account_id"] == dance.read("/me")["account_id"] != me["id"]
    assert not {"country", "email", "product", "followers"} & set(me)


def test_an_older_app_gets_what_its_scopes_open(dance: Dance) -> None:
    dance.knobs.new_app = False

    assert dance.read("/me", scope=FULL)["product"] == "premium"
    assert {"country", "email", "product"}.isdisjoint(dance.read("/me"))


def test_pictures_and_links_never_tell_the_host_that_somebody_used() -> None:
    dance = Dance(create_sandbox([APP], web="/demo/spotify").test_client(), Knobs())
    mounted = {"SCRIPT_NAME": "/demo/spotify", "HTTP_HOST": "music.example", "wsgi.url_scheme": "https"}
    callback = "https://music.example/callback"
    query = dance.ask(redirect_uri=callback)
    page = dance.client.get("/accounts/authorize", query_string=query, environ_overrides=mounted)
    form = {"listener": "mira.after.dark", "answer": "agree", "csrf_token": csrf_token_in(page.text)}
    response = dance.client.post(
        "/accounts/authorize", query_string=query, data=form, environ_overrides=mounted
    )
    code = response.location.removeprefix(f"{callback}?code=")
    token = dance.exchange(code, redirect_uri=callback).get_json()["access_token"]

    track = dance.get("/me/top/tracks?limit=1", token).get_json()["items"][0]

    base = "/demo/spotify"
    assert track["external_urls"]["spotify"] == f"{base}/open/track/{track['id']}"
    assert track["album"]["images"] == [
        {
            "url": f"{base}/pictures/album/{track['album']['id']}.svg?size={size}",
            "height": size,
            "width": size,
        }
        for size in (640, 300, 64)
    ]
    assert track["href"] == f"http://localhost/v1/tracks/{track['id']}"


@pytest.mark.parametrize("kind", ["artists", "tracks"])
def test_pages_of_top_items_join_into_fifty_without_gaps(dance: Dance, kind: str) -> None:
    token = dance.tokens()["access_token"]
    whole = dance.get(f"/me/top/{kind}?limit=50&time_range=long_term", token).get_json()
    path, found = f"/me/top/{kind}?limit=20&time_range=long_term", []
    while path:
        page = dance.get(path, token).get_json()
        found += page["items"]
        path = (page["next"] or "").removeprefix("http://localhost/v1")

    assert [item["id"] for item in found] == [item["id"] for item in whole["items"]]
    assert whole["total"] == len(found) == 50
    assert (whole["next"], whole["previous"], whole["offset"]) == (None, None, 0)


def test_twenty_items_of_the_medium_term_are_the_default(dance: Dance) -> None:
    plain, spelled = (
        dance.read(f"/me/top/tracks{query}") for query in ("", "?limit=20&time_range=medium_term&offset=0")
    )

    assert [item["id"] for item in plain["items"]] == [item["id"] for item in spelled["items"]]
    assert (plain["limit"], len(plain["items"])) == (20, 20)


@pytest.mark.parametrize("kind", ["artists", "tracks"])
def test_ranks_move_between_ranges(dance: Dance, kind: str) -> None:
    short, medium, long = (
        [item["id"] for item in dance.read(f"/me/top/{kind}?limit=50&time_range={name}")["items"]]
        for name in RANGES
    )

    assert short[:10] != medium[:10] != long[:10]
    assert set(short) & set(long)
    assert set(short) - set(long)


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=51", "limit=-1", "limit=ten", "limit=٣", "offset=-1", "time_range=forever"],
)
def test_a_bad_page_is_refused(dance: Dance, query: str) -> None:
    response = dance.get(f"/me/top/tracks?{query}", dance.tokens()["access_token"])

    assert (response.status_code, response.get_json()["error"]["status"]) == (400, 400)


def test_beyond_the_end_there_is_an_empty_page(dance: Dance) -> None:
    page = dance.read("/me/top/tracks?offset=50")

    assert (page["items"], page["next"], page["total"]) == ([], None, 50)


def test_top_items_need_their_scope(dance: Dance) -> None:
    response = dance.get("/me/top/tracks", dance.tokens(scope="user-read-private")["access_token"])

    assert response.status_code == 403
    assert response.get_json() == {"error": {"status": 403, "message": "Insufficient client scope"}}


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer made-up"}, {"Authorization": "Basic x"}])
def test_no_token_no_answer(dance: Dance, header: dict[str, str]) -> None:
    response = dance.client.get("/v1/me", headers=header)

    assert (response.status_code, response.get_json()["error"]["status"]) == (401, 401)


def test_a_refresh_token_is_not_an_access_token(dance: Dance) -> None:
    assert dance.get("/me", dance.tokens()["refresh_token"]).status_code == 401


def test_a_new_app_gets_genres_but_no_popularity(dance: Dance) -> None:
    artist = dance.read("/me/top/artists?limit=1")["items"][0]
    track = dance.read("/me/top/tracks?limit=1")["items"][0]

    assert artist["genres"]
    assert {"popularity", "followers"}.isdisjoint(artist)
    assert {"popularity", "available_markets", "preview_url", "linked_from"}.isdisjoint(track)
    assert "available_markets" not in track["album"]
    assert track["external_ids"]["isrc"].startswith("ZZLN")


def test_one_listeners_artists_have_no_genres(dance: Dance) -> None:
    artists = dance.read("/me/top/artists?limit=50", listener="brunothunder")["items"]

    assert {tuple(artist["genres"]) for artist in artists} == {()}


def test_a_brand_new_listener_has_nothing_yet(dance: Dance) -> None:
    new = "31x7qkd0newhere"
    me, top = dance.read("/me", listener=new), dance.read("/me/top/artists", listener=new)

    assert (me["display_name"], me["images"]) == (None, [])
    assert (top["items"], top["total"], top["next"]) == ([], 0, None)


def test_audio_features_are_closed_to_new_apps_without_a_word(dance: Dance) -> None:
    response = dance.get("/audio-features?ids=x", dance.tokens()["access_token"])

    assert (response.status_code, response.get_json()) == (403, {"error": {"status": 403}})


def test_audio_features_come_in_order_with_null_for_the_unknown(dance: Dance) -> None:
    dance.knobs.audio_features_open = True
    ids = [track["id"] for track in dance.read("/me/top/tracks?limit=50")["items"]]

    found = dance.read(f"/audio-features?ids=unknown,{','.join(ids)}")["audio_features"]

    assert found[0] is None
    assert all(row is None or row["id"] == asked for row, asked in zip(found[1:], ids, strict=True))
    assert sum(row is not None for row in found) >= 45


def test_audio_features_take_a_hundred_ids_and_no_more(dance: Dance) -> None:
    dance.knobs.audio_features_open = True
    token = dance.tokens()["access_token"]

    assert dance.get(f"/audio-features?ids={','.join(['x'] * 100)}", token).status_code == 200
    assert dance.get(f"/audio-features?ids={','.join(['x'] * 101)}", token).status_code == 400
    assert dance.get("/audio-features", token).status_code == 400


def test_audio_features_fit_their_genre(dance: Dance) -> None:
    dance.knobs.audio_features_open = True

    def energy(genre: str) -> float:
        tracks = [
            one for one in catalogue().tracks.values() if one.id and one.artists[0].genres[:1] == (genre,)
        ]
        ids = ",".join(track.key for track in tracks[:40])
        rows = [row for row in dance.read(f"/audio-features?ids={ids}")["audio_features"] if row]
        return float(sum(row["energy"] for row in rows) / len(rows))

    assert energy("ambient") < 0.35 < 0.8 < energy("thrash")


def test_one_track_one_artist_and_what_is_gone(dance: Dance) -> None:
    token = dance.tokens()["access_token"]
    track = dance.read("/me/top/tracks?limit=1")["items"][0]

    assert dance.get(f"/tracks/{track['id']}", token).get_json() == track
    assert dance.get(f"/artists/{track['artists'][0]['id']}", token).get_json()["type"] == "artist"
    assert dance.get(f"/tracks?ids={track['id']}", token).status_code == 403
    for path in (f"/tracks/{NOBODY}", f"/artists/{NOBODY}", "/me/top/genres", "/no/such/thing"):
        assert dance.get(path, token).get_json()["error"]["status"] == 404


def test_scopes_are_those_that_were_agreed_to(dance: Dance) -> None:
    assert dance.tokens(scope=f"{TOP} user-library-read")["scope"] == f"{TOP} user-library-read"


def test_a_scope_that_is_repeated_is_kept_once(dance: Dance) -> None:
    assert dance.tokens(scope=f"{TOP}  user-library-read {TOP}")["scope"] == f"{TOP} user-library-read"
