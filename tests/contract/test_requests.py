"""Every request that the site makes on its journeys keeps to Spotify's OpenAPI file."""

import pytest

from app.sandbox import Call, Fault, Knobs, SandboxServer
from app.sandbox.listeners import LISTENERS
from app.spotify.oauth import PLAYLIST_SCOPE, SCOPES
from tests.conftest import HOME, Browser
from tests.contract.requests_check import Contract

# What the first two add to /me (country, product, e-mail) no page of ours shows, and no playlist that we make
# is public: the least scopes leave them out.
NOT_NEEDED = {"user-read-private", "user-read-email", "playlist-modify-public"}
BATCH = 100
RECCOBEATS_BATCH = 40


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract.read()


@pytest.fixture(scope="module")
def journeys() -> dict[object, list[Call]]:
    """What was recorded: the tests only read it, so that each journey is made once."""
    return {}


@pytest.fixture(params=[False, True], ids=["a new app", "an older app"])
def calls(request: pytest.FixtureRequest, journeys: dict[object, list[Call]]) -> list[Call]:
    """The requests of `journey`."""
    if request.param not in journeys:
        needed = (request.getfixturevalue(name) for name in ("browser", "spotify", "knobs", "monkeypatch"))
        journeys[request.param] = journey(request.param, *needed)
    return journeys[request.param]


def journey(
    older_app: bool,
    browser: Browser,
    spotify: SandboxServer,
    knobs: Knobs,
    monkeypatch: pytest.MonkeyPatch,
) -> list[Call]:
    """What was asked while several people looked at everything, on good days and bad ones."""
    knobs.new_app, knobs.audio_features_open = not older_app, older_app
    knobs.access_token_seconds = 30
    monkeypatch.setattr("app.spotify.http.random.uniform", lambda _least, _most: 0.0)
    for listener in LISTENERS[::2]:
        browser.log_in(listener.id)
        for time_range in ("short_term", "medium_term", "long_term"):
            browser.get(f"/your-music?time_range={time_range}")
            browser.get(f"/your-music.json?time_range={time_range}")
        browser.post("/your-music/refresh", time_range="short_term")
        knobs.faults["/v1/me/top/tracks"] = Fault(status=503, times=1)
        knobs.faults["/v1/me/top/artists"] = Fault(status=401, times=1)
        browser.get("/your-music?time_range=short_term")
        for kind in ("tracks", "artists", "genres", "albums"):
            browser.get(f"/top/{kind}.json?time_range=long_term")
        browser.get("/mood.json?time_range=long_term")
        browser.get("/privacy")
        asked = browser.post("/top/tracks/playlist", time_range="long_term")
        back = browser.consent(asked.headers["Location"], listener.id).removeprefix(HOME)
        assert browser.get(browser.get(back).headers["Location"]).status_code == 303
    return list(spotify.calls)


def web_api(calls: list[Call]) -> list[Call]:
    return [call for call in calls if call.path.startswith("/v1/")]


def test_every_web_api_request_is_in_the_contract(calls: list[Call], contract: Contract) -> None:
    asked = [(call.method, call.path.removeprefix("/v1"), call.query, call.json) for call in web_api(calls)]
    assert {(method, contract.template(path)) for method, path, _, _ in asked} == {
        ("GET", "/me"),
        ("GET", "/me/top/artists"),
        ("GET", "/me/top/tracks"),
        ("GET", "/audio-features"),
        ("POST", "/me/playlists"),
        ("POST", "/playlists/{playlist_id}/items"),
    }
    assert [fault for call in asked for fault in contract.faults(*call)] == []


def test_a_playlist_is_asked_for_private_and_filled_with_at_most_a_hundred(calls: list[Call]) -> None:
    made = [call for call in calls if call.path == "/v1/me/playlists"]
    filled = [call for call in calls if call.path.startswith("/v1/playlists/")]
    assert made
    assert len(filled) == len(made)
    assert all(call.json["public"] is False for call in made)
    assert all(0 < len(call.json["uris"]) <= BATCH for call in filled)
    assert all(uri.startswith("spotify:track:") for call in filled for uri in call.json["uris"])
    assert all(call.headers["Content-Type"] == "application/json" for call in made + filled)


def test_every_request_is_covered_by_the_scopes_that_were_asked_for(
    calls: list[Call], contract: Contract
) -> None:
    needed = {
        scope
        for call in web_api(calls)
        for scope in contract.scopes(call.method, call.path.removeprefix("/v1"))
    }
    # The library's own requests, and their scope: test_library_requests.py.
    assert needed - NOT_NEEDED == {*SCOPES, PLAYLIST_SCOPE} - {"user-library-read"}
    assert {*SCOPES, PLAYLIST_SCOPE} <= contract.all_scopes()


def test_time_ranges_and_batches_are_within_what_the_contract_says_in_words(calls: list[Call]) -> None:
    ranges = {call.query["time_range"] for call in calls if call.path.startswith("/v1/me/top/")}
    assert ranges == {"short_term", "medium_term", "long_term"}
    for path, most in (("/v1/audio-features", BATCH), ("/reccobeats/v1/audio-features", RECCOBEATS_BATCH)):
        batches = [call.query["ids"].split(",") for call in calls if call.path == path]
        assert batches
        for ids in batches:
            assert 0 < len(ids) <= most
            assert len(set(ids)) == len(ids)
            assert all(len(item_id) == 22 and item_id.isalnum() for item_id in ids)


def test_web_api_requests_carry_a_bearer_token_and_no_cookie(calls: list[Call]) -> None:
    for call in web_api(calls):
        assert call.headers["Authorization"].startswith("Bearer ")
        assert "Cookie" not in call.headers
        assert call.headers["User-Agent"].startswith("LinerNotes/")


def test_token_requests_are_what_spotifys_guide_asks_for(calls: list[Call]) -> None:
    tokens = [call for call in calls if call.path == "/accounts/api/token"]
    shapes = {call.form["grant_type"]: set(call.form) for call in tokens}
    assert shapes == {
        "authorization_code": {"grant_type", "code", "redirect_uri", "code_verifier"},
        "refresh_token": {"grant_type", "refresh_token"},
    }
    for call in tokens:
        assert call.method == "POST"
        assert call.query == {}
        assert call.headers["Authorization"].startswith("Basic ")
        assert call.headers["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("method", "path", "query", "fault"),
    [
        ("GET", "/me/top/genres", {}, "not in the contract"),
        ("POST", "/me", {}, "not in the contract"),
        ("GET", "/me/top/tracks", {"limit": "51"}, "greater than the maximum"),
        ("GET", "/me/top/tracks", {"limit": "many"}, "not of type"),
        ("GET", "/me/top/tracks", {"range": "short_term"}, "not a parameter"),
        ("GET", "/audio-features", {}, "needs ids"),
    ],
)
def test_the_check_itself_finds_faults(
    contract: Contract, method: str, path: str, query: dict[str, str], fault: str
) -> None:
    found = contract.faults(method, path, query)
    assert len(found) == 1
    assert fault in found[0]


@pytest.mark.parametrize(
    ("path", "body", "fault"),
    [
        ("/me/playlists", {"public": False}, "'name' is a required property"),
        ("/me/playlists", {"name": "Mine", "public": "no"}, "not of type 'boolean'"),
        ("/me/playlists", {"name": "Mine", "private": True}, "'private' was unexpected"),
        ("/playlists/3cEYpjA9oz9GiPac4AsH4n/items", {"uris": "spotify:track:x"}, "not of type 'array'"),
        ("/playlists/3cEYpjA9oz9GiPac4AsH4n/items", [], "not of type 'object'"),
        ("/playlists/short/items", {"uris": []}, "not in the contract"),
    ],
)
def test_the_check_finds_faults_of_a_body(contract: Contract, path: str, body: object, fault: str) -> None:
    found = contract.faults("POST", path, {}, body)
    assert len(found) == 1
    assert fault in found[0]
