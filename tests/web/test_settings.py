"""The settings: how plays are counted, the connection's health, one's data."""

import re
import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.store.listening import listening_of
from app.web.settings.report import connection, months_later
from app.web.user_agent import browser_name
from tests.conftest import Browser, form_fields
from tests.history_more import keep_private, play, site_of


@pytest.fixture
def mine(app: Flask) -> Browser:
    rows = [play("2023-12-31 23:30"), play("2024-01-01 10:00", "Short", seconds=20)]
    return keep_private(app, rows)[0]


def test_who_has_nothing_is_told_where_to_begin(browser: Browser) -> None:
    text = browser.get("/settings").text
    assert 'href="/history/import"' in text
    assert "<select" not in text


def test_without_an_account_nothing_can_be_kept(browser: Browser) -> None:
    browser.get("/settings")
    browser.get("/history/import")  # has a form, and so a token
    assert browser.post("/settings", threshold="30", timezone="").status_code == 404
    assert browser.post("/settings/forget").status_code == 404


def test_the_threshold_takes_effect_at_once(mine: Browser) -> None:
    assert mine.get("/history.json").get_json()["totals"]["plays"] == 1
    mine.get("/settings")
    back = mine.post("/settings", threshold="15", timezone="")
    assert (back.status_code, back.headers["Location"]) == (303, "/settings?said=kept")
    assert mine.get("/history.json").get_json()["totals"]["plays"] == 2
    text = mine.get("/settings?said=kept").text
    assert 'value="15"' in text
    assert "Every page counts that way from now on." in text


def test_the_time_zone_is_the_browsers_until_one_is_chosen(mine: Browser) -> None:
    mine.client.set_cookie("tz", "Asia/Kathmandu", domain="127.0.0.1")
    text = mine.get("/settings").text
    assert '<option value="" selected>This browser’s (Asia/Kathmandu)</option>' in text
    mine.post("/settings", threshold="30", timezone="America/New_York")
    wire = mine.get("/history.json").get_json()
    assert wire["range"] == {"from": "2023-12-31", "to": "2023-12-31", "timezone": "America/New_York"}
    assert "<option selected>America/New_York</option>" in mine.get("/settings").text
    mine.post("/settings", threshold="30", timezone="")
    assert mine.get("/history.json").get_json()["range"]["from"] == "2024-01-01"


def test_a_threshold_that_makes_no_sense_is_refused(mine: Browser) -> None:
    for threshold in ["", "-1", "241", "9999", "1.5", "x", "٣"]:
        mine.get("/settings")
        assert mine.post("/settings", threshold=threshold, timezone="").status_code == 400


def test_there_is_no_such_time_zone(mine: Browser) -> None:
    for zone in ["Nowhere", "../etc/passwd", "Europe/Berlin ", "\0"]:
        mine.get("/settings")
        assert mine.post("/settings", threshold="30", timezone=zone).status_code == 400


@pytest.mark.parametrize("path", ["/settings", "/settings/forget", "/history/mood"])
def test_a_post_without_a_token_is_refused(app: Flask, path: str) -> None:
    mine, account_id = keep_private(app, [play("2024-05-01 10:00")])
    form = {"threshold": "99", "timezone": ""}
    assert mine.client.post(path, data=form, base_url=mine.home).status_code == 400
    assert listening_of(site_of(app).store, account_id).threshold_s == 30
    assert mine.get("/history.json").status_code == 200


def test_a_private_history_is_deleted_with_a_button(app: Flask) -> None:
    mine, account_id = keep_private(app, [play("2024-05-01 10:00")])
    other = keep_private(app, [play("2024-05-01 10:00")])[0]
    assert "Delete this history" in mine.get("/settings").text
    back = mine.post("/settings/forget")
    assert (back.status_code, back.headers["Location"]) == (303, "/settings?said=forgotten")
    assert mine.get("/history.json").status_code == 404
    assert listening_of(site_of(app).store, account_id).threshold_s == 30
    assert "Your history is deleted" in mine.get("/settings?said=forgotten").text
    assert other.get("/history.json").status_code == 200


def test_somebody_who_is_logged_in_sees_what_they_granted_and_until_when(browser: Browser) -> None:
    browser.log_in()
    text = browser.get("/settings").text
    assert "see your top artists and tracks" in text
    assert "see what you have saved" in text
    ends = months_later(datetime.now(UTC).date(), 6)
    assert f"{ends.day} {ends:%B %Y}" in text
    assert "Delete this history" not in text
    assert 'href="/privacy#remove-title"' in text
    assert "Spotify ends this login on" not in text


def test_somebody_who_is_logged_in_keeps_settings_too(browser: Browser) -> None:
    browser.log_in()
    browser.get("/settings")
    browser.post("/settings", threshold="7", timezone="Asia/Tokyo")
    text = browser.get("/settings").text
    assert 'value="7"' in text
    assert "<option selected>Asia/Tokyo</option>" in text


def test_a_login_ends_soon_from_five_months_on(app: Flask, browser: Browser) -> None:
    browser.log_in()
    site = site_of(app)
    cookie = browser.client.get_cookie("liner_notes", domain="127.0.0.1")
    assert cookie is not None
    opened = site.sessions.open(cookie.value)
    assert opened is not None
    old = opened.values["token"] | {"authorized_at": time.time() - 160 * 86_400}
    site.sessions.change(opened.id_hash, {"token": old})
    assert re.search(
        r"Spotify ends this login on \d+ \w+ \d{4}, six months after", browser.get("/settings").text
    )


@pytest.mark.parametrize(
    ("given", "now", "ends", "soon"),
    [
        ((2026, 1, 15), (2026, 6, 14), date(2026, 7, 15), False),
        ((2026, 1, 15), (2026, 6, 15), date(2026, 7, 15), True),
        ((2026, 8, 31), (2027, 1, 31), date(2027, 2, 28), True),
    ],
)
def test_six_months_are_of_the_calendar(
    given: tuple[int, int, int], now: tuple[int, int, int], ends: date, soon: bool
) -> None:
    moments = [datetime(*day, 12, tzinfo=UTC).timestamp() for day in (given, now)]
    found = connection(["user-top-read"], moments[0], ZoneInfo("UTC"), moments[1])
    assert (found.ends, found.ends_soon) == (ends, soon)


# --- where one is logged in ---

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/19.0 Mobile/15E148 Safari/604.1"
)


def logged_in_with(app: Flask, user_agent: str, listener: str = "") -> Browser:
    browser = Browser(app)
    browser.client.environ_base["HTTP_USER_AGENT"] = user_agent
    browser.login(listener=listener)
    assert browser.get("/your-music").status_code == 200
    return browser


def test_the_list_of_sessions_ends_the_others_at_once(app: Flask) -> None:
    import_fixture, phone = logged_in_with(app, FIREFOX), logged_in_with(app, PHONE)
    stranger = logged_in_with(app, "curl/8", listener="theo_sideb")
    text = import_fixture.get("/settings").text
    assert "Firefox on Linux (this one)" in text
    assert '<th scope="row">Safari on iPhone</th>' in text
    assert text.count('<tr><th scope="row">') == 2
    today = datetime.now(UTC)
    for column in ("Logged in", "Last visit"):  # what a narrow screen shows beside the dates
        assert text.count(f'<td data-label="{column}">{today.day} {today:%B %Y}</td>') == 2
    assert (
        import_fixture.client.post("/settings/end-other-sessions", base_url=import_fixture.home).status_code
        == 400
    )
    assert phone.get("/your-music.json").status_code == 200
    back = import_fixture.post("/settings/end-other-sessions")
    assert (back.status_code, back.headers["Location"]) == (303, "/settings?said=others-ended")
    assert phone.get("/your-music.json").status_code == 401
    assert import_fixture.get("/your-music.json").status_code == 200
    assert stranger.get("/your-music.json").status_code == 200
    text = import_fixture.get("/settings?said=others-ended").text
    assert "You are logged out in every other browser." in text
    assert "Safari on iPhone" not in text
    assert "Log out everywhere else" not in text


def test_the_demos_visitors_do_not_see_each_other(app: Flask) -> None:
    first, second = Browser(app), Browser(app)
    for visitor, agent in ((first, FIREFOX), (second, PHONE)):
        visitor.client.environ_base["HTTP_USER_AGENT"] = agent
        address = visitor.client.get("/login?demo=1", base_url=visitor.home).headers["Location"]
        form = form_fields(visitor.client.get(address, base_url=visitor.home).text) | {"answer": "agree"}
        back = visitor.client.post(address, data=form, base_url=visitor.home).headers["Location"]
        visitor.get(back.removeprefix(visitor.home))
        visitor.get("/your-music")
    text = first.get("/settings").text
    assert "Firefox on Linux (this one)" in text
    assert "iPhone" not in text
    assert "Log out everywhere else" not in text
    assert first.post("/settings/end-other-sessions").status_code == 404
    assert second.get("/your-music.json").status_code == 200


def test_who_is_not_logged_in_has_no_sessions_to_end(mine: Browser) -> None:
    assert "Where you are logged in" not in mine.get("/settings").text
    assert mine.post("/settings/end-other-sessions").status_code == 404


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        (PHONE, "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 10; K) Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18 Safari/605.1.15", "Safari on macOS"),
        ("curl/8.10.1", None),
        ("", None),
    ],
)
def test_a_browser_is_known_by_family_and_system(user_agent: str, name: str | None) -> None:
    assert browser_name(user_agent) == name
