"""A person's login: begun, finished, and kept fresh by one request at a time, however many need it at once.

Times are Unix seconds.
"""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Any

from app.deadline import Deadline
from app.services import Service
from app.sessions import Sessions
from app.spotify.errors import LoginEnded, NoAnswer, SpotifyError
from app.spotify.oauth import OAuth, Pkce, Token
from app.store.engine import Store
from app.store.leases import once
from app.together import Pool

STATE_SECONDS = 600.0
EXCHANGE_SECONDS = 4.0  # leaves the page that follows its own time within the twelve seconds we promise


@dataclass(frozen=True)
class BegunLogin:
    """A login under way, as the session keeps it. `next`: the path to come back to.

    `intent`: what the person was about to do; values for the new session.
    """

    state: str = field(repr=False)
    verifier: str = field(repr=False)
    service: str
    redirect_uri: str
    next: str | None
    begun_at: float
    intent: dict[str, Any] = field(default_factory=dict)

    @property
    def stale(self) -> bool:
        """Whether it was begun too long ago to be finished."""
        return time.time() - self.begun_at > STATE_SECONDS

    def matches(self, state: str) -> bool:
        """Whether `state` is this login's, compared in constant time."""
        return hmac.compare_digest(self.state.encode(), state.encode("utf-8", "replace"))

    def as_values(self) -> dict[str, Any]:
        """For the session."""
        return asdict(self)


def begin(
    service: Service,
    redirect_uri: str,
    next_path: str | None,
    more_scopes: Collection[str] = (),
    intent: dict[str, Any] | None = None,
) -> tuple[BegunLogin, str]:
    """A new login, and the address to send the person to."""
    state, pkce = secrets.token_urlsafe(32), Pkce.new()
    begun = BegunLogin(
        state=state,
        verifier=pkce.verifier,
        service=service.name,
        redirect_uri=redirect_uri,
        next=next_path,
        begun_at=time.time(),
        intent=intent or {},
    )
    return begun, service.oauth.authorize_url(redirect_uri, state, pkce, more_scopes)


def finish(pool: Pool, service: Service, begun: BegunLogin, code: str) -> dict[str, Any]:
    """Exchanges the code for a token, as values for the session. Raises SpotifyError."""
    deadline = Deadline(EXCHANGE_SECONDS)

    def exchange() -> Token:
        return service.oauth.exchange(code, begun.redirect_uri, Pkce(begun.verifier), deadline)

    # In a thread of the pool: a server that answers a byte at a time cannot hold the request longer.
    outcome = pool.gather({"token": exchange}, deadline)["token"]
    if isinstance(outcome, TimeoutError):
        raise NoAnswer("accounts POST /api/token", "not in time") from outcome
    if isinstance(outcome, Exception):
        raise outcome
    return outcome.as_values()


def key_of(state: str) -> str:
    """Where the session keeps a login: by its state's hash, so that a look-up tells nothing by its time."""
    return hashlib.sha256(state.encode("utf-8", "replace")).hexdigest()


class SessionLogin:
    """The token in one session, for the client's calls. Safe to share between the threads of one request."""

    def __init__(
        self, sessions: Sessions, store: Store, oauth: OAuth, id_hash: str, values: dict[str, Any]
    ) -> None:
        self._sessions = sessions
        self._store = store
        self._oauth = oauth
        self._id_hash = id_hash
        self._token = Token(**values)
        self._renewed = False
        self._failure: SpotifyError | None = None
        self._lock = threading.Lock()

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the person has granted."""
        return tuple(self._token.scope.split())

    def access_token(self, deadline: Deadline) -> str:
        """The access token, renewed first when it is about to expire. Raises SpotifyError."""
        with self._lock:
            # A token that came this minute is used, however short its life.
            if self._token.expired and not self._renewed:
                self._renew(deadline)
            return self._token.access_token

    def renewed(self, rejected: str, deadline: Deadline) -> str:
        """Another token than `rejected`. Raises SpotifyError."""
        with self._lock:
            if self._token.access_token == rejected:
                self._renew(deadline)
            return self._token.access_token

    def _renew(self, deadline: Deadline) -> None:
        """Renews the token; of the calls of one request, the first to fail fails for all."""
        if self._failure is not None:
            raise self._failure
        try:
            self._renew_once(deadline)
        except SpotifyError as error:
            self._failure = error
            raise

    def _renew_once(self, deadline: Deadline) -> None:
        stale = self._token.access_token

        def renewed_by_another() -> Token | None:
            token = self._kept()
            return token if token.access_token != stale else None

        def renew() -> Token:
            try:
                token = self._oauth.refresh(self._kept(), deadline)
            except LoginEnded:
                # At once, so that nobody who waits for the lease tries the dead token again.
                self._sessions.end(self._id_hash)
                raise
            if not self._sessions.change(self._id_hash, {"token": token.as_values()}, prolong=False):
                raise LoginEnded("session", "logged out meanwhile")
            return token

        try:
            # Single-flight: a refresh token may be good for one use only.
            self._token = once(self._store, f"refresh:{self._id_hash}", renewed_by_another, renew, deadline)
        except TimeoutError as error:
            raise NoAnswer("accounts POST /api/token", "another request is still renewing") from error
        self._renewed = True

    def _kept(self) -> Token:
        session = self._sessions.read(self._id_hash)
        if session is None or "token" not in session.values:
            raise LoginEnded("session", "logged out meanwhile")
        return Token(**session.values["token"])
