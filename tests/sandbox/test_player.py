"""The player: devices, commands, the clock, and the refusals, as Spotify words them."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from app.sandbox import create_sandbox, serve
from app.sandbox.context import sandbox_of
from app.sandbox.devices import devices_of
from app.sandbox.discography import songs_on
from app.sandbox.items import Album, Track
from app.sandbox.playback import Player, Queued, latest_player
from tests.sandbox.conftest import APP, Dance
from tests.sandbox.shop import album_named, artist_named

SCOPE = "user-read-playback-state user-modify-playback-state"
MIRA, THEO, BRUNO, NOUR, NEW = (
    "mira.after.dark",
    "theo_sideb",
    "brunothunder",
    "نور-nour-✈",
    "31x7qkd0newhere",
)
LAPTOP, SPEAKER, PHONE = (one.id or "" for one in devices_of(MIRA))
PIANO = devices_of(THEO)[1].id or ""
INACTIVE = (404, "Player command failed: No active device found", "NO_ACTIVE_DEVICE")
VIOLATED = (403, "Player command failed: Restriction violated", "UNKNOWN")


class Clock:
    """The time that the player sees."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "time", clock.time)
    return clock


class Remote:
    """One visitor's remote control."""

    def __init__(self, dance: Dance, listener: str = MIRA) -> None:
        self.dance = dance
        self.token = dance.tokens(listener, scope=SCOPE)["access_token"]

    def does(self, method: str, path: str = "", body: object = None) -> tuple[object, ...]:
        """Status, message and reason of a command; the status alone when it went well."""
        dance = Dance(self.dance.client.application.test_client(), self.dance.knobs)  # a thread needs its own
        answer = dance.send(method, f"/me/player{path}", self.token, body)
        if answer.status_code == 204:
            assert answer.data == b""
            return (204,)
        error = answer.get_json()["error"]
        assert error["status"] == answer.status_code
        return (answer.status_code, error["message"], error.get("reason"))

    def sees(self, path: str = "") -> Any:
        answer = self.dance.get(f"/me/player{path}", self.token)
        return None if answer.status_code == 204 else answer.get_json()

    def stands(self) -> tuple[str, int, bool]:
        seen = self.sees()
        return seen["item"]["id"], seen["progress_ms"], seen["is_playing"]


def album() -> Album:
    return album_named("Dial Tone Romance")


def songs() -> tuple[Track, ...]:
    return songs_on(album().id)


def playing(dance: Dance) -> Remote:
    remote = Remote(dance)
    assert remote.does("PUT", "/play", {"context_uri": f"spotify:album:{album().id}"}) == (204,)
    return remote


def test_before_the_first_play_there_is_nothing_to_see(dance: Dance) -> None:
    for listener in (MIRA, THEO, NEW):
        remote = Remote(dance, listener)
        for path in ("", "/currently-playing"):
            answer = dance.get(f"/me/player{path}", remote.token)
            assert (answer.status_code, answer.data) == (204, b"")


def test_listeners_have_devices_in_character(dance: Dance) -> None:
    mira, nour = (Remote(dance, one).sees("/devices")["devices"] for one in (MIRA, NOUR))

    assert [(one["name"], one["type"], one["is_active"], one["volume_percent"]) for one in mira] == [
        ("Mira's laptop", "Computer", True, 60),
        ("Kitchen speaker", "Speaker", False, 35),
        ("Pocket phone", "Smartphone", False, None),
    ]
    assert [one["supports_volume"] for one in mira] == [True, True, False]
    assert [(one["id"], one["is_active"]) for one in nour if one["is_restricted"]] == [(None, True)]
    assert not any(one["is_active"] for one in Remote(dance, THEO).sees("/devices")["devices"])
    assert Remote(dance, NEW).sees("/devices") == {"devices": []}


def test_an_album_plays_on_with_the_clock_and_stops_at_its_end(dance: Dance, clock: Clock) -> None:
    remote = playing(dance)
    first, second, *_, last = songs()
    assert remote.stands() == (first.id, 0, True)

    clock.now += 10
    assert remote.stands() == (first.id, 10_000, True)
    assert remote.sees("/currently-playing")["item"]["id"] == first.id

    clock.now += first.duration_ms / 1000
    assert remote.stands() == (second.id, 10_000, True)

    clock.now += 2400
    assert remote.stands() == (last.id, last.duration_ms, False)
    assert remote.does("POST", "/next") == VIOLATED
    assert remote.does("PUT", "/play") == (204,)
    assert remote.stands() == (last.id, 0, True)


def test_the_answer_says_where_and_from_what_it_plays(dance: Dance, clock: Clock) -> None:
    seen = playing(dance).sees()

    assert seen["device"]["id"] == LAPTOP
    assert seen["context"]["uri"] == f"spotify:album:{album().id}"
    assert seen["context"]["href"].endswith(f"/v1/albums/{album().id}")
    assert (seen["timestamp"], seen["currently_playing_type"]) == (int(clock.now * 1000), "track")
    assert (seen["repeat_state"], seen["shuffle_state"]) == ("off", False)
    assert seen["actions"] == {"disallows": {"resuming": True}}


def test_pause_keeps_the_place_and_play_goes_on(dance: Dance, clock: Clock) -> None:
    remote = playing(dance)
    clock.now += 5
    assert remote.does("PUT", "/pause") == (204,)
    clock.now += 60

    assert remote.stands() == (songs()[0].id, 5_000, False)
    assert remote.does("PUT", "/pause") == VIOLATED
    assert remote.does("PUT", "/play") == (204,)
    assert remote.does("PUT", "/play") == VIOLATED
    clock.now += 1
    assert remote.stands() == (songs()[0].id, 6_000, True)


def test_next_and_previous_move_through_the_queue(dance: Dance, clock: Clock) -> None:
    remote = playing(dance)
    clock.now += 5

    assert remote.does("POST", "/next") == (204,)
    assert remote.stands() == (songs()[1].id, 0, True)
    assert remote.does("POST", "/previous") == (204,)
    clock.now += 9
    assert remote.does("POST", "/previous") == (204,)
    assert remote.stands() == (songs()[0].id, 0, True)


@pytest.mark.usefixtures("clock")
def test_seeking_past_the_end_is_the_next_track(dance: Dance) -> None:
    remote = playing(dance)

    assert remote.does("PUT", "/seek?position_ms=42000") == (204,)
    assert remote.stands() == (songs()[0].id, 42_000, True)
    assert remote.does("PUT", f"/seek?position_ms={songs()[0].duration_ms}") == (204,)
    assert remote.stands() == (songs()[1].id, 0, True)


@pytest.mark.parametrize(
    ("body", "index", "place"),
    [
        ({}, 0, 0),
        ({"offset": {"position": 2}}, 2, 0),
        ({"offset": {"uri": f"spotify:track:{songs()[3].id}"}, "position_ms": 7000}, 3, 7000),
        ({"position_ms": 99_999_999}, len(songs()) - 1, songs()[-1].duration_ms),
    ],
)
@pytest.mark.usefixtures("clock")
def test_where_to_begin(dance: Dance, body: dict[str, Any], index: int, place: int) -> None:
    for what in (
        {"context_uri": f"spotify:album:{album().id}"},
        {"uris": [f"spotify:track:{one.id}" for one in songs()]},
    ):
        remote = Remote(dance)
        assert remote.does("PUT", "/play", {**what, **body}) == (204,)
        assert remote.stands()[:2] == (songs()[index].id, place)
        assert (remote.sees()["context"] is None) == ("uris" in what)


def test_an_artist_and_a_playlist_can_be_played(dance: Dance) -> None:
    scope = f"{SCOPE} playlist-modify-private"
    token = dance.tokens(scope=scope)["access_token"]
    made = dance.post("/me/playlists", token, {"name": "Mine", "public": False}).get_json()
    uris = [f"spotify:track:{one.id}" for one in songs()[::-1]]
    dance.post(f"/playlists/{made['id']}/items", token, {"uris": uris})
    remote = Remote(dance)

    assert remote.does("PUT", "/play", {"context_uri": made["uri"]}) == (204,)
    assert remote.stands()[0] == songs()[-1].id
    artist = artist_named("Velvet Modem")
    assert remote.does("PUT", "/play", {"context_uri": f"spotify:artist:{artist.id}"}) == (204,)
    assert artist.id in [one["id"] for one in remote.sees()["item"]["artists"]]


URI = f"spotify:track:{songs()[0].id}"


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"uris": []},
        {"uris": URI},
        {"uris": [7]},
        {"uris": ["spotify:track:" + "0" * 22]},
        {"uris": ["spotify:local:a:b:c:1"]},
        {"uris": [URI], "context_uri": f"spotify:album:{album().id}"},
        {"uris": [URI], "position_ms": -1},
        {"uris": [URI], "position_ms": "0"},
        {"uris": [URI], "offset": {"position": 1}},
        {"uris": [URI], "offset": 0},
        {"context_uri": 7},
        {"context_uri": "spotify:show:" + "0" * 22},
        {"context_uri": "spotify:album:" + "0" * 22},
        {"context_uri": f"spotify:artist:{artist_named('Velvet Modem').id}", "offset": {"position": 0}},
    ],
    ids=str,
)
def test_a_play_that_makes_no_sense_is_400(dance: Dance, body: object) -> None:
    remote = Remote(dance)

    assert remote.does("PUT", "/play", body)[0] == 400
    assert remote.sees() is None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/seek"),
        ("PUT", "/seek?position_ms=-1"),
        ("PUT", "/seek?position_ms=soon"),
        ("PUT", "/volume"),
        ("PUT", "/volume?volume_percent=101"),
        ("PUT", "/volume?volume_percent=-1"),
    ],
)
def test_a_bad_number_is_400(dance: Dance, method: str, path: str) -> None:
    assert playing(dance).does(method, path)[0] == 400


COMMANDS: list[tuple[str, str, object]] = [
    ("PUT", "/play", {"uris": [URI]}),
    ("PUT", "/play", None),
    ("PUT", "/pause", None),
    ("POST", "/next", None),
    ("POST", "/previous", None),
    ("PUT", "/seek?position_ms=0", None),
    ("PUT", "/volume?volume_percent=5", None),
]


@pytest.mark.parametrize(("method", "path", "body"), COMMANDS)
def test_each_command_needs_a_device_premium_and_the_scope(
    dance: Dance, method: str, path: str, body: object
) -> None:
    joint = "&" if "?" in path else "?"
    restricted = (403, "Player command failed: Restricted device", "DEVICE_NOT_CONTROLLABLE")
    premium = (403, "Player command failed: Premium required", "PREMIUM_REQUIRED")

    assert Remote(dance, THEO).does(method, path, body) == INACTIVE
    assert Remote(dance, NEW).does(method, path, body) == INACTIVE
    assert Remote(dance, BRUNO).does(method, path, body) == premium
    assert Remote(dance, NOUR).does(method, path, body) == restricted
    unknown = Remote(dance).does(method, f"{path}{joint}device_id=nothing", body)
    assert unknown == (404, "Device not found", None)
    unasked = dance.tokens(scope="user-read-playback-state")["access_token"]
    answer = dance.send(method, f"/me/player{path}", unasked, body)
    assert answer.get_json() == {"error": {"status": 403, "message": "Insufficient client scope"}}
    app = dance.token(grant_type="client_credentials").get_json()["access_token"]
    assert dance.send(method, f"/me/player{path}", app, body).status_code == 401


@pytest.mark.parametrize("path", ["", "/devices", "/currently-playing"])
def test_looking_needs_a_scope_too(dance: Dance, path: str) -> None:
    assert dance.get(f"/me/player{path}", dance.tokens()["access_token"]).status_code == 403


def test_what_is_playing_now_has_a_scope_of_its_own(dance: Dance) -> None:
    token = dance.tokens(scope="user-read-currently-playing")["access_token"]

    assert dance.get("/me/player/currently-playing", token).status_code == 204
    assert dance.get("/me/player", token).status_code == 403


def test_with_nothing_in_the_queue_nothing_can_be_resumed_or_skipped(dance: Dance) -> None:
    remote = Remote(dance)

    for method, path in (("PUT", "/play"), ("PUT", "/pause"), ("POST", "/next"), ("POST", "/previous")):
        assert remote.does(method, path) == VIOLATED
    assert remote.does("PUT", "/seek?position_ms=0") == VIOLATED


def test_naming_a_device_makes_it_the_active_one(dance: Dance) -> None:
    remote = Remote(dance, THEO)

    assert remote.does("PUT", f"/play?device_id={PIANO}", {"uris": [URI]}) == (204,)
    assert remote.sees()["device"]["name"] == "Salon, near the piano"
    assert remote.does("PUT", "/pause") == (204,)


def test_playback_moves_to_another_device(dance: Dance, clock: Clock) -> None:
    remote = playing(dance)
    clock.now += 3

    assert remote.does("PUT", "", {"device_ids": [SPEAKER]}) == (204,)
    assert (remote.sees()["device"]["id"], *remote.stands()) == (SPEAKER, songs()[0].id, 3_000, True)
    remote.does("PUT", "/pause")
    assert remote.does("PUT", "", {"device_ids": [PHONE]}) == (204,)
    assert remote.stands()[2] is False
    assert remote.does("PUT", "", {"device_ids": [LAPTOP], "play": True}) == (204,)
    assert remote.stands()[2] is True


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"device_ids": []},
        {"device_ids": [LAPTOP, PHONE]},
        {"device_ids": LAPTOP},
        {"device_ids": [None]},
        {"device_ids": [LAPTOP], "play": "yes"},
    ],
    ids=str,
)
def test_a_transfer_needs_exactly_one_device(dance: Dance, body: object) -> None:
    assert Remote(dance).does("PUT", "", body)[0] == 400


def test_a_transfer_to_nowhere(dance: Dance) -> None:
    assert Remote(dance).does("PUT", "", {"device_ids": ["nothing"]}) == (404, "Device not found", None)


def test_volume_is_a_devices_own_and_not_every_device_has_it(dance: Dance) -> None:
    remote = playing(dance)
    fixed = (403, "Player command failed: Cannot control device volume", "VOLUME_CONTROL_DISALLOW")

    assert remote.does("PUT", "/volume?volume_percent=0") == (204,)
    assert remote.does("PUT", f"/volume?volume_percent=100&device_id={SPEAKER}") == (204,)
    assert remote.does("PUT", f"/volume?volume_percent=50&device_id={PHONE}") == fixed
    volumes = [one["volume_percent"] for one in remote.sees("/devices")["devices"]]
    assert volumes == [0, 100, None]
    assert remote.sees()["device"]["id"] == LAPTOP


def test_two_visitors_have_two_players(dance: Dance) -> None:
    ours, theirs = playing(dance), Remote(dance)

    assert theirs.sees() is None
    theirs.does("PUT", "/play", {"uris": [f"spotify:track:{songs()[2].id}"]})
    assert (ours.stands()[0], theirs.stands()[0]) == (songs()[0].id, songs()[2].id)


def test_a_refreshed_token_has_the_same_player(dance: Dance) -> None:
    tokens = dance.tokens(scope=SCOPE)
    dance.send("PUT", "/me/player/play", tokens["access_token"], {"uris": [URI]})
    newer = dance.refresh(tokens["refresh_token"]).get_json()["access_token"]

    assert dance.get("/me/player", newer).get_json()["item"]["uri"] == URI


def test_commands_at_the_same_time_all_count(dance: Dance) -> None:
    box = album_named("The Complete Radiator Études")
    remote = Remote(dance)
    remote.does("PUT", "/play", {"context_uri": f"spotify:album:{box.id}"})
    with ThreadPoolExecutor(6) as people:
        answers = list(people.map(lambda _: remote.does("POST", "/next"), range(30)))

    assert answers == [(204,)] * 30
    assert remote.stands()[0] == songs_on(box.id)[30].id


def test_only_the_latest_players_are_kept(dance: Dance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.sandbox.playback._MOST", 2)
    remotes = [playing(dance) for _ in range(4)]

    assert [one.sees() is None for one in remotes] == [True, True, False, False]


def test_a_server_shows_the_player_to_tests(tmp_path: Path, clock: Clock) -> None:
    app = create_sandbox([APP], state=tmp_path / "state.sqlite3")
    dance = Dance(app.test_client(), sandbox_of(app).knobs)
    with serve(app) as server:
        assert server.player(MIRA) is None
        remote = playing(dance)
        clock.now += 2
        assert server.player(MIRA) == {
            "playing": True,
            "track_id": songs()[0].id,
            "device_id": LAPTOP,
            "progress_ms": 2_000,
            "volume_percent": 60,
            "context_uri": f"spotify:album:{album().id}",
        }
        remote.does("PUT", "", {"device_ids": [PHONE]})
        shown = server.player(MIRA) or {}
        assert (shown["device_id"], shown["volume_percent"]) == (PHONE, None)
        assert server.player(THEO) is None


def test_a_refused_command_leaves_no_trace(dance: Dance) -> None:
    Remote(dance).does("PUT", "/pause")

    assert latest_player(sandbox_of(dance.client.application).state, MIRA) is None


@pytest.mark.parametrize(
    ("seconds", "stands"),
    [
        (0, (0, 0, True)),
        (1.5, (0, 1500, True)),
        (2, (1, 0, True)),
        (4.9, (1, 2900, True)),
        (5, (1, 3000, False)),
    ],
)
def test_a_player_moves_with_time(seconds: float, stands: tuple[int, int, bool]) -> None:
    queue = (Queued("a", 2000), Queued("b", 3000))
    moved = Player(queue=queue, playing=True, at=100.0).moved(100.0 + seconds)

    assert (moved.index, moved.progress_ms, moved.playing) == stands
    assert moved.moved(0.0).progress_ms == moved.progress_ms, "a clock that is set back rewinds nothing"
