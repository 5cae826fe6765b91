"""Two listeners at once: each sees their own music and nothing of the other's, and nobody asks twice."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import select

from app.sandbox import Knobs, SandboxServer
from app.store.tables import account
from tests.conftest import HOME, Browser, form_fields
from tests.web.conftest import Guest
from tests.web.other_spotify import ME, TOKEN, OtherSpotify, said

RANGES = ("short_term", "medium_term", "long_term")


def cookie_of(browser: Browser) -> str:
    cookie = browser.client.get_cookie("liner_notes", domain="127.0.0.1")
    assert cookie is not None
    return cookie.value


def reader(app: Flask, browser: Browser) -> Callable[[str], str]:
    """Opens addresses with that browser's cookie; safe to use from many threads."""
    cookie = cookie_of(browser)

    def read(path: str) -> str:
        client = app.test_client()
        client.set_cookie("liner_notes", cookie, domain="127.0.0.1")
        answer = client.get(path, base_url=HOME)
        assert answer.status_code == 200, answer.text
        return answer.text

    return read


def test_two_listeners_in_parallel_never_see_each_other(elsewhere: Flask, other: OtherSpotify) -> None:
    readers = {}
    for name in ("ana", "cleo"):
        guest = Guest(elsewhere)
        guest.enter(name)
        readers[name] = reader(elsewhere, guest)
    paths = [f"/your-music{suffix}?time_range={one}" for suffix, one in product(("", ".json"), RANGES)]
    jobs = [(name, path) for path in paths * 4 for name in readers]

    def visit(job: tuple[str, str]) -> tuple[str, str]:
        return job[0], readers[job[0]](job[1])

    with ThreadPoolExecutor(12) as pool:
        seen = list(pool.map(visit, jobs))
    for name, text in seen:
        stranger = {"ana": "cleo", "cleo": "ana"}[name]
        assert f"{name} track 0" in text
        assert f"{name.title()}" in text
        assert stranger not in text.lower()
    # Side by side or not: each answer was asked for once.
    asked = Counter((call.listener, call.path, call.query.get("time_range")) for call in other.asked)
    asked = Counter({key: count for key, count in asked.items() if key[1].startswith("/v1/me")})
    assert max(asked.values()) <= 2  # the first visit of a session asks before it knows whose it is
    assert {count for (_, path, _), count in asked.items() if path == ME} == {1}


def test_the_listeners_of_our_own_spotify_do_not_mix_either(app: Flask) -> None:
    names = {"mira.after.dark": "Mira Halloran", "theo_sideb": "Théodore Valmont"}
    readers = {}
    for listener in names:
        browser = Browser(app)
        browser.login(listener=listener)
        readers[listener] = reader(app, browser)
    jobs = [(listener, f"/your-music?time_range={one}") for one in RANGES * 3 for listener in names]
    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda job: (job[0], readers[job[0]](job[1])), jobs))
    for listener, page in pages:
        for one, name in names.items():
            assert (name in page) == (one == listener)


@pytest.mark.parametrize("suffix", ["", ".json"])
def test_first_visits_side_by_side_ask_once(
    browser: Browser, app: Flask, spotify: SandboxServer, knobs: Knobs, suffix: str
) -> None:
    browser.login()
    read = reader(app, browser)
    knobs.latency = 0.05
    before = len(spotify.calls)
    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(lambda _: read(f"/your-music{suffix}"), range(8)))
    asked = Counter(call.path for call in spotify.calls[before:])
    assert asked == {
        "/v1/me": 1,
        "/v1/me/top/artists": 1,
        "/v1/me/top/tracks": 1,
        "/v1/audio-features": 1,
        "/reccobeats/v1/audio-features": 2,  # fifty tracks, forty at a time
    }
    assert all("Mira Halloran" in text for text in texts)


def test_when_an_hour_is_over_visits_side_by_side_ask_once(
    browser: Browser, app: Flask, spotify: SandboxServer, knobs: Knobs
) -> None:
    browser.login()
    browser.get("/your-music")
    browser.post("/your-music/refresh")
    read = reader(app, browser)
    knobs.latency = 0.05
    before = len(spotify.calls)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: read("/your-music"), range(8)))
    assert Counter(call.path for call in spotify.calls[before:]) == {
        "/v1/me": 1,
        "/v1/me/top/artists": 1,
        "/v1/me/top/tracks": 1,
    }


def test_a_warm_page_asks_nothing(browser: Browser, spotify: SandboxServer) -> None:
    browser.login()
    browser.get("/your-music")
    before = len(spotify.calls)
    for path in ("/your-music", "/your-music.json", "/your-music?time_range=medium_term"):
        assert browser.get(path).status_code == 200
    assert len(spotify.calls) == before


def accounts(app: Flask) -> list[tuple[str, str, str]]:
    with app.extensions["site"].store.reading() as connection:
        rows = connection.execute(select(account).order_by(account.c.id))
        return [(row.service, row.spotify_user_id, row.spotify_account_id) for row in rows]


def test_a_demo_listener_and_a_real_one_of_the_same_name_never_mix(
    elsewhere: Flask, other: OtherSpotify
) -> None:
    other.script(ME, said({"id": "mira.after.dark", "display_name": "The Real Mira"}))
    real = Guest(elsewhere)
    real.enter("ana")
    assert "The Real Mira" in real.get("/your-music").text
    demo = Browser(elsewhere)
    walk_into_the_demo(demo)
    demo_page = demo.get("/your-music").text
    assert "Mira Halloran" in demo_page
    assert "The Real Mira" not in demo_page
    assert "The Real Mira" in real.get("/your-music").text
    assert [account[:2] for account in accounts(elsewhere)] == [
        ("spotify", "mira.after.dark"),
        ("demo", "mira.after.dark"),
    ]
    demo.get("/privacy")
    demo.post("/privacy/forget")
    assert "The Real Mira" in real.get("/your-music").text


def walk_into_the_demo(browser: Browser) -> None:
    """Agrees on the demo's authorize page, which is part of the site, as the first listener."""
    address = browser.client.get("/login?demo=1", base_url=HOME).headers["Location"]
    form = form_fields(browser.client.get(address, base_url=HOME).text) | {"answer": "agree"}
    back = browser.client.post(address, data=form, base_url=HOME).headers["Location"]
    assert browser.get(back.removeprefix(HOME)).status_code == 302


def test_an_account_is_known_again_by_its_stable_id(elsewhere: Flask, other: OtherSpotify) -> None:
    visits = [
        {"id": "old-name"},
        {"id": "old-name", "account_id": "stable-1"},  # Spotify begins to send stable ids
        {"id": "new-name", "account_id": "stable-1"},  # and the person changes their name
        {"id": "old-name", "account_id": "stable-2"},  # which somebody else takes
    ]
    for profile in visits:
        other.script(ME, said(profile))
        guest = Guest(elsewhere)
        guest.enter("ana")
        assert guest.get("/your-music").status_code == 200
    assert [account[2] for account in accounts(elsewhere)] == ["stable-1", "stable-2"]


def test_logging_out_in_the_middle_of_a_first_visit_leaves_nothing_behind(
    elsewhere: Flask, other: OtherSpotify
) -> None:
    guest = Guest(elsewhere)
    guest.enter("ana")
    guest.get("/privacy")
    read_landing = reader(elsewhere, guest)
    asked = threading.Event()
    gone = threading.Event()

    def slowly(_asked: object) -> object:
        asked.set()
        gone.wait(5)
        return said({"id": "ana"})

    other.script(ME, slowly)  # type: ignore[arg-type]
    answers: list[int] = []

    def visit() -> None:
        client = elsewhere.test_client()
        client.set_cookie("liner_notes", cookie, domain="127.0.0.1")
        answers.append(client.get("/your-music.json", base_url=HOME).status_code)

    cookie = cookie_of(guest)
    thread = threading.Thread(target=visit)
    thread.start()
    assert asked.wait(5)
    assert guest.post("/logout").status_code == 303
    gone.set()
    thread.join()
    assert len(answers) == 1
    assert answers[0] in (200, 401)
    again = elsewhere.test_client()
    again.set_cookie("liner_notes", cookie, domain="127.0.0.1")
    assert again.get("/your-music.json", base_url=HOME).status_code == 401
    assert read_landing("/privacy")
    assert other.count(TOKEN) == 1
