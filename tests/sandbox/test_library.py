"""The library: what was saved before, saving and removing, and libraries of any size."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from app.sandbox import Fault, create_sandbox, serve
from app.sandbox.catalogue import catalogue
from app.sandbox.changes import change, changes_of
from app.sandbox.context import sandbox_of
from app.sandbox.crowd import Crowd, RejectedRows
from app.sandbox.items import Track
from app.sandbox.listeners import LISTENERS, listener
from app.sandbox.merged import Merged
from app.sandbox.plays import plays
from app.sandbox.saves import CrowdSaves, Saved, saves
from app.sandbox.state import State
from tests.sandbox.conftest import APP, TOP, Dance

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
    return [one["track"] and one["track"]["id"] for one in items]


def uri(track_id: str | None) -> str:
    return f"spotify:track:{track_id}"


def unsaved(items: list[dict[str, Any]]) -> list[str]:
    return [one.id for one in catalogue().tracks.values() if one.id and one.id not in ids(items)]


@pytest.mark.parametrize(("who", "count"), [(one.id, one.saves) for one in LISTENERS])
def test_a_library_is_newest_first_over_four_years(dance: Dance, who: str, count: int) -> None:
    items = whole(dance, token_of(dance, who))
    moments = [datetime.strptime(one["added_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) for one in items]

    assert len(items) == count
    assert all(newer >= older for newer, older in pairwise(moments))
    if count:
        known = [one for one in ids(items) if one]
        assert len(set(known)) == len(known)
        assert moments[0] <= datetime.now(UTC)
        assert moments[0] - moments[-1] > timedelta(days=3.5 * 365)


def test_mira_saved_more_than_five_hundred_and_the_newcomer_nothing() -> None:
    assert [one.saves for one in LISTENERS] == [560, 240, 150, 120, 0]


def test_the_awkward_library_has_local_files_and_a_removed_track(dance: Dance) -> None:
    items = whole(dance, token_of(dance, NOUR))
    local = [one["track"] for one in items if one["track"] and one["track"]["is_local"]]

    assert [one["track"] for one in items].count(None) == 1
    assert [(one["id"], one["href"]) for one in local] == [(None, None)] * 2
    assert "" in {one["track"]["album"]["name"] for one in items if one["track"]}


def test_a_library_stays_as_it_is_from_day_to_day() -> None:
    mira = listener(MIRA)
    assert mira is not None
    today = datetime(2026, 11, 20, 9, tzinfo=UTC)
    now, then = (saves(mira, day).items for day in (today, today + timedelta(days=3)))

    assert len(set(now) & set(then)) >= len(now) - 8


def test_tracks_were_saved_soon_after_a_play() -> None:
    theo = listener(THEO)
    assert theo is not None
    now = datetime.now(UTC)
    ended: dict[str, set[int]] = {}
    for play in plays(theo, now):
        ended.setdefault(play.track_id, set()).add(play.ended_at)
    items = [one for one in saves(theo, now).items if one.track]

    after_a_play = [
        any(one.added_at - 240 < moment < one.added_at for moment in ended.get(one.track.key, ()))
        for one in items
        if one.track
    ]
    assert sum(after_a_play) > len(items) * 0.7


def test_the_default_page_has_twenty(dance: Dance) -> None:
    token = token_of(dance)
    page = dance.get("/me/tracks", token).get_json()

    assert (page["limit"], page["offset"], len(page["items"]), page["total"]) == (20, 0, 20, 560)
    assert page["href"] == "http://localhost/v1/me/tracks?offset=0&limit=20"
    assert ids(whole(dance, token)) == ids(whole(dance, token, limit=37))


@pytest.mark.parametrize("query", ["limit=0", "limit=51", "offset=-1", "limit=x"])
def test_a_bad_page_is_refused(dance: Dance, query: str) -> None:
    assert dance.get(f"/me/tracks?{query}", token_of(dance)).status_code == 400


def test_what_is_saved_comes_first_and_is_contained(dance: Dance) -> None:
    token = token_of(dance)
    before = whole(dance, token)
    new = unsaved(before)[:2]

    for one in new:
        assert dance.send("PUT", f"{LIBRARY}?uris={uri(one)}", token).status_code == 200
    after = whole(dance, token)

    assert ids(after) == [*reversed(new), *ids(before)]
    asked = ",".join(uri(one) for one in (*new, unsaved(after)[0], before[0]["track"]["id"]))
    assert dance.get(f"{LIBRARY}/contains?uris={asked}", token).get_json() == [True, True, False, True]


def test_what_is_saved_already_keeps_its_place(dance: Dance) -> None:
    token = token_of(dance)
    before = whole(dance, token)

    assert dance.send("PUT", f"{LIBRARY}?uris={uri(before[7]['track']['id'])}", token).status_code == 200
    assert whole(dance, token) == before


def test_what_is_removed_is_gone_until_it_is_saved_again(dance: Dance) -> None:
    token = token_of(dance)
    before = whole(dance, token)
    lost = [before[at]["track"]["id"] for at in (0, 49, 50, 559)]

    gone = dance.send("DELETE", f"{LIBRARY}?uris={','.join(uri(one) for one in lost)}", token)
    after = whole(dance, token)

    assert gone.status_code == 200
    assert ids(after) == [one for one in ids(before) if one not in lost]
    assert dance.get(f"{LIBRARY}/contains?uris={uri(lost[0])}", token).get_json() == [False]
    dance.send("PUT", f"{LIBRARY}?uris={uri(lost[3])}", token)
    assert ids(whole(dance, token))[0] == lost[3]
    dance.send("DELETE", f"{LIBRARY}?uris={uri(lost[3])}", token)
    assert ids(whole(dance, token)) == ids(after)


def test_removing_what_is_not_saved_is_no_error(dance: Dance) -> None:
    token = token_of(dance, NEW)
    track = next(iter(catalogue().tracks))

    assert dance.send("DELETE", f"{LIBRARY}?uris={uri(track)}", token).status_code == 200
    assert whole(dance, token) == []


TRACK = next(iter(catalogue().tracks))


@pytest.mark.parametrize(
    "uris",
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
    ids=lambda uris: uris[:40],
)
@pytest.mark.parametrize(("method", "path"), [("PUT", ""), ("DELETE", ""), ("GET", "/contains")])
def test_uris_that_make_no_sense_are_400(dance: Dance, method: str, path: str, uris: str) -> None:
    answer = dance.send(method, f"{LIBRARY}{path}?uris={uris}", token_of(dance))

    assert (answer.status_code, answer.get_json()["error"]["status"]) == (400, 400)
    assert changes_of(sandbox_of(dance.client.application).state, MIRA) == []


def test_forty_are_not_too_many(dance: Dance) -> None:
    token = token_of(dance, NEW)
    some = list(catalogue().tracks)[:40]

    dance.send("PUT", f"{LIBRARY}?uris={','.join(uri(one) for one in some)}", token)
    assert sorted(str(one) for one in ids(whole(dance, token))) == sorted(some)


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/me/tracks", WRITE),
        ("GET", f"{LIBRARY}/contains?uris={uri(TRACK)}", WRITE),
        ("PUT", f"{LIBRARY}?uris={uri(TRACK)}", READ),
        ("DELETE", f"{LIBRARY}?uris={uri(TRACK)}", READ),
    ],
)
def test_each_needs_its_scope_and_a_listener(dance: Dance, method: str, path: str, scope: str) -> None:
    answer = dance.send(method, path, token_of(dance, scope=scope))
    app = dance.token(grant_type="client_credentials").get_json()["access_token"]

    assert answer.get_json() == {"error": {"status": 403, "message": "Insufficient client scope"}}
    assert dance.send(method, path, app).status_code == 401
    assert dance.send(method, path, "made-up").status_code == 401


def test_the_old_addresses_are_gone(dance: Dance) -> None:
    token = token_of(dance)

    for method, path in (("PUT", "/me/tracks"), ("DELETE", "/me/tracks"), ("GET", "/me/tracks/contains")):
        answer = dance.send(method, f"{path}?ids={TRACK}", token)
        assert answer.get_json() == {"error": {"status": 403, "message": "Forbidden"}}


def test_a_library_of_a_set_size_holds_that_many_by_several_hundred_artists(dance: Dance) -> None:
    dance.knobs.library_size = 10_000
    token = token_of(dance, NEW)
    pages = [dance.get(f"/me/tracks?limit=50&offset={at}", token).get_json() for at in (0, 5_000, 9_950)]
    tracks = [Crowd(10_000).track(place) for place in range(10_000)]
    known = [one for one in tracks if one is not None]

    assert [(one["total"], len(one["items"]), one["next"] is None) for one in pages] == [
        (10_000, 50, False),
        (10_000, 50, False),
        (10_000, 50, True),
    ]
    assert len({one.id for one in known}) == 10_000
    assert 300 < len({one.artists[0].id for one in known}) < 900
    assert {one.album.released[:3] for one in known} >= {"196", "197", "198", "199", "200", "201", "202"}
    assert 0.02 < sum(one.explicit for one in known) / 10_000 < 0.2
    added = [Crowd(10_000).added_at(place) for place in range(10_000)]
    assert all(newer > older for newer, older in pairwise(added))
    assert added[0] - added[-1] > 8 * 365 * 86_400


def test_a_page_of_a_large_library_builds_only_its_own_tracks(
    dance: Dance, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[int] = []
    track = Crowd.track

    def watched(self: Crowd, place: int) -> Track | None:
        built.append(place)
        return track(self, place)

    monkeypatch.setattr(Crowd, "track", watched)
    dance.knobs.library_size = 100_000

    dance.get("/me/tracks?limit=50&offset=70000", token_of(dance))

    assert built == list(range(70_000, 70_050))


def test_tracks_of_a_large_library_are_there_by_their_ids(dance: Dance) -> None:
    dance.knobs.library_size, dance.knobs.audio_features_open = 500, True
    token = token_of(dance)
    track = dance.get("/me/tracks?offset=77", token).get_json()["items"][0]["track"]

    assert dance.get(f"/tracks/{track['id']}", token).get_json() == track
    album = dance.get(f"/albums/{track['album']['id']}", token).get_json()
    assert track["id"] in [one["id"] for one in album["tracks"]["items"]]
    assert album["total_tracks"] == album["tracks"]["total"]
    made = dance.get(f"/artists/{track['artists'][0]['id']}/albums?limit=10", token).get_json()
    assert album["id"] in [one["id"] for one in made["items"]]
    assert dance.get(f"/artists/{track['artists'][0]['id']}", token).status_code == 200
    features = dance.get(f"/audio-features?ids={track['id']}", token).get_json()["audio_features"]
    assert [one and one["id"] for one in features] in ([track["id"]], [None])


@pytest.mark.parametrize("size", [100, 560])
def test_a_library_with_oddities(dance: Dance, size: int) -> None:
    dance.knobs.library_size, dance.knobs.library_oddities = size, True
    token = token_of(dance)
    items, odd = whole(dance, token), RejectedRows(size)

    assert len(items) == size
    assert [at for at, one in enumerate(items) if one["track"] is None] == [odd.removed]
    taken_down, local = items[odd.taken_down]["track"], items[odd.local]["track"]
    assert (taken_down["name"], taken_down["album"]["name"], len(taken_down["id"])) == ("", "", 22)
    assert (local["id"], local["is_local"]) == (None, True)
    single_flight, again = odd.twice
    assert again - single_flight >= 50
    assert items[single_flight]["track"] == items[again]["track"]
    assert len(set(ids(items))) == size - 2  # None is there twice, and so is one track

    dance.send("DELETE", f"{LIBRARY}?uris={uri(items[single_flight]['track']['id'])}", token)
    assert len(whole(dance, token)) == size - 2


def test_changes_find_their_place_between_what_was_there() -> None:
    before = CrowdSaves(Crowd(100))
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


def test_other_processes_and_tests_see_what_was_saved(tmp_path: Path) -> None:
    file = tmp_path / "state.sqlite3"
    change(State(file), MIRA, ["one", "two"], saved=True)
    change(State(file), MIRA, ["three"], saved=True)
    change(State(file), MIRA, ["one"], saved=False)

    with serve(create_sandbox([APP], state=file)) as server:
        assert server.saved(MIRA) == ["two", "three"]
        assert server.saved(THEO) == []


def test_only_the_latest_changes_are_kept(dance: Dance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.sandbox.changes._MOST", 3)
    state = sandbox_of(dance.client.application).state

    for number in range(5):
        change(state, MIRA, [str(number)], saved=True)

    assert [one.track_id for one in changes_of(state, MIRA)] == ["2", "3", "4"]


def test_a_fault_can_come_in_the_middle(dance: Dance) -> None:
    token = token_of(dance)
    dance.knobs.faults["/v1/me/tracks"] = Fault(status=503, after=2, times=1)

    statuses = [dance.get(f"/me/tracks?offset={at}", token).status_code for at in (0, 20, 40, 60)]

    assert statuses == [200, 200, 503, 200]


def test_whose_taste_is_heavy_does_not_pay() -> None:
    assert [one.id for one in LISTENERS if not one.premium] == ["brunothunder"]
