"""Forms: nothing happens without the CSRF token, and what the buttons do when it is there."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from app.config import Config, read_config
from app.sandbox import Fault, Knobs, SandboxServer
from app.store.tables import account, answer, playlist, snapshot
from app.store.tables import session as session_table
from tests.conftest import HOME, Browser

POSTS = (
    "/logout",
    "/your-music/refresh",
    "/privacy/forget",
    "/top/tracks/playlist",
    "/library/refresh",
    "/library/cancel",
    "/library/allow",
    "/library/save",
    "/player/play",
    "/player/pause",
    "/player/next",
    "/player/previous",
    "/player/seek",
    "/player/volume",
    "/player/transfer",
    "/history/import",
    "/history/import/<int:number>/cancel",
    "/history/import/<int:number>/undo",
    "/history/corrections",
    "/history/corrections/<int:number>/undo",
    "/history/covers",
    "/history/covers/remove",
    "/history/mood",
    "/privacy/forget-history",
    "/settings",
    "/settings/forget",
    "/settings/end-other-sessions",
    "/settings/sync",
)


PAGES_TOO = {"/history/import": 200, "/history/corrections": 200, "/history/mood": 302, "/settings": 200}


def numbered(path: str) -> str:
    """A rule of the map as an address."""
    return path.replace("<int:number>", "1")


def counts(app: Flask) -> tuple[int, int, int]:
    """Rows of accounts, answers and sessions."""
    with app.extensions["site"].store.reading() as connection:
        found = [
            connection.scalar(select(func.count()).select_from(one))
            for one in (account, answer, session_table)
        ]
    return found[0], found[1], found[2]


@pytest.fixture
def visitor(browser: Browser) -> Browser:
    """Someone logged in, with a page open."""
    browser.log_in()
    browser.get("/your-music")
    return browser


def every_post(app: Flask) -> set[str]:
    return {rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}


def test_these_are_all_the_forms_there_are(app: Flask) -> None:
    assert every_post(app) == set(POSTS)


@pytest.mark.parametrize("token", [None, "", "wrong", "x" * 5000, "\x00", "…"])
def test_without_the_right_token_a_post_does_nothing(
    visitor: Browser, app: Flask, spotify: SandboxServer, token: str | None
) -> None:
    before, calls = counts(app), len(spotify.calls)
    form = {} if token is None else {"csrf_token": token}
    for path in POSTS:
        refused = visitor.client.post(numbered(path), data=form, base_url=HOME)
        assert (refused.status_code, path) == (400, path)
        assert "This form is no longer valid" in refused.text, path
        assert (counts(app), path) == (before, path)
    assert visitor.get("/your-music").status_code == 200
    assert len(spotify.calls) == calls


def test_the_token_of_another_session_is_worth_nothing(visitor: Browser, app: Flask) -> None:
    attacker = Browser(app)
    attacker.log_in("theo_sideb")
    attacker.get("/your-music")
    for path in POSTS:
        visitor.page = attacker.page
        assert (visitor.post(numbered(path)).status_code, path) == (400, path)
    assert visitor.get("/your-music.json").status_code == 200


def test_a_get_does_nothing(visitor: Browser, app: Flask) -> None:
    before = counts(app)
    for path in POSTS:
        # Some addresses have a page as well.
        expected = PAGES_TOO.get(path, 405)
        assert (visitor.get(numbered(path)).status_code, path) == (expected, path)
        assert (counts(app), path) == (before, path)


def test_logged_out_a_post_is_refused(browser: Browser) -> None:
    for path in POSTS:
        assert (browser.client.post(numbered(path), base_url=HOME).status_code, path) == (400, path)


def test_a_form_left_open_while_logged_out_elsewhere_does_no_harm(visitor: Browser, app: Flask) -> None:
    left_open = visitor.page
    assert visitor.post("/logout").status_code == 303
    visitor.page = left_open
    assert visitor.post("/privacy/forget").status_code == 400
    assert counts(app)[0] == 1


def test_refresh_asks_anew_and_comes_back_to_the_same_range(visitor: Browser, spotify: SandboxServer) -> None:
    visitor.get("/your-music?time_range=short_term")
    before = len(spotify.calls)
    back = visitor.post("/your-music/refresh", time_range="short_term")
    assert (back.status_code, back.headers["Location"]) == (303, "/your-music?time_range=short_term")
    assert visitor.get(back.headers["Location"]).status_code == 200
    asked = sorted(call.path for call in spotify.calls[before:])
    assert asked == ["/v1/me", "/v1/me/top/artists", "/v1/me/top/tracks"]


@pytest.mark.parametrize("time_range", ["", "forever", "short_term\x00", "x" * 9000])
def test_refresh_of_an_unknown_range_is_400_and_asks_nothing(
    visitor: Browser, spotify: SandboxServer, time_range: str
) -> None:
    before = len(spotify.calls)
    assert visitor.post("/your-music/refresh", time_range=time_range).status_code == 400
    assert visitor.get("/your-music").status_code == 200
    assert len(spotify.calls) == before


def test_forget_deletes_the_account_its_answers_and_all_its_sessions(visitor: Browser, app: Flask) -> None:
    phone, stranger = Browser(app), Browser(app)
    phone.log_in()
    phone.get("/your-music")
    stranger.log_in("theo_sideb")
    stranger.get("/your-music")
    assert counts(app) == (2, 6, 3)
    visitor.get("/privacy")
    bye = visitor.post("/privacy/forget")
    assert (bye.status_code, bye.headers["Location"]) == (303, "/?note=deleted")
    assert counts(app) == (1, 3, 1)
    assert "is deleted" in visitor.get("/?note=deleted").text
    for browser, status in ((visitor, 401), (phone, 401), (stranger, 200)):
        assert browser.get("/your-music.json").status_code == status


def test_a_login_that_has_shown_no_page_ends_with_everything_else(visitor: Browser, app: Flask) -> None:
    phone, stranger = Browser(app), Browser(app)
    phone.log_in()
    stranger.log_in("theo_sideb")
    visitor.get("/privacy")
    assert visitor.post("/privacy/forget").status_code == 303
    assert phone.get("/your-music.json").status_code == 401
    assert phone.get("/your-music").status_code == 302
    assert counts(app) == (0, 0, 1)
    assert stranger.get("/your-music.json").status_code == 200
    phone.log_in()
    assert phone.get("/your-music.json").status_code == 200


@pytest.fixture
def met_before(app: Flask) -> Browser:
    """Somebody's other browser, in which everything that can be kept about them was."""
    phone = Browser(app)
    phone.log_in()
    phone.get("/top/tracks")
    asked = phone.post("/top/tracks/playlist", time_range="medium_term")
    phone.get(phone.consent(asked.headers["Location"]).removeprefix(HOME))
    assert phone.get("/top/tracks").headers["Location"].endswith("&saved=yes")
    phone.get("/privacy")
    return phone


def rows(app: Flask) -> dict[str, int]:
    """Rows of everything that is kept about people."""
    with app.extensions["site"].store.reading() as connection:
        return {
            one.name: connection.scalar(select(func.count()).select_from(one)) or 0
            for one in (account, answer, snapshot, playlist, session_table)
        }


def straight_to_privacy(browser: Browser) -> None:
    """Logs in on the way to the privacy page, so that no report is seen."""
    assert browser.login("/login?next=/privacy").headers["Location"] == "/privacy"
    browser.get("/privacy")


def test_forget_straight_after_login_deletes_what_earlier_visits_left(
    browser: Browser, app: Flask, met_before: Browser
) -> None:
    stranger = Browser(app)
    stranger.log_in("theo_sideb")
    stranger.get("/top/tracks")
    straight_to_privacy(browser)
    before = rows(app)
    assert before == {"account": 2, "answer": 8, "snapshot": 12, "playlist": 1, "session": 3}

    bye = browser.post("/privacy/forget")

    assert (bye.status_code, bye.headers["Location"]) == (303, "/?note=deleted")
    assert rows(app) == {"account": 1, "answer": 4, "snapshot": 6, "playlist": 0, "session": 1}
    for one, status in ((browser, 401), (met_before, 401), (stranger, 200)):
        assert one.get("/your-music.json").status_code == status


@pytest.mark.usefixtures("without_pauses")
@pytest.mark.parametrize(
    ("fault", "title"),
    [
        (Fault(status=503), "Spotify is not answering"),
        (Fault(drop=True), "Spotify is not answering"),
        (Fault(status=403), "Spotify refused this question"),
    ],
)
def test_forget_while_spotify_is_down_deletes_nothing_and_does_not_say_so(
    browser: Browser, app: Flask, met_before: Browser, knobs: Knobs, fault: Fault, title: str
) -> None:
    straight_to_privacy(browser)
    before = rows(app)
    assert before["session"] == 2
    knobs.faults["/v1/me"] = fault

    answer = browser.post("/privacy/forget")

    assert (answer.status_code, f"<h1>{title}</h1>" in answer.text) == (502, True)
    assert "deleted" not in answer.text
    assert rows(app) == before
    knobs.faults.clear()
    for one in (browser, met_before):
        assert one.get("/your-music.json").status_code == 200
    assert browser.post("/privacy/forget").headers["Location"] == "/?note=deleted"
    assert set(rows(app).values()) == {0}


def test_forget_before_the_first_page_ends_the_session(browser: Browser, app: Flask) -> None:
    browser.log_in()
    browser.get("/privacy")
    assert browser.post("/privacy/forget").status_code == 303
    assert counts(app) == (0, 0, 0)


def test_a_form_larger_than_any_of_ours_is_413(visitor: Browser) -> None:
    answer = visitor.post("/logout", more="x" * 70_000)
    assert answer.status_code == 413
    assert visitor.get("/your-music.json").status_code == 200


def test_behind_https_forms_work_and_the_cookie_is_secure(environ: dict[str, str], config: Config) -> None:
    behind = read_config(
        environ | {"TRUSTED_PROXIES": "1", "SPOTIFY_REDIRECT_URI": "https://music.example/callback"},
        instance=config.instance,
    )
    app = create_app(behind)
    client = app.test_client()
    proxied = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "music.example",
        "X-Forwarded-For": "9.9.9.9",
    }
    sent = client.get("/login", headers=proxied)
    assert "redirect_uri=https%3A%2F%2Fmusic.example%2Fcallback" in sent.headers["Location"]
    assert "Secure" in sent.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in sent.headers
    plain = app.test_client().get("/login", base_url=HOME)
    assert "Secure" not in plain.headers["Set-Cookie"]
    assert "Strict-Transport-Security" not in plain.headers
    app.extensions["site"].close()


def test_without_trusted_proxies_forwarded_headers_are_not_believed(browser: Browser) -> None:
    sent = browser.client.get(
        "/login?demo=1",
        base_url=HOME,
        headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil"},
    )
    assert "Secure" not in sent.headers["Set-Cookie"]
    assert "evil" not in sent.headers["Location"]
    assert "Strict-Transport-Security" not in sent.headers
