"""A site with its store around a fake Web API: reports can be asked for without a page or a server."""

import time
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from types import SimpleNamespace
from typing import Any, cast

from app import answers
from app.answers import PROFILE, Answers, fetch
from app.bulkhead import Bulkhead
from app.concurrency import Pool
from app.config import Config
from app.deadline import Deadline
from app.history.uploads import Uploads
from app.login import SessionLogin
from app.music import TimeRange
from app.services import Service, Services
from app.sessions import Sessions
from app.site import Site
from app.slots import Slots
from app.spotify.errors import SpotifyError
from app.spotify.oauth import Token
from app.store.accounts import find_or_add_account
from app.store.engine import Store
from app.tokens import SyncTokens, TokenStore
from app.visit import Visit
from tests.jobs import JobsInThreads

PATIENCE = 10.0
ARTISTS, TRACKS = answers.top_artists(TimeRange.SHORT_TERM), answers.top_tracks(TimeRange.SHORT_TERM)
WANTS = [PROFILE, ARTISTS, TRACKS]
ME, TOP_ARTISTS, TOP_TRACKS = "/me", "/me/top/artists", "/me/top/tracks"
PLAYLISTS, SAVED = "/me/playlists", "/me/tracks"


class FakeLogin:
    """A login whose token is the listener's name."""

    def __init__(self, listener: str) -> None:
        self.listener = listener
        self.authorized_at = 0.0

    def access_token(self, _deadline: Deadline) -> str:
        return self.listener

    def renewed(self, _rejected: str, _deadline: Deadline) -> str:
        return self.listener


class FakeApi:
    """A Web API that says who asked and which edition of its answers this is; notes every call.

    `lists` holds what a path answers for a time range, in place of that; `saved` answers for a listener's
    saved tracks from an offset on.
    """

    def __init__(self) -> None:
        self.edition = 1
        self.asked: list[tuple[str, str]] = []
        self.errors: dict[str, SpotifyError] = {}
        self.lists: dict[tuple[str, str], Sequence[object]] = {}
        self.saved: Callable[[str, int], object] = lambda _listener, _offset: {"items": [], "total": 0}
        self.posted: list[tuple[str, Any]] = []
        self.before: Callable[[], object] = lambda: None
        self._lock = Lock()

    def raise_if_limited(self, _method: str, _path: str) -> None:
        """Nothing holds calls back here."""

    def get(
        self, path: str, params: Mapping[str, Any], headers: Mapping[str, str], _deadline: Deadline
    ) -> object:
        listener = headers["Authorization"].removeprefix("Bearer ")
        with self._lock:
            self.asked.append((listener, path))
        self.before()
        if path in self.errors:
            raise self.errors[path]
        says = {"id": f"{listener}{path}", "name": f"{listener} {self.edition}"}
        if path == ME:
            return {"id": listener, "account_id": f"stable {listener}", "display_name": says["name"]}
        if path == SAVED:
            return self.saved(listener, int(params["offset"]))
        return {"items": self.lists.get((path, params.get("time_range", "")), [says])}

    def write(
        self,
        _method: str,
        path: str,
        params: Mapping[str, Any],
        body: object,
        _headers: Mapping[str, str],
        _deadline: Deadline,
    ) -> object:
        self.before()
        if path in self.errors:
            raise self.errors[path]
        with self._lock:
            self.posted.append((path, dict(params) if body is None else body))
            made = sum(one == PLAYLISTS for one, _ in self.posted)
        return {"id": f"playlist{made}", "external_urls": {"spotify": f"https://s.example/{made}"}}

    def paths(self) -> list[str]:
        """Which paths were asked for since the last look, sorted."""
        with self._lock:
            asked, self.asked = self.asked, []
        return sorted(path for _, path in asked)


class FakeSite:
    """A site with its store, around a fake Web API."""

    def __init__(self, store: Store) -> None:
        self.api = FakeApi()
        self.pool = Pool()
        self.store = store
        self.sessions = Sessions(store, "a secret key for tests only")
        self.jobs = JobsInThreads(lambda: self.site)
        self.site: Site = Site(
            config=cast(Config, None),
            store=store,
            sessions=self.sessions,
            services=cast(Services, SimpleNamespace(get=lambda _name: self.service)),
            pool=self.pool,
            token_store=TokenStore(store, "a secret key for tests only"),
            sync_tokens=SyncTokens(store, "a secret key for tests only"),
            jobs=self.jobs,
            uploads=cast(Uploads, None),
            slots=cast(Slots, None),
        )
        self.service: Service = cast(
            Service,
            SimpleNamespace(
                name="spotify", oauth=None, api=self.api, public_api=self.api, bulkhead=Bulkhead(threads=8)
            ),
        )
        self.id_hashes: dict[str, str] = {}

    def log_in(self, listener: str) -> None:
        """A new session of the listener."""
        token = Token(listener, None, expires_at=time.time() + 1e9, authorized_at=0.0)
        opened = self.sessions.open(self.sessions.begin({"token": token.as_values(), "service": "spotify"}))
        assert opened is not None
        self.id_hashes[listener] = opened.id_hash

    def visit(self, listener: str = "mira", seconds: float = PATIENCE) -> Visit:
        """A request of the listener, logged in at the first one."""
        if listener not in self.id_hashes:
            self.log_in(listener)
        session = self.sessions.read(self.id_hashes[listener])
        assert session is not None
        login = cast(SessionLogin, FakeLogin(listener))
        return Visit(session.id_hash, session.account_id, self.service, login, Deadline(seconds))

    def fetch(self, listener: str = "mira", seconds: float = PATIENCE) -> Answers:
        """The three answers that an overview wants."""
        return fetch(self.site, self.visit(listener, seconds), WANTS)

    def account_of(self, listener: str = "mira") -> int:
        return find_or_add_account(self.store, "spotify", listener, f"stable {listener}")

    def finish(self) -> None:
        """Waits for the calls and the work that go on after their request."""
        self.jobs.close()
        self.pool._executor.shutdown(wait=True)
