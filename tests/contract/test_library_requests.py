"""Every request of the library keeps to the OpenAPI file: reading, saving, on good days and bad ones."""

import pytest

from app.sandbox import Call, Fault, Knobs, SandboxServer
from app.sandbox.listeners import LISTENERS
from app.spotify.oauth import SAVE_SCOPE
from tests.conftest import HOME, Browser
from tests.contract.requests_check import Contract
from tests.waiting import until

THEO = LISTENERS[1].id
SAVED, LIBRARY = "/v1/me/tracks", "/v1/me/library"
MOST_URIS = 40


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
    """What was asked for while somebody looked through a library, read it again, and saved all that was
    missing."""
    knobs.new_app = not older_app
    knobs.access_token_seconds = 30
    knobs.library_size, knobs.library_edge_cases = 730, True
    monkeypatch.setattr("app.spotify.http.random.uniform", lambda _least, _most: 0.0)
    browser.log_in(THEO)
    knobs.faults[SAVED] = Fault(status=503, times=1, after=3)
    browser.get("/library")
    rest(browser)
    knobs.faults[SAVED] = Fault(status=401, times=1, after=3)
    browser.post("/library/refresh")
    rest(browser)
    browser.get("/library?sort=title&q=a")
    browser.get("/library.csv")
    save_all(browser)
    return [call for call in spotify.calls if call.path in (SAVED, LIBRARY)]


def rest(browser: Browser) -> None:
    until(lambda: browser.get("/library/progress.json").get_json()["state"] == "done")


def save_all(browser: Browser) -> None:
    """Presses the button that saves every top track, and agrees."""
    html = browser.get("/library").text
    ids = [one.partition('"')[0] for one in html.split('type="hidden" name="track_id" value="')[1:]]
    token = html.partition('name="csrf_token" value="')[2].partition('"')[0]
    form = {"csrf_token": token, "track_id": ids}
    sent = browser.client.post("/library/save", data=form, base_url=HOME)
    back = browser.consent(sent.headers["Location"], THEO).removeprefix(HOME)
    saved = browser.get(browser.get(back).headers["Location"])
    assert saved.headers["Location"] == "/library?said=saved#not-saved"


def test_every_request_is_in_the_contract(calls: list[Call], contract: Contract) -> None:
    asked = [(call.method, call.path.removeprefix("/v1"), call.query, call.json) for call in calls]

    assert {call[:2] for call in asked} == {("GET", "/me/tracks"), ("PUT", "/me/library")}
    assert [fault for call in asked for fault in contract.faults(*call)] == []


def test_pages_are_fifty_long_and_lie_side_by_side(calls: list[Call]) -> None:
    read = [call for call in calls if call.path == SAVED]

    assert {call.query["limit"] for call in read} == {"50"}
    # Whether the 401 comes before the reading is done depends on which page is asked for first.
    assert {200, 503} <= {call.status for call in read} <= {200, 401, 503}
    good = sorted(int(call.query["offset"]) for call in read if call.status == 200)
    assert good == sorted(list(range(0, 730, 50)) * 2)


def test_at_most_forty_are_saved_at_once(calls: list[Call]) -> None:
    batches = [call.query["uris"].split(",") for call in calls if call.method == "PUT"]
    uris = [uri for batch in batches for uri in batch]

    assert len(batches) == 2
    assert all(0 < len(batch) <= MOST_URIS for batch in batches)
    assert len(uris) == len(set(uris)) > MOST_URIS
    assert all(uri.startswith("spotify:track:") and len(uri) == 36 for uri in uris)


def test_each_request_is_covered_by_the_scope_that_was_asked_for(
    calls: list[Call], contract: Contract
) -> None:
    needed = {call.method: contract.scopes(call.method, call.path.removeprefix("/v1")) for call in calls}

    assert needed["GET"] == {"user-library-read"}
    assert SAVE_SCOPE in needed["PUT"]
    assert SAVE_SCOPE in contract.all_scopes()


def test_each_carries_a_bearer_token_and_no_cookie(calls: list[Call]) -> None:
    for call in calls:
        assert call.headers["Authorization"].startswith("Bearer ")
        assert "Cookie" not in call.headers
        assert call.headers["User-Agent"].startswith("LinerNotes/")
