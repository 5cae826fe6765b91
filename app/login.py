"""A person's login: begun, finished, and kept fresh by one request at a time, however many need it at once.

Times are Unix seconds.
"""

import hashlib
import hmac
import secrets
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Any

from app.concurrency import Pool
from app.deadline import Deadline
from app.services import Service
from app.sessions import Sessions
from app.spotify.errors import AppRefused, LoginEnded, NoAnswer, SpotifyError
from app.spotify.oauth import EARLY, SCOPES, OAuth, Pkce, Token
from app.store.cooldowns import Cooldown
from app.store.engine import Store
from app.store.locks import claim, single_flight
from app.tokens import SyncTokens, TokenStore

STATE_SECONDS = 600.0
REFUSED_SECONDS = 30.0  # an app that is not known is not asked about at every key that somebody presses
EXCHANGE_SECONDS = 4.0  # leaves the page that follows its own time within the twelve seconds we promise


@dataclass(frozen=True)
class BegunLogin:
    """A login under way, as the session keeps it. `next`: the path to come back to.

    `intent`: what the person was about to do; values for the new session. `scopes`: what is asked for.
    """

    state: str = field(repr=False)
    verifier: str = field(repr=False)
    service: str
    redirect_uri: str
    next: str | None
    begun_at: float
    intent: dict[str, Any] = field(default_factory=dict)
    scopes: Collection[str] = SCOPES

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
    login = BegunLogin(
        state=state,
        verifier=pkce.verifier,
        service=service.name,
        redirect_uri=redirect_uri,
        next=next_path,
        begun_at=time.time(),
        intent=intent or {},
        scopes=list(dict.fromkeys((*SCOPES, *more_scopes))),
    )
    return login, service.oauth.authorize_url(redirect_uri, state, pkce, more_scopes)


def finish(pool: Pool, service: Service, login: BegunLogin, code: str) -> dict[str, Any]:
    """Exchanges the code for a token, as values for the session. Raises SpotifyError.

    Once for each login, however many requests come back with it at the same time.
    """
    if not claim(service.store, f"login:{key_of(login.state)}", STATE_SECONDS):
        raise LoginEnded("callback", "this login was finished before")
    deadline = Deadline(EXCHANGE_SECONDS)

    def exchange() -> Token:
        return service.oauth.exchange(code, login.redirect_uri, Pkce(login.verifier), deadline, login.scopes)

    # In a thread of the pool: a server that answers a byte at a time cannot hold the request longer.
    try:
        return service.bulkhead.call(pool, exchange, deadline).as_values()
    except TimeoutError as error:
        raise NoAnswer("accounts POST /api/token", "not in time") from error


def key_of(state: str) -> str:
    """Where the session keeps a login: by its state's hash, so that a look-up tells nothing by its time."""
    return hashlib.sha256(state.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True)
class Consent:
    """One consent of a person, whose token may be kept in a session and once more for the background.

    Spotify may give a new refresh token with each renewal and refuse the old one, so that whoever renews
    must tell the others.
    """

    sessions: Sessions
    sync_tokens: SyncTokens
    account_id: int
    authorized_at: float

    @property
    def name(self) -> str:
        """What it is called, for a lease."""
        return f"{self.account_id}:{self.authorized_at}"

    def other_than(self, token: Token) -> Token | None:
        """A token of this consent that was renewed since; `None` where there is none."""
        kept = [*self.sessions.tokens_of(self.account_id).values(), self.sync_tokens.read(self.account_id)]
        tokens = (Token(**values) for values in kept if values and self._is_mine(values))
        return next((other for other in tokens if other.refresh_token != token.refresh_token), None)

    def share(self, token: Token) -> None:
        """Puts a renewed token everywhere where one of this consent is kept."""
        for id_hash, kept in self.sessions.tokens_of(self.account_id).items():
            if self._is_mine(kept):
                self.sessions.change(id_hash, {"token": token.as_values()}, prolong=False)
        values = self.sync_tokens.read(self.account_id)
        if values and self._is_mine(values):
            self.sync_tokens.replace(self.account_id, token.as_values())

    def _is_mine(self, values: dict[str, Any]) -> bool:
        return bool(values["authorized_at"] == self.authorized_at)


class KeptLogin(ABC):
    """A token that is kept somewhere, for the client's calls. Safe to share between threads.

    `consent`: where else a token of the same consent may be kept.
    """

    def __init__(
        self, store: Store, oauth: OAuth, name: str, token: Token, consent: Consent | None = None
    ) -> None:
        self._store = store
        self._oauth = oauth
        self._name = name
        self._token = token
        self._consent = consent
        self._renewed = False
        self._failure: SpotifyError | None = None
        self._lock = threading.Lock()

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the person has granted."""
        return tuple(self._token.scope.split())

    @property
    def values(self) -> dict[str, Any]:
        """The token, as values to be kept elsewhere too."""
        return self._token.as_values()

    @property
    def authorized_at(self) -> float:
        """When the person gave it: Unix seconds."""
        return self._token.authorized_at

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

    @abstractmethod
    def _kept(self) -> Token:
        """The token as it is kept now. Raises LoginEnded when it is gone."""

    @abstractmethod
    def _keep(self, token: Token) -> bool:
        """Keeps a renewed token; whether its place was still there."""

    @abstractmethod
    def _end(self) -> None:
        """Forgets a login that cannot be renewed."""

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
            kept = self._kept()
            try:
                token = self._refreshed(kept, deadline)
            except LoginEnded:
                # At once, so that nobody who waits for the lease tries the dead token again.
                self._end()
                raise
            if not self._keep(token):
                raise LoginEnded("session", "logged out meanwhile")
            if self._consent is not None and token.refresh_token != kept.refresh_token:
                self._consent.share(token)
            return token

        try:
            # Single-flight: a refresh token may be good for one use only.
            name = self._consent.name if self._consent is not None else self._name
            self._token = single_flight(self._store, f"refresh:{name}", renewed_by_another, renew, deadline)
        except TimeoutError as error:
            raise NoAnswer("accounts POST /api/token", "another request is still renewing") from error
        self._renewed = True

    def _refreshed(self, token: Token, deadline: Deadline) -> Token:
        try:
            return self._oauth.refresh(token, deadline)
        except LoginEnded:
            # Whoever renewed it last may have died before the others were told.
            other = self._consent.other_than(token) if self._consent is not None else None
            if other is None:
                raise
            return self._oauth.refresh(other, deadline)


class SessionLogin(KeptLogin):
    """The token in one browser's session."""

    def __init__(
        self,
        sessions: Sessions,
        store: Store,
        oauth: OAuth,
        id_hash: str,
        values: dict[str, Any],
        consent: Consent | None = None,
    ) -> None:
        super().__init__(store, oauth, id_hash, Token(**values), consent)
        self._sessions = sessions
        self._id_hash = id_hash

    def _kept(self) -> Token:
        session = self._sessions.read(self._id_hash)
        if session is None or "token" not in session.values:
            raise LoginEnded("session", "logged out meanwhile")
        return Token(**session.values["token"])

    def _keep(self, token: Token) -> bool:
        return self._sessions.change(self._id_hash, {"token": token.as_values()}, prolong=False)

    def _end(self) -> None:
        self._sessions.end(self._id_hash)


class SyncLogin(KeptLogin):
    """The token that an account's live plays are asked with."""

    def __init__(
        self, store: Store, oauth: OAuth, tokens: SyncTokens, values: dict[str, Any], consent: Consent
    ) -> None:
        super().__init__(store, oauth, f"sync:{consent.account_id}", Token(**values), consent)
        self._tokens = tokens
        self._account_id = consent.account_id

    def _kept(self) -> Token:
        values = self._tokens.read(self._account_id)
        if values is None:
            raise LoginEnded("sync", "switched off meanwhile")
        return Token(**values)

    def _keep(self, token: Token) -> bool:
        return self._tokens.replace(self._account_id, token.as_values())

    def _end(self) -> None:
        """Nothing: whoever asked notes that it has ended, for the person to see."""


class OwnerLogin(KeptLogin):
    """The owner's token for the terminal, in the token store."""

    NAME = "owner:spotify"

    def __init__(self, store: Store, token_store: TokenStore, oauth: OAuth, values: dict[str, Any]) -> None:
        super().__init__(store, oauth, self.NAME, Token(**values))
        self._token_store = token_store

    def _kept(self) -> Token:
        values = self._token_store.read(self.NAME)
        if values is None:
            raise LoginEnded(self.NAME, "forgotten meanwhile")
        return Token(**values)

    def _keep(self, token: Token) -> bool:
        if self._token_store.read(self.NAME) is None:
            return False
        self._token_store.keep(self.NAME, token.as_values())
        return True

    def _end(self) -> None:
        self._token_store.drop(self.NAME)


class AppLogin:
    """The app's own token: one for all processes, in the token store, fetched before the old one expires."""

    def __init__(self, store: Store, token_store: TokenStore, service: Service) -> None:
        self._store = store
        self._token_store = token_store
        self._oauth = service.oauth
        self._name = f"app:{service.name}:{service.oauth.client_id}"[:90]
        self._refused = Cooldown(store, f"{self._name}:refused")

    def access_token(self, deadline: Deadline) -> str:
        """The access token. Raises SpotifyError."""
        return self._other_than(None, deadline)

    def renewed(self, rejected: str, deadline: Deadline) -> str:
        """Another token than `rejected`. Raises SpotifyError."""
        return self._other_than(rejected, deadline)

    def _other_than(self, rejected: str | None, deadline: Deadline) -> str:
        def kept() -> str | None:
            values = self._token_store.read(self._name)
            token = Token(**values) if values else None
            if token and token.access_token != rejected and _lasts(token):
                return token.access_token
            if self._refused.until() is not None:
                raise AppRefused("accounts POST /api/token", "refused a moment ago")
            return None

        def fetch() -> str:
            try:
                token = self._oauth.for_the_app(deadline)
            except AppRefused as error:
                self._refused.begin(time.time() + REFUSED_SECONDS, str(error))
                raise
            self._token_store.keep(self._name, token.as_values())
            return token.access_token

        try:
            return single_flight(self._store, self._name, kept, fetch, deadline)
        except TimeoutError as error:
            raise NoAnswer("accounts POST /api/token", "another request is still asking") from error


def _lasts(token: Token) -> bool:
    """Whether a token need not be replaced yet: a minute before it expires, or at half of a shorter life."""
    life = token.expires_at - token.authorized_at
    return time.time() < token.expires_at - min(EARLY, life / 2)
