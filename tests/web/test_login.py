"""Logging in and out at our own Spotify: states, codes, ways back, cookies and session ids."""

import logging
import threading
import time
from base64 import urlsafe_b64decode
from dataclasses import replace
from itertools import product
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import time_machine
from flask import Flask, abort, session
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from app import create_app
from app.config import read_config
from app.sandbox import Fault, Knobs, SandboxServer, create_sandbox, serve
from app.store.tables import session as session_table
from app.web.auth import same_site_path
from tests.conftest import CLIENT, HOME, Browser

NO_LONGER_VALID = "This login link is no longer valid"


def exchanges(spotify: SandboxServer) -> int:
    """How many requests have reached the token endpoint."""
    return sum(call.path == "/accounts/api/token" for call in spotify.calls)


def cookie_of(browser: Browser) -> str | None:
    cookie = browser.client.get_cookie("liner_notes", domain="127.0.0.1")
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


def test_a_callback_without_the_right_state_is_no_longer_valid(
    browser: Browser, spotify: SandboxServer
) -> None:
    for query, begun in product(
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
        [False, True],
    ):
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
    assert browser.get(back).headers["Location"] == "/your-music"
    assert exchanges(spotify) == 1
    assert browser.get("/your-music").status_code == 200


def test_a_callback_loaded_again_leads_on_for_who_is_logged_in_and_nobody_else(
    browser: Browser, app: Flask, spotify: SandboxServer
) -> None:
    back = browser.authorize("/login?next=/mood").removeprefix(HOME)
    for _ in range(3):
        assert browser.get(back).headers["Location"] == "/mood"
    assert browser.get("/callback?code=x&state=unknown").headers["Location"] == "/your-music"
    assert browser.get("/callback?error=access_denied&state=unknown").headers["Location"] == "/your-music"
    stranger = Browser(app).get(back)
    assert (stranger.status_code, NO_LONGER_VALID in stranger.text) == (400, True)
    assert exchanges(spotify) == 1
    browser.get("/your-music")
    browser.post("/logout")
    assert browser.get(back).status_code == 400


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
    answers: list[tuple[int, bool]] = []

    def come_back() -> None:
        client = app.test_client()
        client.set_cookie("liner_notes", cookie, domain="127.0.0.1")
        answer = client.get(back)
        answers.append((answer.status_code, "Set-Cookie" in answer.headers))

    threads = [threading.Thread(target=come_back) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Those that come too late leave the cookie alone, which the first has set.
    assert sorted(answers) == [(302, True)] + [(400, False)] * 7
    assert exchanges(spotify) == 1


def test_logins_in_several_tabs_do_not_disturb_each_other(browser: Browser, spotify: SandboxServer) -> None:
    first, second = browser.authorize("/login"), browser.authorize("/login?next=/privacy")
    assert browser.get(first.removeprefix(HOME)).headers["Location"] == "/your-music"
    # The second tab comes back to a browser that is logged in: it goes on to where it wanted to go.
    assert browser.get(second.removeprefix(HOME)).headers["Location"] == "/privacy"
    assert exchanges(spotify) == 1
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


def test_a_callback_without_a_usable_code_says_so(browser: Browser, spotify: SandboxServer) -> None:
    errors = ("&error=", "&error=server_error", "&error=temporarily_unavailable")
    for answer in ("", "&code=", *errors, "&code=" + "c" * 5000):
        state = state_in(browser.get("/login").headers["Location"])
        page = browser.get(f"/callback?state={state}{answer}")
        assert page.status_code == 400, answer
        assert "Spotify did not finish the login" in page.text, answer
    assert exchanges(spotify) == 0


def test_a_code_that_has_run_out_is_no_longer_valid(browser: Browser, knobs: Knobs) -> None:
    knobs.code_seconds = 0
    page = browser.login()
    assert (page.status_code, NO_LONGER_VALID in page.text) == (400, True)


def test_a_token_endpoint_in_trouble_is_spotify_not_answering(browser: Browser, knobs: Knobs) -> None:
    knobs.faults["/accounts/api/token"] = Fault(status=503)
    page = browser.login()
    assert (page.status_code, "Spotify is not answering" in page.text) == (502, True)


def test_a_client_secret_may_have_any_sign(environ: dict[str, str], tmp_path: Path) -> None:
    secret = "+0123/4567=89:%-%20-%2F&?="
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


NOT_AFTER_LOGIN = (
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
)


def test_login_never_leads_anywhere_else(browser: Browser) -> None:
    for wanted in NOT_AFTER_LOGIN:
        assert same_site_path(unquote(wanted)) is None, wanted
    for wanted in NOT_AFTER_LOGIN[::9]:
        assert browser.login(f"/login?next={wanted}").headers["Location"] == "/your-music", wanted


def test_the_landing_page_passes_no_evil_on(browser: Browser) -> None:
    for wanted in ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]:
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
    thief.set_cookie("liner_notes", before, domain="127.0.0.1")
    assert thief.get("/your-music.json", base_url=HOME).status_code == 401


def test_a_session_id_of_someone_elses_choosing_is_not_taken(browser: Browser) -> None:
    browser.client.set_cookie("liner_notes", "chosen-by-the-attacker", domain="127.0.0.1")
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
    thief.set_cookie("liner_notes", cookie, domain="127.0.0.1")
    assert thief.get("/your-music.json", base_url=HOME).status_code == 401
    assert "You are logged out" in browser.get(bye.headers["Location"]).text


def test_the_cookie_is_locked_up_and_holds_no_token(browser: Browser, app: Flask) -> None:
    set_cookie = browser.login().headers["Set-Cookie"]
    value, *flags = [part.strip() for part in set_cookie.split(";")]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(flags)
    assert "Secure" not in flags
    assert not any(flag.startswith("Domain") for flag in flags)
    assert len(value.removeprefix("liner_notes=")) == 43
    # The database knows only the id's hash.
    assert value.removeprefix("liner_notes=") not in rows(app)


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
    assert value == f"liner_notes={before}"
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
    phone, import_fixture = Browser(app), Browser(app)
    for browser in (phone, import_fixture):
        browser.login()
        browser.get("/your-music")
    assert cookie_of(phone) != cookie_of(import_fixture)
    before = len(spotify.calls)
    phone.get("/your-music?time_range=long_term")
    assert sum(call.path.startswith("/v1/me/top") for call in spotify.calls[before:]) == 2
    before = len(spotify.calls)
    import_fixture.get("/your-music?time_range=long_term")
    assert len(spotify.calls) == before
    phone.get("/privacy")
    phone.post("/logout")
    assert import_fixture.get("/your-music.json").status_code == 200


# --- names of the cookie ---


def living_session(app: Flask, browser: Browser) -> str:
    """Logs in, and takes the cookie away again: the id of a living session."""
    browser.login()
    value = cookie_of(browser)
    assert value is not None
    browser.client.delete_cookie("liner_notes", domain="127.0.0.1")
    assert len(rows(app)) == 1
    return value


def cookies_of(answer: TestResponse) -> dict[str, str]:
    """The cookies that an answer sets, with their flags."""
    return {line.partition("=")[0]: line.partition("=")[2] for line in answer.headers.getlist("Set-Cookie")}


def test_a_cookie_of_the_old_name_is_taken_over_once(browser: Browser, app: Flask) -> None:
    browser.client.set_cookie("session", living_session(app, browser), domain="127.0.0.1")
    answer = browser.get("/your-music.json")
    assert answer.status_code == 200
    assert set(cookies_of(answer)) == {"liner_notes", "session"}
    assert cookies_of(answer)["session"].startswith("; Expires=Thu, 01 Jan 1970")
    assert browser.client.get_cookie("session", domain="127.0.0.1") is None
    again = browser.get("/your-music.json")
    assert (again.status_code, cookies_of(again)) == (200, {})
    assert len(rows(app)) == 1


def test_another_apps_cookie_is_left_alone_and_does_no_harm(browser: Browser, app: Flask) -> None:
    other = Flask("another app on this host")
    other.secret_key = "another secret"

    @other.get("/")
    def remember() -> str:
        session["whose"] = "another app's"
        return ""

    theirs = other.test_client().get("/").headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    browser.client.set_cookie("session", theirs, domain="127.0.0.1")
    browser.get("/history/import")
    browser.login()
    browser.client.set_cookie("session", theirs + "x", domain="127.0.0.1")  # it writes whenever it likes
    assert browser.get("/your-music.json").status_code == 200
    browser.get("/privacy")
    assert browser.post("/logout").status_code == 303
    assert browser.get("/your-music.json").status_code == 401
    left = browser.client.get_cookie("session", domain="127.0.0.1")
    assert left is not None
    assert left.value == theirs + "x"
    assert rows(app) == []


def test_over_https_the_cookie_is_bound_to_the_host(app: Flask) -> None:
    client = app.test_client()
    flags = cookies_of(client.get("/history/import", base_url="https://127.0.0.1:5000"))
    assert set(flags) == {"__Host-liner_notes"}
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(flags["__Host-liner_notes"].split("; "))
    assert "Domain" not in flags["__Host-liner_notes"]


def test_who_comes_by_https_after_http_is_known_and_can_log_out(browser: Browser, app: Flask) -> None:
    value, secure = living_session(app, browser), "https://127.0.0.1:5000"
    client = app.test_client()
    client.set_cookie("liner_notes", value, domain="127.0.0.1")
    answer = client.get("/your-music.json", base_url=secure)
    assert answer.status_code == 200
    assert cookies_of(answer)["__Host-liner_notes"].startswith(f"{value}; ")
    assert client.get_cookie("liner_notes", domain="127.0.0.1") is None
    # A second login over plain http must not be what is left after logging out over https.
    client.set_cookie("liner_notes", living_session_beside(app), domain="127.0.0.1")
    page = client.get("/privacy", base_url=secure).text
    form = {"csrf_token": page.partition('name="csrf_token" value="')[2].partition('"')[0]}
    client.post("/logout", data=form, base_url=secure, headers={"Referer": secure})
    assert client.get("/your-music.json", base_url=secure).status_code == 401
    assert rows(app) == []


def living_session_beside(app: Flask) -> str:
    return str(app.extensions["site"].sessions.begin({"token": {}, "service": "spotify"}))


# --- before anything is worth keeping ---


@pytest.mark.slow
def test_three_hundred_visitors_and_logins_under_way_leave_no_row(
    environ: dict[str, str], tmp_path: Path
) -> None:
    app = create_app(read_config(environ | {"LIMIT_LOGINS": "1000/minute"}, instance=tmp_path / "instance"))
    for _ in range(100):
        visitor = Browser(app)
        assert "Set-Cookie" in visitor.get("/history/import").headers
        assert visitor.client.get("/login", base_url=HOME).status_code == 302
        assert visitor.client.post("/logout", base_url=HOME).status_code == 400
    assert rows(app) == []
    app.extensions["site"].close()


def test_a_new_visitor_waits_for_no_write_lock(browser: Browser, app: Flask) -> None:
    with app.extensions["site"].store.writing():
        started = time.monotonic()
        assert "Set-Cookie" in browser.get("/history/import").headers
        assert browser.client.get("/login", base_url=HOME).status_code == 302
        assert time.monotonic() - started < 4


def test_a_visitors_cookie_tells_neither_verifier_nor_state_and_stays_small(
    browser: Browser, spotify: SandboxServer
) -> None:
    sent = [browser.get(f"/login?next=/{'x' * 900}").headers["Location"] for _ in range(20)]
    value = cookie_of(browser)
    assert value is not None
    assert len(value) < 3800
    browser.get(browser.consent(sent[-1]).removeprefix(HOME))
    verifier = next(call.form["code_verifier"] for call in spotify.calls if "code_verifier" in call.form)
    for secret in (verifier, state_in(sent[-1])):
        assert secret not in value
        assert secret.encode() not in urlsafe_b64decode(value)


def test_a_way_back_that_fits_no_cookie_is_dropped_and_the_login_goes_on(browser: Browser) -> None:
    assert browser.login(f"/login?next=/{'x' * 5000}").headers["Location"] == "/your-music"


def test_a_visitors_cookie_of_another_site_or_another_day_is_nobodys(browser: Browser) -> None:
    back = browser.authorize()
    value = cookie_of(browser)
    assert value is not None
    browser.client.set_cookie("liner_notes", value[:-10] + "AAAAAAAAAA", domain="127.0.0.1")
    assert browser.get(back.removeprefix(HOME)).status_code == 400


def test_a_form_that_was_open_before_the_login_still_works_after_it(browser: Browser) -> None:
    browser.get("/history/import")
    form = browser.page
    browser.login()
    browser.page = form
    assert browser.post("/logout").headers["Location"] == "/?note=logged-out"


@pytest.mark.parametrize(("hours", "status"), [(11, 303), (13, 400)])
def test_a_visitors_form_works_for_hours_and_not_for_ever(browser: Browser, hours: int, status: int) -> None:
    browser.get("/history/import")
    with time_machine.travel(time.time() + hours * 3600):
        assert browser.post("/history/import").status_code == status


def test_a_replayed_callback_with_the_visitors_old_cookie_is_refused(
    browser: Browser, app: Flask, spotify: SandboxServer
) -> None:
    back, thief = browser.authorize(), app.test_client()
    cookie = cookie_of(browser)
    assert cookie is not None
    assert browser.get(back.removeprefix(HOME)).status_code == 302
    thief.set_cookie("liner_notes", cookie, domain="127.0.0.1")
    page = thief.get(back)
    assert (page.status_code, NO_LONGER_VALID in page.text) == (400, True)
    assert thief.get("/your-music.json", base_url=HOME).status_code == 401
    assert exchanges(spotify) == 1
    assert browser.get("/your-music.json").status_code == 200


def test_an_error_page_writes_no_session(
    browser: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.login()

    def fail() -> str:
        session["something"] = 1
        abort(503)

    app.view_functions["landing.index"] = fail
    written: list[str] = []
    sessions = app.extensions["site"].sessions
    for name in ("begin", "change", "end"):
        monkeypatch.setattr(sessions, name, lambda *_, name=name, **__: written.append(name))
    with time_machine.travel(time.time() + 2 * 86_400):
        answer = browser.get("/")
    assert (answer.status_code, written, cookies_of(answer)) == (503, [], {})


def test_a_page_is_shown_though_its_session_cannot_be_prolonged(
    browser: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.login()

    def locked(*_: object) -> bool:
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr(app.extensions["site"].sessions, "change", locked)
    with time_machine.travel(time.time() + 2 * 86_400):
        assert browser.get("/privacy").status_code == 200


# --- what the log says ---


def test_login_logout_and_deletion_are_logged_without_names(
    browser: Browser, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    browser.login()
    browser.get("/your-music")
    browser.post("/logout")
    browser.login()
    browser.get("/privacy")
    browser.post("/privacy/forget")
    said = [line for line in caplog.messages if line.startswith(("login", "logout", "deletion"))]
    assert said == [
        "login: at spotify",
        "login: account 1",
        "logout: account 1",
        "login: at spotify",
        "login: account 1",
        "deletion: account 1",
    ]
    assert "mira" not in caplog.text.lower()
    assert rows(app) == []
