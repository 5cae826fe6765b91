"""Every request of the player keeps to Spotify's OpenAPI file, and to the scopes that were asked for."""

import pytest

from app.sandbox import Call, SandboxServer
from app.spotify.oauth import PLAYBACK_SCOPES
from tests.conftest import HOME, Browser
from tests.contract.requests_check import Contract

MIRA = "mira.after.dark"


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract.read()


@pytest.fixture
def calls(browser: Browser, spotify: SandboxServer) -> list[Call]:
    """What was asked while somebody used every button."""
    browser.log_in(MIRA)
    album = browser.get("/top/albums.json").json["items"][0]["id"]  # type: ignore[index]
    track = browser.get("/top/tracks.json").json["items"][0]["id"]  # type: ignore[index]
    browser.get("/privacy")
    asked = browser.post("/player/play", track_id=track, next="/privacy")
    back = browser.consent(asked.headers["Location"], MIRA).removeprefix(HOME)
    browser.get(browser.get(back).headers["Location"])
    browser.get("/player")
    device = browser.get("/player.json").json["devices"][1]["id"]  # type: ignore[index]
    browser.post("/player/play", album_id=album, device_id=device)
    browser.post("/player/seek", position_ms="1000")
    browser.post("/player/volume", volume_percent="0")
    for command in ("next", "previous", "pause", "play"):
        browser.post(f"/player/{command}")
    browser.post("/player/transfer", device_id=device)
    return [call for call in spotify.calls if call.path.startswith("/v1/me/player")]


def test_every_request_is_in_the_contract(calls: list[Call], contract: Contract) -> None:
    asked = [(call.method, call.path.removeprefix("/v1"), call.query, call.json) for call in calls]
    assert {(method, path) for method, path, _, _ in asked} == {
        ("GET", "/me/player"),
        ("GET", "/me/player/devices"),
        ("PUT", "/me/player"),
        ("PUT", "/me/player/play"),
        ("PUT", "/me/player/pause"),
        ("PUT", "/me/player/seek"),
        ("PUT", "/me/player/volume"),
        ("POST", "/me/player/next"),
        ("POST", "/me/player/previous"),
    }
    # The body of a play is optional, and every part of it is: none at all means to go on.
    bodies = [
        (*call[:3], {} if call[1] == "/me/player/play" and call[3] is None else call[3]) for call in asked
    ]
    assert [fault for body in bodies for fault in contract.faults(*body)] == []


def test_the_scopes_that_were_asked_for_suffice(calls: list[Call], contract: Contract) -> None:
    needed = {
        scope for call in calls for scope in contract.scopes(call.method, call.path.removeprefix("/v1"))
    }
    assert needed == set(PLAYBACK_SCOPES)
