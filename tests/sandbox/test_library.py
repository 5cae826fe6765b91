"""The library: what was saved before, saving and removing, and libraries of any size."""

from itertools import product
from typing import Any

import pytest

from app.sandbox.catalogue import catalogue
from app.sandbox.changes import change, changes_of
from app.sandbox.context import sandbox_of
from app.sandbox.large_library import EdgeCasePlaces, LargeLibrary
from app.sandbox.merged import Merged
from app.sandbox.saves import LargeLibrarySaves, Saved
from tests.sandbox.conftest import TOP, Dance

READ, WRITE = "user-library-read", "user-library-modify"
MIRA, THEO, NOUR, NEW = "mira.after.dark", "theo_sideb", "نور-nour-✈", "31x7qkd0newhere"
LIBRARY = "/me/library"


def token_of(dance: Dance, who: str = MIRA, scope: str = f"{READ} {WRITE}") -> str:
    token: str = dance.tokens(who, scope=f"{TOP} {scope}")["access_token"]
    return token


def whole(dance: Dance, token: str, limit: int = 50) -> list[dict[str, Any]]:
    path, found = f"/me/tracks?limit={limit}", []
    while path:
        page = dance.get(path, token).get_json()
        found += page["items"]
        path = (page["next"] or "").removeprefix("http://localhost/v1")
    assert page["total"] == len(found)
    return found


def ids(items: list[dict[str, Any]]) -> list[str | None]:
    return [item["track"] and item["track"]["id"] for item in items]


def uri(track_id: str | None) -> str:
    return f"spotify:track:{track_id}"


def test_what_is_removed_is_gone_until_it_is_saved_again(dance: Dance) -> None:
    token = token_of(dance)
    before = whole(dance, token)
    lost = [before[at]["track"]["id"] for at in (0, 49, 50, 559)]

    gone = dance.send("DELETE", f"{LIBRARY}?uris={','.join(uri(track_id) for track_id in lost)}", token)
    after = whole(dance, token)

    assert gone.status_code == 200
    assert ids(after) == [item_id for item_id in ids(before) if item_id not in lost]
    assert dance.get(f"{LIBRARY}/contains?uris={uri(lost[0])}", token).get_json() == [False]
    dance.send("PUT", f"{LIBRARY}?uris={uri(lost[3])}", token)
    assert ids(whole(dance, token))[0] == lost[3]
    dance.send("DELETE", f"{LIBRARY}?uris={uri(lost[3])}", token)
    assert ids(whole(dance, token)) == ids(after)


TRACK = next(iter(catalogue().tracks))
ALBUM = next(iter(catalogue().albums))


def test_albums_are_saved_beside_the_tracks(dance: Dance) -> None:
    token, album = token_of(dance), f"spotify:album:{ALBUM}"
    before = ids(whole(dance, token))

    assert dance.get(f"{LIBRARY}/contains?uris={album}", token).get_json() == [False]
    dance.send("PUT", f"{LIBRARY}?uris={album}", token)

    assert dance.get(f"{LIBRARY}/contains?uris={album}", token).get_json() == [True]
    assert ids(whole(dance, token)) == before


def test_uris_that_make_no_sense_are_400(dance: Dance) -> None:
    for uris, (method, path) in product(
        [
            "",
            ",",
            TRACK,
            "spotify:track:short",
            f"spotify:album:{TRACK}",
            f"{uri(TRACK)},spotify:local:a:b:c:1",
            uri("0" * 22),
            ",".join([uri(TRACK)] * 41),
        ],
        [("PUT", ""), ("DELETE", ""), ("GET", "/contains")],
    ):
        answer = dance.send(method, f"{LIBRARY}{path}?uris={uris}", token_of(dance))

        assert (answer.status_code, answer.get_json()["error"]["status"]) == (400, 400)
        assert changes_of(sandbox_of(dance.client.application).state, MIRA) == []


@pytest.mark.parametrize("size", [100, 560])
def test_a_large_library_with_edge_cases(dance: Dance, size: int) -> None:
    dance.knobs.library_size, dance.knobs.library_edge_cases = size, True
    token = token_of(dance)
    items, odd = whole(dance, token), EdgeCasePlaces(size)

    assert len(items) == size
    assert [at for at, item in enumerate(items) if item["track"] is None] == [odd.removed]
    taken_down, local = items[odd.taken_down]["track"], items[odd.local]["track"]
    assert (taken_down["name"], taken_down["album"]["name"], len(taken_down["id"])) == ("", "", 22)
    assert (local["id"], local["is_local"]) == (None, True)
    first, again = odd.twice
    assert again - first >= 50
    assert items[first]["track"] == items[again]["track"]
    assert len(set(ids(items))) == size - 2  # None is there twice, and so is one track

    dance.send("DELETE", f"{LIBRARY}?uris={uri(items[first]['track']['id'])}", token)
    assert len(whole(dance, token)) == size - 2


def test_changes_find_their_place_between_what_was_there() -> None:
    before = LargeLibrarySaves(LargeLibrary(100))
    new = [Saved(None, before.at(9).added_at + 1), Saved(None, before.at(30).added_at + 1)]
    merged = Merged(before, {0, 5, 29, 99}, new)

    expected = sorted(
        [*(before.at(place) for place in range(100) if place not in {0, 5, 29, 99}), *new],
        key=lambda one: -one.added_at,
    )
    assert [merged[at] for at in range(len(merged))] == merged[:] == expected
    assert merged[90:200] == expected[90:]
    with pytest.raises(IndexError):
        merged[98]


def test_only_the_latest_changes_are_kept(dance: Dance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.sandbox.changes._MOST", 3)
    state = sandbox_of(dance.client.application).state

    for number in range(5):
        change(state, MIRA, [str(number)], saved=True)

    assert [change.item_id for change in changes_of(state, MIRA)] == ["2", "3", "4"]
