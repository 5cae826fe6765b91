"""Every request of search and browse keeps to Spotify's OpenAPI file, logged out as logged in."""

import pytest

from app.sandbox import Call, SandboxServer
from tests.conftest import Browser
from tests.contract.requests_check import Contract

OF_CATALOGUE = ("/v1/search", "/v1/artists/", "/v1/albums/", "/v1/tracks/")
# Spotify's file still allows more; new apps are given no more than ten.
MOST = {"/v1/search": 10, "albums": 10, "tracks": 50}


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract.read()


@pytest.fixture(scope="module")
def journeys() -> dict[object, list[Call]]:
    """What was recorded: the tests only read it, so that each journey is made once."""
    return {}


@pytest.fixture(params=["logged out", "logged in"])
def calls(request: pytest.FixtureRequest, journeys: dict[object, list[Call]]) -> list[Call]:
    """The requests of `journey`."""
    if request.param not in journeys:
        needed = (request.getfixturevalue(name) for name in ("browser", "spotify"))
        journeys[request.param] = journey(request.param, *needed)
    return journeys[request.param]


def journey(state: str, browser: Browser, spotify: SandboxServer) -> list[Call]:
    """What was asked while somebody looked at everything there is to browse."""
    if state == "logged in":
        browser.log_in()
        browser.get("/your-music")
    found = browser.get("/search.json?q=b").get_json()
    for kind in ("artist", "album", "track"):
        for offset in (0, 10, 1000):
            assert browser.get(f"/search?q=b&type={kind}&offset={offset}").status_code == 200
        for one in found[f"{kind}s"][:3]:
            assert browser.get(f"/{kind}/{one['id']}").status_code == 200
    artist, album = found["artists"][0]["id"], found["albums"][0]["id"]
    for group in ("album", "single", "compilation"):
        browser.get(f"/artist/{artist}?group={group}&offset=10")
    browser.get(f"/album/{album}?offset=50")
    return list(spotify.calls)


def of_catalogue(calls: list[Call]) -> list[Call]:
    return [call for call in calls if call.path.startswith(OF_CATALOGUE)]


def test_every_request_is_in_the_contract(calls: list[Call], contract: Contract) -> None:
    asked = [(call.method, call.path.removeprefix("/v1"), call.query) for call in of_catalogue(calls)]

    assert {(method, contract.template(path)) for method, path, _ in asked} == {
        ("GET", "/search"),
        ("GET", "/artists/{id}"),
        ("GET", "/artists/{id}/albums"),
        ("GET", "/albums/{id}"),
        ("GET", "/albums/{id}/tracks"),
        ("GET", "/tracks/{id}"),
    }
    assert [fault for call in asked for fault in contract.faults(*call)] == []


def test_no_request_wants_more_than_new_apps_are_given(calls: list[Call]) -> None:
    limits = [
        (int(call.query["limit"]), MOST.get(call.path) or MOST[call.path.rpartition("/")[2]])
        for call in of_catalogue(calls)
        if "limit" in call.query
    ]
    assert limits
    assert all(limit <= most for limit, most in limits)
    assert all(int(call.query.get("offset", 0)) <= 1000 for call in of_catalogue(calls))


def test_no_call_is_repeated(calls: list[Call]) -> None:
    asked = [(call.path, tuple(sorted(call.query.items()))) for call in of_catalogue(calls)]
    assert len(asked) == len(set(asked))


def test_browsing_needs_no_scope(calls: list[Call], contract: Contract) -> None:
    assert {
        scope
        for call in of_catalogue(calls)
        for scope in contract.scopes(call.method, call.path.removeprefix("/v1"))
    } == set()


def test_every_request_carries_a_bearer_token_and_no_cookie(calls: list[Call]) -> None:
    for call in of_catalogue(calls):
        assert call.headers["Authorization"].startswith("Bearer ")
        assert "Cookie" not in call.headers
    assert len({call.headers["Authorization"] for call in of_catalogue(calls)}) == 1


def test_the_apps_own_token_is_asked_for_as_spotifys_guide_says(calls: list[Call]) -> None:
    own = [call for call in calls if call.form.get("grant_type") == "client_credentials"]
    logged_in = any(call.path == "/v1/me" for call in calls)

    assert len(own) == (0 if logged_in else 1)
    for call in own:
        assert (call.method, call.path, call.query) == ("POST", "/accounts/api/token", {})
        assert call.form == {"grant_type": "client_credentials"}
        assert call.headers["Authorization"].startswith("Basic ")
        assert call.headers["Content-Type"] == "application/x-www-form-urlencoded"
