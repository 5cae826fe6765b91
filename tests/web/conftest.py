"""The site pointed at a Spotify that is not ours, and a guest who logs in there."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app
from app.config import read_config
from app.login import EXCHANGE_SECONDS
from app.visit import SPOTIFY_SECONDS
from app.web.audio_features import FEATURES_SECONDS
from tests.conftest import HOME, Browser, new_database
from tests.web.other_spotify import OtherSpotify

OTHER_SECRET = "other-secret-0123456789"


class Guest(Browser):
    """A browser whose owner agrees at the other Spotify, as the listener that the code names."""

    def leave(self, path: str = "/login") -> str:
        """Begins a login; the state that goes with it."""
        sent = self.client.get(path, base_url=self.home)
        assert sent.status_code == 302, sent.text
        return parse_qs(urlsplit(sent.headers["Location"]).query)["state"][0]

    def come_back(self, state: str, code: str = "ana") -> TestResponse:
        """Returns from the authorize page with a code."""
        return self.get(f"/callback?code={code}&state={state}")

    def enter(self, code: str = "ana") -> TestResponse:
        """Logs in."""
        return self.come_back(self.leave(), code)


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database; SQLite, but for what `on_both_databases` marks."""
    return new_database(request, tmp_path)


@pytest.fixture
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries again at once after a 5xx."""
    monkeypatch.setattr("app.spotify.http.random.uniform", lambda _least, _most: 0.0)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the time that the site gives Spotify, so that waiting for it takes no time here."""
    for module, name, seconds in (
        ("app.login", "EXCHANGE_SECONDS", EXCHANGE_SECONDS),
        ("app.web.auth", "SPOTIFY_SECONDS", SPOTIFY_SECONDS),
        ("app.web.audio_features", "FEATURES_SECONDS", FEATURES_SECONDS),
    ):
        monkeypatch.setattr(importlib.import_module(module), name, seconds / 10)


@pytest.fixture
def other() -> Iterator[OtherSpotify]:
    """A Spotify that is not ours."""
    with OtherSpotify() as server:
        yield server


@pytest.fixture
def elsewhere(other: OtherSpotify, tmp_path: Path, without_pauses: None) -> Iterator[Flask]:  # noqa: ARG001
    """The site, pointed at the other Spotify."""
    with site_at(other, tmp_path / "elsewhere") as site:
        yield site


@pytest.fixture
def guest(elsewhere: Flask) -> Guest:
    """A browser that nobody has used yet."""
    return Guest(elsewhere)


@pytest.fixture
def ana(guest: Guest) -> Guest:
    """Ana, who has logged in and not yet seen a page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.login.EXCHANGE_SECONDS", 30.0)  # also where the test is about short times
        assert guest.enter("ana").headers["Location"] == "/your-music"
    return guest


@contextmanager
def site_at(other: OtherSpotify, instance: Path, **environ: str) -> Iterator[Flask]:
    """The site, pointed at that server, with its files in `instance`."""
    site = create_app(read_config(environ_for(other) | environ, instance=instance))
    try:
        yield site
    finally:
        site.extensions["site"].close()


def environ_for(other: OtherSpotify) -> dict[str, str]:
    """The environment that points the site at the other Spotify."""
    return {
        "SECRET_KEY": "another secret key for tests",
        "SPOTIFY_CLIENT_ID": "other-client",
        "SPOTIFY_CLIENT_SECRET": OTHER_SECRET,
        "SPOTIFY_REDIRECT_URI": f"{HOME}/callback",
        "SPOTIFY_ACCOUNTS_URL": other.url,
        "SPOTIFY_API_URL": f"{other.url}/v1",
        "RECCOBEATS_API_URL": f"{other.url}/reccobeats",
        "SPOTIFY_OEMBED_URL": f"{other.url}/oembed",
    }


@pytest.fixture(scope="module")
def site_without_spotify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A site with the demo alone, to draw pages from reports."""
    environ = {"SECRET_KEY": "another secret key for tests"}
    site = create_app(read_config(environ, instance=tmp_path_factory.mktemp("instance")))
    try:
        yield site
    finally:
        site.extensions["site"].close()
