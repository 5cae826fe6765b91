"""The Web API: who is asking, top items, limits, scopes, what new apps do not get."""

import pytest

from app.sandbox import Knobs, create_sandbox
from tests.sandbox.conftest import APP, Dance, csrf_token_in

NOBODY = "0" * 22


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


def test_a_bad_page_is_refused(dance: Dance) -> None:
    for query in [
        "limit=0",
        "limit=51",
        "limit=-1",
        "limit=ten",
        "limit=٣",
        "offset=-1",
        "time_range=forever",
    ]:
        response = dance.get(f"/me/top/tracks?{query}", dance.tokens()["access_token"])

        assert (response.status_code, response.get_json()["error"]["status"]) == (400, 400)


def test_each_call_needs_a_listener_who_granted_its_scope(dance: Dance) -> None:
    unfitting = dance.tokens(scope="user-read-email")["access_token"]
    the_apps_own = dance.token(grant_type="client_credentials").get_json()["access_token"]
    for method, path, body in [
        ("GET", "/me/top/tracks", None),
        ("GET", "/me/tracks", None),
        ("GET", "/me/library/contains?uris=x", None),
        ("PUT", "/me/library?uris=x", None),
        ("DELETE", "/me/library?uris=x", None),
        ("POST", "/me/playlists", {"name": "Mine", "public": False}),
        ("POST", "/me/playlists", {"name": "Mine", "public": True}),
        ("GET", "/me/player", None),
        ("PUT", "/me/player/pause", None),
        ("GET", "/me/player/recently-played", None),
    ]:
        answer = dance.send(method, path, unfitting, body)

        assert answer.get_json() == {"error": {"status": 403, "message": "Insufficient client scope"}}, path
        assert dance.send(method, path, the_apps_own, body).status_code == 401, path


@pytest.mark.parametrize("public", [False, True])
def test_a_private_playlist_needs_another_scope_than_a_public_one(dance: Dance, public: bool) -> None:
    token = dance.tokens(scope=f"playlist-modify-{'private' if public else 'public'}")["access_token"]

    assert dance.post("/me/playlists", token, {"name": "Mine", "public": public}).status_code == 403


def test_no_token_no_answer(dance: Dance) -> None:
    for header in [{}, {"Authorization": "Bearer made-up"}, {"Authorization": "Basic x"}]:
        response = dance.client.get("/v1/me", headers=header)

        assert (response.status_code, response.get_json()["error"]["status"]) == (401, 401)


def test_a_new_app_gets_genres_but_no_popularity(dance: Dance) -> None:
    artist = dance.read("/me/top/artists?limit=1")["items"][0]
    track = dance.read("/me/top/tracks?limit=1")["items"][0]

    assert artist["genres"]
    assert {"popularity", "followers"}.isdisjoint(artist)
    assert {"popularity", "available_markets", "preview_url", "linked_from"}.isdisjoint(track)
    assert "available_markets" not in track["album"]
    assert track["external_ids"]["isrc"].startswith("ZZLN")


def test_audio_features_come_in_order_with_null_for_the_unknown(dance: Dance) -> None:
    dance.knobs.audio_features_open = True
    ids = [track["id"] for track in dance.read("/me/top/tracks?limit=50")["items"]]

    found = dance.read(f"/audio-features?ids=unknown,{','.join(ids)}")["audio_features"]

    assert found[0] is None
    assert all(row is None or row["id"] == asked for row, asked in zip(found[1:], ids, strict=True))
    assert sum(row is not None for row in found) >= 45
