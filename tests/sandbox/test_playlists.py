"""Playlists: made and filled by their owner alone, with the scope for it, and shared by every process."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from app.sandbox.catalogue import catalogue
from app.sandbox.context import sandbox_of
from app.sandbox.playlist_store import add_playlist, playlists_of
from app.sandbox.state import State
from tests.sandbox.conftest import TOP, Dance

PRIVATE, PUBLIC = "playlist-modify-private", "playlist-modify-public"
MIRA, THEO = "mira.after.dark", "theo_sideb"
TRACKS = [track.key for track in catalogue().tracks.values() if track.id][:120]
URIS = [f"spotify:track:{track}" for track in TRACKS]


def token_of(dance: Dance, listener: str = MIRA, scope: str = PRIVATE) -> str:
    token: str = dance.tokens(listener, scope=f"{TOP} {scope}")["access_token"]
    return token


def made_by(dance: Dance, token: str, **body: object) -> Any:
    response = dance.post("/me/playlists", token, {"name": "Mine", "public": False} | body)
    assert response.status_code == 201, response.text
    return response.get_json()


def state_of(dance: Dance) -> State:
    return sandbox_of(dance.client.application).state


def refusal(status: int, message: str) -> dict[str, Any]:
    return {"error": {"status": status, "message": message}}


def test_its_link_leads_to_a_page_that_shows_it(dance: Dance) -> None:
    token = token_of(dance)
    made = made_by(dance, token, name="<b>Mine</b>")
    dance.post(f"/playlists/{made['id']}/items", token, {"uris": URIS[:2]})

    page = dance.client.get(urlsplit(made["external_urls"]["spotify"]).path)

    assert page.status_code == 200
    assert "&lt;b&gt;Mine&lt;/b&gt;" in page.text
    assert "by Mira Halloran" in page.text
    names = [catalogue().tracks[track].name.replace("'", "&#39;") for track in TRACKS[:2]]
    assert 0 < page.text.index(names[0]) < page.text.index(names[1])
    assert dance.client.get("/open/playlist/nothing").status_code == 404


def test_only_the_owner_fills_a_playlist_and_only_with_the_scope(dance: Dance) -> None:
    made = made_by(dance, token_of(dance))
    body = {"uris": URIS[:1]}
    path = f"/playlists/{made['id']}/items"

    stranger = dance.post(path, token_of(dance, THEO), body)
    unasked = dance.post(path, token_of(dance, scope=PUBLIC), body)
    unknown = dance.post(f"/playlists/{'0' * 22}/items", token_of(dance), body)

    assert (stranger.status_code, unasked.status_code, unknown.status_code) == (403, 403, 404)
    assert unasked.get_json() == refusal(403, "Insufficient client scope")
    assert playlists_of(state_of(dance), MIRA)[0].track_ids == ()


def test_a_demo_does_not_keep_playlists_without_end(dance: Dance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.sandbox.playlist_store._MOST", 3)
    state = state_of(dance)

    made = [add_playlist(state, MIRA, f"Number {number}", "", public=False).id for number in range(5)]

    assert [playlist.id for playlist in playlists_of(state, MIRA)] == made[2:]
