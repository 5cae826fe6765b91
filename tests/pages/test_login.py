"""Logging in and out at our own Spotify: states, codes, ways back, cookies and session ids."""

import threading
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app import create_app
from app.config import read_config
from app.sandbox import Fault, Knobs, SandboxServer, create_sandbox, serve
from app.store.tables import session as session_table
from tests.conftest import CLIENT, HOME, Browser

NO_LONGER_VALID = "This login link is no longer valid"


def exchanges(spotify: SandboxServer) -> int:
    """How many requests have reached the token endpoint."""
    return sum(call.path == "/accounts/api/token" for call in spotify.calls)


def cookie_of(browser: Browser) -> str | None:
    cookie = browser.client.get_cookie("session", domain="127.0.0.1")
    return cookie.value if cookie else None


def rows(app: Flask) -> list[str]:
    with app.extensions["site"].store.reading() as connection:
        return list(connection.scalars(select(session_table.c.id_hash)))


def state_in(address: str) -> str:
    return parse_qs(urlsplit(address).query)["state"][0]


def test_the_authorize_address_asks_for_the_least_with_state_and_pkce(browser: Browser) -> None:
    sent = browser.get("/login").headers["Location"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(sent).query).items()}
    assert len(query.pop("state")) >= 32
    assert len(query.pop("code_challenge")) == 43
    assert query == {
        "client_id": CLIENT.id,
        "response_type": "code",
        "redirect_uri": f"{HOME}/callback",
        "scope": "user-top-read user-library-read",
        "code_challenge_method": "S256",
    }


def test_every_login_has_a_state_and_a_challenge_of_its_own(browser: Browser) -> None:
    sent = [urlsplit(browser.get("/login").headers["Location"]).query for _ in range(3)]
    assert len({parse_qs(one)["state"][0] for one in sent}) == 3
    assert len({parse_qs(one)["code_challenge"][0] for one in sent}) == 3


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?code=abc",
        "?code=abc&state=",
        "?code=abc&state=wrong",
        "?code=abc&state=%00",
        "?code=abc&state=%ff%fe",
        "?code=abc&state=" + "x" * 8000,
        "?error=access_denied",
        "?error=access_denied&state=wrong",
        "?error=server_error&state=wrong",
    ],
)
@pytest.mark.parametrize("begun", [False, True], ids=["a stranger", "in the middle of a login"])
def test_a_callback_without_the_right_state_is_no_longer_valid(
    browser: Browser, spotify: SandboxServer, query: str, begun: bool
) -> None:
    if begun:
        browser.get("/login")
    page = browser.get(f"/callback{query}")
    assert page.status_code == 400
    assert NO_LONGER_VALID in page.text
    assert 'href="/"' in page.text
    assert exchanges(spotify) == 0


def test_a_state_works_once(browser: Browser, spotify: SandboxServer) -> None:
    back = browser.authorize().removeprefix(HOME)
    assert browser.get(back).headers["Location"] == "/your-music"
    again = browser.get(back)
    assert (again.status_code, NO_LONGER_VALID in again.text) == (400, True)
    assert exchanges(spotify) == 1
    assert browser.get("/your-music").status_code == 200


def test_a_state_is_spent_by_a_callback_that_failed(browser: Browser, spotify: SandboxServer) -> None:
    back = browser.authorize().removeprefix(HOME)
    assert browser.get(f"/callback?state={state_in(back)}").status_code == 400
    assert NO_LONGER_VALID in browser.get(back).text
    assert exchanges(spotify) == 0


@pytest.mark.parametrize(("seconds", "status"), [(590, 302), (610, 400)])
def test_a_login_may_take_ten_minutes(
    browser: Browser, spotify: SandboxServer, knobs: Knobs, seconds: int, status: int
) -> None:
    knobs.code_seconds = 3600
    back = browser.authorize().removeprefix(HOME)
    with time_machine.travel(time.time() + seconds):
        assert browser.get(back).status_code == status
    assert exchanges(spotify) == (status == 302)


def test_a_state_from_another_browser_is_worth_nothing(app: Flask, spotify: SandboxServer) -> None:
    attacker, victim = Browser(app), Browser(app)
    back = attacker.authorize().removeprefix(HOME)
    victim.get("/login")
    page = victim.get(back)
    assert (page.status_code, NO_LONGER_VALID in page.text) == (400, True)
    assert victim.get("/your-music.json").status_code == 401
    assert exchanges(spotify) == 0


def test_one_state_used_side_by_side_makes_one_exchange(
    browser: Browser, app: Flask, spotify: SandboxServer
) -> None:
    back = browser.authorize()
    cookie = cookie_of(browser)
    assert cookie is not None
    answers: list[int] = []

    def come_back() -> None:
        client = app.test_client()
        client.set_cookie("session", cookie, domain="127.0.0.1")
        answers.append(client.get(back).status_code)

    threads = [threading.Thread(target=come_back) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [302] + [400] * 7
    assert exchanges(spotify) == 1


def test_logins_in_several_tabs_do_not_disturb_each_other(browser: Browser) -> None:
    first, second = browser.authorize("/login"), browser.authorize("/login?next=/privacy")
    assert browser.get(first.removeprefix(HOME)).headers["Location"] == "/your-music"
    # The login has changed the session; the older tab's state went with the old one.
    assert NO_LONGER_VALID in browser.get(second.removeprefix(HOME)).text
    assert browser.get("/your-music").status_code == 200


def test_cancelling_leads_to_the_landing_page_with_a_note(browser: Browser, spotify: SandboxServer) -> None:
    back = browser.authorize("/login?next=/your-music.json", answer="cancel").removeprefix(HOME)
    assert "error=access_denied" in back
    landing = browser.get(back, follow=True)
    assert landing.status_code == 200
    assert "You cancelled at Spotify" in landing.text
    assert "/login?next=/your-music.json" in landing.text
    assert exchanges(spotify) == 0
    assert browser.get("/your-music.json").status_code == 401


@pytest.mark.parametrize(
    "answer",
    ["", "&code=", "&error=", "&error=server_error", "&error=temporarily_unavailable", "&code=" + "c" * 5000],
)
def test_a_callback_without_a_usable_code_says_so(
    browser: Browser, spotify: SandboxServer, answer: str
) -> None:
    state = state_in(browser.get("/login").headers["Location"])
    page = browser.get(f"/callback?state={state}{answer}")
    assert page.status_code == 400
    assert "Spotify did not finish the login" in page.text
    assert exchanges(spotify) == 0


def test_a_code_that_has_run_out_is_no_longer_valid(browser: Browser, knobs: Knobs) -> None:
    knobs.code_seconds = 0
    page = browser.login()
    assert (page.status_code, NO_LONGER_VALID in page.text) == (400, True)


def test_a_token_endpoint_in_trouble_is_spotify_not_answering(browser: Browser, knobs: Knobs) -> None:
    knobs.faults["/accounts/api/token"] = Fault(status=503)
    page = browser.login()
    assert (page.status_code, "Spotify is not answering" in page.text) == (502, True)


@pytest.mark.parametrize("sign", ["+", "/", "=", ":", "%", "%20", "%2F", "&", "?"])
def test_a_client_secret_may_have_any_sign(environ: dict[str, str], tmp_path: Path, sign: str) -> None:
    secret = f"0123{sign}4567{sign}89"
    knobs = Knobs(access_token_seconds=30)  # so that the first page renews it
    with serve(create_sandbox([replace(CLIENT, secret=secret)], knobs=knobs)) as spotify:
        there = {
            "SPOTIFY_CLIENT_SECRET": secret,
            "SPOTIFY_ACCOUNTS_URL": spotify.accounts_url,
            "SPOTIFY_API_URL": spotify.api_url,
        }
        app = create_app(read_config(environ | there, instance=tmp_path / "instance"))
        browser = Browser(app)
        assert browser.login().headers["Location"] == "/your-music"
        assert browser.get("/your-music").status_code == 200
        assert [call.status for call in spotify.calls if call.path == "/accounts/api/token"] == [200, 200]
        app.extensions["site"].close()


# --- the way back ---


@pytest.mark.parametrize(
    "wanted",
    [
        "/your-music?time_range=short_term",
        "/privacy",
        "/your-music.json?time_range=long_term",
        "/nowhere/at%20all",
    ],
)
def test_login_leads_back_to_a_path_of_this_site(browser: Browser, wanted: str) -> None:
    back = browser.login(f"/login?next={wanted.replace('?', '%3F').replace('%20', '%2520')}")
    assert back.headers["Location"] == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "///evil.example",
        "////evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "/%09/evil.example",
        "/%0d%0aLocation:%20https://evil.example",
        "%20//evil.example",
        "%09//evil.example",
        "https://evil.example",
        "https:evil.example",
        "HTTPS://127.0.0.1:5000/your-music",
        "http://127.0.0.1:5000@evil.example/",
        "javascript:alert(1)",
        "data:text/html,hello",
        "evil.example",
        "?x=1",
        "",
        "/",
        "/login",
        "/login?demo=1",
        "/login?next=/login",
        "/logout",
        "/callback?code=1&state=2",
        "/%E2%80%A8/evil",
        "//[broken",
    ],
)
def test_login_never_leads_anywhere_else(browser: Browser, wanted: str) -> None:
    back = browser.login(f"/login?next={wanted}")
    assert back.headers["Location"] == "/your-music"


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_landing_page_passes_no_evil_on(browser: Browser, wanted: str) -> None:
    assert "evil.example" not in browser.get(f"/?next={wanted}").text
    assert "alert(1)" not in browser.page


def test_a_private_page_leads_to_the_landing_page_and_after_login_back(browser: Browser) -> None:
    sent = browser.get("/your-music?time_range=short_term")
    assert sent.status_code == 302
    landing = browser.get(sent.headers["Location"])
    assert landing.status_code == 200
    href = landing.text.partition('href="/login?')[2].partition('"')[0].replace("&amp;", "&")
    assert browser.login(f"/login?{href}").headers["Location"] == "/your-music?time_range=short_term"


def test_the_json_of_a_private_page_answers_401(browser: Browser) -> None:
    answer = browser.get("/your-music.json?time_range=short_term")
    assert answer.status_code == 401
    assert answer.get_json() == {"error": {"status": 401, "message": "Please log in"}}


def test_someone_logged_in_goes_from_the_landing_page_to_their_music(browser: Browser) -> None:
    browser.login()
    assert browser.get("/").headers["Location"] == "/your-music"


def test_localhost_hops_to_the_address_that_spotify_knows(browser: Browser) -> None:
    for asked, sent in (
        ("/login?next=/privacy", f"{HOME}/login?next=/privacy"),
        ("/login", f"{HOME}/login"),
    ):
        hop = browser.client.get(asked, base_url="http://localhost:5000")
        assert (hop.status_code, hop.headers["Location"]) == (302, sent)
        assert "Set-Cookie" not in hop.headers


@pytest.mark.parametrize(
    "host",
    ["localhost:99999", "localhost:abc", "[", "[::1", "evil.example", "localhost", "localhost:1", "\xe9"],
)
def test_an_odd_host_breaks_nothing(browser: Browser, spotify: SandboxServer, host: str) -> None:
    answer = browser.client.get("/login", headers={"Host": host})
    assert answer.status_code in (302, 400)
    if answer.status_code == 302:
        assert answer.headers["Location"].startswith(f"{spotify.accounts_url}/authorize?")


# --- sessions ---


def test_the_session_id_changes_at_login_and_the_old_one_is_dead(browser: Browser, app: Flask) -> None:
    back = browser.authorize()
    before = cookie_of(browser)
    browser.get(back.removeprefix(HOME))
    after = cookie_of(browser)
    assert before is not None
    assert after not in (None, before)
    assert len(rows(app)) == 1
    thief = app.test_client()
    thief.set_cookie("session", before, domain="127.0.0.1")
    assert thief.get("/your-music.json", base_url=HOME).status_code == 401


def test_a_session_id_of_someone_elses_choosing_is_not_taken(browser: Browser) -> None:
    browser.client.set_cookie("session", "chosen-by-the-attacker", domain="127.0.0.1")
    browser.login()
    assert cookie_of(browser) != "chosen-by-the-attacker"


def test_logging_in_again_begins_anew(browser: Browser, app: Flask) -> None:
    browser.login(listener="mira.after.dark")
    first = cookie_of(browser)
    assert "Mira" in browser.get("/your-music").text
    browser.login(listener="theo_sideb")
    assert cookie_of(browser) != first
    assert len(rows(app)) == 1
    page = browser.get("/your-music").text
    assert "Théodore" in page
    assert "Mira" not in page


def test_logout_deletes_the_row_and_the_cookie_no_longer_works(browser: Browser, app: Flask) -> None:
    browser.login()
    browser.get("/your-music")
    cookie = cookie_of(browser)
    assert cookie is not None
    bye = browser.post("/logout")
    assert (bye.status_code, bye.headers["Location"]) == (303, "/?note=logged-out")
    assert cookie_of(browser) is None
    assert rows(app) == []
    thief = app.test_client()
    thief.set_cookie("session", cookie, domain="127.0.0.1")
    assert thief.get("/your-music.json", base_url=HOME).status_code == 401
    assert "You are logged out" in browser.get(bye.headers["Location"]).text


def test_the_cookie_is_locked_up_and_holds_no_token(browser: Browser, app: Flask) -> None:
    set_cookie = browser.login().headers["Set-Cookie"]
    value, *flags = [part.strip() for part in set_cookie.split(";")]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(flags)
    assert "Secure" not in flags
    assert not any(flag.startswith("Domain") for flag in flags)
    assert len(value.removeprefix("session=")) == 43
    # The database knows only the id's hash.
    assert value.removeprefix("session=") not in rows(app)


def test_nobody_gets_a_cookie_without_a_reason(browser: Browser) -> None:
    for path in ("/", "/privacy", "/healthz", "/nowhere", "/your-music", "/callback", "/your-music.json"):
        assert "Set-Cookie" not in browser.get(path).headers, path


def test_a_session_ends_after_a_month_without_a_visit_and_lives_on_with_one(
    browser: Browser, app: Flask
) -> None:
    browser.login()
    browser.get("/your-music")
    now = time.time()
    for days in (20, 40, 60):
        with time_machine.travel(now + days * 86_400):
            assert browser.get("/your-music.json").status_code == 200
    with time_machine.travel(now + 95 * 86_400):
        assert browser.get("/your-music.json").status_code == 401
        Browser(app).get("/login")
        assert len(rows(app)) == 1  # the expired row is swept out


def cookies_set(browser: Browser, hours: list[float], path: str = "/your-music.json") -> list[float]:
    """After how many hours since now a visit's answer sets the session's cookie, of visits at those hours."""
    now, found = time.time(), []
    for hour in hours:
        with time_machine.travel(now + hour * 3600):
            answer = browser.get(path)
            assert answer.status_code == 200
            if "Set-Cookie" in answer.headers:
                found.append(hour)
    return found


def test_the_cookie_is_set_again_when_the_session_is_prolonged(browser: Browser) -> None:
    browser.login()
    before = cookie_of(browser)
    now = time.time()
    with time_machine.travel(now + 25 * 3600):
        value, *flags = [part.strip() for part in browser.get("/privacy").headers["Set-Cookie"].split(";")]
    assert value == f"session={before}"
    assert {"Max-Age=2592000", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(flags)
    assert cookie_of(browser) == before


@pytest.mark.parametrize("path", ["/privacy", "/your-music.json"])
def test_the_cookie_is_set_again_once_a_day_and_not_more_often(browser: Browser, path: str) -> None:
    browser.login()
    assert cookies_set(browser, [0, 1, 23, 25, 26, 48, 50, 51], path) == [25, 50]


@pytest.mark.parametrize("path", ["/privacy", "/your-music.json"])
def test_who_comes_back_several_times_a_day_keeps_the_cookie_too(browser: Browser, path: str) -> None:
    """Each of these visits renews the token; that alone must not put off the cookie."""
    browser.login()
    assert cookies_set(browser, [10, 20, 30, 40, 50, 60], path) == [30, 60]


def test_two_browsers_of_one_account_share_the_answers_but_not_the_session(
    app: Flask, spotify: SandboxServer
) -> None:
    phone, desk = Browser(app), Browser(app)
    for browser in (phone, desk):
        browser.login()
        browser.get("/your-music")
    assert cookie_of(phone) != cookie_of(desk)
    before = len(spotify.calls)
    phone.get("/your-music?time_range=long_term")
    assert sum(call.path.startswith("/v1/me/top") for call in spotify.calls[before:]) == 2
    before = len(spotify.calls)
    desk.get("/your-music?time_range=long_term")
    assert len(spotify.calls) == before
    phone.get("/privacy")
    phone.post("/logout")
    assert desk.get("/your-music.json").status_code == 200
