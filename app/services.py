"""The Spotifys that a person can log in with: the real one, where an app is configured, and the demo's."""

import hashlib
import hmac
import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask

from app.audio_features.providers import Provider, ReccoBeats, SpotifyFeatures
from app.bulkhead import Bulkhead
from app.config import Config
from app.sandbox import Client, SandboxServer, create_sandbox, export_of, listener, serve
from app.spotify.breaker import CircuitBreaker
from app.spotify.client import SpotifyClient
from app.spotify.http import TRIES, Connections, Http
from app.spotify.oauth import OAuth
from app.spotify.oembed import OEmbed
from app.store.cooldowns import Cooldown
from app.store.engine import Store
from app.store.sync import CallCounter, calls_today

log = logging.getLogger(__name__)

SPOTIFY, DEMO = "spotify", "demo"
DEMO_MOUNT = "/demo/spotify"


@dataclass(frozen=True)
class Service:
    """One Spotify: its accounts service, its Web API, and who tells audio features beside it.

    `public_api` is the same Web API for strangers: when it asks them to wait, people who are logged in go on.
    `background_api` is it once more, for what nobody waits for.
    `bulkhead` and `features_bulkhead`: the requests of this process that wait for this Spotify, and for audio
    features.
    """

    name: str
    oauth: OAuth
    api: Http
    public_api: Http
    background_api: Http
    reccobeats: Http
    store: Store
    providers: tuple[str, ...]
    bulkhead: Bulkhead
    features_bulkhead: Bulkhead

    def features_providers(self, client: SpotifyClient) -> list[Provider]:
        """The providers of audio features, in the configured order, for one person's client."""
        known: dict[str, Callable[[], Provider]] = {
            "spotify": lambda: SpotifyFeatures(
                client, self._cooldown("audio-features"), self._cooldown("audio-features:down")
            ),
            "reccobeats": lambda: ReccoBeats(self.reccobeats, self._cooldown("reccobeats:down")),
        }
        return [known[name]() for name in self.providers]

    def ask_providers_again(self) -> None:
        """Forgets that a provider was too slow; the person wants it asked now."""
        for name in ("audio-features:down", "reccobeats:down"):
            self._cooldown(name).end()

    def _cooldown(self, endpoint: str) -> Cooldown:
        return Cooldown(self.store, f"{self.name}:{endpoint}")


@dataclass(frozen=True)
class _RunningDemo:
    """The demo's server in one process."""

    process: int
    server: SandboxServer
    service: Service


class Services:
    """What this instance offers. The demo's own server starts at the first use, in each worker process."""

    def __init__(self, config: Config, store: Store) -> None:
        self._config = config
        self._store = store
        self._connections = Connections()
        self._lock = threading.Lock()
        self._running_demo: _RunningDemo | None = None
        self._counters: dict[str, CallCounter] = {}
        self.demo_app = self._sandbox() if config.demo else None
        self._spotify = self._real() if config.spotify else None

    def get(self, name: str) -> Service | None:
        """The service of that name; `None` where this instance does not offer it."""
        if name == SPOTIFY:
            return self._spotify
        if name == DEMO and self.demo_app is not None:
            return self._demo(self.demo_app)
        return None

    def oembed(self, name: str) -> OEmbed:
        """What gives covers to anybody; it needs no app."""
        base_url = self._config.oembed_url
        if name == DEMO and self.demo_app is not None:
            self._demo(self.demo_app)
            base_url = self._running_demo.server.oembed_url if self._running_demo else base_url
        cooldown = Cooldown(self._store, f"{name}:oembed")
        return OEmbed(Http("oembed", base_url, self._connections, cooldown, tries=1))

    def calls_today(self, name: str) -> int:
        """How often a service was asked today (UTC), by all processes."""
        if (counter := self._counters.get(name)) is not None:
            counter.write()
        return calls_today(self._store, name)

    def demo_export(self, user_id: str) -> bytes | None:
        """The privacy export of one of the demo's listeners, a zip; `None` where there are no plays."""
        who = listener(user_id)
        return export_of(who, datetime.now(UTC)) if who is not None and who.plays_a_day else None

    def close(self) -> None:
        """Stops the demo's server and closes the pooled connections."""
        with self._lock:
            if self._running_demo is not None and self._running_demo.process == os.getpid():
                self._running_demo.server.close()
            self._running_demo = None
        for counter in self._counters.values():
            counter.write()
        self._connections.close()

    def _real(self) -> Service:
        config = self._config
        assert config.spotify is not None  # noqa: S101 - the caller looked
        return self._service(
            SPOTIFY,
            authorize_url=f"{config.accounts_url}/authorize",
            accounts_url=config.accounts_url,
            api_url=config.api_url,
            reccobeats_url=config.reccobeats_url,
            client=(config.spotify.client_id, config.spotify.client_secret),
        )

    def _demo(self, demo_app: Flask) -> Service:
        with self._lock:
            # A server does not survive a fork: its thread stays behind in the parent.
            if self._running_demo is None or self._running_demo.process != os.getpid():
                server = serve(demo_app, record=False)
                self._running_demo = _RunningDemo(os.getpid(), server, self._demo_service(server))
            return self._running_demo.service

    def _demo_service(self, server: SandboxServer) -> Service:
        client = self._demo_client()
        return self._service(
            DEMO,
            # The browser meets the authorize page on our own address, the server talks to the loopback.
            authorize_url=f"{DEMO_MOUNT}/accounts/authorize",
            accounts_url=server.accounts_url,
            api_url=server.api_url,
            reccobeats_url=server.reccobeats_url,
            client=(client.id, client.secret),
        )

    def _service(
        self,
        name: str,
        authorize_url: str,
        accounts_url: str,
        api_url: str,
        reccobeats_url: str,
        client: tuple[str, str],
    ) -> Service:
        bulkhead, features_bulkhead = (Bulkhead(self._config.web_threads) for _ in range(2))

        def breaker(server: str, waiting: Bulkhead = bulkhead) -> CircuitBreaker:
            return CircuitBreaker(Cooldown(self._store, f"{name}:{server}:timeouts"), waiting.heard)

        quota = Cooldown(self._store, f"{name}:background")  # of Spotify; ReccoBeats has none that we know
        counter = self._counters.setdefault(name, CallCounter(self._store, name))

        def http(server: str, base_url: str, breaker: CircuitBreaker, quota: Cooldown | None = None) -> Http:
            cooldown = Cooldown(self._store, f"{name}:{server}")
            return Http(server, base_url, self._connections, cooldown, breaker=breaker, quota=quota)

        def web_api(server: str, breaker: CircuitBreaker, tries: int = TRIES) -> Http:
            return Http(
                server,
                api_url,
                self._connections,
                Cooldown(self._store, f"{name}:{server}"),
                breaker=breaker,
                count=counter.add,
                quota=quota,
                tries=tries,
            )

        api = breaker("api")

        return Service(
            name=name,
            oauth=OAuth(authorize_url, http("accounts", accounts_url, breaker("accounts"), quota), *client),
            api=web_api("spotify", api),
            public_api=web_api("public", api),
            # With a breaker of its own: what it waits for in vain must not keep pages waiting.
            # Asked once: the next round is another try.
            background_api=web_api("recently-played", breaker("recently-played"), tries=1),
            reccobeats=http("reccobeats", reccobeats_url, breaker("reccobeats", features_bulkhead)),
            store=self._store,
            providers=self._config.audio_features,
            bulkhead=bulkhead,
            features_bulkhead=features_bulkhead,
        )

    def _sandbox(self) -> Flask | None:
        """The demo's own Spotify; `None` where its file cannot be opened: the rest of the site goes on."""
        state = self._config.instance / "demo.sqlite3"
        try:
            # A path, since what it answers is kept and shown to visitors who came by other host names.
            return create_sandbox([self._demo_client()], state=state, web=DEMO_MOUNT)
        except sqlite3.Error as error:
            log.error("the demo is closed: its database cannot be opened (%s)", error)
            return None

    def _demo_client(self) -> Client:
        # Derived, so that every worker's demo accepts every other's.
        secret = hmac.new(self._config.secret_key.encode(), b"demo client", hashlib.sha256).hexdigest()
        return Client(id="liner-notes-demo", secret=secret)
