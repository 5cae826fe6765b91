"""The sandbox as a Flask app: `create_sandbox` reads as its table of contents."""

import shutil
import tempfile
import weakref
from collections.abc import Iterable
from pathlib import Path

from flask import Flask

from app.sandbox.accounts import accounts
from app.sandbox.albums import albums
from app.sandbox.commands import commands
from app.sandbox.context import Sandbox
from app.sandbox.faults import Spoiler
from app.sandbox.library import library
from app.sandbox.oembed import oembed
from app.sandbox.player import player
from app.sandbox.playlists import playlists
from app.sandbox.protection import harden
from app.sandbox.public import public
from app.sandbox.reccobeats import reccobeats
from app.sandbox.recently_played import recently_played
from app.sandbox.search import search
from app.sandbox.settings import Client, Knobs
from app.sandbox.state import State
from app.sandbox.tokens import tokens
from app.sandbox.web_api import web_api


def create_sandbox(
    clients: Iterable[Client],
    state: Path | None = None,
    knobs: Knobs | None = None,
    web: str | None = None,
) -> Flask:
    """Make a small Spotify that knows `clients`, whose links lead to `web` (see `Sandbox`).

    `state` is an sqlite3 file that all processes of a site share; `None` keeps codes, tokens and playlists
    in a temporary file of this app alone.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024  # no form or list of tracks is longer
    app.after_request(harden)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's default provider has it
    known = {client.id: client for client in clients}
    sandbox = Sandbox(known, knobs or Knobs(), State(state or _private_state(app)), web)
    sandbox.attach(app)
    spotify = (web_api, playlists, library, albums, search, player, commands, recently_played)
    for blueprint in (accounts, tokens, *spotify, reccobeats, oembed, public):
        app.register_blueprint(blueprint)
    app.wsgi_app = Spoiler(app.wsgi_app, sandbox)  # type: ignore[method-assign]
    return app


def _private_state(app: Flask) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="sandbox-"))
    weakref.finalize(app, shutil.rmtree, folder, ignore_errors=True)
    return folder / "state.sqlite3"
