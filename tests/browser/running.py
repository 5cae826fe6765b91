"""The site as a browser meets it: a real server on a free port, beside a Spotify of our own on another."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import create_server
from threading import Thread
from typing import cast
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import StorageState
from sqlalchemy import delete, update

from app import create_app
from app.config import read_config
from app.sandbox import Client, Knobs, SandboxServer, create_sandbox, serve
from app.sandbox.context import sandbox_of
from app.sandbox.listeners import LISTENERS
from app.server import Server
from app.store.tables import library, pause
from app.web.session_cookie import NAME
from tests.jobs import JobsInThreads, in_threads
from tests.sessions import begin_session

SECRET = "another-test-secret-0123456789"
_POLL = 0.02  # how soon a stop is noticed, seconds


@dataclass(frozen=True)
class RunningSite:
    """A site that answers at `url`, and the Spotify that it logs people in with; `knobs` turn the latter."""

    url: str
    spotify: SandboxServer
    knobs: Knobs = field(repr=False)
    jobs: JobsInThreads = field(repr=False)
    app: Flask = field(repr=False)
    sandbox: Flask = field(repr=False)

    @property
    def hosts(self) -> set[str]:
        """Every host and port that its pages may ask."""
        return {urlsplit(self.url).netloc, urlsplit(self.spotify.url).netloc}

    def end_pauses(self) -> None:
        """Spotify may be asked again at once, by what waits for it too."""
        with self.app.extensions["site"].store.writing() as connection:
            connection.execute(delete(pause))
            connection.execute(update(library).values(resume_at=0.0))

    def session_of(self, name: str, *more_scopes: str) -> StorageState:
        """The cookie of a new session at Spotify, as if that listener had logged in before."""
        [listener] = [who.id for who in LISTENERS if who.id == name or (who.name or "").startswith(name)]
        state = sandbox_of(self.sandbox)
        raw_id = begin_session(self.app.extensions["site"], state, listener, more_scopes)
        return {
            "cookies": [
                {
                    "name": NAME,
                    "value": raw_id,
                    "domain": "127.0.0.1",
                    "path": "/",
                    "expires": -1,
                    "httpOnly": True,
                    "secure": False,
                    "sameSite": "Lax",
                }
            ],
            "origins": [],
        }


@contextmanager
def running_site(instance: Path, has_app: bool = True, **more: str) -> Iterator[RunningSite]:
    """Serves the site until the block ends; `has_app=False`: nobody has set up a Spotify app yet.

    `more`: variables of its environment. Without them the limits per address are out of the way: every
    browser here has the same one.
    """
    with create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        knobs = Knobs()
        client = Client(id="browser-tests", secret=SECRET, redirect_uris=(f"{url}/callback",))
        sandbox = create_sandbox([client], knobs=knobs)
        with serve(sandbox) as spotify:
            environ = {
                "SECRET_KEY": "a secret key for browser tests",
                "PORT": str(port),
                "SPOTIFY_CLIENT_ID": client.id if has_app else "",
                "SPOTIFY_CLIENT_SECRET": client.secret if has_app else "",
                "SPOTIFY_ACCOUNTS_URL": spotify.accounts_url,
                "SPOTIFY_API_URL": spotify.api_url,
                "RECCOBEATS_API_URL": spotify.reccobeats_url,
                "SPOTIFY_OEMBED_URL": spotify.oembed_url,
                **dict.fromkeys(("LIMIT_UPLOADS", "LIMIT_SEARCHES", "LIMIT_LOGINS"), "100000/minute"),
                **more,
            }
            app = create_app(read_config(environ, instance=instance))
            jobs = in_threads(app.extensions["site"]).jobs
            server = Server("127.0.0.1", port, app, fd=listener.fileno())
            thread = Thread(target=server.serve_forever, args=(_POLL,), daemon=True)
            thread.start()
            try:
                yield RunningSite(url, spotify, knobs, cast(JobsInThreads, jobs), app, sandbox)
            finally:
                server.shutdown()
                thread.join()
                server.server_close()
                app.extensions["site"].close()
