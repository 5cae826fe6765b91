"""What an owner does from the terminal: `run.py login` once, then `run.py play`; and `run.py import`.

The token lies encrypted in the database, apart from every browser's session. Each command returns the
process's exit status: 0, or 1 with a sentence on stderr.
"""

import sys
import time
import webbrowser
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Event

from app.config import Config
from app.history.import_job import work
from app.history.limits import RowLimits
from app.login import OwnerLogin
from app.services import SPOTIFY, Service, Services
from app.sessions import Sessions
from app.spotify.errors import LoginEnded, SpotifyError
from app.spotify.playback import PlayerAction
from app.store.engine import Store
from app.store.migrate import migrate
from app.sync import Syncer
from app.terminal.imports import import_files
from app.terminal.login import Ask, OpenBrowser, log_in
from app.terminal.play import find_and_play
from app.terminal.sync import status, sync
from app.terminal.words import Sorry, sentence
from app.tokens import SyncTokens, TokenStore


class Terminal:
    """The commands, on one database. `ask` reads a line, as `input` does."""

    def __init__(self, config: Config, ask: Ask = input, open_browser: OpenBrowser = webbrowser.open) -> None:
        self._config = config
        self._ask = ask
        self._open_browser = open_browser
        self._store = Store(config.database_url)
        try:
            migrate(self._store)
        except BaseException:
            self._store.close()
            raise
        self._safe = TokenStore(self._store, config.secret_key)
        # The demo is no way to the owner's devices, and need not be built.
        self._services = Services(replace(config, demo=False), self._store)

    def close(self) -> None:
        """Lets go of connections."""
        self._services.close()
        self._store.close()

    def login(self) -> int:
        """Logs the owner in at Spotify, and keeps the token."""
        return _politely(self._login)

    def play(self, words: str) -> int:
        """Finds artists and tracks, asks which, and plays it."""
        return _politely(lambda: self._play(words))

    def import_files(self, paths: Sequence[str], account: int | None, zone: str | None = None) -> int:
        """Imports exports into an account: the only one there is, unless it is named."""
        folder = self._config.instance / "uploads"
        broken_off = "Stopped. What was taken in is read when the site runs."
        limits = self._limits()
        return _politely(lambda: import_files(self._store, folder, paths, account, zone, limits), broken_off)

    def sync(self) -> int:
        """One round of live plays for everybody, now."""
        return _politely(self._sync, "Stopped. What came until now is kept.")

    def status(self) -> int:
        """How the site stands."""
        return _politely(lambda: status(self._store, self._config))

    def _sync(self) -> None:
        services = Services(self._config, self._store)  # with the demo, whose listeners play too
        stale = Event()
        syncer = Syncer(
            self._store,
            services,
            Sessions(self._store, self._config.secret_key),
            SyncTokens(self._store, self._config.secret_key),
            self._config.sync_seconds,
            self._config.daily_calls,
            rebuild=stale.set,
        )
        try:
            sync(self._store, syncer)
        finally:
            services.close()
            if stale.is_set():
                work(self._store, self._config.instance / "uploads", self._limits(), time.sleep)

    def _limits(self) -> RowLimits:
        return RowLimits(self._config.import_max_rows, self._config.account_max_rows)

    def _login(self) -> None:
        token = log_in(self._service(), self._config.redirect_uri, self._ask, self._open_browser)
        self._safe.keep(OwnerLogin.NAME, token.as_values())
        print('Logged in. Now try: python run.py play "artist or track"')

    def _play(self, words: str) -> None:
        service = self._service()
        values = self._safe.read(OwnerLogin.NAME)
        if values is None:
            raise Sorry("You are not logged in here. Run `python run.py login` first.")
        login = OwnerLogin(self._store, self._safe, service.oauth, values)
        try:
            find_and_play(words, login, service, self._ask)
        except LoginEnded as error:
            self._safe.drop(OwnerLogin.NAME)
            raise Sorry(
                "Your login at Spotify has ended, and is forgotten here. Run `python run.py login` again."
            ) from error

    def _service(self) -> Service:
        service = self._services.get(SPOTIFY)
        if service is None:
            raise Sorry(
                "There is no Spotify app to use: SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET are missing. "
                "Set both in .env; the README tells how to get them."
            )
        return service


def _politely(do: Callable[[], None], broken_off: str = "Nothing was done.") -> int:
    """Does it; every trouble becomes a sentence."""
    try:
        do()
    except Sorry as sorry:
        print(sorry, file=sys.stderr)
    except SpotifyError as error:
        print(sentence(error, PlayerAction.RESUME), file=sys.stderr)
    except (KeyboardInterrupt, EOFError):
        print(f"\n{broken_off}", file=sys.stderr)
    else:
        return 0
    return 1
