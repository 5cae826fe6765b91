"""Playing from a page: asked for once, done once, and every trouble is a sentence."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from app.sandbox import SandboxServer
from app.sandbox.listeners import LISTENERS
from app.spotify.playback import SENTENCES, PlayerError
from app.web.player.view import DECLINED, OTHER, sentence_of
from tests.conftest import HOME, Browser

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MIRA, THEO, BRUNO, NOUR, NEWEST = (
    "mira.after.dark",
    "theo_sideb",
    "brunothunder",
    "نور-nour-✈",
    LISTENERS[4].id,
)
TRACK = "0" * 22
LIST = "/top/tracks?time_range=short_term"
SCOPES = "user-top-read user-library-read user-read-playback-state user-modify-playback-state"
COMMANDS = ("play", "pause", "next", "previous", "seek", "volume", "transfer")


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands still: clicks are double clicks until it is moved."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def first_track(browser: Browser) -> str:
    """The id of the first track that Spotify could play."""
    tracks: list[dict[str, Any]] = browser.get("/top/tracks.json").json["items"]  # type: ignore[index]
    return str(next(track["id"] for track in tracks if track["id"]))


def first_album(browser: Browser) -> str:
    """The id of the first album."""
    albums: list[dict[str, Any]] = browser.get("/top/albums.json").json["items"]  # type: ignore[index]
    return str(next(album["id"] for album in albums if album["id"]))


def press(browser: Browser, command: str = "play", **form: str) -> TestResponse:
    """Presses a button of the page that is open."""
    browser.get("/privacy")  # any page has the token of this session's forms
    return browser.post(f"/player/{command}", follow=False, **form)


def ask(browser: Browser, command: str = "play", **form: str) -> TestResponse:
    """The same by a script."""
    browser.get("/privacy")
    token = browser.page.partition('name="csrf_token" value="')[2].partition('"')[0]
    return browser.client.post(
        f"/player/{command}",
        data={"csrf_token": token} | form,
        base_url=HOME,
        headers={"X-Requested-With": "fetch"},
    )


def agree(browser: Browser, asked: TestResponse, listener: str = MIRA, answer: str = "agree") -> TestResponse:
    """Answers Spotify; what comes of it, as far as the page that one comes back to."""
    assert asked.status_code == 303, asked.text
    back = browser.get(browser.consent(asked.headers["Location"], listener, answer).removeprefix(HOME))
    assert back.status_code == 302
    return browser.get(back.headers["Location"])


def player_of(app: Flask, listener: str = MIRA) -> Browser:
    """Someone who has granted playing, and played nothing yet."""
    browser = Browser(app)
    browser.log_in(listener)
    asked = press(browser, next="/player")
    browser.consent(asked.headers["Location"], listener)
    browser.get(browser.consent(asked.headers["Location"], listener).removeprefix(HOME))
    with browser.client.session_transaction(base_url=HOME) as session:
        session.pop("play")
    return browser


@pytest.fixture
def mira(app: Flask) -> Browser:
    return player_of(app)


def writes(spotify: SandboxServer) -> list[str]:
    """The commands that came, in order."""
    return [
        call.path.removeprefix("/v1/me/player")
        for call in spotify.calls
        if call.path.startswith("/v1/me/player") and call.method != "GET"
    ]


def where(answer: TestResponse) -> tuple[str, dict[str, str]]:
    """Where an answer leads: the path, and the query."""
    assert answer.status_code == 303, answer.text
    parts = urlsplit(answer.headers["Location"])
    return parts.path, {name: one for name, [one] in parse_qs(parts.query).items()}


# --- the first time ---


def test_the_first_press_asks_for_permission_and_then_plays_and_comes_back(
    browser: Browser, spotify: SandboxServer
) -> None:
    browser.log_in(MIRA)
    wanted = first_track(browser)
    asked = press(browser, track_id=wanted, next=LIST)
    assert parse_qs(urlsplit(asked.headers["Location"]).query)["scope"] == [SCOPES]
    assert writes(spotify) == []

    back = agree(browser, asked)

    assert where(back) == ("/top/tracks", {"time_range": "short_term"})
    assert writes(spotify) == ["/play"]
    assert spotify.calls[-1].json == {"uris": [f"spotify:track:{wanted}"]}
    assert browser.get("/player.json").json["item"]["id"] == wanted  # type: ignore[index]


def test_a_script_is_told_where_to_ask(browser: Browser) -> None:
    browser.log_in(MIRA)
    answer = ask(browser, track_id=TRACK, next=LIST).json
    assert answer is not None
    assert (answer["said"], answer["ok"]) == ("asks", False)
    assert "/authorize?" in answer["location"]


def test_what_was_wanted_is_played_once(browser: Browser, spotify: SandboxServer) -> None:
    browser.log_in(MIRA)
    agree(browser, press(browser, track_id=first_track(browser), next=LIST))
    for _ in range(2):
        again = browser.get("/player/resume?next=/top/tracks")
        assert where(again) == ("/top/tracks", {})
    assert writes(spotify) == ["/play"]


def test_nobody_expects_music_from_a_press_of_long_ago(
    browser: Browser, spotify: SandboxServer, clock: time_machine.Traveller
) -> None:
    browser.log_in(MIRA)
    asked = press(browser, track_id=first_track(browser), next=LIST)
    back = browser.get(browser.consent(asked.headers["Location"], MIRA).removeprefix(HOME))
    clock.shift(timedelta(minutes=13))
    assert where(browser.get(back.headers["Location"])) == ("/top/tracks", {"time_range": "short_term"})
    assert writes(spotify) == []


def test_who_refuses_is_told_that_nothing_was_played(browser: Browser, spotify: SandboxServer) -> None:
    browser.log_in(MIRA)
    back = agree(browser, press(browser, track_id=TRACK, next=LIST), answer="refuse")
    assert where(back) == ("/player", {"said": DECLINED, "next": LIST})
    page = browser.get(back.headers["Location"])
    assert "You did not give the permission" in page.text
    assert f'href="{LIST}"' in page.text
    assert writes(spotify) == []
    assert browser.get("/your-music").status_code == 200


def test_who_agrees_as_somebody_else_plays_nothing(browser: Browser, spotify: SandboxServer) -> None:
    browser.log_in(MIRA)
    back = agree(browser, press(browser, track_id=TRACK, next=LIST), THEO)
    assert where(back) == ("/player", {"said": OTHER, "next": LIST})
    assert "You agreed as somebody else" in browser.get(back.headers["Location"]).text
    assert writes(spotify) == []


def test_the_wish_survives_a_missing_device(browser: Browser, spotify: SandboxServer) -> None:
    browser.log_in(THEO)
    wanted = first_track(browser)
    path, query = where(agree(browser, press(browser, track_id=wanted, next=LIST), THEO))
    assert (path, query) == ("/player", {"said": "no-device", "next": LIST, "track_id": wanted})
    page = browser.get(f"/player?said=no-device&next=/top/tracks&track_id={wanted}").text
    assert SENTENCES[PlayerError.NO_DEVICE] in page
    assert "on Salon, near the piano</span>" in page
    assert page.count(f'name="track_id" value="{wanted}"') == 3
    devices = browser.get("/player.json").json["devices"]  # type: ignore[index]
    salon = next(device["id"] for device in devices if device["name"] == "Salon, near the piano")
    assert where(press(browser, track_id=wanted, device_id=salon, next=LIST))[0] == "/top/tracks"
    now = browser.get("/player.json").json
    assert now is not None
    assert (now["playing"], now["item"]["id"], now["device"]["id"]) == (True, wanted, salon)
    assert writes(spotify) == ["/play", "/play"]


def test_who_has_no_device_is_told_how_to_open_one(app: Flask) -> None:
    newest = player_of(app, NEWEST)
    back = press(newest, track_id=first_track(player_of(app)), next="/privacy")
    page = newest.get(back.headers["Location"]).text
    assert SENTENCES[PlayerError.NO_DEVICE] in page
    assert "Open Spotify on your phone or computer." in page
    assert "Choose a device below" not in page


def test_free_accounts_are_told(app: Flask) -> None:
    bruno = player_of(app, BRUNO)
    back = press(bruno, track_id=TRACK, next="/privacy")
    assert where(back)[1]["said"] == "premium"
    assert "for Premium accounts only" in bruno.get(back.headers["Location"]).text


def test_a_device_that_takes_no_commands_is_listed_with_the_reason(app: Flask) -> None:
    nour = player_of(app, NOUR)
    page = nour.get("/player").text
    assert "Hotel television" in page
    assert "takes no commands from outside" in page
    assert "on Hotel television</span>" not in page
    assert where(press(nour, track_id=first_track(nour), next="/privacy"))[1]["said"] == "device-deaf"


# --- commands ---


def test_every_command_reaches_the_device(mira: Browser, spotify: SandboxServer) -> None:
    devices = mira.get("/player.json").json["devices"]  # type: ignore[index]
    kitchen = next(device["id"] for device in devices if device["name"] == "Kitchen speaker")
    done = [
        press(mira, "play", album_id=first_album(mira), next=LIST),
        press(mira, "seek", position_ms="61000", next=LIST),
        press(mira, "volume", volume_percent="40", next=LIST),
        press(mira, "next", next=LIST),
        press(mira, "previous", next=LIST),
        press(mira, "pause", next=LIST),
        press(mira, "play", next=LIST),
        press(mira, "transfer", device_id=kitchen, next=LIST),
    ]
    assert [where(one)[0] for one in done] == ["/top/tracks"] * 8
    assert writes(spotify) == ["/play", "/seek", "/volume", "/next", "/previous", "/pause", "/play", ""]
    now = mira.get("/player.json").json
    assert now is not None
    assert (now["playing"], now["device"]["name"]) == (True, "Kitchen speaker")


def test_albums_and_artists_play_as_contexts(
    mira: Browser, spotify: SandboxServer, clock: time_machine.Traveller
) -> None:
    for field, kind in (("album_id", "album"), ("artist_id", "artist")):
        press(mira, "play", **{field: TRACK})
        assert spotify.calls[-1].json == {"context_uri": f"spotify:{kind}:{TRACK}"}
        clock.shift(timedelta(seconds=2))


def test_a_script_is_answered_in_json(mira: Browser) -> None:
    answer = ask(mira, track_id=first_track(mira))
    assert answer.json == {"said": "play", "sentence": "Playing.", "ok": True}
    paused = ask(mira, "pause").json
    assert paused == {"said": "pause", "sentence": "Paused.", "ok": True}


def test_back_on_the_players_page_it_says_what_happened(mira: Browser) -> None:
    press(mira, track_id=first_track(mira))
    back = press(mira, "pause", next="/player?said=play")
    assert where(back) == ("/player", {"said": "pause"})
    page = mira.get("/player?said=pause").text
    assert "<strong>Paused.</strong>" in page
    assert "Paused on <bdi>Mira&#39;s laptop</bdi>" in page


def test_an_unknown_code_says_nothing(mira: Browser) -> None:
    page = mira.get("/player?said=<b>hacked</b>").text
    assert "hacked" not in page.partition("play-form")[0]
    assert sentence_of("hacked") == sentence_of(None) == ""


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/player/play", "/logout", "x"]
)
def test_it_leads_back_to_paths_of_this_site_alone(mira: Browser, elsewhere: str) -> None:
    assert where(press(mira, track_id=first_track(mira), next=elsewhere)) == ("/player", {"said": "play"})


# --- double clicks ---


def test_a_double_click_skips_once_and_both_answers_are_good(
    mira: Browser, spotify: SandboxServer, clock: time_machine.Traveller
) -> None:
    press(mira, album_id=first_album(mira))
    answers = [ask(mira, "next").json for _ in range(2)]
    assert answers == [{"said": "next", "sentence": "Skipped to the next.", "ok": True}] * 2
    assert writes(spotify) == ["/play", "/next"]
    clock.shift(timedelta(seconds=1))
    press(mira, "next")
    assert writes(spotify) == ["/play", "/next", "/next"]


def test_other_arguments_are_another_command(mira: Browser, spotify: SandboxServer) -> None:
    press(mira, track_id=first_track(mira))
    for percent in ("40", "41", "40", "40"):
        press(mira, "volume", volume_percent=percent)
    assert [call.query["volume_percent"] for call in spotify.calls if call.path.endswith("/volume")] == [
        "40",
        "41",
        "40",
    ]


def test_pause_play_pause_in_a_second_are_three_commands(mira: Browser, spotify: SandboxServer) -> None:
    press(mira, track_id=first_track(mira))
    for command in ("pause", "play", "pause"):
        press(mira, command)
    assert writes(spotify) == ["/play", "/pause", "/play", "/pause"]


def test_another_browser_of_the_same_person_is_heard_too(
    mira: Browser, app: Flask, spotify: SandboxServer
) -> None:
    press(mira, album_id=first_album(mira))
    phone = player_of(app)
    press(phone, album_id=first_album(phone))
    before = len(writes(spotify))
    press(mira, "next")
    press(phone, "next")
    assert len(writes(spotify)) == before + 2


def test_two_clicks_in_the_same_moment_skip_once(mira: Browser, app: Flask, spotify: SandboxServer) -> None:
    press(mira, album_id=first_album(mira))
    mira.get("/privacy")
    cookie = mira.client.get_cookie("liner_notes", domain="127.0.0.1")
    assert cookie is not None
    start = Barrier(2)

    def click(_: int) -> int:
        tab = Browser(app)
        tab.client.set_cookie("liner_notes", cookie.value, domain="127.0.0.1")
        tab.page = mira.page
        start.wait(5)
        return tab.post("/player/next", next=LIST).status_code

    with ThreadPoolExecutor(2) as both:
        assert list(both.map(click, range(2))) == [303, 303]
    assert writes(spotify) == ["/play", "/next"]


# --- what makes no sense ---


def test_nonsense_is_400_and_asks_nothing(mira: Browser, spotify: SandboxServer) -> None:
    for command, form in [
        ("play", {"track_id": "x"}),
        ("play", {"track_id": TRACK + "/"}),
        ("play", {"track_id": TRACK, "album_id": TRACK}),
        ("play", {"device_id": "a b"}),
        ("play", {"device_id": "x" * 201}),
        ("seek", {}),
        ("seek", {"position_ms": "-1"}),
        ("seek", {"position_ms": "1e3"}),
        ("seek", {"position_ms": "1" * 5000}),
        ("seek", {"position_ms": "١"}),
        ("volume", {"volume_percent": "101"}),
        ("volume", {"volume_percent": ""}),
        ("transfer", {}),
        ("transfer", {"device_id": "\x00"}),
    ]:
        before = len(spotify.calls)
        assert press(mira, command, **form).status_code == 400
        refused = ask(mira, command, **form)
        assert refused.status_code == 400
        assert refused.json == {"error": {"status": 400, "message": "That address does not make sense here"}}
        assert len(spotify.calls) == before


def test_without_the_token_nothing_happens(mira: Browser, spotify: SandboxServer) -> None:
    for command in COMMANDS:
        before = len(spotify.calls)
        refused = mira.client.post(f"/player/{command}", data={"volume_percent": "1"}, base_url=HOME)
        assert refused.status_code == 400
        assert "This form is no longer valid" in refused.text
        assert len(spotify.calls) == before


def test_a_get_commands_nothing(mira: Browser, spotify: SandboxServer) -> None:
    for command in COMMANDS:
        before = writes(spotify)
        assert mira.get(f"/player/{command}").status_code == 405
        assert writes(spotify) == before


@pytest.mark.parametrize("command", [command for command in COMMANDS if command != "play"])
def test_without_permission_a_command_is_a_sentence(
    browser: Browser, spotify: SandboxServer, command: str
) -> None:
    browser.log_in(MIRA)
    form = {"position_ms": "1", "volume_percent": "1", "device_id": "x"}
    assert where(press(browser, command, **form)) == ("/player", {"said": "not-allowed"})
    assert writes(spotify) == []


def test_logged_out_there_is_no_player(browser: Browser) -> None:
    assert browser.get("/player").headers["Location"] == "/?next=/player"
    assert browser.get("/player.json").status_code == 401
    fragment = browser.client.get("/player/now", base_url=HOME, headers={"X-Requested-With": "fetch"})
    assert (fragment.status_code, fragment.mimetype) == (401, "application/json")
    assert "play-form" not in browser.get("/privacy").get_data(as_text=True)


# --- what pages show ---


def test_before_it_is_granted_a_page_has_buttons_and_no_player(browser: Browser) -> None:
    browser.log_in(MIRA)
    page = browser.get("/top/tracks").text
    assert page.count('class="play"') == page.count('name="track_id"') == 50
    assert page.count('id="play-form"') == 1
    assert "foot-player" not in page
    assert "player.js" not in page
    assert browser.get("/player").text.count("Go on with what was playing") == 1


def test_afterwards_every_page_has_the_player_at_its_foot_as_a_link(mira: Browser) -> None:
    for path in ("/your-music", "/top/albums", "/mood", "/privacy", "/nowhere"):
        page = mira.get(path).text
        assert page.count('class="foot-player"') == 1
        assert '<a href="/player">Player</a>' in page
    assert "foot-player" not in mira.get("/player").text


def test_albums_have_buttons_and_artists_and_genres_have_none(mira: Browser) -> None:
    assert mira.get("/top/albums").text.count('name="album_id"') > 5
    for kind in ("artists", "genres"):
        assert 'class="play"' not in mira.get(f"/top/{kind}").text


def test_the_fragment_is_the_small_player(mira: Browser) -> None:
    wanted = first_track(mira)
    press(mira, track_id=wanted)
    small = mira.client.get("/player/now", base_url=HOME).text
    assert small.startswith('<div class="now" data-key="')
    for words in ('aria-label="Pause"', 'aria-label="Next"', 'name="position_ms"', 'value="60"', "laptop"):
        assert words in small
    whole = mira.client.get("/player/now?whole=1", base_url=HOME).text
    assert "Kitchen speaker" in whole
    assert "<h1" not in whole


def test_the_json_says_what_plays_where(mira: Browser) -> None:
    nothing = mira.get("/player.json").json
    assert nothing is not None
    assert (nothing["playing"], nothing["item"], nothing["progress_ms"], nothing["device"]) == (
        False,
        None,
        None,
        None,
    )
    wanted = first_track(mira)
    press(mira, track_id=wanted)
    now = mira.get("/player.json")
    assert now.json is not None
    assert now.headers["Cache-Control"] == "no-store"
    assert set(now.json) == {"playing", "item", "progress_ms", "device", "devices"}
    assert set(now.json["item"]) == {"id", "name", "artists", "album", "image", "url", "duration_ms"}
    assert set(now.json["device"]) == {"id", "name", "type", "volume_percent", "supports_volume"}
    assert (now.json["item"]["id"], now.json["device"]["name"]) == (wanted, "Mira's laptop")
    assert [device["name"] for device in now.json["devices"]] == [
        "Mira's laptop",
        "Kitchen speaker",
        "Pocket phone",
    ]


def test_volume_is_offered_where_the_device_allows_it(mira: Browser) -> None:
    devices = mira.get("/player.json").json["devices"]  # type: ignore[index]
    phone = next(device["id"] for device in devices if device["name"] == "Pocket phone")
    press(mira, track_id=first_track(mira), device_id=phone)
    page = mira.get("/player").text
    assert "Playing on <bdi>Pocket phone</bdi>" in page
    assert "volume_percent" not in page
    assert where(press(mira, "volume", volume_percent="5"))[1]["said"] == "no-volume"


def test_already_paused_is_a_sentence(mira: Browser, clock: time_machine.Traveller) -> None:
    press(mira, track_id=first_track(mira))
    press(mira, "pause")
    clock.shift(timedelta(seconds=2))
    again = ask(mira, "pause").json
    assert again == {"said": "already-paused", "sentence": "It is paused already.", "ok": False}


def test_a_device_that_is_gone_is_a_sentence_with_the_list(mira: Browser) -> None:
    back = press(mira, "transfer", device_id="nobody", next=LIST)
    assert where(back) == ("/player", {"said": "device-gone", "next": LIST})
    page = mira.get(back.headers["Location"]).text
    assert SENTENCES[PlayerError.DEVICE_GONE] in page
    assert "Choose a device below" in page
