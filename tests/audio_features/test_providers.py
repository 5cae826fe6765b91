"""The providers: who is asked how, what is taken from the answer, and what a refusal means."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from responses import RequestsMock

from app.audio_features.providers import Closed, ReccoBeats, SpotifyFeatures
from app.deadline import Deadline
from app.music import AudioFeatures
from app.spotify.client import SpotifyClient
from app.spotify.errors import (
    BadAnswer,
    NotFound,
    RateLimited,
    ServerError,
    SpotifyError,
    UserNotRegistered,
)
from app.spotify.http import Connections, Http
from app.store.cooldowns import Cooldown
from app.store.engine import Store

API, RECCOBEATS = "https://api.spotify.test/v1", "https://api.reccobeats.test/v1"
TRACK = "https://open.spotify.com/track/"


class FakeLogin:
    def access_token(self, _deadline: Deadline) -> str:
        return "BQD"

    def renewed(self, _rejected: str, _deadline: Deadline) -> str:
        return "BQD2"


class NeverDown(Cooldown):
    """A pause that needs no database."""

    def __init__(self) -> None:
        """Nothing to keep."""

    def until(self, part: str = "") -> float | None:  # noqa: ARG002
        return None


@pytest.fixture
def server() -> Iterator[RequestsMock]:
    with RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False) as traveller:
        yield traveller


def spotify(store: Store) -> SpotifyFeatures:
    """Spotify, as one request of somebody sees it."""
    client = SpotifyClient(
        Http("spotify", API, Connections(), None, lambda _: None), FakeLogin(), Deadline(0)
    )
    return SpotifyFeatures(client, Cooldown(store, "spotify:audio-features"), Cooldown(store, "down"))


def reccobeats() -> ReccoBeats:
    return ReccoBeats(Http("reccobeats", RECCOBEATS, Connections(), None, lambda _: None), NeverDown())


def ask_reccobeats(*track_ids: str) -> dict[str, AudioFeatures]:
    return reccobeats().ask(track_ids, Deadline(5))


def row(href: object, **sound: object) -> dict[str, object]:
    """A row as ReccoBeats sends it; the id is its own."""
    return {"id": "a-uuid", "href": href, "isrc": "SEXXX0000001", **(sound or {"energy": 0.5})}


def test_spotify_is_asked_by_id_with_a_deadline_of_its_own(store: Store, server: RequestsMock) -> None:
    rows = [{"id": "a", "energy": 0.5}, None]
    server.get(f"{API}/audio-features", json={"audio_features": rows})

    assert spotify(store).ask(["a", "b"], Deadline(5)) == {"a": AudioFeatures("a", "spotify", energy=0.5)}
    assert [call.request.url for call in server.calls] == [f"{API}/audio-features?ids=a,b"]


@pytest.mark.parametrize("body", ['{"error":{"status":403}}', "Forbidden", ""])
def test_a_403_is_remembered_for_a_day_for_everyone(
    store: Store, server: RequestsMock, clock: time_machine.Traveller, body: str
) -> None:
    server.get(f"{API}/audio-features", status=403, body=body)

    with pytest.raises(Closed):
        spotify(store).ask(["a"], Deadline(5))
    clock.shift(86_400 - 1)
    with pytest.raises(Closed):
        spotify(store).ask(["b"], Deadline(5))
    assert len(server.calls) == 1

    clock.shift(1)
    server.replace("GET", f"{API}/audio-features", json={"audio_features": [{"id": "a", "energy": 1}]})
    assert spotify(store).ask(["a"], Deadline(5)) == {"a": AudioFeatures("a", "spotify", energy=1.0)}
    assert len(server.calls) == 2


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (403, "the user may not be registered.", UserNotRegistered),
        (404, "", NotFound),
        (503, "", ServerError),
        (429, "", RateLimited),
        (200, "<html>", BadAnswer),
        (200, "{}", BadAnswer),
    ],
)
def test_another_failure_of_spotify_is_of_this_time_only(
    store: Store, server: RequestsMock, status: int, body: str, error: type[SpotifyError]
) -> None:
    server.get(f"{API}/audio-features", status=status, body=body)

    for _ in range(2):
        with pytest.raises(error):
            spotify(store).ask(["a"], Deadline(5))

    assert len(server.calls) == (6 if status == 503 else 2)


def test_reccobeats_is_asked_without_anybodys_token(server: RequestsMock) -> None:
    server.get(f"{RECCOBEATS}/audio-features", json={"content": []})

    assert ask_reccobeats("a", "b") == {}
    (call,) = server.calls
    assert call.request.url == f"{RECCOBEATS}/audio-features?ids=a,b"
    assert "Authorization" not in call.request.headers
    assert call.request.headers["User-Agent"].startswith("LinerNotes/")


def test_rows_are_matched_by_their_address_in_any_order(server: RequestsMock) -> None:
    rows = [row(f"{TRACK}c", energy=0.3), row(f"{TRACK}a", energy=0.1)]
    server.get(f"{RECCOBEATS}/audio-features", json={"content": rows})

    assert ask_reccobeats("a", "b", "c") == {
        "a": AudioFeatures("a", "reccobeats", energy=0.1),
        "c": AudioFeatures("c", "reccobeats", energy=0.3),
    }


def test_a_row_in_full(server: RequestsMock) -> None:
    full = {
        "id": "6e3b8b5e-8d1f-4f39-9a52-2f3a1f1f0c11",
        "href": f"{TRACK}a",
        "isrc": "SEXXX0000001",
        "acousticness": 0.0755,
        "danceability": 0.679,
        "energy": 0.715,
        "instrumentalness": 0.0,
        "key": 9,
        "liveness": 0.271,
        "loudness": -6.383,
        "mode": 1,
        "speechiness": 0.0407,
        "tempo": 127.435,
        "valence": 0.571,
    }
    server.get(f"{RECCOBEATS}/audio-features", json={"content": [full]})

    sound = {name: value for name, value in full.items() if name not in ("id", "href", "isrc")}
    expected: dict[str, Any] = {"track_id": "a", "source": "reccobeats", **sound}
    assert ask_reccobeats("a") == {"a": AudioFeatures(**expected)}


@pytest.mark.parametrize(
    "href",
    [
        f"{TRACK}foreign",
        "https://open.spotify.com/",
        "a-uuid",
        "",
        None,
        7,
        ["a"],
        "https://[::1/a",
        f"{TRACK}a?b=/a2",
        "\ud800",
    ],
)
def test_rows_that_nobody_asked_for_are_left_out(server: RequestsMock, href: object) -> None:
    body = json.dumps({"content": [row(href), None, "a", row(f"{TRACK}b")]})
    server.get(f"{RECCOBEATS}/audio-features", body=body)

    assert ask_reccobeats("a2", "b") == {"b": AudioFeatures("b", "reccobeats", energy=0.5)}


@pytest.mark.parametrize(
    "href", [f"{TRACK}a", f"{TRACK}a/", f"{TRACK}a?si=x", "spotify.example/a", "/a", "a"]
)
def test_the_last_part_of_the_path_is_the_id(server: RequestsMock, href: str) -> None:
    server.get(f"{RECCOBEATS}/audio-features", json={"content": [row(href)]})

    assert ask_reccobeats("a") == {"a": AudioFeatures("a", "reccobeats", energy=0.5)}


def test_nulls_and_what_is_off_its_scale_are_dropped(server: RequestsMock) -> None:
    odd = {"valence": None, "energy": 1.2, "danceability": -0.1, "key": -1, "mode": 3, "tempo": 0}
    rows = [row(f"{TRACK}a", **odd, liveness=0.5), row(f"{TRACK}b", **odd)]
    server.get(f"{RECCOBEATS}/audio-features", json={"content": rows})

    assert ask_reccobeats("a", "b") == {"a": AudioFeatures("a", "reccobeats", liveness=0.5)}


@pytest.mark.parametrize("body", ["{}", "[]", "null", '{"content":null}', '{"content":{}}', "<html>", ""])
def test_an_answer_of_another_shape_is_a_bad_answer(server: RequestsMock, body: str) -> None:
    server.get(f"{RECCOBEATS}/audio-features", body=body)

    with pytest.raises(BadAnswer):
        ask_reccobeats("a")


anything = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(st.characters(codec=None)) | st.just(f"{TRACK}a"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["href", "energy", "key", "id"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(anything | st.lists(anything, max_size=4).map(lambda rows: {"content": rows}))
def test_no_answer_breaks_us_and_nothing_comes_that_was_not_asked_for(answer: object) -> None:
    with RequestsMock() as server:
        server.get(f"{RECCOBEATS}/audio-features", body=json.dumps(answer))
        try:
            found = ask_reccobeats("a")
        except BadAnswer:
            return

    assert set(found) <= {"a"}
