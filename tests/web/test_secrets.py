"""Tokens, verifiers and secrets: in no page, address, header, log line, nor readable in the database."""

import io
import logging
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app
from app.config import Config
from app.sandbox import Fault, Knobs, SandboxServer
from tests.conftest import CLIENT, HOME, Browser


class Listening(Browser):
    """A browser that keeps everything it ever received."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self.heard: list[str] = []

    def get(self, path: str, follow: bool = False, **kwargs: object) -> TestResponse:
        response = super().get(path, follow, **kwargs)
        self.heard.append(f"{response.status}\n{response.headers}\n{response.text}")
        return response


def secrets_of(spotify: SandboxServer) -> dict[str, str]:
    """What must never show, as the sandbox's own record of the calls has it."""
    secrets = {"client secret": CLIENT.secret}
    for call in spotify.calls:
        for name in ("code_verifier", "refresh_token"):
            if name in call.form:
                secrets[name] = call.form[name]
        kind, _, credentials = call.headers.get("Authorization", "").partition(" ")
        if credentials:
            secrets[f"{kind} credentials {len(secrets)}"] = credentials
    return secrets


def test_no_secret_shows_anywhere(
    app: Flask, spotify: SandboxServer, knobs: Knobs, config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    out, err = io.StringIO(), io.StringIO()
    browser = Listening(app)
    knobs.access_token_seconds = 30  # so that it is renewed at the first page
    with redirect_stdout(out), redirect_stderr(err):
        browser.login()
        browser.get("/your-music")
        browser.get("/your-music.json?time_range=short_term")
        for path in ("/library", "/library.json", "/library.csv", "/privacy"):
            browser.get(path)
        knobs.faults["/v1/"] = Fault(status=500, body="broken")
        browser.get("/your-music?time_range=long_term")
        knobs.faults["/accounts/api/token"] = Fault(status=400, body='{"error":"invalid_client"}')
        browser.get("/your-music?time_range=long_term")
        sys.stdout.flush()
    secrets = secrets_of(spotify)
    assert {"client secret", "code_verifier", "refresh_token"} < set(secrets)
    assert len(secrets) >= 6
    app.extensions["site"].store.close()
    kept = b"".join(file.read_bytes() for file in config.instance.glob("liner-notes.sqlite3*"))
    assert len(kept) > 10_000
    places = {
        "pages and headers": "\n".join(browser.heard),
        "log": caplog.text,
        "output": out.getvalue() + err.getvalue(),
    }
    for name, secret in secrets.items():
        for place, text in places.items():
            assert secret not in text, f"{name} in {place}"
        assert secret.encode() not in kept, f"{name} in the database"


def test_the_code_and_the_state_are_in_no_log_line(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    back = browser.authorize().removeprefix(HOME)
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    browser.get(back)
    browser.get(back)  # a second time, refused
    query = parse_qs(urlsplit(back).query)
    assert query["code"][0] not in caplog.text
    assert query["state"][0] not in caplog.text


def test_the_authorize_address_tells_neither_verifier_nor_secret(
    browser: Browser, spotify: SandboxServer
) -> None:
    sent = browser.get("/login").headers["Location"]
    browser.login()
    verifier = next(call.form["code_verifier"] for call in spotify.calls if "code_verifier" in call.form)
    assert verifier not in sent
    assert CLIENT.secret not in sent


def test_what_holds_secrets_does_not_show_them_when_printed(config: Config, app: Flask) -> None:
    site = app.extensions["site"]
    for shown in (repr(config), repr(site), repr(site.services.get("spotify"))):
        assert CLIENT.secret not in shown
        assert config.secret_key not in shown


def test_a_database_sealed_with_another_key_is_a_login_that_has_expired(
    browser: Browser, config: Config
) -> None:
    browser.login()
    cookie = browser.client.get_cookie("liner_notes", domain="127.0.0.1")
    assert cookie is not None
    rekeyed = create_app(replace(config, secret_key="quite another secret key"))
    client = rekeyed.test_client()
    client.set_cookie("liner_notes", cookie.value, domain="127.0.0.1")
    assert client.get("/your-music.json", base_url=HOME).status_code == 401
    assert client.get("/", base_url=HOME).status_code == 200
    rekeyed.extensions["site"].close()
