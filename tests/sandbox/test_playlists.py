"""Playlists: made and filled by their owner alone, with the scope for it, and shared by every process."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.sandbox import create_sandbox, serve
from app.sandbox.catalogue import catalogue
from app.sandbox.context import sandbox_of
from app.sandbox.shelf import Playlist, add_playlist, add_tracks, playlist, playlists_of
from app.sandbox.state import State
from tests.sandbox.conftest import APP, TOP, Dance

PRIVATE, PUBLIC = "playlist-modify-private", "playlist-modify-public"
MIRA, THEO = "mira.after.dark", "theo_sideb"
TRACKS = [track.key for track in catalogue().tracks.values() if track.id][:120]
URIS = [f"spotify:track:{one}" for one in TRACKS]
LOCAL = next(track.key for track in catalogue().tracks.values() if track.id is None)


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


def test_a_playlist_is_made_empty_and_private(dance: Dance) -> None:
    made = made_by(dance, token_of(dance), name="Top tracks ♥", description="Saved.")

    assert (made["name"], made["description"], made["public"]) == ("Top tracks ♥", "Saved.", False)
    assert (made["type"], made["owner"]["id"], made["items"]["total"]) == ("playlist", MIRA, 0)
    assert len(made["id"]) == 22
    assert made["id"].isalnum()
    assert made["uri"] == f"spotify:playlist:{made['id']}"
    assert playlists_of(state_of(dance), MIRA) == [
        Playlist(made["id"], MIRA, "Top tracks ♥", "Saved.", public=False)
    ]


def test_two_playlists_of_one_name_are_two(dance: Dance) -> None:
    token = token_of(dance)

    assert made_by(dance, token)["id"] != made_by(dance, token)["id"]
    assert len(playlists_of(state_of(dance), MIRA)) == 2


def test_tracks_come_in_the_order_they_were_put(dance: Dance) -> None:
    token = token_of(dance)
    made = made_by(dance, token)
    order = URIS[5:0:-1]

    first = dance.post(f"/playlists/{made['id']}/items", token, {"uris": order})
    second = dance.post(f"/playlists/{made['id']}/items", token, {"uris": URIS[5:6]})

    assert (first.status_code, second.status_code) == (201, 201)
    assert len({made["snapshot_id"], first.get_json()["snapshot_id"], second.get_json()["snapshot_id"]}) == 3
    found = playlist(state_of(dance), made["id"])
    assert found is not None
    assert found.track_ids == (*TRACKS[5:0:-1], TRACKS[5])


def test_its_link_leads_to_a_page_that_shows_it(dance: Dance) -> None:
    token = token_of(dance)
    made = made_by(dance, token, name="<b>Mine</b>")
    dance.post(f"/playlists/{made['id']}/items", token, {"uris": URIS[:2]})

    page = dance.client.get(urlsplit(made["external_urls"]["spotify"]).path)

    assert page.status_code == 200
    assert "&lt;b&gt;Mine&lt;/b&gt;" in page.text
    assert "by Mira Halloran" in page.text
    names = [catalogue().tracks[one].name.replace("'", "&#39;") for one in TRACKS[:2]]
    assert 0 < page.text.index(names[0]) < page.text.index(names[1])
    assert dance.client.get("/open/playlist/nothing").status_code == 404


@pytest.mark.parametrize(
    ("granted", "public", "status"),
    [
        (PRIVATE, False, 201),
        (PUBLIC, True, 201),
        (PUBLIC, False, 403),
        (PRIVATE, True, 403),
        ("user-read-private", False, 403),
    ],
)
def test_the_scope_must_fit(dance: Dance, granted: str, public: bool, status: int) -> None:
    answer = dance.post("/me/playlists", token_of(dance, scope=granted), {"name": "Mine", "public": public})

    assert answer.status_code == status
    if status == 403:
        assert answer.get_json() == refusal(403, "Insufficient client scope")
        assert playlists_of(state_of(dance), MIRA) == []


def test_a_playlist_is_public_unless_the_app_says_otherwise(dance: Dance) -> None:
    answer = dance.post("/me/playlists", token_of(dance, scope=PUBLIC), {"name": "Ours"})

    assert (answer.status_code, answer.get_json()["public"]) == (201, True)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "name",
        {},
        {"name": ""},
        {"name": None},
        {"name": 7},
        {"name": "Mine", "description": 7},
        {"name": "Mine", "public": "no"},
    ],
)
def test_a_body_that_makes_no_sense_is_400(dance: Dance, body: object) -> None:
    answer = dance.post("/me/playlists", token_of(dance), body)

    assert (answer.status_code, answer.get_json()["error"]["status"]) == (400, 400)
    assert playlists_of(state_of(dance), MIRA) == []


def test_a_body_that_is_not_json_is_400(dance: Dance) -> None:
    headers = {"Authorization": f"Bearer {token_of(dance)}", "Content-Type": "application/json"}

    for text in (b"", b"{", b"\xff"):
        assert dance.client.post("/v1/me/playlists", headers=headers, data=text).status_code == 400


@pytest.mark.parametrize(
    "uris",
    [
        None,
        [],
        "spotify:track:x",
        [7],
        [None],
        ["spotify:track:short"],
        [f"spotify:album:{TRACKS[0]}"],
        [f"spotify:track:{TRACKS[0]}\n"],
        ["spotify:track:" + "0" * 22],
        [LOCAL],
        [*URIS[:3], "spotify:track:"],
        URIS[:101],
    ],
    ids=str,
)
def test_tracks_that_cannot_be_put_are_400_and_none_is(dance: Dance, uris: object) -> None:
    token = token_of(dance)
    made = made_by(dance, token)

    answer = dance.post(f"/playlists/{made['id']}/items", token, {"uris": uris})

    assert (answer.status_code, answer.get_json()["error"]["status"]) == (400, 400)
    found = playlist(state_of(dance), made["id"])
    assert found is not None
    assert found.track_ids == ()


def test_a_hundred_tracks_are_not_too_many(dance: Dance) -> None:
    token = token_of(dance)

    assert (
        dance.post(f"/playlists/{made_by(dance, token)['id']}/items", token, {"uris": URIS[:100]}).status_code
        == 201
    )


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


def test_without_a_token_nothing_is_made(dance: Dance) -> None:
    for token in ("", "made-up"):
        assert dance.post("/me/playlists", token, {"name": "Mine", "public": False}).status_code == 401
    app_only = dance.token(grant_type="client_credentials").get_json()["access_token"]
    assert dance.post("/me/playlists", app_only, {"name": "Mine", "public": False}).status_code == 401


def test_the_old_address_is_gone(dance: Dance) -> None:
    token = token_of(dance)
    path = f"/playlists/{made_by(dance, token)['id']}/tracks"

    assert dance.post(path, token, {"uris": URIS[:1]}).get_json() == refusal(403, "Forbidden")
    assert dance.get(path, token).status_code == 403


def test_other_processes_of_the_site_see_the_playlist(tmp_path: Path) -> None:
    ours, theirs = (State(tmp_path / "state.sqlite3") for _ in range(2))
    made = add_playlist(ours, MIRA, "Mine", "", public=False)
    add_tracks(theirs, made.id, TRACKS[:2])

    assert playlists_of(ours, MIRA)[0].track_ids == tuple(TRACKS[:2])
    with serve(create_sandbox([APP], state=tmp_path / "state.sqlite3")) as server:
        assert [one.id for one in server.playlists(MIRA)] == [made.id]
        assert server.playlists(THEO) == []


def test_a_demo_does_not_keep_playlists_without_end(dance: Dance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.sandbox.shelf._MOST", 3)
    state = state_of(dance)

    made = [add_playlist(state, MIRA, f"Number {number}", "", public=False).id for number in range(5)]

    assert [one.id for one in playlists_of(state, MIRA)] == made[2:]


def test_the_consent_page_says_in_plain_words_what_the_scope_allows(dance: Dance) -> None:
    page = dance.client.get("/accounts/authorize", query_string=dance.ask(scope=f"{TOP} {PRIVATE}"))

    assert "Make and change your private playlists" in page.text
