"""The player: devices, commands, the clock, and the refusals, as Spotify words them."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.sandbox.devices import devices_of
from app.sandbox.discography import songs_on
from app.sandbox.items import Album, Track
from tests.sandbox.conftest import Dance
from tests.sandbox.shop import album_named

SCOPE = "user-read-playback-state user-modify-playback-state"
MIRA, THEO, BRUNO, NOUR, NEW = (
    "mira.after.dark",
    "theo_sideb",
    "brunothunder",
    "نور-nour-✈",
    "31x7qkd0newhere",
)
LAPTOP, SPEAKER, PHONE = (device.id or "" for device in devices_of(MIRA))
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
        {"uris": [f"spotify:track:{song.id}" for song in songs()]},
    ):
        remote = Remote(dance)
        assert remote.does("PUT", "/play", {**what, **body}) == (204,)
        assert remote.stands()[:2] == (songs()[index].id, place)
        assert (remote.sees()["context"] is None) == ("uris" in what)


URI = f"spotify:track:{songs()[0].id}"


COMMANDS: list[tuple[str, str, object]] = [
    ("PUT", "/play", {"uris": [URI]}),
    ("PUT", "/play", None),
    ("PUT", "/pause", None),
    ("POST", "/next", None),
    ("POST", "/previous", None),
    ("PUT", "/seek?position_ms=0", None),
    ("PUT", "/volume?volume_percent=5", None),
]


def test_each_command_needs_a_device_premium_and_the_scope(dance: Dance) -> None:
    for method, path, body in COMMANDS:
        joint = "&" if "?" in path else "?"
        restricted = (403, "Player command failed: Restricted device", "DEVICE_NOT_CONTROLLABLE")
        premium = (403, "Player command failed: Premium required", "PREMIUM_REQUIRED")

        assert Remote(dance, THEO).does(method, path, body) == INACTIVE
        assert Remote(dance, NEW).does(method, path, body) == INACTIVE
        assert Remote(dance, BRUNO).does(method, path, body) == premium
        assert Remote(dance, NOUR).does(method, path, body) == restricted
        unknown = Remote(dance).does(method, f"{path}{joint}device_id=nothing", body)
        assert unknown == (404, "Device not found", None)


def test_volume_is_a_devices_own_and_not_every_device_has_it(dance: Dance) -> None:
    remote = playing(dance)
    fixed = (403, "Player command failed: Cannot control device volume", "VOLUME_CONTROL_DISALLOW")

    assert remote.does("PUT", "/volume?volume_percent=0") == (204,)
    assert remote.does("PUT", f"/volume?volume_percent=100&device_id={SPEAKER}") == (204,)
    assert remote.does("PUT", f"/volume?volume_percent=50&device_id={PHONE}") == fixed
    volumes = [device["volume_percent"] for device in remote.sees("/devices")["devices"]]
    assert volumes == [0, 100, None]
    assert remote.sees()["device"]["id"] == LAPTOP


def test_two_visitors_have_two_players(dance: Dance) -> None:
    ours, theirs = playing(dance), Remote(dance)

    assert theirs.sees() is None
    theirs.does("PUT", "/play", {"uris": [f"spotify:track:{songs()[2].id}"]})
    assert (ours.stands()[0], theirs.stands()[0]) == (songs()[0].id, songs()[2].id)


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

    assert [remote.sees() is None for remote in remotes] == [True, True, False, False]
