"""The settings: how plays are counted, the connection's health, one's data."""

import re
import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.reports.settings import connection, months_later
from app.store.history import listening_of
from tests.conftest import Browser
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


@pytest.mark.parametrize("threshold", ["", "-1", "241", "9999", "1.5", "x", "٣"])
def test_a_threshold_that_makes_no_sense_is_refused(mine: Browser, threshold: str) -> None:
    mine.get("/settings")
    assert mine.post("/settings", threshold=threshold, timezone="").status_code == 400


@pytest.mark.parametrize("zone", ["Nowhere", "../etc/passwd", "Europe/Berlin ", "\0"])
def test_there_is_no_such_time_zone(mine: Browser, zone: str) -> None:
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
    browser.login()
    text = browser.get("/settings").text
    assert "see your top artists and tracks" in text
    assert "see what you have saved" in text
    ends = months_later(datetime.now(UTC).date(), 6)
    assert f"{ends.day} {ends:%B %Y}" in text
    assert "Delete this history" not in text
    assert 'href="/privacy#remove-title"' in text
    assert "Spotify ends this login on" not in text


def test_somebody_who_is_logged_in_keeps_settings_too(browser: Browser) -> None:
    browser.login()
    browser.get("/settings")
    browser.post("/settings", threshold="7", timezone="Asia/Tokyo")
    text = browser.get("/settings").text
    assert 'value="7"' in text
    assert "<option selected>Asia/Tokyo</option>" in text


def test_a_login_ends_soon_from_five_months_on(app: Flask, browser: Browser) -> None:
    browser.login()
    site = site_of(app)
    cookie = browser.client.get_cookie("session", domain="127.0.0.1")
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
